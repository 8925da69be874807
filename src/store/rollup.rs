//! The two rollup levels, 1 h and 1 d, kept true by the transaction that changes the candles below.

use super::candles;
use super::error::StoreError;
use super::row;
use crate::domain::aggregate::{Folded, Folder};
use crate::domain::candle::Candle;
use crate::domain::instrument::Scales;
use crate::domain::interval::Interval;
use crate::domain::page::runs;
use crate::domain::range::{RangeSet, TimeRange};
use crate::domain::series::SeriesId;
use crate::domain::time::Time;
use rusqlite::{Connection, params};

/// The levels, finer first. Other widths are folded when read.
pub(super) const LEVELS: [Interval; 2] = [Interval::H1, Interval::D1];

/// Folds again every bucket that `changed` (ascending, just written) falls into. Hours that
/// `changed` fills are folded from memory; only those at its edges are read back.
pub(super) fn refresh(
    connection: &Connection,
    series: SeriesId,
    interval: Interval,
    scales: Scales,
    changed: &[Candle],
) -> Result<(), StoreError> {
    let [hour, day] = LEVELS;
    if hour.folds_from(interval) && hour != interval {
        for bucket in changed.chunk_by(|a, b| hour.floor(a.open_time) == hour.floor(b.open_time)) {
            let open = hour.floor(bucket[0].open_time);
            let whole = bucket.len() as i64 == hour.ms() / interval.ms();
            let folded = if whole {
                fold(hour, bucket.iter().map(|candle| (*candle, 1)))?
            } else {
                read_bucket(connection, series, scales, hour, open)?
            };
            write(connection, series, scales, hour, open, folded)?;
        }
    }
    if day.folds_from(interval) && day != interval {
        let days: RangeSet = runs(interval, changed).into_iter().map(|run| day.outer(run)).collect();
        for range in days.ranges() {
            let mut open = range.from;
            while open < range.to {
                let folded = if hour.folds_from(interval) && hour != interval {
                    let hours = read(connection, series, scales, hour, TimeRange::new(open, open.plus_ms(day.ms())))?;
                    fold(day, hours.into_iter().map(|folded| (folded.candle, folded.parts)))?
                } else {
                    read_bucket(connection, series, scales, day, open)?
                };
                write(connection, series, scales, day, open, folded)?;
                open = open.plus_ms(day.ms());
            }
        }
    }
    Ok(())
}

/// Stored rollups of one level, ascending.
pub(super) fn read(
    connection: &Connection,
    series: SeriesId,
    scales: Scales,
    level: Interval,
    range: TimeRange,
) -> Result<Vec<Folded>, StoreError> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT open_time, {}, parts FROM rollups WHERE series_id = ?1 AND width_ms = ?2 AND open_time >= ?3 AND open_time < ?4 ORDER BY open_time",
        row::VALUES
    ))?;
    let mut rows = statement.query(params![series.0, level.ms(), range.from.ms(), range.to.ms()])?;
    let mut folded = Vec::new();
    while let Some(row) = rows.next()? {
        folded.push(Folded { candle: row::read(row, 0, scales)?, parts: row.get(1 + row::VALUE_COUNT)? });
    }
    Ok(folded)
}

fn read_bucket(
    connection: &Connection,
    series: SeriesId,
    scales: Scales,
    level: Interval,
    open: Time,
) -> Result<Option<Folded>, StoreError> {
    let below = candles::read(connection, series, scales, TimeRange::new(open, open.plus_ms(level.ms())))?;
    fold(level, below.into_iter().map(|candle| (candle, 1)))
}

fn fold(level: Interval, parts: impl Iterator<Item = (Candle, i64)>) -> Result<Option<Folded>, StoreError> {
    let mut folder = Folder::new(level);
    for (candle, count) in parts {
        folder.push(&candle, count).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    }
    Ok(folder.finish())
}

fn write(
    connection: &Connection,
    series: SeriesId,
    scales: Scales,
    level: Interval,
    open: Time,
    folded: Option<Folded>,
) -> Result<(), StoreError> {
    let Some(folded) = folded else {
        connection
            .prepare_cached("DELETE FROM rollups WHERE series_id = ?1 AND width_ms = ?2 AND open_time = ?3")?
            .execute(params![series.0, level.ms(), open.ms()])?;
        return Ok(());
    };
    let mut statement = connection.prepare_cached(&format!(
        "INSERT OR REPLACE INTO rollups (series_id, width_ms, open_time, {}, parts) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        row::VALUES
    ))?;
    statement.raw_bind_parameter(1, series.0)?;
    statement.raw_bind_parameter(2, level.ms())?;
    statement.raw_bind_parameter(3, open.ms())?;
    row::bind(&mut statement, 4, &folded.candle, scales)?;
    statement.raw_bind_parameter(4 + row::VALUE_COUNT, folded.parts)?;
    statement.raw_execute()?;
    Ok(())
}
