//! What a page of candles takes at each exchange, known before anything is asked: plans that are told while somebody
//! types have neither an instrument nor an adapter yet.

use super::{binance, binance_usdm, kraken, okx};
use crate::domain::instrument::ExchangeId;
use crate::domain::interval::Interval;

/// A page of candles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageOfCandles {
    /// Candles that it has at most, 1 or more.
    pub rows: usize,
    /// What its request costs of the budget that [`Health`](super::health::Health) tells.
    pub weight: u32,
    /// Whether it may take more requests than one.
    pub or_more: bool,
}

/// A page of candles of this width, as adapters ask for it; an exchange may turn out to serve shorter ones.
pub fn page_of_candles(exchange: ExchangeId, interval: Interval) -> PageOfCandles {
    match exchange {
        ExchangeId::Binance => binance::PAGE_OF_CANDLES,
        ExchangeId::BinanceUsdm => binance_usdm::PAGE_OF_CANDLES,
        ExchangeId::Okx => okx::page_of_candles(),
        ExchangeId::Kraken => kraken::page_of_candles(interval),
    }
}
