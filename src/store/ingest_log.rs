//! The bounded log of what was recorded, mended, refused.

use super::error::StoreError;
use crate::domain::log::LogLevel;
use crate::domain::series::SeriesId;
use crate::domain::time::Time;
use rusqlite::{Connection, Row, params};

/// Entries that are kept.
pub const KEPT: i64 = 20_000;

/// Entries between two prunings.
const PRUNE_EVERY: i64 = 500;

/// Longest message; what a row's payload adds beyond is cut.
const MESSAGE_CHARS: usize = 500;

/// A stored entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Grows with every entry.
    pub id: i64,
    /// When, by the local clock.
    pub at: Time,
    /// How loud.
    pub level: LogLevel,
    /// Which part of the recorder.
    pub component: String,
    /// Whose.
    pub series: Option<SeriesId>,
    /// What happened.
    pub message: String,
}

/// Adds an entry, and now and then drops the oldest.
pub fn append(
    connection: &Connection,
    at: Time,
    level: LogLevel,
    component: &str,
    series: Option<SeriesId>,
    message: &str,
) -> Result<(), StoreError> {
    let cut: String;
    let message = if message.len() > MESSAGE_CHARS {
        cut = message.chars().take(MESSAGE_CHARS).collect();
        &cut
    } else {
        message
    };
    connection
        .prepare_cached("INSERT INTO ingest_log (at, level, component, series_id, message) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute(params![at.ms(), level.name(), component, series.map(|series| series.0), message])?;
    let id = connection.last_insert_rowid();
    if id % PRUNE_EVERY == 0 {
        connection.prepare_cached("DELETE FROM ingest_log WHERE id <= ?1")?.execute([id - KEPT])?;
    }
    Ok(())
}

/// The newest `limit` entries after `after_id`, oldest first.
pub fn tail(connection: &Connection, after_id: i64, limit: usize) -> Result<Vec<Entry>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT id, at, level, component, series_id, message FROM ingest_log WHERE id > ?1 ORDER BY id DESC LIMIT ?2",
    )?;
    let rows = statement.query_map(params![after_id, i64::try_from(limit).unwrap_or(i64::MAX)], read)?;
    let mut entries: Vec<Entry> = rows.collect::<Result<_, _>>()?;
    entries.reverse();
    Ok(entries)
}

/// Calls `each` with the entries before `before_id`, newest first, until it says `false`; whether
/// all of them were read.
pub fn each_before(connection: &Connection, before_id: i64, mut each: impl FnMut(Entry) -> bool) -> Result<bool, StoreError> {
    let mut statement = connection
        .prepare_cached("SELECT id, at, level, component, series_id, message FROM ingest_log WHERE id < ?1 ORDER BY id DESC")?;
    let mut rows = statement.query([before_id])?;
    while let Some(row) = rows.next()? {
        if !each(read(row)?) {
            return Ok(false);
        }
    }
    Ok(true)
}

fn read(row: &Row<'_>) -> rusqlite::Result<Entry> {
    Ok(Entry {
        id: row.get(0)?,
        at: Time::from_ms(row.get(1)?),
        level: LogLevel::from_name(&row.get::<_, String>(2)?).unwrap_or(LogLevel::Info),
        component: row.get(3)?,
        series: row.get::<_, Option<i64>>(4)?.map(SeriesId),
        message: row.get(5)?,
    })
}
