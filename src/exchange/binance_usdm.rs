//! Binance's USD-M futures: perpetuals that are settled in a stablecoin. Another host, budget and clock
//! than spot; the same words, read by the same code, where the payloads are the same.

mod client;
mod history;
pub mod parse;
pub mod stream;
pub mod wire;

pub use client::BinanceUsdm;
pub(super) use client::PAGE_OF_CANDLES;

use super::circuit::CircuitSettings;
use super::http::HttpSettings;

/// The exchange's own host. There is no other: a region that it refuses is not served.
pub const REST_URL: &str = "https://fapi.binance.com";
/// The exchange's own sockets.
pub const STREAM_URL: &str = "wss://fstream.binance.com";

/// How Binance's futures are reached.
#[derive(Debug, Clone, PartialEq)]
pub struct UsdmSettings {
    /// Host of the REST interface, without a path.
    pub rest_url: String,
    /// Host of the sockets, without a path. `None`: [`STREAM_URL`] for the default `rest_url`, and none for
    /// any other, so that a test server never sends us elsewhere. Empty: none at all.
    pub ws_url: Option<String>,
    /// Bounds of one request.
    pub http: HttpSettings,
    /// Share of the budget, 0 to 1, that backfills leave to live data.
    pub live_share: f64,
    /// Circuit breaker.
    pub circuit: CircuitSettings,
}

impl Default for UsdmSettings {
    fn default() -> Self {
        Self {
            rest_url: REST_URL.into(),
            ws_url: None,
            http: HttpSettings::default(),
            live_share: 0.1,
            circuit: CircuitSettings::default(),
        }
    }
}

impl UsdmSettings {
    /// The host of the sockets that these settings amount to.
    pub fn streams(&self) -> Option<&str> {
        let is_default = self.rest_url.trim().trim_end_matches('/') == REST_URL;
        let chosen = self.ws_url.as_deref().or_else(|| is_default.then_some(STREAM_URL));
        chosen.filter(|url| !url.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sockets_go_with_the_rest_host() {
        let check = |rest_url: &str, ws_url: Option<&str>, expected: Option<&str>| {
            let settings = UsdmSettings { rest_url: rest_url.into(), ws_url: ws_url.map(Into::into), ..Default::default() };
            assert_eq!(settings.streams(), expected, "{rest_url} {ws_url:?}");
        };
        check(REST_URL, None, Some(STREAM_URL));
        check("https://fapi.binance.com/", None, Some(STREAM_URL));
        check(REST_URL, Some(""), None);
        check("http://127.0.0.1:9000", None, None);
        check("http://127.0.0.1:9000", Some("ws://127.0.0.1:9001"), Some("ws://127.0.0.1:9001"));
    }
}
