//! Runs of the recorder and their heartbeat statistics. Between two runs it was off.

use super::error::StoreError;
use crate::domain::time::Time;
use rusqlite::{Connection, OptionalExtension as _, params};

/// One run.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Run {
    /// Key.
    pub id: i64,
    /// Process.
    pub pid: u32,
    /// When it began, by the local clock.
    pub started_at: Time,
    /// When it was last seen alive.
    pub seen_at: Time,
    /// When it ended in order; `None` while it runs, or where it was killed.
    pub ended_at: Option<Time>,
    /// Heartbeats.
    pub beats: u64,
    /// Of these with a series that failed.
    pub failed_beats: u64,
    /// Last heartbeat.
    pub last_beat_at: Option<Time>,
    /// From the candle's close to its commit, in milliseconds.
    pub lag_ms: Option<i64>,
    /// Candles stored.
    pub candles: u64,
    /// Rows rejected.
    pub rejected: u64,
    /// Candles a second, lately.
    pub rate: f64,
    /// Pages that wait for the writer.
    pub queue: u32,
    /// Pages to be fetched.
    pub backlog: u32,
    /// Readers in use.
    pub readers_in_use: u32,
    /// Readers.
    pub readers: u32,
}

/// Notes the beginning of a run; returns its key.
pub fn begin(connection: &Connection, pid: u32, now: Time) -> Result<i64, StoreError> {
    connection.execute("INSERT INTO recorder_runs (pid, started_at, seen_at) VALUES (?1, ?2, ?2)", params![pid, now.ms()])?;
    let id = connection.last_insert_rowid();
    connection.execute("DELETE FROM recorder_runs WHERE id <= ?1", [id - 1_000])?;
    Ok(id)
}

/// Whether no run came before that of this key: they are counted from one, and the last ones are kept.
pub const fn is_first(id: i64) -> bool {
    id == 1
}

/// Brings a run up to date.
pub fn update(connection: &Connection, run: &Run) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "UPDATE recorder_runs SET seen_at = ?2, ended_at = ?3, beats = ?4, failed_beats = ?5, last_beat_at = ?6, lag_ms = ?7,
                 candles = ?8, rejected = ?9, rate = ?10, queue = ?11, backlog = ?12, readers_in_use = ?13, readers = ?14
             WHERE id = ?1",
        )?
        .execute(params![
            run.id,
            run.seen_at.ms(),
            run.ended_at.map(Time::ms),
            run.beats as i64,
            run.failed_beats as i64,
            run.last_beat_at.map(Time::ms),
            run.lag_ms,
            run.candles as i64,
            run.rejected as i64,
            run.rate,
            run.queue,
            run.backlog,
            run.readers_in_use,
            run.readers,
        ])?;
    Ok(())
}

/// The newest run.
pub fn last(connection: &Connection) -> Result<Option<Run>, StoreError> {
    Ok(connection
        .prepare_cached(
            "SELECT id, pid, started_at, seen_at, ended_at, beats, failed_beats, last_beat_at, lag_ms, candles, rejected, rate, queue,
                 backlog, readers_in_use, readers FROM recorder_runs ORDER BY id DESC LIMIT 1",
        )?
        .query_row([], |row| {
            let time = |at: usize| row.get::<_, Option<i64>>(at).map(|ms| ms.map(Time::from_ms));
            Ok(Run {
                id: row.get(0)?,
                pid: row.get(1)?,
                started_at: Time::from_ms(row.get(2)?),
                seen_at: Time::from_ms(row.get(3)?),
                ended_at: time(4)?,
                beats: row.get::<_, i64>(5)?.unsigned_abs(),
                failed_beats: row.get::<_, i64>(6)?.unsigned_abs(),
                last_beat_at: time(7)?,
                lag_ms: row.get(8)?,
                candles: row.get::<_, i64>(9)?.unsigned_abs(),
                rejected: row.get::<_, i64>(10)?.unsigned_abs(),
                rate: row.get(11)?,
                queue: row.get(12)?,
                backlog: row.get(13)?,
                readers_in_use: row.get(14)?,
                readers: row.get(15)?,
            })
        })
        .optional()?)
}
