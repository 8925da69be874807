//! Kraken spot: public market data over REST and by WebSocket v2.
//!
//! Its candles reach back 720 of a width and no further. What is older is folded from its trades,
//! which reach back to 2013: see [`rebuild`].

mod client;
pub mod parse;
pub mod rebuild;
pub mod refusal;
pub mod stream;
pub mod wire;

pub use client::Kraken;
pub(super) use client::page_of_candles;

use super::circuit::CircuitSettings;
use super::http::HttpSettings;
use crate::domain::interval::Interval;

/// The REST interface.
pub const REST_URL: &str = "https://api.kraken.com";
/// The streams.
pub const WS_URL: &str = "wss://ws.kraken.com";

/// How Kraken is reached.
#[derive(Debug, Clone, PartialEq)]
pub struct KrakenSettings {
    /// Host of the REST interface, without a path.
    pub rest_url: String,
    /// Host of the streams, without a path; `None`: none.
    pub ws_url: Option<String>,
    /// Bounds of one request.
    pub http: HttpSettings,
    /// Share of the budget, 0 to 1, that backfills leave to live data.
    pub live_share: f64,
    /// Circuit breaker.
    pub circuit: CircuitSettings,
}

impl Default for KrakenSettings {
    fn default() -> Self {
        Self {
            rest_url: REST_URL.into(),
            ws_url: Some(WS_URL.into()),
            http: HttpSettings::default(),
            live_share: 0.1,
            circuit: CircuitSettings::default(),
        }
    }
}

/// Kraken's number of an interval, in minutes; `None` where it has no such candles. Its weeks open
/// on Thursday and are other candles than ours, which open on Monday.
pub fn minutes(interval: Interval) -> Option<u32> {
    match interval {
        Interval::M1 => Some(1),
        Interval::M5 => Some(5),
        Interval::M15 => Some(15),
        Interval::M30 => Some(30),
        Interval::H1 => Some(60),
        Interval::H4 => Some(240),
        Interval::D1 => Some(1_440),
        Interval::M3 | Interval::H2 | Interval::H6 | Interval::H12 | Interval::W1 => None,
    }
}

/// Why an interval is not served, in a line.
fn unserved(interval: Interval) -> String {
    let why = if interval == Interval::W1 { " that open on Monday" } else { "" };
    format!("kraken has no {interval} candles{why}: use 1m, 5m, 15m, 30m, 1h, 4h or 1d")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_are_refused_and_widths_are_minutes() {
        for interval in Interval::ALL {
            assert!(minutes(interval).is_none_or(|minutes| i64::from(minutes) * 60_000 == interval.ms()), "{interval}");
        }
        assert_eq!(Interval::ALL.into_iter().filter(|interval| minutes(*interval).is_some()).count(), 7);
        let line = "kraken has no 1w candles that open on Monday: use 1m, 5m, 15m, 30m, 1h, 4h or 1d";
        assert_eq!(unserved(Interval::W1), line);
        assert_eq!(unserved(Interval::M3), "kraken has no 3m candles: use 1m, 5m, 15m, 30m, 1h, 4h or 1d");
    }
}
