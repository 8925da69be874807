//! The futures' streaming protocol.

use crate::exchange::binance::stream::{self, limits, lower_name, messages, read};
use crate::exchange::http::{BaseUrl, UrlError};
use crate::exchange::stream::{BadFrame, Heard, Protocol, Roster, SocketLimits, Subscription, Topic};
use std::time::Duration;

/// Everything that is subscribed to comes from here. Order books and single trades have a path of their own,
/// `/public/stream`. The paths without a prefix still open and acknowledge, and deliver nothing since April 2026.
const PATH: &str = "/market/stream";

/// Sockets of Binance's futures.
#[derive(Debug)]
pub struct UsdmProtocol {
    base_url: String,
}

impl UsdmProtocol {
    /// For `wss://host[:port]`, or `ws://` of this machine.
    pub fn new(url: &str) -> Result<Self, UrlError> {
        Ok(Self { base_url: BaseUrl::parse_socket(url)? })
    }
}

impl Protocol for UsdmProtocol {
    fn base_url(&self) -> &str {
        &self.base_url
    }

    fn path(&self, _subscription: &Subscription) -> String {
        PATH.into()
    }

    fn paths(&self) -> &'static [&'static str] {
        &[PATH]
    }

    fn limits(&self, _path: &str) -> SocketLimits {
        // The server pings every three minutes.
        limits(10, Duration::from_secs(240))
    }

    fn subscribe(&self, id: u64, subscriptions: &[Subscription]) -> Vec<String> {
        messages("SUBSCRIBE", id, subscriptions.iter().filter_map(topic_name))
    }

    fn unsubscribe(&self, id: u64, subscriptions: &[Subscription]) -> Vec<String> {
        messages("UNSUBSCRIBE", id, subscriptions.iter().filter_map(topic_name))
    }

    fn read(&self, text: &str, roster: &Roster) -> Result<Vec<Heard>, BadFrame> {
        read::read(text, roster)
    }
}

/// What the exchange calls the topic: as spot does, and funding besides.
fn topic_name(subscription: &Subscription) -> Option<String> {
    match subscription.topic {
        Topic::Funding => Some(format!("{}@markPrice@1s", lower_name(subscription))),
        _ => stream::topic_name(subscription),
    }
}

#[cfg(test)]
mod tests;
