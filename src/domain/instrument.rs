//! Exchanges, symbols and instruments.

use super::price::{Decimal, decimals_of_step};
use std::fmt;
use std::str::FromStr;

/// An exchange that this build can record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ExchangeId {
    /// Binance spot.
    Binance,
    /// Binance's USD-M futures: another host, budget and clock than spot.
    BinanceUsdm,
    /// OKX: spot and swaps.
    Okx,
    /// Kraken spot.
    Kraken,
}

impl ExchangeId {
    /// Every exchange, in the order in which screens list them.
    pub const ALL: [Self; 4] = [Self::Binance, Self::BinanceUsdm, Self::Okx, Self::Kraken];

    /// Its name in symbols, settings and the store.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Binance => "binance",
            Self::BinanceUsdm => "binanceusdm",
            Self::Okx => "okx",
            Self::Kraken => "kraken",
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
#[error("`{0}` is not an exchange that can be recorded: use binance, binanceusdm, okx or kraken")]
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

/// A unified symbol by ccxt's convention: `BASE/QUOTE` on a spot market, `BASE/QUOTE:SETTLE` for a
/// perpetual.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Symbol(String);

impl Symbol {
    /// From the instrument list's base and quote; never from a cut-up native name.
    pub fn spot(base: &str, quote: &str) -> Self {
        Self(format!("{base}/{quote}"))
    }

    /// A perpetual that is settled in `settle`.
    pub fn perpetual(base: &str, quote: &str, settle: &str) -> Self {
        Self(format!("{base}/{quote}:{settle}"))
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

/// What a person typed for a symbol: `BTC/USDT`, `BTCUSDT`, `btc-usdt`, `binance:BTC/USDT`,
/// `BTC/USDT:USDT`, `okx:BTC-USDT-SWAP`.
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
            Some((name, rest)) if !name.contains(['/', '-', '_']) => (Some(name.parse()?), rest),
            _ => (None, text),
        };
        let exchange = exchange.map(|exchange| home(exchange, typed));
        Ok(Self { exchange, folded: fold(typed), typed: typed.to_owned() })
    }

    /// Whether `instrument` is meant. A typed `/` or `-` must separate base from quote.
    pub fn matches(&self, instrument: &Instrument) -> bool {
        if self.exchange.is_some_and(|exchange| exchange != instrument.exchange) || self.folded.is_empty() {
            return false;
        }
        // The exchange's own spelling may hold separators as well, and says all there is to say.
        if self.typed.eq_ignore_ascii_case(&instrument.native) {
            return true;
        }
        let (market, settle) = self.typed.split_once(':').map_or((self.typed.as_str(), None), |(m, s)| (m, Some(s)));
        let settles = match (&instrument.kind, settle) {
            (InstrumentKind::Spot, None) => true,
            (InstrumentKind::Perpetual { settle, .. }, Some(typed)) => fold(settle) == fold(typed),
            _ => false,
        };
        if let Some((base, quote)) = market.split_once(['/', '-', '_']) {
            return settles && fold(base) == fold(&instrument.base) && fold(quote) == fold(&instrument.quote);
        }
        self.folded == fold(&instrument.native)
            || self.folded == fold(instrument.symbol.as_str())
            || settles && fold(market) == fold(&format!("{}{}", instrument.base, instrument.quote))
    }
}

/// Where a symbol of `exchange` lives: people say `binance:BTC/USDT:USDT` for what Binance keeps on
/// another host.
pub fn home(exchange: ExchangeId, typed: &str) -> ExchangeId {
    if exchange == ExchangeId::Binance && typed.contains(':') { ExchangeId::BinanceUsdm } else { exchange }
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

/// What one contract of a perpetual stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contract {
    /// So many units of the base asset; amounts in contracts turn into base units exactly. Where an
    /// exchange counts in base units itself, this is 1.
    Base(Decimal),
    /// Worth so much of the quote asset, settled in the base asset ("inverse"): what that is in base
    /// units depends on the price and has no exact decimal.
    Quote(Decimal),
}

