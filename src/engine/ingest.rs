//! The one way into the store: ask, check, write, and only then tell.

use super::clock_watch;
use super::core::Core;
use super::snapshot::LogLevel;
use crate::domain::candle::Source;
use crate::domain::dataset::Dataset;
use crate::domain::gap::{Evidence, Gap, GapReason};
use crate::domain::instrument::InstrumentStatus;
use crate::domain::page::{Question, check, time_of};
use crate::domain::range::{RangeSet, TimeRange};
use crate::domain::series::Series;
use crate::domain::time::{DAY_MS, Time};
use crate::exchange::error::{ExchangeError, Retry};
use crate::exchange::port::{BoxFuture, CandlePage, CandleRequest, Edge, Exchange, Lane};
use crate::exchange::retry::Backoff;
use crate::store::answer::Answer;
use crate::store::page::{self, PageOutcome, PageWrite};
use crate::store::{Priority, StoreError, gaps};
use std::sync::Arc;
use std::time::Duration;

/// A candle that an answer should have held and that closed a moment ago is asked for again after
/// this.
const ASK_AGAIN_MS: i64 = 2_000;

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
            Self::Store(error) => {
                // The same growing wait as for an exchange that fails; pages fetched for a disk that
                // is full are lost work.
                let failed = ExchangeError::Server { status: 0, message: error.to_string() };
                backoff.next(&failed).map(|wait| wait.max(STORE_WAIT))
            }
        }
    }

    /// Whether the same request would fail for ever.
    pub(super) fn is_final(&self) -> bool {
        matches!(self, Self::Exchange(error) if error.retry() == Retry::Never)
    }
}

