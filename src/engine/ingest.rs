//! The one way into the store: ask, check, write, and only then tell.

use super::core::Core;
use super::snapshot::LogLevel;
use crate::domain::candle::Source;
use crate::domain::gap::{Evidence, Gap, GapReason};
use crate::domain::instrument::InstrumentStatus;
use crate::domain::page::{Question, check};
use crate::domain::range::{RangeSet, TimeRange};
use crate::domain::series::Series;
use crate::domain::time::{DAY_MS, Time};
use crate::exchange::error::{ExchangeError, Retry};
use crate::exchange::port::{CandlePage, CandleRequest, Edge, Exchange, Lane};
use crate::exchange::retry::Backoff;
use crate::store::page::{self, PageOutcome, PageWrite};
use crate::store::{Priority, StoreError, exchange_state, gaps};
use std::sync::Arc;
use std::time::Duration;

/// A candle counts as closed only this long after its end by the exchange's clock: our measure of
/// that clock may be off by a request's duration.
pub(super) const CLOSE_GUARD_MS: i64 = 1_000;

/// A candle that an answer should have held and that closed a moment ago is asked for again after
/// this.
const LATE_MS: i64 = 2_000;

/// How long a failed write waits for its next try: a full disk does not empty in milliseconds.
const STORE_WAIT: Duration = Duration::from_secs(5);

/// Why a page did not get in.
#[derive(Debug, Clone, thiserror::Error)]
pub enum FetchError {
    /// The exchange failed.
    #[error(transparent)]
    Exchange(#[from] ExchangeError),
    /// The store failed.
    #[error("the store cannot be written: {0}")]
    Store(#[from] StoreError),
}

impl FetchError {
    /// How long to wait before the next try; `None`: there is no point.
    pub(super) fn wait(&self, backoff: &mut Backoff) -> Option<Duration> {
        match self {
            Self::Exchange(error) => backoff.next(error),
            Self::Store(_) => Some(STORE_WAIT),
        }
    }

    /// Whether the same request would fail for ever.
    pub(super) fn is_final(&self) -> bool {
        matches!(self, Self::Exchange(error) if error.retry() == Retry::Never)
    }
}

/// Fetches one page of a series and stores it. The range is at most one page of whole candles.
pub(super) async fn fetch(core: &Core, series: &Series, range: TimeRange, lane: Lane) -> Result<PageOutcome, FetchError> {
    let exchange = adapter(core, series)?;
    let request = CandleRequest { native: series.instrument.native.clone(), interval: series.interval, range, lane };
    let answer = match exchange.candles(request).await {
        Ok(answer) => answer,
        Err(error) => {
            failed(core, series, range, &error).await;
            return Err(error.into());
        }
    };
    let outcome = match store(core, exchange, series, range, lane, answer).await {
        Err(FetchError::Exchange(error)) => {
            failed(core, series, range, &error).await;
            return Err(error.into());
        }
        other => other?,
    };
    if lane == Lane::Backfill && lacks_oldest(&outcome, range) {
        explain_edges(core, exchange, series, range).await?;
    }
    Ok(outcome)
}

fn adapter<'a>(core: &'a Core, series: &Series) -> Result<&'a Arc<dyn Exchange>, ExchangeError> {
    core.exchange(series.instrument.exchange)
        .ok_or_else(|| ExchangeError::WrongStatus(format!("{} is not set up in this run", series.instrument.exchange)))
}

