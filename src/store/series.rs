//! Registered series and their wanted ranges.

use super::error::StoreError;
use super::{instruments, rows};
use crate::domain::dataset::Dataset;
use crate::domain::interval::Interval;
use crate::domain::range::TimeRange;
use crate::domain::series::{InstrumentId, Series, SeriesId};
use crate::domain::time::Time;
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use std::sync::Arc;

/// Every series, active or not, by symbol.
pub fn all(connection: &Connection) -> Result<Vec<Series>, StoreError> {
    let mut statement =
        connection.prepare_cached(&format!("{} ORDER BY i.symbol, i.exchange, s.dataset, s.interval_ms", select()))?;
    let mut rows = statement.query([])?;
    let mut list = Vec::new();
    while let Some(row) = rows.next()? {
        list.push(read(row)?);
    }
    Ok(list)
}

/// One series.
pub fn get(connection: &Connection, id: SeriesId) -> Result<Option<Series>, StoreError> {
    let mut statement = connection.prepare_cached(&format!("{} WHERE s.id = ?1", select()))?;
    let mut rows = statement.query([id.0])?;
    rows.next()?.map(read).transpose()
}

/// Its instrument, the key of rows that are no candles; `None` where the series is gone.
pub fn instrument(connection: &Connection, id: SeriesId) -> Result<Option<InstrumentId>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT instrument_id FROM series WHERE id = ?1")?;
    Ok(statement.query_row([id.0], |row| row.get(0)).optional()?.map(InstrumentId))
}

/// Notes how far back the exchange serves a series.
pub fn set_reach(connection: &Connection, id: SeriesId, reach_ms: Option<i64>) -> Result<(), StoreError> {
    connection.execute("UPDATE series SET reach_ms = ?2 WHERE id = ?1", params![id.0, reach_ms])?;
    Ok(())
}

/// Whether it is registered; a series may be deleted while requests for it are under way.
pub fn exists(connection: &Connection, id: SeriesId) -> Result<bool, StoreError> {
    Ok(connection.prepare_cached("SELECT 1 FROM series WHERE id = ?1")?.exists([id.0])?)
}

/// Registers a series, or takes a removed one up again; its wanted range only ever widens.
pub fn register(
    connection: &Connection,
    instrument: InstrumentId,
    dataset: Dataset,
    interval: Interval,
    wanted_from: Time,
    now: Time,
) -> Result<SeriesId, StoreError> {
    let id = connection
        .prepare_cached(
            "INSERT INTO series (instrument_id, dataset, interval_ms, active, wanted_from, created_at) VALUES (?1, ?5, ?2, 1, ?3, ?4)
             ON CONFLICT (instrument_id, dataset, interval_ms) DO UPDATE SET active = 1, wanted_to = NULL,
                 wanted_from = min(wanted_from, excluded.wanted_from)
             RETURNING id",
        )?
        .query_row(params![instrument.0, interval.ms(), wanted_from.ms(), now.ms(), dataset.name()], |row| row.get(0))?;
    Ok(SeriesId(id))
}

/// The series of an instrument's dataset at an interval, if it was ever registered.
pub fn find(
    connection: &Connection,
    instrument: InstrumentId,
    dataset: Dataset,
    interval: Interval,
) -> Result<Option<Series>, StoreError> {
    let id: Option<i64> = connection
        .prepare_cached("SELECT id FROM series WHERE instrument_id = ?1 AND interval_ms = ?2 AND dataset = ?3")?
        .query_row(params![instrument.0, interval.ms(), dataset.name()], |row| row.get(0))
        .optional()?;
    id.map_or(Ok(None), |id| get(connection, SeriesId(id)))
}

/// Ends recording at `at`; the data stays.
pub fn deactivate(connection: &Connection, id: SeriesId, at: Time) -> Result<(), StoreError> {
    connection.execute("UPDATE series SET active = 0, wanted_to = max(wanted_from, ?2) WHERE id = ?1", params![id.0, at.ms()])?;
    Ok(())
}

/// Sets where the wanted range begins.
pub fn set_wanted_from(connection: &Connection, id: SeriesId, from: Time) -> Result<(), StoreError> {
    connection.execute("UPDATE series SET wanted_from = ?2 WHERE id = ?1", params![id.0, from.ms()])?;
    Ok(())
}

/// Deletes a series with everything that was recorded for it.
pub fn purge(connection: &Connection, id: SeriesId) -> Result<(), StoreError> {
    if let Some(series) = get(connection, id)? {
        rows::purge(connection, &series)?;
    }
    for table in ["candles", "rollups", "coverage", "gaps", "revisions", "backfill_jobs"] {
        connection.execute(&format!("DELETE FROM {table} WHERE series_id = ?1"), [id.0])?;
    }
    // The newest entry stays: SQLite would give its number again, and who follows the log by number
    // would miss what comes next.
    connection.execute("DELETE FROM ingest_log WHERE series_id = ?1 AND id < (SELECT max(id) FROM ingest_log)", [id.0])?;
    connection.execute("UPDATE ingest_log SET series_id = NULL WHERE series_id = ?1", [id.0])?;
    connection.execute("DELETE FROM series WHERE id = ?1", [id.0])?;
    Ok(())
}

/// Open time of the first candle and end of the last one.
pub fn bounds(connection: &Connection, id: SeriesId) -> Result<Option<TimeRange>, StoreError> {
    let (from, to): (Option<i64>, Option<i64>) = connection
        .prepare_cached("SELECT min(from_time), max(to_time) FROM coverage WHERE series_id = ?1")?
        .query_row([id.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(from.zip(to).map(|(from, to)| TimeRange::new(Time::from_ms(from), Time::from_ms(to))))
}

fn select() -> String {
    let columns = instruments::COLUMNS.split(", ").map(|column| format!("i.{column}")).collect::<Vec<_>>().join(", ");
    format!(
        "SELECT s.id, s.interval_ms, s.active, s.wanted_from, s.wanted_to, s.dataset, s.reach_ms, {columns} FROM series s JOIN instruments i ON i.id = s.instrument_id"
    )
}

fn read(row: &Row<'_>) -> Result<Series, StoreError> {
    let width: i64 = row.get(1)?;
    let dataset: String = row.get(5)?;
    Ok(Series {
        id: SeriesId(row.get(0)?),
        interval: Interval::from_ms(width).ok_or_else(|| StoreError::Corrupt(format!("interval of {width} ms")))?,
        active: row.get(2)?,
        wanted_from: Time::from_ms(row.get(3)?),
        wanted_to: row.get::<_, Option<i64>>(4)?.map(Time::from_ms),
        dataset: dataset.parse().map_err(|_| StoreError::Corrupt(format!("dataset `{dataset}`")))?,
        reach_ms: row.get(6)?,
        instrument: Arc::new(instruments::read(row, 7)?),
    })
}
