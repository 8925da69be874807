//! Runs the alerts: prices, pages and the time go in; what fires is written, and then told.

use super::command::{Done, Outcome};
use super::core::Core;
use super::snapshot::{AlertView, AlertsView, LogLevel};
use crate::domain::alert::{Alert, AlertId, Condition, Firing, Watcher};
use crate::domain::gap::GapReason;
use crate::domain::price::Decimal;
use crate::domain::range::TimeRange;
use crate::domain::series::SeriesId;
use crate::domain::time::Time;
use crate::store::page::PageOutcome;
use crate::store::{Priority, alerts};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// Firings that a snapshot carries.
pub(super) const FIRINGS: usize = 100;

/// Between two looks for silence.
const EVERY: Duration = Duration::from_secs(1);

/// Firings that wait for a store that cannot be written; older ones make room.
const WAITING: usize = 200;

/// The alerts of one recorder.
#[derive(Debug, Default)]
pub(super) struct Alerts {
    desk: Mutex<Desk>,
    fired: Notify,
}

#[derive(Debug, Default)]
struct Desk {
    watchers: BTreeMap<AlertId, Watcher>,
    /// Fired and not yet written.
    waiting: Vec<(AlertId, Time, String)>,
    view: Arc<AlertsView>,
}

impl Alerts {
    /// Whether one that is on is about a series: it waits for prices, or for none.
    pub(super) fn are_of(&self, series: SeriesId) -> bool {
        self.lock().watchers.values().map(Watcher::alert).any(|alert| alert.active && alert.series == series)
    }

    /// Takes in what the store holds. An alert that has not changed keeps what it remembers.
    pub(super) fn reload(&self, list: Vec<Alert>, firings: Vec<Firing>, names: &BTreeMap<i64, String>, now: Time) {
        let mut desk = self.lock();
        let mut known = std::mem::take(&mut desk.watchers);
        desk.watchers = list
            .iter()
            .map(|alert| {
                let kept = known.remove(&alert.id).filter(|watcher| watcher.alert() == alert);
                (alert.id, kept.unwrap_or_else(|| Watcher::new(alert.clone(), now)))
            })
            .collect();
        let next = view(list, firings, names);
        if *next != *desk.view {
            desk.view = next;
        }
    }

    /// For the snapshot.
    pub(super) fn view(&self) -> Arc<AlertsView> {
        Arc::clone(&self.lock().view)
    }

    /// A last price of a series.
    pub(super) fn price(&self, series: SeriesId, price: Decimal, at: Time) {
        self.each(series, at, |watcher| watcher.price(price, at));
    }

    /// A page of a series came in. Candles of the past are no sign of life, and what failed or is to
    /// be confirmed is queued: only what the exchange does not have is a gap.
    pub(super) fn page(&self, series: SeriesId, live: bool, outcome: &PageOutcome, at: Time) {
        let gaps: Vec<TimeRange> = outcome
            .gaps
            .iter()
            .filter(|gap| matches!(gap.reason, GapReason::NoCandle | GapReason::BadRow))
            .map(|gap| gap.range)
            .collect();
        self.each(series, at, |watcher| {
            if live && outcome.stored > 0 {
                watcher.heard(at);
            }
            gaps.iter().filter_map(|gap| watcher.gap(*gap)).last()
        });
    }

    /// Nothing could be heard while the machine slept.
    pub(super) fn woke(&self, now: Time) {
        self.lock().watchers.values_mut().for_each(|watcher| watcher.heard(now));
    }

    /// Time passes for the series that are recorded.
    fn tick(&self, recorded: &BTreeSet<SeriesId>, now: Time) {
        let mut desk = self.lock();
        let Desk { watchers, waiting, .. } = &mut *desk;
        for (id, watcher) in watchers.iter_mut().filter(|(_, watcher)| recorded.contains(&watcher.alert().series)) {
            waiting.extend(watcher.tick(now).map(|value| (*id, now, value)));
        }
    }

    fn each(&self, series: SeriesId, at: Time, mut look: impl FnMut(&mut Watcher) -> Option<String>) {
        let mut desk = self.lock();
        let Desk { watchers, waiting, .. } = &mut *desk;
        let before = waiting.len();
        for (id, watcher) in watchers.iter_mut().filter(|(_, watcher)| watcher.alert().series == series) {
            waiting.extend(look(watcher).map(|value| (*id, at, value)));
        }
        if waiting.len() > before {
            self.fired.notify_one();
        }
    }

