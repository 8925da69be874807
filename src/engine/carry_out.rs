//! Commands, one by one.

use super::backfill::finish;
use super::command::{Command, Done, Outcome};
use super::core::Core;
use super::registry::Registry;
use crate::domain::dataset::Dataset;
use crate::domain::instrument::{ExchangeId, SymbolQuery, home};
use crate::domain::interval::Interval;
use crate::domain::job::JobState;
use crate::domain::series::{JobId, Series, SeriesId};
use crate::exchange::port::Exchange;
use crate::store::{Priority, jobs, series, settings};
use std::sync::Arc;

/// Carries out a command; the answer is words for a person.
pub(super) async fn carry_out(core: &Arc<Core>, command: Command) -> Outcome {
    let is_registering = matches!(command, Command::Add { .. } | Command::Backfill { .. });
    let done = match command {
        Command::Add { symbols, exchange, datasets, interval, since } => {
            add(core, &symbols, exchange, &datasets, interval, since).await?
        }
        Command::Remove { series } => {
            let (tracked, exchange) = known(core, series)?;
            Registry::of(core, &exchange).remove(series).await.map_err(|error| error.to_string())?;
            Done::said(format!("stopped recording {}; its data stays", called(&tracked)))
        }
        Command::Backfill { series, since, to } => {
            let (tracked, exchange) = known(core, series)?;
            let symbol = tracked.instrument.symbol.as_str();
            Registry::of(core, &exchange)
                .backfill(symbol, tracked.dataset, tracked.interval, since, to)
                .await
                .map_err(|error| error.to_string())?
        }
        Command::Pause(job) => hold(core, job, JobState::Paused, "paused").await?,
        Command::Resume(job) => hold(core, job, JobState::Running, "goes on").await?,
        Command::Reorder { job, up } => reorder(core, job, up).await?,
        Command::Cancel(job) => cancel(core, job).await?,
        Command::RefreshInstruments => return refresh_instruments(core).await,
        Command::Volumes { needle } => return super::volumes::look(core, &needle).await.map(|()| Done::said("")),
        Command::Watch(series) => {
            core.watch_series(series);
            return Ok(Done::said(""));
        }
        Command::Refresh => {
            core.beat.raise();
            core.mend.raise();
            return Ok(Done::said("asking for what has closed, and looking for gaps"));
        }
        Command::PutAlert { alert, series, condition, active } => {
            return super::alerts::put(core, alert, series, condition, active).await;
        }
        Command::DeleteAlert(alert) => return super::alerts::delete(core, alert).await,
        Command::Remember { key, value } => return remember(core, key, value).await,
    };
    core.reload().await.map_err(|error| error.to_string())?;
    core.beat.raise();
    if is_registering {
        // A symbol that is recorded again owes the time in between.
        core.mend.raise();
    }
    Ok(done)
}

/// The symbol, and the dataset where it is not its candles.
fn called(series: &Series) -> String {
    if series.dataset == Dataset::Candles { series.instrument.symbol.to_string() } else { series.name() }
}

/// Adds each dataset of each symbol; one that cannot be added does not keep the others out.
async fn add(
    core: &Arc<Core>,
    symbols: &[String],
    exchange: ExchangeId,
    datasets: &[Dataset],
    interval: Interval,
    since: super::command::Since,
) -> Outcome {
    let mut sum = Done::said("");
    let (mut said, mut refused) = (Vec::new(), Vec::new());
    for symbol in symbols {
        let query = SymbolQuery::parse(symbol).map_err(|error| error.to_string())?;
        let usual = core.usual(exchange);
        let id = query.exchange.unwrap_or_else(|| {
            // Where its other host is not set up in this run, what is there is asked.
            [home(usual, symbol), usual].into_iter().find(|id| core.exchange(*id).is_some()).unwrap_or(usual)
        });
        let adapter = core.exchange(id).ok_or_else(|| format!("{id} is not set up in this run"))?;
        for dataset in datasets {
            match Registry::of(core, adapter).add(symbol, *dataset, interval, since).await {
                Ok(done) => {
                    said.push(done.message);
                    sum.series.extend(done.series);
                    sum.job = sum.job.or(done.job);
                }
                Err(error) => refused.push(error.to_string()),
            }
        }
    }
    if said.is_empty() {
        return Err(refused.join("; "));
    }
    sum.message = said.into_iter().chain(refused).collect::<Vec<_>>().join("; ");
    Ok(sum)
}

/// Fetches what is too old or missing. An exchange that does not answer keeps nothing from the others.
async fn refresh_instruments(core: &Core) -> Outcome {
    let refreshes = core.exchanges.values().map(|exchange| async move {
        let refreshed = Registry::of(core, exchange).refresh_instruments().await;
        refreshed.map_err(|error| (exchange.id(), error.to_string()))
    });
    let outcomes = futures_util::future::join_all(refreshes).await;
    let fetched = outcomes.iter().filter(|outcome| matches!(outcome, Ok(true))).count();
    let failed: Vec<(ExchangeId, String)> = outcomes.into_iter().filter_map(Result::err).collect();
    if failed.len() == core.exchanges.len() {
        return Err(failed.into_iter().next().map_or_else(|| "no exchange is set up in this run".into(), |(_, error)| error));
    }
    let lists = match fetched {
        0 => "the lists of instruments are fresh".to_owned(),
        1 => "fetched a list of instruments".to_owned(),
        lists => format!("fetched {lists} lists of instruments"),
    };
    let parts = std::iter::once(lists).chain(failed.into_iter().map(|(id, error)| format!("not of {id}: {error}")));
    Ok(Done::said(parts.collect::<Vec<_>>().join("; ")))
}

