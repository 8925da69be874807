//! What Binance's refusals mean: every HTTP status and error code as a typed error. Pure.

use super::wire::Failure;
use crate::domain::time::Time;
use crate::exchange::error::ExchangeError;
use crate::exchange::governor::Refusal;
use crate::exchange::response::Response;
use crate::exchange::text::{cut, plain};
use std::time::Duration;

/// What an answer means that is no 2xx. Status and code both speak: a known code wins, except where the status
/// alone tells of an order or a block (429, 418, 403, 451).
pub fn refusal(response: &Response<'_>) -> Refusal {
    let body = String::from_utf8_lossy(response.body);
    let failure: Option<Failure<'_>> = serde_json::from_str(&body).ok();
    let message = failure.as_ref().map_or_else(|| plain(&body), |failure| cut(&failure.msg, 300));
    match (response.status, failure.as_ref().map(|failure| failure.code)) {
        (418, _) => Refusal::Banned(ban(response, &message)),
        (_, Some(-1003)) if banned_until(&message).is_some() => Refusal::Banned(ban(response, &message)),
        (429, _) | (_, Some(-1003)) => Refusal::RateLimited(response.retry_after()),
        (403 | 451, _) => response.blocked(message).into(),
        (_, Some(code)) if code != 0 => by_code(response, code, message).into(),
        _ => response.by_status(message).into(),
    }
}

fn by_code(response: &Response<'_>, code: i64, message: String) -> ExchangeError {
    match code {
        -1000 | -1001 | -1006 | -1007 | -1008 => response.server(message),
        -1016 => ExchangeError::Maintenance(message),
        -1021 => ExchangeError::ClockSkew(message),
        -1120 => ExchangeError::UnknownInterval,
        -1121 => response.unknown_symbol(message),
        -1122 | -1220 => ExchangeError::WrongStatus(message),
        _ if response.status >= 500 => response.server(message),
        _ => ExchangeError::BadRequest { code, message },
    }
}

/// The later of `Retry-After` and the end that the message names.
fn ban(response: &Response<'_>, message: &str) -> Option<Duration> {
    let named = banned_until(message).map(|until| Duration::from_millis(until.since(response.now).max(0).unsigned_abs()));
    response.retry_after().max(named)
}

/// The end of a ban in `... IP banned until 1700000000000 ...`, by the exchange's clock.
fn banned_until(message: &str) -> Option<Time> {
    let (_, rest) = message.split_once("banned until ")?;
    let digits = rest.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok().map(Time::from_ms)
}

#[cfg(test)]
mod tests;
