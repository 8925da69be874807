//! Last prices, in one request for many symbols, and the exchange's clock.

use super::core::Core;
use crate::exchange::jitter::Jitter;
use crate::exchange::port::Exchange;
use crate::exchange::retry::{Backoff, BackoffSettings};
use std::sync::Arc;
use std::time::Duration;

/// Between two measurements of the exchange's clock.
const CLOCK_EVERY: Duration = Duration::from_secs(600);

/// Polls the tickers of all active series until the recorder stops.
pub(super) async fn run(core: Arc<Core>, exchange: Arc<dyn Exchange>) {
    let mut backoff = Backoff::new(BackoffSettings::default(), Jitter::from_entropy());
    loop {
        let natives: Vec<String> = {
            let book = core.book();
            let mut natives: Vec<String> =
                book.recording(exchange.id()).map(|tracked| tracked.series.instrument.native.clone()).collect();
            natives.sort();
            natives.dedup();
            natives
        };
        let wait = if natives.is_empty() {
            core.settings.ticker_every
        } else {
            match exchange.tickers(natives).await {
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

fn take_in(core: &Core, exchange: &Arc<dyn Exchange>, tickers: Vec<crate::domain::ticker::Ticker>) {
    let now = core.clock.now();
    let mut book = core.book();
    for ticker in tickers {
        for tracked in book.series.values_mut().filter(|tracked| {
            tracked.series.active
                && tracked.series.instrument.exchange == exchange.id()
                && tracked.series.instrument.native == ticker.native
        }) {
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
    let mut backoff = Backoff::new(BackoffSettings::default(), Jitter::from_entropy());
    while let Err(error) = exchange.sync_clock().await {
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

/// Keeps the clock's offset fresh until the recorder stops.
pub(super) async fn keep_clock(core: Arc<Core>, exchange: Arc<dyn Exchange>) {
    loop {
        tokio::select! {
            biased;
            () = core.cancel.cancelled() => return,
            () = tokio::time::sleep(CLOCK_EVERY) => {}
        }
        if let Err(error) = exchange.sync_clock().await {
            tracing::debug!(%error, "the exchange's clock was not measured; the last offset stays");
        }
    }
}