async fn remember(core: &Core, key: String, value: String) -> Outcome {
    let written = core.store.writer().run(Priority::Live, move |connection| settings::remember(connection, &key, &value)).await;
    written.map(|()| Done::said("")).map_err(|error| error.to_string())
}

fn known(core: &Core, id: SeriesId) -> Result<(Series, Arc<dyn Exchange>), String> {
    let series = core.book().series.get(&id).map(|tracked| tracked.series.clone()).ok_or("that series is not registered")?;
    let exchange = core.exchange(series.instrument.exchange).ok_or("its exchange is not set up in this run")?;
    Ok((series, Arc::clone(exchange)))
}

async fn hold(core: &Arc<Core>, id: JobId, state: JobState, word: &str) -> Outcome {
    let now = core.clock.now();
    let before = core
        .store
        .writer()
        .run(Priority::Live, move |connection| {
            let before = jobs::get(connection, id)?.map(|job| job.state);
            if may_turn(before, state) {
                jobs::set_state(connection, id, state, None, now)?;
                settings::registry_changed(connection)?;
            }
            Ok(before)
        })
        .await
        .map_err(|error| error.to_string())?;
    match before {
        None => return Err("that backfill is not known any more".into()),
        Some(ended) if !may_turn(before, state) => return Err(format!("that backfill is {}", ended.name())),
        Some(_) => {}
    }
    if before == Some(JobState::Failed) {
        // What ended it may have passed: its series is asked for again.
        core.book().take_up(id);
    }
    Ok(Done { job: Some(id), ..Done::said(format!("backfill {word}")) })
}

/// An unfinished job may be held and let go, and a failed one tried again.
fn may_turn(before: Option<JobState>, state: JobState) -> bool {
    match before {
        Some(JobState::Running | JobState::Paused) => true,
        Some(JobState::Failed) => state == JobState::Running,
        Some(JobState::Done | JobState::Cancelled) | None => false,
    }
}

async fn reorder(core: &Arc<Core>, id: JobId, up: bool) -> Outcome {
    let moved = core
        .store
        .writer()
        .run(Priority::Live, move |connection| {
            let moved = jobs::shift(connection, id, up)?;
            settings::registry_changed(connection)?;
            Ok(moved)
        })
        .await
        .map_err(|error| error.to_string())?;
    if !moved {
        return Err(format!("that backfill cannot go further {}", if up { "up" } else { "down" }));
    }
    Ok(Done { job: Some(id), ..Done::said("") })
}

/// Ends a job and wants no more of its range than is stored: else the next search for gaps would
/// queue the very same again.
async fn cancel(core: &Arc<Core>, id: JobId) -> Outcome {
    let narrowed = {
        let book = core.book();
        let tasked = book.jobs.get(&id).ok_or("that backfill is not known any more")?;
        let tracked = book.series.get(&tasked.job.series).ok_or("its series is gone")?;
        let owed = tracked.owed(tasked.job.range, &crate::domain::range::RangeSet::new(), core.clock.now()).due;
        owed.ranges()
            .last()
            .filter(|last| tracked.series.wanted_from < last.to && tasked.job.range.from <= tracked.series.wanted_from)
            .map(|last| (tracked.series.id, last.to))
    };
    finish(core, id, JobState::Cancelled, None).await.map_err(|error| error.to_string())?;
    if let Some((series, from)) = narrowed {
        core.store
            .writer()
            .run(Priority::Live, move |connection| series::set_wanted_from(connection, series, from))
            .await
            .map_err(|error| error.to_string())?;
    }
    let message = match narrowed {
        Some((_, from)) => format!("backfill cancelled; what was fetched stays, and nothing before {} is wanted", from.iso()),
        None => "backfill cancelled; what is still missing is queued again by the next search for gaps".to_owned(),
    };
    Ok(Done { job: Some(id), ..Done::said(message) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ended_jobs_stay_ended_but_failed_ones_may_be_tried_again() {
        let check = |before: JobState, expected: [bool; 2]| {
            let turns = [JobState::Paused, JobState::Running].map(|state| may_turn(Some(before), state));
            assert_eq!(turns, expected, "{before:?}");
        };
        check(JobState::Running, [true, true]);
        check(JobState::Paused, [true, true]);
        check(JobState::Failed, [false, true]);
        check(JobState::Done, [false, false]);
        check(JobState::Cancelled, [false, false]);
        assert!(!may_turn(None, JobState::Running));
    }
}
