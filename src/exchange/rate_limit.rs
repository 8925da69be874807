//! The rate budget: how much may be sent within the exchange's present window.
//!
//! The exchange counts weight in fixed minutes of its own clock and lets requests burst freely
//! inside one. So do we: what fits goes at once, what does not waits for the next minute. Why this
//! never exceeds the exchange's own count is told at `Window` in `rate_limit/window.rs`.

mod window;

use super::clock::Clock;
use super::port::Lane;
use super::response::Answered;
use crate::domain::time::{MINUTE_MS, Time};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use window::{Fate, Window};

/// Limits until the exchange has told its own.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BudgetSettings {
    /// Weight for one minute.
    pub weight: u32,
    /// Requests for five minutes.
    pub requests: u32,
    /// Share of both, 0 to 1, that [`Lane::Backfill`] leaves to [`Lane::Live`].
    pub live_share: f64,
}

/// Guard while the exchange's clock has not been measured: a machine that keeps time is within it.
const UNMEASURED_GUARD_MS: i64 = 1_000;
/// Least guard once it has: both clocks are read to the millisecond and drift between measurements.
const LEAST_GUARD_MS: i64 = 250;

/// Longest sleep before the clock is read again: it may have been set, or the machine have slept,
/// which tokio's clock does not count.
const LONGEST_SLEEP: Duration = Duration::from_secs(5);

/// The budget of one exchange. Cheap to clone; all clones are one budget.
#[derive(Debug, Clone)]
pub struct RateBudget {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    clock: Clock,
    live_share: f64,
    state: Mutex<State>,
    /// Woken where waiting may have become pointless: a limit or the clock has changed.
    changed: Notify,
    /// One queue for each lane: tokio's mutex is fair, so requests leave in the order they came.
    live: tokio::sync::Mutex<()>,
    backfill: tokio::sync::Mutex<()>,
}

#[derive(Debug)]
struct State {
    weight: Window,
    requests: Window,
    offset_ms: Option<i64>,
    guard_ms: i64,
}

/// A charge for one request. Dropping it says that no answer came.
#[derive(Debug)]
#[must_use]
pub struct Permit {
    shared: Arc<Shared>,
    weight: u32,
    sent: Time,
    fate: Fate,
}

impl RateBudget {
    /// An unused budget.
    pub fn new(settings: BudgetSettings, clock: Clock) -> Self {
        let state = State {
            weight: Window::new(MINUTE_MS, settings.weight),
            requests: Window::new(5 * MINUTE_MS, settings.requests),
            offset_ms: None,
            guard_ms: UNMEASURED_GUARD_MS,
        };
        Self {
            shared: Arc::new(Shared {
                clock,
                live_share: settings.live_share.clamp(0.0, 0.9),
                state: Mutex::new(state),
                changed: Notify::new(),
                live: tokio::sync::Mutex::new(()),
                backfill: tokio::sync::Mutex::new(()),
            }),
        }
    }

    /// Charges one request of `weight`, after waiting for its turn and for room. Cancel-safe: the
    /// charge is made in the last step, without a wait after it.
    pub async fn acquire(&self, weight: u32, lane: Lane) -> Permit {
        let shared = &self.shared;
        let queue = match lane {
            Lane::Live => &shared.live,
            Lane::Backfill => &shared.backfill,
        };
        let _turn = queue.lock().await;
        loop {
            let changed = shared.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            match self.reserve(weight, lane) {
                Ok(permit) => return permit,
                Err(wait) => tokio::select! {
                    biased;
                    () = changed => {}
                    () = tokio::time::sleep(wait.min(LONGEST_SLEEP)) => {}
                },
            }
        }
    }

    /// The exchange's limits. They hold at once, for requests that already wait as well.
    pub fn set_limits(&self, weight_per_minute: Option<u32>, requests_per_five_minutes: Option<u32>) {
        {
            let mut state = self.shared.lock();
            if let Some(limit) = weight_per_minute.filter(|limit| *limit > 0) {
                state.weight.set_limit(limit);
            }
            if let Some(limit) = requests_per_five_minutes.filter(|limit| *limit > 0) {
                state.requests.set_limit(limit);
            }
        }
        self.shared.changed.notify_waiters();
    }

