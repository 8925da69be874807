//! Candles from trades, exactly, and how they compare with the exchange's own.

#[cfg(test)]
mod tests;

use super::candle::Candle;
use super::price::{Decimal, exact_add, exact_product, trimmed};
use super::time::Time;
use super::trade::{Side, Trade};

/// Puts the trades of one candle together, fed in any order: their numbers say which was first and which
/// last. What an exact sum does not hold is left out of the candle rather than rounded.
#[derive(Debug, Clone)]
pub struct TradeFold {
    candle: Option<Candle>,
    open_time: Time,
    volume: Option<Decimal>,
    /// Numbers of the first and the last trade.
    ids: (i64, i64),
}

impl TradeFold {
    /// For the candle that opens at `open_time`.
    pub const fn new(open_time: Time) -> Self {
        Self { candle: None, open_time, volume: Some(Decimal::ZERO), ids: (i64::MAX, i64::MIN) }
    }

    /// Adds a trade.
    pub fn push(&mut self, trade: &Trade) {
        let worth = exact_product(trade.price, trade.size);
        let bought = |amount: Option<Decimal>| if trade.side == Side::Buy { amount } else { Some(Decimal::ZERO) };
        let candle = self.candle.get_or_insert(Candle {
            open_time: self.open_time,
            open: trade.price,
            high: trade.price,
            low: trade.price,
            close: trade.price,
            volume: Decimal::ZERO,
            quote_volume: Some(Decimal::ZERO),
            trade_count: Some(0),
            taker_buy_volume: Some(Decimal::ZERO),
            taker_buy_quote_volume: Some(Decimal::ZERO),
        });
        candle.high = candle.high.max(trade.price);
        candle.low = candle.low.min(trade.price);
        if trade.id < self.ids.0 {
            (self.ids.0, candle.open) = (trade.id, trade.price);
        }
        if trade.id > self.ids.1 {
            (self.ids.1, candle.close) = (trade.id, trade.price);
        }
        self.volume = add(self.volume, Some(trade.size));
        candle.quote_volume = add(candle.quote_volume, worth);
        candle.trade_count = candle.trade_count.zip(trade.fills).and_then(|(sum, fills)| sum.checked_add(fills));
        candle.taker_buy_volume = add(candle.taker_buy_volume, bought(Some(trade.size)));
        candle.taker_buy_quote_volume = add(candle.taker_buy_quote_volume, bought(worth));
    }

    /// The candle; `None` where nothing traded, or where its volume cannot be added up exactly.
    pub fn finish(self) -> Option<Candle> {
        let volume = self.volume?;
        self.candle.map(|candle| Candle { volume, ..candle })
    }
}

/// Puts the trades of one candle together.
pub fn candle_of(open_time: Time, trades: &[Trade]) -> Option<Candle> {
    let mut fold = TradeFold::new(open_time);
    for trade in trades {
        fold.push(trade);
    }
    fold.finish()
}

/// A value in which a stored candle differs from the trades.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// `open`, `volume` ..
    pub field: &'static str,
    /// In the stored candle.
    pub stored: String,
    /// By the trades.
    pub folded: String,
}

/// Where a stored candle differs from its trades, all of which are there; empty where it does not. A
/// minute without trades is a candle without volume. Trades are counted where each tells how many
/// executions it stands for.
pub fn compare(stored: &Candle, trades: &[Trade]) -> Vec<Difference> {
    let differ = |field: &'static str, stored: Decimal, folded: Decimal| {
        (stored != folded).then(|| Difference { field, stored: trimmed(stored), folded: trimmed(folded) })
    };
    if trades.is_empty() {
        return differ("volume", stored.volume, Decimal::ZERO).into_iter().collect();
    }
    let Some(folded) = candle_of(stored.open_time, trades) else {
        return vec![Difference { field: "volume", stored: trimmed(stored.volume), folded: "too large to add exactly".into() }];
    };
    let pairs = [
        ("open", stored.open, folded.open),
        ("high", stored.high, folded.high),
        ("low", stored.low, folded.low),
        ("close", stored.close, folded.close),
        ("volume", stored.volume, folded.volume),
    ];
    let mut differences: Vec<Difference> = pairs.into_iter().filter_map(|(field, a, b)| differ(field, a, b)).collect();
    if let (Some(a), Some(b)) = (stored.trade_count, folded.trade_count)
        && a != b
    {
        differences.push(Difference { field: "trade_count", stored: a.to_string(), folded: b.to_string() });
    }
    differences
}

fn add(sum: Option<Decimal>, next: Option<Decimal>) -> Option<Decimal> {
    exact_add(sum?, next?)
}
