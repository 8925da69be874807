//! Live streams of every exchange that has them: subscriptions follow the book, what is heard goes to
//! the store and the screen, and whatever was not heard is fetched by requests and accounted for.

mod closed;
mod ledger;
mod losses;
mod meter;
mod probe;
mod rows;

use super::core::Core;
use super::snapshot::{LogLevel, StreamMood, StreamView};
use super::{forecasts, tickers};
use crate::domain::dataset::Dataset;
use crate::domain::instrument::{ExchangeId, Instrument};
use crate::domain::range::TimeRange;
use crate::domain::series::Series;
use crate::exchange::port::Exchange;
use crate::exchange::socket::{Cause, Dialer, Latest, News, Outlet, SocketSettings, SocketState, Sockets};
use crate::exchange::stream::{Subscription, Topic};
use ledger::Ledger;
use meter::Meter;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, mpsc};
use tokio::time::Instant;

/// Between two comparisons of what is subscribed to with the book.
const FOLLOW_EVERY: Duration = Duration::from_secs(1);

/// Least time between two looks at what has come: the screen is not drawn more often.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Between two measurements of a clock that a stream disagrees with.
const MEASURE_EVERY: Duration = Duration::from_secs(60);

/// What was heard this recently needs no request.
const FRESH: Duration = Duration::from_secs(10);

/// A ticker speaks where something is traded. While all sockets stand, that of a quiet market is asked for
/// no more often than this.
const FRESH_TICKER: Duration = Duration::from_secs(60);

/// The streams of one exchange.
pub(super) struct Live {
    sockets: Sockets,
    wanted: Mutex<Vec<Subscription>>,
    meter: Mutex<Meter>,
    ledger: Mutex<Ledger>,
    /// There may be something to make good.
    lost: Notify,
    /// When the exchange's clock was measured because a stream disagreed with it.
    measured: Mutex<Option<Instant>>,
}

impl Live {
    fn outlet(&self) -> &Arc<Outlet> {
        self.sockets.outlet()
    }

    fn meter(&self) -> MutexGuard<'_, Meter> {
        self.meter.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether its clock may be measured anew: not for each candle.
    fn may_measure(&self) -> bool {
        let mut measured = self.measured.lock().unwrap_or_else(PoisonError::into_inner);
        let may = measured.is_none_or(|at| at.elapsed() >= MEASURE_EVERY);
        if may {
            *measured = Some(Instant::now());
        }
        may
    }

    fn wanted(&self) -> Vec<Subscription> {
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn view(&self, exchange: ExchangeId) -> StreamView {
        let sockets = self.sockets.views();
        let any = |state: SocketState| sockets.iter().any(|socket| socket.state == state);
        let mood = match () {
            () if sockets.is_empty() => StreamMood::Off,
            () if any(SocketState::Down) => StreamMood::Down,
            () if any(SocketState::Connecting) => StreamMood::Connecting,
            () => StreamMood::Live,
        };
        let meter = self.meter();
        StreamView {
            exchange,
            mood,
            since: sockets.iter().map(|socket| socket.since).max(),
            sockets: u32::try_from(sockets.len()).unwrap_or(u32::MAX),
            subscriptions: sockets.iter().map(|socket| u32::try_from(socket.subscriptions).unwrap_or(u32::MAX)).sum(),
            frames_per_second: meter.frames_per_second(),
            lag_ms: meter.lag_ms(),
        }
    }
}

/// The streams of all exchanges.
#[derive(Default)]
pub(super) struct Streams(Mutex<BTreeMap<ExchangeId, Arc<Live>>>);

impl Streams {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<ExchangeId, Arc<Live>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn of(&self, id: ExchangeId) -> Option<Arc<Live>> {
        self.lock().get(&id).cloned()
    }

