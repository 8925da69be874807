//! One page of trades, funding or open interest into the store: rows, revisions, coverage, gaps and the
//! log, all or nothing.

#[cfg(test)]
mod tests;

use super::candles::Provenance;
use super::error::StoreError;
use super::page::PageOutcome;
use super::{coverage, gaps, ingest_log, revisions, series};
use crate::domain::candle::Source;
use crate::domain::dataset::Dataset;
use crate::domain::funding::Funding;
use crate::domain::gap::{Evidence, Gap, GapReason, observe};
use crate::domain::instrument::Scales;
use crate::domain::log::LogLevel;
use crate::domain::open_interest::OpenInterest;
use crate::domain::page::{BadRow, Missing};
use crate::domain::range::{RangeSet, TimeRange};
use crate::domain::rows::Row;
use crate::domain::series::{InstrumentId, Series, SeriesId};
use crate::domain::time::Time;
use crate::domain::trade::Trade;
use rusqlite::Connection;

/// Rows that have a table.
pub trait Table: Row {
    /// The table.
    const TABLE: &'static str;

    /// Whose trade it is a revision of, where it is a trade.
    fn trade_id(&self) -> Option<i64> {
        None
    }

    /// Its values by name, as exact text.
    fn values(&self) -> Vec<(&'static str, Option<String>)>;

    /// Adds the row unless its key is there; whether it did.
    fn insert(&self, connection: &Connection, at: Place, provenance: Provenance) -> Result<bool, StoreError>;

    /// The stored row of a key.
    fn find(connection: &Connection, at: Place, key: i64) -> Result<Option<Self>, StoreError>;

    /// Deletes the row of a key.
    fn delete(connection: &Connection, at: Place, key: i64) -> Result<(), StoreError>;

    /// Calls `each` with the stored rows of `range`, ascending, until it says `false`.
    fn each(
        connection: &Connection,
        at: Place,
        range: TimeRange,
        each: impl FnMut(Self) -> Result<bool, StoreError>,
    ) -> Result<(), StoreError>;

    /// The stored rows of `range`, ascending.
    fn read(connection: &Connection, at: Place, range: TimeRange) -> Result<Vec<Self>, StoreError> {
        let mut rows = Vec::new();
        Self::each(connection, at, range, |row| {
            rows.push(row);
            Ok(true)
        })?;
        Ok(rows)
    }

    /// How many rows of `range` are stored.
    fn count(connection: &Connection, at: Place, range: TimeRange) -> Result<u64, StoreError> {
        let sql = format!("SELECT count(*) FROM {} WHERE instrument_id = ?1 AND time >= ?2 AND time < ?3", Self::TABLE);
        let count: i64 =
            connection.prepare_cached(&sql)?.query_row([at.instrument.0, range.from.ms(), range.to.ms()], |row| row.get(0))?;
        Ok(count.cast_unsigned())
    }
}

/// Whose rows, and at which scales.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// The instrument.
    pub instrument: InstrumentId,
    /// Its scales.
    pub scales: Scales,
}

impl Place {
    /// Of a series; `None` where it is gone.
    pub fn of(connection: &Connection, id: SeriesId, scales: Scales) -> Result<Option<Self>, StoreError> {
        Ok(series::instrument(connection, id)?.map(|instrument| Self { instrument, scales }))
    }
}

