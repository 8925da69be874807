//! The exchange's clock: the system's, or one that tests set, stop and speed up.

use crate::domain::time::Time;
use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::time::Instant;

/// Which time the simulated exchange lives in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum SimClock {
    /// The machine's wall clock.
    System,
    /// Starts at `at` and runs `speed` times as fast as the real one: 1.0 real time, 0.0 frozen,
    /// 60.0 a minute a second.
    From {
        /// Time at the start.
        at: Time,
        /// Factor on real time.
        speed: f64,
    },
}

/// A running [`SimClock`].
#[derive(Debug)]
pub(super) struct RunningClock(Mutex<State>);

#[derive(Debug)]
struct State {
    clock: SimClock,
    /// When `clock`'s time was true.
    origin: Instant,
    /// What has been added by hand.
    moved_ms: i64,
}

impl RunningClock {
    pub(super) fn new(clock: SimClock) -> Self {
        Self(Mutex::new(State { clock, origin: Instant::now(), moved_ms: 0 }))
    }

    pub(super) fn now(&self) -> Time {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).now()
    }

    pub(super) fn advance(&self, ms: i64) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.moved_ms = state.moved_ms.saturating_add(ms);
    }

    pub(super) fn set(&self, time: Time) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.moved_ms = state.moved_ms.saturating_add(time.since(state.now()));
    }
}

impl State {
    fn now(&self) -> Time {
        let running = match self.clock {
            SimClock::System => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                Time::from_ms(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
            }
            SimClock::From { at, speed } => at.plus_ms((self.origin.elapsed().as_secs_f64() * 1_000.0 * speed) as i64),
        };
        running.plus_ms(self.moved_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[tokio::test(start_paused = true)]
    async fn speeds_and_jumps() {
        let at = Time::from_ms(1_000_000);
        let frozen = RunningClock::new(SimClock::From { at, speed: 0.0 });
        let fast = RunningClock::new(SimClock::From { at, speed: 60.0 });
        tokio::time::advance(Duration::from_secs(2)).await;
        assert_eq!(frozen.now(), at);
        assert_eq!(fast.now(), at.plus_ms(120_000));
        frozen.advance(5);
        assert_eq!(frozen.now(), at.plus_ms(5));
        fast.set(at);
        assert_eq!(fast.now(), at);
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(fast.now(), at.plus_ms(60_000));
    }
}
