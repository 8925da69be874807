//! Trades, funding and open interest on their way into the store: page after page of a range, each in a
//! transaction of its own, and live trades as a stream brings them.

use super::core::Core;
use super::ingest::{FetchError, ask, failed, millis, priority, requested, streamed, tell};
use crate::domain::candle::Source;
use crate::domain::dataset::Dataset;
use crate::domain::funding::Funding;
use crate::domain::gap::Evidence;
use crate::domain::open_interest::OpenInterest;
use crate::domain::page::BadRow;
use crate::domain::range::{RangeSet, TimeRange};
use crate::domain::rows::{Gathered, Gathering, Horizon, Row as _, unbroken};
use crate::domain::series::Series;
use crate::domain::time::{HOUR_MS, MINUTE_MS, Time};
use crate::domain::trade::Trade;
use crate::exchange::error::ExchangeError;
use crate::exchange::port::{BoxFuture, Exchange, Lane, RowsPage, RowsRequest};
use crate::store::page::PageOutcome;
use crate::store::rows::{self, Place, RowsWrite, Table};
use crate::store::{Connection, Priority, StoreError, coverage, trades};
use std::sync::Arc;

/// A step that an answer should have held and that ended a moment ago is asked for again after this.
const ASK_AGAIN_MS: i64 = 30_000;

/// A trade may be listed a moment after it happened: a minute that ended just now is not whole yet.
const TRADES_APPEAR_MS: i64 = 2_000;

/// Open interest is worked out by the exchange, and published some minutes after its time.
const OPEN_INTEREST_SETTLES_MS: i64 = 10 * MINUTE_MS;

/// How far around the first trade of a batch its minutes are looked at.
const AROUND_MS: i64 = HOUR_MS;

/// By so much the times of trades may run against their numbers.
const DISORDER_MS: i64 = 1_000;

/// Rows that an exchange can be asked for.
trait Asked: Table {
    fn ask(exchange: &dyn Exchange, request: RowsRequest) -> BoxFuture<'_, Result<RowsPage<Self>, ExchangeError>>;
}

impl Asked for Trade {
    fn ask(exchange: &dyn Exchange, request: RowsRequest) -> BoxFuture<'_, Result<RowsPage<Self>, ExchangeError>> {
        exchange.trades(request)
    }
}

impl Asked for Funding {
    fn ask(exchange: &dyn Exchange, request: RowsRequest) -> BoxFuture<'_, Result<RowsPage<Self>, ExchangeError>> {
        exchange.funding(request)
    }
}

impl Asked for OpenInterest {
    fn ask(exchange: &dyn Exchange, request: RowsRequest) -> BoxFuture<'_, Result<RowsPage<Self>, ExchangeError>> {
        exchange.open_interest(request)
    }
}

/// Fetches a range of a series that holds no candles, page after page, and stores each page as it comes.
/// Where that fails in the middle, the steps that were whole by then are covered.
pub(super) async fn fetch(
    core: &Core,
    exchange: &Arc<dyn Exchange>,
    series: &Series,
    range: TimeRange,
    lane: Lane,
) -> Result<PageOutcome, FetchError> {
    let fetched = match series.dataset {
        Dataset::Trades => pages::<Trade>(core, exchange, series, range, lane).await,
        Dataset::Funding => pages::<Funding>(core, exchange, series, range, lane).await,
        Dataset::OpenInterest => pages::<OpenInterest>(core, exchange, series, range, lane).await,
        Dataset::Candles => Err(ExchangeError::WrongStatus("candles are no rows".into()).into()),
    };
    if let Err(FetchError::Exchange(error)) = &fetched {
        failed(core, series, range, error).await;
    }
    fetched
}

