//! How Parquet keeps decimals: one number of digits and one scale for a whole column.
//!
//! A column is `DECIMAL(18, scale)` in an INT64, which delta encoding packs to about 21 bytes a
//! candle, or `DECIMAL(38, scale)` in 16 bytes where a value asks for more. The type stands in the
//! file before the first row, so it cannot grow on the way: an export either starts compact and is
//! told [`Unfit`](super::ExportError::Unfit) by the one value in a million that is wider, or looks
//! at its candles first with [`DecimalLayout::widen`]. Nothing is ever rounded.

use crate::domain::candle::Candle;
use crate::domain::instrument::Scales;
use crate::domain::price::{Decimal, MAX_SCALE};

/// Digits that an INT64 holds whatever they are.
pub const COMPACT_DIGITS: u32 = 18;
/// Digits of a decimal in 16 bytes, the most that readers of Parquet agree on.
pub const WIDE_DIGITS: u32 = 38;

/// The decimal columns of one Parquet file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DecimalLayout {
    /// Of open, high, low, close.
    pub price: DecimalColumn,
    /// Of amounts of the base asset.
    pub base: DecimalColumn,
    /// Of amounts of the quote asset.
    pub quote: DecimalColumn,
}

/// The shape of one decimal column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DecimalColumn {
    scale: u32,
    /// Most digits before the point seen by [`DecimalLayout::widen`].
    whole: u32,
}

impl DecimalLayout {
    /// INT64 columns at the instrument's scales.
    pub fn compact(scales: Scales) -> Self {
        let column = |scale: u32| DecimalColumn { scale: scale.min(MAX_SCALE), whole: 0 };
        Self { price: column(scales.price), base: column(scales.base), quote: column(scales.quote) }
    }

    /// Makes room for these candles.
    pub fn widen(&mut self, candles: &[Candle]) {
        for candle in candles {
            for value in [candle.open, candle.high, candle.low, candle.close] {
                self.price.widen(value);
            }
            self.base.widen(candle.volume);
            if let Some(value) = candle.taker_buy_volume {
                self.base.widen(value);
            }
            for value in [candle.quote_volume, candle.taker_buy_quote_volume].into_iter().flatten() {
                self.quote.widen(value);
            }
        }
    }
}

impl DecimalColumn {
    /// Digits behind the point.
    pub const fn scale(self) -> u32 {
        self.scale
    }

    /// Digits in all: [`COMPACT_DIGITS`] or [`WIDE_DIGITS`].
    pub const fn precision(self) -> u32 {
        if self.is_wide() { WIDE_DIGITS } else { COMPACT_DIGITS }
    }

    /// Whether it takes 16 bytes instead of 8.
    pub const fn is_wide(self) -> bool {
        self.scale + self.whole > COMPACT_DIGITS
    }

    /// `value` as an integer count of 10^-scale; `None` where it is none or has too many digits.
    pub(super) fn mantissa(self, value: Decimal) -> Option<i128> {
        let value = if value.scale() > self.scale { value.normalize() } else { value };
        let power = 10_i128.pow(self.scale.checked_sub(value.scale())?);
        let mantissa = value.mantissa().checked_mul(power)?;
        (mantissa.unsigned_abs() < 10_u128.pow(self.precision())).then_some(mantissa)
    }

    fn widen(&mut self, value: Decimal) {
        // Most values lie within the scale as they are; the others may only end in zeros.
        let value = if value.scale() > self.scale { value.normalize() } else { value };
        self.scale = self.scale.max(value.scale());
        let digits = value.mantissa().unsigned_abs().checked_ilog10().map_or(0, |log| log + 1);
        self.whole = self.whole.max(digits.saturating_sub(value.scale()));
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::decimal;
    use super::*;

    #[test]
    fn mantissas() {
        let check = |scale: u32, text: &str, expected: Option<i128>| {
            assert_eq!(DecimalColumn { scale, whole: 0 }.mantissa(decimal(text)), expected, "{text} at {scale}");
        };
        check(2, "64000.12000000", Some(6_400_012));
        check(8, "0.00000827", Some(827));
        check(2, "0.001", None);
        check(2, "-1.5", Some(-150));
        check(0, "999999999999999999", Some(999_999_999_999_999_999));
        check(0, "1000000000000000000", None);
        check(18, "79228162514264337593543950335", None);
    }

    #[test]
    fn widens_to_what_it_saw() {
        let check = |values: &[&str], scale: u32, wide: bool| {
            let mut column = DecimalColumn { scale: 8, whole: 0 };
            for text in values {
                column.widen(decimal(text));
            }
            assert_eq!((column.scale(), column.is_wide()), (scale, wide), "{values:?}");
            for text in values {
                assert!(column.mantissa(decimal(text)).is_some(), "{text}");
            }
        };
        check(&["1.5", "9999999999.99999999"], 8, false);
        check(&["10000000000"], 8, true);
        check(&["0.0000000001", "1234.5"], 10, false);
        check(&["1.100000000000000"], 8, false);
        check(&["0.0000000000000000000000000001", "1234567890"], 28, true);
    }
}