async fn store(
    core: &Core,
    exchange: &Arc<dyn Exchange>,
    series: &Series,
    range: TimeRange,
    lane: Lane,
    answer: CandlePage,
) -> Result<PageOutcome, FetchError> {
    let offset = exchange.health().clock_offset_ms.unwrap_or(0);
    let asked_at = answer.asked_at.plus_ms(offset);
    let question = Question {
        range,
        interval: series.interval,
        limit: exchange.page_limit(),
        closed_before: asked_at.plus_ms(-CLOSE_GUARD_MS),
        settled_before: asked_at.plus_ms(-millis(core.settings.settle)),
    };
    let rows = answer.rows.len();
    let page = check(&question, answer.rows).map_err(|error| ExchangeError::WrongAnswer(error.to_string()))?;
    let rejected = page.rejected.len() as u64;
    let expected = series.interval.count(range);
    let write = PageWrite {
        series: series.id,
        interval: series.interval,
        scales: series.instrument.scales,
        range,
        page,
        asked: Evidence {
            endpoint: answer.endpoint,
            asked_at: answer.asked_at,
            answer: if rows == 0 { "empty".into() } else { format!("{rows} of {expected} rows") },
        },
        received_at: answer.received_at,
        source: Source::Rest,
        not_trading_after: last_of_ended(core, series),
        confirm_after_ms: millis(core.settings.confirm_after),
        component: match lane {
            Lane::Live => "heartbeat",
            Lane::Backfill => "backfill",
        },
    };
    let priority = match lane {
        Lane::Live => Priority::Live,
        Lane::Backfill => Priority::Backfill,
    };
    let outcome = core.store.writer().run(priority, move |connection| page::write(connection, &write)).await?;
    let now = core.clock.now();
    let settled = series.interval.floor(question.settled_before.min(question.closed_before));
    core.book().apply(series.id, range, &outcome, settled, now.plus_ms(LATE_MS));
    core.statistics.stored(series.id, outcome.stored, rejected, now);
    core.dirty.notify_one();
    Ok(outcome)
}

/// End of the newest stored candle of an instrument that does not trade: what is missing behind it
/// is no outage.
fn last_of_ended(core: &Core, series: &Series) -> Option<Time> {
    if series.instrument.status == InstrumentStatus::Trading {
        return None;
    }
    core.book().series.get(&series.id).and_then(super::book::Tracked::newest_end)
}

fn lacks_oldest(outcome: &PageOutcome, range: TimeRange) -> bool {
    outcome.gaps.iter().any(|gap| gap.range.contains(range.from) && gap.reason == GapReason::Unconfirmed)
}

/// Asks for the first candle that the exchange has, once for each series and run, and explains all
/// that is wanted before it: the empty page and this answer are the two witnesses. The same at the
/// other end for an instrument that does not trade any more.
async fn explain_edges(core: &Core, exchange: &Arc<dyn Exchange>, series: &Series, range: TimeRange) -> Result<(), FetchError> {
    let first_time = {
        let mut book = core.book();
        let Some(tracked) = book.series.get_mut(&series.id) else { return Ok(()) };
        !std::mem::replace(&mut tracked.probed, true)
    };
    if !first_time {
        return Ok(());
    }
    let wanted = series.wanted(exchange.now());
    let wanted = TimeRange::new(wanted.from.min(range.from), wanted.to.max(range.to));
    let native = || series.instrument.native.clone();
    match exchange.edge_candle(native(), series.interval, Edge::First).await {
        Ok(answer) => {
            let listing = edge_time(&answer).map_or(wanted.to, |time| series.interval.floor(time));
            let before = TimeRange::new(wanted.from, listing.min(wanted.to));
            explain(core, series, before, GapReason::BeforeListing, &answer).await?;
        }
        Err(error) => {
            // Asked again when the next page is short.
            forget_probe(core, series);
            return Err(error.into());
        }
    }
    if series.instrument.status != InstrumentStatus::Trading {
        let answer = exchange.edge_candle(native(), series.interval, Edge::Newest).await?;
        if let Some(newest) = edge_time(&answer) {
            let end = series.interval.floor(newest).plus_ms(series.interval.ms());
            explain(core, series, TimeRange::new(end.max(wanted.from), wanted.to), GapReason::NotTrading, &answer).await?;
        }
    }
    Ok(())
}

fn forget_probe(core: &Core, series: &Series) {
    if let Some(tracked) = core.book().series.get_mut(&series.id) {
        tracked.probed = false;
    }
}

fn edge_time(answer: &CandlePage) -> Option<Time> {
    match answer.rows.first()? {
        Ok(candle) => Some(candle.open_time),
        Err(bad) => bad.open_time,
    }
}

