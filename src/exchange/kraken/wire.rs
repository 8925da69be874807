//! Kraken's payloads in Kraken's own words. Text is borrowed from the body; fields that are not used
//! are not named, and unknown ones are ignored.

use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::HashMap;

/// Every REST answer: HTTP 200 says nothing of success, the list of errors does.
#[derive(Debug, Deserialize)]
pub struct Envelope<'a> {
    /// `<E or W><category>:<text>`; those with W are warnings.
    #[serde(borrow)]
    pub error: Vec<Cow<'a, str>>,
    /// Absent, null or `{}` beside an error.
    #[serde(borrow, default)]
    pub result: Option<&'a RawValue>,
}

/// A result that is a map: one key is the pair by a spelling of Kraken's choice, the other `last`.
pub type Keyed<'a> = HashMap<Cow<'a, str>, &'a RawValue>;

/// An asset of `Assets`.
#[derive(Debug, Deserialize)]
pub struct Asset<'a> {
    /// `XBT` for the id `XXBT`.
    #[serde(borrow)]
    pub altname: Cow<'a, str>,
}

/// A pair of `AssetPairs`.
#[derive(Debug, Deserialize)]
pub struct AssetPair<'a> {
    /// `XBT/USD`, the name on the first WebSocket interface; dark pools have none.
    #[serde(borrow, default)]
    pub wsname: Option<Cow<'a, str>>,
    /// Asset id of the base.
    #[serde(borrow)]
    pub base: Cow<'a, str>,
    /// Asset id of the quote.
    #[serde(borrow)]
    pub quote: Cow<'a, str>,
    /// Decimals of prices.
    pub pair_decimals: u32,
    /// Decimals of amounts.
    pub lot_decimals: u32,
    /// Decimals of price times amount; absent in old lists.
    #[serde(default)]
    pub cost_decimals: u32,
    /// `online`, `cancel_only`, `post_only`, `limit_only`, `reduce_only`; absent in old lists.
    #[serde(borrow, default)]
    pub status: Option<Cow<'a, str>>,
}

/// A pair of `Ticker`. Two numbers are those of today (UTC) and of the last 24 hours.
#[derive(Debug, Deserialize)]
pub struct Ticker<'a> {
    /// Last trade: price and amount.
    #[serde(borrow)]
    pub c: [&'a str; 2],
    /// Base volume.
    #[serde(borrow)]
    pub v: [&'a str; 2],
    /// Mean price, weighted by volume.
    #[serde(borrow, default)]
    pub p: Option<[&'a str; 2]>,
    /// Lowest.
    #[serde(borrow)]
    pub l: [&'a str; 2],
    /// Highest.
    #[serde(borrow)]
    pub h: [&'a str; 2],
    /// Trades.
    #[serde(default)]
    pub t: Option<[u64; 2]>,
}

/// `Time`.
#[derive(Debug, Deserialize)]
pub struct ServerTime {
    /// Whole seconds.
    pub unixtime: i64,
}

/// Any frame of WebSocket v2.
#[derive(Debug, Deserialize)]
pub struct Frame<'a> {
    /// `ohlc`, `ticker`, `trade`, `status`, `heartbeat`: news.
    #[serde(borrow, default)]
    pub channel: Option<Cow<'a, str>>,
    /// `subscribe`, `unsubscribe`, `pong`: an answer.
    #[serde(borrow, default)]
    pub method: Option<Cow<'a, str>>,
    /// Of an answer: whether the request was taken in.
    #[serde(default)]
    pub success: Option<bool>,
    /// Of a refusal: why. Too many messages are refused with a capital E and nothing else.
    #[serde(borrow, default, alias = "Error")]
    pub error: Option<Cow<'a, str>>,
    /// Of a refusal: which symbol.
    #[serde(borrow, default)]
    pub symbol: Option<Cow<'a, str>>,
    /// Of candles: when they were sent.
    #[serde(borrow, default)]
    pub timestamp: Option<Cow<'a, str>>,
    /// Rows.
    #[serde(borrow, default)]
    pub data: Option<&'a RawValue>,
}

/// A row of `ohlc`. Its `timestamp` is the candle's end, and deprecated.
#[derive(Debug, Deserialize)]
pub struct StreamCandle<'a> {
    /// `BTC/USD`.
    #[serde(borrow)]
    pub symbol: Cow<'a, str>,
    /// Open.
    #[serde(borrow)]
    pub open: &'a RawValue,
    /// High.
    #[serde(borrow)]
    pub high: &'a RawValue,
    /// Low.
    #[serde(borrow)]
    pub low: &'a RawValue,
    /// Close.
    #[serde(borrow)]
    pub close: &'a RawValue,
    /// Trades.
    pub trades: i64,
    /// Base volume.
    #[serde(borrow)]
    pub volume: &'a RawValue,
    /// Open time.
    #[serde(borrow)]
    pub interval_begin: Cow<'a, str>,
    /// Width in minutes.
    pub interval: i64,
}

/// A row of `ticker`.
#[derive(Debug, Deserialize)]
pub struct StreamTicker<'a> {
    /// `BTC/USD`.
    #[serde(borrow)]
    pub symbol: Cow<'a, str>,
    /// Last price; zero where nothing ever traded.
    #[serde(borrow)]
    pub last: &'a RawValue,
    /// Base volume within 24 h.
    #[serde(borrow)]
    pub volume: &'a RawValue,
    /// Mean price within 24 h, weighted by volume.
    #[serde(borrow, default)]
    pub vwap: Option<&'a RawValue>,
    /// Lowest within 24 h.
    #[serde(borrow)]
    pub low: &'a RawValue,
    /// Highest within 24 h.
    #[serde(borrow)]
    pub high: &'a RawValue,
    /// Last price minus the one 24 h ago.
    #[serde(borrow)]
    pub change: &'a RawValue,
    /// When.
    #[serde(borrow)]
    pub timestamp: Cow<'a, str>,
}

/// A row of `trade`.
#[derive(Debug, Deserialize)]
pub struct StreamTrade<'a> {
    /// `BTC/USD`.
    #[serde(borrow)]
    pub symbol: Cow<'a, str>,
    /// `buy` or `sell`: the taker's.
    #[serde(borrow)]
    pub side: Cow<'a, str>,
    /// Price.
    #[serde(borrow)]
    pub price: &'a RawValue,
    /// Base amount.
    #[serde(borrow)]
    pub qty: &'a RawValue,
    /// The pair's count of trades.
    pub trade_id: i64,
    /// When.
    #[serde(borrow)]
    pub timestamp: Cow<'a, str>,
}
