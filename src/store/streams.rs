//! What streams missed and how it was made good; how they are.

use super::error::StoreError;
use crate::domain::instrument::ExchangeId;
use crate::domain::range::TimeRange;
use crate::domain::series::SeriesId;
use crate::domain::time::Time;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

/// Losses that are kept.
const KEPT: i64 = 10_000;

/// A stretch in which a series was not heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loss {
    /// Key; 0 before it is stored.
    pub id: i64,
    /// Whose stream.
    pub exchange: ExchangeId,
    /// Which series.
    pub series: SeriesId,
    /// `cut`, `silent`, `leaving`, `dropped_frame`, `refused` or `slept`.
    pub cause: String,
    /// The cause in words.
    pub detail: String,
    /// When it was last heard, by the local clock.
    pub from: Time,
    /// When it was heard again; `None`: not yet.
    pub to: Option<Time>,
    /// When nothing of it was missing any more, and what that took.
    pub mended: Option<(Time, String)>,
}

/// Adds losses, and drops the oldest beyond those that are kept; returns their keys.
pub fn add(connection: &Connection, losses: &[Loss]) -> Result<Vec<i64>, StoreError> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO stream_losses (exchange, series_id, cause, detail, from_time, to_time, mended_at, how)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?;
    let mut ids = Vec::with_capacity(losses.len());
    for loss in losses {
        let (mended_at, how) = loss.mended.as_ref().map(|(at, how)| (at.ms(), how)).unzip();
        let to = loss.to.map(|to| to.max(loss.from).ms());
        statement.execute(params![
            loss.exchange.name(),
            loss.series.0,
            loss.cause,
            loss.detail,
            loss.from.ms(),
            to,
            mended_at,
            how
        ])?;
        ids.push(connection.last_insert_rowid());
    }
    if let Some(last) = ids.last() {
        connection.prepare_cached("DELETE FROM stream_losses WHERE id <= ?1")?.execute([last - KEPT])?;
    }
    Ok(ids)
}

/// The end of losses: the stretch of each, and when and how it was made good.
pub fn mend(connection: &Connection, mended: &[(i64, TimeRange, Time, String)]) -> Result<(), StoreError> {
    let mut statement = connection
        .prepare_cached("UPDATE stream_losses SET from_time = ?2, to_time = ?3, mended_at = ?4, how = ?5 WHERE id = ?1")?;
    for (id, stretch, at, how) in mended {
        statement.execute(params![id, stretch.from.ms(), stretch.to.ms(), at.ms(), how])?;
    }
    Ok(())
}

/// The newest losses, newest first; of one series, or of all.
pub fn newest(connection: &Connection, series: Option<SeriesId>, limit: usize) -> Result<Vec<Loss>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT id, exchange, series_id, cause, detail, from_time, to_time, mended_at, how FROM stream_losses
         WHERE ?1 IS NULL OR series_id = ?1 ORDER BY id DESC LIMIT ?2",
    )?;
    let rows = statement.query_map(params![series.map(|series| series.0), i64::try_from(limit).unwrap_or(i64::MAX)], read)?;
    // A row of an exchange that a later version knows is left out.
    Ok(rows.filter_map(Result::transpose).collect::<Result<_, _>>()?)
}

/// Losses of an earlier run that were not made good in it: what they lack is in the ledgers, and the
/// search for gaps fetches it.
pub fn close_former(connection: &Connection, now: Time) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "UPDATE stream_losses SET to_time = COALESCE(to_time, MAX(from_time, ?1)), mended_at = ?1, how = ?2 WHERE mended_at IS NULL",
        )?
        .execute(params![now.ms(), "the recorder was stopped; what is missing stands with the gaps"])?;
    Ok(())
}

fn read(row: &Row<'_>) -> rusqlite::Result<Option<Loss>> {
    let Ok(exchange) = row.get::<_, String>(1)?.parse() else { return Ok(None) };
    let time = |at: usize| row.get::<_, Option<i64>>(at).map(|ms| ms.map(Time::from_ms));
    Ok(Some(Loss {
        id: row.get(0)?,
        exchange,
        series: SeriesId(row.get(2)?),
        cause: row.get(3)?,
        detail: row.get(4)?,
        from: Time::from_ms(row.get(5)?),
        to: time(6)?,
        mended: time(7)?.zip(row.get(8)?),
    }))
}

