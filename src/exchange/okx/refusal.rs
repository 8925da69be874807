//! What OKX's refusals mean: every HTTP status and error code as a typed error. Pure.
//!
//! Most refusals of OKX come with HTTP 200, so the code speaks first; the status alone speaks where
//! there is no code, or where it tells of a block or a limit (403, 451, 429).

use super::wire::Envelope;
use crate::exchange::error::ExchangeError;
use crate::exchange::governor::Refusal;
use crate::exchange::response::Response;
use crate::exchange::text::{cut, plain};
use std::time::Duration;

/// OKX counts requests within two seconds and says no more than that there were too many.
const TOO_MANY_PAUSE: Duration = Duration::from_secs(2);

/// What an answer means that is no success.
pub fn refusal(response: &Response<'_>) -> Refusal {
    let body = String::from_utf8_lossy(response.body);
    let envelope: Option<Envelope<'_>> = serde_json::from_str(&body).ok();
    let message = envelope.as_ref().map_or_else(|| plain(&body), |envelope| cut(&envelope.msg, 300));
    let code = envelope.as_ref().map(|envelope| envelope.code.get().trim_matches('"'));
    match (response.status, code.and_then(|code| code.parse().ok())) {
        (403 | 451, _) => response.blocked(message).into(),
        (429, _) | (_, Some(50011 | 50013 | 50040 | 50061)) => {
            Refusal::RateLimited(Some(response.retry_after().unwrap_or_default().max(TOO_MANY_PAUSE)))
        }
        (_, Some(code)) if code >= LEAST_CODE => by_code(response, code, message).into(),
        (200..=299, Some(code)) if code != 0 => by_code(response, code, message).into(),
        (200..=299, _) => ExchangeError::Malformed { what: "no rows of OKX".into(), excerpt: plain(&body) }.into(),
        _ => response.by_status(message).into(),
    }
}

fn by_code(response: &Response<'_>, code: i64, message: String) -> ExchangeError {
    match code {
        50001 => ExchangeError::Maintenance(message),
        // 50004: no answer of a machine behind; 50026: an error of the system.
        50004 | 50026 => response.server(message),
        50005 => ExchangeError::NotServed(message),
        50047 => ExchangeError::WrongStatus(message),
        // Not served in this region.
        50051 | 50052 | 51155 => response.blocked(message),
        50102 => ExchangeError::ClockSkew(message),
        51001 => response.unknown_symbol(message),
        _ if response.status >= 500 => response.server(message),
        _ => ExchangeError::BadRequest { code, message },
    }
}

/// OKX's codes have five digits; the gateway in front of it repeats the HTTP status as a code.
const LEAST_CODE: i64 = 10_000;

#[cfg(test)]
mod tests;
