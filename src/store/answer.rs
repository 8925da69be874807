//! The answer that a page came in, of candles or of other rows: what it leaves of the gaps, and what the log
//! says of it.

use super::candles::Provenance;
use super::error::StoreError;
use super::{gaps, ingest_log};
use crate::domain::candle::Source;
use crate::domain::gap::{Evidence, Gap, GapReason, observe, quieten};
use crate::domain::instrument::Scales;
use crate::domain::log::LogLevel;
use crate::domain::page::{BadRow, Missing};
use crate::domain::range::{RangeSet, TimeRange};
use crate::domain::series::SeriesId;
use crate::domain::time::Time;
use rusqlite::Connection;

/// An answer, but for its rows.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Whose rows.
    pub series: SeriesId,
    /// Its instrument's scales.
    pub scales: Scales,
    /// What was asked and when: evidence for what is missing.
    pub asked: Evidence,
    /// When the answer was there, by the local clock.
    pub received_at: Time,
    /// Where it came from.
    pub source: Source,
    /// End of what is stored of an instrument that does not trade any more.
    pub not_trading_after: Option<Time>,
    /// How long an unconfirmed gap waits for its second request, in milliseconds.
    pub confirm_after_ms: i64,
    /// `heartbeat`, `backfill` or `stream`.
    pub component: &'static str,
}

impl Answer {
    pub(super) const fn provenance(&self) -> Provenance {
        Provenance { source: self.source, fetched_at: self.received_at }
    }

    /// How long it was under way, in milliseconds.
    pub(super) const fn waited_ms(&self) -> i64 {
        self.received_at.since(self.asked.asked_at)
    }

    /// Brings the gaps of `window` up to what the answer holds, lacks and proves to be quiet. Returns them as
    /// they are afterwards.
    pub(super) fn note_gaps(
        &self,
        connection: &Connection,
        window: TimeRange,
        held: &RangeSet,
        missing: &[Missing],
        quiet: &[(TimeRange, String)],
    ) -> Result<Vec<Gap>, StoreError> {
        let before = gaps::overlapping(connection, self.series, window)?;
        if before.is_empty() && missing.is_empty() && quiet.is_empty() {
            return Ok(Vec::new());
        }
        let mut after = observe(&before, held, missing, &self.asked, self.not_trading_after);
        for gap in after.iter_mut().filter(|gap| gap.reason == GapReason::Unconfirmed && gap.asked_count == 1) {
            gap.next_ask_at = gap.evidence.as_ref().map(|evidence| evidence.asked_at.plus_ms(self.confirm_after_ms));
        }
        let after = if quiet.is_empty() { after } else { quieten(after, quiet, &self.asked) };
        gaps::replace(connection, self.series, &before, &after)?;
        Ok(after)
    }

    pub(super) fn log(&self, connection: &Connection, level: LogLevel, component: &str, message: &str) -> Result<(), StoreError> {
        ingest_log::append(connection, self.received_at, level, component, Some(self.series), message)
    }

    /// Logs what was refused of the answer, and which gaps it gave its evidence for.
    pub(super) fn log_lacks(&self, connection: &Connection, rejected: &[BadRow], gaps: &[Gap]) -> Result<(), StoreError> {
        if let Some(first) = rejected.first() {
            let (count, rows) = (rejected.len(), if rejected.len() == 1 { "row" } else { "rows" });
            let message = format!("rejected {count} {rows}, first: {}: {}", first.reason, first.payload);
            self.log(connection, LogLevel::Warn, "ingest", &message)?;
        }
        let is_told = |gap: &&Gap| gap.evidence.as_ref().is_some_and(|evidence| evidence.asked_at == self.asked.asked_at);
        for gap in gaps.iter().filter(is_told) {
            let message = format!("{} to {}: {}", gap.range.from.iso(), gap.range.to.iso(), gap.reason.label());
            self.log(connection, LogLevel::Info, "gaps", &message)?;
        }
        Ok(())
    }
}

/// What is missing in the answer and in the store: an answer that lacks a row which an earlier one held
/// takes nothing away.
pub(super) fn not_stored(missing: &[Missing], covered: &RangeSet) -> Vec<Missing> {
    missing
        .iter()
        .flat_map(|missing| {
            let open = RangeSet::from(missing.range).minus(covered);
            open.ranges().iter().map(|range| Missing { range: *range, ..missing.clone() }).collect::<Vec<_>>()
        })
        .collect()
}
