//! How sockets are kept.

use std::time::Duration;

/// How often an exchange pings, and how long it waits for the pong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pings {
    /// Pause between pings.
    pub every: Duration,
    /// A socket whose pong is later than this is closed.
    pub within: Duration,
}

/// How the exchanges keep their sockets. All of it follows real time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamSettings {
    /// Whether handshakes, messages, subscriptions and idle sockets are limited as the exchanges do.
    pub limits: bool,
    /// Pings of Binance spot.
    pub spot_pings: Pings,
    /// Pings of Binance USD-M.
    pub usdm_pings: Pings,
    /// OKX closes a socket on which nothing went either way for this long.
    pub okx_idle: Duration,
    /// Kraken's heartbeat while anything is subscribed.
    pub kraken_heartbeat: Duration,
    /// No socket lives longer.
    pub life: Duration,
    /// Messages a second that each socket with a subscription gets besides: its newest frames again.
    /// For load; 0 in any other case.
    pub burst: u32,
}

impl Default for StreamSettings {
    fn default() -> Self {
        Self {
            limits: true,
            spot_pings: Pings { every: Duration::from_secs(20), within: Duration::from_secs(60) },
            usdm_pings: Pings { every: Duration::from_secs(180), within: Duration::from_secs(600) },
            okx_idle: Duration::from_secs(30),
            kraken_heartbeat: Duration::from_secs(1),
            life: Duration::from_secs(24 * 3_600),
            burst: 0,
        }
    }
}