/// How an exchange's streams are, as of the last sign of life.
#[derive(Debug, Clone, PartialEq)]
pub struct StreamState {
    /// Whose.
    pub exchange: ExchangeId,
    /// When this was written, by the local clock.
    pub updated_at: Time,
    /// `off`, `connecting`, `live` or `down`.
    pub state: String,
    /// Since when.
    pub since: Time,
    /// Sockets.
    pub sockets: u32,
    /// Subscriptions over all of them.
    pub subscriptions: u32,
    /// Text frames a second.
    pub frames_per_second: f64,
    /// Median and 99th percentile of the time from the exchange's event to the screen.
    pub lag_ms: Option<(i64, i64)>,
}

/// Writes a state in the place of the former.
pub fn put_state(connection: &Connection, state: &StreamState) -> Result<(), StoreError> {
    let (p50, p99) = state.lag_ms.unzip();
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO stream_state (exchange, updated_at, state, since, sockets, subscriptions, frames_per_second,
                 lag_p50_ms, lag_p99_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute(params![
            state.exchange.name(),
            state.updated_at.ms(),
            state.state,
            state.since.ms(),
            state.sockets,
            state.subscriptions,
            state.frames_per_second,
            p50,
            p99
        ])?;
    Ok(())
}

/// The state of an exchange's streams; `None` where it never had any.
pub fn state(connection: &Connection, exchange: ExchangeId) -> Result<Option<StreamState>, StoreError> {
    let state = connection
        .prepare_cached(
            "SELECT updated_at, state, since, sockets, subscriptions, frames_per_second, lag_p50_ms, lag_p99_ms
             FROM stream_state WHERE exchange = ?1",
        )?
        .query_row([exchange.name()], |row| {
            Ok(StreamState {
                exchange,
                updated_at: Time::from_ms(row.get(0)?),
                state: row.get(1)?,
                since: Time::from_ms(row.get(2)?),
                sockets: row.get(3)?,
                subscriptions: row.get(4)?,
                frames_per_second: row.get(5)?,
                lag_ms: row.get::<_, Option<i64>>(6)?.zip(row.get(7)?),
            })
        })
        .optional()?;
    Ok(state)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::connection;

    #[test]
    fn losses_are_told_newest_first_and_end_with_their_run() {
        let folder = tempfile::tempdir().unwrap();
        let connection = connection::open_writer(&folder.path().join("s.sqlite")).unwrap();
        let at = Time::from_ms;
        let loss = |series: i64, from: i64| Loss {
            id: 0,
            exchange: ExchangeId::Kraken,
            series: SeriesId(series),
            cause: "cut".into(),
            detail: "the connection ended".into(),
            from: at(from),
            to: None,
            mended: None,
        };
        let ids = add(&connection, &[loss(1, 100), loss(2, 100)]).unwrap();
        mend(&connection, &[(ids[0], TimeRange::new(at(90), at(200)), at(300), "2 candles by REST in 12 ms".into())]).unwrap();
        let all = newest(&connection, None, 9).unwrap();
        assert_eq!(all.iter().map(|loss| loss.series.0).collect::<Vec<_>>(), [2, 1]);
        assert_eq!((all[1].from, all[1].to), (at(90), Some(at(200))));
        assert_eq!(all[1].mended, Some((at(300), "2 candles by REST in 12 ms".into())));
        assert_eq!(newest(&connection, Some(SeriesId(2)), 9).unwrap(), all[..1]);
        close_former(&connection, at(400)).unwrap();
        let all = newest(&connection, None, 9).unwrap();
        assert_eq!(
            (all[0].to, all[0].mended.as_ref().unwrap().0, all[1].mended.as_ref().unwrap().0),
            (Some(at(400)), at(400), at(300))
        );
    }

    #[test]
    fn states_come_back_as_they_were_put() {
        let folder = tempfile::tempdir().unwrap();
        let connection = connection::open_writer(&folder.path().join("s.sqlite")).unwrap();
        let mut put = StreamState {
            exchange: ExchangeId::Okx,
            updated_at: Time::from_ms(5),
            state: "live".into(),
            since: Time::from_ms(3),
            sockets: 2,
            subscriptions: 9,
            frames_per_second: 12.5,
            lag_ms: Some((80, 300)),
        };
        put_state(&connection, &put).unwrap();
        put.lag_ms = None;
        put_state(&connection, &put).unwrap();
        assert_eq!(state(&connection, ExchangeId::Okx).unwrap(), Some(put));
        assert_eq!(state(&connection, ExchangeId::Kraken).unwrap(), None);
    }
}
