//! What streams have in common: which topics there are, what a frame can say, and what an exchange's
//! protocol has to answer. A protocol is pure; sockets are driven elsewhere, the same for all.

use crate::domain::candle::Candle;
use crate::domain::funding::FundingForecast;
use crate::domain::instrument::Instrument;
use crate::domain::interval::Interval;
use crate::domain::open_interest::OpenInterest;
use crate::domain::ticker::Ticker;
use crate::domain::time::Time;
use crate::domain::trade::Trade;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// What can be subscribed to of an instrument.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Topic {
    /// Candles of this width: forming ones, and each once more when it has closed.
    Candles(Interval),
    /// Last price and 24 h statistics.
    Ticker,
    /// Trades.
    Trades,
    /// The running estimate of the next funding.
    Funding,
    /// Open interest.
    OpenInterest,
}

/// One instrument's topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// Of what.
    pub instrument: Arc<Instrument>,
    /// Which of its topics.
    pub topic: Topic,
}

/// What one frame says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StreamEvent {
    /// A candle; `closed` where the exchange says that it will not change any more.
    Candle {
        /// Of what.
        instrument: Arc<Instrument>,
        /// Its width.
        interval: Interval,
        /// As it stands.
        candle: Candle,
        /// Whether it is final.
        closed: bool,
    },
    /// Last price and 24 h statistics.
    Ticker {
        /// Of what.
        instrument: Arc<Instrument>,
        /// As they stand.
        ticker: Ticker,
    },
    /// A trade.
    Trade {
        /// Of what.
        instrument: Arc<Instrument>,
        /// The trade.
        trade: Trade,
    },
    /// The running estimate of the next funding.
    Funding {
        /// Of what.
        instrument: Arc<Instrument>,
        /// As it stands.
        forecast: FundingForecast,
    },
    /// Open interest.
    OpenInterest {
        /// Of what.
        instrument: Arc<Instrument>,
        /// As it stands.
        row: OpenInterest,
    },
    /// The exchange has taken a request in. That is no delivery yet.
    Acknowledged,
    /// The exchange refuses a request, in its own words.
    Refused {
        /// The instrument's stream name, where the refusal tells it.
        name: Option<String>,
        /// Which message is refused as a whole, where the refusal tells its number and no name.
        id: Option<u64>,
        /// Why.
        reason: String,
    },
    /// The socket lives: a heartbeat, a pong, a greeting.
    Beat,
    /// The exchange is about to close the socket: connect anew now.
    Leaving,
}

/// One thing that was heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// The exchange's time of it, where the frame tells it.
    pub at: Option<Time>,
    /// What.
    pub event: StreamEvent,
}

/// A frame that cannot be read: a dropped frame, whose content is to be fetched by other means.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unreadable frame ({what}): {excerpt}")]
pub struct BadFrame {
    /// What is wrong with it.
    pub what: String,
    /// Its beginning.
    pub excerpt: String,
}

/// Subscribed instruments by the name that frames call them.
#[derive(Debug, Clone, Default)]
pub struct Roster(HashMap<String, Arc<Instrument>>);

impl Roster {
    /// The instrument that frames call so.
    pub fn get(&self, name: &str) -> Option<&Arc<Instrument>> {
        self.0.get(name)
    }
}

impl<'a> FromIterator<&'a Arc<Instrument>> for Roster {
    fn from_iter<I: IntoIterator<Item = &'a Arc<Instrument>>>(instruments: I) -> Self {
        Self(instruments.into_iter().map(|instrument| (stream_name(instrument).to_owned(), Arc::clone(instrument))).collect())
    }
}

/// How frames call an instrument.
pub fn stream_name(instrument: &Instrument) -> &str {
    instrument.stream_name.as_deref().unwrap_or(&instrument.native)
}

/// What a client owes a socket so that it stays open, beside answering the server's own pings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ping {
    /// After so long without a frame.
    pub idle: Duration,
    /// This text is sent.
    pub text: &'static str,
}

/// An exchange's limits for one socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SocketLimits {
    /// Most subscriptions.
    pub subscriptions: usize,
    /// Most subscriptions named by one message.
    pub per_message: usize,
    /// Most messages sent within this time; pings and pongs count.
    pub messages: (usize, Duration),
    /// Most connections opened within this time.
    pub connections: (usize, Duration),
    /// How long it lives before the exchange cuts it.
    pub lifetime: Option<Duration>,
    /// What has to be sent on an idle socket.
    pub ping: Option<Ping>,
    /// A live socket with subscriptions is never silent for longer than this, whatever the market
    /// does: by its heartbeats, or by the server's pings.
    pub silence: Duration,
}

/// An exchange's streaming protocol, without any socket.
pub trait Protocol: Send + Sync {
    /// Where the sockets are: scheme and host, such as `wss://stream.binance.com:9443`.
    fn base_url(&self) -> &str;

    /// Path of the socket that carries a subscription; those of one path share sockets. A fragment tells
    /// sockets of one path apart, and is not sent.
    fn path(&self, subscription: &Subscription) -> String;

    /// All paths of its sockets, for whoever looks whether they open.
    fn paths(&self) -> &'static [&'static str];

    /// Limits of a socket on this path.
    fn limits(&self, path: &str) -> SocketLimits;

    /// Whether its candle frames say when a candle is final. Where they do not, a candle is final when
    /// a later one comes, or when its end has passed.
    fn tells_closed(&self) -> bool {
        true
    }

    /// The messages that subscribe to these, all of one path; `id` numbers the first, and each further
    /// one counts on. Each names at most `per_message` subscriptions.
    fn subscribe(&self, id: u64, subscriptions: &[Subscription]) -> Vec<String>;

    /// The messages that end these subscriptions.
    fn unsubscribe(&self, id: u64, subscriptions: &[Subscription]) -> Vec<String>;

    /// What a text frame says; the instruments of what is of no interest are not on the roster, and such
    /// frames say nothing.
    fn read(&self, text: &str, roster: &Roster) -> Result<Vec<Heard>, BadFrame>;
}
