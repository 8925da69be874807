//! Candles that a stream says have closed: checked like any answer, and stored at once.

use super::{Live, Rows, exchange_time, say};
use crate::domain::candle::{Candle, Source};
use crate::domain::gap::Evidence;
use crate::domain::instrument::Instrument;
use crate::domain::interval::Interval;
use crate::domain::page::{Question, check};
use crate::domain::range::TimeRange;
use crate::domain::series::Series;
use crate::domain::trade::Trade;
use crate::engine::clock_watch;
use crate::engine::core::Core;
use crate::engine::snapshot::LogLevel;
use crate::exchange::port::Exchange;
use crate::exchange::socket::Final;
use crate::exchange::stream::{Subscription, Topic};
use crate::store::Priority;
use crate::store::page::{self, PageWrite};
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// Candles that may wait for the store at the same time; behind them the sockets wait.
const ABREAST: usize = 64;

/// What is taken from the queue at once.
const BATCH: usize = 256;

/// Where an exchange does not say that a candle is final, its last trade may be so late.
const GRACE_MS: i64 = 5_000;

/// Between two looks for candles that have ended.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Stores what the sockets say is final, until they are closed.
pub(super) async fn run(core: &Core, exchange: &Arc<dyn Exchange>, live: &Live, mut finals: mpsc::Receiver<Final>) {
    let mut writes = FuturesUnordered::new();
    let mut batch = Vec::with_capacity(BATCH);
    let mut look = tokio::time::interval(LOOK_EVERY);
    loop {
        tokio::select! {
            count = finals.recv_many(&mut batch, BATCH), if writes.len() < ABREAST => {
                if count == 0 {
                    return;
                }
                let mut trades: Vec<(Arc<Instrument>, Vec<Trade>)> = Vec::new();
                for one in batch.drain(..) {
                    match one {
                        Final::Candle { instrument, interval, candle, at } => {
                            if let Some(at) = at {
                                live.meter().lagged(exchange.now().since(at));
                            }
                            writes.push(take_in(core, exchange, instrument, interval, candle));
                        }
                        Final::Trade(instrument, trade) => match trades.last_mut().filter(|(of, _)| *of == instrument) {
                            Some((_, batch)) => batch.push(trade),
                            None => trades.push((instrument, vec![trade])),
                        },
                        Final::OpenInterest(instrument, row) => hand_on(core, Rows::OpenInterest(instrument, row)).await,
                    }
                }
                for (instrument, batch) in trades {
                    hand_on(core, Rows::Trades(instrument, batch)).await;
                }
            }
            Some(()) = writes.next() => {}
            _ = look.tick() => {
                for (instrument, interval, candle) in live.outlet().ended(exchange.now().plus_ms(-GRACE_MS)) {
                    writes.push(take_in(core, exchange, instrument, interval, candle));
                }
            }
        }
    }
}

async fn hand_on(core: &Core, rows: Rows) {
    if let Some(sink) = core.row_sink.get() {
        sink.take(rows).await;
    }
}

/// Stores one closed candle. Whatever goes wrong, the next beat asks for it.
async fn take_in(core: &Core, exchange: &Arc<dyn Exchange>, instrument: Arc<Instrument>, interval: Interval, candle: Candle) {
    let subscription = Subscription { instrument, topic: Topic::Candles(interval) };
    let Some(series) = super::carried(core, &subscription) else { return };
    let end = candle.open_time.plus_ms(interval.ms());
    if candle.open_time < series.wanted_from || clock_watch::ensure(core, exchange).await.is_err() {
        return;
    }
    // The exchange says that it is final, and its clock has to agree: our measure of it may be old.
    let is_over = || exchange.now().plus_ms(core.clocks.guard_ms(exchange.id())) >= end;
    if !is_over() && (clock_watch::measure(core, exchange).await.is_err() || !is_over()) {
        let message = format!("{}: the stream calls a candle closed that ends at {}", series.name(), end.iso());
        return say(core, LogLevel::Warn, message).await;
    }
    if let Err(error) = store(core, exchange, &series, candle).await {
        say(core, LogLevel::Warn, format!("{}: a candle of the stream was not stored: {error}", series.name())).await;
    }
}

async fn store(core: &Core, exchange: &Arc<dyn Exchange>, series: &Series, candle: Candle) -> Result<(), String> {
    let interval = series.interval;
    let end = candle.open_time.plus_ms(interval.ms());
    let range = TimeRange::new(candle.open_time, end);
    // One row proves nothing of what it lacks.
    let question = Question { range, interval, limit: 2, closed_before: end, settled_before: candle.open_time };
    let page = check(&question, vec![Ok(candle)]).map_err(|error| error.to_string())?;
    let rejected = page.rejected.len() as u64;
    let received_at = core.clock.now();
    let offset = exchange_time(exchange, received_at).since(received_at);
    let write = PageWrite {
        quiet: Vec::new(),
        series: series.id,
        interval,
        scales: series.instrument.scales,
        range,
        page,
        asked: Evidence { endpoint: "stream".into(), asked_at: end.plus_ms(-offset), answer: "1 of 1 rows".into() },
        received_at,
        source: Source::Stream,
        not_trading_after: None,
        confirm_after_ms: 0,
        component: "stream",
    };
    let outcome = core
        .store
        .writer()
        .run(Priority::Live, move |connection| page::write(connection, &write))
        .await
        .map_err(|error| error.to_string())?;
    let now = core.clock.now();
    core.book().apply_streamed(series.id, range, &outcome);
    core.statistics.stored(series.id, outcome.stored, rejected, now);
    core.alerts.page(series.id, true, &outcome, now);
    core.dirty.notify_one();
    if !outcome.disputed.is_empty() {
        return Err(format!("the candle of {} came again with other values; a request decides", range.from.iso()));
    }
    Ok(())
}
