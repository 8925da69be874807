//! What perishes: exchanges keep some datasets for a while only. What is not fetched in time is lost, and
//! noted as such with the evidence.

use super::book::Tracked;
use super::core::Core;
use super::snapshot::LogLevel;
use crate::domain::gap::{Evidence, Gap, GapReason};
use crate::domain::range::TimeRange;
use crate::domain::series::{Series, SeriesId};
use crate::domain::time::{Time, human_duration};
use crate::exchange::port::Exchange;
use crate::store::{Priority, StoreError, gaps, series, settings};
use std::sync::Arc;
use std::time::Duration;

/// Losses that follow each other closely are noted together.
const TOGETHER: Duration = Duration::from_secs(60);

/// Keeps how far back the exchange serves each series at present, for processes that have no adapter.
pub(super) async fn learn_reach(core: &Core, exchange: &Arc<dyn Exchange>) -> Result<(), StoreError> {
    let changed: Vec<(SeriesId, Option<i64>)> = {
        let book = core.book();
        of(&book.series, exchange)
            .filter_map(|tracked| {
                let Series { id, instrument, dataset, interval, reach_ms, .. } = &tracked.series;
                let service = exchange.service(instrument, *dataset, *interval).ok()?;
                (service.reach_ms != *reach_ms).then_some((*id, service.reach_ms))
            })
            .collect()
    };
    if changed.is_empty() {
        return Ok(());
    }
    let write = move |connection: &crate::store::Connection| {
        changed.iter().try_for_each(|(id, reach_ms)| series::set_reach(connection, *id, *reach_ms))?;
        settings::registry_changed(connection)
    };
    core.store.writer().run(Priority::Live, write).await?;
    core.reload().await?;
    Ok(())
}

/// Notes what has fallen out of reach before it was fetched.
pub(super) async fn note(core: &Core, exchange: &Arc<dyn Exchange>) -> Result<(), StoreError> {
    let now = exchange.now();
    let gone: Vec<(Series, TimeRange)> = {
        let book = core.book();
        of(&book.series, exchange)
            .filter_map(|tracked| {
                let reach = tracked.series.reach_from(now)?;
                let past = TimeRange::new(tracked.series.wanted_from, reach.min(tracked.series.wanted(now).to));
                Some((tracked.series.clone(), tracked.unexplained(past)))
            })
            .flat_map(|(series, lost)| lost.ranges().iter().map(|range| (series.clone(), *range)).collect::<Vec<_>>())
            .collect()
    };
    for (series, range) in gone {
        lose(core, &series, range, now).await?;
    }
    Ok(())
}

async fn lose(core: &Core, series: &Series, range: TimeRange, now: Time) -> Result<(), StoreError> {
    let (id, asked_at) = (series.id, core.clock.now());
    let reach = human_duration(series.reach_ms.unwrap_or(0));
    let endpoint = format!("{} of {}", series.dataset.label(), series.instrument.native);
    let make = move |range: TimeRange, known: Option<&Gap>| {
        let before = known.and_then(|gap| gap.evidence.as_ref());
        let passed = now.iso();
        let answer = match before {
            Some(evidence) => format!("reach of {reach} passed, seen on {passed}; before: {}", evidence.answer),
            None => format!("reach of {reach} passed, seen on {passed}"),
        };
        Gap {
            range,
            reason: GapReason::Lost,
            asked_count: known.map_or(0, |gap| gap.asked_count),
            first_asked_at: known.and_then(|gap| gap.first_asked_at),
            next_ask_at: None,
            evidence: Some(Evidence {
                endpoint: before.map_or_else(|| endpoint.clone(), |evidence| evidence.endpoint.clone()),
                asked_at,
                answer,
            }),
        }
    };
    let after = core.store.writer().run(Priority::Live, move |connection| gaps::lose(connection, id, range, make)).await?;
    if let Some(tracked) = core.book().series.get_mut(&id) {
        tracked.replace_notes(range, &after);
    }
    let steps = series.interval.count(range).unsigned_abs();
    let (from, to) = (range.from.iso(), range.to.iso());
    let message = format!("{steps} {} lost: {from} to {to} fell out of the exchange's reach", series.dataset.step(steps));
    core.log(LogLevel::Warn, "gaps", Some(id), message).await;
    Ok(())
}

/// Until the next step that is owed falls out of reach.
pub(super) fn until_next(core: &Core, exchange: &Arc<dyn Exchange>) -> Duration {
    let now = exchange.now();
    let book = core.book();
    let next =
        of(&book.series, exchange).filter_map(|tracked| tracked.loss(tracked.series.wanted(now))).map(|loss| loss.at).min();
    next.map_or(Duration::MAX, |at| Duration::from_millis(at.since(now).max(0).unsigned_abs()).max(TOGETHER))
}

fn of<'a>(
    series: &'a std::collections::BTreeMap<SeriesId, Tracked>,
    exchange: &'a Arc<dyn Exchange>,
) -> impl Iterator<Item = &'a Tracked> {
    series.values().filter(|tracked| tracked.series.active && tracked.series.instrument.exchange == exchange.id())
}
