//! Times finer than a millisecond, from their digits.

use crate::domain::time::{SECOND_MS, Time};

/// Nanoseconds of a second, and of a millisecond.
const SECOND_NS: u64 = 1_000_000_000;
const MILLI_NS: u64 = 1_000_000;

/// `1688669597.8277369`: seconds since the epoch as a JSON number, and the nanoseconds within the
/// millisecond. It is a float over there, good to some 240 ns; its digits are kept as they are.
pub(in super::super) fn seconds(text: &str) -> Option<(Time, u32)> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let nanos = nanos(fraction)?;
    let whole: u32 = whole.parse().ok()?;
    Some((Time::from_ms(i64::from(whole) * SECOND_MS + (nanos / MILLI_NS) as i64), (nanos % MILLI_NS) as u32))
}

/// `2026-09-25T17:48:26.844359566Z`, and the nanoseconds within the millisecond.
pub(in super::super) fn iso(text: &str) -> Option<(Time, u32)> {
    let whole = Time::parse(text, Time::EPOCH).ok().filter(|_| text.ends_with('Z'))?;
    let fraction = text.strip_suffix('Z')?.split_once('.').map_or("", |(_, digits)| digits);
    Some((whole, (nanos(fraction)? % MILLI_NS) as u32))
}

/// Digits behind the point as nanoseconds; what is finer is left off.
fn nanos(fraction: &str) -> Option<u64> {
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let digits = &fraction[..fraction.len().min(9)];
    let value: u64 = if digits.is_empty() { 0 } else { digits.parse().ok()? };
    let nanos = value * 10_u64.pow(9 - digits.len() as u32);
    (nanos < SECOND_NS).then_some(nanos)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_kept() {
        let check = |text: &str, expected: Option<(i64, u32)>| {
            assert_eq!(seconds(text), expected.map(|(ms, nanos)| (Time::from_ms(ms), nanos)), "{text}");
        };
        check("1688669597.8277369", Some((1_688_669_597_827, 736_900)));
        check("1688669602.698379", Some((1_688_669_602_698, 379_000)));
        check("1790359841.138228746", Some((1_790_359_841_138, 228_746)));
        check("1381095255", Some((1_381_095_255_000, 0)));
        check("1381095255.", Some((1_381_095_255_000, 0)));
        check("1381095255.0000000009", Some((1_381_095_255_000, 0)));
        for bad in ["", ".5", "-1.5", "1e9", "\"1381095255\"", "1381095255.1e2", "99999999999"] {
            check(bad, None);
        }
    }

    #[test]
    fn iso_times_keep_nanoseconds() {
        let check = |text: &str, expected: Option<(i64, u32)>| {
            assert_eq!(iso(text), expected.map(|(ms, nanos)| (Time::from_ms(ms), nanos)), "{text}");
        };
        check("2026-09-25T17:48:26.844359566Z", Some((1_790_358_506_844, 359_566)));
        check("2026-09-25T17:48:26.844359Z", Some((1_790_358_506_844, 359_000)));
        check("2026-09-25T17:48:00.000000000Z", Some((1_790_358_480_000, 0)));
        check("2026-09-25T17:48:00Z", Some((1_790_358_480_000, 0)));
        check("1970-01-01T00:00:00Z", Some((0, 0)));
        check("2026-09-25", None);
        check("now", None);
    }
}
