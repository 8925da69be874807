//! Last prices, in one request for many symbols where no stream tells them, and the exchange's clock.

use super::clock_watch;
use super::core::Core;
use super::snapshot::LogLevel;
use crate::domain::dataset::Dataset;
use crate::domain::instrument::{ExchangeId, Instrument};
use crate::domain::ticker::Ticker;
use crate::exchange::jitter::Jitter;
use crate::exchange::port::Exchange;
use crate::exchange::retry::Backoff;
use crate::exchange::stream::Topic;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// Between two requests for the ticker of a market of which neither candles nor trades are recorded, that nobody
/// looks at and no alert is about: it stands in a table, and no more.
const QUIET_EVERY: Duration = Duration::from_secs(60);

/// Between two measurements of the exchange's clock.
const CLOCK_EVERY: Duration = Duration::from_secs(600);

/// Between two looks whether the local clock was set or the machine has slept.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// Polls the tickers of all active series until the recorder stops.
pub(super) async fn run(core: Arc<Core>, exchange: Arc<dyn Exchange>) {
    let mut backoff = Backoff::new(core.settings.backoff, Jitter::from_entropy());
    let mut asked: HashMap<String, Instant> = HashMap::new();
    loop {
        let mut instruments = due(&core, exchange.id(), &asked);
        // What a stream has told a moment ago needs no request.
        instruments.retain(|instrument| !core.streams.is_fresh(instrument, Topic::Ticker));
        let now = Instant::now();
        asked.extend(instruments.iter().map(|instrument| (instrument.native.clone(), now)));
        let wait = if instruments.is_empty() {
            core.settings.ticker_every
        } else {
            match exchange.tickers(instruments).await {
                Ok(tickers) => {
                    backoff.reset();
                    take_in(&core, &exchange, tickers);
                    core.settings.ticker_every
                }
                Err(error) => {
                    tracing::debug!(%error, "no tickers");
                    core.dirty.notify_one();
                    backoff.next(&error).unwrap_or(Duration::from_secs(60)).max(core.settings.ticker_every)
                }
            }
        };
        tokio::select! {
            biased;
            () = core.cancel.cancelled() => return,
            () = tokio::time::sleep(wait) => {}
        }
    }
}

/// Markets whose prices serve something now, by what was `asked` for and when.
fn due(core: &Core, id: ExchangeId, asked: &HashMap<String, Instant>) -> Vec<Arc<Instrument>> {
    let book = core.book();
    // By native name: the instrument, and whether its price is looked at as it moves.
    let mut markets: BTreeMap<&str, (&Arc<Instrument>, bool)> = BTreeMap::new();
    for tracked in book.recording(id) {
        let series = &tracked.series;
        let moves = matches!(series.dataset, Dataset::Candles | Dataset::Trades)
            || book.looks_at(&series.instrument)
            || core.alerts.are_of(series.id);
        markets.entry(&series.instrument.native).or_insert((&series.instrument, false)).1 |= moves;
    }
    let is_due = |native: &str| asked.get(native).is_none_or(|at| at.elapsed() >= QUIET_EVERY);
    let due = markets.into_iter().filter(|(native, (_, moves))| *moves || is_due(native));
    due.map(|(_, (instrument, _))| Arc::clone(instrument)).collect()
}

/// Takes tickers in, from wherever they come.
pub(super) fn take_in(core: &Core, exchange: &Arc<dyn Exchange>, tickers: Vec<Ticker>) {
    let now = core.clock.now();
    core.volumes.learn(exchange.id(), &tickers, now);
    let tickers: HashMap<String, Ticker> = tickers.into_iter().map(|ticker| (ticker.native.clone(), ticker)).collect();
    let mut book = core.book();
    for tracked in book.series.values_mut().filter(|tracked| tracked.series.active) {
        let instrument = &tracked.series.instrument;
        if let Some(ticker) = tickers.get(&instrument.native).filter(|_| instrument.exchange == exchange.id()) {
            tracked.waiting = None;
            core.alerts.price(tracked.series.id, ticker.last, now);
            tracked.ticker = Some((ticker.clone(), now));
        }
    }
    drop(book);
    core.dirty.notify_one();
}

