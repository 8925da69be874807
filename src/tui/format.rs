//! Numbers, ages and texts as the screens print them.

use crate::domain::price::Decimal;
use crate::domain::time::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, Time};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// A price at the instrument's own decimals; under 0.0001 in compact-zero notation, where the
/// small figure counts the zeros after the point: 0.00000734 is `0.0₅734`.
pub(crate) fn price(value: Decimal, decimals: u32) -> String {
    compact_zeros(format!("{:.*}", decimals as usize, value.round_dp(decimals)))
}

/// [`price`] of a number that is only for the screen, such as a tick of an axis.
pub(crate) fn price_f64(value: f64, decimals: u32) -> String {
    compact_zeros(format!("{value:.*}", decimals as usize))
}

fn compact_zeros(text: String) -> String {
    let (sign, digits) = text.strip_prefix('-').map_or(("", text.as_str()), |digits| ("-", digits));
    let Some(fraction) = digits.strip_prefix("0.") else { return text };
    let zeros = fraction.len() - fraction.trim_start_matches('0').len();
    if zeros < 4 || zeros == fraction.len() {
        return text;
    }
    let count: String = zeros.to_string().chars().map(subscript).collect();
    format!("{sign}0.0{count}{}", &fraction[zeros..])
}

fn subscript(digit: char) -> char {
    digit.to_digit(10).and_then(|d| char::from_u32('₀' as u32 + d)).unwrap_or(digit)
}

/// An amount in four or five characters: `0.012`, `152.4`, `1.25k`, `41.0M`, `7.30B`.
pub(crate) fn amount(value: f64) -> String {
    let magnitude = value.abs();
    let (scaled, unit) = match magnitude {
        m if m >= 999.5e9 => (value / 1e12, "T"),
        m if m >= 999.5e6 => (value / 1e9, "B"),
        m if m >= 999.5e3 => (value / 1e6, "M"),
        m if m >= 999.5 => (value / 1e3, "k"),
        _ => (value, ""),
    };
    let decimals = match scaled.abs() {
        s if s >= 99.95 => usize::from(unit.is_empty()),
        s if s >= 9.995 => 1,
        s if s < 1.0 && unit.is_empty() && value != 0.0 => 3,
        _ if value == 0.0 => 0,
        _ => 2,
    };
    format!("{scaled:.decimals$}{unit}")
}

/// A count in at most four characters: `999`, `41k`, `1.2M`.
pub(crate) fn count(value: u64) -> String {
    let short = |divisor: f64, unit: &str| {
        let scaled = value as f64 / divisor;
        if scaled < 9.95 { format!("{scaled:.1}{unit}") } else { format!("{scaled:.0}{unit}") }
    };
    match value {
        0..1_000 => value.to_string(),
        1_000..999_500 => short(1e3, "k"),
        999_500..999_500_000 => short(1e6, "M"),
        _ => short(1e9, "B"),
    }
}

/// A change in percent with its direction: `▲ 1.24%`. It rounds to zero as `  0.00%`.
pub(crate) fn change(percent: f64) -> String {
    let arrow = if percent >= 0.005 {
        '▲'
    } else if percent <= -0.005 {
        '▼'
    } else {
        ' '
    };
    let decimals = if percent.abs() >= 999.5 { 0 } else { 2 };
    format!("{arrow}{:>5.decimals$}%", percent.abs())
}

/// An age in at most four characters: `4s`, `12m`, `5h`, `41d`. Clocks that differ give no negative one.
pub(crate) fn age(ms: i64) -> String {
    let ms = ms.max(0);
    match ms {
        0..MINUTE_MS => format!("{}s", ms / SECOND_MS),
        MINUTE_MS..HOUR_MS => format!("{}m", ms / MINUTE_MS),
        HOUR_MS..DAY_MS => format!("{}h", ms / HOUR_MS),
        _ => format!("{}d", ms / DAY_MS),
    }
}

/// The age of something, by whole seconds of the clock: it changes when the clock on screen does.
pub(crate) fn age_of(at: Time, now: Time) -> String {
    age(now.floor_to(SECOND_MS).since(at))
}

