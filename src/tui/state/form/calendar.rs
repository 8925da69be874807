//! Dates that are turned like the wheels of a lock: the field under the cursor, one further or back.

use crate::domain::time::Time;

/// Where a field of `2025-01-31T12:30:00Z` ends, and the field.
const FIELDS: [(usize, Field); 5] =
    [(4, Field::Year), (7, Field::Month), (10, Field::Day), (13, Field::Hour), (usize::MAX, Field::Minute)];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Year,
    Month,
    Day,
    Hour,
    Minute,
}

/// `text` with the field at byte `cursor` one further or back: of a date, of a date with a time, or
/// of a length such as `30d`. An empty text is today. Nothing where it is none of these.
pub(super) fn turned(text: &str, cursor: usize, further: bool, now: Time) -> Option<String> {
    if text.is_empty() {
        return Some(now.format("%Y-%m-%d"));
    }
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = &text[..text.len() - unit.len()];
    if unit.len() == 1 && !digits.is_empty() {
        let count: u32 = digits.parse().ok()?;
        let count = if further { count.checked_add(1)? } else { count.saturating_sub(1).max(1) };
        return Some(format!("{count}{unit}"));
    }
    let time = Time::parse(text, now).ok().filter(|_| text.as_bytes().first().is_some_and(u8::is_ascii_digit))?;
    let has_clock = text.len() > 10;
    let field = FIELDS.into_iter().find(|(end, _)| cursor <= *end).map(|(_, field)| field)?;
    let field = if has_clock || !matches!(field, Field::Hour | Field::Minute) { field } else { Field::Day };
    let number = |pattern: &str| time.format(pattern).parse::<i64>().ok();
    let (mut year, mut month, mut day) = (number("%Y")?, number("%m")?, number("%d")?);
    let step = if further { 1 } else { -1 };
    let moved = match field {
        Field::Year | Field::Month => {
            let months = if field == Field::Year { 12 * step } else { step };
            let at = year * 12 + month - 1 + months;
            (year, month) = (at.div_euclid(12), at.rem_euclid(12) + 1);
            day = day.min(days_of(year, month));
            let clock = if has_clock { time.format("T%H:%M:%SZ") } else { String::new() };
            Time::parse(&format!("{year:04}-{month:02}-{day:02}{clock}"), now).ok()?
        }
        Field::Day => time.plus_ms(step * crate::domain::time::DAY_MS),
        Field::Hour => time.plus_ms(step * crate::domain::time::HOUR_MS),
        Field::Minute => time.plus_ms(step * crate::domain::time::MINUTE_MS),
    };
    if moved < Time::EPOCH || moved.format("%Y").len() != 4 {
        return None;
    }
    Some(if has_clock { moved.format("%Y-%m-%dT%H:%M:%SZ") } else { moved.format("%Y-%m-%d") })
}

/// Days of a month in the Gregorian calendar.
const fn days_of(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_turn() {
        let now = Time::parse("2026-01-15T12:34:56Z", Time::EPOCH).unwrap();
        let check = |text: &str, cursor: usize, further: bool, expected: Option<&str>| {
            assert_eq!(turned(text, cursor, further, now).as_deref(), expected, "{text} at {cursor}");
        };
        check("", 0, true, Some("2026-01-15"));
        check("2025-01-31", 10, true, Some("2025-02-01"));
        check("2025-01-31", 6, true, Some("2025-02-28"));
        check("2024-01-31", 7, true, Some("2024-02-29"));
        check("2024-02-29", 2, true, Some("2025-02-28"));
        check("2025-01-01", 5, false, Some("2024-12-01"));
        check("2025-01-31T23:59:00Z", 20, true, Some("2025-02-01T00:00:00Z"));
        check("2025-01-31T00:10:00Z", 12, false, Some("2025-01-30T23:10:00Z"));
        check("30d", 3, true, Some("31d"));
        check("1h", 0, false, Some("1h"));
        check("1970-01-01", 10, false, None);
        check("9999-12-31", 0, true, None);
        check("listing", 0, true, None);
        check("now", 0, true, None);
        check("yesterday", 0, true, None);
    }
}
