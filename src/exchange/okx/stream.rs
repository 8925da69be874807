//! OKX's streams: two sockets, `public` and `business`, with one subscription for each channel of an
//! instrument. Pure.
//!
//! Trades come from `trades-all`, one row for each fill, and not from `trades`: that one joins the
//! fills of an order at a price under the number of the last of them, and would dispute the rows that
//! REST has under the same number.

use super::parse::{self, bar};
use super::wire::{Arg, Frame};
use crate::domain::interval::Interval;
use crate::domain::time::Time;
use crate::exchange::http::{BaseUrl, UrlError};
use crate::exchange::stream::{
    BadFrame, Heard, Ping, Protocol, Roster, SocketLimits, StreamEvent, Subscription, Topic, stream_name,
};
use crate::exchange::text::cut;
use serde_json::value::RawValue;
use std::time::Duration;

/// Prices, funding and open interest.
const PUBLIC: &str = "/ws/v5/public";
/// Candles and single trades: the public socket refuses them.
const BUSINESS: &str = "/ws/v5/business";

/// OKX takes messages of 64 KB; a subscription is about 60 bytes long.
const PER_MESSAGE: usize = 100;
/// OKX takes 480 subscriptions and their ends in an hour of a connection: even if it counts each by
/// itself, every one can be ended and made anew within that hour.
const PER_SOCKET: usize = 160;

/// The protocol of one host.
#[derive(Debug)]
pub struct OkxStream {
    base_url: String,
}

impl OkxStream {
    /// For `wss://host[:port]`, or `ws://` of this machine.
    pub fn new(url: &str) -> Result<Self, UrlError> {
        Ok(Self { base_url: BaseUrl::parse_socket(url)? })
    }

    fn message(operation: &str, id: u64, subscriptions: &[Subscription]) -> Vec<String> {
        let arg = |subscription: &Subscription| {
            serde_json::json!({
                "channel": channel(subscription.topic),
                "instId": stream_name(&subscription.instrument),
            })
        };
        let message = |(at, chunk): (u64, &[Subscription])| {
            let args: Vec<serde_json::Value> = chunk.iter().map(arg).collect();
            serde_json::json!({ "id": id.wrapping_add(at).to_string(), "op": operation, "args": args }).to_string()
        };
        (0..).zip(subscriptions.chunks(PER_MESSAGE)).map(message).collect()
    }
}

fn channel(topic: Topic) -> String {
    match topic {
        Topic::Candles(interval) => format!("candle{}", bar(interval)),
        Topic::Ticker => "tickers".into(),
        Topic::Trades => "trades-all".into(),
        Topic::Funding => "funding-rate".into(),
        Topic::OpenInterest => "open-interest".into(),
    }
}

/// The topic of a channel, where it is one of ours.
fn topic(channel: &str) -> Option<Topic> {
    match channel {
        "tickers" => Some(Topic::Ticker),
        "trades-all" => Some(Topic::Trades),
        "funding-rate" => Some(Topic::Funding),
        "open-interest" => Some(Topic::OpenInterest),
        other => {
            let name = other.strip_prefix("candle")?;
            Interval::ALL.into_iter().find(|interval| bar(*interval) == name).map(Topic::Candles)
        }
    }
}

impl Protocol for OkxStream {
    fn base_url(&self) -> &str {
        &self.base_url
    }

    fn path(&self, subscription: &Subscription) -> String {
        match subscription.topic {
            Topic::Candles(_) | Topic::Trades => BUSINESS.into(),
            Topic::Ticker | Topic::Funding | Topic::OpenInterest => PUBLIC.into(),
        }
    }

