//! The local wall clock, which tests can drive through tokio's paused time.

use crate::domain::time::Time;
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::time::Instant;

/// Local time. Cheap to copy; every task of one recorder holds the same.
#[derive(Debug, Clone, Copy)]
pub enum Clock {
    /// The machine's wall clock.
    System,
    /// Starts at a fixed time and runs with tokio's clock, which tests may pause and advance.
    From {
        /// Time at the start.
        start: Time,
        /// The start on tokio's clock.
        origin: Instant,
    },
}

impl Clock {
    /// A clock that starts at `start` now; call within a runtime.
    pub fn starting_at(start: Time) -> Self {
        Self::From { start, origin: Instant::now() }
    }

    /// The present.
    pub fn now(self) -> Time {
        match self {
            Self::System => Time::from_ms(
                SystemTime::now()
                    .duration_since(UNIX_EPOCH)
                    .map_or(0, |elapsed| i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX)),
            ),
            Self::From { start, origin } => start.plus_ms(i64::try_from(origin.elapsed().as_millis()).unwrap_or(i64::MAX)),
        }
    }
}
