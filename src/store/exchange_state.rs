//! How each exchange serves us, kept so that a restart honours a ban and `status` can tell.

use super::error::StoreError;
use crate::domain::instrument::ExchangeId;
use crate::domain::time::Time;
use rusqlite::{Connection, OptionalExtension as _, params};

/// A stored state; the words are those of the exchange room's `Health`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExchangeState {
    /// Which.
    pub exchange: ExchangeId,
    /// When this was written, by the local clock.
    pub updated_at: Time,
    /// Host that serves us.
    pub host: String,
    /// Whether it stands in for one that refused us.
    pub fallback: bool,
    /// `closed`, `open`, `half-open`.
    pub circuit: String,
    /// End of an ordered silence, and `rate_limit` or `ban`.
    pub blocked: Option<(Time, String)>,
    /// Weight used in the window.
    pub budget_used: u32,
    /// Weight that a window allows.
    pub budget_limit: u32,
    /// Requests sent.
    pub requests: u64,
    /// Median latency.
    pub latency_p50_ms: Option<u32>,
    /// 95th percentile of the latency.
    pub latency_p95_ms: Option<u32>,
    /// Last sound answer.
    pub last_ok_at: Option<Time>,
    /// Last error and its text.
    pub last_error: Option<(Time, String)>,
    /// Exchange's clock minus ours.
    pub clock_offset_ms: Option<i64>,
    /// Errors by kind.
    pub errors: Vec<(String, u64)>,
}

/// Writes a state in the place of the former.
pub fn put(connection: &Connection, state: &ExchangeState) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO exchange_state (exchange, updated_at, host, fallback, circuit, blocked_until, block_kind, budget_used,
                 budget_limit, requests, latency_p50_ms, latency_p95_ms, last_ok_at, last_error_at, last_error, clock_offset_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
        )?
        .execute(params![
            state.exchange.name(),
            state.updated_at.ms(),
            state.host,
            state.fallback,
            state.circuit,
            state.blocked.as_ref().map(|(until, _)| until.ms()),
            state.blocked.as_ref().map(|(_, kind)| kind),
            state.budget_used,
            state.budget_limit,
            state.requests as i64,
            state.latency_p50_ms,
            state.latency_p95_ms,
            state.last_ok_at.map(Time::ms),
            state.last_error.as_ref().map(|(at, _)| at.ms()),
            state.last_error.as_ref().map(|(_, text)| text),
            state.clock_offset_ms,
        ])?;
    connection.prepare_cached("DELETE FROM exchange_errors WHERE exchange = ?1")?.execute([state.exchange.name()])?;
    let mut insert = connection.prepare_cached("INSERT INTO exchange_errors (exchange, kind, count) VALUES (?1, ?2, ?3)")?;
    for (kind, count) in &state.errors {
        insert.execute(params![state.exchange.name(), kind, *count as i64])?;
    }
    Ok(())
}

/// The stored state of an exchange, if there is one.
pub fn get(connection: &Connection, exchange: ExchangeId) -> Result<Option<ExchangeState>, StoreError> {
    let mut errors = connection.prepare_cached("SELECT kind, count FROM exchange_errors WHERE exchange = ?1 ORDER BY kind")?;
    let errors = errors
        .query_map([exchange.name()], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs())))?
        .collect::<Result<Vec<_>, _>>()?;
    let state = connection
        .prepare_cached(
            "SELECT updated_at, host, fallback, circuit, blocked_until, block_kind, budget_used, budget_limit, requests, latency_p50_ms,
                 latency_p95_ms, last_ok_at, last_error_at, last_error, clock_offset_ms FROM exchange_state WHERE exchange = ?1",
        )?
        .query_row([exchange.name()], |row| {
            let time = |at: usize| row.get::<_, Option<i64>>(at).map(|ms| ms.map(Time::from_ms));
            Ok(ExchangeState {
                exchange,
                updated_at: Time::from_ms(row.get(0)?),
                host: row.get(1)?,
                fallback: row.get(2)?,
                circuit: row.get(3)?,
                blocked: time(4)?.zip(row.get(5)?),
                budget_used: row.get(6)?,
                budget_limit: row.get(7)?,
                requests: row.get::<_, i64>(8)?.unsigned_abs(),
                latency_p50_ms: row.get(9)?,
                latency_p95_ms: row.get(10)?,
                last_ok_at: time(11)?,
                last_error: time(12)?.zip(row.get(13)?),
                clock_offset_ms: row.get(14)?,
                errors,
            })
        })
        .optional()?;
    Ok(state)
}
