//! One checked answer into the store: candles, rollups, revisions, coverage, gaps and the log, all
//! or nothing.

use super::candles::{self, Provenance};
use super::error::StoreError;
use super::{coverage, gaps, ingest_log, revisions, rollup, series};
use crate::domain::candle::{Candle, Source};
use crate::domain::gap::{Evidence, Gap, GapReason, observe, quieten};
use crate::domain::instrument::Scales;
use crate::domain::interval::Interval;
use crate::domain::log::LogLevel;
use crate::domain::page::{CheckedPage, Missing, runs};
use crate::domain::range::{RangeSet, TimeRange};
use crate::domain::series::SeriesId;
use crate::domain::time::{SECOND_MS, Time, human_duration};
use rusqlite::Connection;

/// A page on its way into the store.
#[derive(Debug, Clone)]
pub struct PageWrite {
    /// Whose.
    pub series: SeriesId,
    /// Its candle width.
    pub interval: Interval,
    /// Its instrument's scales.
    pub scales: Scales,
    /// What was asked.
    pub range: TimeRange,
    /// What came, checked.
    pub page: CheckedPage,
    /// Closed ranges in which the answer itself proves that nothing traded, with the proof.
    pub quiet: Vec<(TimeRange, String)>,
    /// What was asked and when: evidence for what is missing.
    pub asked: Evidence,
    /// When the answer was there, by the local clock.
    pub received_at: Time,
    /// Where it came from.
    pub source: Source,
    /// End of the last candle of an instrument that does not trade any more.
    pub not_trading_after: Option<Time>,
    /// How long an unconfirmed gap waits for its second request, in milliseconds.
    pub confirm_after_ms: i64,
    /// `heartbeat`, `backfill` or `stream`.
    pub component: &'static str,
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
    /// Ranges now stored that this page held.
    pub held: Vec<TimeRange>,
    /// Gaps of the asked range after it.
    pub gaps: Vec<Gap>,
}

/// Writes a page; call within a transaction.
pub fn write(connection: &Connection, write: &PageWrite) -> Result<PageOutcome, StoreError> {
    let held = runs(write.interval, &write.page.candles);
    let covered = coverage::touching(connection, write.series, write.range)?;
    if !series::exists(connection, write.series)? {
        // Deleted while the page was under way: its rows would be nobody's.
        return Ok(PageOutcome::default());
    }
    let provenance = Provenance { source: write.source, fetched_at: write.received_at };
    let revised = if held.iter().any(|run| covered.ranges().iter().any(|range| range.overlaps(*run))) {
        Merge { connection, write, provenance }.run()?
    } else {
        let inserted = candles::insert(connection, write.series, write.scales, &write.page.candles, provenance)?;
        if inserted == write.page.candles.len() {
            Changes { stored: inserted as u64, ..Changes::default() }
        } else {
            // Rows that coverage did not know of: somebody wrote past us. Compare instead.
            let merged = Merge { connection, write, provenance }.run()?;
            Changes { stored: inserted as u64, changed: None, ..merged }
        }
    };
    let changed = revised.changed.as_deref().unwrap_or(&write.page.candles);
    rollup::refresh(connection, write.series, write.interval, write.scales, changed)?;
    coverage::add(connection, write.series, &covered, &held)?;
    let gaps = update_gaps(connection, write, &covered, &held)?;
    log(connection, write, &revised, &gaps)?;
    let Changes { stored, revised, confirmed, disputed, .. } = revised;
    Ok(PageOutcome { stored, revised, confirmed, disputed, held, gaps })
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
        let PageWrite { series, scales, .. } = *self.write;
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
                    ingest_log::append(
                        self.connection,
                        self.write.received_at,
                        LogLevel::Warn,
                        "ingest",
                        Some(series),
                        &message,
                    )?;
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
    let before = gaps::overlapping(connection, write.series, write.range)?;
    if before.is_empty() && write.page.missing.is_empty() && write.quiet.is_empty() {
        return Ok(Vec::new());
    }
    let held: RangeSet = held.iter().copied().collect();
    let quiet = silent(write, covered, &held);
    let proven: RangeSet = quiet.iter().map(|(range, _)| *range).collect();
    let missing = not_stored(&not_stored(&write.page.missing, covered), &proven);
    let mut after = observe(&before, &held, &missing, &write.asked, write.not_trading_after);
    for gap in after.iter_mut().filter(|gap| gap.reason == GapReason::Unconfirmed && gap.asked_count == 1) {
        gap.next_ask_at = gap.evidence.as_ref().map(|evidence| evidence.asked_at.plus_ms(write.confirm_after_ms));
    }
    let after = if quiet.is_empty() { after } else { quieten(after, &quiet, &write.asked) };
    gaps::replace(connection, write.series, &before, &after)?;
    Ok(after)
}

/// What is proven to be without trades and holds no candle: a candle says more than a proof.
fn silent(write: &PageWrite, covered: &RangeSet, held: &RangeSet) -> Vec<(TimeRange, String)> {
    let open = |(range, proof): &(TimeRange, String)| {
        let left = RangeSet::from(write.interval.inner(range.intersect(write.range))).minus(covered).minus(held);
        left.ranges().iter().map(|range| (*range, proof.clone())).collect::<Vec<_>>()
    };
    write.quiet.iter().flat_map(open).collect()
}

/// What is missing in the answer and in the store: an answer that lacks a candle which an earlier
/// one held takes nothing away.
pub(super) fn not_stored(missing: &[Missing], covered: &RangeSet) -> Vec<Missing> {
    missing
        .iter()
        .flat_map(|missing| {
            let open = RangeSet::from(missing.range).minus(covered);
            open.ranges().iter().map(|range| Missing { range: *range, ..missing.clone() }).collect::<Vec<_>>()
        })
        .collect()
}

/// `480 ms`, `8m 15s`.
fn delay(ms: i64) -> String {
    if ms < 10 * SECOND_MS { format!("{ms} ms") } else { human_duration(ms) }
}

fn log(connection: &Connection, write: &PageWrite, changes: &Changes, gaps: &[Gap]) -> Result<(), StoreError> {
    let append = |level: LogLevel, component: &str, message: &str| {
        ingest_log::append(connection, write.received_at, level, component, Some(write.series), message)
    };
    if changes.stored > 0 {
        let waited = write.received_at.since(write.asked.asked_at);
        // A page may reach back over what is stored already: its range is not that of the new candles.
        let candles = if changes.stored == 1 { "candle" } else { "candles" };
        let (from, to) = (write.range.from.iso(), write.range.to.iso());
        let message = match write.source {
            Source::Stream => format!("stored the candle of {from}, {} after its end", delay(waited)),
            _ => format!("stored {} {candles}, asked for {from} to {to}, {waited} ms", changes.stored),
        };
        append(LogLevel::Info, write.component, &message)?;
    }
    if let Some(first) = write.page.rejected.first() {
        let (count, rows) = (write.page.rejected.len(), if write.page.rejected.len() == 1 { "row" } else { "rows" });
        let message = format!("rejected {count} {rows}, first: {}: {}", first.reason, first.payload);
        append(LogLevel::Warn, "ingest", &message)?;
    }
    for gap in gaps.iter().filter(|gap| gap.evidence.as_ref().is_some_and(|evidence| evidence.asked_at == write.asked.asked_at)) {
        let message = format!("{} to {}: {}", gap.range.from.iso(), gap.range.to.iso(), gap.reason.label());
        append(LogLevel::Info, "gaps", &message)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
