//! Exact decimals: text to number to text, without a float on the way.

pub use rust_decimal::Decimal;

/// Most decimals that a stored mantissa may have.
pub const MAX_SCALE: u32 = 18;

/// Why a decimal was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecimalError {
    /// Not a plain decimal number.
    #[error("`{0}` is not a decimal number")]
    NotANumber(String),
    /// More than 28 digits or 96 bits: it would be rounded.
    #[error("`{0}` has more digits than can be kept exactly")]
    TooLong(String),
}

/// Parses a decimal exactly, or refuses it. `Decimal::from_str` would round past 28 digits.
pub fn parse_decimal(text: &str) -> Result<Decimal, DecimalError> {
    Decimal::from_str_exact(text).map_err(|_| refusal(text))
}

fn refusal(text: &str) -> DecimalError {
    let shown: String = text.chars().take(60).collect();
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = digits.bytes().all(|b| b.is_ascii_digit() || b == b'.') && digits.bytes().filter(|b| *b == b'.').count() <= 1;
    if plain && digits.bytes().any(|b| b.is_ascii_digit()) {
        DecimalError::TooLong(shown)
    } else {
        DecimalError::NotANumber(shown)
    }
}

/// `value` as an integer count of 10^-`scale`, if it is one and fits.
pub fn to_mantissa(value: Decimal, scale: u32) -> Option<i64> {
    let own = value.scale();
    let mantissa = value.mantissa();
    let scaled = if own <= scale {
        mantissa.checked_mul(POWERS[(scale - own) as usize])?
    } else {
        let divisor = POWERS[(own - scale) as usize];
        if mantissa % divisor != 0 {
            return None;
        }
        mantissa / divisor
    };
    i64::try_from(scaled).ok()
}

/// The decimal that `mantissa` counts at `scale` (at most [`MAX_SCALE`]).
pub fn from_mantissa(mantissa: i64, scale: u32) -> Decimal {
    Decimal::new(mantissa, scale)
}

/// The exact sum, or `None` where 96 bits do not hold it: `Decimal` would round without a word.
pub fn exact_add(a: Decimal, b: Decimal) -> Option<Decimal> {
    let sum = a.checked_add(b)?;
    (sum.scale() >= a.scale().max(b.scale()) || sum.is_zero()).then_some(sum)
}

/// The exact product, or `None` where 96 bits do not hold it.
pub fn exact_product(a: Decimal, b: Decimal) -> Option<Decimal> {
    let (a, b) = (a.normalize(), b.normalize());
    let mantissa = a.mantissa().checked_mul(b.mantissa())?;
    Decimal::try_from_i128_with_scale(mantissa, a.scale() + b.scale()).ok()
}

/// Decimals after the point that a tick such as `0.01000000` needs: 2.
pub fn decimals_of_step(step: Decimal) -> u32 {
    step.normalize().scale()
}

