//! One page of trades, funding or open interest into the store: rows, revisions, coverage, gaps and the
//! log, all or nothing.

#[cfg(test)]
mod tests;

use super::answer::{Answer, not_stored};
use super::candles::Provenance;
use super::error::StoreError;
use super::page::PageOutcome;
use super::{coverage, revisions, series};
use crate::domain::candle::Source;
use crate::domain::dataset::Dataset;
use crate::domain::funding::Funding;
use crate::domain::gap::Gap;
use crate::domain::instrument::Scales;
use crate::domain::log::LogLevel;
use crate::domain::open_interest::OpenInterest;
use crate::domain::page::{BadRow, Missing};
use crate::domain::range::{RangeSet, TimeRange};
use crate::domain::rows::Row;
use crate::domain::series::{InstrumentId, Series, SeriesId};
use crate::domain::time::{MINUTE_MS, Time};
use crate::domain::trade::Trade;
use rusqlite::{CachedStatement, Connection, Statement};
use std::fmt;

/// Rows of one number that lie further apart in time are different ones.
const STRANGE_MS: i64 = MINUTE_MS;

/// Rows that have a table.
pub trait Table: Row {
    /// The table.
    const TABLE: &'static str;

    /// Its column that is the key within an instrument.
    const KEY: &'static str = "time";

    /// Its columns but those that say whose a row is and where it came from, in the order in which
    /// [`Self::bind`] and [`Self::from_row`] go through them.
    const COLUMNS: &'static str;

    /// By what rows are read.
    const ORDER: &'static str = "time";

    /// Whose trade it is a revision of, where it is a trade.
    fn trade_id(&self) -> Option<i64> {
        None
    }

