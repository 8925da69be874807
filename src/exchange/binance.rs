//! Binance spot: public market data over REST and sockets.

mod client;
pub(super) mod hosts;
pub mod parse;
pub mod refusal;
pub(super) mod rest;
pub mod rows;
pub mod stream;
pub(super) mod trades;
pub mod wire;

pub use client::Binance;
pub(super) use client::PAGE_OF_CANDLES;

use super::circuit::CircuitSettings;
use super::http::HttpSettings;
use super::secret::Secret;

/// The exchange's own host.
pub const REST_URL: &str = "https://api.binance.com";
/// Market data alone, without a key, on the same paths; serves regions that [`REST_URL`] refuses.
pub const DATA_URL: &str = "https://data-api.binance.vision";

/// The exchange's own sockets.
pub const STREAM_URL: &str = "wss://stream.binance.com:9443";
/// Sockets of market data alone: belongs to [`DATA_URL`].
pub const DATA_STREAM_URL: &str = "wss://data-stream.binance.vision";

/// How Binance is reached.
#[derive(Debug, Clone, PartialEq)]
pub struct BinanceSettings {
    /// Host of the REST interface, without a path.
    pub rest_url: String,
    /// Host to ask where that one refuses this address (HTTP 403 or 451). `None`: [`DATA_URL`] for
    /// the default `rest_url`, and none for any other, so that a mirror or a test server never
    /// sends us elsewhere. Empty: none at all.
    pub fallback_url: Option<String>,
    /// Host of the sockets. `None`: the one that belongs to the REST host, which is [`STREAM_URL`] or
    /// [`DATA_STREAM_URL`], and no sockets for any other `rest_url`, for the same reason. Empty: none at all.
    pub ws_url: Option<String>,
    /// `X-MBX-APIKEY`. Accepted because people have it in their environment, and never sent: every
    /// endpoint in use is public, and a key sent for nothing could only leak.
    pub api_key: Option<Secret>,
    /// Bounds of one request.
    pub http: HttpSettings,
    /// Share of the budget, 0 to 1, that backfills leave to live data.
    pub live_share: f64,
    /// Circuit breaker.
    pub circuit: CircuitSettings,
}

impl Default for BinanceSettings {
    fn default() -> Self {
        Self {
            rest_url: REST_URL.into(),
            fallback_url: None,
            ws_url: None,
            api_key: None,
            http: HttpSettings::default(),
            live_share: 0.1,
            circuit: CircuitSettings::default(),
        }
    }
}

impl BinanceSettings {
    /// The fallback that these settings amount to.
    pub fn fallback(&self) -> Option<&str> {
        let is_default = self.rest_url.trim().trim_end_matches('/') == REST_URL;
        let chosen = self.fallback_url.as_deref().or_else(|| is_default.then_some(DATA_URL));
        chosen.filter(|url| !url.is_empty())
    }

    /// The host of the sockets that these settings amount to.
    pub fn streams(&self) -> Option<&str> {
        let chosen = self.ws_url.as_deref().or_else(|| streams_of(&self.rest_url));
        chosen.filter(|url| !url.is_empty())
    }

    /// The host of the sockets while the fallback serves; `None` where it stays the same.
    fn fallback_streams(&self) -> Option<&str> {
        if self.ws_url.is_some() { None } else { self.fallback().and_then(streams_of) }
    }
}

/// The sockets that belong to a REST host.
fn streams_of(rest_url: &str) -> Option<&'static str> {
    match rest_url.trim().trim_end_matches('/') {
        REST_URL => Some(STREAM_URL),
        DATA_URL => Some(DATA_STREAM_URL),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sockets_go_with_the_rest_host() {
        let check = |rest_url: &str, ws_url: Option<&str>, expected: Option<&str>, fallback: Option<&str>| {
            let settings = BinanceSettings { rest_url: rest_url.into(), ws_url: ws_url.map(Into::into), ..Default::default() };
            assert_eq!((settings.streams(), settings.fallback_streams()), (expected, fallback), "{rest_url} {ws_url:?}");
        };
        check(REST_URL, None, Some(STREAM_URL), Some(DATA_STREAM_URL));
        check("https://api.binance.com/", None, Some(STREAM_URL), Some(DATA_STREAM_URL));
        check(DATA_URL, None, Some(DATA_STREAM_URL), None);
        check("http://127.0.0.1:9000", None, None, None);
        check("http://127.0.0.1:9000", Some("ws://127.0.0.1:9001"), Some("ws://127.0.0.1:9001"), None);
        check(REST_URL, Some(""), None, None);
    }

    #[test]
    fn only_the_default_host_has_a_fallback_of_its_own() {
        let check = |rest_url: &str, fallback_url: Option<&str>, expected: Option<&str>| {
            let settings =
                BinanceSettings { rest_url: rest_url.into(), fallback_url: fallback_url.map(Into::into), ..Default::default() };
            assert_eq!(settings.fallback(), expected);
        };
        check(REST_URL, None, Some(DATA_URL));
        check(REST_URL, Some(""), None);
        check("https://api.binance.com/", None, Some(DATA_URL));
        check("http://127.0.0.1:9000", None, None);
        check("http://127.0.0.1:9000", Some("http://127.0.0.1:9001"), Some("http://127.0.0.1:9001"));
        check(REST_URL, Some("https://api4.binance.com"), Some("https://api4.binance.com"));
    }
}
