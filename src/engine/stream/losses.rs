//! Losses into the ledger, and out of it again: what was not heard is fetched by requests, at once.

use super::ledger::{Open, stretch};
use super::{Live, carried};
use crate::domain::instrument::ExchangeId;
use crate::domain::range::{RangeSet, TimeRange};
use crate::domain::series::Series;
use crate::domain::time::Time;
use crate::engine::core::Core;
use crate::engine::heartbeat;
use crate::exchange::port::Exchange;
use crate::exchange::socket::Cause;
use crate::exchange::stream::Subscription;
use crate::store::Priority;
use crate::store::streams::{self, Loss};
use futures_util::StreamExt as _;
use std::sync::Arc;

/// Series that are asked for at the same time.
const ABREAST: usize = 8;

/// Notes that these are not heard from `from` on, until `to` where that is known already. A series that
/// is unheard stays so: one stretch, one row.
#[expect(clippy::too_many_arguments, reason = "a row of the ledger")]
pub(super) async fn lost(
    core: &Core,
    id: ExchangeId,
    live: &Live,
    subscriptions: &[Subscription],
    cause: Cause,
    detail: &str,
    from: Time,
    to: Option<Time>,
) {
    let series: Vec<Series> = subscriptions.iter().filter_map(|one| carried(core, one)).collect();
    let fresh: Vec<Series> = {
        let mut ledger = live.ledger();
        series.into_iter().filter(|series| !ledger.is_open(series.id) && !ledger.takes_in(series.id, from, to)).collect()
    };
    let losses: Vec<Loss> = fresh.iter().map(|series| loss(id, series, cause, detail, from, to)).collect();
    let Some(ids) = note(core, losses).await else { return };
    let open = fresh.iter().zip(ids).map(|(series, id)| Open::new(id, series.id, from, to));
    live.ledger().0.extend(open);
    live.lost.notify_one();
}

/// Notes that these are not taken: requests alone record them, and nothing is missed by that.
pub(super) async fn refused(core: &Core, id: ExchangeId, subscriptions: &[Subscription], reason: &str, at: Time) {
    let series: Vec<Series> = subscriptions.iter().filter_map(|one| carried(core, one)).collect();
    let losses = series
        .iter()
        .map(|series| Loss {
            mended: Some((at, "recorded by REST".into())),
            ..loss(id, series, Cause::Refused, reason, at, Some(at))
        })
        .collect();
    note(core, losses).await;
}

fn loss(exchange: ExchangeId, series: &Series, cause: Cause, detail: &str, from: Time, to: Option<Time>) -> Loss {
    Loss {
        id: 0,
        exchange,
        series: series.id,
        cause: cause.name().to_owned(),
        detail: detail.chars().take(300).collect(),
        from,
        to,
        mended: None,
    }
}

async fn note(core: &Core, losses: Vec<Loss>) -> Option<Vec<i64>> {
    if losses.is_empty() {
        return None;
    }
    match core.store.writer().run(Priority::Live, move |connection| streams::add(connection, &losses)).await {
        Ok(ids) => Some(ids),
        Err(error) => {
            tracing::error!(%error, "a loss of the stream could not be noted; the next beat fetches it all the same");
            None
        }
    }
}

/// These are heard again.
pub(super) fn heard_again(core: &Core, live: &Live, subscriptions: &[Subscription], at: Time) {
    let series: Vec<Series> = subscriptions.iter().filter_map(|one| carried(core, one)).collect();
    let mut ledger = live.ledger();
    for series in series {
        ledger.heard_again(series.id, at);
    }
    drop(ledger);
    live.lost.notify_one();
}