/// A page on its way into the store.
#[derive(Debug, Clone)]
pub struct RowsWrite<T> {
    /// Whose.
    pub series: SeriesId,
    /// Its instrument's scales.
    pub scales: Scales,
    /// Sound rows, each key once.
    pub rows: Vec<T>,
    /// Rows that were refused.
    pub rejected: Vec<BadRow>,
    /// Whole steps that are covered now.
    pub covered: Vec<TimeRange>,
    /// Whole steps that were answered and lack something.
    pub missing: Vec<Missing>,
    /// What was asked and when.
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

impl<T> RowsWrite<T> {
    /// From the first step that it decides on to the last; `None` where it decides on none.
    pub fn window(&self) -> Option<TimeRange> {
        let steps = || self.covered.iter().copied().chain(self.missing.iter().map(|missing| missing.range));
        Some(TimeRange::new(steps().map(|range| range.from).min()?, steps().map(|range| range.to).max()?))
    }
}

/// Writes a page; call within a transaction.
pub fn write<T: Table>(connection: &Connection, write: &RowsWrite<T>) -> Result<PageOutcome, StoreError> {
    let Some(place) = Place::of(connection, write.series, write.scales)? else {
        // Deleted while the page was under way: its rows would be nobody's.
        return Ok(PageOutcome::default());
    };
    let provenance = Provenance { source: write.source, fetched_at: write.received_at };
    let (mut stored, mut revised) = (0, 0);
    for row in &write.rows {
        if row.insert(connection, place, provenance)? {
            stored += 1;
            continue;
        }
        let Some(known) = T::find(connection, place, row.key())?.filter(|known| known != row) else { continue };
        if !known.agrees(row) {
            revise(connection, write, place, &known, row, provenance)?;
            revised += 1;
        } else if write.source == Source::Rest {
            // The same told in more detail: only streams tell less.
            T::delete(connection, place, row.key())?;
            row.insert(connection, place, Provenance { source: Source::Confirmed, ..provenance })?;
        }
    }
    let gaps = match write.window() {
        Some(window) => account(connection, write, window)?,
        None => Vec::new(),
    };
    log(connection, write, stored)?;
    Ok(PageOutcome { stored, revised, held: write.covered.clone(), gaps, confirmed: 0, disputed: Vec::new() })
}

/// The exchange says otherwise now: the new values are stored, and the old ones kept.
fn revise<T: Table>(
    connection: &Connection,
    write: &RowsWrite<T>,
    place: Place,
    known: &T,
    row: &T,
    provenance: Provenance,
) -> Result<(), StoreError> {
    let changes = known.values().into_iter().zip(row.values()).map(|((field, old), (_, new))| (field, old, new));
    revisions::note_row(connection, write.series, (known.time(), row.trade_id()), changes, write.received_at)?;
    T::delete(connection, place, row.key())?;
    row.insert(connection, place, provenance)?;
    let name = row.trade_id().map_or_else(|| row.time().iso(), |id| format!("number {id}"));
    let message = format!("the exchange changed a row of {}: {name}", T::DATASET.label());
    ingest_log::append(connection, write.received_at, LogLevel::Warn, "ingest", Some(write.series), &message)
}

/// Coverage and gaps of the steps that the page decides on; the gaps of `window` afterwards.
fn account<T: Table>(connection: &Connection, write: &RowsWrite<T>, window: TimeRange) -> Result<Vec<Gap>, StoreError> {
    let covered = coverage::touching(connection, write.series, window)?;
    coverage::add(connection, write.series, &covered, &write.covered)?;
    let before = gaps::overlapping(connection, write.series, window)?;
    let missing = super::page::not_stored(&write.missing, &covered);
    if before.is_empty() && missing.is_empty() {
        return Ok(Vec::new());
    }
    let held: RangeSet = write.covered.iter().copied().collect();
    let mut after = observe(&before, &held, &missing, &write.asked, write.not_trading_after);
    for gap in after.iter_mut().filter(|gap| gap.reason == GapReason::Unconfirmed && gap.asked_count == 1) {
        gap.next_ask_at = gap.evidence.as_ref().map(|evidence| evidence.asked_at.plus_ms(write.confirm_after_ms));
    }
    gaps::replace(connection, write.series, &before, &after)?;
    for gap in after.iter().filter(|gap| gap.evidence.as_ref().is_some_and(|known| known.asked_at == write.asked.asked_at)) {
        let message = format!("{} to {}: {}", gap.range.from.iso(), gap.range.to.iso(), gap.reason.label());
        ingest_log::append(connection, write.received_at, LogLevel::Info, "gaps", Some(write.series), &message)?;
    }
    Ok(after)
}

fn log<T: Table>(connection: &Connection, write: &RowsWrite<T>, stored: u64) -> Result<(), StoreError> {
    let append = |level: LogLevel, component: &str, message: &str| {
        ingest_log::append(connection, write.received_at, level, component, Some(write.series), message)
    };
    // A stream stores a few each second: that is its normal state, and no news.
    if stored > 0 && write.source == Source::Rest {
        let waited = write.received_at.since(write.asked.asked_at);
        let rows = if stored == 1 { "row" } else { "rows" };
        append(LogLevel::Info, write.component, &format!("stored {stored} {rows} of {}, {waited} ms", T::DATASET.label()))?;
    }
    if let Some(first) = write.rejected.first() {
        let (count, rows) = (write.rejected.len(), if write.rejected.len() == 1 { "row" } else { "rows" });
        let message = format!("rejected {count} {rows}, first: {}: {}", first.reason, first.payload);
        append(LogLevel::Warn, "ingest", &message)?;
    }
    Ok(())
}

/// Deletes the rows of a series that holds no candles.
pub(super) fn purge(connection: &Connection, of: &Series) -> Result<(), StoreError> {
    let table = match of.dataset {
        Dataset::Candles => return Ok(()),
        Dataset::Trades => Trade::TABLE,
        Dataset::Funding => Funding::TABLE,
        Dataset::OpenInterest => OpenInterest::TABLE,
    };
    if let Some(instrument) = series::instrument(connection, of.id)? {
        connection.execute(&format!("DELETE FROM {table} WHERE instrument_id = ?1"), [instrument.0])?;
    }
    Ok(())
}
