//! Kraken v2: the control messages and what can be subscribed.

mod channels;
mod payload;

use super::feeds::Silent;
use super::fields::Object;
use super::link::Link;
use super::session::{Habits, Idle, Protocol};
use crate::domain::time::Time;
use crate::sim::fault::SocketFault;
use crate::sim::fault::plan::Occasion;
use crate::sim::market::Market;
use crate::sim::venue::Venue;
use channels::Channel;
use serde_json::Value;
use std::time::Duration;

/// One socket.
#[derive(Debug)]
pub(super) struct Kraken {
    /// The exchange's number for the socket: 64 bits and no sign.
    id: u64,
}

impl Kraken {
    pub(super) fn new(number: u64) -> Self {
        Self { id: u64::MAX - number.wrapping_mul(0x9e37_79b9_7f4a) }
    }
}

/// Answers for one symbol, and sends its snapshot.
fn subscribe(channel: Channel, symbol: &str, snapshot: bool, request: &Request, link: &mut Link) {
    let fault = link.subscription_fault();
    let market = link.shared.markets.iter().find(|market| is_named(market, symbol));
    let Some(market) = market.filter(|_| fault != Some(SocketFault::RefusedSubscription)).cloned() else {
        return request.refuse(&format!("Currency pair not supported {symbol}"), Some(symbol), link);
    };
    let key = channel.key(symbol);
    if link.feeds.has(&key) {
        return request.refuse("Already subscribed to this channel", Some(symbol), link);
    }
    request.accept(&channel.result(symbol, Some(snapshot)), link);
    let now = link.now();
    if fault == Some(SocketFault::SilentSubscription) {
        return link.feeds.add(&key, Box::new(Silent), now);
    }
    if snapshot {
        link.outbox.text(&channel.snapshot(&market, now));
    }
    link.feeds.add(&key, channel.feed(&market), now);
}

fn is_named(market: &Market, symbol: &str) -> bool {
    market.venue() == Venue::Kraken && market.symbol() == symbol
}

/// What stands in every answer to a request.
struct Request<'a> {
    method: &'a str,
    /// `req_id`, as JSON.
    id: Option<String>,
    came: Time,
}

impl Request<'_> {
    fn accept(&self, result: &str, link: &mut Link) {
        self.answer(None, Some(result), None, link);
    }

    fn refuse(&self, error: &str, symbol: Option<&str>, link: &mut Link) {
        self.answer(Some(error), None, symbol, link);
    }

    fn answer(&self, error: Option<&str>, result: Option<&str>, symbol: Option<&str>, link: &mut Link) {
        let mut out = Vec::new();
        let object = Object::new(&mut out);
        let object = if let Some(error) = error { object.text("error", error) } else { object };
        let object = object.text("method", self.method);
        let object = if let Some(id) = &self.id { object.raw("req_id", id) } else { object };
        let object = if let Some(result) = result { object.raw("result", result) } else { object };
        let object = if self.method == "pong" { object } else { object.flag("success", error.is_none()) };
        let object = if let Some(symbol) = symbol { object.text("symbol", symbol) } else { object };
        object.text("time_in", &payload::micros(self.came)).text("time_out", &payload::micros(link.now())).end();
        link.outbox.text(&out);
    }
}

impl Protocol for Kraken {
    fn opened(&mut self, link: &mut Link) {
        link.outbox.text(&payload::status(self.id, "online"));
    }

    fn received(&mut self, text: &str, link: &mut Link) {
        let message: Value = serde_json::from_str(text).unwrap_or_default();
        let method = message.get("method").and_then(Value::as_str).unwrap_or_default();
        let id = message.get("req_id").filter(|id| id.is_u64()).map(ToString::to_string);
        let mut request = Request { method, id, came: link.now() };
        if method == "ping" {
            if link.outbox.strike(Occasion::Ping, link.now(), None).is_none() {
                request.method = "pong";
                request.answer(None, None, None, link);
            }
            return;
        }
        if !["subscribe", "unsubscribe"].contains(&method) {
            return request.refuse("Method not supported", None, link);
        }
        let params = message.get("params").cloned().unwrap_or_default();
        let channel = match Channel::of(&params) {
            Ok(channel) => channel,
            Err(error) => return request.refuse(error, None, link),
        };
        let symbols: Vec<&str> =
            params.get("symbol").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
        if symbols.is_empty() {
            return request.refuse("Symbol(s) not found", None, link);
        }
        for symbol in symbols {
            if method == "subscribe" {
                let snapshot = params.get("snapshot").and_then(Value::as_bool).unwrap_or(channel.snapshot_is_usual());
                subscribe(channel, symbol, snapshot, &request, link);
            } else if link.feeds.remove(&channel.key(symbol)) {
                request.accept(&channel.result(symbol, None), link);
            } else {
                request.refuse("Subscription Not Found", Some(symbol), link);
            }
        }
    }

    fn wrap(&self, _key: &str, payload: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(payload);
    }

    fn goodbye(&self, _now: Time) -> Vec<u8> {
        payload::status(self.id, "maintenance")
    }

    fn habits(&self, link: &Link) -> Habits {
        Habits {
            pings: None,
            heartbeat: Some(("{\"channel\":\"heartbeat\"}", link.shared.streams.kraken_heartbeat)),
            idle: Some(Idle { after: Duration::from_secs(60), code: 1_000, reason: "" }),
            messages_per_second: MOST_MESSAGES,
            too_many: Some("{\"Error\":\"Exceeded msg rate\"}"),
        }
    }
}

/// Messages of a client within a second. The exchange publishes no number.
const MOST_MESSAGES: usize = 50;
