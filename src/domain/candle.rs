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
        if !volumes.into_iter().flatten().all(adds_up) {
            return Err(CandleError::Magnitude);
        }
        Ok(())
    }

    /// Whether it closed at or above its open.
    pub fn is_rising(&self) -> bool {
        self.close >= self.open
    }
}

/// Decimals that a volume may have so that weeks of minutes add up exactly.
const VOLUME_SCALE: u32 = 10;

/// Whether a week of minutes of this volume (10,080) still fits the 96 bits of a decimal: up to
/// 7.8 * 10^14 units with ten decimals. The largest real ones are near 10^13.
fn adds_up(volume: Decimal) -> bool {
    let volume = if volume.scale() > VOLUME_SCALE { volume.normalize() } else { volume };
    let Some(missing) = VOLUME_SCALE.checked_sub(volume.scale()) else { return false };
    let room = Decimal::MAX.mantissa() / 10_080;
    volume.mantissa() <= room / 10_i128.pow(missing)
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
    use super::super::price::parse_decimal;
    use super::*;

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
    }
}
