//! Refusals that do not depend on the path, in each exchange's own way.

use super::super::fault::Fault;
use super::super::limits::Verdict;
use super::super::venue::Venue;
use super::super::{binance, kraken, okx};
use super::Answer;
use crate::domain::time::Time;
use std::time::Duration;

/// What a spent budget answers, with its `Retry-After`; `None` where the request may pass.
pub(in crate::sim) fn refused(venue: Venue, verdict: Verdict, now: Time, limit: u32) -> Option<(Answer, Option<u64>)> {
    let binance = matches!(venue, Venue::Binance | Venue::BinanceUsdm);
    let (answer, wait) = match verdict {
        Verdict::Allowed => return None,
        // The message is in the exchange's time, which may run at another speed than the header's.
        Verdict::Banned { remaining } => {
            (banned(venue, now.plus_ms(i64::try_from(remaining.as_millis()).unwrap_or(i64::MAX))), remaining)
        }
        Verdict::Refused { retry_after } => (too_many_requests(venue, limit), retry_after),
    };
    // The others do not say how long to wait.
    Some((answer, binance.then(|| whole_seconds(wait))))
}

/// The answer that a fault puts in the place of the true one, if it does, with its `Retry-After`.
pub(in crate::sim) fn failure(venue: Venue, fault: Fault, now: Time, limit: u32) -> Option<(Answer, Option<u64>)> {
    let answer = match fault {
        Fault::TooManyRequests { retry_after } => return Some((too_many_requests(venue, limit), retry_after)),
        Fault::Banned { retry_after: seconds } => {
            let until = now.plus_ms(i64::try_from(seconds).unwrap_or(i64::MAX).saturating_mul(1_000));
            return Some((banned(venue, until), Some(seconds)));
        }
        Fault::Firewall => server_error(venue, 403),
        Fault::Restricted => match venue {
            Venue::Binance | Venue::BinanceUsdm => binance::restricted(),
            Venue::Okx => okx::restricted(),
            Venue::Kraken => html(403, "Forbidden"),
        },
        Fault::ServerError { status } => server_error(venue, status),
        Fault::Html => Answer { status: 200, ..html(403, "Forbidden") },
        _ => return None,
    };
    Some((answer, None))
}

fn too_many_requests(venue: Venue, limit: u32) -> Answer {
    match venue {
        Venue::Binance | Venue::BinanceUsdm => binance::too_many_requests(limit),
        Venue::Okx => okx::too_many_requests(),
        Venue::Kraken => kraken::too_many_requests(),
    }
}

fn banned(venue: Venue, until: Time) -> Answer {
    match venue {
        Venue::Binance | Venue::BinanceUsdm => binance::banned(until),
        Venue::Okx => html(403, "Forbidden"),
        Venue::Kraken => kraken::locked_out(),
    }
}

/// 403 and 5xx.
pub(in crate::sim) fn server_error(venue: Venue, status: u16) -> Answer {
    match status {
        502 => html(502, "Bad Gateway"),
        500 | 503 | 504 => match venue {
            Venue::Binance | Venue::BinanceUsdm => binance::server_error(status),
            Venue::Okx => okx::server_error(status),
            Venue::Kraken => kraken::server_error(status),
        },
        _ => html(status, "Forbidden"),
    }
}

/// 404.
pub(in crate::sim) fn not_found(venue: Venue) -> Answer {
    match venue {
        Venue::Kraken => kraken::unknown_method(),
        _ => html(404, "Not Found"),
    }
}

/// The answer to another method than GET.
pub(in crate::sim) fn method_not_allowed() -> Answer {
    html(405, "Method Not Allowed")
}

fn html(status: u16, reason: &str) -> Answer {
    let body = format!(
        "<html>\r\n<head><title>{status} {reason}</title></head>\r\n<body>\r\n<center><h1>{status} {reason}</h1></center>\r\n\
         </body>\r\n</html>\r\n"
    );
    Answer { status, body: body.into_bytes(), is_html: true }
}

/// Rounded up: who waits that long is let in.
fn whole_seconds(duration: Duration) -> u64 {
    duration.as_millis().div_ceil(1_000).max(1) as u64
}
