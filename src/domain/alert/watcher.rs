//! One alert and what must be remembered to tell when its condition comes true.

use super::{Alert, Condition, Way};
use crate::domain::price::{Decimal, to_f64, trimmed};
use crate::domain::range::{RangeSet, TimeRange};
use crate::domain::time::{Time, human_duration, short_duration};
use std::collections::VecDeque;

/// Parts in which a window is remembered: memory stays the same however often prices come.
const BUCKETS: i64 = 120;

/// An alert under watch. Each method returns what was seen where the alert fires.
#[derive(Debug, Clone)]
pub struct Watcher {
    alert: Alert,
    memory: Memory,
}

#[derive(Debug, Clone)]
enum Memory {
    /// Whether the last price was at or above the level.
    Side(Option<bool>),
    /// Lowest and highest prices of the window, and whether it is armed.
    Window(VecDeque<Bucket>, bool),
    /// When something came last, and whether it is armed.
    Heard(Time, bool),
    /// Since when gaps are of interest, and those that were told of.
    Told(Time, RangeSet),
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    from: Time,
    low: Decimal,
    high: Decimal,
}

impl Watcher {
    /// Watches from `now` on: what happened before is not known and does not fire.
    pub fn new(alert: Alert, now: Time) -> Self {
        let memory = match alert.condition {
            Condition::Crosses { .. } => Memory::Side(None),
            Condition::Moves { .. } => Memory::Window(VecDeque::new(), true),
            Condition::Silent { .. } => Memory::Heard(now, true),
            Condition::GapFound => Memory::Told(now, RangeSet::new()),
        };
        Self { alert, memory }
    }

    /// What it watches for.
    pub fn alert(&self) -> &Alert {
        &self.alert
    }

    /// A last price, which is a sign of life too.
    pub fn price(&mut self, price: Decimal, at: Time) -> Option<String> {
        if !self.alert.active {
            return None;
        }
        match (&self.alert.condition, &mut self.memory) {
            (Condition::Crosses { level, way }, Memory::Side(side)) => {
                let above = price >= *level;
                let crossed = side.replace(above).is_some_and(|before| before != above);
                let wanted = match way {
                    Way::Up => above,
                    Way::Down => !above,
                    Way::Either => true,
                };
                (crossed && wanted).then(|| trimmed(price))
            }
            (Condition::Moves { percent, window_ms }, Memory::Window(buckets, armed)) => {
                let change = moved(buckets, price, at, *window_ms);
                let beyond = change.abs() >= to_f64(*percent);
                let fires = beyond && *armed;
                *armed = !beyond;
                fires.then(|| format!("{change:+.2}% within {} to {}", short_duration(*window_ms), trimmed(price)))
            }
            (_, Memory::Heard(..)) => {
                self.heard(at);
                None
            }
            _ => None,
        }
    }

    /// A sign of life: a price or a candle. The clock may have been set back since the last one.
    pub fn heard(&mut self, at: Time) {
        if let Memory::Heard(last, armed) = &mut self.memory {
            *last = at;
            *armed = true;
        }
    }

    /// Time passes.
    pub fn tick(&mut self, now: Time) -> Option<String> {
        let (Condition::Silent { for_ms }, Memory::Heard(last, armed)) = (&self.alert.condition, &mut self.memory) else {
            return None;
        };
        let silent_ms = now.since(*last);
        let fires = self.alert.active && *armed && silent_ms >= *for_ms;
        *armed &= !fires;
        fires.then(|| format!("nothing for {}", human_duration(silent_ms)))
    }

    /// A gap. One that touches a gap told of before is the same, grown; one that ended before the
    /// watch began was found by looking at the past, and is no news.
    pub fn gap(&mut self, range: TimeRange) -> Option<String> {
        let Memory::Told(since, told) = &mut self.memory else { return None };
        if range.is_empty() || range.to <= *since {
            return None;
        }
        let touches = |known: &TimeRange| known.from <= range.to && range.from <= known.to;
        let same = told.ranges().iter().any(touches);
        told.insert(range);
        (!same && self.alert.active).then(|| format!("{} to {}", range.from.iso(), range.to.iso()))
    }
}

