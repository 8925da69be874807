//! How an exchange serves us: plain data for `status`, the status bar and the store.

use crate::domain::instrument::ExchangeId;
use crate::domain::time::Time;

/// State of an exchange's circuit breaker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Circuit {
    /// Requests flow.
    Closed,
    /// Nothing is sent until then (local clock).
    Open {
        /// When one request is let through to probe.
        until: Time,
    },
    /// One request probes whether the exchange serves again.
    HalfOpen,
}

impl Circuit {
    /// `closed`, `open`, `half-open`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open { .. } => "open",
            Self::HalfOpen => "half-open",
        }
    }
}

/// Why nothing may be sent for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlockKind {
    /// HTTP 429.
    RateLimit,
    /// HTTP 418.
    Ban,
}

impl BlockKind {
    /// Its name in the store and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::RateLimit => "rate_limit",
            Self::Ban => "ban",
        }
    }

    /// For people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::RateLimit => "rate limited",
            Self::Ban => "banned",
        }
    }

    /// The kind of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::RateLimit, Self::Ban].into_iter().find(|kind| kind.name() == name)
    }
}

/// A stretch in which the exchange has told us to be silent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block {
    /// Its end, by the local clock.
    pub until: Time,
    /// Which.
    pub kind: BlockKind,
}

/// How an exchange serves us, since this process started where nothing else is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// Which exchange.
    pub exchange: ExchangeId,
    /// Host that serves us at present.
    pub host: String,
    /// Whether that host stands in for one that refused us (403 or 451).
    pub fallback: bool,
    /// Circuit breaker.
    pub circuit: Circuit,
    /// Ordered silence, if it lasts.
    pub block: Option<Block>,
    /// Weight used within the present window.
    pub budget_used: u32,
    /// Weight that one window allows.
    pub budget_limit: u32,
    /// Requests sent.
    pub requests: u64,
    /// Requests under way.
    pub in_flight: u32,
    /// Median time from request to whole answer, of the newest few hundred.
    pub latency_p50_ms: Option<u32>,
    /// 95th percentile of the same.
    pub latency_p95_ms: Option<u32>,
    /// Errors by [`super::error::ExchangeError::kind`].
    pub errors: Vec<(&'static str, u64)>,
    /// Last sound answer, by the local clock.
    pub last_ok_at: Option<Time>,
    /// Last error, by the local clock, with its text.
    pub last_error: Option<(Time, String)>,
    /// Exchange's clock minus ours in milliseconds, once measured.
    pub clock_offset_ms: Option<i64>,
}