    fn paths(&self) -> &'static [&'static str] {
        &[PUBLIC, BUSINESS]
    }

    fn limits(&self, _path: &str) -> SocketLimits {
        SocketLimits {
            subscriptions: PER_SOCKET,
            per_message: PER_MESSAGE,
            messages: (480, Duration::from_secs(3_600)),
            connections: (3, Duration::from_secs(1)),
            lifetime: None,
            // OKX closes what is silent for 30 s, and answers with the text `pong`. Pings of the
            // protocol itself do not count.
            ping: Some(Ping { idle: Duration::from_secs(25), text: "ping" }),
            silence: Duration::from_secs(35),
        }
    }

    fn subscribe(&self, id: u64, subscriptions: &[Subscription]) -> Vec<String> {
        Self::message("subscribe", id, subscriptions)
    }

    fn unsubscribe(&self, id: u64, subscriptions: &[Subscription]) -> Vec<String> {
        Self::message("unsubscribe", id, subscriptions)
    }

    fn read(&self, text: &str, roster: &Roster) -> Result<Vec<Heard>, BadFrame> {
        if text == "pong" {
            return Ok(vec![Heard { at: None, event: StreamEvent::Beat }]);
        }
        let bad = |what: &str| BadFrame { what: cut(what, 200), excerpt: cut(text, 200) };
        let frame: Frame<'_> = serde_json::from_str(text).map_err(|error| bad(&error.to_string()))?;
        if let Some(event) = &frame.event {
            return Ok(vec![Heard { at: None, event: notice(event, &frame) }]);
        }
        match (&frame.arg, &frame.data) {
            (Some(arg), Some(rows)) => push(arg, rows, roster).map_err(|reason| bad(&reason)),
            _ => Err(bad("neither an event nor rows")),
        }
    }
}

/// What a frame says that brings no rows.
fn notice(event: &str, frame: &Frame<'_>) -> StreamEvent {
    match event {
        "subscribe" | "unsubscribe" => StreamEvent::Acknowledged,
        // The service is upgraded in a minute, and closes this socket then.
        "notice" if frame.code == "64008" => StreamEvent::Leaving,
        "error" | "channel-conn-count-error" => {
            let reason = format!("{}: {}", frame.code, frame.msg);
            StreamEvent::Refused { name: refused_name(&frame.msg), id: None, reason: cut(&reason, 300) }
        }
        _ => StreamEvent::Beat,
    }
}

/// The instrument in `... channel:candle1m,instId:BTC-USDT doesn't exist ...`.
fn refused_name(message: &str) -> Option<String> {
    let (_, rest) = message.split_once("instId:")?;
    let name = rest.split(|c: char| c.is_whitespace() || matches!(c, ',' | '.' | '"' | '}')).next()?;
    (!name.is_empty()).then(|| name.to_owned())
}

fn push(arg: &Arg<'_>, rows: &[&RawValue], roster: &Roster) -> Result<Vec<Heard>, String> {
    let (Some(topic), Some(instrument)) = (topic(&arg.channel), roster.get(&arg.inst_id)) else { return Ok(Vec::new()) };
    let (instrument, kind) = (|| instrument.clone(), &instrument.kind);
    let heard = |row: &&RawValue| -> Result<Heard, String> {
        let text = row.get();
        Ok(match topic {
            Topic::Candles(interval) => {
                let row = parse::candle(text, kind).map_err(|bad| bad.reason)?;
                let closed = row.closed == Some(true);
                let event = StreamEvent::Candle { instrument: instrument(), interval, candle: row.candle, closed };
                Heard { at: None, event }
            }
            Topic::Ticker => {
                let ticker = parse::ticker(text, kind)?;
                dated(ticker.at, StreamEvent::Ticker { instrument: instrument(), ticker })
            }
            Topic::Trades => {
                let trade = parse::trade(text, kind)?;
                dated(trade.time, StreamEvent::Trade { instrument: instrument(), trade })
            }
            Topic::Funding => {
                let (forecast, at) = parse::forecast(text)?;
                Heard { at, event: StreamEvent::Funding { instrument: instrument(), forecast } }
            }
            Topic::OpenInterest => {
                let row = parse::open_interest_now(text)?;
                dated(row.time, StreamEvent::OpenInterest { instrument: instrument(), row })
            }
        })
    };
    rows.iter().map(heard).collect()
}

const fn dated(at: Time, event: StreamEvent) -> Heard {
    Heard { at: Some(at), event }
}

#[cfg(test)]
mod tests;
