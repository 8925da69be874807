//! Frames of Binance's sockets in Binance's own words. Text is borrowed from the frame.

use crate::exchange::binance::wire::Failure;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// Whatever comes: an event, bare or wrapped with the name of its stream, or an answer to a message.
#[derive(Debug, Deserialize)]
pub struct Frame<'a> {
    /// The event of a wrapped frame.
    #[serde(borrow)]
    pub data: Option<&'a RawValue>,
    /// The event type of a bare frame.
    #[serde(borrow)]
    pub e: Option<Cow<'a, str>>,
    /// Number of the message that this answers.
    #[serde(borrow)]
    pub id: Option<&'a RawValue>,
    /// Why that message is refused.
    #[serde(borrow)]
    pub error: Option<Failure<'a>>,
    /// The same where there is no `error` around it.
    pub code: Option<i64>,
    /// Goes with `code`.
    #[serde(borrow)]
    pub msg: Option<Cow<'a, str>>,
}

/// What all events with an instrument begin with.
#[derive(Debug, Deserialize)]
pub struct Event<'a> {
    /// Event type; best bids and asks of the spot market have none.
    #[serde(borrow)]
    pub e: Option<Cow<'a, str>>,
    /// When it was sent, in milliseconds.
    #[serde(rename = "E")]
    pub at: Option<i64>,
    /// Native symbol.
    #[serde(borrow)]
    pub s: Option<Cow<'a, str>>,
    /// Futures alone: 1 is the USD-M market, 2 COIN-M.
    pub st: Option<i64>,
}

/// `kline`.
#[derive(Debug, Deserialize)]
pub struct KlineEvent<'a> {
    /// The candle.
    #[serde(borrow)]
    pub k: StreamKline<'a>,
}

/// A candle as it stands.
#[derive(Debug, Deserialize)]
pub struct StreamKline<'a> {
    /// Open time in milliseconds.
    pub t: i64,
    /// Close time in milliseconds: the last one that belongs to the candle.
    #[serde(rename = "T")]
    pub close_time: i64,
    /// Interval.
    #[serde(borrow)]
    pub i: Cow<'a, str>,
    /// Open.
    pub o: &'a str,
    /// Close.
    pub c: &'a str,
    /// High.
    pub h: &'a str,
    /// Low.
    pub l: &'a str,
    /// Base volume.
    pub v: &'a str,
    /// Number of trades.
    pub n: i64,
    /// Whether it is final.
    pub x: bool,
    /// Quote volume.
    pub q: &'a str,
    /// Taker buy base volume.
    #[serde(rename = "V")]
    pub taker_base: &'a str,
    /// Taker buy quote volume.
    #[serde(rename = "Q")]
    pub taker_quote: &'a str,
}

/// `24hrMiniTicker`.
#[derive(Debug, Deserialize)]
pub struct MiniTicker<'a> {
    /// Last price.
    pub c: &'a str,
    /// Price 24 h ago.
    pub o: &'a str,
    /// Highest.
    pub h: &'a str,
    /// Lowest.
    pub l: &'a str,
    /// Base volume.
    pub v: &'a str,
    /// Quote volume.
    pub q: &'a str,
}

/// `markPriceUpdate`.
#[derive(Debug, Deserialize)]
pub struct MarkPrice<'a> {
    /// Mark price.
    pub p: &'a str,
    /// Running estimate of the funding rate; empty for contracts with an end.
    pub r: &'a str,
    /// Next settlement in milliseconds; 0 for contracts with an end.
    #[serde(rename = "T")]
    pub next: i64,
}