/// Plain digits without exponent or trailing zeros, appended to `out`: the form of every export.
pub fn write_trimmed(value: Decimal, out: &mut Vec<u8>) {
    let scale = value.scale() as usize;
    let mantissa = value.mantissa();
    if mantissa == 0 {
        out.push(b'0');
        return;
    }
    if mantissa < 0 {
        out.push(b'-');
    }
    let mut digits = [b'0'; 40];
    let mut at = digits.len();
    let mut rest = mantissa.unsigned_abs();
    // 64-bit division is several times as fast, and nearly every value fits.
    while rest > u128::from(u64::MAX) {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    let mut small = rest as u64;
    while small > 0 {
        at -= 1;
        digits[at] = b'0' + (small % 10) as u8;
        small /= 10;
    }
    at = at.min(digits.len() - scale - 1);
    let (whole, fraction) = digits[at..].split_at(digits.len() - at - scale);
    out.extend_from_slice(whole);
    let kept = fraction.iter().rposition(|digit| *digit != b'0').map_or(0, |last| last + 1);
    if kept > 0 {
        out.push(b'.');
        out.extend_from_slice(&fraction[..kept]);
    }
}

/// [`write_trimmed`] as a `String`.
pub fn trimmed(value: Decimal) -> String {
    let mut out = Vec::with_capacity(24);
    write_trimmed(value, &mut out);
    out.into_iter().map(char::from).collect()
}

/// The nearest float, for pixels and percentages only; never on the way to the store or an export.
pub fn to_f64(value: Decimal) -> f64 {
    value.mantissa() as f64 / 10_f64.powi(value.scale() as i32)
}

/// 10^0 to 10^28, all that a `Decimal`'s scale can ask for.
const POWERS: [i128; 29] = {
    let mut powers = [1_i128; 29];
    let mut at = 1;
    while at < powers.len() {
        powers[at] = powers[at - 1] * 10;
        at += 1;
    }
    powers
};

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn refuses_what_it_cannot_keep() {
        assert!(parse_decimal("0.00000000").is_ok());
        assert!(matches!(parse_decimal("1234567890123456789012345678901.5"), Err(DecimalError::TooLong(_))));
        assert!(matches!(parse_decimal("0.00000000000000000000000000000123"), Err(DecimalError::TooLong(_))));
        for bad in ["", "-", ".", "NaN", "1e5", "1,5", "0x10", "1.2.3", " 1", "null"] {
            assert!(matches!(parse_decimal(bad), Err(DecimalError::NotANumber(_))), "{bad}");
        }
    }

    #[test]
    fn mantissas() {
        let check = |text: &str, scale: u32, expected: Option<i64>| {
            assert_eq!(to_mantissa(parse_decimal(text).unwrap(), scale), expected, "{text} at {scale}");
        };
        check("64000.12000000", 2, Some(6_400_012));
        check("64000.12000000", 8, Some(6_400_012_000_000));
        check("64000.125", 2, None);
        check("92233720368547758.07", 2, Some(i64::MAX));
        check("92233720368547758.08", 2, None);
        check("0.00000000", 0, Some(0));
    }

    #[test]
    fn prints_without_exponent_or_trailing_zeros() {
        let check = |text: &str, expected: &str| assert_eq!(trimmed(parse_decimal(text).unwrap()), expected);
        check("64000.12000000", "64000.12");
        check("0.00000827", "0.00000827");
        check("100", "100");
        check("0.0", "0");
        check("-0.50", "-0.5");
        check("79228162514264337593543950335", "79228162514264337593543950335");
        check("0.0000000000000000000000000001", "0.0000000000000000000000000001");
    }

    #[test]
    fn products() {
        let check = |a: &str, b: &str, expected: Option<&str>| {
            let product = exact_product(parse_decimal(a).unwrap(), parse_decimal(b).unwrap());
            assert_eq!(product.map(trimmed).as_deref(), expected, "{a} * {b}");
        };
        check("0.30", "20.00", Some("6"));
        check("0.000000337101", "0.00000001", Some("0.00000000000000337101"));
        check("0", "1.5", Some("0"));
        check("99999999999999.9999", "99999999999.99999999", None);
        check("0.00000000000000000003", "0.00000000000000000003", None);
    }

    proptest! {
        #[test]
        fn text_survives(mantissa in any::<i64>(), scale in 0_u32..=MAX_SCALE) {
            let value = from_mantissa(mantissa, scale);
            prop_assert_eq!(parse_decimal(&trimmed(value)).unwrap(), value);
            prop_assert_eq!(to_mantissa(value, scale), Some(mantissa));
        }

        #[test]
        fn sums_are_exact_or_refused(a in any::<i64>(), b in any::<i64>(), s in 0_u32..=18, t in 0_u32..=18) {
            if let Some(sum) = exact_add(from_mantissa(a, s), from_mantissa(b, t)) {
                let top = s.max(t) as usize;
                let expected = i128::from(a) * POWERS[top - s as usize] + i128::from(b) * POWERS[top - t as usize];
                prop_assert_eq!(sum.mantissa() * POWERS[top.saturating_sub(sum.scale() as usize)], expected);
            }
        }
    }
}
