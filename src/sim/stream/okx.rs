//! OKX v5: the control messages and what can be subscribed at which of the two addresses.

mod channels;
mod payload;

use super::feeds::Silent;
use super::fields::Object;
use super::link::Link;
use super::session::{Habits, Idle, Protocol};
use crate::domain::time::Time;
use crate::sim::fault::SocketFault;
use crate::sim::fault::plan::Occasion;
use serde_json::Value;
use std::collections::VecDeque;
use std::time::Duration;
use tokio::time::Instant;

/// One socket.
#[derive(Debug)]
pub(super) struct Okx {
    /// `/ws/v5/business`, which has the candles, and not `/ws/v5/public`.
    business: bool,
    /// The exchange's name for the socket: eight hexadecimal digits.
    id: String,
    /// When the client subscribed and unsubscribed.
    operations: VecDeque<Instant>,
}

/// Subscriptions and the like within an hour.
const MOST_OPERATIONS: usize = 480;

impl Okx {
    pub(super) fn new(business: bool, number: u64) -> Self {
        let id = format!("{:08x}", number.wrapping_mul(0x9e37_79b9).wrapping_add(0x25eb_f8bb) as u32);
        Self { business, id, operations: VecDeque::new() }
    }

    fn error(&self, code: &str, message: &str) -> Vec<u8> {
        let mut out = Vec::new();
        Object::new(&mut out).text("event", "error").text("msg", message).text("code", code).text("connId", &self.id).end();
        out
    }

    /// Acknowledges one channel, or unknown ones refuses.
    fn subscribe(&self, id: Option<&str>, arg: &Value, link: &mut Link) -> Vec<u8> {
        let text = |name: &str| arg.get(name).and_then(Value::as_str).unwrap_or_default();
        let (channel, instrument) = (text("channel"), text("instId"));
        let fault = link.subscription_fault();
        let feed = channels::feed(self.business, channel, instrument, &link.shared.markets);
        let Some(feed) = feed.filter(|_| fault != Some(SocketFault::RefusedSubscription)) else {
            let message = format!(
                "Subscribe failed, wrong URL or channel:{channel},instId:{instrument} doesn't exist. Please use the correct URL, \
                 channel and parameters referring to API document."
            );
            return self.error("60018", &message);
        };
        let key = key(channel, instrument);
        if !link.feeds.has(&key) {
            let silent = fault == Some(SocketFault::SilentSubscription);
            let now = link.now();
            link.feeds.add(&key, if silent { Box::new(Silent) } else { feed }, now);
        }
        self.acknowledged("subscribe", id, &key)
    }

    fn acknowledged(&self, event: &str, id: Option<&str>, key: &str) -> Vec<u8> {
        let mut out = Vec::new();
        let object = Object::new(&mut out);
        let object = if let Some(id) = id { object.text("id", id) } else { object };
        object.text("event", event).raw("arg", key).text("connId", &self.id).end();
        out
    }

    /// Counts an operation; whether it is one too many within an hour.
    fn is_over(&mut self) -> bool {
        let now = Instant::now();
        self.operations.retain(|operation| now.duration_since(*operation) < Duration::from_secs(3_600));
        self.operations.push_back(now);
        self.operations.len() > MOST_OPERATIONS
    }
}

/// `{"channel":..,"instId":..}`, which stands in every frame of the subscription.
fn key(channel: &str, instrument: &str) -> String {
    let mut key = Vec::new();
    Object::new(&mut key).text("channel", channel).text("instId", instrument).end();
    String::from_utf8(key).unwrap_or_default()
}

impl Protocol for Okx {
    fn opened(&mut self, _link: &mut Link) {}

    fn received(&mut self, text: &str, link: &mut Link) {
        if text == "ping" {
            if link.outbox.strike(Occasion::Ping, link.now(), None).is_none() {
                link.outbox.text(b"pong");
            }
            return;
        }
        let message: Value = serde_json::from_str(text).unwrap_or_default();
        let id = message.get("id").and_then(Value::as_str);
        let args = message.get("args").and_then(Value::as_array).filter(|args| !args.is_empty());
        let (Some(op), Some(args)) = (message.get("op").and_then(Value::as_str), args) else {
            let told = self.error("60012", &format!("Invalid request: {text}"));
            return link.outbox.text(&told);
        };
        if !["subscribe", "unsubscribe"].contains(&op) {
            let told = self.error("60012", &format!("Invalid request: {text}"));
            return link.outbox.text(&told);
        }
        if self.is_over() && link.shared.streams.limits {
            let told = self.error("60014", "Requests too frequent");
            return link.outbox.text(&told);
        }
        for arg in args {
            let told = if op == "subscribe" {
                self.subscribe(id, arg, link)
            } else {
                let text = |name: &str| arg.get(name).and_then(Value::as_str).unwrap_or_default();
                let key = key(text("channel"), text("instId"));
                link.feeds.remove(&key);
                self.acknowledged(op, id, &key)
            };
            link.outbox.text(&told);
        }
    }

    fn wrap(&self, key: &str, payload: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"arg\":");
        out.extend_from_slice(key.as_bytes());
        out.extend_from_slice(b",\"data\":[");
        out.extend_from_slice(payload);
        out.extend_from_slice(b"]}");
    }

    fn goodbye(&self, _now: Time) -> Vec<u8> {
        let message = "The connection will soon be closed for a service upgrade. Please reconnect.";
        let mut out = Vec::new();
        Object::new(&mut out).text("event", "notice").text("code", "64008").text("msg", message).text("connId", &self.id).end();
        out
    }

    fn habits(&self, link: &Link) -> Habits {
        let after = link.shared.streams.okx_idle;
        let idle = Idle { after, code: 4_004, reason: "No data received in 30s." };
        Habits { pings: None, heartbeat: None, idle: Some(idle), messages_per_second: usize::MAX, too_many: None }
    }
}