/// Fetches one page of a series and stores it. The range is at most one page of whole candles, or of
/// whole steps of another dataset's grid.
pub(super) async fn fetch(core: &Core, series: &Series, range: TimeRange, lane: Lane) -> Result<PageOutcome, FetchError> {
    let exchange = adapter(core, series)?;
    if series.dataset != Dataset::Candles {
        return super::rows::fetch(core, exchange, series, range, lane).await;
    }
    let request = CandleRequest { instrument: Arc::clone(&series.instrument), interval: series.interval, range, lane };
    let answer = match ask(core, exchange, |exchange| exchange.candles(request)).await {
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

/// Asks while the exchange's clock is known: what is closed is judged by it.
pub(super) async fn ask<'a, T>(
    core: &Core,
    exchange: &'a Arc<dyn Exchange>,
    request: impl FnOnce(&'a dyn Exchange) -> BoxFuture<'a, Result<T, ExchangeError>>,
) -> Result<T, ExchangeError> {
    clock_watch::ensure(core, exchange).await?;
    let steps = core.clocks.steps(exchange.id());
    let answer = request(exchange.as_ref()).await?;
    if core.clocks.stepped(exchange.id(), core.clock.now()) || core.clocks.steps(exchange.id()) != steps {
        return Err(ExchangeError::WrongAnswer("the local clock was set while it was under way".into()));
    }
    Ok(answer)
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
    let asked_at = core.judged(exchange.id(), answer.asked_at);
    let question = Question {
        range,
        interval: series.interval,
        limit: exchange.page_limit(series.dataset, series.interval),
        // Our measure of the exchange's clock may be off by a request's duration.
        closed_before: asked_at.plus_ms(-core.clocks.guard_ms(exchange.id())),
        settled_before: asked_at.plus_ms(-millis(core.settings.settle)),
    };
    let rows = answer.rows.len();
    let page = check(&question, answer.rows).map_err(|error| ExchangeError::WrongAnswer(error.to_string()))?;
    let rejected = page.rejected.len() as u64;
    let closed = TimeRange::new(range.from, question.closed_before);
    let quiet = answer.quiet.into_iter().map(|(range, proof)| (range.intersect(closed), proof)).collect();
    let expected = series.interval.count(range);
    let asked = Evidence {
        endpoint: answer.endpoint,
        asked_at: answer.asked_at,
        answer: if rows == 0 { "empty".into() } else { format!("{rows} of {expected} rows") },
    };
    let answer = requested(core, series, lane, asked, answer.received_at, answer.source);
    let write = PageWrite { answer, interval: series.interval, range, page, quiet };
    let outcome = core.store.writer().run(priority(lane), move |connection| page::write(connection, &write)).await?;
    let settled = series.interval.floor(question.settled_before.min(question.closed_before));
    core.book().apply(series.id, range, &outcome, settled, core.clock.now().plus_ms(ASK_AGAIN_MS));
    tell(core, series, &outcome, rejected, lane == Lane::Live);
    Ok(outcome)
}

/// Tells of what is stored now, once the book has it; called after the COMMIT.
pub(super) fn tell(core: &Core, series: &Series, outcome: &PageOutcome, rejected: u64, live: bool) {
    let now = core.clock.now();
    core.statistics.stored(series.id, outcome.stored, rejected, now);
    core.alerts.page(series.id, live, outcome, now);
    core.dirty.notify_one();
}

/// The answer to a request of this run, as the store takes it.
pub(super) fn requested(core: &Core, series: &Series, lane: Lane, asked: Evidence, received_at: Time, source: Source) -> Answer {
    Answer {
        series: series.id,
        scales: series.instrument.scales,
        asked,
        received_at,
        source,
        not_trading_after: last_of_ended(core, series),
        confirm_after_ms: millis(core.settings.confirm_after),
        component: match lane {
            Lane::Live => "heartbeat",
            Lane::Backfill => "backfill",
        },
    }
}

/// What a stream brought, as the store takes it.
pub(super) fn streamed(series: &Series, asked_at: Time, answer: &str, received_at: Time) -> Answer {
    Answer {
        series: series.id,
        scales: series.instrument.scales,
        asked: Evidence { endpoint: "stream".into(), asked_at, answer: answer.to_owned() },
        received_at,
        source: Source::Stream,
        not_trading_after: None,
        confirm_after_ms: 0,
        component: "stream",
    }
}

/// The writer's lane for answers of a lane of requests.
pub(super) const fn priority(lane: Lane) -> Priority {
    match lane {
        Lane::Live => Priority::Live,
        Lane::Backfill => Priority::Backfill,
    }
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

/// Asks for the first candle that the exchange has, until that is known in this run, and explains
/// all that is wanted before it: the page that began empty and two equal answers are the witnesses.
/// The same at the other end for an instrument that does not trade any more.
async fn explain_edges(core: &Core, exchange: &Arc<dyn Exchange>, series: &Series, range: TimeRange) -> Result<(), FetchError> {
    let first_time = {
        let mut book = core.book();
        let Some(tracked) = book.series.get_mut(&series.id) else { return Ok(()) };
        // Behind a known first candle an empty beginning is a gap like any other.
        let is_behind = tracked.first_candle.is_some_and(|first| first <= range.from);
        !is_behind && !std::mem::replace(&mut tracked.probed, true)
    };
    if !first_time {
        return Ok(());
    }
    let known = ask_edges(core, exchange, series, range).await;
    if !matches!(known, Ok(true)) {
        // Asked again when the next page is short.
        forget_probe(core, series);
    }
    known.map(|_| ())
}

/// Whether the edges are known now.
async fn ask_edges(core: &Core, exchange: &Arc<dyn Exchange>, series: &Series, page: TimeRange) -> Result<bool, FetchError> {
    let wanted = series.wanted(exchange.now());
    let wanted = TimeRange::new(wanted.from.min(page.from), wanted.to.max(page.to));
    let stored = core.book().series.get(&series.id).map(|tracked| tracked.stored.clone()).unwrap_or_default();
    let first = agreed_edge(core, exchange, series, Edge::First).await?;
    if let (Some((first, _)), Some(tracked)) = (&first, core.book().series.get_mut(&series.id)) {
        tracked.first_candle = Some(*first);
    }
    let listing = first.filter(|(first, _)| agrees(*first, page, &stored));
    let known = listing.is_some();
    if let Some((listing, answer)) = listing {
        let before = TimeRange::new(wanted.from, listing.min(wanted.to));
        explain(core, series, before, GapReason::BeforeListing, &answer).await?;
    }
    if series.instrument.status != InstrumentStatus::Trading
        && let Some((newest, answer)) = agreed_edge(core, exchange, series, Edge::Newest).await?
    {
        let stored_end = stored.ranges().last().map_or(wanted.from, |newest| newest.to);
        let end = newest.plus_ms(series.interval.ms()).max(stored_end);
        // Trading may have gone on a moment ago, and its first candle is late.
        let settled = series.interval.floor(core.judged(exchange.id(), answer.asked_at).plus_ms(-millis(core.settings.settle)));
        explain(core, series, TimeRange::new(end, wanted.to.min(settled)), GapReason::NotTrading, &answer).await?;
    }
    Ok(known)
}

/// Opening of the candle at an edge, where two separate answers agree on it: it speaks for ranges
/// that nobody asks for any more.
async fn agreed_edge(
    core: &Core,
    exchange: &Arc<dyn Exchange>,
    series: &Series,
    edge: Edge,
) -> Result<Option<(Time, CandlePage)>, ExchangeError> {
    let look = || {
        let of = Arc::clone(&series.instrument);
        ask(core, exchange, move |exchange| exchange.edge_candle(of, series.interval, edge))
    };
    let first = edge_time(&look().await?);
    let answer = look().await?;
    let agreed = edge_time(&answer).filter(|time| first == Some(*time));
    Ok(agreed.map(|time| (series.interval.floor(time), answer)))
}

/// Whether two witnesses agree that `first` is the first candle: a page that begins before it began
/// empty, and nothing older is stored. An edge that is empty or contradicts them explains nothing:
/// one bad answer would write off the whole range.
fn agrees(first: Time, page: TimeRange, stored: &RangeSet) -> bool {
    page.from < first && stored.ranges().first().is_none_or(|oldest| first <= oldest.from)
}

fn forget_probe(core: &Core, series: &Series) {
    if let Some(tracked) = core.book().series.get_mut(&series.id) {
        tracked.probed = false;
    }
}

fn edge_time(answer: &CandlePage) -> Option<Time> {
    time_of(answer.rows.first()?, |candle| candle.open_time)
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
    let id = series.id;
    let after = core
        .store
        .writer()
        .run(Priority::Backfill, move |connection| {
            gaps::explain(connection, id, range, |range| Gap {
                range,
                reason,
                asked_count: 2,
                first_asked_at: Some(evidence.asked_at),
                next_ask_at: Some(evidence.asked_at.plus_ms(30 * DAY_MS)),
                evidence: Some(evidence.clone()),
            })
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
pub(super) async fn failed(core: &Core, series: &Series, range: TimeRange, error: &ExchangeError) {
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
    let evidence = Evidence {
        endpoint: format!(
            "{} of {} {} from {}",
            series.dataset.label(),
            series.instrument.native,
            series.interval,
            range.from.iso()
        ),
        asked_at: core.clock.now(),
        answer: error.to_string(),
    };
    let id = series.id;
    let noted = core
        .store
        .writer()
        .run(Priority::Backfill, move |connection| {
            gaps::note(connection, id, range, |range| Gap {
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
    if let Err(error) = super::observer::keep_state(&core.store, exchange, core.clock.now()).await {
        tracing::error!(%error, "the exchange's ban could not be kept");
    }
}

pub(super) fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_first_candle_needs_two_witnesses() {
        let at = |minute: i64| Time::from_ms(minute * 60_000);
        let check = |first: i64, stored: &[(i64, i64)], expected: bool| {
            let stored: RangeSet = stored.iter().map(|&(from, to)| TimeRange::new(at(from), at(to))).collect();
            let page = TimeRange::new(at(100), at(200));
            assert_eq!(agrees(at(first), page, &stored), expected, "{first} {stored:?}");
        };
        check(150, &[(150, 900)], true);
        check(400, &[(400, 900)], true);
        check(400, &[], true);
        check(880, &[(150, 900)], false);
        check(100, &[(150, 900)], false);
        check(50, &[(150, 900)], false);
    }
}
