//! Kraken's WebSocket protocol, version 2. Pure.
//!
//! A candle is sent whenever a trade changes it, and never said to be closed: every one is `closed: false`
//! here. It is over when one of a later open time comes, or when its end has passed; an update of the
//! older one may still come after that, and minutes without a trade never come at all. Subscribing
//! brings a snapshot first: the last candles, the last fifty trades, the present ticker. They are news
//! like any other.

use super::parse::iso;
use super::wire::{Frame, StreamCandle, StreamTicker, StreamTrade};
use crate::domain::candle::Candle;
use crate::domain::interval::Interval;
use crate::domain::price::{Decimal, exact_add, parse_decimal};
use crate::domain::ticker::Ticker;
use crate::domain::time::{MINUTE_MS, Time};
use crate::domain::trade::{Side, Trade};
use crate::exchange::http::{BaseUrl, UrlError};
use crate::exchange::kraken::minutes;
use crate::exchange::payload::part;
use crate::exchange::stream::{
    BadFrame, Heard, Ping, Protocol, Roster, SocketLimits, StreamEvent, Subscription, Topic, stream_name,
};
use crate::exchange::text::cut;
use serde_json::value::RawValue;
use std::sync::Arc;
use std::time::Duration;

/// Most symbols of one socket. Kraken states no limit; three hundred are known to work.
const SUBSCRIPTIONS: usize = 300;
/// Most symbols of one message.
const PER_MESSAGE: usize = 100;

/// The protocol of one host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KrakenProtocol {
    base_url: String,
}

impl KrakenProtocol {
    /// Of `wss://host`, or `ws://` of this machine.
    pub fn new(url: &str) -> Result<Self, UrlError> {
        Ok(Self { base_url: BaseUrl::parse_socket(url)? })
    }
}

/// A topic's channel, and the width of its candles in minutes; `None` for what Kraken does not stream.
fn channel(topic: Topic) -> Option<(&'static str, Option<u32>)> {
    match topic {
        Topic::Candles(interval) => minutes(interval).map(|minutes| ("ohlc", Some(minutes))),
        Topic::Ticker => Some(("ticker", None)),
        Topic::Trades => Some(("trade", None)),
        Topic::Funding | Topic::OpenInterest => None,
    }
}

