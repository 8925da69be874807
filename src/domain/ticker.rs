//! The last traded price with its 24 h change.

use super::price::Decimal;
use super::time::Time;

/// Last price and rolling 24 h statistics of one instrument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticker {
    /// The exchange's own spelling of the symbol.
    pub native: String,
    /// Last traded price.
    pub last: Decimal,
    /// Price 24 h ago, where the exchange tells it.
    pub open_24h: Option<Decimal>,
    /// Highest price within 24 h.
    pub high_24h: Decimal,
    /// Lowest price within 24 h.
    pub low_24h: Decimal,
    /// Base volume within 24 h.
    pub volume_24h: Decimal,
    /// Quote volume within 24 h, where the exchange tells it.
    pub quote_volume_24h: Option<Decimal>,
    /// Mean price within 24 h, weighted by volume and rounded as the exchange rounds it, where it tells that.
    pub mean_24h: Option<Decimal>,
    /// Executions within 24 h, where the exchange tells how many.
    pub trades_24h: Option<u64>,
    /// The exchange's time of the statistics.
    pub at: Time,
}

impl Ticker {
    /// What was traded within 24 h in the quote asset: as the exchange tells it, else the base volume at the mean
    /// price, else at the last one. `None` where that is beyond what a number holds.
    pub fn worth_24h(&self) -> Option<Decimal> {
        self.quote_volume_24h.or_else(|| self.volume_24h.checked_mul(self.mean_24h.unwrap_or(self.last)))
    }

    /// Whether [`Self::worth_24h`] knows no better price than the last one: by as much as the price moved within the
    /// day it may be wrong.
    pub const fn is_worth_estimated(&self) -> bool {
        self.quote_volume_24h.is_none() && self.mean_24h.is_none()
    }

    /// Change over 24 h in percent, for the screen; `None` where nothing traded
    /// or the exchange does not tell.
    pub fn change_percent(&self) -> Option<f64> {
        let open = super::price::to_f64(self.open_24h?);
        (open > 0.0).then(|| (super::price::to_f64(self.last) - open) / open * 100.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::price::parse_decimal;

    #[test]
    fn what_was_traded_is_told_in_the_quote_asset_by_the_best_price_there_is() {
        let number = |text: &str| parse_decimal(text).unwrap();
        let check = |quote: Option<&str>, mean: Option<&str>, expected: &str, is_estimated: bool| {
            let ticker = Ticker {
                native: "XXBTZUSD".into(),
                last: number("110"),
                open_24h: None,
                high_24h: number("120"),
                low_24h: number("90"),
                volume_24h: number("2.5"),
                quote_volume_24h: quote.map(number),
                mean_24h: mean.map(number),
                trades_24h: None,
                at: Time::EPOCH,
            };
            assert_eq!((ticker.worth_24h(), ticker.is_worth_estimated()), (Some(number(expected)), is_estimated));
        };
        check(Some("260"), Some("100"), "260", false);
        check(None, Some("100"), "250", false);
        check(None, None, "275", true);
    }
}
