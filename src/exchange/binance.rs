//! Binance spot: public market data over REST.

mod client;
mod hosts;
pub mod parse;
pub mod refusal;
pub mod wire;

pub use client::Binance;

use super::circuit::CircuitSettings;
use super::http::HttpSettings;
use super::secret::Secret;

/// The exchange's own host.
pub const REST_URL: &str = "https://api.binance.com";
/// Market data alone, without a key, on the same paths; serves regions that [`REST_URL`] refuses.
pub const DATA_URL: &str = "https://data-api.binance.vision";

/// How Binance is reached.
#[derive(Debug, Clone, PartialEq)]
pub struct BinanceSettings {
    /// Host of the REST interface, without a path.
    pub rest_url: String,
    /// Host to ask where that one refuses this address (HTTP 403 or 451). `None`: [`DATA_URL`] for
    /// the default `rest_url`, and none for any other, so that a mirror or a test server never
    /// sends us elsewhere. Empty: none at all.
    pub fallback_url: Option<String>,
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
}

#[cfg(test)]
mod tests {
    use super::*;

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
