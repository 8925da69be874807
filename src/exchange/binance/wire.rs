//! Binance's payloads in Binance's own words. Text is borrowed from the body; fields that are not
//! used are not named, and unknown ones are ignored.

use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// One row of `/api/v3/klines`: 12 columns, of which the last means nothing.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Kline<'a>(
    /// Open time in milliseconds.
    pub i64,
    /// Open.
    pub &'a str,
    /// High.
    pub &'a str,
    /// Low.
    pub &'a str,
    /// Close.
    pub &'a str,
    /// Base volume.
    pub &'a str,
    /// Close time in milliseconds: the last one that belongs to the candle.
    pub i64,
    /// Quote volume.
    pub &'a str,
    /// Number of trades.
    pub i64,
    /// Taker buy base volume.
    pub &'a str,
    /// Taker buy quote volume.
    pub &'a str,
    /// Unused; always "0".
    pub &'a str,
);

/// An aggregate trade: a row of `aggTrades`, or an event `aggTrade`.
#[derive(Debug, Deserialize)]
pub struct AggTrade<'a> {
    /// Number.
    pub a: i64,
    /// Price.
    pub p: &'a str,
    /// Base amount.
    pub q: &'a str,
    /// First number of the trades within.
    pub f: i64,
    /// Last number of the trades within.
    pub l: i64,
    /// Time in milliseconds.
    #[serde(rename = "T")]
    pub time: i64,
    /// Whether the buyer was the maker: then the taker sold.
    pub m: bool,
}

/// One object of `/api/v3/ticker/24hr`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Ticker24h<'a> {
    /// Native symbol.
    #[serde(borrow)]
    pub symbol: Cow<'a, str>,
    /// Last traded price.
    pub last_price: &'a str,
    /// Price 24 h ago.
    pub open_price: &'a str,
    /// Highest.
    pub high_price: &'a str,
    /// Lowest.
    pub low_price: &'a str,
    /// Base volume.
    pub volume: &'a str,
    /// Quote volume.
    pub quote_volume: &'a str,
    /// End of the 24 h in milliseconds.
    pub close_time: i64,
    /// Executions.
    #[serde(default)]
    pub count: Option<u64>,
}

/// `/api/v3/exchangeInfo`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExchangeInfo<'a> {
    /// Limits of the interface.
    #[serde(borrow, default)]
    pub rate_limits: Vec<RateLimit<'a>>,
    /// Symbols, each read on its own.
    #[serde(borrow)]
    pub symbols: Vec<&'a RawValue>,
}

/// A limit: so many of a kind within `interval_num` intervals.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RateLimit<'a> {
    /// `REQUEST_WEIGHT`, `RAW_REQUESTS`, `ORDERS`.
    #[serde(borrow)]
    pub rate_limit_type: Cow<'a, str>,
    /// `SECOND`, `MINUTE`, `DAY`.
    #[serde(borrow)]
    pub interval: Cow<'a, str>,
    /// Number of those.
    pub interval_num: u32,
    /// How many.
    pub limit: u64,
}

/// A symbol of the instrument list.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SymbolInfo<'a> {
    /// Native symbol; not only ASCII.
    #[serde(borrow)]
    pub symbol: Cow<'a, str>,
    /// `TRADING`, `HALT`, `BREAK`, `END_OF_DAY`, `CANCEL_ONLY`.
    #[serde(borrow)]
    pub status: Cow<'a, str>,
    /// Base asset.
    #[serde(borrow)]
    pub base_asset: Cow<'a, str>,
    /// Quote asset.
    #[serde(borrow)]
    pub quote_asset: Cow<'a, str>,
    /// Decimals of base amounts, where no lot is stated.
    #[serde(default = "eight")]
    pub base_asset_precision: u32,
    /// Decimals of quote amounts, where no tick is stated.
    #[serde(default = "eight")]
    pub quote_asset_precision: u32,
    /// Whether it can be traded on the spot market at all.
    #[serde(default = "yes")]
    pub is_spot_trading_allowed: bool,
    /// Trading rules.
    #[serde(borrow, default)]
    pub filters: Vec<Filter<'a>>,
}

/// A trading rule; those without a step are of no interest.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Filter<'a> {
    /// `PRICE_FILTER`, `LOT_SIZE`, ...
    #[serde(borrow)]
    pub filter_type: Cow<'a, str>,
    /// Of `PRICE_FILTER`.
    #[serde(borrow)]
    pub tick_size: Option<Cow<'a, str>>,
    /// Of `LOT_SIZE` and `MARKET_LOT_SIZE`.
    #[serde(borrow)]
    pub step_size: Option<Cow<'a, str>>,
}

/// `/api/v3/time`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ServerTime {
    /// Milliseconds.
    pub server_time: i64,
}

/// A refusal: the body of an answer, or the `error` of a frame.
#[derive(Debug, Deserialize)]
pub struct Failure<'a> {
    /// Negative over REST, but for the 0 with HTTP 451.
    pub code: i64,
    /// For people.
    #[serde(borrow, default)]
    pub msg: Cow<'a, str>,
}

const fn eight() -> u32 {
    8
}

const fn yes() -> bool {
    true
}
