//! `export`: a range of candles or other rows to a file or to standard output.

mod rows;

use super::args::Export;
use super::{Context, Exit, Usage, output};
use crate::domain::candle::Candle;
use crate::domain::dataset::Dataset;
use crate::domain::gap::Gap;
use crate::domain::interval::Interval;
use crate::domain::range::TimeRange;
use crate::domain::series::Series;
use crate::domain::time::Time;
use crate::export::file::TargetFile;
use crate::export::layout::DecimalLayout;
use crate::export::time_form::TimeForm;
use crate::export::{ExportOptions, Format, Subject, writer};
use crate::store::{StoreError, View, reader, series};
use anyhow::{Context as _, bail};
use std::io::{self, IsTerminal as _, Write};
use std::path::Path;

/// Candles that are handed to a writer at once.
const CHUNK: usize = 4_096;

/// Base candles that one read goes over: a reader is never held for the whole of a long export.
const READ: i64 = 50_000;

/// Writes the range; exit 3 and nothing written where it is to be complete and is not.
pub fn run(context: &Context, args: &Export) -> anyhow::Result<Exit> {
    super::refuse_width(Some(args.dataset), args.interval)?;
    if let Some(from) = &args.from {
        super::range::ordered(from, &args.to)?;
    }
    if args.dataset != Dataset::Candles {
        return rows::run(context, args);
    }
    let store = context.view()?;
    let series = choose(context.find(&store, &args.symbol, Some(Dataset::Candles), None)?, args.interval)?;
    let interval = args.interval.unwrap_or(series.interval);
    let range = asked_range(context, &store, &series, args)?;
    if args.require_complete {
        let owed = owed(&store, &series, interval, range, context.clock.now())?;
        if !owed.is_empty() {
            let count: i64 = owed.iter().map(|gap| series.interval.count(gap.range)).sum();
            let first = &owed[0];
            output::tell(&format!(
                "incomplete: {} owed, the first at {} ({}); nothing was written",
                output::candles(count.unsigned_abs(), series.interval),
                first.range.from.iso(),
                first.reason.label()
            ));
            return Ok(Exit::Incomplete);
        }
    }
    let job = ExportJob { store: &store, series: &series, interval, range, format: args.format, time: args.time };
    match file_of(args) {
        Some(path) => {
            let rows = job.to_file(path, &|_| {})?;
            tell_what_lacks(&job, context.clock.now())?;
            output::tell(&format!("wrote {} to {}", output::candles(rows, interval), path.display()));
        }
        None if args.format == Format::Parquet && io::stdout().is_terminal() => {
            bail!("Parquet is not for a terminal: say -o FILE")
        }
        None => match job.write(io::stdout(), &|_| {}) {
            // `| head` has seen enough.
            Err(error) if is_broken_pipe(&error) => {}
            other => {
                other?;
                tell_what_lacks(&job, context.clock.now())?;
            }
        },
    }
    Ok(Exit::Done)
}

/// The file to write; none where standard output is meant.
fn file_of(args: &Export) -> Option<&Path> {
    args.output.as_deref().filter(|path| *path != Path::new("-"))
}

/// A range of one series on its way out.
pub struct ExportJob<'a> {
    /// Where from.
    pub store: &'a View,
    /// Which.
    pub series: &'a Series,
    /// Candle width of the output.
    pub interval: Interval,
    /// `[from, to)`; candles that open inside.
    pub range: TimeRange,
    /// Format.
    pub format: Format,
    /// How CSV and JSON write times.
    pub time: TimeForm,
}

impl ExportJob<'_> {
    /// Writes the file whole or not at all; `progress` hears of rows written. Returns how many.
    pub fn to_file(&self, path: &Path, progress: &dyn Fn(u64)) -> anyhow::Result<u64> {
        let mut file = TargetFile::create(path)?;
        let rows = self.write(&mut file, progress)?;
        file.commit()?;
        Ok(rows)
    }

    /// Writes to `out`; returns how many rows.
    pub fn write(&self, out: impl Write + Send, progress: &dyn Fn(u64)) -> anyhow::Result<u64> {
        let scales = self.series.instrument.scales;
        let mut layout = DecimalLayout::compact(scales);
        // Found once: what a recorder adds meanwhile was not looked at.
        let range = self.whole_candles()?;
        if self.format == Format::Parquet {
            // Parquet fixes its decimals before the first row: see them all before.
            self.each_chunk(range, |candles| {
                layout.widen(candles);
                Ok(())
            })?;
        }
        let options = ExportOptions {
            format: self.format,
            time: self.time,
            subject: Subject {
                exchange: self.series.instrument.exchange,
                symbol: self.series.instrument.symbol.clone(),
                interval: self.interval,
                range: self.range,
            },
            layout,
        };
        let mut rows = 0;
        let mut writer = writer(out, &options)?;
        self.each_chunk(range, |candles| {
            writer.write(candles)?;
            rows += candles.len() as u64;
            progress(rows);
            Ok(())
        })?;
        writer.finish()?;
        Ok(rows)
    }

    fn each_chunk(&self, range: Option<TimeRange>, mut each: impl FnMut(&[Candle]) -> anyhow::Result<()>) -> anyhow::Result<()> {
        let Some(range) = range else { return Ok(()) };
        let step = (READ * self.series.interval.ms() / self.interval.ms()).max(1) * self.interval.ms();
        let mut chunk = Vec::with_capacity(CHUNK);
        let mut from = range.from;
        while from < range.to {
            let window = TimeRange::new(from, from.plus_ms(step).min(range.to));
            self.store.readers().with(|connection| {
                reader::each_folded(connection, self.series, self.interval, window, |candle| {
                    chunk.push(candle);
                    Ok(true)
                })
            })?;
            for part in chunk.chunks(CHUNK) {
                each(part)?;
            }
            chunk.clear();
            from = window.to;
        }
        Ok(())
    }

    /// The asked range on the output's grid, without a candle that is not over yet.
    fn whole_candles(&self) -> Result<Option<TimeRange>, StoreError> {
        let bounds = self.store.readers().with(|connection| series::bounds(connection, self.series.id))?;
        Ok(bounds.map(|bounds| {
            let end = self.interval.floor(bounds.to);
            let asked = opening_inside(self.interval, self.range);
            TimeRange::new(asked.from.max(self.interval.floor(bounds.from)), asked.to.min(end))
        }))
    }
}

