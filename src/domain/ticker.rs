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
    /// Executions within 24 h, where the exchange tells how many.
    pub trades_24h: Option<u64>,
    /// The exchange's time of the statistics.
    pub at: Time,
}

impl Ticker {
    /// Change over 24 h in percent, for the screen; `None` where nothing traded
    /// or the exchange does not tell.
    pub fn change_percent(&self) -> Option<f64> {
        let open = super::price::to_f64(self.open_24h?);
        (open > 0.0).then(|| (super::price::to_f64(self.last) - open) / open * 100.0)
    }
}
