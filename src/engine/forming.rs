//! The forming candle of the one series that a front end watches: asked for now and again where no
//! stream tells it, shown, and never stored.

use super::core::Core;
use crate::domain::candle::Candle;
use crate::domain::page::{Question, check};
use crate::domain::range::TimeRange;
use crate::domain::series::Series;
use crate::exchange::error::ExchangeError;
use crate::exchange::jitter::Jitter;
use crate::exchange::port::{CandleRequest, Exchange, Lane};
use crate::exchange::retry::Backoff;
use crate::exchange::stream::Topic;
use std::sync::Arc;
use std::time::Duration;

/// Between two looks: a hundredth of Binance's budget.
const EVERY: Duration = Duration::from_secs(2);

/// The candle that forms, and the one before it: around the turn of a candle the exchange may still
/// be at the old one.
const CANDLES: i64 = 2;

/// Looks at the watched series, for ever; nothing is asked while none is watched.
pub(super) async fn run(core: Arc<Core>, exchange: Arc<dyn Exchange>) {
    let mut backoff = Backoff::new(core.settings.backoff, Jitter::from_entropy());
    let mut turned = core.watch.subscribe();
    loop {
        let asked_at = core.clock.now();
        let watched = core.book().watched(exchange.id()).cloned();
        let wait = match watched {
            None => None,
            Some(series) if core.streams.is_fresh(&series.instrument, Topic::Candles(series.interval)) => Some(EVERY),
            Some(series) => match look(&core, &exchange, &series).await {
                Ok(forming) => {
                    backoff.reset();
                    core.book().see_forming(series.id, forming, asked_at);
                    core.dirty.notify_one();
                    Some(EVERY)
                }
                Err(error) => {
                    tracing::debug!(%error, "no forming candle");
                    Some(backoff.next(&error).unwrap_or(Duration::from_secs(60)).max(EVERY))
                }
            },
        };
        tokio::select! {
            // The sender lives in the core, so this cannot fail.
            _ = turned.changed() => {}
            () = tokio::time::sleep(wait.unwrap_or_default()), if wait.is_some() => {}
        }
    }
}

/// The candle that forms, as a request tells it; `None` where the exchange is still at the last one.
pub(super) async fn look(core: &Core, exchange: &Arc<dyn Exchange>, series: &Series) -> Result<Option<Candle>, ExchangeError> {
    let interval = series.interval;
    let end = interval.floor(exchange.now()).plus_ms(interval.ms());
    let range = TimeRange::new(end.plus_ms(-CANDLES * interval.ms()), end);
    let request = CandleRequest { instrument: Arc::clone(&series.instrument), interval, range, lane: Lane::Live };
    let answer = exchange.candles(request).await?;
    let asked_at = core.judged(exchange.id(), answer.asked_at);
    let closed_before = asked_at.plus_ms(-core.clocks.guard_ms(exchange.id()));
    let question = Question {
        range,
        interval,
        limit: exchange.page_limit(series.dataset, interval),
        closed_before,
        settled_before: closed_before,
    };
    let page = check(&question, answer.rows).map_err(|error| ExchangeError::WrongAnswer(error.to_string()))?;
    Ok(page.forming)
}
