//! What was not heard and is not made good yet: pure.

use crate::domain::dataset::Dataset;
use crate::domain::range::TimeRange;
use crate::domain::series::{Series, SeriesId};
use crate::domain::time::Time;
use std::time::Duration;
use tokio::time::Instant;

/// Frames of the last seconds before a cut may have been under way, and the first ones after it come a
/// moment later.
const SLACK_MS: i64 = 5_000;

/// Losses of a series that wait, each with a row of its own; further ones are added to the newest.
const MOST: usize = 4;

/// A loss that is not made good yet.
#[derive(Debug, Clone)]
pub(super) struct Open {
    /// Its row in the store.
    pub(super) id: i64,
    pub(super) series: SeriesId,
    /// By the local clock.
    pub(super) from: Time,
    /// When it was heard again.
    pub(super) to: Option<Time>,
    /// What was missing at the first look, once there was one.
    pub(super) missing: Option<u64>,
    /// When it was heard again, for what mending takes.
    pub(super) since: Instant,
    pub(super) tries: u32,
    pub(super) next_try: Instant,
}

/// Losses of one exchange.
#[derive(Debug, Default)]
pub(super) struct Ledger(pub(super) Vec<Open>);

impl Open {
    pub(super) fn new(id: i64, series: SeriesId, from: Time, to: Option<Time>) -> Self {
        let now = Instant::now();
        Self { id, series, from, to, missing: None, since: now, tries: 0, next_try: now }
    }

    /// Not made good by this try: the next one comes later and later.
    pub(super) fn tried(&mut self) {
        self.tries += 1;
        self.next_try = Instant::now() + Duration::from_secs(2).saturating_mul(self.tries).min(Duration::from_secs(60));
    }
}

impl Ledger {
    /// Whether a series is unheard already.
    pub(super) fn is_open(&self, series: SeriesId) -> bool {
        self.0.iter().any(|open| open.series == series && open.to.is_none())
    }

    /// Whether a further loss of a series was added to the newest of those that wait to be made good: where
    /// frames are lost for hours while requests fail, the ledger must not grow with each of them.
    pub(super) fn takes_in(&mut self, series: SeriesId, from: Time, to: Option<Time>) -> bool {
        let mut waiting = self.0.iter_mut().filter(|open| open.series == series).collect::<Vec<_>>();
        if waiting.len() < MOST {
            return false;
        }
        let Some(newest) = waiting.last_mut() else { return false };
        newest.from = newest.from.min(from);
        newest.to = newest.to.zip(to).map(|(one, other)| one.max(other));
        true
    }

    /// A look at a loss has ended: it is made good, or waits for the next one. What was added to it meanwhile
    /// is to be looked at.
    pub(super) fn looked(&mut self, open: Open, is_made_good: bool) {
        let Some(at) = self.0.iter().position(|known| known.id == open.id) else { return };
        if (self.0[at].from, self.0[at].to) != (open.from, open.to) {
            return;
        }
        if is_made_good {
            self.0.remove(at);
        } else {
            self.0[at] = open;
        }
    }

    /// A series is heard again.
    pub(super) fn heard_again(&mut self, series: SeriesId, at: Time) {
        let now = Instant::now();
        for open in self.0.iter_mut().filter(|open| open.series == series && open.to.is_none()) {
            (open.to, open.since, open.next_try) = (Some(at.max(open.from)), now, now);
        }
    }

    /// Losses whose end is known and that are to be looked at now.
    pub(super) fn due(&self) -> Vec<Open> {
        let now = Instant::now();
        self.0.iter().filter(|open| open.to.is_some() && open.next_try <= now).cloned().collect()
    }

    /// When the next one is to be looked at.
    pub(super) fn next_try(&self) -> Option<Instant> {
        self.0.iter().filter(|open| open.to.is_some()).map(|open| open.next_try).min()
    }
}

/// What of a series may have been missed between `from` and `to` of the exchange's clock: the candles
/// that ended then. Of other datasets every step that it touches.
pub(super) fn stretch(series: &Series, from: Time, to: Time) -> TimeRange {
    let (from, to) = (from.plus_ms(-SLACK_MS), to.plus_ms(SLACK_MS));
    let floor = |time: Time| series.interval.floor(time);
    let range = match series.dataset {
        Dataset::Candles => TimeRange::new(floor(from.plus_ms(-1)), floor(to)),
        _ => TimeRange::new(floor(from), floor(to).plus_ms(series.interval.ms())),
    };
    TimeRange::new(range.from.max(series.wanted_from), range.to.max(series.wanted_from))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::series::tests::series;

    #[test]
    fn what_may_be_missed_is_what_ended_meanwhile() {
        let at = |seconds: i64| Time::from_ms(seconds * 1_000);
        let mut series = Series { wanted_from: at(120), ..series(1) };
        let check = |series: &Series, from: i64, to: i64, expected: (i64, i64)| {
            let stretch = stretch(series, at(from), at(to));
            assert_eq!((stretch.from, stretch.to), (at(expected.0), at(expected.1)), "{from} to {to}");
        };
        check(&series, 610, 640, (600, 600));
        check(&series, 630, 670, (600, 660));
        check(&series, 603, 620, (540, 600));
        check(&series, 610, 656, (600, 660));
        check(&series, 30, 190, (120, 180));
        series.dataset = Dataset::Trades;
        check(&series, 610, 640, (600, 660));
        check(&series, 603, 658, (540, 720));
    }

    #[tokio::test(start_paused = true)]
    async fn losses_that_wait_do_not_grow_without_end() {
        let (at, series) = (Time::from_ms, SeriesId(1));
        let mut ledger = Ledger::default();
        for id in 0..MOST as i64 {
            assert!(!ledger.takes_in(series, at(id * 10), Some(at(id * 10 + 5))));
            ledger.0.push(Open::new(id, series, at(id * 10), Some(at(id * 10 + 5))));
        }
        let looks = ledger.due();
        assert!(ledger.takes_in(series, at(100), Some(at(105))) && !ledger.takes_in(SeriesId(2), at(100), None));
        assert_eq!((ledger.0.len(), ledger.0[3].from, ledger.0[3].to), (MOST, at(30), Some(at(105))));
        for look in looks {
            ledger.looked(look, true);
        }
        assert_eq!(ledger.0.iter().map(|open| open.id).collect::<Vec<_>>(), [3], "what was added meanwhile is not made good");
        let look = ledger.due().remove(0);
        ledger.looked(look, true);
        assert!(ledger.0.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn a_loss_is_looked_at_when_it_has_ended_and_then_ever_more_rarely() {
        let mut ledger = Ledger::default();
        ledger.0.push(Open::new(1, SeriesId(1), Time::from_ms(5), None));
        assert!(ledger.is_open(SeriesId(1)) && ledger.due().is_empty() && ledger.next_try().is_none());
        ledger.heard_again(SeriesId(2), Time::from_ms(9));
        assert!(ledger.is_open(SeriesId(1)));
        ledger.heard_again(SeriesId(1), Time::from_ms(9));
        assert_eq!(ledger.due().first().map(|open| (open.id, open.to)), Some((1, Some(Time::from_ms(9)))));
        for (tries, wait) in [(1, 2), (2, 4), (40, 60)] {
            ledger.0[0].tries = tries - 1;
            ledger.0[0].tried();
            assert!(ledger.due().is_empty());
            assert_eq!(ledger.next_try(), Some(Instant::now() + Duration::from_secs(wait)));
        }
    }
}