/// One message for each channel and chunk of symbols.
fn messages(method: &str, id: u64, subscriptions: &[Subscription]) -> Vec<String> {
    let mut groups: Vec<(Topic, Vec<&str>)> = Vec::new();
    for Subscription { instrument, topic } in subscriptions {
        let name = stream_name(instrument);
        match groups.iter_mut().find(|(known, _)| known == topic) {
            Some((_, names)) => names.push(name),
            None => groups.push((*topic, vec![name])),
        }
    }
    let mut messages = Vec::with_capacity(groups.len());
    for (topic, names) in groups {
        let Some((channel, minutes)) = channel(topic) else { continue };
        let width = minutes.map_or_else(String::new, |minutes| format!(r#","interval":{minutes}"#));
        let snapshot = if method == "subscribe" { r#","snapshot":true"# } else { "" };
        for names in names.chunks(PER_MESSAGE) {
            let names: Vec<String> = names.iter().map(|name| serde_json::Value::from(*name).to_string()).collect();
            let number = id + messages.len() as u64;
            messages.push(format!(
                r#"{{"method":"{method}","params":{{"channel":"{channel}","symbol":[{}]{width}{snapshot}}},"req_id":{number}}}"#,
                names.join(",")
            ));
        }
    }
    messages
}

impl Protocol for KrakenProtocol {
    fn base_url(&self) -> &str {
        &self.base_url
    }

    /// A socket takes one width of candles of a symbol ("Already subscribed to one ohlc interval on this
    /// symbol"), so each width but the minute has sockets of its own. A fragment tells them apart; it
    /// is no part of what is sent to the server.
    fn path(&self, subscription: &Subscription) -> String {
        match subscription.topic {
            Topic::Candles(interval) if interval != Interval::M1 => format!("/v2#{interval}"),
            _ => "/v2".to_owned(),
        }
    }

    fn paths(&self) -> &'static [&'static str] {
        &["/v2"]
    }

    fn limits(&self, _path: &str) -> SocketLimits {
        SocketLimits {
            subscriptions: SUBSCRIPTIONS,
            per_message: PER_MESSAGE,
            // "Exceeded msg rate" has no stated figure.
            messages: (5, Duration::from_secs(5)),
            // Then Cloudflare bans the address for ten minutes.
            connections: (150, Duration::from_secs(600)),
            lifetime: None,
            // A socket without subscriptions gets no heartbeats and is closed after a minute.
            ping: Some(Ping { idle: Duration::from_secs(5), text: r#"{"method":"ping"}"# }),
            // Heartbeats come each second.
            silence: Duration::from_secs(10),
        }
    }

    fn tells_closed(&self) -> bool {
        false
    }

    fn subscribe(&self, id: u64, subscriptions: &[Subscription]) -> Vec<String> {
        messages("subscribe", id, subscriptions)
    }

    fn unsubscribe(&self, id: u64, subscriptions: &[Subscription]) -> Vec<String> {
        messages("unsubscribe", id, subscriptions)
    }

    fn read(&self, text: &str, roster: &Roster) -> Result<Vec<Heard>, BadFrame> {
        read(text, roster).map_err(|what| BadFrame { what: cut(&what, 200), excerpt: cut(text, 200) })
    }
}

fn read(text: &str, roster: &Roster) -> Result<Vec<Heard>, String> {
    let frame: Frame<'_> = part(text)?;
    let alone = |event| Ok(vec![Heard { at: None, event }]);
    if let Some(reason) = frame.error {
        let name = frame.symbol.map(std::borrow::Cow::into_owned);
        return alone(StreamEvent::Refused { name, id: None, reason: cut(&reason, 200) });
    }
    match (frame.channel.as_deref(), frame.method.as_deref(), frame.success) {
        (Some("heartbeat" | "status"), ..) | (None, Some("pong"), _) => alone(StreamEvent::Beat),
        (None, Some("subscribe" | "unsubscribe"), Some(true)) => alone(StreamEvent::Acknowledged),
        (Some(channel @ ("ohlc" | "ticker" | "trade")), ..) => {
            let sent_at = frame.timestamp.map(|at| moment(&at)).transpose()?.map(|(at, _)| at);
            let rows: Vec<&RawValue> = part(frame.data.ok_or("no data")?.get())?;
            let mut heard = Vec::with_capacity(rows.len());
            for row in rows {
                heard.extend(match channel {
                    "ohlc" => candle(row, sent_at, roster)?,
                    "ticker" => ticker(row, roster)?,
                    _ => trade(row, roster)?,
                });
            }
            Ok(heard)
        }
        (channel, method, _) => {
            Err(format!("a frame of no known kind: channel {}, method {}", channel.unwrap_or("none"), method.unwrap_or("none")))
        }
    }
}

fn moment(text: &str) -> Result<(Time, u32), String> {
    iso(text).ok_or_else(|| format!("`{}` is no time", cut(text, 40)))
}

/// A JSON number by its own digits: a float would lose some, and with them the exact amount.
fn number(raw: &RawValue) -> Result<Decimal, String> {
    parse_decimal(raw.get()).map_err(|error| error.to_string())
}

fn candle(raw: &RawValue, at: Option<Time>, roster: &Roster) -> Result<Option<Heard>, String> {
    let wire: StreamCandle<'_> = part(raw.get())?;
    let Some(instrument) = roster.get(&wire.symbol).map(Arc::clone) else { return Ok(None) };
    let interval = Interval::from_ms(wire.interval.saturating_mul(MINUTE_MS)).filter(|interval| minutes(*interval).is_some());
    let interval = interval.ok_or_else(|| format!("candles of {} minutes", wire.interval))?;
    let candle = Candle {
        open_time: moment(&wire.interval_begin)?.0,
        open: number(wire.open)?,
        high: number(wire.high)?,
        low: number(wire.low)?,
        close: number(wire.close)?,
        volume: number(wire.volume)?,
        quote_volume: None,
        trade_count: Some(wire.trades),
        taker_buy_volume: None,
        taker_buy_quote_volume: None,
    };
    if !interval.is_aligned(candle.open_time) {
        return Err(format!("open time is off the {interval} grid"));
    }
    Ok(Some(Heard { at, event: StreamEvent::Candle { instrument, interval, candle, closed: false } }))
}

fn ticker(raw: &RawValue, roster: &Roster) -> Result<Option<Heard>, String> {
    let wire: StreamTicker<'_> = part(raw.get())?;
    let Some(instrument) = roster.get(&wire.symbol).map(Arc::clone) else { return Ok(None) };
    let last = number(wire.last)?;
    if last.is_zero() {
        // Nothing ever traded; such a row is of 1970.
        return Ok(None);
    }
    let (at, _) = moment(&wire.timestamp)?;
    let ticker = Ticker {
        native: instrument.native.clone(),
        last,
        open_24h: exact_add(last, -number(wire.change)?),
        high_24h: number(wire.high)?,
        low_24h: number(wire.low)?,
        volume_24h: number(wire.volume)?,
        quote_volume_24h: None,
        mean_24h: wire.vwap.map(number).transpose()?.filter(|mean| !mean.is_zero()),
        trades_24h: None,
        at,
    };
    Ok(Some(Heard { at: Some(at), event: StreamEvent::Ticker { instrument, ticker } }))
}

fn trade(raw: &RawValue, roster: &Roster) -> Result<Option<Heard>, String> {
    let wire: StreamTrade<'_> = part(raw.get())?;
    let Some(instrument) = roster.get(&wire.symbol).map(Arc::clone) else { return Ok(None) };
    let (time, nanos) = moment(&wire.timestamp)?;
    let side = match &*wire.side {
        "buy" => Side::Buy,
        "sell" => Side::Sell,
        other => return Err(format!("`{}` is no side", cut(other, 40))),
    };
    let trade = Trade {
        id: wire.trade_id,
        time,
        nanos: Some(nanos),
        price: number(wire.price)?,
        size: number(wire.qty)?,
        side,
        fills: None,
    };
    trade.check().map_err(|error| error.to_string())?;
    Ok(Some(Heard { at: Some(time), event: StreamEvent::Trade { instrument, trade } }))
}

#[cfg(test)]
mod tests;
