//! Where heard things go: the newest of what is looked at, and a bounded queue of what is stored.

use super::cadence::Cadence;
use crate::domain::candle::Candle;
use crate::domain::funding::FundingForecast;
use crate::domain::instrument::Instrument;
use crate::domain::interval::Interval;
use crate::domain::open_interest::OpenInterest;
use crate::domain::ticker::Ticker;
use crate::domain::time::Time;
use crate::domain::trade::Trade;
use crate::exchange::stream::{Heard, StreamEvent, Subscription, Topic};
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{Notify, mpsc};
use tokio::time::Instant;

/// An instrument's topic, by the exchange's own spelling.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    native: String,
    topic: Topic,
}

impl Key {
    /// Of a subscription.
    pub fn of(subscription: &Subscription) -> Self {
        Self::new(&subscription.instrument, subscription.topic)
    }

    /// Of an instrument's topic.
    pub fn new(instrument: &Instrument, topic: Topic) -> Self {
        Self { native: instrument.native.clone(), topic }
    }
}

/// Something of which only the newest counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Latest {
    /// A candle that forms.
    Forming(Interval, Candle),
    /// Last price and 24 h statistics.
    Ticker(Ticker),
    /// The running estimate of the next funding.
    Funding(FundingForecast),
}

/// Something that is to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Final {
    /// A candle that has closed.
    Candle {
        /// Of what.
        instrument: Arc<Instrument>,
        /// Its width.
        interval: Interval,
        /// As it closed.
        candle: Candle,
        /// When it came, by the exchange's event time where it tells it.
        at: Option<Time>,
    },
    /// A trade.
    Trade(Arc<Instrument>, Trade),
    /// Open interest.
    OpenInterest(Arc<Instrument>, OpenInterest),
}

/// The newest of something: of what, as it stands, and the exchange's time of it.
pub type Seen = (Arc<Instrument>, Latest, Option<Time>);

#[derive(Debug, Default)]
struct State {
    latest: HashMap<Key, Seen>,
    /// Candles that form, where the exchange does not say when one is final.
    open: HashMap<Key, (Arc<Instrument>, Candle)>,
    cadences: HashMap<Key, Cadence>,
    /// The newest candle that was told of, closed or not.
    told: HashMap<Key, Candle>,
}

/// The one place through which everything goes that the sockets of an exchange hear.
#[derive(Debug)]
pub struct Outlet {
    state: Mutex<State>,
    finals: mpsc::Sender<Final>,
    changed: Notify,
    frames: AtomicU64,
    tells_closed: bool,
}

impl Outlet {
    pub(super) fn new(queue: usize, tells_closed: bool) -> (Self, mpsc::Receiver<Final>) {
        let (finals, receiver) = mpsc::channel(queue);
        let outlet = Self { state: Mutex::default(), finals, changed: Notify::new(), frames: AtomicU64::new(0), tells_closed };
        (outlet, receiver)
    }

    /// Takes in what one frame says. Waits while the queue is full, and with it the socket: cancelled
    /// then, what was not queued is lost, so a session does not cancel it.
    pub(super) async fn take(&self, heard: Vec<Heard>) {
        let now = Instant::now();
        for one in heard {
            let at = one.at;
            match one.event {
                StreamEvent::Candle { instrument, interval, candle, closed } => {
                    self.candle(now, at, instrument, interval, candle, closed).await;
                }
                StreamEvent::Ticker { instrument, ticker } => {
                    self.see(now, Topic::Ticker, instrument, Latest::Ticker(ticker), at);
                }
                StreamEvent::Funding { instrument, forecast } => {
                    self.see(now, Topic::Funding, instrument, Latest::Funding(forecast), at);
                }
                StreamEvent::Trade { instrument, trade } => {
                    self.lock().heard(now, Key::new(&instrument, Topic::Trades));
                    self.queue(Final::Trade(instrument, trade)).await;
                }
                StreamEvent::OpenInterest { instrument, row } => {
                    self.lock().heard(now, Key::new(&instrument, Topic::OpenInterest));
                    self.queue(Final::OpenInterest(instrument, row)).await;
                }
                StreamEvent::Acknowledged | StreamEvent::Refused { .. } | StreamEvent::Beat | StreamEvent::Leaving => {}
            }
        }
    }

    async fn candle(
        &self,
        now: Instant,
        at: Option<Time>,
        instrument: Arc<Instrument>,
        interval: Interval,
        candle: Candle,
        closed: bool,
    ) {
        let key = Key::new(&instrument, Topic::Candles(interval));
        {
            let mut state = self.lock();
            let told = state.told.entry(key.clone()).or_insert(candle);
            if told.open_time <= candle.open_time {
                *told = candle;
            }
        }
        if closed {
            self.lock().heard(now, key);
            return self.queue(Final::Candle { instrument, interval, candle, at }).await;
        }
        let former = if self.tells_closed { None } else { self.turn_over(&key, &instrument, candle) };
        self.see(now, key.topic, Arc::clone(&instrument), Latest::Forming(interval, candle), at);
        if let Some(candle) = former {
            self.queue(Final::Candle { instrument, interval, candle, at }).await;
        }
    }

