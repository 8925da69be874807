//! What Binance's refusals mean: every HTTP status and error code as a typed error. Pure.

use super::wire::Failure;
use crate::domain::time::Time;
use crate::exchange::error::ExchangeError;
use crate::exchange::governor::Refusal;
use crate::exchange::silence::parse_retry_after;
use crate::exchange::text::{cut, plain};
use std::time::Duration;

/// An answer that is no 2xx.
#[derive(Debug, Clone, Copy)]
pub struct Refused<'a> {
    /// Host that gave it.
    pub host: &'a str,
    /// HTTP status.
    pub status: u16,
    /// `Retry-After`.
    pub retry_after: Option<&'a str>,
    /// JSON `{code, msg}`, HTML or nothing.
    pub body: &'a [u8],
    /// Native symbol that was asked for, where there was one.
    pub native: &'a str,
    /// The exchange's present time: bans end by its clock.
    pub now: Time,
}

impl Refused<'_> {
    /// What it means. Status and code both speak: a known code wins, except where the status alone
    /// tells of an order or a block (429, 418, 403, 451).
    pub fn refusal(&self) -> Refusal {
        let body = String::from_utf8_lossy(self.body);
        let failure: Option<Failure<'_>> = serde_json::from_str(&body).ok();
        let message = failure.as_ref().map_or_else(|| plain(&body), |failure| cut(&failure.msg, 300));
        match (self.status, failure.as_ref().map(|failure| failure.code)) {
            (418, _) => Refusal::Banned(self.ban(&message)),
            (_, Some(-1003)) if banned_until(&message).is_some() => Refusal::Banned(self.ban(&message)),
            (429, _) | (_, Some(-1003)) => Refusal::RateLimited(self.retry_after()),
            (403 | 451, _) => ExchangeError::Blocked { host: self.host.to_owned(), status: self.status, message }.into(),
            (_, Some(code)) if code != 0 => self.by_code(code, message).into(),
            // 408: the exchange gave up waiting for our request.
            (408 | 500.., _) => ExchangeError::Server { status: self.status, message }.into(),
            (status, _) => ExchangeError::BadRequest { code: i64::from(status), message }.into(),
        }
    }

    fn by_code(&self, code: i64, message: String) -> ExchangeError {
        match code {
            -1000 | -1001 | -1006 | -1007 | -1008 => ExchangeError::Server { status: self.status, message },
            -1016 => ExchangeError::Maintenance(message),
            -1021 => ExchangeError::ClockSkew(message),
            -1120 => ExchangeError::UnknownInterval,
            -1121 => ExchangeError::UnknownSymbol(if self.native.is_empty() { message } else { self.native.to_owned() }),
            -1122 | -1220 => ExchangeError::WrongStatus(message),
            _ if self.status >= 500 => ExchangeError::Server { status: self.status, message },
            _ => ExchangeError::BadRequest { code, message },
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        self.retry_after.and_then(|text| parse_retry_after(text, self.now))
    }

    /// The later of `Retry-After` and the end that the message names.
    fn ban(&self, message: &str) -> Option<Duration> {
        let named = banned_until(message).map(|until| Duration::from_millis(until.since(self.now).max(0).unsigned_abs()));
        self.retry_after().max(named)
    }
}

/// The end of a ban in `... IP banned until 1700000000000 ...`, by the exchange's clock.
fn banned_until(message: &str) -> Option<Time> {
    let (_, rest) = message.split_once("banned until ")?;
    let digits = rest.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok().map(Time::from_ms)
}

#[cfg(test)]
mod tests;
