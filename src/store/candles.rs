//! Candle rows: writing them in bulk, reading them in order.

use super::error::StoreError;
use super::row;
use crate::domain::candle::{Candle, Source};
use crate::domain::instrument::Scales;
use crate::domain::range::TimeRange;
use crate::domain::series::SeriesId;
use crate::domain::time::Time;
use rusqlite::{Connection, Statement, params};
use std::fmt::Write as _;

/// Rows of one INSERT: half as much again as one row at a time, and no more is gained beyond.
const BULK: usize = 100;

/// Where candles and other rows came from.
#[derive(Debug, Clone, Copy)]
pub struct Provenance {
    /// What brought them.
    pub source: Source,
    /// When, by the local clock.
    pub fetched_at: Time,
}

/// Inserts ascending candles that are not stored yet; returns how many were new.
pub(super) fn insert(
    connection: &Connection,
    series: SeriesId,
    scales: Scales,
    candles: &[Candle],
    provenance: Provenance,
) -> Result<usize, StoreError> {
    let mut inserted = 0;
    let (bulks, rest) = candles.as_chunks::<BULK>();
    if !bulks.is_empty() {
        let mut statement = connection.prepare_cached(&insert_sql(BULK))?;
        for bulk in bulks {
            inserted += insert_rows(&mut statement, series, scales, bulk, provenance)?;
        }
    }
    if !rest.is_empty() {
        let mut statement = connection.prepare_cached(&insert_sql(1))?;
        for candle in rest {
            inserted += insert_rows(&mut statement, series, scales, std::slice::from_ref(candle), provenance)?;
        }
    }
    Ok(inserted)
}

/// Overwrites one stored candle.
pub(super) fn update(
    connection: &Connection,
    series: SeriesId,
    scales: Scales,
    candle: &Candle,
    provenance: Provenance,
) -> Result<(), StoreError> {
    connection
        .prepare_cached("DELETE FROM candles WHERE series_id = ?1 AND open_time = ?2")?
        .execute(params![series.0, candle.open_time.ms()])?;
    insert(connection, series, scales, std::slice::from_ref(candle), provenance)?;
    Ok(())
}

fn insert_rows(
    statement: &mut Statement<'_>,
    series: SeriesId,
    scales: Scales,
    candles: &[Candle],
    provenance: Provenance,
) -> Result<usize, StoreError> {
    statement.raw_bind_parameter(1, series.0)?;
    statement.raw_bind_parameter(2, provenance.source.code())?;
    statement.raw_bind_parameter(3, provenance.fetched_at.ms())?;
    let mut at = 4;
    for candle in candles {
        statement.raw_bind_parameter(at, candle.open_time.ms())?;
        row::bind(statement, at + 1, candle, scales)?;
        at += 1 + row::VALUE_COUNT;
    }
    Ok(statement.raw_execute()?)
}

fn insert_sql(rows: usize) -> String {
    let mut sql = format!("INSERT INTO candles (series_id, source, fetched_at, open_time, {}) VALUES ", row::VALUES);
    for index in 0..rows {
        let first = 4 + index * (1 + row::VALUE_COUNT);
        sql.push_str(if index == 0 { "(?1, ?2, ?3" } else { ", (?1, ?2, ?3" });
        for at in first..=first + row::VALUE_COUNT {
            // Writing to a String cannot fail.
            let _ = write!(sql, ", ?{at}");
        }
        sql.push(')');
    }
    sql.push_str(" ON CONFLICT (series_id, open_time) DO NOTHING");
    sql
}

/// Calls `each` with every stored candle of `range`, ascending, until it says `false`.
pub fn each(
    connection: &Connection,
    series: SeriesId,
    scales: Scales,
    range: TimeRange,
    mut each: impl FnMut(Candle) -> Result<bool, StoreError>,
) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT open_time, {} FROM candles WHERE series_id = ?1 AND open_time >= ?2 AND open_time < ?3 ORDER BY open_time",
        row::VALUES
    ))?;
    let mut rows = statement.query(params![series.0, range.from.ms(), range.to.ms()])?;
    while let Some(row) = rows.next()? {
        if !each(row::read(row, 0, scales)?)? {
            break;
        }
    }
    Ok(())
}

/// The stored candles of `range`, ascending.
pub fn read(connection: &Connection, series: SeriesId, scales: Scales, range: TimeRange) -> Result<Vec<Candle>, StoreError> {
    let mut candles = Vec::new();
    each(connection, series, scales, range, |candle| {
        candles.push(candle);
        Ok(true)
    })?;
    Ok(candles)
}

/// Where the stored candles of a range came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin {
    /// How many are stored.
    pub candles: u64,
    /// What brought the newest of them; `None` where it is a source of a later version.
    pub source: Option<Source>,
    /// When the first and the last of them came, by the local clock.
    pub fetched_at: (Time, Time),
}

/// Where the candles of `range` came from; `None` where none is stored.
pub fn origin(connection: &Connection, series: SeriesId, range: TimeRange) -> Result<Option<Origin>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT n, first, last, (SELECT source FROM candles WHERE series_id = ?1 AND open_time = newest)
         FROM (SELECT COUNT(*) AS n, MIN(fetched_at) AS first, MAX(fetched_at) AS last, MAX(open_time) AS newest
               FROM candles WHERE series_id = ?1 AND open_time >= ?2 AND open_time < ?3)",
    )?;
    let origin = statement.query_row(params![series.0, range.from.ms(), range.to.ms()], |row| {
        let count: i64 = row.get(0)?;
        if count == 0 {
            return Ok(None);
        }
        Ok(Some(Origin {
            candles: count.unsigned_abs(),
            source: Source::from_code(row.get(3)?),
            fetched_at: (Time::from_ms(row.get(1)?), Time::from_ms(row.get(2)?)),
        }))
    })?;
    Ok(origin)
}