    /// The candle that this one follows, which is final by that.
    fn turn_over(&self, key: &Key, instrument: &Arc<Instrument>, candle: Candle) -> Option<Candle> {
        let mut state = self.lock();
        let open = state.open.entry(key.clone()).or_insert_with(|| (Arc::clone(instrument), candle));
        if candle.open_time < open.1.open_time {
            return None;
        }
        let former = std::mem::replace(&mut open.1, candle);
        (former.open_time < candle.open_time).then_some(former)
    }

    fn see(&self, now: Instant, topic: Topic, instrument: Arc<Instrument>, latest: Latest, at: Option<Time>) {
        let key = Key::new(&instrument, topic);
        let mut state = self.lock();
        state.heard(now, key.clone());
        state.latest.insert(key, (instrument, latest, at));
        drop(state);
        self.changed.notify_one();
    }

    async fn queue(&self, one: Final) {
        // Fails when nobody listens any more: the sockets are about to be closed.
        let _ = self.finals.send(one).await;
    }

    /// A frame came, whatever it said.
    pub(super) fn count_frame(&self) {
        self.frames.fetch_add(1, Ordering::Relaxed);
    }

    /// A new socket carries these. What forms has been unheard for a while, and its last look is not
    /// its final one.
    pub(super) fn resubscribed(&self, subscriptions: &[Subscription]) {
        let now = Instant::now();
        let mut state = self.lock();
        for key in subscriptions.iter().map(Key::of) {
            state.open.remove(&key);
            state.cadences.entry(key).or_insert_with(|| Cadence::new(now)).resubscribed(now);
        }
    }

    pub(super) fn keep_only(&self, subscriptions: &[Subscription]) {
        let wanted: HashSet<Key> = subscriptions.iter().map(Key::of).collect();
        let mut state = self.lock();
        state.latest.retain(|key, _| wanted.contains(key));
        state.open.retain(|key, _| wanted.contains(key));
        state.cadences.retain(|key, _| wanted.contains(key));
        state.told.retain(|key, _| wanted.contains(key));
    }

    /// Waits until something can be looked at. Cancel-safe.
    pub async fn changed(&self) {
        self.changed.notified().await;
    }

    /// The newest of everything that has come since the last call.
    pub fn drain(&self) -> Vec<Seen> {
        std::mem::take(&mut self.lock().latest).into_values().collect()
    }

    /// Candles whose end lies before `closed_before`, where the exchange does not say when one is
    /// final: they are final by the clock, and told once.
    pub fn ended(&self, closed_before: Time) -> Vec<(Arc<Instrument>, Interval, Candle)> {
        let mut ended = Vec::new();
        self.lock().open.retain(|key, (instrument, candle)| {
            let Topic::Candles(interval) = key.topic else { return false };
            let is_over = candle.open_time.plus_ms(interval.ms()) <= closed_before;
            if is_over {
                ended.push((Arc::clone(instrument), interval, *candle));
            }
            !is_over
        });
        ended
    }

    /// Frames since the start.
    pub fn frames(&self) -> u64 {
        self.frames.load(Ordering::Relaxed)
    }

    /// How long ago a topic was last heard on its present socket; `None` where it has not been yet.
    pub fn age(&self, instrument: &Instrument, topic: Topic) -> Option<std::time::Duration> {
        self.lock().cadences.get(&Key::new(instrument, topic))?.last().map(|last| last.elapsed())
    }

    /// The newest candle that was told of a topic, on whatever socket.
    pub fn told(&self, instrument: &Instrument, topic: Topic) -> Option<Candle> {
        self.lock().told.get(&Key::new(instrument, topic)).copied()
    }

    /// Of these, what should have been heard by now.
    pub fn suspicious<'a>(&self, subscriptions: &'a [Subscription]) -> Vec<&'a Subscription> {
        let now = Instant::now();
        let state = self.lock();
        subscriptions
            .iter()
            .filter(|one| state.cadences.get(&Key::of(one)).is_some_and(|cadence| cadence.is_suspicious(now)))
            .collect()
    }

    /// Its market is quiet: it is not suspicious again for a while.
    pub fn found_quiet(&self, subscription: &Subscription) {
        if let Some(cadence) = self.lock().cadences.get_mut(&Key::of(subscription)) {
            cadence.found_quiet(Instant::now());
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn heard(&mut self, now: Instant, key: Key) {
        self.cadences.entry(key).or_insert_with(|| Cadence::new(now)).heard(now);
    }
}
