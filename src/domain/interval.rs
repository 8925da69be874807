//! Candle widths and their grid.

use super::range::TimeRange;
use super::time::{DAY_MS, HOUR_MS, MINUTE_MS, Time};
use std::fmt;
use std::str::FromStr;

/// The width of a candle. Every width is a fixed number of milliseconds and lies on the UTC grid;
/// weeks open on Monday 00:00 UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Interval {
    /// 1 minute.
    M1,
    /// 3 minutes.
    M3,
    /// 5 minutes.
    M5,
    /// 15 minutes.
    M15,
    /// 30 minutes.
    M30,
    /// 1 hour.
    H1,
    /// 2 hours.
    H2,
    /// 4 hours.
    H4,
    /// 6 hours.
    H6,
    /// 12 hours.
    H12,
    /// 1 day.
    D1,
    /// 1 week.
    W1,
}

/// Text that names no interval.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an interval: use 1m 3m 5m 15m 30m 1h 2h 4h 6h 12h 1d or 1w")]
pub struct IntervalParseError(pub String);

/// Monday 1970-01-05 00:00 UTC, the first week's opening; the epoch itself was a Thursday.
const FIRST_MONDAY_MS: i64 = 4 * DAY_MS;

impl Interval {
    /// Every interval, shortest first.
    pub const ALL: [Self; 12] = [
        Self::M1,
        Self::M3,
        Self::M5,
        Self::M15,
        Self::M30,
        Self::H1,
        Self::H2,
        Self::H4,
        Self::H6,
        Self::H12,
        Self::D1,
        Self::W1,
    ];

    /// The intervals that the chart steps through with `[` and `]`.
    pub const CHART: [Self; 6] = [Self::M1, Self::M5, Self::M15, Self::H1, Self::H4, Self::D1];

    /// Width in milliseconds.
    pub const fn ms(self) -> i64 {
        match self {
            Self::M1 => MINUTE_MS,
            Self::M3 => 3 * MINUTE_MS,
            Self::M5 => 5 * MINUTE_MS,
            Self::M15 => 15 * MINUTE_MS,
            Self::M30 => 30 * MINUTE_MS,
            Self::H1 => HOUR_MS,
            Self::H2 => 2 * HOUR_MS,
            Self::H4 => 4 * HOUR_MS,
            Self::H6 => 6 * HOUR_MS,
            Self::H12 => 12 * HOUR_MS,
            Self::D1 => DAY_MS,
            Self::W1 => 7 * DAY_MS,
        }
    }

    /// The name people and exchanges use: `1m`, `4h`, `1w`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::M1 => "1m",
            Self::M3 => "3m",
            Self::M5 => "5m",
            Self::M15 => "15m",
            Self::M30 => "30m",
            Self::H1 => "1h",
            Self::H2 => "2h",
            Self::H4 => "4h",
            Self::H6 => "6h",
            Self::H12 => "12h",
            Self::D1 => "1d",
            Self::W1 => "1w",
        }
    }

    /// The interval of this width in milliseconds, if there is one.
    pub fn from_ms(ms: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|interval| interval.ms() == ms)
    }

    /// The opening of the candle that `time` falls into.
    #[must_use]
    pub const fn floor(self, time: Time) -> Time {
        let offset = self.offset_ms();
        time.plus_ms(-offset).floor_to(self.ms()).plus_ms(offset)
    }

    /// The first opening that is not before `time`.
    #[must_use]
    pub fn ceil(self, time: Time) -> Time {
        let floor = self.floor(time);
        if floor == time { time } else { floor.plus_ms(self.ms()) }
    }

    /// Whether a candle opens exactly at `time`.
    pub fn is_aligned(self, time: Time) -> bool {
        self.floor(time) == time
    }

    /// The widest range of whole candles inside `range`.
    #[must_use]
    pub fn inner(self, range: TimeRange) -> TimeRange {
        TimeRange::new(self.ceil(range.from), self.floor(range.to))
    }

    /// The narrowest range of whole candles around `range`.
    #[must_use]
    pub fn outer(self, range: TimeRange) -> TimeRange {
        TimeRange::new(self.floor(range.from), self.ceil(range.to))
    }

    /// How many candles of this width `range` holds; `range` lies on the grid.
    pub fn count(self, range: TimeRange) -> i64 {
        range.duration_ms() / self.ms()
    }

    /// Whether candles of this width can be put together from `base` candles exactly.
    pub const fn folds_from(self, base: Self) -> bool {
        self.ms() >= base.ms() && self.ms() % base.ms() == 0
    }

    const fn offset_ms(self) -> i64 {
        match self {
            Self::W1 => FIRST_MONDAY_MS,
            _ => 0,
        }
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Interval {
    type Err = IntervalParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|interval| interval.name() == text.trim()).ok_or_else(|| IntervalParseError(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_of_time_are_judged_like_any_row() {
        let (first, last) = (Time::from_ms(i64::MIN), Time::from_ms(i64::MAX));
        for interval in Interval::ALL {
            assert!(interval.floor(first) <= first.plus_ms(interval.ms()), "{interval}");
            assert!(!interval.is_aligned(last) && interval.ceil(last) == last, "{interval}");
        }
    }

    #[test]
    fn names_and_widths_round_trip() {
        for interval in Interval::ALL {
            assert_eq!(interval.name().parse(), Ok(interval));
            assert_eq!(Interval::from_ms(interval.ms()), Some(interval));
        }
        assert!("1M".parse::<Interval>().is_err(), "a month is not a fixed width");
        assert!("7m".parse::<Interval>().is_err());
    }

    #[test]
    fn weeks_open_on_monday() {
        let monday = Time::from_ms(1_499_040_000_000);
        assert!(Interval::W1.is_aligned(monday));
        assert_eq!(Interval::W1.floor(monday.plus_ms(-1)), monday.plus_ms(-7 * DAY_MS));
        assert_eq!(Interval::W1.floor(monday.plus_ms(6 * DAY_MS)), monday);
    }

    #[test]
    fn grid() {
        let time = Time::from_ms(1_700_000_000_000);
        for interval in Interval::ALL {
            let floor = interval.floor(time);
            assert!(interval.is_aligned(floor) && floor <= time && time.since(floor) < interval.ms());
            assert_eq!(interval.ceil(floor), floor);
            let range = TimeRange::new(floor.plus_ms(1), floor.plus_ms(2 * interval.ms() + 1));
            assert_eq!(interval.count(interval.inner(range)), 1);
            assert_eq!(interval.count(interval.outer(range)), 3);
        }
    }
}
