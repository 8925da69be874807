//! Trades.

use super::price::Decimal;
use super::time::Time;

/// Who took the offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// The taker bought.
    Buy,
    /// The taker sold.
    Sell,
}

impl Side {
    /// `buy` or `sell`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Buy => "buy",
            Self::Sell => "sell",
        }
    }
}

/// One trade, or several of one order at one price where the exchange joins them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trade {
    /// The exchange's number; its key within an instrument. Grows with time.
    pub id: i64,
    /// When, by the exchange's clock.
    pub time: Time,
    /// Nanoseconds within that millisecond, where the exchange tells them: 0 to 999,999.
    pub nanos: Option<u32>,
    /// Price.
    pub price: Decimal,
    /// Amount of the base asset.
    pub size: Decimal,
    /// The taker's side.
    pub side: Side,
    /// Executions that this row stands for, where the exchange tells them.
    pub fills: Option<i64>,
}

/// A rule of trades that a row breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TradeError {
    /// A price of zero or less.
    #[error("the price is not positive")]
    Price,
    /// A size of zero or less.
    #[error("the size is not positive")]
    Size,
    /// A negative number, or one without any execution.
    #[error("the number is negative or stands for nothing")]
    Id,
}

impl Trade {
    /// Holds the rules: price and size positive, the number not negative.
    pub fn check(&self) -> Result<(), TradeError> {
        if self.price <= Decimal::ZERO {
            return Err(TradeError::Price);
        }
        if self.size <= Decimal::ZERO {
            return Err(TradeError::Size);
        }
        if self.id < 0 || self.fills.is_some_and(|fills| fills < 1) {
            return Err(TradeError::Id);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules() {
        let sound = Trade {
            id: 7,
            time: Time::EPOCH,
            nanos: None,
            price: Decimal::ONE,
            size: Decimal::ONE,
            side: Side::Buy,
            fills: Some(1),
        };
        assert_eq!(sound.check(), Ok(()));
        assert_eq!(Trade { price: Decimal::ZERO, ..sound }.check(), Err(TradeError::Price));
        assert_eq!(Trade { size: -Decimal::ONE, ..sound }.check(), Err(TradeError::Size));
        assert_eq!(Trade { id: -1, ..sound }.check(), Err(TradeError::Id));
        assert_eq!(Trade { fills: Some(0), ..sound }.check(), Err(TradeError::Id));
    }
}
