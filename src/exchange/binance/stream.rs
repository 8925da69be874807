//! Binance spot's streaming protocol.

pub(in crate::exchange) mod read;
pub mod wire;

use super::hosts::Hosts;
use crate::exchange::http::{BaseUrl, UrlError};
use crate::exchange::stream::{BadFrame, Heard, Protocol, Roster, SocketLimits, Subscription, Topic, stream_name};
use std::sync::Arc;
use std::time::Duration;

/// Binance cuts a socket after a day.
const LIFETIME: Duration = Duration::from_secs(24 * 3_600);
/// Connection attempts of one address within five minutes.
const CONNECTIONS: (usize, Duration) = (300, Duration::from_secs(300));
/// Subscriptions of one socket, of the 1,024 that it may have: what one lost socket costs stays small.
const SUBSCRIPTIONS: usize = 200;
/// Names in one message, so that it stays at a few kilobytes.
const PER_MESSAGE: usize = 100;

/// The path of sockets whose frames tell the name of their stream.
const PATH: &str = "/stream";

/// Sockets of Binance spot.
#[derive(Debug)]
pub struct SpotProtocol {
    main: String,
    /// Goes with the fallback of the REST interface: who is refused by one host of a kind is refused by the other.
    fallback: Option<String>,
    hosts: Arc<Hosts>,
}

impl SpotProtocol {
    pub(super) fn new(main: &str, fallback: Option<&str>, hosts: Arc<Hosts>) -> Result<Self, UrlError> {
        Ok(Self { main: BaseUrl::parse_socket(main)?, fallback: fallback.map(BaseUrl::parse_socket).transpose()?, hosts })
    }
}

impl Protocol for SpotProtocol {
    /// The market data host while the REST interface's stands in.
    fn base_url(&self) -> &str {
        let (host, _) = self.hosts.order();
        self.fallback.as_deref().filter(|_| host.is_fallback).unwrap_or(&self.main)
    }

    fn path(&self, _subscription: &Subscription) -> String {
        PATH.into()
    }

    fn paths(&self) -> &'static [&'static str] {
        &[PATH]
    }

    fn limits(&self, _path: &str) -> SocketLimits {
        // The server pings every 20 s.
        limits(5, Duration::from_secs(60))
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

/// So many messages in a second, and the longest silence of a socket that lives; the rest holds for all of
/// Binance's sockets. The server alone pings.
pub(in crate::exchange) const fn limits(messages: usize, silence: Duration) -> SocketLimits {
    SocketLimits {
        subscriptions: SUBSCRIPTIONS,
        per_message: PER_MESSAGE,
        messages: (messages, Duration::from_secs(1)),
        connections: CONNECTIONS,
        lifetime: Some(LIFETIME),
        ping: None,
        silence,
    }
}

/// What the exchange calls the topic; `None` where the spot market has none.
pub(in crate::exchange) fn topic_name(subscription: &Subscription) -> Option<String> {
    let name = lower_name(subscription);
    match subscription.topic {
        Topic::Candles(interval) => Some(format!("{name}@kline_{}", interval.name())),
        Topic::Ticker => Some(format!("{name}@miniTicker")),
        Topic::Trades => Some(format!("{name}@aggTrade")),
        Topic::Funding | Topic::OpenInterest => None,
    }
}

/// Topics are named in lower case, and frames call the same instrument in upper case.
pub(in crate::exchange) fn lower_name(subscription: &Subscription) -> String {
    stream_name(&subscription.instrument).to_lowercase()
}

/// The messages of a method that name these topics.
pub(in crate::exchange) fn messages(method: &str, id: u64, topics: impl Iterator<Item = String>) -> Vec<String> {
    let topics: Vec<String> = topics.collect();
    (id..)
        .zip(topics.chunks(PER_MESSAGE))
        .map(|(id, topics)| serde_json::json!({ "method": method, "params": topics, "id": id }).to_string())
        .collect()
}

#[cfg(test)]
mod tests;
