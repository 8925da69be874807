//! One checked answer into the store: candles, rollups, revisions, coverage, gaps and the log, all
//! or nothing.

use super::answer::{Answer, not_stored};
use super::candles::{self, Provenance};
use super::error::StoreError;
use super::{coverage, revisions, rollup, series};
use crate::domain::candle::{Candle, Source};
use crate::domain::gap::Gap;
use crate::domain::interval::Interval;
use crate::domain::log::LogLevel;
use crate::domain::page::{CheckedPage, runs};
use crate::domain::range::{RangeSet, TimeRange};
use crate::domain::time::{SECOND_MS, Time, human_duration};
use rusqlite::Connection;

/// A streamed candle is logged where it comes later than this after its end. Each series has one a minute, and lines
/// of what is as it should be push out what a person should know; the watch screen shows each series' age anyway.
/// An exchange that does not say that a candle is final holds it back for five seconds, and a second or two of
/// transport belong to every stream: ten are more than all of that.
const LATE_MS: i64 = 10 * SECOND_MS;

/// A page on its way into the store.
#[derive(Debug, Clone)]
pub struct PageWrite {
    /// The answer that it came in.
    pub answer: Answer,
    /// Width of its candles.
    pub interval: Interval,
    /// What was asked.
    pub range: TimeRange,
    /// What came, checked.
    pub page: CheckedPage,
    /// Closed ranges in which the answer itself proves that nothing traded, with the proof.
    pub quiet: Vec<(TimeRange, String)>,
}

/// What a page changed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PageOutcome {
    /// New candles.
    pub stored: u64,
    /// Candles that differ from what was stored.
    pub revised: u64,
    /// Candles of a stream that this answer confirms.
    pub confirmed: u64,
    /// Candles of a stream that differ from what was stored: not taken, and to be asked for.
    pub disputed: Vec<Time>,
    /// Times of rows that were refused because their numbers stand for rows of other times.
    pub strangers: Vec<Time>,
    /// Ranges now stored that this page held.
    pub held: Vec<TimeRange>,
    /// Gaps of the asked range after it.
    pub gaps: Vec<Gap>,
}

/// Writes a page; call within a transaction.
pub fn write(connection: &Connection, write: &PageWrite) -> Result<PageOutcome, StoreError> {
    let Answer { series, scales, .. } = write.answer;
    let held = runs(write.interval, &write.page.candles);
    let covered = coverage::touching(connection, series, write.range)?;
    if !series::exists(connection, series)? {
        // Deleted while the page was under way: its rows would be nobody's.
        return Ok(PageOutcome::default());
    }
    let provenance = write.answer.provenance();
    let revised = if held.iter().any(|run| covered.ranges().iter().any(|range| range.overlaps(*run))) {
        Merge { connection, write, provenance }.run()?
    } else {
        let inserted = candles::insert(connection, series, scales, &write.page.candles, provenance)?;
        if inserted == write.page.candles.len() {
            Changes { stored: inserted as u64, ..Changes::default() }
        } else {
            // Rows that coverage did not know of: somebody wrote past us. Compare instead.
            let merged = Merge { connection, write, provenance }.run()?;
            Changes { stored: inserted as u64, changed: None, ..merged }
        }
    };
    let changed = revised.changed.as_deref().unwrap_or(&write.page.candles);
    rollup::refresh(connection, series, write.interval, scales, changed)?;
    coverage::add(connection, series, &covered, &held)?;
    let gaps = update_gaps(connection, write, &covered, &held)?;
    log(connection, write, &revised, &gaps)?;
    let Changes { stored, revised, confirmed, disputed, .. } = revised;
    Ok(PageOutcome { stored, revised, confirmed, disputed, held, gaps, strangers: Vec::new() })
}

/// What was written; `changed` is `None` where every candle of the page is new.
#[derive(Default)]
struct Changes {
    stored: u64,
    revised: u64,
    confirmed: u64,
    disputed: Vec<Time>,
    changed: Option<Vec<Candle>>,
}

