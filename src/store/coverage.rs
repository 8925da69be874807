//! The coverage ledger: what is stored, as ranges.

use super::error::StoreError;
use crate::domain::range::{RangeSet, TimeRange};
use crate::domain::series::SeriesId;
use crate::domain::time::Time;
use rusqlite::{Connection, params};

/// All that is stored of a series.
pub fn all(connection: &Connection, series: SeriesId) -> Result<RangeSet, StoreError> {
    touching(connection, series, TimeRange::new(Time::from_ms(i64::MIN), Time::from_ms(i64::MAX)))
}

/// The ranges that overlap or touch `window`, whole.
pub fn touching(connection: &Connection, series: SeriesId, window: TimeRange) -> Result<RangeSet, StoreError> {
    // Ranges do not overlap, so only the last one that begins before the window can reach into it.
    let mut statement = connection.prepare_cached(
        "SELECT from_time, to_time FROM coverage WHERE series_id = ?1 AND from_time <= ?3 AND from_time >= coalesce(
             (SELECT max(from_time) FROM coverage WHERE series_id = ?1 AND from_time < ?2), ?2) AND to_time >= ?2",
    )?;
    let mut rows = statement.query(params![series.0, window.from.ms(), window.to.ms()])?;
    let mut set = RangeSet::new();
    while let Some(row) = rows.next()? {
        set.insert(TimeRange::new(Time::from_ms(row.get(0)?), Time::from_ms(row.get(1)?)));
    }
    Ok(set)
}

/// Notes freshly stored runs; `before` is what [`touching`] said of their window.
pub(super) fn add(connection: &Connection, series: SeriesId, before: &RangeSet, runs: &[TimeRange]) -> Result<(), StoreError> {
    let mut after = before.clone();
    for run in runs {
        after.insert(*run);
    }
    replace(connection, series, before, &after)
}

/// Puts `after` in the place of `before`, touching only rows that differ.
pub(super) fn replace(connection: &Connection, series: SeriesId, before: &RangeSet, after: &RangeSet) -> Result<(), StoreError> {
    let mut delete = connection.prepare_cached("DELETE FROM coverage WHERE series_id = ?1 AND from_time = ?2")?;
    let mut insert = connection.prepare_cached("INSERT INTO coverage (series_id, from_time, to_time) VALUES (?1, ?2, ?3)")?;
    for range in before.ranges().iter().filter(|range| after.ranges().binary_search(range).is_err()) {
        delete.execute(params![series.0, range.from.ms()])?;
    }
    for range in after.ranges().iter().filter(|range| before.ranges().binary_search(range).is_err()) {
        insert.execute(params![series.0, range.from.ms(), range.to.ms()])?;
    }
    Ok(())
}