impl Contract {
    /// Its name in the store: what its size counts.
    pub const fn unit(self) -> &'static str {
        match self {
            Self::Base(_) => "base",
            Self::Quote(_) => "quote",
        }
    }

    /// Its size.
    pub const fn size(self) -> Decimal {
        match self {
            Self::Base(size) | Self::Quote(size) => size,
        }
    }
}

/// What kind of market an instrument is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InstrumentKind {
    /// Assets change hands.
    Spot,
    /// A future without an end, held to the spot price by funding.
    Perpetual {
        /// The asset it is settled in.
        settle: String,
        /// What amounts in contracts mean.
        contract: Contract,
    },
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
    /// Spot or perpetual.
    pub kind: InstrumentKind,
    /// The spelling that the exchange's streams want, where it differs from `native`.
    pub stream_name: Option<String>,
    /// Whether it trades.
    pub status: InstrumentStatus,
    /// Decimals of the price tick: how prices are printed.
    pub price_decimals: u32,
    /// How the store keeps its numbers.
    pub scales: Scales,
}

#[cfg(test)]
pub(crate) mod tests {
    use super::super::price::parse_decimal;
    use super::*;

    /// BTC/USDT on Binance, for tests.
    pub(crate) fn instrument() -> Instrument {
        Instrument {
            exchange: ExchangeId::Binance,
            symbol: Symbol::spot("BTC", "USDT"),
            native: "BTCUSDT".into(),
            base: "BTC".into(),
            quote: "USDT".into(),
            kind: InstrumentKind::Spot,
            stream_name: None,
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
        for typed in ["BTC/USD", "BTCUS/DT", "", "/", "nowhere:BTC/USDT", "BTC/USDT:USDT", "binance:BTC/USDT:USDT"] {
            check(typed, false);
        }
    }

    #[test]
    fn perpetuals_are_told_from_spot() {
        let kind = InstrumentKind::Perpetual { settle: "USDT".into(), contract: Contract::Base(Decimal::new(1, 2)) };
        let swap = Instrument {
            exchange: ExchangeId::Okx,
            symbol: Symbol::perpetual("BTC", "USDT", "USDT"),
            native: "BTC-USDT-SWAP".into(),
            kind,
            ..instrument()
        };
        let check = |typed: &str, swap: &Instrument, expected: bool| {
            assert_eq!(SymbolQuery::parse(typed).is_ok_and(|query| query.matches(swap)), expected, "{typed}");
        };
        for typed in ["BTC/USDT:USDT", "okx:BTC/USDT:USDT", "btc-usdt-swap", "okx:BTC-USDT-SWAP", "BTCUSDTSWAP"] {
            check(typed, &swap, true);
        }
        for typed in ["BTC/USDT", "BTCUSDT", "BTC/USDT:BTC", "binance:BTC/USDT:USDT", "BTC-USDT"] {
            check(typed, &swap, false);
        }
        let usdm = Instrument { exchange: ExchangeId::BinanceUsdm, native: "BTCUSDT".into(), ..swap };
        for typed in ["BTC/USDT:USDT", "binance:BTC/USDT:USDT", "binanceusdm:BTCUSDT"] {
            check(typed, &usdm, true);
        }
        check("binance:BTCUSDT", &usdm, false);
    }

    #[test]
    fn scales_hold_history_and_huge_volumes() {
        let scales = |tick: &str, lot: &str| Scales::from_steps(parse_decimal(tick).unwrap(), parse_decimal(lot).unwrap());
        assert_eq!(scales("0.01000000", "0.00001000"), Scales { price: 2, base: 8, quote: 8 });
        assert_eq!(scales("0.00000001", "1.00000000"), Scales { price: 8, base: 3, quote: 8 });
    }
}