async fn pages<T: Asked>(
    core: &Core,
    exchange: &Arc<dyn Exchange>,
    series: &Series,
    range: TimeRange,
    lane: Lane,
) -> Result<PageOutcome, FetchError> {
    let mut gathering = Gathering::new(range, series.interval, series.dataset);
    let mut cursor = None;
    let mut sum = PageOutcome::default();
    let mut is_silent = false;
    loop {
        let request = RowsRequest { instrument: Arc::clone(&series.instrument), range, cursor: cursor.clone(), lane };
        let mut answer = ask(core, exchange, |exchange| T::ask(exchange, request)).await?;
        let next = answer.next.take();
        if next.is_some() && next == cursor {
            return Err(ExchangeError::WrongAnswer("its pages do not move on".into()).into());
        }
        let horizon = horizon(core, exchange, series, answer.asked_at);
        let rows = std::mem::take(&mut answer.rows);
        let count = rows.len();
        let waits = witness(core, series, &answer, count);
        gathering.withhold(&waits);
        is_silent |= !waits.is_empty();
        let mut page =
            gathering.take(rows, answer.complete, horizon).map_err(|error| ExchangeError::WrongAnswer(error.to_string()))?;
        if next.is_none() {
            page.missing.extend(gathering.rest(horizon));
        }
        let outcome = store(core, series, lane, page, &answer, count).await?;
        sum.stored += outcome.stored;
        sum.revised += outcome.revised;
        sum.held.extend(outcome.held);
        sum.gaps.extend(outcome.gaps);
        match next {
            Some(_) if gathering.is_done() => break,
            // What is left is the next run's.
            Some(_) if core.cancel.is_cancelled() => return Ok(sum),
            Some(next) => cursor = Some(next),
            None => break,
        }
    }
    let (now, wait) = (core.clock.now(), if is_silent { millis(core.settings.confirm_after) } else { ASK_AGAIN_MS });
    core.book().rest_until(series.id, &gathering.undecided(), now, now.plus_ms(wait));
    Ok(sum)
}

/// What a page without a row is the only witness of. Where rows may be absent nothing in an answer tells an empty
/// one from one that was lost on its way; a second, separate one does.
fn witness<T: Asked>(core: &Core, series: &Series, answer: &RowsPage<T>, count: usize) -> RangeSet {
    // Each step of open interest has a row, and is a gap without one.
    if T::DATASET == Dataset::OpenInterest {
        return RangeSet::new();
    }
    let mut book = core.book();
    let Some(tracked) = book.series.get_mut(&series.id) else { return RangeSet::new() };
    if count > 0 {
        tracked.silent.forget(answer.complete);
        return RangeSet::new();
    }
    let agreed = tracked.silent.hear(answer.complete, answer.asked_at, millis(core.settings.confirm_after));
    RangeSet::from(answer.complete).minus(&agreed)
}

fn horizon(core: &Core, exchange: &Arc<dyn Exchange>, series: &Series, asked_at: Time) -> Horizon {
    let asked_at = core.judged(exchange.id(), asked_at);
    let (appears, settles) = match series.dataset {
        Dataset::Trades => (TRADES_APPEAR_MS, millis(core.settings.settle)),
        Dataset::OpenInterest => (0, OPEN_INTEREST_SETTLES_MS),
        Dataset::Funding | Dataset::Candles => (0, millis(core.settings.settle)),
    };
    Horizon {
        closed_before: asked_at.plus_ms(-core.clocks.guard_ms(exchange.id()) - appears),
        settled_before: asked_at.plus_ms(-settles),
    }
}

async fn store<T: Asked>(
    core: &Core,
    series: &Series,
    lane: Lane,
    page: Gathered<T>,
    answer: &RowsPage<T>,
    count: usize,
) -> Result<PageOutcome, FetchError> {
    let rejected = page.rejected.len() as u64;
    let asked = Evidence {
        endpoint: answer.endpoint.clone(),
        asked_at: answer.asked_at,
        answer: if count == 0 { "empty".into() } else { format!("{count} rows, none of them there") },
    };
    let write = RowsWrite {
        answer: requested(core, series, lane, asked, answer.received_at, Source::Rest),
        rows: page.rows,
        rejected: page.rejected,
        covered: page.covered,
        missing: page.missing,
    };
    let window = write.window();
    let outcome = core.store.writer().run(priority(lane), move |connection| rows::write(connection, &write)).await?;
    told(core, series, window, &outcome, rejected, lane == Lane::Live);
    Ok(outcome)
}

