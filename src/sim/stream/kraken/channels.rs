//! Channels with their parameters, and what comes on each.

use super::payload;
use crate::domain::time::Time;
use crate::sim::interval::KlineInterval;
use crate::sim::kraken::ohlc::width;
use crate::sim::market::{Market, TradeCursor, Window};
use crate::sim::stream::candle::{CandleEvent, CandleFeed, Manner};
use crate::sim::stream::day::{DayEvent, DayFeed, RollingDay};
use crate::sim::stream::feeds::Feed;
use crate::sim::stream::fields::Object;
use crate::sim::stream::pace::Pace;
use crate::sim::stream::trades::TradeFeed;
use crate::sim::trade::SimTrade;
use serde_json::Value;

/// A channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Channel {
    Trade,
    Ticker,
    Ohlc { minutes: i64, interval: KlineInterval },
}

/// Trades and candles of a snapshot.
const SNAPSHOT_TRADES: usize = 50;
const SNAPSHOT_CANDLES: usize = 10;

impl Channel {
    /// The channel that `params` name, or what is wrong with them.
    pub(super) fn of(params: &Value) -> Result<Self, &'static str> {
        match params.get("channel").and_then(Value::as_str) {
            Some("trade") => Ok(Self::Trade),
            Some("ticker") => Ok(Self::Ticker),
            Some("ohlc") => {
                let minutes = params.get("interval").map_or(Some(1), Value::as_i64);
                let found = minutes.and_then(|minutes| Some(Self::Ohlc { minutes, interval: width(minutes)? }));
                found.ok_or("Ohlc interval not supported")
            }
            Some(_) => Err("Channel not supported"),
            None => Err("Channel field must be a string"),
        }
    }

    /// Its name among a socket's subscriptions.
    pub(super) fn key(self, symbol: &str) -> String {
        match self {
            Self::Trade => format!("trade {symbol}"),
            Self::Ticker => format!("ticker {symbol}"),
            Self::Ohlc { minutes, .. } => format!("ohlc {minutes} {symbol}"),
        }
    }

    pub(super) const fn snapshot_is_usual(self) -> bool {
        !matches!(self, Self::Trade)
    }

    /// `result` of an acknowledgement; that of an end names no snapshot.
    pub(super) fn result(self, symbol: &str, snapshot: Option<bool>) -> String {
        let mut out = Vec::new();
        let object = Object::new(&mut out);
        let object = match self {
            Self::Trade => object.text("channel", "trade"),
            Self::Ticker => object.text("channel", "ticker").text("event_trigger", "trades"),
            Self::Ohlc { minutes, .. } => object.text("channel", "ohlc").int("interval", minutes),
        };
        let object = if let Some(snapshot) = snapshot { object.flag("snapshot", snapshot) } else { object };
        let object = object.text("symbol", symbol);
        match (self, snapshot) {
            (Self::Ohlc { .. }, Some(_)) => {
                object.raw("warnings", "[\"timestamp is deprecated, use interval_begin\"]").end();
            }
            _ => object.end(),
        }
        String::from_utf8(out).unwrap_or_default()
    }

    /// The first frame: what there is already.
    pub(super) fn snapshot(self, market: &Market, now: Time) -> Vec<u8> {
        match self {
            Self::Trade => {
                let now_ns = TradeCursor::Ns(now.ms().saturating_mul(1_000_000));
                let trades = market.trades_before(now_ns, now, SNAPSHOT_TRADES);
                payload::trades("snapshot", market, &trades)
            }
            Self::Ticker => {
                payload::ticker("snapshot", market, &RollingDay::new(market).news(now).into_iter().collect::<Vec<_>>())
            }
            Self::Ohlc { minutes, interval } => {
                let window = Window { start: None, end: None, limit: SNAPSHOT_CANDLES };
                let mut rows = market.rows(interval, window, now);
                rows.retain(|row| row.trades > 0);
                payload::candles("snapshot", market, minutes, now, &rows)
            }
        }
    }

    pub(super) fn feed(self, market: &Market) -> Box<dyn Feed> {
        let own = market.clone();
        match self {
            Self::Trade => {
                let write = move |trade: &SimTrade, _: Time, out: &mut Vec<u8>| {
                    *out = payload::trades("update", &own, std::slice::from_ref(trade));
                };
                Box::new(TradeFeed::new(market, Box::new(write)))
            }
            Self::Ticker => {
                let write = move |news: &[(&Market, DayEvent)], out: &mut Vec<u8>| {
                    *out = payload::ticker("update", &own, &news.iter().map(|(_, day)| *day).collect::<Vec<_>>());
                };
                Box::new(DayFeed::new([market], Pace::new(1_000, market.native()), false, Box::new(write)))
            }
            Self::Ohlc { minutes, interval } => {
                let manner = Manner { pace: Pace::new(1_000, market.native()), at_once: false, trades_only: true };
                let write = move |event: &CandleEvent, out: &mut Vec<u8>| {
                    *out = payload::candles("update", &own, minutes, event.at, &[event.row]);
                };
                Box::new(CandleFeed::new(market, interval, manner, Box::new(write)))
            }
        }
    }
}
