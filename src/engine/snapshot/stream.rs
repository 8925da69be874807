//! How live streams are.

use crate::domain::instrument::ExchangeId;
use crate::domain::time::Time;
use crate::store::streams::StreamState;

/// Whether streams deliver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StreamMood {
    /// There are none: by settings, by the exchange, or because nothing is recorded.
    Off,
    /// On their way.
    Connecting,
    /// All of them deliver.
    Live,
    /// Some do not; requests record meanwhile.
    Down,
}

impl StreamMood {
    /// Its name in the store and in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Connecting => "connecting",
            Self::Live => "live",
            Self::Down => "down",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        [Self::Off, Self::Connecting, Self::Live, Self::Down].into_iter().find(|mood| mood.name() == name)
    }
}

/// The streams of one exchange.
#[derive(Debug, Clone, PartialEq)]
pub struct StreamView {
    /// Whose.
    pub exchange: ExchangeId,
    /// Whether they deliver.
    pub mood: StreamMood,
    /// Since when, by the local clock; `None` while they are off.
    pub since: Option<Time>,
    /// Sockets.
    pub sockets: u32,
    /// Subscriptions over all of them.
    pub subscriptions: u32,
    /// Text frames a second, over the last ten.
    pub frames_per_second: f64,
    /// Median and 99th percentile of the time from the exchange's event to the screen, in milliseconds.
    pub lag_ms: Option<(i64, i64)>,
}

impl StreamView {
    /// No streams.
    pub(in crate::engine) const fn off(exchange: ExchangeId) -> Self {
        Self { exchange, mood: StreamMood::Off, since: None, sockets: 0, subscriptions: 0, frames_per_second: 0.0, lag_ms: None }
    }

    /// As the store keeps it.
    pub(in crate::engine) fn to_state(&self, now: Time) -> StreamState {
        StreamState {
            exchange: self.exchange,
            updated_at: now,
            state: self.mood.name().to_owned(),
            since: self.since.unwrap_or(now),
            sockets: self.sockets,
            subscriptions: self.subscriptions,
            frames_per_second: self.frames_per_second,
            lag_ms: self.lag_ms,
        }
    }

    /// As the store kept it.
    pub(in crate::engine) fn from_state(state: &StreamState) -> Self {
        let mood = StreamMood::from_name(&state.state).unwrap_or(StreamMood::Off);
        Self {
            exchange: state.exchange,
            mood,
            since: (mood != StreamMood::Off).then_some(state.since),
            sockets: state.sockets,
            subscriptions: state.subscriptions,
            frames_per_second: state.frames_per_second,
            lag_ms: state.lag_ms,
        }
    }
}
