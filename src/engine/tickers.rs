//! Last prices, in one request for many symbols where no stream tells them, and the exchange's clock.

use super::clock_watch;
use super::core::Core;
use super::snapshot::LogLevel;
use crate::domain::instrument::Instrument;
use crate::domain::ticker::Ticker;
use crate::exchange::jitter::Jitter;
use crate::exchange::port::Exchange;
use crate::exchange::retry::Backoff;
use crate::exchange::stream::Topic;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// Between two measurements of the exchange's clock.
const CLOCK_EVERY: Duration = Duration::from_secs(600);

/// Between two looks whether the local clock was set or the machine has slept.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// Polls the tickers of all active series until the recorder stops.
pub(super) async fn run(core: Arc<Core>, exchange: Arc<dyn Exchange>) {
    let mut backoff = Backoff::new(core.settings.backoff, Jitter::from_entropy());
    loop {
        let instruments: Vec<Arc<Instrument>> = {
            let book = core.book();
            let mut instruments: Vec<_> =
                book.recording(exchange.id()).map(|tracked| Arc::clone(&tracked.series.instrument)).collect();
            instruments.sort_by(|a, b| a.native.cmp(&b.native));
            instruments.dedup_by(|a, b| a.native == b.native);
            drop(book);
            // What a stream has told a moment ago needs no request.
            instruments.retain(|instrument| !core.streams.is_fresh(instrument, Topic::Ticker));
            instruments
        };
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
