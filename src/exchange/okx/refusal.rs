//! What OKX's refusals mean: every HTTP status and error code as a typed error. Pure.
//!
//! Most refusals of OKX come with HTTP 200, so the code speaks first; the status alone speaks where
//! there is no code, or where it tells of a block or a limit (403, 451, 429).

use super::wire::Envelope;
use crate::domain::time::Time;
use crate::exchange::error::ExchangeError;
use crate::exchange::governor::Refusal;
use crate::exchange::silence::parse_retry_after;
use crate::exchange::text::{cut, plain};
use std::time::Duration;

/// OKX counts requests within two seconds and says no more than that there were too many.
const TOO_MANY_PAUSE: Duration = Duration::from_secs(2);

/// An answer that is no success.
#[derive(Debug, Clone, Copy)]
pub struct Refused<'a> {
    /// Host that gave it.
    pub host: &'a str,
    /// HTTP status; 200 mostly.
    pub status: u16,
    /// `Retry-After`, which Cloudflare in front of OKX may send.
    pub retry_after: Option<&'a str>,
    /// JSON `{code, msg, data}`, HTML or nothing.
    pub body: &'a [u8],
    /// Native symbol that was asked for, where there was one.
    pub native: &'a str,
    /// The exchange's present time.
    pub now: Time,
}

impl Refused<'_> {
    /// What it means.
    pub fn refusal(&self) -> Refusal {
        let body = String::from_utf8_lossy(self.body);
        let envelope: Option<Envelope<'_>> = serde_json::from_str(&body).ok();
        let message = envelope.as_ref().map_or_else(|| plain(&body), |envelope| cut(&envelope.msg, 300));
        let code = envelope.as_ref().map(|envelope| envelope.code.get().trim_matches('"'));
        match (self.status, code.and_then(|code| code.parse().ok())) {
            (403 | 451, _) => self.blocked(message).into(),
            (429, _) | (_, Some(50011 | 50013 | 50040 | 50061)) => {
                let told = self.retry_after.and_then(|text| parse_retry_after(text, self.now));
                Refusal::RateLimited(Some(told.unwrap_or_default().max(TOO_MANY_PAUSE)))
            }
            (_, Some(code)) if code >= LEAST_CODE => self.by_code(code, message).into(),
            (200..=299, Some(code)) if code != 0 => self.by_code(code, message).into(),
            (200..=299, _) => ExchangeError::Malformed { what: "no rows of OKX".into(), excerpt: plain(&body) }.into(),
            (408 | 500.., _) => ExchangeError::Server { status: self.status, message }.into(),
            (status, _) => ExchangeError::BadRequest { code: i64::from(status), message }.into(),
        }
    }

    fn by_code(&self, code: i64, message: String) -> ExchangeError {
        match code {
            50001 => ExchangeError::Maintenance(message),
            // 50004: no answer of a machine behind; 50026: an error of the system.
            50004 | 50026 => ExchangeError::Server { status: self.status, message },
            50005 => ExchangeError::NotServed(message),
            50047 => ExchangeError::WrongStatus(message),
            // Not served in this region.
            50051 | 50052 | 51155 => self.blocked(message),
            50102 => ExchangeError::ClockSkew(message),
            51001 => ExchangeError::UnknownSymbol(if self.native.is_empty() { message } else { self.native.to_owned() }),
            _ if self.status >= 500 => ExchangeError::Server { status: self.status, message },
            _ => ExchangeError::BadRequest { code, message },
        }
    }

    fn blocked(&self, message: String) -> ExchangeError {
        ExchangeError::Blocked { host: self.host.to_owned(), status: self.status, message }
    }
}

/// OKX's codes have five digits; the gateway in front of it repeats the HTTP status as a code.
const LEAST_CODE: i64 = 10_000;

#[cfg(test)]
mod tests;
