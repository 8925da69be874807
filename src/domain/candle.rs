//! OHLCV over one interval.

use super::price::Decimal;
use super::time::Time;

/// A candle. Once closed and stored it never changes without a revision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candle {
    /// When it opens; its key within a series.
    pub open_time: Time,
    /// First price.
    pub open: Decimal,
    /// Highest price.
    pub high: Decimal,
    /// Lowest price.
    pub low: Decimal,
    /// Last price.
    pub close: Decimal,
    /// Traded amount of the base asset.
    pub volume: Decimal,
    /// Traded amount of the quote asset, where the exchange gives it.
    pub quote_volume: Option<Decimal>,
    /// Number of trades, where the exchange gives it.
    pub trade_count: Option<i64>,
    /// Base amount bought by takers, where the exchange gives it.
    pub taker_buy_volume: Option<Decimal>,
    /// Quote amount spent by buying takers, where the exchange gives it.
    pub taker_buy_quote_volume: Option<Decimal>,
}

/// A rule of candles that a row breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CandleError {
    /// A price of zero or less.
    #[error("a price is not positive")]
    Price,
    /// `high` below `open`, `close` or `low`.
    #[error("high is below open, close or low")]
    High,
    /// `low` above `open` or `close`.
    #[error("low is above open or close")]
    Low,
    /// A negative volume or trade count.
    #[error("a volume or count is negative")]
    Volume,
    /// A volume that no market has, and that could not be added up exactly.
    #[error("a volume is too large to add up exactly")]
    Magnitude,
}

impl Candle {
    /// Holds the rules of OHLCV: prices positive, low <= open, close <= high, nothing negative.
    pub fn check(&self) -> Result<(), CandleError> {
        if [self.open, self.high, self.low, self.close].iter().any(|price| *price <= Decimal::ZERO) {
            return Err(CandleError::Price);
        }
        if self.high < self.open.max(self.close).max(self.low) {
            return Err(CandleError::High);
        }
        if self.low > self.open.min(self.close) {
            return Err(CandleError::Low);
        }
        let volumes = [Some(self.volume), self.quote_volume, self.taker_buy_volume, self.taker_buy_quote_volume];
        if volumes.into_iter().flatten().any(|volume| volume.is_sign_negative() && !volume.is_zero())
            || self.trade_count.is_some_and(|count| count < 0)
        {
            return Err(CandleError::Volume);
        }
        let [base, quote] = [[Some(self.volume), self.taker_buy_volume], [self.quote_volume, self.taker_buy_quote_volume]]
            .map(|of| of.into_iter().flatten());
        if !base.into_iter().all(|volume| adds_up(volume, Some(VOLUME_SCALE)))
            || !quote.into_iter().all(|volume| adds_up(volume, None))
        {
            return Err(CandleError::Magnitude);
        }
        Ok(())
    }

    /// Whether it closed at or above its open.
    pub fn is_rising(&self) -> bool {
        self.close >= self.open
    }
}

/// Decimals of volumes that add up whatever else is in their week.
const VOLUME_SCALE: u32 = 10;

/// Minutes of a week.
const WEEK: i128 = 10_080;

/// Whether a week of minutes of this volume still fits the 96 bits of a decimal, at ten decimals (up to
/// 7.8 * 10^14 units; the largest real ones are near 10^13) or at its own where it has more.
///
/// What a base asset has traded is told with few decimals, and a candle without it is none: it may have no
/// more than `most`, so that any two add up. An amount of the quote asset may be a product with the decimals
/// of both its factors, up to eighteen of a small coin that is priced in a dear one, and such amounts are
/// small. Where one of them meets a large one their sum is not told.
fn adds_up(volume: Decimal, most: Option<u32>) -> bool {
    let volume = if volume.scale() > VOLUME_SCALE { volume.normalize() } else { volume };
    if most.is_some_and(|most| volume.scale() > most) {
        return false;
    }
    let room = Decimal::MAX.mantissa() / WEEK;
    volume.mantissa() <= room / 10_i128.pow(VOLUME_SCALE.saturating_sub(volume.scale()))
}

/// Where a stored candle came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Source {
    /// The exchange's REST interface.
    Rest,
    /// The exchange's stream, when the candle closed.
    Stream,
    /// Folded from the exchange's trades, which reach further back than its candles.
    Trades,
    /// The exchange's stream; its REST interface has said the same since.
    Confirmed,
}

impl Source {
    /// Its number in the store.
    pub const fn code(self) -> i64 {
        match self {
            Self::Rest => 0,
            Self::Stream => 1,
            Self::Trades => 2,
            Self::Confirmed => 3,
        }
    }

