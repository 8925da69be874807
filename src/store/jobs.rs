//! Backfill jobs.

use super::error::StoreError;
use crate::domain::job::JobState;
use crate::domain::range::TimeRange;
use crate::domain::series::{JobId, SeriesId};
use crate::domain::time::Time;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

/// Finished jobs that are kept.
const KEPT: i64 = 200;

/// A stored job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Key.
    pub id: JobId,
    /// Whose.
    pub series: SeriesId,
    /// What was asked for.
    pub range: TimeRange,
    /// State.
    pub state: JobState,
    /// Why it failed.
    pub note: Option<String>,
    /// When it was asked for, by the local clock.
    pub created_at: Time,
    /// When it ended.
    pub finished_at: Option<Time>,
    /// Its place in the order of jobs; the lowest goes first.
    pub position: i64,
}

/// Adds a running job.
pub fn add(connection: &Connection, series: SeriesId, range: TimeRange, now: Time) -> Result<Job, StoreError> {
    connection.execute(
        "INSERT INTO backfill_jobs (series_id, from_time, to_time, state, created_at, position)
         VALUES (?1, ?2, ?3, 'running', ?4, (SELECT coalesce(max(position), 0) + 1 FROM backfill_jobs))",
        params![series.0, range.from.ms(), range.to.ms(), now.ms()],
    )?;
    let id = connection.last_insert_rowid();
    let position = connection.query_row("SELECT position FROM backfill_jobs WHERE id = ?1", [id], |row| row.get(0))?;
    connection.execute("DELETE FROM backfill_jobs WHERE state IN ('done', 'failed', 'cancelled') AND id <= ?1", [id - KEPT])?;
    Ok(Job { id: JobId(id), series, range, state: JobState::Running, note: None, created_at: now, finished_at: None, position })
}

/// A running job for `range`: an unfinished one that holds it goes on, and unfinished ones inside it
/// are taken over, so that asking twice never does the work twice.
pub fn want(connection: &Connection, series: SeriesId, range: TimeRange, now: Time) -> Result<JobId, StoreError> {
    let holds: Option<i64> = connection
        .query_row(
            "SELECT id FROM backfill_jobs WHERE series_id = ?1 AND state IN ('running', 'paused') AND from_time <= ?2 AND to_time >= ?3
             ORDER BY id LIMIT 1",
            params![series.0, range.from.ms(), range.to.ms()],
            |row| row.get(0),
        )
        .optional()?;
    if let Some(id) = holds.map(JobId) {
        set_state(connection, id, JobState::Running, None, now)?;
        return Ok(id);
    }
    connection.execute(
        "DELETE FROM backfill_jobs WHERE series_id = ?1 AND state IN ('running', 'paused') AND from_time >= ?2 AND to_time <= ?3",
        params![series.0, range.from.ms(), range.to.ms()],
    )?;
    Ok(add(connection, series, range, now)?.id)
}

/// Changes a job's state.
pub fn set_state(connection: &Connection, id: JobId, state: JobState, note: Option<&str>, now: Time) -> Result<(), StoreError> {
    connection.execute(
        "UPDATE backfill_jobs SET state = ?2, note = ?3, finished_at = ?4 WHERE id = ?1",
        params![id.0, state.name(), note, state.is_finished().then_some(now.ms())],
    )?;
    Ok(())
}

/// Puts an unfinished job one place forward (`up`) or back among the unfinished ones; `false` where
/// it stands at that end already or has ended.
pub fn shift(connection: &Connection, id: JobId, up: bool) -> Result<bool, StoreError> {
    let order: Vec<(i64, i64)> = connection
        .prepare_cached("SELECT id, position FROM backfill_jobs WHERE state IN ('running', 'paused') ORDER BY position, id")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    let Some(at) = order.iter().position(|(held, _)| *held == id.0) else { return Ok(false) };
    let other = if up { at.checked_sub(1) } else { Some(at + 1) };
    let Some((other, place)) = other.and_then(|other| order.get(other)).copied() else { return Ok(false) };
    let mut update = connection.prepare_cached("UPDATE backfill_jobs SET position = ?2 WHERE id = ?1")?;
    update.execute([id.0, place])?;
    update.execute([other, order[at].1])?;
    Ok(true)
}

/// One job.
pub fn get(connection: &Connection, id: JobId) -> Result<Option<Job>, StoreError> {
    let found = connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM backfill_jobs WHERE id = ?1"))?
        .query_row([id.0], |row| Ok(read(row)))
        .optional()?;
    found.transpose()
}

/// Every unfinished job and the newest finished ones, oldest first.
pub fn recent(connection: &Connection) -> Result<Vec<Job>, StoreError> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM backfill_jobs WHERE state IN ('running', 'paused')
         UNION ALL SELECT * FROM (SELECT {COLUMNS} FROM backfill_jobs WHERE state NOT IN ('running', 'paused') ORDER BY id DESC LIMIT 50)
         ORDER BY 1"
    ))?;
    let mut rows = statement.query([])?;
    let mut jobs = Vec::new();
    while let Some(row) = rows.next()? {
        jobs.push(read(row)?);
    }
    Ok(jobs)
}

const COLUMNS: &str = "id, series_id, from_time, to_time, state, note, created_at, finished_at, position";

fn read(row: &Row<'_>) -> Result<Job, StoreError> {
    let state: String = row.get(4)?;
    Ok(Job {
        id: JobId(row.get(0)?),
        series: SeriesId(row.get(1)?),
        range: TimeRange::new(Time::from_ms(row.get(2)?), Time::from_ms(row.get(3)?)),
        state: JobState::from_name(&state).ok_or_else(|| StoreError::Corrupt(format!("job state `{state}`")))?,
        note: row.get(5)?,
        created_at: Time::from_ms(row.get(6)?),
        finished_at: row.get::<_, Option<i64>>(7)?.map(Time::from_ms),
        position: row.get(8)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::migration::SCHEMA;

    fn order(connection: &Connection) -> Vec<i64> {
        let mut jobs: Vec<Job> = recent(connection).unwrap().into_iter().filter(|job| !job.state.is_finished()).collect();
        jobs.sort_by_key(|job| job.position);
        jobs.into_iter().map(|job| job.id.0).collect()
    }

    #[test]
    fn jobs_move_among_the_unfinished() {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(SCHEMA).unwrap();
        connection.pragma_update(None, "foreign_keys", false).unwrap();
        let range = TimeRange::new(Time::EPOCH, Time::from_ms(60_000));
        for series in 1..=4 {
            add(&connection, SeriesId(series), range, Time::EPOCH).unwrap();
        }
        set_state(&connection, JobId(3), JobState::Done, None, Time::EPOCH).unwrap();
        let check = |job: i64, up: bool, moved: bool, expected: &[i64]| {
            assert_eq!(shift(&connection, JobId(job), up).unwrap(), moved, "{job}");
            assert_eq!(order(&connection), expected);
        };
        check(4, true, true, &[1, 4, 2]);
        check(4, true, true, &[4, 1, 2]);
        check(4, true, false, &[4, 1, 2]);
        check(1, false, true, &[4, 2, 1]);
        check(1, false, false, &[4, 2, 1]);
        check(3, true, false, &[4, 2, 1]);
        check(99, true, false, &[4, 2, 1]);
        add(&connection, SeriesId(5), range, Time::EPOCH).unwrap();
        assert_eq!(order(&connection), [4, 2, 1, 5], "a new job goes last");
    }
}