/// Takes in what is stored now; called after the COMMIT.
fn told(core: &Core, series: &Series, window: Option<TimeRange>, outcome: &PageOutcome, rejected: u64, live: bool) {
    let window = window.unwrap_or(TimeRange::new(series.wanted_from, series.wanted_from));
    // Nothing is late yet: the pages of the range go on.
    core.book().apply(series.id, window, outcome, window.to, core.clock.now());
    tell(core, series, outcome, rejected, live);
}

/// Stores trades that a stream brought, in whatever batches. A minute is covered where the numbers of the
/// stored trades follow each other from before it to behind it: then none can be missing, whatever frames
/// were lost. Every other minute stays owed, and requests fetch it.
///
/// # Errors
/// Where the store cannot be written; nothing of these trades is kept then.
pub(super) async fn store_trades(core: &Core, series: &Series, trades: Vec<Trade>) -> Result<PageOutcome, FetchError> {
    let (mut sound, mut rejected) = (Vec::with_capacity(trades.len()), Vec::new());
    for trade in trades {
        match trade.fault() {
            None => sound.push(trade),
            Some(reason) => {
                rejected.push(BadRow { time: Some(trade.time), reason, payload: format!("{trade:?}") });
            }
        }
    }
    let now = core.clock.now();
    let count = rejected.len() as u64;
    let answer = streamed(series, now, "", now);
    let write = RowsWrite { answer, rows: sound, rejected, covered: Vec::new(), missing: Vec::new() };
    let of = series.clone();
    let (window, outcome) = core.store.writer().run(Priority::Live, move |connection| write_live(connection, &of, write)).await?;
    told(core, series, window, &outcome, count, true);
    Ok(outcome)
}

/// The trades first, and then the minutes that are whole with them.
fn write_live(
    connection: &Connection,
    series: &Series,
    write: RowsWrite<Trade>,
) -> Result<(Option<TimeRange>, PageOutcome), StoreError> {
    let stored = rows::write(connection, &write)?;
    let (Some(first), Some(place)) =
        (write.rows.iter().map(|trade| trade.time).min(), Place::of(connection, series.id, write.answer.scales)?)
    else {
        return Ok((None, stored));
    };
    // From what is covered on, and the trade before that: it tells whether the next one was the first.
    let past = TimeRange::new(series.interval.floor(first).plus_ms(-AROUND_MS), first);
    let held = coverage::touching(connection, series.id, past)?;
    let from = held.ranges().iter().map(|range| range.to).filter(|end| *end <= first).max().unwrap_or(past.from);
    // A busy market's trade before that lies within the disorder, and more of them are needed then.
    let window = TimeRange::new(from.max(past.from).plus_ms(-DISORDER_MS), first.plus_ms(AROUND_MS));
    let mut known: Vec<Trade> = trades::last_before(connection, place, window.from)?.into_iter().collect();
    known.extend(Trade::read(connection, place, window)?);
    known.sort_by_key(|trade| trade.id);
    let (Some(oldest), Some(newest)) = (known.first(), known.last()) else { return Ok((None, stored)) };
    let heard = TimeRange::new(oldest.time.plus_ms(DISORDER_MS), newest.time.plus_ms(-DISORDER_MS));
    let mut whole = unbroken(&known, heard, series.interval);
    for bad in write.rejected.iter().filter_map(|bad| bad.time).chain(stored.strangers.iter().copied()) {
        whole.remove(series.interval.outer(TimeRange::new(bad, bad.plus_ms(1))));
    }
    let covered = whole.minus(&coverage::touching(connection, series.id, heard)?).ranges().to_vec();
    let minutes = RowsWrite { rows: Vec::new(), rejected: Vec::new(), covered, ..write };
    let accounted = rows::write(connection, &minutes)?;
    Ok((minutes.window(), PageOutcome { stored: stored.stored, revised: stored.revised, ..accounted }))
}

#[cfg(test)]
mod tests;
