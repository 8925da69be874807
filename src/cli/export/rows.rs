//! `export --dataset trades|funding|open_interest`.

use super::super::args::Export;
use super::super::{Context, Exit, gaps, output};
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
pub(super) fn run(context: &Context, store: &View, args: &Export) -> anyhow::Result<Exit> {
    if args.format != Format::Csv {
        bail!("{} are written as csv only: leave out --format", args.dataset.label());
    }
    if args.interval.is_some() {
        bail!("{} have no candle width: leave out --interval", args.dataset.label());
    }
    let meant = context.find(store, &args.symbol, Some(args.dataset), None)?;
    let series = meant.into_iter().next().context("nothing of that symbol is recorded")?;
    let range = super::asked_range(context, store, &series, args)?;
    let missing = store.readers().with(|connection| {
        let now = gaps::exchange_now(connection, &series, context.clock.now())?;
        reader::missing(connection, &series, series.interval.outer(range).intersect(series.wanted(now)))
    })?;
    let owed: Vec<_> = missing.iter().filter(|gap| !gap.reason.is_explained()).collect();
    let steps = |gaps: &mut dyn Iterator<Item = &crate::domain::gap::Gap>| {
        let count: i64 = gaps.map(|gap| series.interval.count(gap.range)).sum();
        output::steps(count.unsigned_abs(), series.dataset, series.interval)
    };
    if let Some(first) = owed.first().filter(|_| args.require_complete) {
        let (count, at) = (steps(&mut owed.iter().copied()), first.range.from.iso());
        output::tell(&format!("incomplete: {count} owed, the first at {at} ({}); nothing was written", first.reason.label()));
        return Ok(Exit::Incomplete);
    }
    match &args.output {
        Some(path) => {
            let mut file = TargetFile::create(path)?;
            let rows = write(store, &series, range, args.time, &mut file)?;
            file.commit()?;
            if !missing.is_empty() {
                let lacks = steps(&mut missing.iter());
                output::tell(&format!("the range lacks {lacks}: `marketdata-tui gaps` has the reasons"));
            }
            output::tell(&format!("wrote {} rows of {} to {}", output::grouped(rows), series.dataset.label(), path.display()));
        }
        None => match write(store, &series, range, args.time, io::stdout()) {
            // `| head` has seen enough.
            Err(error) if super::is_broken_pipe(&error) => {}
            other => {
                other?;
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