    /// The source of this number.
    pub const fn from_code(code: i64) -> Option<Self> {
        match code {
            0 => Some(Self::Rest),
            1 => Some(Self::Stream),
            2 => Some(Self::Trades),
            3 => Some(Self::Confirmed),
            _ => None,
        }
    }

    /// For people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Rest => "REST",
            Self::Stream => "stream",
            Self::Trades => "trades",
            Self::Confirmed => "stream, confirmed by REST",
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::super::price::{exact_add, exact_product, parse_decimal};
    use super::*;
    use proptest::prelude::*;

    /// A candle from text, for tests.
    pub(crate) fn candle(ms: i64, ohlcv: [&str; 5]) -> Candle {
        let [open, high, low, close, volume] = ohlcv.map(|text| parse_decimal(text).unwrap());
        Candle {
            open_time: Time::from_ms(ms),
            open,
            high,
            low,
            close,
            volume,
            quote_volume: None,
            trade_count: None,
            taker_buy_volume: None,
            taker_buy_quote_volume: None,
        }
    }

    #[test]
    fn rules() {
        let check = |ohlcv: [&str; 5], expected: Result<(), CandleError>| assert_eq!(candle(0, ohlcv).check(), expected);
        check(["2", "3", "1", "2.5", "0"], Ok(()));
        check(["2", "2", "2", "2", "0"], Ok(()));
        check(["0", "3", "1", "2", "1"], Err(CandleError::Price));
        check(["2", "3", "-1", "2", "1"], Err(CandleError::Price));
        check(["2", "2.1", "1", "2.5", "1"], Err(CandleError::High));
        check(["2", "3", "2.1", "2.5", "1"], Err(CandleError::Low));
        check(["2", "1", "3", "2", "1"], Err(CandleError::High));
        check(["2", "3", "1", "2", "-0.1"], Err(CandleError::Volume));
        check(["2", "3", "1", "2", "99999999999999.1234567891"], Ok(()));
        check(["2", "3", "1", "2", "0.12345678901"], Err(CandleError::Magnitude));
        check(["2", "3", "1", "2", "1000000000000000"], Err(CandleError::Magnitude));
        let of_quote = |text: &str, expected: Result<(), CandleError>| {
            let sound = candle(0, ["2", "3", "1", "2", "1"]);
            let amount = Some(parse_decimal(text).unwrap());
            assert_eq!(Candle { quote_volume: amount, ..sound }.check(), expected, "{text}");
            assert_eq!(Candle { taker_buy_quote_volume: amount, ..sound }.check(), expected, "{text}");
        };
        of_quote("99999999999999.1234567891", Ok(()));
        of_quote("1000000000000000", Err(CandleError::Magnitude));
        of_quote("0.12345678901", Ok(()));
        of_quote("7800000.123456789012345678", Ok(()));
        of_quote("7900000.123456789012345678", Err(CandleError::Magnitude));
        of_quote("7900000.100000000000000000", Ok(()));
    }

    /// The sum of a week of minutes, a part at a time as a fold adds them.
    fn week(volumes: &[Decimal]) -> Option<Decimal> {
        let mut minutes = volumes.iter().cycle().take(WEEK as usize);
        minutes.try_fold(Decimal::ZERO, |sum, volume| exact_add(sum, *volume))
    }

    fn of_quote(volume: Decimal) -> Candle {
        Candle { quote_volume: Some(volume), ..candle(0, ["1", "1", "1", "1", "1"]) }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn what_is_taken_adds_up_for_a_week(digits in 1_u32..=28, seed in any::<u128>(), scale in 0_u32..=28) {
            let mantissa = (seed % 10_u128.pow(digits)).min(Decimal::MAX.mantissa().unsigned_abs()) as i128;
            let volume = Decimal::from_i128_with_scale(mantissa, scale);
            let sum = week(&[volume.normalize()]);
            if of_quote(volume).check().is_ok() {
                prop_assert_eq!(sum.map(|sum| sum.normalize()), exact_product(volume, Decimal::from(WEEK as i64)).map(|sum| sum.normalize()));
                prop_assert!(sum.is_some());
            } else {
                let is_huge = volume > Decimal::new(780_000_000_000_000, 0);
                prop_assert!(is_huge || exact_product(volume, Decimal::from(WEEK as i64)).is_none(), "refused without need: {volume}");
            }
        }

        #[test]
        fn base_volumes_of_any_decimals_add_up(parts in prop::collection::vec((1_u64.., 0_u32..=VOLUME_SCALE), 1..8)) {
            let volumes: Vec<Decimal> = parts.into_iter().map(|(mantissa, scale)| Decimal::from_i128_with_scale(mantissa.into(), scale))
                .filter(|volume| Candle { volume: *volume, ..of_quote(Decimal::ONE) }.check().is_ok()).collect();
            prop_assert!(volumes.is_empty() || week(&volumes).is_some());
        }
    }
}
