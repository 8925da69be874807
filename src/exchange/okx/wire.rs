//! OKX's payloads in OKX's own words. Nearly every value is a string, also numbers; what does not
//! apply is `""`. Fields that are not used are not named, and unknown ones are ignored.

use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// What every REST answer is wrapped in, refusals included.
#[derive(Debug, Deserialize)]
pub struct Envelope<'a> {
    /// `"0"`: success. Everything else is a refusal, also with HTTP 200.
    #[serde(borrow)]
    pub code: &'a RawValue,
    /// For people, in the language of the request.
    #[serde(borrow, default)]
    pub msg: Cow<'a, str>,
    /// Rows of a success.
    #[serde(borrow, default)]
    pub data: Option<&'a RawValue>,
}

/// `/api/v5/public/instruments`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InstrumentInfo<'a> {
    /// `SPOT`, `SWAP`.
    #[serde(borrow)]
    pub inst_type: Cow<'a, str>,
    /// Native symbol.
    #[serde(borrow)]
    pub inst_id: Cow<'a, str>,
    /// Base asset; of spot markets alone.
    #[serde(borrow, default)]
    pub base_ccy: Cow<'a, str>,
    /// Quote asset; of spot markets alone.
    #[serde(borrow, default)]
    pub quote_ccy: Cow<'a, str>,
    /// Underlying of a swap: `BTC-USDT`.
    #[serde(borrow, default)]
    pub uly: Cow<'a, str>,
    /// What a swap is settled in.
    #[serde(borrow, default)]
    pub settle_ccy: Cow<'a, str>,
    /// `linear`, `inverse`.
    #[serde(borrow, default)]
    pub ct_type: Cow<'a, str>,
    /// Size of a contract.
    #[serde(borrow, default)]
    pub ct_val: Cow<'a, str>,
    /// Factor of that size.
    #[serde(borrow, default)]
    pub ct_mult: Cow<'a, str>,
    /// The asset that it counts: the base asset of linear swaps, the quote asset of inverse ones.
    #[serde(borrow, default)]
    pub ct_val_ccy: Cow<'a, str>,
    /// Price tick.
    #[serde(borrow, default)]
    pub tick_sz: Cow<'a, str>,
    /// Lot: base units of spot markets, contracts of swaps.
    #[serde(borrow, default)]
    pub lot_sz: Cow<'a, str>,
    /// `live`, `suspend`, `rebase`, `post_only`, `preopen`, `test`, `settling`.
    #[serde(borrow)]
    pub state: Cow<'a, str>,
}

/// A ticker, of REST and streams alike.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TickerRow<'a> {
    /// Native symbol.
    #[serde(borrow)]
    pub inst_id: Cow<'a, str>,
    /// Last traded price.
    pub last: &'a str,
    /// Price 24 h ago.
    #[serde(default)]
    pub open24h: &'a str,
    /// Highest.
    pub high24h: &'a str,
    /// Lowest.
    pub low24h: &'a str,
    /// Base units of spot markets, contracts of swaps.
    #[serde(default)]
    pub vol24h: &'a str,
    /// Quote units of spot markets, base units of swaps.
    #[serde(rename = "volCcy24h")]
    pub vol_ccy24h: &'a str,
    /// Milliseconds.
    pub ts: &'a str,
}

/// A trade, of REST and streams alike.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TradeRow<'a> {
    /// Number.
    pub trade_id: &'a str,
    /// Price.
    pub px: &'a str,
    /// Base units of spot markets, contracts of swaps.
    pub sz: &'a str,
    /// `buy`, `sell`: the taker's.
    pub side: &'a str,
    /// Milliseconds.
    pub ts: &'a str,
    /// Fills that the row stands for, where it is told.
    pub count: Option<&'a str>,
}

/// `/api/v5/public/funding-rate-history`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FundingRow<'a> {
    /// Settlement in milliseconds.
    pub funding_time: &'a str,
    /// What was charged; `fundingRate` beside it is the forecast of the time.
    #[serde(default)]
    pub realized_rate: &'a str,
}

/// `/api/v5/public/funding-rate`, and the same on the stream.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FundingNow<'a> {
    /// Running estimate.
    pub funding_rate: &'a str,
    /// The coming settlement in milliseconds.
    pub funding_time: &'a str,
    /// The one after.
    #[serde(default)]
    pub next_funding_time: &'a str,
    /// Milliseconds.
    #[serde(default)]
    pub ts: &'a str,
}

/// A row of the stream `open-interest`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OpenInterestNow<'a> {
    /// Coins.
    pub oi_ccy: &'a str,
    /// US dollars; missing before 2024.
    #[serde(default)]
    pub oi_usd: &'a str,
    /// Milliseconds.
    pub ts: &'a str,
}

/// `/api/v5/public/time`.
#[derive(Debug, Deserialize)]
pub struct ServerTime<'a> {
    /// Milliseconds.
    pub ts: &'a str,
}

/// A frame of a stream: an answer or notice with `event`, or rows with `arg` and `data`.
#[derive(Debug, Deserialize)]
pub struct Frame<'a> {
    /// `subscribe`, `unsubscribe`, `error`, `notice`, `channel-conn-count`.
    #[serde(borrow)]
    pub event: Option<Cow<'a, str>>,
    /// Of errors and notices.
    #[serde(borrow, default)]
    pub code: Cow<'a, str>,
    /// Of errors and notices.
    #[serde(borrow, default)]
    pub msg: Cow<'a, str>,
    /// What the rows are of.
    #[serde(borrow)]
    pub arg: Option<Arg<'a>>,
    /// Rows.
    #[serde(borrow)]
    pub data: Option<Vec<&'a RawValue>>,
}

/// A channel of an instrument.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Arg<'a> {
    /// `candle1m`, `tickers`, ...
    #[serde(borrow)]
    pub channel: Cow<'a, str>,
    /// Native symbol; some channels have none.
    #[serde(borrow, default)]
    pub inst_id: Cow<'a, str>,
}
