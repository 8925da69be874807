//! Looks for what is owed in every wanted range, at the start, every hour and when asked to, and
//! queues it. Also keeps the instrument lists fresh and notes the minutes in which nobody recorded.

use super::core::Core;
use super::heartbeat;
use super::losses;
use super::registry::Registry;
use super::snapshot::{JobState, LogLevel};
use crate::domain::dataset::Dataset;
use crate::domain::gap::{Gap, GapReason};
use crate::domain::instrument::{ExchangeId, InstrumentStatus};
use crate::domain::range::{RangeSet, TimeRange};
use crate::domain::series::SeriesId;
use crate::domain::time::{HOUR_MS, Time};
use crate::exchange::port::Exchange;
use crate::store::{Priority, StoreError, gaps, jobs, settings};
use std::sync::Arc;

/// Age at which the list is fetched anew while a series stands still: trading may go on any time.
const TROUBLED_AGE_MS: i64 = HOUR_MS / 2;

/// Runs until the recorder stops.
pub(super) async fn run(core: Arc<Core>, exchange: Arc<dyn Exchange>) {
    let mut called = core.mend.listen();
    loop {
        refresh_instruments(&core, &exchange).await;
        let mended = async {
            losses::learn_reach(&core, &exchange).await?;
            losses::note(&core, &exchange).await?;
            mend(&core, &exchange).await
        };
        if let Err(error) = mended.await {
            core.log(LogLevel::Error, "gaps", None, format!("the search for gaps failed: {error}")).await;
        }
        let wait = core.settings.mend_every.min(losses::until_next(&core, &exchange));
        tokio::select! {
            biased;
            () = core.cancel.cancelled() => return,
            () = called.heard() => {}
            () = tokio::time::sleep(wait) => {}
        }
    }
}

/// A list older than a day is fetched anew; series of instruments that stopped trading stop with
/// that reason, and go on when trading does.
async fn refresh_instruments(core: &Arc<Core>, exchange: &Arc<dyn Exchange>) {
    if !core.book().uses(exchange.id()) {
        return;
    }
    let is_troubled = core.book().series.values().any(|tracked| {
        tracked.series.active
            && tracked.series.instrument.exchange == exchange.id()
            && (tracked.stopped.is_some() || tracked.series.instrument.status != InstrumentStatus::Trading)
    });
    let most = core.settings.instruments_max_age_ms;
    let max_age_ms = if is_troubled { most.min(TROUBLED_AGE_MS) } else { most };
    match Registry::of(core, exchange).with_max_age(max_age_ms).refresh_instruments().await {
        Ok(true) => {
            if let Err(error) = core.reload().await {
                tracing::error!(%error, "series could not be read again");
            }
            take_up(core, exchange).await;
        }
        Ok(false) => {}
        Err(error) => tracing::warn!(%error, "the instrument list could not be fetched; the last one stays"),
    }
    let stopped: Vec<(SeriesId, String)> = {
        let mut book = core.book();
        let mut stopped = Vec::new();
        for tracked in book
            .series
            .values_mut()
            .filter(|tracked| tracked.series.active && tracked.series.instrument.exchange == exchange.id())
        {
            let status = tracked.series.instrument.status;
            let is_news = tracked.told != status;
            tracked.told = status;
            if is_news && status != InstrumentStatus::Trading {
                stopped.push((tracked.series.id, format!("{} on {}: no new candles come", status.name(), exchange.id())));
            }
        }
        stopped
    };
    for (series, message) in stopped {
        core.log(LogLevel::Warn, "gaps", Some(series), message).await;
    }
}

/// A refusal of one request is no evidence against a list that names the market as trading: what was stopped by
/// it is asked for again, as often as a list is fetched.
async fn take_up(core: &Core, exchange: &Arc<dyn Exchange>) {
    let lifted: Vec<SeriesId> = {
        let mut book = core.book();
        let listed = book.series.values_mut().filter(|tracked| {
            tracked.series.active
                && tracked.series.instrument.exchange == exchange.id()
                && tracked.series.instrument.status == InstrumentStatus::Trading
        });
        listed.filter_map(|tracked| tracked.stopped.take().map(|_| tracked.series.id)).collect()
    };
    for series in lifted {
        core.log(LogLevel::Info, "gaps", Some(series), "the list names it as trading: asked for again".to_owned()).await;
    }
}

