//! Points in time as UTC milliseconds since the Unix epoch, the way exchanges write them.

use chrono::{DateTime, Datelike as _, NaiveDate, SecondsFormat, TimeZone as _, Timelike as _, Utc};

/// One second in milliseconds.
pub const SECOND_MS: i64 = 1_000;
/// One minute in milliseconds.
pub const MINUTE_MS: i64 = 60 * SECOND_MS;
/// One hour in milliseconds.
pub const HOUR_MS: i64 = 60 * MINUTE_MS;
/// One day in milliseconds. Exchanges ignore leap seconds.
pub const DAY_MS: i64 = 24 * HOUR_MS;

/// A point in time: UTC milliseconds since 1970-01-01, leap seconds ignored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Time(i64);

/// Text that is neither RFC 3339, nor a date, nor `now`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a time: use 2025-01-31, 2025-01-31T12:00:00Z or now")]
pub struct TimeParseError(pub String);

impl Time {
    /// The epoch, which no exchange predates.
    pub const EPOCH: Self = Self(0);

    /// From UTC milliseconds since the epoch.
    pub const fn from_ms(ms: i64) -> Self {
        Self(ms)
    }

    /// UTC milliseconds since the epoch.
    pub const fn ms(self) -> i64 {
        self.0
    }

    /// This time moved by `ms` milliseconds (negative: earlier); saturates at the ends.
    #[must_use]
    pub const fn plus_ms(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// Milliseconds from `earlier` to this time; negative when `earlier` is later.
    pub const fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The latest multiple of `step_ms` (from the epoch) that is not after this time; saturates at the first.
    #[must_use]
    pub const fn floor_to(self, step_ms: i64) -> Self {
        Self(self.0.div_euclid(step_ms).saturating_mul(step_ms))
    }

    /// Midnight (UTC) of the first day of the month that lies `months` after the month of this time;
    /// the time itself outside chrono's range.
    #[must_use]
    pub fn month_start(self, months: i32) -> Self {
        let start = self.utc().and_then(|moment| {
            let month = moment.year().checked_mul(12)?.checked_add(moment.month0().cast_signed())?.checked_add(months)?;
            let date = NaiveDate::from_ymd_opt(month.div_euclid(12), month.rem_euclid(12).cast_unsigned() + 1, 1)?;
            date.and_hms_opt(0, 0, 0)
        });
        start.map_or(self, |midnight| Self(midnight.and_utc().timestamp_millis()))
    }

    /// Parses `now`, a UTC date (its midnight) or RFC 3339; the offset is converted to UTC.
    pub fn parse(text: &str, now: Self) -> Result<Self, TimeParseError> {
        let text = text.trim();
        if text.eq_ignore_ascii_case("now") {
            return Ok(now);
        }
        if let Ok(moment) = DateTime::parse_from_rfc3339(text) {
            return Ok(Self(moment.timestamp_millis()));
        }
        NaiveDate::parse_from_str(text, "%Y-%m-%d")
            .ok()
            .and_then(|date| date.and_hms_opt(0, 0, 0))
            .map(|midnight| Self(midnight.and_utc().timestamp_millis()))
            .ok_or_else(|| TimeParseError(text.to_owned()))
    }

    /// RFC 3339 in UTC: `2025-01-31T12:00:00Z`, with milliseconds only where they are not zero.
    pub fn iso(self) -> String {
        self.utc().map_or_else(
            || format!("{}ms", self.0),
            |moment| {
                let form = if moment.timestamp_subsec_millis() == 0 { SecondsFormat::Secs } else { SecondsFormat::Millis };
                moment.to_rfc3339_opts(form, true)
            },
        )
    }

    /// Formats in UTC by a `strftime` pattern; empty outside chrono's range.
    pub fn format(self, pattern: &str) -> String {
        self.utc().map(|moment| moment.format(pattern).to_string()).unwrap_or_default()
    }

    /// `HH:MM:SS` in UTC.
    pub fn clock(self) -> String {
        self.format("%H:%M:%S")
    }

    /// Hour of the day in UTC, 0 to 23.
    pub fn hour(self) -> u32 {
        self.utc().map_or(0, |moment| moment.hour())
    }

    fn utc(self) -> Option<DateTime<Utc>> {
        Utc.timestamp_millis_opt(self.0).single()
    }
}

/// A length of time as a person types it: `90s`, `30m`, `12h`, `60d`, `2w`, in milliseconds.
pub fn parse_duration_ms(text: &str) -> Result<i64, DurationParseError> {
    let refuse = || DurationParseError(text.to_owned());
    let trimmed = text.trim();
    let digits = trimmed.trim_end_matches(|c: char| !c.is_ascii_digit());
    let unit = match &trimmed[digits.len()..] {
        "s" => SECOND_MS,
        "m" => MINUTE_MS,
        "h" => HOUR_MS,
        "d" => DAY_MS,
        "w" => 7 * DAY_MS,
        "y" => 365 * DAY_MS,
        _ => return Err(refuse()),
    };
    let count: i64 = digits.parse().map_err(|_| refuse())?;
    count.checked_mul(unit).filter(|ms| *ms > 0 && *ms <= 100 * 365 * DAY_MS).ok_or_else(refuse)
}

/// A length of time in the form that [`parse_duration_ms`] reads, in its largest whole unit: `30d`,
/// `90m`. Less than a second is left out; nothing is `0s`.
pub fn short_duration(ms: i64) -> String {
    let units = [("d", DAY_MS), ("h", HOUR_MS), ("m", MINUTE_MS)];
    let (unit, width) = units.into_iter().find(|(_, width)| ms >= *width && ms % width == 0).unwrap_or(("s", SECOND_MS));
    format!("{}{unit}", ms / width)
}

/// Text that is no length of time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a length of time: use 90s, 30m, 12h, 60d, 2w or 1y")]
pub struct DurationParseError(pub String);

/// A length of time for people, in its two largest units: `3d 04h`, `12m 05s`, `0s`.
pub fn human_duration(ms: i64) -> String {
    let seconds = ms.max(0) / SECOND_MS;
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    if days > 0 {
        format!("{days}d {hours:02}h")
    } else if hours > 0 {
        format!("{hours}h {minutes:02}m")
    } else if minutes > 0 {
        format!("{minutes}m {:02}s", seconds % 60)
    } else {
        format!("{seconds}s")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_what_people_type() {
        let now = Time::from_ms(1_700_000_000_123);
        let check = |text: &str, expected: Option<i64>| {
            assert_eq!(Time::parse(text, now).ok().map(Time::ms), expected, "{text}");
        };
        check("now", Some(1_700_000_000_123));
        check("2025-01-31", Some(1_738_281_600_000));
        check("2025-01-31T12:00:00Z", Some(1_738_324_800_000));
        check("2025-01-31T12:00:00+02:00", Some(1_738_317_600_000));
        check("2025-01-31T12:00:00.250Z", Some(1_738_324_800_250));
        check("31.01.2025", None);
        check("2025-13-01", None);
        check("", None);
    }

    #[test]
    fn iso_round_trips() {
        for ms in [0, 1, 1_499_040_000_000, 1_738_324_800_250, -1] {
            let time = Time::from_ms(ms);
            assert_eq!(Time::parse(&time.iso(), Time::EPOCH), Ok(time));
        }
    }

    #[test]
    fn durations() {
        assert_eq!(parse_duration_ms("60d"), Ok(60 * DAY_MS));
        assert_eq!(parse_duration_ms(" 90s "), Ok(90_000));
        for bad in ["", "d", "0d", "5", "5x", "-5d", "5.5d", "99999999999999999d"] {
            assert!(parse_duration_ms(bad).is_err(), "{bad}");
        }
        for text in ["30d", "90m", "36h", "45s"] {
            assert_eq!(parse_duration_ms(text).map(short_duration), Ok(text.to_owned()));
        }
        assert_eq!(human_duration(3 * DAY_MS + 4 * HOUR_MS + 59_999), "3d 04h");
        assert_eq!(human_duration(725_000), "12m 05s");
        assert_eq!(human_duration(-5), "0s");
    }
}
