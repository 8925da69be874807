//! A limit that an exchange counts over any stretch of time, such as twenty requests in two seconds:
//! a log of what was sent, which holds wherever the exchange lets its windows begin.

use super::port::Lane;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// At most so many requests within any stretch of so long. Cheap to clone; all clones are one.
#[derive(Debug, Clone)]
pub struct Pace {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    count: usize,
    /// Longer than the exchange's own window by what a request may be late on its way.
    window: Duration,
    /// How many of them backfills leave to the live lane.
    kept: usize,
    sent: Mutex<VecDeque<Instant>>,
    /// One queue for each lane: tokio's mutex is fair, so requests leave in the order they came.
    live: tokio::sync::Mutex<()>,
    backfill: tokio::sync::Mutex<()>,
}

/// Requests of one window may reach the exchange closer together than they were sent.
const SPREAD: Duration = Duration::from_millis(100);

impl Pace {
    /// `count` requests (at least one) within `window`; `live_share`, 0 to 0.9, of them are kept from
    /// backfills, as far as that leaves them one.
    pub fn new(count: usize, window: Duration, live_share: f64) -> Self {
        let count = count.max(1);
        let kept = ((count as f64 * live_share.clamp(0.0, 0.9)).ceil() as usize).min(count - 1);
        let shared = Shared {
            count,
            window: window + SPREAD,
            kept,
            sent: Mutex::default(),
            live: tokio::sync::Mutex::new(()),
            backfill: tokio::sync::Mutex::new(()),
        };
        Self { shared: Arc::new(shared) }
    }

    /// Waits for a turn and takes it. Cancel-safe: the turn is taken in the last step.
    pub async fn turn(&self, lane: Lane) {
        let shared = &self.shared;
        let (queue, most) = match lane {
            Lane::Live => (&shared.live, shared.count),
            Lane::Backfill => (&shared.backfill, shared.count - shared.kept),
        };
        let _turn = queue.lock().await;
        while let Some(wait) = shared.take(most) {
            tokio::time::sleep(wait).await;
        }
    }

    /// Requests sent within the present window, and how many may be.
    pub fn used_and_limit(&self) -> (u32, u32) {
        let mut sent = self.shared.lock();
        self.shared.forget(&mut sent, Instant::now());
        (u32::try_from(sent.len()).unwrap_or(u32::MAX), u32::try_from(self.shared.count).unwrap_or(u32::MAX))
    }
}

impl Shared {
    /// Takes a turn, or says how long to wait for the next chance.
    fn take(&self, most: usize) -> Option<Duration> {
        let mut sent = self.lock();
        let now = Instant::now();
        self.forget(&mut sent, now);
        if sent.len() < most {
            sent.push_back(now);
            return None;
        }
        // Room comes when so many of the oldest are forgotten that fewer than `most` are left.
        let due = sent.get(sent.len() - most).map_or(now, |oldest| *oldest + self.window);
        Some(due.saturating_duration_since(now).max(Duration::from_millis(1)))
    }

    fn forget(&self, sent: &mut VecDeque<Instant>, now: Instant) {
        while sent.front().is_some_and(|oldest| now.saturating_duration_since(*oldest) >= self.window) {
            sent.pop_front();
        }
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Instant>> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn sent_at(pace: &Pace, lane: Lane, requests: usize) -> Vec<u128> {
        let start = Instant::now();
        let mut times = Vec::new();
        for _ in 0..requests {
            pace.turn(lane).await;
            times.push(start.elapsed().as_millis());
        }
        times
    }

    #[tokio::test(start_paused = true)]
    async fn no_stretch_holds_more() {
        let pace = Pace::new(3, Duration::from_secs(2), 0.0);
        let times = sent_at(&pace, Lane::Live, 7).await;
        assert_eq!(times, [0, 0, 0, 2_100, 2_100, 2_100, 4_200]);
        assert_eq!(pace.used_and_limit(), (1, 3));
    }

    #[tokio::test(start_paused = true)]
    async fn backfills_leave_a_share() {
        let pace = Pace::new(4, Duration::from_secs(2), 0.5);
        assert_eq!(sent_at(&pace, Lane::Backfill, 3).await, [0, 0, 2_100]);
        assert_eq!(sent_at(&pace, Lane::Live, 3).await, [0, 0, 0]);
        let single = Pace::new(1, Duration::from_secs(1), 0.9);
        assert_eq!(sent_at(&single, Lane::Backfill, 2).await, [0, 1_100]);
    }
}
