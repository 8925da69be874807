//! The forward beat: a few seconds after each interval's boundary, whatever has closed since the
//! last stored candle of every active series. One failure never holds up another.

use super::book::Tracked;
use super::clock_watch;
use super::core::Core;
use super::ingest::{self, FetchError};
use super::planner::oldest_page;
use super::snapshot::LogLevel;
use crate::domain::dataset::Dataset;
use crate::domain::interval::Interval;
use crate::domain::range::{RangeSet, TimeRange};
use crate::domain::series::{Series, SeriesId};
use crate::domain::time::{MINUTE_MS, Time};
use crate::exchange::error::ExchangeError;
use crate::exchange::jitter::Jitter;
use crate::exchange::port::{Exchange, Lane};
use crate::exchange::retry::Backoff;
use futures_util::StreamExt as _;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// Series that are asked for at the same time.
const ABREAST: usize = 16;

/// Tries within one beat; the next beat asks for all that is missing anyway.
const TRIES: u32 = 3;

/// Requests under way get this long after a stop.
const LAST_ANSWERS: Duration = Duration::from_secs(2);

/// A series that hangs is given up for this beat, so that it holds up the others' next one once at
/// most. Waiting for the next minute's budget is not hanging.
const LONGEST: Duration = Duration::from_secs(70);

/// Candles that a beat asks for once more: an exchange that changes a candle after its close is
/// caught in the act, at no cost.
const OVERLAP: i64 = 2;

/// The part of the minute's budget that confirming streams may take: with one weight a page, a quarter.
const CONFIRMED_OF_BUDGET: u32 = 4;

/// So long after its end a minute of trades that a stream carries may wait for the next trade: one whose number follows
/// proves the minute, and nobody has to be asked.
const PROOF_MS: i64 = 2 * MINUTE_MS;

/// Steps of trades, funding or open interest that a beat asks for at most: a minute of trades is many
/// requests, and what lies further back is the backfill's.
const ROWS_AT_ONCE: i64 = 10;

/// Beats at the start, at every boundary, and when asked to, until the recorder stops.
pub(super) async fn run(core: Arc<Core>, exchange: Arc<dyn Exchange>) {
    let mut on_time = false;
    let mut called = core.beat.listen();
    let mut failures = 0;
    loop {
        let failed = tokio::select! {
            biased;
            failed = beat(&core, &exchange, on_time) => std::mem::replace(&mut failures, failed),
            // Answers under way get a moment to come in; tries to come are left to the next run.
            () = async { core.cancel.cancelled().await; tokio::time::sleep(LAST_ANSWERS).await } => return,
        };
        // A beat asks for one page at most, and for a series without a candle for the newest alone:
        // what was missed before that is owed as soon as the exchange serves again.
        if failures < failed {
            core.mend.raise();
        }
        let wait = until_next(exchange.now(), core.settings.heartbeat_delay);
        on_time = tokio::select! {
            biased;
            () = core.cancel.cancelled() => return,
            () = called.heard() => false,
            () = tokio::time::sleep(wait) => true,
        };
    }
}

/// Time until the next minute's boundary plus `delay`, by the exchange's clock. Every interval's
/// boundary is a minute's.
fn until_next(now: Time, delay: Duration) -> Duration {
    let delay_ms = i64::try_from(delay.as_millis()).unwrap_or(0);
    let shifted = now.plus_ms(-delay_ms);
    let next = Interval::M1.floor(shifted).plus_ms(Interval::M1.ms()).plus_ms(delay_ms);
    Duration::from_millis(next.since(now).unsigned_abs())
}

