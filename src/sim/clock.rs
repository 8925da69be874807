//! The exchange's clock: the system's, or one that tests set, stop and speed up.

use crate::domain::time::Time;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::sync::watch;
use tokio::time::{Instant, timeout};

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
pub(super) struct RunningClock {
    state: Mutex<State>,
    /// Tells those who wait that the clock was set or moved.
    moved: watch::Sender<()>,
}

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
        let state = Mutex::new(State { clock, origin: Instant::now(), moved_ms: 0 });
        Self { state, moved: watch::Sender::new(()) }
    }

    pub(super) fn now(&self) -> Time {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).now()
    }

    pub(super) fn advance(&self, ms: i64) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.moved_ms = state.moved_ms.saturating_add(ms);
        self.moved.send_replace(());
    }

    pub(super) fn set(&self, time: Time) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.moved_ms = state.moved_ms.saturating_add(time.since(state.now()));
        self.moved.send_replace(());
    }

    /// Hears of the clock being set or moved from now on.
    pub(super) fn watch(&self) -> watch::Receiver<()> {
        self.moved.subscribe()
    }

    /// Waits until the exchange's time is `time`, or the clock has been set or moved.
    pub(super) async fn reached(&self, time: Time, moved: &mut watch::Receiver<()>) {
        let (left, speed) = {
            let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            (time.since(state.now()), state.speed())
        };
        if left <= 0 {
            return;
        }
        let wait = if speed > 0.0 { left as f64 / speed / 1_000.0 } else { f64::INFINITY };
        let wait = Duration::try_from_secs_f64(wait).unwrap_or(LONGEST_WAIT).min(LONGEST_WAIT);
        // Either end is a reason to look at the clock again; the sender lives as long as this clock.
        let _ = timeout(wait.max(Duration::from_millis(1)), moved.changed()).await;
    }
}

/// Whoever waits looks again after this, at the latest.
const LONGEST_WAIT: Duration = Duration::from_secs(3_600);

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

    fn speed(&self) -> f64 {
        match self.clock {
            SimClock::System => 1.0,
            SimClock::From { speed, .. } => speed,
        }
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
    #[tokio::test(start_paused = true)]
    async fn waiting_ends_at_the_time_or_when_the_clock_is_moved() {
        let at = Time::from_ms(1_000_000);
        let fast = RunningClock::new(SimClock::From { at, speed: 60.0 });
        let mut moved = fast.watch();
        let before = Instant::now();
        fast.reached(at.plus_ms(120_000), &mut moved).await;
        assert!((1_990..=2_010).contains(&before.elapsed().as_millis()), "{:?}", before.elapsed());
        let frozen = RunningClock::new(SimClock::From { at, speed: 0.0 });
        let mut moved = frozen.watch();
        frozen.advance(1);
        let before = Instant::now();
        frozen.reached(at.plus_ms(120_000), &mut moved).await;
        assert_eq!(before.elapsed(), Duration::ZERO);
    }
}