/// The candles that open inside `range`, whole.
fn opening_inside(interval: Interval, range: TimeRange) -> TimeRange {
    TimeRange::new(interval.ceil(range.from), interval.ceil(range.to))
}

/// The series that an output of `interval` is folded from: the same width, or else the finest.
fn choose(meant: Vec<Series>, interval: Option<Interval>) -> anyhow::Result<Series> {
    let Some(interval) = interval else {
        return meant.into_iter().next().context("nothing of that symbol is recorded");
    };
    let finest = meant.iter().map(|series| series.interval).min();
    let same = meant.iter().position(|series| series.interval == interval);
    let folds = meant.iter().position(|series| interval.folds_from(series.interval));
    let at = same.or(folds).with_context(|| {
        format!(
            "{interval} cannot be folded from {}, which is recorded",
            finest.map_or_else(String::new, |finest| finest.to_string())
        )
    })?;
    meant.into_iter().nth(at).context("nothing of that symbol is recorded")
}

fn asked_range(context: &Context, store: &View, series: &Series, args: &Export) -> anyhow::Result<TimeRange> {
    let now = context.clock.now();
    let from = match &args.from {
        Some(text) => super::range::start(text, now)?,
        None => store
            .readers()
            .with(|connection| series::bounds(connection, series.id))?
            .map_or(series.wanted_from, |bounds| bounds.from),
    };
    let to = Time::parse(&args.to, now)?;
    if to <= from {
        return Err(Usage(format!("--to {} is not behind the first that is stored, {}", to.iso(), from.iso())).into());
    }
    Ok(TimeRange::new(from, to))
}

/// Tells of a range that begins before anything is wanted: neither stored nor a gap, it would pass unseen.
fn tell_of_before(series: &Series, range: TimeRange) {
    if range.from < series.wanted_from {
        let from = series.wanted_from.iso();
        output::tell(&format!("nothing of before {from} is recorded: `marketdata-tui backfill` fetches it"));
    }
}

/// A wider candle is folded from what is there; whoever reads it should know where that is less.
fn tell_what_lacks(job: &ExportJob<'_>, now: Time) -> anyhow::Result<()> {
    tell_of_before(job.series, job.range);
    let gaps = job.store.readers().with(|connection| {
        let wanted = job.series.wanted(super::gaps::exchange_now(connection, job.series, now)?);
        // The first wider candle may begin before what is wanted, and lack what lies there.
        let told = TimeRange::new(job.interval.floor(wanted.from), wanted.to);
        reader::missing(connection, job.series, opening_inside(job.interval, job.range).intersect(told))
    })?;
    let count = |explained: bool| -> u64 {
        gaps.iter()
            .filter(|gap| gap.reason.is_explained() == explained)
            .map(|gap| job.series.interval.count(gap.range))
            .sum::<i64>()
            .unsigned_abs()
    };
    let (explained, owed) = (count(true), count(false));
    if explained + owed > 0 {
        output::tell(&format!(
            "the range lacks {} ({} explained, {} owed): `marketdata-tui gaps` has the reasons",
            output::candles(explained + owed, job.series.interval),
            output::grouped(explained),
            output::grouped(owed)
        ));
    }
    Ok(())
}

/// What is owed of the candles that the output holds, up to now: a candle that opens inside the
/// range is folded to its own end, which may lie behind the range's.
fn owed(store: &View, series: &Series, interval: Interval, range: TimeRange, now: Time) -> Result<Vec<Gap>, StoreError> {
    store.readers().with(|connection| {
        let closed = series.interval.floor(super::gaps::exchange_now(connection, series, now)?);
        let window = opening_inside(interval, range);
        let window = TimeRange::new(window.from, window.to.min(closed));
        let gaps = reader::missing(connection, series, window)?;
        Ok(gaps.into_iter().filter(|gap| !gap.reason.is_explained()).collect())
    })
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| cause.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_candle_that_opens_inside_counts_to_its_own_end() {
        let at = |minute: i64| Time::from_ms(minute * 60_000);
        let check = |interval: Interval, asked: (i64, i64), expected: (i64, i64)| {
            let window = opening_inside(interval, TimeRange::new(at(asked.0), at(asked.1)));
            assert_eq!(window, TimeRange::new(at(expected.0), at(expected.1)), "{interval} {asked:?}");
        };
        check(Interval::H1, (0, 60), (0, 60));
        check(Interval::H1, (30, 90), (60, 120));
        check(Interval::H1, (1, 59), (60, 60));
        check(Interval::M1, (30, 90), (30, 90));
    }
}
