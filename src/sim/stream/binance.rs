//! Binance's market streams, spot and USD-M: the control messages and what can be subscribed.

mod payload;
mod streams;

use super::fields::Object;
use super::link::Link;
use super::session::{Habits, Protocol};
use crate::domain::time::Time;
use crate::sim::fault::SocketFault;
use crate::sim::request::Request;
use serde_json::Value;

/// Which of the two USD-M paths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sim) enum Side {
    /// Candles, aggregate trades, marks and tickers.
    Market,
    /// Best prices and single trades.
    Public,
}

/// One socket.
#[derive(Debug)]
pub(super) struct Binance {
    /// `None` for spot.
    usdm: Option<Side>,
    /// Whether frames name their stream.
    combined: bool,
    /// Streams that the address names.
    first: Vec<String>,
}

/// The most streams of one socket.
const MOST_STREAMS: usize = 1_024;

impl Binance {
    pub(super) fn new(usdm: Option<Side>, request: &Request) -> Self {
        let path = request.path();
        let combined = path.ends_with("/stream");
        let named = if combined {
            request.query().into_iter().find(|(name, _)| name == "streams").map(|(_, value)| value)
        } else {
            path.split_once("/ws/").map(|(_, streams)| streams.to_owned())
        };
        let named = named.unwrap_or_default();
        let first = named.split('/').filter(|stream| !stream.is_empty()).map(str::to_owned).collect();
        Self { usdm, combined, first }
    }

    /// Subscribes to a stream; what the exchange does not have is as quiet as what never trades.
    fn subscribe(&self, stream: &str, silent: bool, link: &mut Link) {
        if link.feeds.has(stream) {
            return;
        }
        let now = link.now();
        let feed = streams::feed(self.usdm, if silent { "" } else { stream }, &link.shared.markets);
        link.feeds.add(stream, feed, now);
        if link.shared.streams.limits && link.feeds.len() > MOST_STREAMS {
            link.outbox.close(1_008, "Too many streams");
        }
    }

    fn control(&mut self, message: &Value, link: &mut Link) -> Result<String, Refusal> {
        let method =
            message.get("method").and_then(Value::as_str).ok_or(Refusal(2, "Invalid request: missing field `method`"))?;
        if !message.get("id").is_some_and(|id| id.is_u64() || id.is_string() || id.is_null()) {
            return Err(Refusal(2, "Invalid request: request ID must be an unsigned integer"));
        }
        let params = message.get("params").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let names = || -> Result<Vec<&str>, Refusal> {
            let names: Option<Vec<&str>> = params.iter().map(Value::as_str).collect();
            names.filter(|names| !names.is_empty()).ok_or(Refusal(2, "Invalid request: params must be a list of strings"))
        };
        match method {
            "SUBSCRIBE" => {
                for name in names()? {
                    match link.subscription_fault() {
                        Some(SocketFault::RefusedSubscription) => {
                            return Err(Refusal(2, "Invalid request: subscription refused"));
                        }
                        fault => self.subscribe(name, fault == Some(SocketFault::SilentSubscription), link),
                    }
                }
            }
            "UNSUBSCRIBE" => {
                for name in names()? {
                    link.feeds.remove(name);
                }
            }
            "LIST_SUBSCRIPTIONS" => return Ok(Value::from(link.feeds.keys()).to_string()),
            "SET_PROPERTY" => match params {
                [Value::String(name), Value::Bool(combined)] if name == "combined" => self.combined = *combined,
                [Value::String(_), Value::Bool(_)] => return Err(Refusal(0, "Unknown property")),
                [Value::String(_), _] => return Err(Refusal(1, "Invalid value type: expected Boolean")),
                _ => return Err(Refusal(2, "Invalid request: property name must be a string")),
            },
            "GET_PROPERTY" => return Ok(self.combined.to_string()),
            _ => return Err(Refusal(2, "Invalid request: unknown variant")),
        }
        Ok("null".to_owned())
    }
}

/// Code and message of an error frame.
struct Refusal(i64, &'static str);

impl Protocol for Binance {
    fn opened(&mut self, link: &mut Link) {
        for stream in std::mem::take(&mut self.first) {
            self.subscribe(&stream, link.subscription_fault().is_some(), link);
        }
    }

    fn received(&mut self, text: &str, link: &mut Link) {
        let message: Value = serde_json::from_str(text).unwrap_or_default();
        let result = if message.is_object() {
            self.control(&message, link)
        } else {
            Err(Refusal(3, "Invalid JSON: expected value at line 1 column 1"))
        };
        let id = message.get("id").cloned().unwrap_or_default().to_string();
        let mut out = Vec::new();
        match result {
            Ok(result) => Object::new(&mut out).raw("result", &result).raw("id", &id).end(),
            Err(Refusal(code, told)) => {
                let mut error = Vec::new();
                Object::new(&mut error).int("code", code).text("msg", told).end();
                Object::new(&mut out).raw("error", &String::from_utf8_lossy(&error)).raw("id", &id).end();
            }
        }
        link.outbox.text(&out);
    }

    fn wrap(&self, key: &str, payload: &[u8], out: &mut Vec<u8>) {
        if self.combined {
            out.extend_from_slice(b"{\"stream\":\"");
            out.extend_from_slice(key.as_bytes());
            out.extend_from_slice(b"\",\"data\":");
            out.extend_from_slice(payload);
            out.push(b'}');
        } else {
            out.extend_from_slice(payload);
        }
    }

    fn goodbye(&self, now: Time) -> Vec<u8> {
        let (mut event, mut out) = (Vec::new(), Vec::new());
        Object::new(&mut event).text("e", "serverShutdown").int("E", now.ms()).end();
        self.wrap("!serverShutdown", &event, &mut out);
        out
    }

    fn habits(&self, link: &Link) -> Habits {
        let settings = &link.shared.streams;
        let (pings, messages_per_second) = if self.usdm.is_some() { (settings.usdm_pings, 10) } else { (settings.spot_pings, 5) };
        Habits { pings: Some(pings), heartbeat: None, idle: None, messages_per_second, too_many: None }
    }
}