/// Time left: `00:12`, `1:02:33`, `2d 03h`.
pub(crate) fn eta(ms: i64) -> String {
    let seconds = (ms.max(0) + SECOND_MS - 1) / SECOND_MS;
    match seconds {
        0..3_600 => format!("{:02}:{:02}", seconds / 60, seconds % 60),
        3_600..86_400 => format!("{}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60),
        _ => format!("{}d {:02}h", seconds / 86_400, seconds / 3_600 % 24),
    }
}

/// Columns that `text` takes.
pub(crate) fn width(text: &str) -> usize {
    text.width()
}

/// `text` in at most `columns`, its cut end marked by `…`.
pub(crate) fn fit(text: &str, columns: usize) -> String {
    if text.width() <= columns && !text.contains(char::is_control) {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut used = 0;
    let whole = text.width() <= columns;
    for c in text.chars().map(|c| if c.is_control() { ' ' } else { c }) {
        let next = c.width().unwrap_or(0);
        if used + next > if whole { columns } else { columns.saturating_sub(1) } {
            break;
        }
        out.push(c);
        used += next;
    }
    if !whole && columns > 0 {
        out.push('…');
        // Half of a wide character is left blank: what stands behind a cut text keeps its place.
        out.extend(std::iter::repeat_n(' ', (columns - 1).saturating_sub(used)));
    }
    out
}

/// [`fit`] that cuts between words.
pub(crate) fn fit_words(text: &str, columns: usize) -> String {
    let cut = fit(text, columns);
    let Some(kept) = cut.trim_end().strip_suffix('…').filter(|_| cut != text) else { return cut };
    let inside = text.get(kept.len()..).is_some_and(|rest| !rest.starts_with(' '));
    let end = if inside { kept.rfind(' ').unwrap_or(0) } else { kept.len() };
    match kept.get(..end).unwrap_or_default().trim_end_matches([' ', ',', ';', ':']) {
        "" => String::new(),
        words => format!("{words}…"),
    }
}

/// `text` cut and filled to exactly `columns`, at the left.
pub(crate) fn left(text: &str, columns: usize) -> String {
    let mut out = fit(text, columns);
    out.extend(std::iter::repeat_n(' ', columns.saturating_sub(out.width())));
    out
}

/// `text` cut and filled to exactly `columns`, at the right.
pub(crate) fn right(text: &str, columns: usize) -> String {
    let cut = fit(text, columns);
    let mut out: String = std::iter::repeat_n(' ', columns.saturating_sub(cut.width())).collect();
    out.push_str(&cut);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::price::parse_decimal;

    #[test]
    fn prices() {
        let check = |text: &str, decimals: u32, expected: &str| {
            assert_eq!(price(parse_decimal(text).unwrap(), decimals), expected, "{text}");
        };
        check("64080.1", 2, "64080.10");
        check("64080.10000000", 2, "64080.10");
        check("0.00000734", 8, "0.0₅734");
        check("0.00009999", 8, "0.0₄9999");
        check("0.00010000", 8, "0.00010000");
        check("0.000000000000123", 15, "0.0₁₂123");
        check("0", 8, "0.00000000");
        check("1.005", 2, "1.00");
        check("3", 0, "3");
    }

    #[test]
    fn amounts_and_counts() {
        for (value, expected) in [
            (0.0, "0"),
            (0.0123, "0.012"),
            (1.5, "1.50"),
            (152.41, "152.4"),
            (999.9, "1.00k"),
            (1_254.0, "1.25k"),
            (41_000_000.0, "41.0M"),
            (730e6, "730M"),
            (7.3e9, "7.30B"),
            (2e12, "2.00T"),
        ] {
            assert_eq!(amount(value), expected);
        }
        for (value, expected) in
            [(0, "0"), (999, "999"), (1_234, "1.2k"), (41_400, "41k"), (999_999, "1.0M"), (12_000_000, "12M")]
        {
            assert_eq!(count(value), expected);
        }
    }

    #[test]
    fn changes_ages_and_times() {
        assert_eq!([1.239, -0.31, 0.001, -123.4].map(change), ["▲ 1.24%", "▼ 0.31%", "  0.00%", "▼123.40%"]);
        assert_eq!([-5, 59_999, 60_000, 7_200_000, 3 * DAY_MS].map(age), ["0s", "59s", "1m", "2h", "3d"]);
        assert_eq!(
            [0, 12_000, 11_001, 3_753_000, 2 * DAY_MS + 3 * HOUR_MS].map(eta),
            ["00:00", "00:12", "00:12", "1:02:33", "2d 03h"]
        );
    }

    #[test]
    fn texts_fit_by_columns() {
        assert_eq!(fit("BTC/USDT", 8), "BTC/USDT");
        assert_eq!(fit("BTC/USDT", 5), "BTC/…");
        assert_eq!(left("币安人生/USDT", 9), "币安人生…");
        assert_eq!(left("币安人生", 6), "币安… ");
        assert_eq!(width(&left("币", 1)), 1);
        assert_eq!(right("ab", 4), "  ab");
        assert_eq!(fit("a\nb\u{1b}", 5), "a b ");
        assert_eq!(fit("abc", 0), "");
        assert_eq!(fit("币安人生", 6), "币安… ");
        assert_eq!(fit_words("30d, 2025-01-31 or listing", 20), "30d, 2025-01-31 or…");
        assert_eq!(fit_words("30d, 2025-01-31 or listing", 12), "30d…");
        assert_eq!(fit_words("30d, 2025-01-31 or listing", 30), "30d, 2025-01-31 or listing");
        assert_eq!(fit_words("listing", 3), "");
    }
}
