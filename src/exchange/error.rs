//! What can go wrong between us and an exchange, and what to do about it.

use crate::domain::time::Time;
use std::time::Duration;

/// What a caller does after an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// The same request would fail again.
    Never,
    /// Try again after an exponential back-off.
    Backoff,
    /// Try again no sooner than this.
    After(Duration),
}

/// A failed request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExchangeError {
    /// No connection, or one that broke.
    #[error("{host} cannot be reached: {cause}")]
    Unreachable {
        /// Host and port.
        host: String,
        /// The lowest cause, in the system's words.
        cause: String,
    },
    /// No whole answer in time.
    #[error("{host} did not answer within {}s ({stage})", .limit.as_secs_f32())]
    Timeout {
        /// Host and port.
        host: String,
        /// `connect`, `first byte` or `whole answer`.
        stage: &'static str,
        /// The limit that ran out.
        limit: Duration,
    },
    /// HTTP 429: over the budget.
    #[error("rate limited until {}", .until.iso())]
    RateLimited {
        /// End of `Retry-After`, by the local clock.
        until: Time,
        /// What is left of it.
        wait: Duration,
    },
    /// HTTP 418: the address is banned.
    #[error("banned until {}", .until.iso())]
    Banned {
        /// End of the ban, by the local clock.
        until: Time,
        /// What is left of it.
        wait: Duration,
    },
    /// HTTP 403 or 451 from every host: a firewall, or a region that is not served.
    #[error("{host} refuses this address (HTTP {status}): {message}")]
    Blocked {
        /// The last host that was tried.
        host: String,
        /// 403 or 451.
        status: u16,
        /// The exchange's words, shortened.
        message: String,
    },
    /// The exchange is under maintenance.
    #[error("the exchange is under maintenance: {0}")]
    Maintenance(String),
    /// 5xx, or a code that says "internal".
    #[error("the exchange failed (HTTP {status}): {message}")]
    Server {
        /// HTTP status.
        status: u16,
        /// The exchange's words, shortened.
        message: String,
    },
    /// The exchange does not know the symbol.
    #[error("the exchange does not know {0}")]
    UnknownSymbol(String),
    /// The instrument is in another state than the request needs.
    #[error("the instrument's state does not fit: {0}")]
    WrongStatus(String),
    /// The exchange does not serve this interval.
    #[error("the exchange does not serve this interval")]
    UnknownInterval,
    /// The exchange has no such data, or none of this instrument.
    #[error("not served: {0}")]
    NotServed(String),
    /// Signed requests only: the clock is outside the exchange's window.
    #[error("the local clock is outside the exchange's window: {0}")]
    ClockSkew(String),
    /// The request itself is wrong: our fault.
    #[error("the exchange refused the request ({code}): {message}")]
    BadRequest {
        /// The exchange's error code, or the HTTP status where there was none.
        code: i64,
        /// The exchange's words, shortened.
        message: String,
    },
    /// The body is not what the interface promises: HTML, cut JSON, wrong length, bad gzip.
    #[error("unreadable answer ({what}): {excerpt}")]
    Malformed {
        /// What is wrong.
        what: String,
        /// The body's beginning.
        excerpt: String,
    },
    /// The body is larger than any honest answer.
    #[error("the answer is larger than {limit} bytes")]
    TooLarge {
        /// The cap in bytes.
        limit: u64,
    },
    /// A sound answer to another question.
    #[error("the answer does not fit the question: {0}")]
    WrongAnswer(String),
    /// The circuit breaker is open; nothing was sent.
    #[error("paused after repeated failures; next try at {} UTC", .until.format("%H:%M:%S"))]
    CircuitOpen {
        /// When one request is let through again, by the local clock.
        until: Time,
        /// What is left of it.
        wait: Duration,
    },
}

impl ExchangeError {
    /// An empty range was asked for; nothing is sent.
    pub(super) fn empty_range() -> Self {
        Self::BadRequest { code: 0, message: "an empty range was asked for".into() }
    }

    /// A cursor that leads nowhere in what was asked; nothing is sent.
    pub(super) fn bad_cursor(cursor: &str) -> Self {
        Self::BadRequest { code: 0, message: format!("`{cursor}` is no place in the asked range") }
    }

    /// What to do next.
    pub fn retry(&self) -> Retry {
        match self {
            Self::Unreachable { .. }
            | Self::Timeout { .. }
            | Self::Server { .. }
            | Self::Maintenance(_)
            | Self::Malformed { .. }
            | Self::TooLarge { .. }
            | Self::WrongAnswer(_) => Retry::Backoff,
            Self::RateLimited { wait, .. } | Self::Banned { wait, .. } | Self::CircuitOpen { wait, .. } => Retry::After(*wait),
            // A region or a firewall may open again, but not within seconds. A 4xx without a code of the
            // exchange comes from something in between (a captive portal, a proxy, a misrouted host)
            // and must not end a series for good.
            Self::Blocked { .. } | Self::BadRequest { code: 400..=499, .. } => Retry::After(Duration::from_secs(300)),
            Self::UnknownSymbol(_)
            | Self::WrongStatus(_)
            | Self::UnknownInterval
            | Self::NotServed(_)
            | Self::ClockSkew(_)
            | Self::BadRequest { .. } => Retry::Never,
        }
    }

    /// A stable short name, for counters and JSON.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Unreachable { .. } => "unreachable",
            Self::Timeout { .. } => "timeout",
            Self::RateLimited { .. } => "rate_limited",
            Self::Banned { .. } => "banned",
            Self::Blocked { .. } => "blocked",
            Self::Maintenance(_) => "maintenance",
            Self::Server { .. } => "server",
            Self::UnknownSymbol(_) => "unknown_symbol",
            Self::WrongStatus(_) => "wrong_status",
            Self::UnknownInterval => "unknown_interval",
            Self::NotServed(_) => "not_served",
            Self::ClockSkew(_) => "clock_skew",
            Self::BadRequest { .. } => "bad_request",
            Self::Malformed { .. } => "malformed",
            Self::TooLarge { .. } => "too_large",
            Self::WrongAnswer(_) => "wrong_answer",
            Self::CircuitOpen { .. } => "circuit_open",
        }
    }

    /// Whether the exchange as a whole failed to serve, so that the circuit breaker counts it.
    /// Limits and bans have their own wait; refusals of one symbol say nothing of the exchange.
    pub const fn is_outage(&self) -> bool {
        matches!(
            self,
            Self::Unreachable { .. } | Self::Timeout { .. } | Self::Server { .. } | Self::Maintenance(_) | Self::Malformed { .. }
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_exchanges_own_refusal_is_final() {
        let retry = |code: i64| ExchangeError::BadRequest { code, message: String::new() }.retry();
        assert_eq!(retry(-1100), Retry::Never);
        assert_eq!(retry(0), Retry::Never);
        assert_eq!(retry(50_014), Retry::Never);
        assert_eq!(retry(404), Retry::After(Duration::from_secs(300)));
    }
}
