//! What a socket is subscribed to, and which of it comes next.

use crate::domain::range::TimeRange;
use crate::domain::time::Time;
use std::collections::BTreeMap;

/// Frames of one subscription, each due at an instant of the exchange's clock.
pub(super) trait Feed: Send {
    /// Starts, or starts afresh, at `now`.
    fn begin(&mut self, now: Time);

    /// When it has something to say next, at the earliest.
    fn due(&self) -> Time;

    /// Writes what there is to say at that time, if anything, and moves on.
    fn fire(&mut self, text: &mut Vec<u8>) -> Said;
}

/// What a feed wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Said {
    Nothing,
    Frame,
    /// The last frame of the candle of this time.
    Closing(TimeRange),
}

/// Never says anything: a subscription that is acknowledged and stays silent.
#[derive(Debug)]
pub(super) struct Silent;

impl Feed for Silent {
    fn begin(&mut self, _now: Time) {}

    fn due(&self) -> Time {
        Time::from_ms(i64::MAX)
    }

    fn fire(&mut self, _text: &mut Vec<u8>) -> Said {
        Said::Nothing
    }
}

struct Subscribed {
    key: String,
    feed: Box<dyn Feed>,
    /// Its newest frame, kept where frames are sent again for load.
    latest: Vec<u8>,
}

/// The subscriptions of a socket, by when they are due and by their age.
pub(super) struct Feeds {
    queue: BTreeMap<(Time, u64), Subscribed>,
    subscribed: u64,
    keeps_latest: bool,
    /// Which one repeats its frame next.
    turn: u64,
}

impl Feeds {
    pub(super) fn new(keeps_latest: bool) -> Self {
        Self { queue: BTreeMap::new(), subscribed: 0, keeps_latest, turn: 0 }
    }

    pub(super) fn len(&self) -> usize {
        self.queue.len()
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.queue.values().any(|subscribed| subscribed.key == key)
    }

    /// Subscribes from `now` on.
    pub(super) fn add(&mut self, key: &str, mut feed: Box<dyn Feed>, now: Time) {
        feed.begin(now);
        self.subscribed += 1;
        let at = (feed.due(), self.subscribed);
        self.queue.insert(at, Subscribed { key: key.to_owned(), feed, latest: Vec::new() });
    }

    pub(super) fn remove(&mut self, key: &str) -> bool {
        let before = self.queue.len();
        self.queue.retain(|_, subscribed| subscribed.key != key);
        self.queue.len() < before
    }

    /// The keys, oldest first.
    pub(super) fn keys(&self) -> Vec<&str> {
        let mut keys: Vec<(u64, &str)> =
            self.queue.iter().map(|((_, age), subscribed)| (*age, subscribed.key.as_str())).collect();
        keys.sort_unstable();
        keys.into_iter().map(|(_, key)| key).collect()
    }

    /// When the next frame may be due.
    pub(super) fn due(&self) -> Option<Time> {
        self.queue.keys().next().map(|(due, _)| *due)
    }

    /// Starts all of them afresh.
    pub(super) fn begin(&mut self, now: Time) {
        for ((_, age), mut subscribed) in std::mem::take(&mut self.queue) {
            subscribed.feed.begin(now);
            self.queue.insert((subscribed.feed.due(), age), subscribed);
        }
    }

    /// The next text that is due by `now`, with the subscription's key.
    pub(super) fn fire(&mut self, now: Time, mut say: impl FnMut(&str, &[u8], Said, Time)) -> bool {
        let Some(first) = self.queue.first_entry().filter(|first| first.key().0 <= now) else { return false };
        let ((due, age), mut subscribed) = first.remove_entry();
        let mut text = std::mem::take(&mut subscribed.latest);
        let mut new = Vec::with_capacity(512);
        let said = subscribed.feed.fire(&mut new);
        if said != Said::Nothing {
            say(&subscribed.key, &new, said, due);
            text = new;
        }
        if self.keeps_latest {
            subscribed.latest = text;
        }
        self.queue.insert((subscribed.feed.due(), age), subscribed);
        true
    }

    /// Says the newest frame of `count` subscriptions again, one after the other.
    pub(super) fn repeat(&mut self, count: u64, mut say: impl FnMut(&str, &[u8])) {
        let spoken: Vec<&Subscribed> = self.queue.values().filter(|subscribed| !subscribed.latest.is_empty()).collect();
        if spoken.is_empty() {
            return;
        }
        for _ in 0..count {
            let subscribed = spoken[(self.turn % spoken.len() as u64) as usize];
            say(&subscribed.key, &subscribed.latest);
            self.turn += 1;
        }
    }
}