    /// The exchange's clock minus ours, and by how much the measurement may be wrong.
    pub fn set_offset(&self, offset_ms: i64, error_ms: i64) {
        {
            let mut state = self.shared.lock();
            self.shared.roll(&mut state);
            let moved_ms = offset_ms.saturating_sub(state.offset_ms.unwrap_or(0)).saturating_abs();
            let was_wrong = moved_ms > state.guard_ms;
            state.offset_ms = Some(offset_ms);
            state.guard_ms = error_ms.max(0).saturating_add(LEAST_GUARD_MS);
            if was_wrong {
                let (now, guard) = (self.shared.now(&state), state.guard_ms);
                state.weight.rebase(now, guard);
                state.requests.rebase(now, guard);
            }
        }
        self.shared.changed.notify_waiters();
    }

    /// The exchange's clock minus ours, once measured.
    pub fn offset_ms(&self) -> Option<i64> {
        self.shared.lock().offset_ms
    }

    /// The exchange's present time by that offset; the local clock before it is measured.
    pub fn now(&self) -> Time {
        self.shared.now(&self.shared.lock())
    }

    /// A local time by the exchange's clock.
    pub fn by_exchange(&self, local: Time) -> Time {
        local.plus_ms(self.offset_ms().unwrap_or(0))
    }

    /// Measures the exchange's clock by a time that it told. It read its clock somewhere between question and
    /// answer: at the middle, give or take half the way.
    pub(super) fn measure(&self, told: &Answered<Time>) {
        let half = told.received_at.since(told.asked_at).max(0) / 2;
        self.set_offset(told.value.since(told.asked_at.plus_ms(half)), half + 1);
    }

    /// Until the next minute opens.
    pub fn until_next_window(&self) -> Duration {
        let mut state = self.shared.lock();
        let now = self.shared.roll(&mut state);
        wait_until(state.weight.opens_next(state.guard_ms), now)
    }

    /// Weight used within the present minute, and the limit.
    pub fn used_and_limit(&self) -> (u32, u32) {
        let mut state = self.shared.lock();
        self.shared.roll(&mut state);
        (state.weight.used(), state.weight.limit())
    }

    fn reserve(&self, weight: u32, lane: Lane) -> Result<Permit, Duration> {
        let mut state = self.shared.lock();
        let now = self.shared.roll(&mut state);
        let allowance = |window: &Window| match lane {
            Lane::Live => window.limit(),
            Lane::Backfill => (f64::from(window.limit()) * (1.0 - self.shared.live_share)).floor() as u32,
        };
        let full = [(&state.weight, weight), (&state.requests, 1)]
            .into_iter()
            .filter(|(window, weight)| !window.has_room(*weight, allowance(window)))
            .map(|(window, _)| window.opens_next(state.guard_ms))
            .max();
        if let Some(opens) = full {
            return Err(wait_until(opens, now));
        }
        state.weight.charge(weight);
        state.requests.charge(1);
        Ok(Permit { shared: Arc::clone(&self.shared), weight, sent: now, fate: Fate::Abandoned })
    }
}

impl Permit {
    /// The exchange answered; `counted` is the weight it says we have used in this minute.
    pub fn answered(mut self, counted: Option<u32>) {
        self.fate = Fate::Answered;
        self.settle();
        if let Some(counted) = counted {
            let mut state = self.shared.lock();
            let now = self.shared.roll(&mut state);
            let guard = state.guard_ms;
            state.weight.observe(counted, self.sent, now, guard);
        }
    }

    /// Nothing was sent: the charge is taken back.
    pub fn unused(mut self) {
        self.fate = Fate::Unused;
    }

    fn settle(&self) {
        let mut state = self.shared.lock();
        let now = self.shared.roll(&mut state);
        let guard = state.guard_ms;
        state.weight.settle(self.weight, self.fate, now, guard);
        state.requests.settle(1, self.fate, now, guard);
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        // `answered` has settled already.
        if self.fate != Fate::Answered {
            self.settle();
            if self.fate == Fate::Unused {
                self.shared.changed.notify_waiters();
            }
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self, state: &State) -> Time {
        self.clock.now().plus_ms(state.offset_ms.unwrap_or(0))
    }

    fn roll(&self, state: &mut State) -> Time {
        let now = self.now(state);
        let guard = state.guard_ms;
        state.weight.roll(now, guard);
        state.requests.roll(now, guard);
        now
    }
}

/// At least a millisecond, so that a waiter never spins.
fn wait_until(end: Time, now: Time) -> Duration {
    Duration::from_millis(end.since(now).max(1).unsigned_abs())
}

#[cfg(test)]
mod tests;
