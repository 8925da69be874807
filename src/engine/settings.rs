//! How the recorder behaves; the config file and the environment set it.

use crate::domain::series::JobId;
use crate::domain::time::{DAY_MS, HOUR_MS};
use crate::exchange::retry::BackoffSettings;
use std::time::Duration;

/// Settings of the recorder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineSettings {
    /// Whether it beats, polls tickers and looks for gaps by itself; a one-shot command only
    /// carries out its job.
    pub records: bool,
    /// Carries out these jobs alone; all of the store's where `None`.
    pub only_jobs: Option<Vec<JobId>>,
    /// How long after a candle's close the heartbeat asks for it: exchanges need a moment.
    pub heartbeat_delay: Duration,
    /// Pages that may be under way at once.
    pub max_in_flight: usize,
    /// How long an unconfirmed gap waits for its second, separate request.
    pub confirm_after: Duration,
    /// A candle that closed less than this ago is late, not missing.
    pub settle: Duration,
    /// Waits after a failure, where the exchange itself names none.
    pub backoff: BackoffSettings,
    /// Whether what is live is heard from streams, where an exchange has them; by requests alone where not.
    pub streams: bool,
    /// Waits between attempts to connect a stream.
    pub stream_backoff: BackoffSettings,
    /// Between two polls of the tickers.
    pub ticker_every: Duration,
    /// Between two searches for gaps.
    pub mend_every: Duration,
    /// Age at which an instrument list is fetched anew.
    pub instruments_max_age_ms: i64,
    /// Whether the exchange is the built-in simulation.
    pub simulated: bool,
}

impl Default for EngineSettings {
    fn default() -> Self {
        Self {
            records: true,
            only_jobs: None,
            heartbeat_delay: Duration::from_secs(5),
            max_in_flight: 32,
            confirm_after: Duration::from_secs(2),
            settle: Duration::from_secs(60),
            backoff: BackoffSettings::default(),
            streams: true,
            stream_backoff: BackoffSettings { base: Duration::from_millis(500), cap: Duration::from_secs(60) },
            ticker_every: Duration::from_secs(2),
            mend_every: Duration::from_millis(HOUR_MS as u64),
            instruments_max_age_ms: DAY_MS,
            simulated: false,
        }
    }
}
