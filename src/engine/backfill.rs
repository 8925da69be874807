//! The backfill: keeps as many pages under way as the budget and the settings allow, taking turns
//! between jobs, and ends jobs whose range is stored or explained.

use super::book::{Next, Page};
use super::core::Core;
use super::ingest::{self, FetchError};
use super::snapshot::{JobState, LogLevel};
use crate::domain::series::JobId;
use crate::domain::time::Time;
use crate::exchange::error::ExchangeError;
use crate::exchange::port::Lane;
use crate::store::{Priority, jobs, settings};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// Pages under way get this long to come in after a stop; what does not is fetched by the next run.
const LAST_PAGES: Duration = Duration::from_secs(2);

/// Runs until the recorder stops.
pub(super) async fn run(core: Arc<Core>) {
    let mut pages: JoinSet<(Page, Option<FetchError>)> = JoinSet::new();
    loop {
        let idle = dispatch(&core, &mut pages);
        if pages.is_empty() {
            end_jobs(&core).await;
        }
        let wait = idle.map_or(Duration::from_secs(3600), |due| {
            Duration::from_millis(due.since(core.clock.now()).clamp(1, 3_600_000).unsigned_abs())
        });
        tokio::select! {
            biased;
            () = core.cancel.cancelled() => break,
            Some(done) = pages.join_next(), if !pages.is_empty() => settle(&core, done).await,
            () = core.work.notified() => {}
            () = tokio::time::sleep(wait) => {}
        }
    }
    let finish = async {
        while let Some(done) = pages.join_next().await {
            settle(&core, done).await;
        }
    };
    if tokio::time::timeout(LAST_PAGES, finish).await.is_err() {
        tracing::info!("pages under way at the stop are left to the next run");
    }
}

/// Starts pages until enough are under way or nothing is due; returns when something will be.
fn dispatch(core: &Arc<Core>, pages: &mut JoinSet<(Page, Option<FetchError>)>) -> Option<Time> {
    while pages.len() < core.settings.max_in_flight {
        let limit = core.exchanges.values().map(|exchange| exchange.page_limit()).min()?;
        match core.book().next_page(core.clock.now(), limit) {
            Next::Fetch(page) => {
                let core = Arc::clone(core);
                pages.spawn(async move {
                    let result = ingest::fetch(&core, &page.series, page.range, Lane::Backfill).await;
                    (page, result.err())
                });
            }
            Next::Idle(due) => return due,
        }
    }
    None
}

async fn settle(core: &Arc<Core>, done: Result<(Page, Option<FetchError>), tokio::task::JoinError>) {
    let (page, error) = match done {
        Ok(done) => done,
        Err(error) => {
            core.log(LogLevel::Error, "backfill", None, format!("a page ended unexpectedly: {error}")).await;
            return;
        }
    };
    let now = core.clock.now();
    core.book().page_done(&page, error.as_ref(), now);
    match error {
        Some(error) if error.is_final() => stop(core, &page, &error).await,
        _ => end_jobs(core).await,
    }
}

/// A request that would fail for ever ends its job; a symbol that the exchange does not know ends
/// its series too.
async fn stop(core: &Arc<Core>, page: &Page, error: &FetchError) {
    let reason = error.to_string();
    if let FetchError::Exchange(ExchangeError::UnknownSymbol(_)) = error
        && let Some(tracked) = core.book().series.get_mut(&page.series.id)
    {
        tracked.stopped = Some(reason.clone());
    }
    finish(core, page.job, JobState::Failed, Some(reason.clone())).await;
    core.log(LogLevel::Error, "backfill", Some(page.series.id), format!("stopped: {reason}")).await;
}

async fn end_jobs(core: &Arc<Core>) {
    let finished = core.book().finished_jobs(core.clock.now());
    for id in finished {
        finish(core, id, JobState::Done, None).await;
    }
}

/// Ends a job, in the store first.
pub(super) async fn finish(core: &Core, id: JobId, state: JobState, note: Option<String>) {
    let now = core.clock.now();
    let reason = note.clone();
    let written = core
        .store
        .writer()
        .run(Priority::Live, move |connection| {
            jobs::set_state(connection, id, state, reason.as_deref(), now)?;
            settings::registry_changed(connection)
        })
        .await;
    if let Err(error) = written {
        tracing::error!(%error, "the end of a job could not be written");
        return;
    }
    if let Some(tasked) = core.book().jobs.get_mut(&id) {
        tasked.job.state = state;
        tasked.note = note;
        tasked.job.finished_at = Some(now);
    }
    core.dirty.notify_one();
}
