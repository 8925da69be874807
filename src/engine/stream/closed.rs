//! Candles that a stream says have closed: checked like any answer, and stored at once.

use super::rows::{self, Batch};
use super::{Live, say};
use crate::domain::candle::Candle;
use crate::domain::instrument::Instrument;
use crate::domain::interval::Interval;
use crate::domain::page::{Question, check};
use crate::domain::range::TimeRange;
use crate::domain::series::Series;
use crate::domain::time::Time;
use crate::engine::clock_watch;
use crate::engine::core::Core;
use crate::engine::ingest::{streamed, tell};
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
                let (candles, trades) = sorted(batch.drain(..));
                for (instrument, interval, candle, at) in candles {
                    if let Some(at) = at {
                        live.meter().lagged(exchange.now().since(at));
                    }
                    writes.push(take_in(core, exchange, live, instrument, interval, candle));
                }
                for batch in trades {
                    rows::take_in(core, batch).await;
                }
            }
            Some(()) = writes.next() => {}
            _ = look.tick() => {
                let over_by = core.judged_now(exchange.id()).plus_ms(-GRACE_MS);
                for (instrument, interval, candle) in live.outlet().ended(over_by) {
                    writes.push(take_in(core, exchange, live, instrument, interval, candle));
                }
            }
        }
    }
}

/// A candle with what it is of, and the exchange's time of it.
type Told = (Arc<Instrument>, Interval, Candle, Option<Time>);

/// Candles apart from trades; neighbouring trades of an instrument are one batch. Open interest of a stream is
/// read at any time: its rows, one for each five minutes, are those of requests.
fn sorted(finals: impl Iterator<Item = Final>) -> (Vec<Told>, Vec<Batch>) {
    let mut candles = Vec::new();
    let mut trades: Vec<Batch> = Vec::new();
    for one in finals {
        match one {
            Final::Candle { instrument, interval, candle, at } => candles.push((instrument, interval, candle, at)),
            Final::OpenInterest(..) => {}
            Final::Trade(instrument, trade) => match trades.last_mut() {
                Some((of, batch)) if of.native == instrument.native => batch.push(trade),
                _ => trades.push((instrument, vec![trade])),
            },
        }
    }
    (candles, trades)
}

/// Stores one closed candle. Whatever goes wrong, the next beat asks for it.
async fn take_in(
    core: &Core,
    exchange: &Arc<dyn Exchange>,
    live: &Live,
    instrument: Arc<Instrument>,
    interval: Interval,
    candle: Candle,
) {
    let subscription = Subscription { instrument, topic: Topic::Candles(interval) };
    let Some(series) = super::carried(core, &subscription) else { return };
    let end = candle.open_time.plus_ms(interval.ms());
    if candle.open_time < series.wanted_from || clock_watch::ensure(core, exchange).await.is_err() {
        return;
    }
    // The exchange says that it is final, and its clock has to agree: our measure of it may be old.
    let is_over = || core.judged_now(exchange.id()).plus_ms(core.clocks.guard_ms(exchange.id())) >= end;
    if !is_over() && live.may_measure() && clock_watch::measure(core, exchange).await.is_ok() {
        tracing::info!(exchange = %exchange.id(), "the exchange's clock was measured anew: its stream is ahead of it");
    }
    if !is_over() {
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
    let answer = streamed(series, end.plus_ms(-core.offset_ms(exchange.id())), "1 of 1 rows", received_at);
    let write = PageWrite { answer, interval, range, page, quiet: Vec::new() };
    let outcome = core
        .store
        .writer()
        .run(Priority::Live, move |connection| page::write(connection, &write))
        .await
        .map_err(|error| error.to_string())?;
    core.book().apply_streamed(series.id, range, &outcome);
    tell(core, series, &outcome, rejected, true);
    if !outcome.disputed.is_empty() {
        return Err(format!("the candle of {} came again with other values; a request decides", range.from.iso()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::candle::tests::candle;
    use crate::domain::instrument::tests::instrument;
    use crate::domain::open_interest::OpenInterest;
    use crate::domain::price::Decimal;
    use crate::domain::trade::{Side, Trade};

    #[test]
    fn trades_of_an_instrument_stay_together_and_in_order() {
        let named = |native: &str| Arc::new(Instrument { native: native.into(), ..instrument() });
        let (a, b) = (named("A"), named("B"));
        let trade = |id: i64| Trade {
            id,
            time: Time::EPOCH,
            nanos: None,
            price: Decimal::ONE,
            size: Decimal::ONE,
            side: Side::Buy,
            fills: None,
        };
        let row = OpenInterest { time: Time::EPOCH, amount: Decimal::ONE, value: None };
        let closed = candle(0, ["2", "3", "1", "2", "1"]);
        let finals = vec![
            Final::Trade(Arc::clone(&a), trade(1)),
            Final::Candle { instrument: Arc::clone(&a), interval: Interval::M1, candle: closed, at: None },
            Final::Trade(Arc::clone(&a), trade(2)),
            Final::Trade(Arc::clone(&b), trade(1)),
            Final::OpenInterest(Arc::clone(&b), row),
            Final::Trade(Arc::clone(&b), trade(2)),
        ];
        let (candles, trades) = sorted(finals.into_iter());
        assert_eq!(candles, [(Arc::clone(&a), Interval::M1, closed, None)]);
        assert_eq!(trades, [(a, vec![trade(1), trade(2)]), (b, vec![trade(1), trade(2)])]);
    }
}