/// Queues a job for every series that owes something which no unfinished job is after.
async fn mend(core: &Arc<Core>, exchange: &Arc<dyn Exchange>) -> Result<(), StoreError> {
    let now = core.clock.now();
    let exchange_now = exchange.now();
    let heard = heartbeat::heard_trades(core, exchange);
    let owed: Vec<(SeriesId, TimeRange, u64)> = {
        let book = core.book();
        book.series
            .values()
            .filter(|tracked| {
                tracked.series.active && tracked.stopped.is_none() && tracked.series.instrument.exchange == exchange.id()
            })
            .filter_map(|tracked| {
                // The newest candle is the heartbeat's.
                let wanted = tracked.series.wanted(exchange_now);
                let newest = wanted.to.plus_ms(-tracked.series.interval.ms());
                let is_heard = heard.contains(&tracked.series.id);
                let end = if is_heard { newest.min(heartbeat::proven_by(&tracked.series, exchange_now)) } else { newest };
                let past = TimeRange::new(wanted.from, end.max(wanted.from));
                let mut due = tracked.owed(past, &RangeSet::new(), now).due;
                for tasked in
                    book.jobs.values().filter(|tasked| tasked.job.series == tracked.series.id && !tasked.job.state.is_finished())
                {
                    due.remove(tasked.job.range);
                }
                let (first, last) = (due.ranges().first()?, due.ranges().last()?);
                let candles = due.ranges().iter().map(|range| tracked.series.interval.count(*range)).sum::<i64>();
                Some((tracked.series.id, TimeRange::new(first.from, last.to), candles.unsigned_abs()))
            })
            .collect()
    };
    for (series, range, candles) in owed {
        let job = core
            .store
            .writer()
            .run(Priority::Live, move |connection| {
                let job = jobs::add(connection, series, range, now)?;
                settings::registry_changed(connection)?;
                Ok(job)
            })
            .await?;
        debug_assert_eq!(job.state, JobState::Running);
        let dataset = core.book().series.get(&series).map_or(Dataset::Candles, |tracked| tracked.series.dataset);
        let message = format!("{candles} {} owed from {} on: queued", dataset.step(candles), range.from.iso());
        core.log(LogLevel::Info, "gaps", Some(series), message).await;
    }
    core.reload().await?;
    Ok(())
}

/// Tells the minutes in which nobody recorded an exchange's series apart from failures: nobody asked.
pub(super) async fn note_absence(core: &Core, id: ExchangeId, absent: TimeRange) -> Result<(), StoreError> {
    let absent = core.exchange_range(id, absent);
    let windows: Vec<(SeriesId, TimeRange)> = {
        let book = core.book();
        book.series
            .values()
            .filter(|tracked| tracked.series.active && tracked.series.instrument.exchange == id)
            .map(|tracked| {
                let interval = tracked.series.interval;
                let from = interval.floor(absent.from).max(tracked.series.wanted_from);
                let window = interval.inner(TimeRange::new(from, absent.to));
                (tracked.series.id, window)
            })
            .collect()
    };
    for (series, window) in windows {
        core.store
            .writer()
            .run(Priority::Live, move |connection| {
                gaps::note(connection, series, window, |range| Gap::unasked(range, GapReason::RecorderOff))
            })
            .await?;
    }
    Ok(())
}

/// From the end of the last run to now; `None` where there was no run before.
pub(super) fn absence(last: Option<&crate::store::runs::Run>, now: Time) -> Option<TimeRange> {
    let last = last?;
    let range = TimeRange::new(last.ended_at.unwrap_or(last.seen_at), now);
    (!range.is_empty()).then_some(range)
}