/// One beat; how many series failed. Only one that began `on_time` says how far behind the boundary
/// its candles came in.
async fn beat(core: &Arc<Core>, exchange: &Arc<dyn Exchange>, on_time: bool) -> usize {
    if let Err(error) = clock_watch::ensure(core, exchange).await {
        tracing::debug!(%error, "the exchange's clock was not measured; each series says so");
    }
    let now = exchange.now();
    let heard = heard_trades(core, exchange);
    let due: Vec<(Series, TimeRange)> = {
        let book = core.book();
        let mut due = Vec::new();
        for tracked in book.recording(exchange.id()) {
            let series = &tracked.series;
            let limit = exchange.page_limit(series.dataset, series.interval);
            let ranges = if heard.contains(&series.id) && tracked.newest_end().is_some() {
                unproven(tracked, now, core.clock.now())
            } else {
                let newest = due_range(series, tracked.newest_end(), &tracked.unconfirmed, now, limit);
                let old = unconfirmed_before(series, &tracked.unconfirmed, now, limit);
                old.into_iter().chain(newest).collect()
            };
            due.extend(ranges.into_iter().map(|range| (series.clone(), range)));
        }
        due
    };
    if due.iter().any(|(series, range)| is_behind(core, series, *range)) {
        core.mend.raise();
    }
    let due = within_budget(due, |series| core.streams.hears(series), exchange.health().budget_limit);
    let asked = due.len();
    if asked == 0 {
        core.statistics.beat(false, None, core.clock.now());
        core.dirty.notify_one();
        return 0;
    }
    let failures: usize = futures_util::stream::iter(due)
        .map(|(series, range)| async move {
            let beat = tokio::time::timeout(LONGEST, beat_series(core, &series, range));
            usize::from(!beat.await.unwrap_or(false))
        })
        .buffer_unordered(ABREAST)
        .fold(0, |sum, failed| async move { sum + failed })
        .await;
    let lag_ms = exchange.now().since(Interval::M1.floor(now));
    core.statistics.beat(failures > 0, (on_time && failures < asked).then_some(lag_ms), core.clock.now());
    let level = if failures > 0 { LogLevel::Warn } else { LogLevel::Info };
    let message = format!("{}: {} of {asked} series, {} ms", exchange.id(), asked - failures, exchange.now().since(now));
    core.log(level, "heartbeat", None, message).await;
    failures
}

/// What a beat asks for. A series that a stream carries is asked for to confirm that, and one answer
/// confirms hours: as many as a part of the minute's budget bears, and those first that have waited
/// longest.
fn within_budget(due: Vec<(Series, TimeRange)>, hears: impl Fn(&Series) -> bool, budget: u32) -> Vec<(Series, TimeRange)> {
    let (mut streamed, mut asked): (Vec<_>, Vec<_>) = due.into_iter().partition(|(series, _)| hears(series));
    streamed.sort_by_key(|(_, range)| range.from);
    streamed.truncate((budget / CONFIRMED_OF_BUDGET).max(1) as usize);
    asked.append(&mut streamed);
    asked
}

/// Steps of a beat's page, and how many of them it asks for once more.
fn page_and_overlap(dataset: Dataset, limit: usize) -> (i64, i64) {
    match dataset {
        Dataset::Candles => (limit as i64, OVERLAP),
        // A minute of trades takes several requests: nobody asks for it twice in passing.
        Dataset::Trades => (ROWS_AT_ONCE.min(limit as i64), 0),
        Dataset::Funding | Dataset::OpenInterest => (ROWS_AT_ONCE.min(limit as i64), 1),
    }
}

/// Where the newest page of a series begins and ends.
fn newest_page(series: &Series, now: Time, limit: usize) -> TimeRange {
    let closed = series.wanted(now).to;
    TimeRange::new(closed.plus_ms(-page_and_overlap(series.dataset, limit).0 * series.interval.ms()), closed)
}

/// What a beat asks of a series: from the last stored candle on, or from the first that a stream has
/// told and no request confirmed; at most one page, the newest. `None` where there is neither.
fn due_range(series: &Series, newest_end: Option<Time>, unconfirmed: &RangeSet, now: Time, limit: usize) -> Option<TimeRange> {
    let interval = series.interval;
    let newest = newest_page(series, now, limit);
    let (page, closed) = (newest.from, newest.to);
    let overlap = page_and_overlap(series.dataset, limit).1;
    let unconfirmed = unconfirmed.within(newest).ranges().first().map(|range| range.from);
    let from = match newest_end {
        Some(end) if end >= closed && unconfirmed.is_none() => return None,
        Some(end) => {
            let from = end.min(closed).plus_ms(-overlap * interval.ms());
            unconfirmed.map_or(from, |first| first.min(from))
        }
        // Nothing is stored yet: the past is the backfill's, and the beat begins with the newest.
        None => closed.plus_ms(-interval.ms()),
    };
    // A settlement stands at the beginning of its hour: nobody waits for the hour's end to see it.
    let to = if series.dataset == Dataset::Funding { closed.plus_ms(interval.ms()) } else { closed };
    let range = TimeRange::new(from.max(page).max(series.wanted_from), to);
    (!range.is_empty()).then_some(range)
}

/// What a stream has told of before the newest page and no request has confirmed: a run was killed before its
/// beat, or the exchange was out of reach for long. At most one page, the oldest.
fn unconfirmed_before(series: &Series, unconfirmed: &RangeSet, now: Time, limit: usize) -> Option<TimeRange> {
    let past = TimeRange::new(Time::EPOCH, newest_page(series, now, limit).from);
    oldest_page(&unconfirmed.within(past), &RangeSet::new(), series.interval, limit)
}

