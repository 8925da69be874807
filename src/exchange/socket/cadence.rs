//! How often something is heard, and whether it has been silent for suspiciously long: pure.

use std::collections::VecDeque;
use std::time::Duration;
use tokio::time::Instant;

/// Gaps between frames that are remembered.
const REMEMBERED: usize = 32;

/// Silence of so many usual gaps is suspicious.
const USUAL_GAPS: u32 = 20;

/// No silence shorter than this is suspicious.
const LEAST: Duration = Duration::from_secs(30);

/// A subscription that has never delivered is suspicious after this.
const FIRST: Duration = Duration::from_secs(30);

/// Longest pause between two suspicions of a quiet market.
const LONGEST_PAUSE: Duration = Duration::from_secs(3_600);

/// The rhythm of one subscription on one socket.
#[derive(Debug, Clone)]
pub(super) struct Cadence {
    subscribed: Instant,
    last: Option<Instant>,
    gaps: VecDeque<Duration>,
    /// Until when a silence that was looked into is taken for a quiet market, and how long that was.
    pause: Option<(Instant, Duration)>,
}

impl Cadence {
    /// Subscribed to at `now`.
    pub(super) const fn new(now: Instant) -> Self {
        Self { subscribed: now, last: None, gaps: VecDeque::new(), pause: None }
    }

    /// A frame came.
    pub(super) fn heard(&mut self, now: Instant) {
        if let Some(last) = self.last.replace(now) {
            if self.gaps.len() == REMEMBERED {
                self.gaps.pop_front();
            }
            self.gaps.push_back(now.saturating_duration_since(last));
        }
        self.pause = None;
    }

    /// A new socket carries it: silence is counted from here. The rhythm stays.
    pub(super) const fn resubscribed(&mut self, now: Instant) {
        self.subscribed = now;
        self.last = None;
    }

    /// When it was last heard on this socket.
    pub(super) const fn last(&self) -> Option<Instant> {
        self.last
    }

    /// Whether it should have been heard by `now`.
    pub(super) fn is_suspicious(&self, now: Instant) -> bool {
        if self.pause.is_some_and(|(until, _)| now < until) {
            return false;
        }
        match self.last {
            None => now.saturating_duration_since(self.subscribed) >= FIRST,
            Some(last) => now.saturating_duration_since(last) >= self.longest_usual(),
        }
    }

    /// The market is quiet: not suspicious again for a while, twice as long as the last time.
    pub(super) fn found_quiet(&mut self, now: Instant) {
        let pause = self.pause.map_or(LEAST * 2, |(_, last)| (last * 2).min(LONGEST_PAUSE));
        self.pause = Some((now + pause, pause));
    }

    fn longest_usual(&self) -> Duration {
        let mut gaps: Vec<Duration> = self.gaps.iter().copied().collect();
        gaps.sort_unstable();
        gaps.get(gaps.len() / 2).map_or(FIRST, |median| (*median * USUAL_GAPS).max(LEAST))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn silence_is_measured_by_the_usual_gap() {
        let start = Instant::now();
        let at = |seconds: u64| start + Duration::from_secs(seconds);
        let mut cadence = Cadence::new(start);
        assert!(!cadence.is_suspicious(at(29)));
        assert!(cadence.is_suspicious(at(30)), "acknowledged is not delivered");
        for seconds in 0..10 {
            cadence.heard(at(seconds));
        }
        assert!(!cadence.is_suspicious(at(38)));
        assert!(cadence.is_suspicious(at(39)), "twenty gaps of a second, and no less than half a minute");
        for beat in 1..40 {
            cadence.heard(at(beat * 60));
        }
        let last = 39 * 60;
        assert!(!cadence.is_suspicious(at(last + 1_199)));
        assert!(cadence.is_suspicious(at(last + 1_200)));
        cadence.found_quiet(at(last + 1_200));
        assert!(!cadence.is_suspicious(at(last + 1_259)));
        assert!(cadence.is_suspicious(at(last + 1_260)));
        cadence.found_quiet(at(last + 1_260));
        assert!(!cadence.is_suspicious(at(last + 1_379)), "the pause grows");
        cadence.resubscribed(at(last + 1_400));
        assert!(!cadence.is_suspicious(at(last + 1_429)));
    }
}
