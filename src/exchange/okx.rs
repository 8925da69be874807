//! OKX: public market data of spot markets and swaps (perpetuals), over REST and streams.

mod client;
mod endpoint;
mod first;
pub mod parse;
pub mod refusal;
mod service;
pub mod stream;
mod walk;
pub mod wire;

pub use client::Okx;
pub(super) use client::page_of_candles;

use super::circuit::CircuitSettings;
use super::http::HttpSettings;

/// The host that clients in use ask. The documentation of 2026 names `https://openapi.okx.com`,
/// which answers the same; `https://us.okx.com` (United States, Australia) and `https://eea.okx.com`
/// (European Economic Area) list other instruments, so a store keeps to one of them.
pub const REST_URL: &str = "https://www.okx.com";
/// The host of the streams; `wss://wseea.okx.com:8443` for the European Economic Area.
pub const WS_URL: &str = "wss://ws.okx.com:8443";

/// How OKX is reached.
#[derive(Debug, Clone, PartialEq)]
pub struct OkxSettings {
    /// Host of the REST interface, without a path.
    pub rest_url: String,
    /// Host of the streams, without a path; `None`: none.
    pub ws_url: Option<String>,
    /// Bounds of one request.
    pub http: HttpSettings,
    /// Share of every limit, 0 to 1, that backfills leave to live data.
    pub live_share: f64,
    /// Circuit breaker.
    pub circuit: CircuitSettings,
}

impl Default for OkxSettings {
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
