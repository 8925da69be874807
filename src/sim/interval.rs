//! Binance's candle widths, of which the recorder knows only some.

use crate::domain::interval::Interval;
use crate::domain::time::{DAY_MS, HOUR_MS, MINUTE_MS, Time};

/// A width of `klines`: `1m` to `1w` and the calendar month `1M`. The exchange's `1s` is not simulated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct KlineInterval {
    name: &'static str,
    /// 0 stands for the month.
    ms: i64,
    /// Where the grid starts, from the epoch.
    offset_ms: i64,
}

const fn fixed(name: &'static str, ms: i64) -> KlineInterval {
    KlineInterval { name, ms, offset_ms: 0 }
}

impl KlineInterval {
    /// Every width, shortest first. Three-day candles lie on the epoch's grid.
    pub(super) const ALL: [Self; 15] = [
        fixed("1m", MINUTE_MS),
        fixed("3m", 3 * MINUTE_MS),
        fixed("5m", 5 * MINUTE_MS),
        fixed("15m", 15 * MINUTE_MS),
        fixed("30m", 30 * MINUTE_MS),
        fixed("1h", HOUR_MS),
        fixed("2h", 2 * HOUR_MS),
        fixed("4h", 4 * HOUR_MS),
        fixed("6h", 6 * HOUR_MS),
        fixed("8h", 8 * HOUR_MS),
        fixed("12h", 12 * HOUR_MS),
        fixed("1d", DAY_MS),
        fixed("3d", 3 * DAY_MS),
        // The epoch was a Thursday; weeks open on Monday.
        Self { name: "1w", ms: 7 * DAY_MS, offset_ms: 4 * DAY_MS },
        fixed("1M", 0),
    ];

    /// A width of another exchange; `ms` of 0 stands for the month, `offset_ms` moves the grid from the epoch.
    pub(super) const fn new(name: &'static str, ms: i64, offset_ms: i64) -> Self {
        Self { name, ms, offset_ms }
    }

    /// The width of this exact name; the exchange tells `1m` from `1M`.
    pub(super) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|interval| interval.name == name)
    }

    /// The exchange's name.
    pub(super) const fn name(self) -> &'static str {
        self.name
    }

    /// The opening of the candle that `time` falls into.
    #[must_use]
    pub(super) fn floor(self, time: Time) -> Time {
        let time = time.plus_ms(-self.offset_ms);
        let floor = if self.ms == 0 {
            let (year, month) = month_of(time.ms().div_euclid(DAY_MS));
            Time::from_ms(days_to(year, month) * DAY_MS)
        } else {
            time.floor_to(self.ms)
        };
        floor.plus_ms(self.offset_ms)
    }

    /// The opening after the one at `open`.
    #[must_use]
    pub(super) fn next(self, open: Time) -> Time {
        // The 40th day from a month's first always lies in the next month.
        if self.ms == 0 { self.floor(open.plus_ms(40 * DAY_MS)) } else { open.plus_ms(self.ms) }
    }

    /// The opening before the one at `open`.
    #[must_use]
    pub(super) fn previous(self, open: Time) -> Time {
        self.floor(open.plus_ms(-1))
    }

    /// The first opening that is not before `time`.
    #[must_use]
    pub(super) fn ceil(self, time: Time) -> Time {
        let floor = self.floor(time);
        if floor == time { time } else { self.next(floor) }
    }

    /// Whether its candles are made of whole UTC days.
    pub(super) const fn is_days(self) -> bool {
        self.ms % DAY_MS == 0 && self.offset_ms % DAY_MS == 0
    }

    /// How long a candle is; a month counts 31 days.
    pub(super) const fn longest_ms(self) -> i64 {
        if self.ms == 0 { 31 * DAY_MS } else { self.ms }
    }

    /// Whether candles of `base` put together make its candles.
    pub(super) const fn folds_from(self, base: Self) -> bool {
        if base.ms == 0 {
            return self.ms == 0;
        }
        if self.ms == 0 {
            DAY_MS % base.ms == 0
        } else {
            self.ms % base.ms == 0 && self.offset_ms % base.ms == base.offset_ms % base.ms
        }
    }
}

impl From<Interval> for KlineInterval {
    fn from(interval: Interval) -> Self {
        Self { name: interval.name(), ms: interval.ms(), offset_ms: if interval == Interval::W1 { 4 * DAY_MS } else { 0 } }
    }
}

/// Year and month (1 to 12) of a day since the epoch, by Howard Hinnant's `civil_from_days`.
fn month_of(days: i64) -> (i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month)
}

/// Days from the epoch to the first of a month, by `days_from_civil` of the same author.
fn days_to(year: i64, month: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_and_weeks() {
        let time = |text: &str| Time::parse(text, Time::EPOCH).unwrap();
        let month = KlineInterval::from_name("1M").unwrap();
        let mut open = time("2016-01-01");
        for expected in ["2016-02-01", "2016-03-01", "2016-04-01", "2016-05-01"] {
            assert_eq!(month.floor(month.next(open).plus_ms(-1)), open);
            open = month.next(open);
            assert_eq!(open, time(expected));
        }
        assert_eq!(month.previous(time("2025-01-01")), time("2024-12-01"));
        assert_eq!(month.ceil(time("2024-02-29")), time("2024-03-01"));
        let week = KlineInterval::from_name("1w").unwrap();
        assert_eq!(week.floor(time("2017-07-09")), time("2017-07-03"));
        for interval in Interval::ALL {
            assert_eq!(KlineInterval::from_name(interval.name()), Some(interval.into()));
            assert_eq!(KlineInterval::from(interval).floor(time("2025-08-21")), interval.floor(time("2025-08-21")));
        }
        assert!(KlineInterval::from_name("1S").is_none() && KlineInterval::from_name("1H").is_none());
    }
}