    fn take_waiting(&self) -> Vec<(AlertId, Time, String)> {
        std::mem::take(&mut self.lock().waiting)
    }

    fn put_back(&self, mut unwritten: Vec<(AlertId, Time, String)>) {
        let mut desk = self.lock();
        unwritten.append(&mut desk.waiting);
        let surplus = unwritten.len().saturating_sub(WAITING);
        unwritten.drain(..surplus);
        desk.waiting = unwritten;
    }

    /// What was written is shown; returns the lines for the log.
    fn tell(&self, written: Vec<Firing>) -> Vec<(SeriesId, String)> {
        let mut desk = self.lock();
        let line = |firing: &Firing| {
            let view = desk.view.of(firing)?;
            Some((view.alert.series, format!("{}: {}", view.alert.condition.words(), firing.value)))
        };
        let lines = written.iter().filter_map(line).collect();
        let mut next = AlertsView::clone(&desk.view);
        next.firings.splice(0..0, written.into_iter().rev());
        next.firings.truncate(FIRINGS);
        desk.view = Arc::new(next);
        lines
    }

    fn lock(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Alerts with the names of their series.
pub(super) fn view(list: Vec<Alert>, firings: Vec<Firing>, names: &BTreeMap<i64, String>) -> Arc<AlertsView> {
    let shown = |alert: Alert| AlertView { series: names.get(&alert.series.0).cloned().unwrap_or_default(), alert };
    Arc::new(AlertsView { alerts: list.into_iter().map(shown).collect(), firings })
}

/// Looks for silence and writes what fired, until the recorder stops.
pub(super) async fn run(core: Arc<Core>) {
    loop {
        tokio::select! {
            biased;
            () = core.cancel.cancelled() => return,
            () = core.alerts.fired.notified() => {}
            () = tokio::time::sleep(EVERY) => {}
        }
        let recorded =
            core.book().series.values().filter(|tracked| tracked.series.active).map(|tracked| tracked.series.id).collect();
        core.alerts.tick(&recorded, core.clock.now());
        write(&core).await;
    }
}

async fn write(core: &Core) {
    let waiting = core.alerts.take_waiting();
    if waiting.is_empty() {
        return;
    }
    let batch = waiting.clone();
    let written = core
        .store
        .writer()
        .run(Priority::Live, move |connection| {
            let mut firings = Vec::new();
            for (alert, at, value) in &batch {
                firings.extend(alerts::fired(connection, *alert, *at, value)?);
            }
            Ok(firings)
        })
        .await;
    match written {
        Ok(firings) => {
            let lines = core.alerts.tell(firings);
            core.dirty.notify_one();
            for (series, line) in lines {
                core.log(LogLevel::Warn, "alerts", Some(series), line).await;
            }
        }
        Err(error) => {
            tracing::warn!(%error, "alerts that fired could not be written; the next second tries again");
            core.alerts.put_back(waiting);
        }
    }
}

/// Adds an alert, or changes one.
pub(super) async fn put(core: &Core, alert: Option<AlertId>, series: SeriesId, condition: Condition, active: bool) -> Outcome {
    condition.check().map_err(|error| error.to_string())?;
    if !core.book().series.contains_key(&series) {
        return Err("that series is not registered".into());
    }
    let words = condition.words();
    let now = core.clock.now();
    let found = core
        .store
        .writer()
        .run(Priority::Live, move |connection| match alert {
            Some(id) => alerts::change(connection, &Alert { id, series, condition, active }),
            None => alerts::add(connection, series, &condition, active, now).map(|_| true),
        })
        .await
        .map_err(|error| error.to_string())?;
    core.reload().await.map_err(|error| error.to_string())?;
    match (found, active) {
        (false, _) => Err("that alert was deleted".into()),
        (true, true) => Ok(Done::said(format!("watching: {words}"))),
        (true, false) => Ok(Done::said(format!("switched off: {words}"))),
    }
}

/// Deletes an alert.
pub(super) async fn delete(core: &Core, alert: AlertId) -> Outcome {
    core.store
        .writer()
        .run(Priority::Live, move |connection| alerts::delete(connection, alert))
        .await
        .map_err(|error| error.to_string())?;
    core.reload().await.map_err(|error| error.to_string())?;
    Ok(Done::said("alert deleted"))
}

#[cfg(test)]
mod tests;