/// Makes losses good as they end, for ever.
pub(super) async fn run(core: &Core, exchange: &Arc<dyn Exchange>, live: &Live) {
    loop {
        let due = live.ledger().due();
        let looks: Vec<(Open, Option<(TimeRange, String)>)> = futures_util::stream::iter(due)
            .map(|open| async move {
                let mut open = open;
                let made_good = make_good(core, exchange, &mut open).await;
                (open, made_good)
            })
            .buffer_unordered(ABREAST)
            .collect()
            .await;
        settle(core, live, looks).await;
        let next = live.ledger().next_try();
        tokio::select! {
            () = live.lost.notified() => {}
            () = tokio::time::sleep_until(next.unwrap_or_else(tokio::time::Instant::now)), if next.is_some() => {}
        }
    }
}

/// One look at a loss, and a request where something is missing; how it ended, where it did.
async fn make_good(core: &Core, exchange: &Arc<dyn Exchange>, open: &mut Open) -> Option<(TimeRange, String)> {
    let to = open.to?;
    let local = TimeRange::new(open.from, to);
    let Some(series) =
        core.book().series.get(&open.series).filter(|tracked| tracked.series.active).map(|tracked| tracked.series.clone())
    else {
        return Some((local, "not recorded any more".into()));
    };
    let unheard = core.exchange_range(exchange.id(), local);
    let range = stretch(&series, unheard.from, unheard.to);
    let before = missing(core, &series, range);
    let first = *open.missing.get_or_insert(count(&series, &before));
    if before.is_empty() {
        return Some((local, how(core, &series, range, first, open)));
    }
    // What has not ended yet is not missing yet.
    let closed = series.wanted(exchange.now()).to;
    let page = TimeRange::new(before.ranges().first()?.from, before.ranges().last()?.to.min(closed));
    let limit = i64::try_from(core.page_limit(&series)).unwrap_or(i64::MAX);
    let page = TimeRange::new(page.from, page.to.min(page.from.plus_ms(limit.saturating_mul(series.interval.ms()))));
    if !page.is_empty() {
        heartbeat::beat_series(core, &series, page).await;
        if missing(core, &series, range).is_empty() {
            return Some((local, how(core, &series, range, first, open)));
        }
    }
    open.tried();
    None
}

/// What of `range` is neither stored nor explained.
fn missing(core: &Core, series: &Series, range: TimeRange) -> RangeSet {
    let book = core.book();
    book.series.get(&series.id).map_or_else(RangeSet::new, |tracked| tracked.unaccounted(range))
}

fn count(series: &Series, ranges: &RangeSet) -> u64 {
    ranges.ranges().iter().map(|range| series.interval.count(*range)).sum::<i64>().unsigned_abs()
}

fn how(core: &Core, series: &Series, range: TimeRange, missing: u64, open: &Open) -> String {
    if missing == 0 {
        return "nothing was missed".into();
    }
    let explained = core.book().series.get(&series.id).map_or(0, |tracked| tracked.account(range).explained);
    let stored = missing.saturating_sub(explained);
    let unit = series.dataset.step(stored);
    let why = if explained > 0 { format!(", {explained} the exchange does not have") } else { String::new() };
    format!("{stored} {unit} by REST in {} ms{why}", open.since.elapsed().as_millis())
}

/// Ends the rows of what is made good; the rest is looked at again.
async fn settle(core: &Core, live: &Live, looks: Vec<(Open, Option<(TimeRange, String)>)>) {
    let now = core.clock.now();
    let mended: Vec<_> = looks
        .iter()
        .filter_map(|(open, ended)| ended.as_ref().map(|(stretch, how)| (open.id, *stretch, now, how.clone())))
        .collect();
    let mut is_written = true;
    if !mended.is_empty() {
        let written = core.store.writer().run(Priority::Live, move |connection| streams::mend(connection, &mended)).await;
        if let Err(error) = written {
            tracing::error!(%error, "what is made good could not be noted");
            is_written = false;
        }
    }
    let mut ledger = live.ledger();
    for (mut open, ended) in looks {
        let is_made_good = ended.is_some() && is_written;
        if ended.is_some() && !is_written {
            open.tried();
        }
        ledger.looked(open, is_made_good);
    }
}