    /// Its values by name, as exact text.
    fn values(&self) -> Vec<(&'static str, Option<String>)>;

    /// Binds the columns from parameter `at` on.
    fn bind(&self, statement: &mut Statement<'_>, at: usize, scales: Scales) -> rusqlite::Result<()>;

    /// A row of these columns.
    fn from_row(row: &rusqlite::Row<'_>, scales: Scales) -> Result<Self, StoreError>;

    /// Calls `each` with the stored rows of `range`, ascending, until it says `false`.
    fn each(
        connection: &Connection,
        at: Place,
        range: TimeRange,
        mut each: impl FnMut(Self) -> Result<bool, StoreError>,
    ) -> Result<(), StoreError> {
        let sql = select::<Self>(format_args!("time >= ?2 AND time < ?3 ORDER BY {}", Self::ORDER));
        let mut statement = connection.prepare_cached(&sql)?;
        let mut rows = statement.query([at.instrument.0, range.from.ms(), range.to.ms()])?;
        while let Some(row) = rows.next()? {
            if !each(Self::from_row(row, at.scales)?)? {
                break;
            }
        }
        Ok(())
    }

    /// The stored rows of `range`, ascending.
    fn read(connection: &Connection, at: Place, range: TimeRange) -> Result<Vec<Self>, StoreError> {
        let mut rows = Vec::new();
        Self::each(connection, at, range, |row| {
            rows.push(row);
            Ok(true)
        })?;
        Ok(rows)
    }

    /// From the first stored row to behind the last one; `None` where there is none.
    fn bounds(connection: &Connection, at: Place) -> Result<Option<TimeRange>, StoreError> {
        let end = |which: &str| -> Result<Option<i64>, StoreError> {
            let sql = format!("SELECT {which}(time) FROM {} WHERE instrument_id = ?1", Self::TABLE);
            Ok(connection.prepare_cached(&sql)?.query_row([at.instrument.0], |row| row.get(0))?)
        };
        Ok(end("min")?.zip(end("max")?).map(|(first, last)| TimeRange::new(Time::from_ms(first), Time::from_ms(last).plus_ms(1))))
    }
}

/// The query for those rows of an instrument, which is parameter 1, of which `which` holds.
pub(super) fn select<T: Table>(which: impl fmt::Display) -> String {
    format!("SELECT {} FROM {} WHERE instrument_id = ?1 AND {which}", T::COLUMNS, T::TABLE)
}

/// The stored row of a key.
fn find<T: Table>(connection: &Connection, at: Place, key: i64) -> Result<Option<T>, StoreError> {
    let mut statement = connection.prepare_cached(&select::<T>(format_args!("{} = ?2", T::KEY)))?;
    let mut rows = statement.query([at.instrument.0, key])?;
    rows.next()?.map(|row| T::from_row(row, at.scales)).transpose()
}

/// Puts rows into their table, all by one statement.
struct Insertion<'c> {
    statement: CachedStatement<'c>,
    at: Place,
}

impl<'c> Insertion<'c> {
    fn new<T: Table>(connection: &'c Connection, at: Place) -> Result<Self, StoreError> {
        let values = ", ?".repeat(T::COLUMNS.split(',').count());
        let sql = format!(
            "INSERT INTO {} (instrument_id, source, ingested_at, {}) VALUES (?, ?, ?{values})
             ON CONFLICT (instrument_id, {}) DO NOTHING",
            T::TABLE,
            T::COLUMNS,
            T::KEY
        );
        Ok(Self { statement: connection.prepare_cached(&sql)?, at })
    }

    /// Adds the row unless its key is there; whether it did.
    fn insert<T: Table>(&mut self, row: &T, provenance: Provenance) -> Result<bool, StoreError> {
        self.statement.raw_bind_parameter(1, self.at.instrument.0)?;
        self.statement.raw_bind_parameter(2, provenance.source.code())?;
        self.statement.raw_bind_parameter(3, provenance.fetched_at.ms())?;
        row.bind(&mut self.statement, 4, self.at.scales)?;
        Ok(self.statement.raw_execute()? > 0)
    }

    /// Puts the row in the place of the one that has its key.
    fn replace<T: Table>(&mut self, connection: &Connection, row: &T, provenance: Provenance) -> Result<(), StoreError> {
        connection
            .prepare_cached(&format!("DELETE FROM {} WHERE instrument_id = ?1 AND {} = ?2", T::TABLE, T::KEY))?
            .execute([self.at.instrument.0, row.key()])?;
        self.insert(row, provenance)?;
        Ok(())
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
    /// The answer that it came in.
    pub answer: Answer,
    /// Sound rows, each key once.
    pub rows: Vec<T>,
    /// Rows that were refused.
    pub rejected: Vec<BadRow>,
    /// Whole steps that are covered now.
    pub covered: Vec<TimeRange>,
    /// Whole steps that were answered and lack something.
    pub missing: Vec<Missing>,
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
    let Some(place) = Place::of(connection, write.answer.series, write.answer.scales)? else {
        // Deleted while the page was under way: its rows would be nobody's.
        return Ok(PageOutcome::default());
    };
    let provenance = write.answer.provenance();
    let (mut stored, mut revised) = (0, 0);
    let mut table = Insertion::new::<T>(connection, place)?;
    let mut strangers = Vec::new();
    for row in &write.rows {
        if table.insert(row, provenance)? {
            stored += 1;
            continue;
        }
        let Some(known) = find::<T>(connection, place, row.key())?.filter(|known| known != row) else { continue };
        if known.time().since(row.time()).abs() > STRANGE_MS {
            strangers.push(stranger(&known, row));
        } else if !known.agrees(row) {
            note_revision(connection, write, &known, row)?;
            table.replace(connection, row, provenance)?;
            revised += 1;
        } else if write.answer.source == Source::Rest {
            // The same told in more detail: only streams tell less.
            table.replace(connection, row, Provenance { source: Source::Confirmed, ..provenance })?;
        }
    }
    let times = strangers.iter().filter_map(|bad| bad.time).collect();
    let judged;
    let write = if strangers.is_empty() {
        write
    } else {
        judged = without(connection, write, strangers)?;
        &judged
    };
    let gaps = match write.window() {
        Some(window) => account(connection, write, window)?,
        None => Vec::new(),
    };
    log(connection, write, stored, &gaps)?;
    Ok(PageOutcome { stored, revised, held: write.covered.clone(), gaps, strangers: times, ..PageOutcome::default() })
}

/// A row whose key stands for one of another time is no revision of it: numbers of trades may begin anew. What
/// an earlier answer held is not taken away; the row is refused.
fn stranger<T: Table>(known: &T, row: &T) -> BadRow {
    let reason = format!("its number stands for the trade of {}", known.time().iso());
    BadRow { time: Some(row.time()), reason, payload: format!("{row:?}") }
}

/// The page without what it says of the steps of refused rows: they stay owed, with the rows as evidence.
fn without<T: Table>(connection: &Connection, write: &RowsWrite<T>, refused: Vec<BadRow>) -> Result<RowsWrite<T>, StoreError> {
    let Some(interval) = series::get(connection, write.answer.series)?.map(|series| series.interval) else {
        return Ok(write.clone());
    };
    let mut covered: RangeSet = write.covered.iter().copied().collect();
    let mut missing = write.missing.clone();
    for bad in &refused {
        let Some(time) = bad.time else { continue };
        let step = TimeRange::new(interval.floor(time), interval.floor(time).plus_ms(interval.ms()));
        if covered.covers(step) {
            covered.remove(step);
            missing.push(Missing { range: step, bad_row: Some(format!("{}: {}", bad.reason, bad.payload)) });
        }
    }
    missing.sort_by_key(|missing| missing.range);
    let rejected = write.rejected.iter().cloned().chain(refused).collect();
    Ok(RowsWrite { covered: covered.ranges().to_vec(), missing, rejected, ..write.clone() })
}

/// The exchange says otherwise now: what differs is kept.
fn note_revision<T: Table>(connection: &Connection, write: &RowsWrite<T>, known: &T, row: &T) -> Result<(), StoreError> {
    let changes = known.values().into_iter().zip(row.values()).map(|((field, old), (_, new))| (field, old, new));
    let answer = &write.answer;
    revisions::note_row(connection, answer.series, (known.time(), row.trade_id()), changes, answer.received_at)?;
    let name = row.trade_id().map_or_else(|| row.time().iso(), |id| format!("number {id}"));
    let message = format!("the exchange changed a row of {}: {name}", T::DATASET.label());
    answer.log(connection, LogLevel::Warn, "ingest", &message)
}

/// Coverage and gaps of the steps that the page decides on; the gaps of `window` afterwards.
fn account<T: Table>(connection: &Connection, write: &RowsWrite<T>, window: TimeRange) -> Result<Vec<Gap>, StoreError> {
    let series = write.answer.series;
    let covered = coverage::touching(connection, series, window)?;
    coverage::add(connection, series, &covered, &write.covered)?;
    let held: RangeSet = write.covered.iter().copied().collect();
    write.answer.note_gaps(connection, window, &held, &not_stored(&write.missing, &covered), &[])
}

fn log<T: Table>(connection: &Connection, write: &RowsWrite<T>, stored: u64, gaps: &[Gap]) -> Result<(), StoreError> {
    let answer = &write.answer;
    // A stream stores a few each second: that is its normal state, and no news.
    if stored > 0 && answer.source == Source::Rest {
        let rows = if stored == 1 { "row" } else { "rows" };
        let message = format!("stored {stored} {rows} of {}, {} ms", T::DATASET.label(), answer.waited_ms());
        answer.log(connection, LogLevel::Info, answer.component, &message)?;
    }
    answer.log_lacks(connection, &write.rejected, gaps)
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
