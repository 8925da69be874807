//! `export --dataset trades|funding|open_interest`.

use super::super::args::Export;
use super::super::{Context, Exit, Usage, gaps, output};
use crate::domain::dataset::Dataset;
use crate::domain::funding::Funding;
use crate::domain::open_interest::OpenInterest;
use crate::domain::range::TimeRange;
use crate::domain::series::Series;
use crate::domain::time::HOUR_MS;
use crate::domain::trade::Trade;
use crate::export::Format;
use crate::export::file::TargetFile;
use crate::export::rows::{CsvRow, RowsWriter};
use crate::export::time_form::TimeForm;
use crate::store::rows::{Place, Table};
use crate::store::{View, reader};
use anyhow::{Context as _, bail};
use std::io::{self, Write};

/// Time that one read goes over: a reader is never held for the whole of a long export.
const WINDOW_MS: i64 = 6 * HOUR_MS;

/// Writes the rows of the range; exit 3 and nothing written where it is to be complete and is not.
pub(super) fn run(context: &Context, args: &Export) -> anyhow::Result<Exit> {
    if args.format != Format::Csv {
        let comes = if args.dataset == Dataset::Trades { "come" } else { "comes" };
        return Err(Usage(format!("{} {comes} as csv alone: leave out --format", args.dataset.label())).into());
    }
    let store = &context.view()?;
    let meant = context.find(store, &args.symbol, Some(args.dataset), None)?;
    let series = meant.into_iter().next().context("nothing of that symbol is recorded")?;
    let range = super::asked_range(context, store, &series, args)?;
    let (missing, of_all) = store.readers().with(|connection| {
        let now = gaps::exchange_now(connection, &series, context.clock.now())?;
        let (asked, wanted) = (series.interval.outer(range), series.wanted(now));
        // Up to now; of a whole range what lies before the wanted one is missing as well.
        let whole = TimeRange::new(asked.from, asked.to.min(wanted.to).max(asked.from));
        Ok((reader::missing(connection, &series, asked.intersect(wanted))?, reader::missing(connection, &series, whole)?))
    })?;
    let owed: Vec<_> = of_all.iter().filter(|gap| !gap.reason.is_explained()).collect();
    let steps = |gaps: &mut dyn Iterator<Item = &crate::domain::gap::Gap>| {
        let count: i64 = gaps.map(|gap| series.interval.count(gap.range)).sum();
        output::steps(count.unsigned_abs(), series.dataset, series.interval)
    };
    if let Some(first) = owed.first().filter(|_| args.require_complete) {
        let (count, at) = (steps(&mut owed.iter().copied()), first.range.from.iso());
        output::tell(&format!("incomplete: {count} owed, the first at {at} ({}); nothing was written", first.reason.label()));
        return Ok(Exit::Incomplete);
    }
    let tell_what_lacks = || {
        super::tell_of_before(&series, range);
        if !missing.is_empty() {
            let lacks = steps(&mut missing.iter());
            output::tell(&format!("the range lacks {lacks}: `marketdata-tui gaps` has the reasons"));
        }
    };
    match super::file_of(args) {
        Some(path) => {
            let mut file = TargetFile::create(path)?;
            let rows = write(store, &series, range, args.time, &mut file)?;
            file.commit()?;
            tell_what_lacks();
            output::tell(&format!("wrote {} rows of {} to {}", output::grouped(rows), series.dataset.label(), path.display()));
        }
        None => match write(store, &series, range, args.time, io::stdout()) {
            // `| head` has seen enough.
            Err(error) if super::is_broken_pipe(&error) => {}
            other => {
                other?;
                tell_what_lacks();
            }
        },
    }
    Ok(Exit::Done)
}

/// Writes the rows of a series; returns how many.
fn write(store: &View, series: &Series, range: TimeRange, time: TimeForm, out: impl Write) -> anyhow::Result<u64> {
    match series.dataset {
        Dataset::Trades => write_rows::<Trade>(store, series, range, time, out),
        Dataset::Funding => write_rows::<Funding>(store, series, range, time, out),
        Dataset::OpenInterest => write_rows::<OpenInterest>(store, series, range, time, out),
        Dataset::Candles => bail!("candles are exported by another way"),
    }
}

fn write_rows<T: Table + CsvRow>(
    store: &View,
    series: &Series,
    range: TimeRange,
    time: TimeForm,
    out: impl Write,
) -> anyhow::Result<u64> {
    let mut writer = RowsWriter::new::<T>(out, time);
    let mut count = 0;
    let bounds = store.readers().with(|connection| match Place::of(connection, series.id, series.instrument.scales)? {
        Some(place) => T::bounds(connection, place),
        None => Ok(None),
    })?;
    // Whoever wants all of it names years without a row.
    let range = bounds.map_or(TimeRange::new(range.from, range.from), |bounds| range.intersect(bounds));
    let mut from = range.from;
    while from < range.to {
        let window = TimeRange::new(from, from.plus_ms(WINDOW_MS).min(range.to));
        let rows = store.readers().with(|connection| {
            let Some(place) = Place::of(connection, series.id, series.instrument.scales)? else { return Ok(Vec::new()) };
            T::read(connection, place, window)
        })?;
        rows.iter().try_for_each(|row| writer.write(row))?;
        count += rows.len() as u64;
        from = window.to;
    }
    writer.finish()?;
    Ok(count)
}
