//! How text formats write `open_time`.

use crate::domain::price;
use crate::domain::time::{DAY_MS, SECOND_MS, Time};
use std::fmt;
use std::io::Write as _;
use std::str::FromStr;

/// The form of `open_time` in CSV and JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum TimeForm {
    /// RFC 3339 in UTC: `2025-01-31T12:00:00Z`.
    #[default]
    Iso,
    /// Milliseconds since the epoch.
    Ms,
    /// Seconds since the epoch, with a fraction only where there is one.
    Seconds,
}

impl TimeForm {
    /// Every form.
    pub const ALL: [Self; 3] = [Self::Iso, Self::Ms, Self::Seconds];

    /// Its name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Iso => "iso",
            Self::Ms => "ms",
            Self::Seconds => "s",
        }
    }
}

impl fmt::Display for TimeForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Text that names no form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a form of time: use iso, ms or s")]
pub struct TimeFormParseError(pub String);

impl FromStr for TimeForm {
    type Err = TimeFormParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|form| form.name() == text).ok_or_else(|| TimeFormParseError(text.to_owned()))
    }
}

/// Writes times in one form; remembers the day, for neighbours share it.
#[derive(Debug)]
pub struct TimeWriter {
    form: TimeForm,
    day: Option<i64>,
    date: String,
}

impl TimeWriter {
    pub(super) fn new(form: TimeForm) -> Self {
        Self { form, day: None, date: String::new() }
    }

    /// Whether its output is a number, which JSON does not quote.
    pub(super) fn is_number(&self) -> bool {
        self.form != TimeForm::Iso
    }

    pub(super) fn write(&mut self, time: Time, out: &mut Vec<u8>) {
        match self.form {
            TimeForm::Iso => self.iso(time, out),
            TimeForm::Ms => integer(time.ms(), out),
            TimeForm::Seconds => price::write_trimmed(price::from_mantissa(time.ms(), 3), out),
        }
    }

    /// A time with the nanoseconds within its millisecond, where they are known: in every form to the last
    /// digit.
    pub(super) fn write_exact(&mut self, time: Time, nanos: Option<u32>, out: &mut Vec<u8>) {
        let Some(nanos) = nanos else { return self.write(time, out) };
        // Up to the year 2262, which trades do not reach.
        let all = time.ms().saturating_mul(1_000_000).saturating_add(i64::from(nanos));
        match self.form {
            TimeForm::Iso => {
                out.extend_from_slice(time.format("%Y-%m-%dT%H:%M:%S").as_bytes());
                // Writing to a `Vec` cannot fail.
                let _ = write!(out, ".{:03}{nanos:06}Z", time.ms().rem_euclid(SECOND_MS));
            }
            TimeForm::Ms => price::write_trimmed(price::from_mantissa(all, 6), out),
            TimeForm::Seconds => price::write_trimmed(price::from_mantissa(all, 9), out),
        }
    }

    /// [`Time::iso`] at a twentieth of its cost: the date is formatted once a day.
    fn iso(&mut self, time: Time, out: &mut Vec<u8>) {
        let day = time.ms().div_euclid(DAY_MS);
        if time.ms().rem_euclid(SECOND_MS) != 0 {
            out.extend_from_slice(time.iso().as_bytes());
            return;
        }
        if self.day != Some(day) {
            self.date = time.format("%Y-%m-%dT");
            self.day = Some(day);
        }
        if self.date.is_empty() {
            out.extend_from_slice(time.iso().as_bytes());
            return;
        }
        let seconds = time.ms().rem_euclid(DAY_MS) / SECOND_MS;
        let pair = |value: i64| [b'0' + (value / 10) as u8, b'0' + (value % 10) as u8];
        let ([h1, h2], [m1, m2], [s1, s2]) = (pair(seconds / 3_600), pair(seconds / 60 % 60), pair(seconds % 60));
        out.extend_from_slice(self.date.as_bytes());
        out.extend_from_slice(&[h1, h2, b':', m1, m2, b':', s1, s2, b'Z']);
    }
}

/// The digits of `value`.
pub(super) fn integer(value: i64, out: &mut Vec<u8>) {
    // Writing to a `Vec` cannot fail.
    let _ = write!(out, "{value}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(form: TimeForm, ms: i64) -> String {
        let mut out = Vec::new();
        TimeWriter::new(form).write(Time::from_ms(ms), &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn forms() {
        let check = |form: &str, ms: i64, expected: &str| assert_eq!(written(form.parse().unwrap(), ms), expected);
        check("iso", 1_738_324_800_000, "2025-01-31T12:00:00Z");
        check("iso", 1_738_324_800_250, "2025-01-31T12:00:00.250Z");
        check("iso", -1_000, "1969-12-31T23:59:59Z");
        check("ms", 1_738_324_800_000, "1738324800000");
        check("s", 1_738_324_800_000, "1738324800");
        check("s", 1_738_324_800_250, "1738324800.25");
        assert!("seconds".parse::<TimeForm>().is_err());
    }

    proptest! {
        #[test]
        fn iso_is_the_domains_iso(times in prop::collection::vec(-4_000_000_000_000_i64..20_000_000_000_000, 1..20), whole in any::<bool>()) {
            let mut writer = TimeWriter::new(TimeForm::Iso);
            for ms in times {
                let time = Time::from_ms(if whole { ms / 1_000 * 1_000 } else { ms });
                let mut out = Vec::new();
                writer.write(time, &mut out);
                prop_assert_eq!(String::from_utf8(out).unwrap(), time.iso());
            }
        }
    }
}
