//! Exchanges, symbols and instruments.

use super::price::{Decimal, decimals_of_step};
use std::fmt;
use std::str::FromStr;

/// An exchange that this build can record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ExchangeId {
    /// Binance spot.
    Binance,
}

impl ExchangeId {
    /// Every exchange, in the order in which screens list them.
    pub const ALL: [Self; 1] = [Self::Binance];

    /// Its name in symbols, settings and the store.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Binance => "binance",
        }
    }
}

impl fmt::Display for ExchangeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Text that names no exchange of this build.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an exchange that can be recorded: use binance")]
pub struct ExchangeParseError(pub String);

impl FromStr for ExchangeId {
    type Err = ExchangeParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|id| id.name().eq_ignore_ascii_case(text.trim()))
            .ok_or_else(|| ExchangeParseError(text.to_owned()))
    }
}

/// A unified spot symbol, `BASE/QUOTE` in the exchange's own letters (ccxt's convention).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Symbol(String);

impl Symbol {
    /// From the instrument list's base and quote; never from a cut-up native name.
    pub fn spot(base: &str, quote: &str) -> Self {
        Self(format!("{base}/{quote}"))
    }

    /// A symbol that the store wrote before.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// `BTC/USDT`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// What a person typed for a symbol: `BTC/USDT`, `BTCUSDT`, `btc-usdt`, `binance:BTC/USDT`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SymbolQuery {
    /// The exchange named before a colon, if one was.
    pub exchange: Option<ExchangeId>,
    /// Letters and digits alone, upper case: what native and unified spellings share.
    pub folded: String,
    /// As typed, without the exchange.
    pub typed: String,
}

impl SymbolQuery {
    /// Reads what was typed; only a name before a colon can be wrong.
    pub fn parse(text: &str) -> Result<Self, ExchangeParseError> {
        let text = text.trim();
        let (exchange, typed) = match text.split_once(':') {
            Some((name, rest)) if !name.contains('/') => (Some(name.parse()?), rest),
            _ => (None, text),
        };
        Ok(Self { exchange, folded: fold(typed), typed: typed.to_owned() })
    }

    /// Whether `instrument` is meant. A typed `/` or `-` must separate base from quote.
    pub fn matches(&self, instrument: &Instrument) -> bool {
        if self.exchange.is_some_and(|exchange| exchange != instrument.exchange) || self.folded.is_empty() {
            return false;
        }
        if let Some((base, quote)) = self.typed.split_once(['/', '-', '_']) {
            return fold(base) == fold(&instrument.base) && fold(quote) == fold(&instrument.quote);
        }
        self.folded == fold(&instrument.native) || self.folded == fold(instrument.symbol.as_str())
    }
}

fn fold(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect()
}

/// Whether an instrument trades now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum InstrumentStatus {
    /// New candles are to be expected.
    Trading,
    /// Trading is paused; the exchange says it will go on.
    Halted,
    /// Trading has ended, or the exchange lists it no more.
    Delisted,
}

impl InstrumentStatus {
    /// Its name on screen and in the store.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Trading => "trading",
            Self::Halted => "halted",
            Self::Delisted => "delisted",
        }
    }

    /// The status of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Trading, Self::Halted, Self::Delisted].into_iter().find(|status| status.name() == name)
    }
}

/// Decimals at which the store keeps an instrument's numbers as integers; a value that needs more
/// is kept as exact text instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scales {
    /// For open, high, low, close.
    pub price: u32,
    /// For volumes in the base asset.
    pub base: u32,
    /// For volumes in the quote asset.
    pub quote: u32,
}

impl Scales {
    /// Scales from the present tick and lot. Volumes get room for the finer lots of earlier years
    /// (BTC/USDT had six decimals in 2017 and has five now), while 10^13 units still fit an i64.
    pub fn from_steps(tick: Decimal, lot: Decimal) -> Self {
        let price = decimals_of_step(tick).min(super::price::MAX_SCALE);
        let lot = decimals_of_step(lot);
        Self { price, base: (lot + 3).min(8), quote: (price + lot + 1).min(8) }
    }
}

/// One market on one exchange, as its instrument list describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instrument {
    /// Where it trades.
    pub exchange: ExchangeId,
    /// `BTC/USDT`.
    pub symbol: Symbol,
    /// The exchange's own spelling: `BTCUSDT`.
    pub native: String,
    /// The asset that is bought and sold.
    pub base: String,
    /// The asset it is priced in.
    pub quote: String,
    /// Whether it trades.
    pub status: InstrumentStatus,
    /// Decimals of the price tick: how prices are printed.
    pub price_decimals: u32,
    /// How the store keeps its numbers.
    pub scales: Scales,
}

#[cfg(test)]
mod tests {
    use super::super::price::parse_decimal;
    use super::*;

    fn instrument() -> Instrument {
        Instrument {
            exchange: ExchangeId::Binance,
            symbol: Symbol::spot("BTC", "USDT"),
            native: "BTCUSDT".into(),
            base: "BTC".into(),
            quote: "USDT".into(),
            status: InstrumentStatus::Trading,
            price_decimals: 2,
            scales: Scales { price: 2, base: 8, quote: 8 },
        }
    }

    #[test]
    fn spellings() {
        let check = |typed: &str, expected: bool| {
            let found = SymbolQuery::parse(typed).is_ok_and(|query| query.matches(&instrument()));
            assert_eq!(found, expected, "{typed}");
        };
        for typed in ["BTC/USDT", "BTCUSDT", "btc-usdt", "btc_usdt", " btcusdt ", "binance:BTC/USDT", "Binance:btcusdt"] {
            check(typed, true);
        }
        for typed in ["BTC/USD", "BTCUS/DT", "", "/", "nowhere:BTC/USDT", "BTC/USDT:USDT"] {
            check(typed, false);
        }
    }

    #[test]
    fn scales_hold_history_and_huge_volumes() {
        let scales = |tick: &str, lot: &str| Scales::from_steps(parse_decimal(tick).unwrap(), parse_decimal(lot).unwrap());
        assert_eq!(scales("0.01000000", "0.00001000"), Scales { price: 2, base: 8, quote: 8 });
        assert_eq!(scales("0.00000001", "1.00000000"), Scales { price: 8, base: 3, quote: 8 });
    }
}