    /// Whether a topic was heard a moment ago, so that no request needs to ask for the same.
    pub(super) fn is_fresh(&self, instrument: &Instrument, topic: Topic) -> bool {
        let Some(live) = self.of(instrument.exchange) else { return false };
        let is_up = || live.sockets.views().iter().all(|socket| socket.state == SocketState::Live);
        let fresh = if topic == Topic::Ticker && is_up() { FRESH_TICKER } else { FRESH };
        live.outlet().age(instrument, topic).is_some_and(|age| age < fresh)
    }

    /// Whether a series' own topic has been heard on the socket that carries it, and that socket stands.
    pub(super) fn hears(&self, series: &Series) -> bool {
        self.of(series.instrument.exchange).is_some_and(|live| {
            live.outlet().age(&series.instrument, topic_of(series)).is_some() && !live.ledger().is_open(series.id)
        })
    }

    /// How the streams of an exchange are.
    pub(super) fn view(&self, id: ExchangeId) -> StreamView {
        self.of(id).map_or_else(|| StreamView::off(id), |live| live.view(id))
    }

    /// The machine slept: every connection is taken for dead, and nothing was heard meanwhile.
    pub(super) async fn slept(&self, core: &Core, absent: TimeRange) {
        let all: Vec<_> = self.lock().iter().map(|(id, live)| (*id, Arc::clone(live))).collect();
        for (id, live) in all {
            losses::lost(core, id, &live, &live.wanted(), Cause::Slept, "the machine slept", absent.from, None).await;
            live.sockets.cut_all("the machine slept");
        }
    }
}

/// The topic that carries a series.
fn topic_of(series: &Series) -> Topic {
    match series.dataset {
        Dataset::Candles => Topic::Candles(series.interval),
        Dataset::Trades => Topic::Trades,
        Dataset::Funding => Topic::Funding,
        Dataset::OpenInterest => Topic::OpenInterest,
    }
}

/// The series that a subscription carries; a ticker carries none.
fn carried(core: &Core, subscription: &Subscription) -> Option<Series> {
    let book = core.book();
    let carries =
        |series: &&Series| series.instrument.native == subscription.instrument.native && topic_of(series) == subscription.topic;
    book.recording(subscription.instrument.exchange).map(|tracked| &tracked.series).find(carries).cloned()
}

/// Runs an exchange's streams until the recorder stops; at once over where it has none.
pub(super) async fn run(core: Arc<Core>, exchange: Arc<dyn Exchange>) {
    let Some(protocol) = exchange.protocol().filter(|_| core.settings.streams) else { return };
    let settings = SocketSettings { backoff: core.settings.stream_backoff, ..SocketSettings::default() };
    let dialer = Arc::new(Dialer::new(|name| std::env::var(name).ok(), settings.max_frame));
    let (sockets, news, finals) = Sockets::new(protocol, dialer, core.clock, settings);
    let live = Arc::new(Live {
        sockets,
        wanted: Mutex::default(),
        meter: Mutex::default(),
        ledger: Mutex::default(),
        lost: Notify::new(),
        measured: Mutex::default(),
    });
    core.streams.lock().insert(exchange.id(), Arc::clone(&live));
    let (core, exchange) = (&core, &exchange);
    tokio::join!(
        follow(core, exchange, &live),
        look(core, exchange, &live),
        closed::run(core, exchange, &live, finals),
        hear_news(core, exchange.id(), &live, news),
        losses::run(core, exchange, &live),
        probe::run(core, exchange, &live),
    );
}

/// Keeps what is subscribed to equal to what is recorded.
async fn follow(core: &Core, exchange: &Arc<dyn Exchange>, live: &Live) {
    loop {
        let wanted = wanted(core, exchange);
        if wanted != live.wanted() {
            live.sockets.want(&wanted);
            *live.wanted.lock().unwrap_or_else(PoisonError::into_inner) = wanted;
            core.dirty.notify_one();
        }
        live.meter().count(live.outlet().frames());
        tokio::time::sleep(FOLLOW_EVERY).await;
    }
}

/// The topics of every series that is recorded, as far as the exchange streams them, and the tickers of
/// their instruments.
fn wanted(core: &Core, exchange: &Arc<dyn Exchange>) -> Vec<Subscription> {
    let book = core.book();
    let mut wanted = Vec::new();
    let mut tickers: Vec<Arc<Instrument>> = Vec::new();
    for tracked in book.recording(exchange.id()) {
        let series = &tracked.series;
        let service = exchange.service(&series.instrument, series.dataset, series.interval);
        if service.is_ok_and(|service| service.streams) {
            wanted.push(Subscription { instrument: Arc::clone(&series.instrument), topic: topic_of(series) });
            tickers.push(Arc::clone(&series.instrument));
        }
    }
    tickers.sort_by(|a, b| a.native.cmp(&b.native));
    tickers.dedup_by(|a, b| a.native == b.native);
    wanted.extend(tickers.into_iter().map(|instrument| Subscription { instrument, topic: Topic::Ticker }));
    wanted
}

/// Takes the newest of everything into the book, for the screen and for alerts.
async fn look(core: &Core, exchange: &Arc<dyn Exchange>, live: &Live) {
    loop {
        live.outlet().changed().await;
        let seen = live.outlet().drain();
        let now = exchange.now();
        let watched = core.book().watched(exchange.id()).cloned();
        let mut heard = Vec::new();
        for (instrument, latest, at) in seen {
            if let Some(at) = at {
                live.meter().lagged(now.since(at));
            }
            match latest {
                Latest::Ticker(ticker) => heard.push(ticker),
                Latest::Forming(interval, candle) => {
                    let is_watched = |series: &&Series| {
                        series.instrument.native == instrument.native && topic_of(series) == Topic::Candles(interval)
                    };
                    if let Some(series) = watched.as_ref().filter(is_watched) {
                        core.book().see_forming(series.id, Some(candle), core.clock.now());
                    }
                }
                Latest::Funding(forecast) => forecasts::keep(core, &instrument, forecast, core.clock.now()),
            }
        }
        tickers::take_in(core, exchange, heard);
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Says what happens to the sockets, and notes what is lost.
async fn hear_news(core: &Core, id: ExchangeId, live: &Live, mut news: mpsc::Receiver<News>) {
    while let Some(one) = news.recv().await {
        match one {
            News::Connected { at, subscriptions, took_ms } => {
                losses::heard_again(core, live, &subscriptions, at);
                say(
                    core,
                    LogLevel::Info,
                    format!(
                        "{id}: {} subscription{} live, connected in {took_ms} ms",
                        subscriptions.len(),
                        if subscriptions.len() == 1 { "" } else { "s" }
                    ),
                )
                .await;
            }
            News::Lost { since, cause, detail, subscriptions } => {
                losses::lost(core, id, live, &subscriptions, cause, &detail, since, None).await;
                say(
                    core,
                    LogLevel::Warn,
                    format!("{id}: lost {} subscriptions, {}: {detail}", subscriptions.len(), cause.label()),
                )
                .await;
            }
            News::Failed { detail, attempts, .. } => {
                // Said when it begins and then ever more rarely.
                if attempts.is_power_of_two() {
                    say(core, LogLevel::Warn, format!("{id}: no stream, attempt {attempts}: {detail}")).await;
                }
            }
            News::Refused { at, reason, subscriptions } => {
                losses::refused(core, id, &subscriptions, &reason, at).await;
                let names: Vec<&str> = subscriptions.iter().map(|one| one.instrument.symbol.as_str()).collect();
                let of = if names.is_empty() { String::new() } else { format!(" of {}", names.join(", ")) };
                say(core, LogLevel::Warn, format!("{id} refuses a subscription{of}: {reason}")).await;
            }
            News::Dropped { at, detail, subscriptions } => {
                losses::lost(core, id, live, &subscriptions, Cause::DroppedFrame, &detail, at, Some(at)).await;
                say(core, LogLevel::Warn, format!("{id}: {detail}")).await;
            }
        }
        core.dirty.notify_one();
    }
}

async fn say(core: &Core, level: LogLevel, message: String) {
    core.log(level, "stream", None, message).await;
}