/// Series of trades that a stream carries now.
pub(super) fn heard_trades(core: &Core, exchange: &Arc<dyn Exchange>) -> BTreeSet<SeriesId> {
    let of_trades: Vec<Series> = {
        let book = core.book();
        let recording = book.recording(exchange.id()).map(|tracked| &tracked.series);
        recording.filter(|series| series.dataset == Dataset::Trades).cloned().collect()
    };
    of_trades.iter().filter(|series| core.streams.hears(series)).map(|series| series.id).collect()
}

/// The end of what is to be asked of a series of trades that a stream carries: what ended since may be proven yet.
pub(super) fn proven_by(series: &Series, now: Time) -> Time {
    series.wanted(now).to.plus_ms(-PROOF_MS)
}

/// What a beat asks of trades that a stream carries: each run of the newest minutes that is owed, once its oldest minute
/// has waited for its proof. A later minute may be proven before: none is passed over.
fn unproven(tracked: &Tracked, now: Time, local: Time) -> Vec<TimeRange> {
    let (closed, ready) = (tracked.series.wanted(now).to, proven_by(&tracked.series, now));
    let width = tracked.series.interval.ms();
    // Behind that it is the mender's.
    let from = closed.plus_ms(-ROWS_AT_ONCE * width).max(tracked.series.wanted_from);
    let owed = tracked.owed(TimeRange::new(from, closed), &RangeSet::new(), local).due;
    owed.ranges().iter().filter(|run| run.from.plus_ms(width) <= ready).copied().collect()
}

/// Whether a beat of a dataset beside candles leaves out what lies behind it: that is owed and in no job.
fn is_behind(core: &Core, series: &Series, range: TimeRange) -> bool {
    series.dataset != Dataset::Candles
        && core.book().series.get(&series.id).and_then(Tracked::newest_end).is_some_and(|end| end < range.from)
}

/// One series' beat; whether it got through.
pub(super) async fn beat_series(core: &Core, series: &Series, range: TimeRange) -> bool {
    let mut backoff = Backoff::new(core.settings.backoff, Jitter::from_entropy());
    for attempt in 1..=TRIES {
        let Err(error) = ingest::fetch(core, series, range, Lane::Live).await else { return true };
        if error.is_final() {
            stop_series(core, series.id, &error).await;
            return false;
        }
        match error.wait(&mut backoff) {
            // Longer waits are the next beat's.
            Some(wait) if attempt < TRIES && wait <= Duration::from_secs(10) => tokio::time::sleep(wait).await,
            _ => return false,
        }
    }
    false
}