/// The larger of the rise from the lowest and the fall from the highest price of the window that
/// ends at `at`, in percent; the price is remembered.
fn moved(buckets: &mut VecDeque<Bucket>, price: Decimal, at: Time, window_ms: i64) -> f64 {
    let width = (window_ms / BUCKETS).max(1);
    // A clock that was set back leaves buckets of the future behind.
    while buckets.back().is_some_and(|bucket| bucket.from > at) {
        buckets.pop_back();
    }
    while buckets.front().is_some_and(|bucket| bucket.from.plus_ms(width) <= at.plus_ms(-window_ms)) {
        buckets.pop_front();
    }
    match buckets.back_mut().filter(|bucket| at.since(bucket.from) < width) {
        Some(bucket) => {
            bucket.low = bucket.low.min(price);
            bucket.high = bucket.high.max(price);
        }
        None => buckets.push_back(Bucket { from: at.floor_to(width), low: price, high: price }),
    }
    let low = buckets.iter().map(|bucket| to_f64(bucket.low)).fold(f64::INFINITY, f64::min);
    let high = buckets.iter().map(|bucket| to_f64(bucket.high)).fold(0.0, f64::max);
    let price = to_f64(price);
    let percent = |from: f64| if from > 0.0 { (price - from) / from * 100.0 } else { 0.0 };
    let (rise, fall) = (percent(low), percent(high));
    if rise >= -fall { rise } else { fall }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::alert::AlertId;
    use crate::domain::price::parse_decimal;
    use crate::domain::series::SeriesId;
    use crate::domain::time::{MINUTE_MS, SECOND_MS};
    use proptest::prelude::*;

    const START: Time = Time::from_ms(1_700_000_000_000);

    fn watcher(kind: &str, number: &str, length_ms: i64) -> Watcher {
        let condition = Condition::from_parts(kind, parse_decimal(number).ok(), Some(length_ms)).unwrap();
        Watcher::new(Alert { id: AlertId(1), series: SeriesId(1), condition, active: true }, START)
    }

    /// Prices a second apart; which of them fire.
    fn check(mut watcher: Watcher, prices: &[&str], expected: &[usize]) {
        let fired: Vec<usize> = prices
            .iter()
            .enumerate()
            .filter_map(|(n, price)| {
                let at = START.plus_ms(n as i64 * SECOND_MS);
                watcher.price(parse_decimal(price).unwrap(), at).map(|_| n)
            })
            .collect();
        assert_eq!(fired, expected, "{:?} {prices:?}", watcher.alert.condition);
    }

    #[test]
    fn a_crossing_fires_once_and_is_armed_again() {
        let prices = ["99", "100", "101", "102", "99", "98", "100", "100"];
        check(watcher("rises_above", "100", 0), &prices, &[1, 6]);
        check(watcher("falls_below", "100", 0), &prices, &[4]);
        check(watcher("crosses", "100", 0), &prices, &[1, 4, 6]);
        check(watcher("rises_above", "100", 0), &["105", "106"], &[]);
        check(watcher("rises_above", "0.00000734", 0), &["0.00000733", "0.00000734"], &[1]);
    }

    #[test]
    fn a_move_is_measured_from_the_extremes_of_the_window() {
        check(watcher("moves", "5", MINUTE_MS), &["100", "104.9", "105", "106", "103", "107"], &[2, 5]);
        check(watcher("moves", "5", MINUTE_MS), &["100", "96", "95", "94"], &[2]);
        let mut slow = watcher("moves", "5", MINUTE_MS);
        let prices = (0..40).map(|n| (format!("{}.{}", 100 + n / 4, n % 4 * 25), n * 30 * SECOND_MS));
        for (price, after) in prices {
            assert_eq!(slow.price(parse_decimal(&price).unwrap(), START.plus_ms(after)), None, "{price}");
        }
    }

    #[test]
    fn what_was_seen_is_told() {
        let mut moves = watcher("moves", "5", MINUTE_MS);
        moves.price(parse_decimal("100").unwrap(), START);
        let at = START.plus_ms(SECOND_MS);
        assert_eq!(moves.price(parse_decimal("94.50").unwrap(), at).as_deref(), Some("-5.50% within 1m to 94.5"));
    }

    #[test]
    fn silence_fires_once_until_something_comes() {
        let mut watcher = watcher("silent", "0", MINUTE_MS);
        let at = |seconds: i64| START.plus_ms(seconds * SECOND_MS);
        assert_eq!(watcher.tick(at(59)), None);
        assert_eq!(watcher.tick(at(60)).as_deref(), Some("nothing for 1m 00s"));
        assert_eq!(watcher.tick(at(600)), None);
        watcher.heard(at(601));
        assert_eq!(watcher.tick(at(660)), None);
        watcher.price(parse_decimal("1").unwrap(), at(660));
        assert_eq!(watcher.tick(at(719)), None);
        assert!(watcher.tick(at(720)).is_some());
    }

    #[test]
    fn a_gap_that_grows_is_told_once() {
        let mut watcher = watcher("gap_found", "0", 0);
        let minutes = |from: i64, to: i64| TimeRange::new(START.plus_ms(from * MINUTE_MS), START.plus_ms(to * MINUTE_MS));
        assert_eq!(watcher.gap(minutes(0, 1)).as_deref(), Some("2023-11-14T22:13:20Z to 2023-11-14T22:14:20Z"));
        assert_eq!(watcher.gap(minutes(1, 2)), None);
        assert_eq!(watcher.gap(minutes(0, 3)), None);
        assert!(watcher.gap(minutes(5, 6)).is_some());
        assert_eq!(watcher.gap(minutes(-9, -5)), None);
    }

    #[test]
    fn what_is_switched_off_is_quiet() {
        let off = |kind: &str| {
            let mut watcher = watcher(kind, "100", MINUTE_MS);
            watcher.alert.active = false;
            watcher
        };
        check(off("crosses"), &["99", "101"], &[]);
        check(off("moves"), &["99", "301"], &[]);
        assert_eq!(off("silent").tick(START.plus_ms(MINUTE_MS)), None);
        assert_eq!(off("gap_found").gap(TimeRange::new(START, START.plus_ms(MINUTE_MS))), None);
    }

    proptest! {
        #[test]
        fn memory_stays_bounded(steps in prop::collection::vec((1_i64..1_000_000, -5_000_i64..60_000), 1..600)) {
            let mut watcher = watcher("moves", "5", 10 * MINUTE_MS);
            let mut at = START;
            for (price, ms) in steps {
                at = at.plus_ms(ms);
                let _ = watcher.price(crate::domain::price::from_mantissa(price, 2), at);
                let Memory::Window(buckets, _) = &watcher.memory else { panic!("another memory") };
                prop_assert!(buckets.len() as i64 <= BUCKETS + 2, "{}", buckets.len());
            }
        }
    }
}