/// Notes that nothing is owed in `range`.
async fn explain(
    core: &Core,
    series: &Series,
    range: TimeRange,
    reason: GapReason,
    answer: &CandlePage,
) -> Result<(), FetchError> {
    if range.is_empty() {
        return Ok(());
    }
    let evidence = Evidence {
        endpoint: answer.endpoint.clone(),
        asked_at: answer.asked_at,
        answer: edge_time(answer).map_or_else(|| "empty".into(), |time| format!("candle of {}", time.iso())),
    };
    let open = {
        let book = core.book();
        book.series.get(&series.id).map(|tracked| RangeSet::from(range).minus(&tracked.stored)).unwrap_or_default()
    };
    let id = series.id;
    let after = core
        .store
        .writer()
        .run(Priority::Backfill, move |connection| {
            let before = gaps::overlapping(connection, id, range)?;
            let mut after: Vec<Gap> = open
                .ranges()
                .iter()
                .map(|range| Gap {
                    range: *range,
                    reason,
                    asked_count: 2,
                    first_asked_at: Some(evidence.asked_at),
                    next_ask_at: Some(evidence.asked_at.plus_ms(30 * DAY_MS)),
                    evidence: Some(evidence.clone()),
                })
                .collect();
            for gap in &before {
                let rest = RangeSet::from(gap.range).minus(&RangeSet::from(range));
                after.extend(rest.ranges().iter().map(|rest| Gap { range: *rest, ..gap.clone() }));
            }
            after.sort_by_key(|gap| gap.range);
            gaps::replace(connection, id, &before, &after)?;
            Ok(after)
        })
        .await?;
    if let Some(tracked) = core.book().series.get_mut(&series.id) {
        tracked.replace_notes(range, &after);
    }
    let message = format!("{} to {}: {}", range.from.iso(), range.to.iso(), reason.label());
    core.log(LogLevel::Info, "gaps", Some(series.id), message).await;
    Ok(())
}

/// Notes a failed request where it asked for something, and keeps a ban before anything else.
async fn failed(core: &Core, series: &Series, range: TimeRange, error: &ExchangeError) {
    if let Some(tracked) = core.book().series.get_mut(&series.id) {
        tracked.waiting = Some(error.to_string());
    }
    core.dirty.notify_one();
    match error {
        ExchangeError::RateLimited { .. } | ExchangeError::Banned { .. } => keep_exchange_state(core, series).await,
        // Nothing was sent, so nothing was asked.
        ExchangeError::CircuitOpen { .. } => {}
        _ => note_failure(core, series, range, error).await,
    }
}

async fn note_failure(core: &Core, series: &Series, range: TimeRange, error: &ExchangeError) {
    let open = {
        let book = core.book();
        book.series.get(&series.id).map(|tracked| RangeSet::from(range).minus(&tracked.stored)).unwrap_or_default()
    };
    let evidence = Evidence {
        endpoint: format!("candles of {} {} from {}", series.instrument.native, series.interval, range.from.iso()),
        asked_at: core.clock.now(),
        answer: error.to_string(),
    };
    let id = series.id;
    let noted = core
        .store
        .writer()
        .run(Priority::Backfill, move |connection| {
            gaps::note(connection, id, &open, |range| Gap {
                evidence: Some(evidence.clone()),
                first_asked_at: Some(evidence.asked_at),
                ..Gap::unasked(range, GapReason::FetchFailed)
            })
        })
        .await;
    if let Err(error) = noted {
        tracing::error!(%error, "a failed request could not be noted");
    }
}

async fn keep_exchange_state(core: &Core, series: &Series) {
    let Some(exchange) = core.exchange(series.instrument.exchange) else { return };
    let state = super::observer::to_state(&exchange.health(), core.clock.now());
    if let Err(error) = core.store.writer().run(Priority::Live, move |connection| exchange_state::put(connection, &state)).await {
        tracing::error!(%error, "the exchange's ban could not be kept");
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