async fn stop_series(core: &Core, id: SeriesId, error: &FetchError) {
    let first = {
        let mut book = core.book();
        let Some(tracked) = book.series.get_mut(&id) else { return };
        tracked.stopped.replace(error.to_string()).is_none()
    };
    if first {
        // Its backfills end as well.
        core.work.notify_one();
        core.log(LogLevel::Error, "heartbeat", Some(id), format!("stopped: {error}")).await;
        if matches!(error, FetchError::Exchange(ExchangeError::UnknownSymbol(_))) {
            core.mend.raise();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::series::tests::series;

    #[test]
    fn beats_stand_on_the_boundary_plus_the_delay() {
        let check = |ms: i64, expected: u64| {
            assert_eq!(until_next(Time::from_ms(ms), Duration::from_secs(5)), Duration::from_millis(expected), "{ms}");
        };
        check(0, 5_000);
        check(4_999, 1);
        check(5_000, 60_000);
        check(64_999, 1);
    }

    #[test]
    fn a_beat_reaches_back_to_what_no_request_has_confirmed() {
        let at = |minute: i64| Time::from_ms(minute * 60_000);
        let check = |newest: Option<i64>, unconfirmed: Option<i64>, expected: Option<(i64, i64)>| {
            let waits: RangeSet = unconfirmed.into_iter().map(|from| TimeRange::new(at(from), at(1_000))).collect();
            let due = due_range(&series(1), newest.map(at), &waits, at(1_000).plus_ms(5_000), 100);
            assert_eq!(due, expected.map(|(from, to)| TimeRange::new(at(from), at(to))), "{newest:?} {unconfirmed:?}");
        };
        check(None, None, Some((999, 1_000)));
        check(Some(999), None, Some((997, 1_000)));
        check(Some(1_000), None, None);
        check(Some(1_000), Some(999), Some((998, 1_000)));
        check(Some(1_000), Some(970), Some((970, 1_000)));
        check(Some(1_000), Some(3), Some((900, 1_000)));
        check(Some(990), Some(999), Some((988, 1_000)));
    }

    /// An hour of a stream whose trades come so far apart; how many requests its beats make, and what is left.
    fn hour_of_trades(apart_ms: i64, lost: Option<i64>) -> (usize, RangeSet) {
        let at = |minute: i64| Time::from_ms(minute * MINUTE_MS);
        let series = Series { dataset: Dataset::Trades, wanted_from: at(900), ..series(1) };
        let mut tracked = Tracked::new(series, RangeSet::from(TimeRange::new(at(900), at(1_000))), Vec::new());
        let trades: Vec<i64> = (0..=65 * MINUTE_MS / apart_ms).map(|n| at(1_000).ms() + n * apart_ms).collect();
        let mut requests = 0;
        for second in (0..3_900).filter(|second| second % 5 == 0) {
            let now = at(1_000).plus_ms(second * 1_000);
            // Trades that follow each other without a hole prove the whole minutes from the first to the last.
            let mut chain = at(1_000);
            for pair in trades.windows(2).filter(|pair| pair[1] <= now.ms()) {
                if lost.is_some_and(|lost| pair[0] < lost && lost <= pair[1]) {
                    chain = Time::from_ms(pair[1]);
                }
                let whole = Interval::M1.inner(TimeRange::new(chain, Time::from_ms(pair[1])));
                if !whole.is_empty() {
                    tracked.stored.insert(whole);
                }
            }
            if second % 60 == 5 {
                for range in unproven(&tracked, now, now) {
                    requests += 1;
                    tracked.stored.insert(range);
                }
            }
        }
        let left = RangeSet::from(TimeRange::new(at(1_000), at(1_060))).minus(&tracked.stored);
        (requests, left)
    }

    #[test]
    fn sparse_trades_prove_their_minutes_themselves() {
        for (apart_ms, most) in [(1_000, 0), (20_000, 0), (90_000, 0), (110_000, 0), (300_000, 25), (3_600_000, 22)] {
            let (requests, left) = hour_of_trades(apart_ms, None);
            assert!(requests <= most, "{apart_ms}: {requests} where each minute was asked for before");
            assert!(left.is_empty(), "{apart_ms}: no minute is left: {left:?}");
        }
    }

    #[test]
    fn a_minute_that_the_stream_lost_is_not_passed_over() {
        let lost = Time::from_ms(1_030 * MINUTE_MS + 31_000).ms();
        let (requests, left) = hour_of_trades(20_000, Some(lost));
        assert!((1..=2).contains(&requests) && left.is_empty(), "{requests} {left:?}");
    }

    #[test]
    fn what_waits_from_before_the_newest_page_is_asked_for_in_pages_of_its_own() {
        let range = |from: i64, to: i64| TimeRange::new(Time::from_ms(from * 60_000), Time::from_ms(to * 60_000));
        let check = |waits: &[(i64, i64)], old: Option<(i64, i64)>, newest: Option<(i64, i64)>| {
            let waits: RangeSet = waits.iter().map(|&(from, to)| range(from, to)).collect();
            let now = Time::from_ms(1_000 * 60_000 + 5_000);
            let asked = [
                unconfirmed_before(&series(1), &waits, now, 100),
                due_range(&series(1), Some(Time::from_ms(1_000 * 60_000)), &waits, now, 100),
            ];
            assert_eq!(asked, [old, newest].map(|range_of| range_of.map(|(from, to)| range(from, to))), "{waits:?}");
        };
        check(&[], None, None);
        check(&[(3, 4)], Some((3, 4)), None);
        check(&[(3, 4), (50, 51), (600, 601)], Some((3, 51)), None);
        check(&[(3, 4), (999, 1_000)], Some((3, 4)), Some((998, 1_000)));
        check(&[(850, 950)], Some((850, 900)), Some((900, 1_000)));
        check(&[(700, 850)], Some((700, 800)), None);
    }

    #[test]
    fn a_small_budget_confirms_those_first_that_have_waited_longest() {
        let range = |from: i64| TimeRange::new(Time::from_ms(from), Time::from_ms(1_000));
        let due = || (1..=30).map(|id| (series(id), range(500 - id))).collect::<Vec<_>>();
        let ids = |due: Vec<(Series, TimeRange)>| due.into_iter().map(|(series, _)| series.id.0).collect::<Vec<_>>();
        assert_eq!(ids(within_budget(due(), |_| true, 60)), (16..=30).rev().collect::<Vec<_>>());
        assert_eq!(ids(within_budget(due(), |_| true, 0)), [30]);
        assert_eq!(within_budget(due(), |_| false, 60).len(), 30, "who is not heard is asked for always");
        let mixed = ids(within_budget(due(), |series| series.id.0 > 2, 12));
        assert_eq!(mixed, [1, 2, 30, 29, 28]);
    }
}