/// Compares a page with what is stored and writes only the differences.
struct Merge<'a> {
    connection: &'a Connection,
    write: &'a PageWrite,
    provenance: Provenance,
}

impl Merge<'_> {
    fn run(&self) -> Result<Changes, StoreError> {
        let Answer { series, scales, .. } = self.write.answer;
        let stored = candles::read(self.connection, series, scales, self.write.range)?;
        let mut fresh = Vec::new();
        let mut changed = Vec::new();
        let mut revised = 0;
        let mut confirmed = 0;
        let mut disputed = Vec::new();
        let streams = self.provenance.source == Source::Stream;
        let unconfirmed = if streams { Vec::new() } else { candles::unconfirmed(self.connection, series, self.write.range)? };
        for candle in &self.write.page.candles {
            match stored.binary_search_by_key(&candle.open_time, |held| held.open_time) {
                Err(_) => {
                    fresh.push(*candle);
                    changed.push(*candle);
                }
                // A frame that came late or twice decides nothing: the next request does.
                Ok(at) if stored[at] != *candle && streams => disputed.push(candle.open_time),
                Ok(at) if stored[at] != *candle => {
                    revisions::note(self.connection, series, &stored[at], candle, self.provenance.fetched_at)?;
                    candles::update(self.connection, series, scales, candle, self.provenance)?;
                    let message = format!("the exchange changed the closed candle of {}", candle.open_time.iso());
                    self.write.answer.log(self.connection, LogLevel::Warn, "ingest", &message)?;
                    changed.push(*candle);
                    revised += 1;
                }
                Ok(_) if unconfirmed.binary_search(&candle.open_time).is_ok() => {
                    candles::confirm(self.connection, series, candle.open_time)?;
                    confirmed += 1;
                }
                Ok(_) => {}
            }
        }
        candles::insert(self.connection, series, scales, &fresh, self.provenance)?;
        Ok(Changes { stored: fresh.len() as u64, revised, confirmed, disputed, changed: Some(changed) })
    }
}

fn update_gaps(
    connection: &Connection,
    write: &PageWrite,
    covered: &RangeSet,
    held: &[TimeRange],
) -> Result<Vec<Gap>, StoreError> {
    let held: RangeSet = held.iter().copied().collect();
    let quiet = silent(write, covered, &held);
    let proven: RangeSet = quiet.iter().map(|(range, _)| *range).collect();
    let missing = not_stored(&not_stored(&write.page.missing, covered), &proven);
    write.answer.note_gaps(connection, write.range, &held, &missing, &quiet)
}

/// What is proven to be without trades and holds no candle: a candle says more than a proof.
fn silent(write: &PageWrite, covered: &RangeSet, held: &RangeSet) -> Vec<(TimeRange, String)> {
    let open = |(range, proof): &(TimeRange, String)| {
        let left = RangeSet::from(write.interval.inner(range.intersect(write.range))).minus(covered).minus(held);
        left.ranges().iter().map(|range| (*range, proof.clone())).collect::<Vec<_>>()
    };
    write.quiet.iter().flat_map(open).collect()
}

fn log(connection: &Connection, write: &PageWrite, changes: &Changes, gaps: &[Gap]) -> Result<(), StoreError> {
    let answer = &write.answer;
    let waited = answer.waited_ms();
    if changes.stored > 0 && (answer.source != Source::Stream || waited > LATE_MS) {
        // A page may reach back over what is stored already: its range is not that of the new candles.
        let candles = if changes.stored == 1 { "candle" } else { "candles" };
        let (from, to) = (write.range.from.iso(), write.range.to.iso());
        let message = match answer.source {
            Source::Stream => format!("stored the candle of {from}, {} after its end", human_duration(waited)),
            _ => format!("stored {} {candles}, asked for {from} to {to}, {waited} ms", changes.stored),
        };
        answer.log(connection, LogLevel::Info, answer.component, &message)?;
    }
    answer.log_lacks(connection, &write.page.rejected, gaps)
}

#[cfg(test)]
mod tests;
