//! Closed candles, and rows of other datasets, that the exchange changed afterwards.

use super::error::StoreError;
use crate::domain::candle::Candle;
use crate::domain::price::trimmed;
use crate::domain::range::TimeRange;
use crate::domain::series::SeriesId;
use crate::domain::time::Time;
use rusqlite::{Connection, params};

/// One changed value of one candle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    /// Whose candle.
    pub series: SeriesId,
    /// Which candle.
    pub open_time: Time,
    /// When the change was seen, by the local clock.
    pub found_at: Time,
    /// Column of `candles`.
    pub field: String,
    /// Exact decimal before; `None` where the exchange had not given it.
    pub old_value: Option<String>,
    /// Exact decimal after.
    pub new_value: Option<String>,
}

/// Notes every value in which `new` differs from `old`.
pub(super) fn note(
    connection: &Connection,
    series: SeriesId,
    old: &Candle,
    new: &Candle,
    found_at: Time,
) -> Result<(), StoreError> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO revisions (series_id, open_time, found_at, field, old_value, new_value) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    for ((field, before), (_, after)) in fields(old).into_iter().zip(fields(new)) {
        if before != after {
            insert.execute(params![series.0, new.open_time.ms(), found_at.ms(), field, before, after])?;
        }
    }
    Ok(())
}

/// Notes every value in which a row that is no candle differs from what was stored: name, old, new.
pub(super) fn note_row(
    connection: &Connection,
    series: SeriesId,
    (time, trade): (Time, Option<i64>),
    changes: impl Iterator<Item = (&'static str, Option<String>, Option<String>)>,
    found_at: Time,
) -> Result<(), StoreError> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO revisions (series_id, open_time, found_at, field, old_value, new_value, trade_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    for (field, before, after) in changes.filter(|(_, before, after)| before != after) {
        insert.execute(params![series.0, time.ms(), found_at.ms(), field, before, after, trade])?;
    }
    Ok(())
}

/// Every revision of a series, oldest first.
pub fn all(connection: &Connection, series: SeriesId) -> Result<Vec<Revision>, StoreError> {
    within(connection, series, TimeRange::new(Time::from_ms(i64::MIN), Time::from_ms(i64::MAX)), i64::MAX)
}

/// The newest `limit` revisions of the candles that open in `range`, oldest first.
pub fn within(connection: &Connection, series: SeriesId, range: TimeRange, limit: i64) -> Result<Vec<Revision>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT open_time, found_at, field, old_value, new_value FROM
             (SELECT * FROM revisions WHERE series_id = ?1 AND open_time >= ?2 AND open_time < ?3 ORDER BY id DESC LIMIT ?4)
         ORDER BY id",
    )?;
    let rows = statement.query_map(params![series.0, range.from.ms(), range.to.ms(), limit], |row| {
        Ok(Revision {
            series,
            open_time: Time::from_ms(row.get(0)?),
            found_at: Time::from_ms(row.get(1)?),
            field: row.get(2)?,
            old_value: row.get(3)?,
            new_value: row.get(4)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn fields(candle: &Candle) -> [(&'static str, Option<String>); 9] {
    [
        ("open", Some(trimmed(candle.open))),
        ("high", Some(trimmed(candle.high))),
        ("low", Some(trimmed(candle.low))),
        ("close", Some(trimmed(candle.close))),
        ("volume", Some(trimmed(candle.volume))),
        ("quote_volume", candle.quote_volume.map(trimmed)),
        ("trade_count", candle.trade_count.map(|count| count.to_string())),
        ("taker_buy_volume", candle.taker_buy_volume.map(trimmed)),
        ("taker_buy_quote_volume", candle.taker_buy_quote_volume.map(trimmed)),
    ]
}
