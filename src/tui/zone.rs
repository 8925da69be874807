//! By which clock the screens write times: UTC, or the clock on the wall.

use crate::domain::time::{DAY_MS, Time};

/// Milliseconds that the clock on the wall is ahead of UTC at an instant; they change with summer time.
pub type Offset = fn(Time) -> i64;

/// The clock by which times are written. What is typed, copied or exported stays UTC and says so.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Zone {
    offset: Offset,
    /// Whether it is the clock on the wall.
    pub(crate) local: bool,
}

impl Zone {
    /// UTC, beside a clock on the wall that is this far ahead.
    pub(crate) const fn new(offset: Offset) -> Self {
        Self { offset, local: false }
    }

    /// Its name.
    pub(crate) const fn label(self) -> &'static str {
        if self.local { "local" } else { "UTC" }
    }

    /// The clock for candles or cells of `width_ms`: days and more are days of UTC, and said as such.
    pub(crate) const fn of_width(self, width_ms: i64) -> Self {
        Self { local: self.local && width_ms < DAY_MS, ..self }
    }

    /// The time whose UTC fields are what this clock shows.
    pub(crate) fn wall(self, time: Time) -> Time {
        if self.local { time.plus_ms((self.offset)(time)) } else { time }
    }

    /// Formats by a `strftime` pattern.
    pub(crate) fn format(self, time: Time, pattern: &str) -> String {
        self.wall(time).format(pattern)
    }

    /// `HH:MM:SS`.
    pub(crate) fn clock(self, time: Time) -> String {
        self.wall(time).clock()
    }

    /// `HH:MM` where it is within a day of `now`, with the date beyond.
    pub(crate) fn moment(self, time: Time, now: Time) -> String {
        self.format(time, if time.since(now).abs() < DAY_MS { "%H:%M" } else { "%Y-%m-%d %H:%M" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::HOUR_MS;

    #[test]
    fn each_instant_has_its_own_offset_and_days_are_of_utc() {
        let changes = Time::parse("2026-03-29T01:00:00Z", Time::EPOCH).unwrap();
        assert_eq!(changes.ms(), 1_774_746_000_000);
        let mut zone = Zone::new(|time| if time.ms() < 1_774_746_000_000 { HOUR_MS } else { 2 * HOUR_MS });
        assert_eq!((zone.clock(changes).as_str(), zone.label()), ("01:00:00", "UTC"));
        zone.local = true;
        assert_eq!([zone.clock(changes.plus_ms(-1)), zone.clock(changes)], ["01:59:59", "03:00:00"]);
        assert_eq!(zone.of_width(DAY_MS).label(), "UTC");
        assert_eq!(zone.of_width(DAY_MS - 1).label(), "local");
        assert_eq!(zone.moment(changes.plus_ms(-DAY_MS), changes), "2026-03-28 02:00");
    }
}