/// Measures the exchange's clock: until it succeeds once, and then now and again. Returns after
/// the first success, or when the recorder stops.
pub(super) async fn first_clock(core: &Core, exchange: &Arc<dyn Exchange>) {
    let mut backoff = Backoff::new(core.settings.backoff, Jitter::from_entropy());
    while let Err(error) = clock_watch::measure(core, exchange).await {
        core.dirty.notify_one();
        let wait = backoff.next(&error).unwrap_or(Duration::from_secs(60));
        tokio::select! {
            biased;
            () = core.cancel.cancelled() => return,
            () = tokio::time::sleep(wait) => {}
        }
    }
    core.dirty.notify_one();
}

/// Keeps the clock's offset fresh until the recorder stops. After a step of the local clock the
/// heartbeat stands at the wrong instant, and after a sleep there is something to catch up with.
pub(super) async fn keep_clock(core: Arc<Core>, exchange: Arc<dyn Exchange>) {
    let mut measured_at = Instant::now();
    loop {
        tokio::select! {
            biased;
            () = core.cancel.cancelled() => return,
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
        let stepped = core.clocks.stepped(exchange.id(), core.clock.now());
        if !stepped && measured_at.elapsed() < CLOCK_EVERY {
            continue;
        }
        measured_at = Instant::now();
        match clock_watch::measure(&core, &exchange).await {
            Ok(()) if stepped => {
                core.log(LogLevel::Info, "exchange", None, "the local clock was set or stood still: measured anew".into()).await;
                core.beat.raise();
                core.mend.raise();
                core.work.notify_one();
            }
            Ok(()) => {}
            Err(error) => tracing::debug!(%error, "the exchange's clock was not measured; the last offset stays"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::alert::{Alert, AlertId, Condition};
    use crate::domain::interval::Interval;
    use crate::engine::core::rig::{START, recorder, registered};

    #[tokio::test(start_paused = true)]
    async fn prices_are_asked_for_as_often_as_they_serve() {
        let folder = tempfile::tempdir().unwrap();
        let core = recorder(folder.path()).await;
        let id = registered(&core, Dataset::Funding, Interval::H1).await;
        registered(&core, Dataset::OpenInterest, Interval::M5).await;
        let mut asked = HashMap::new();
        let is_due = |asked: &HashMap<String, Instant>| {
            let due = due(&core, ExchangeId::Binance, asked);
            assert!(due.len() < 2, "one request for a market");
            due.len() == 1
        };
        assert!(is_due(&asked), "a first look");
        asked.insert("BTCUSDT".to_owned(), Instant::now());
        tokio::time::advance(Duration::from_secs(59)).await;
        assert!(!is_due(&asked), "not every two seconds");
        core.watch_series(Some(id));
        assert!(is_due(&asked), "somebody looks at it");
        core.watch_series(None);
        let condition = Condition::from_parts("rises_above", Some(crate::domain::price::Decimal::TEN), None).unwrap();
        let alert = Alert { id: AlertId(1), series: id, condition, active: true };
        core.alerts.reload(vec![alert.clone()], Vec::new(), &BTreeMap::new(), START);
        assert!(is_due(&asked), "an alert waits for it");
        core.alerts.reload(vec![Alert { active: false, ..alert }], Vec::new(), &BTreeMap::new(), START);
        assert!(!is_due(&asked));
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(is_due(&asked), "once a minute");
        asked.insert("BTCUSDT".to_owned(), Instant::now());
        registered(&core, Dataset::Trades, Interval::M1).await;
        assert!(is_due(&asked), "its trades are recorded");
    }
}
