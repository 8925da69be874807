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
use crate::store::{Priority, StoreError, jobs, settings};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::{Id, JoinSet};

/// Pages under way get this long to come in after a stop; what does not is fetched by the next run.
const LAST_PAGES: Duration = Duration::from_secs(2);

/// The clock is looked at this often, whatever is due.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);

/// The end of a job that could not be written is tried again after this.
const STORE_WAIT: Duration = Duration::from_secs(5);

/// Runs until the recorder stops.
pub(super) async fn run(core: Arc<Core>) {
    let mut pages = Pages::default();
    // Nothing is under way yet: what a run of this that panicked had asked for is nobody's.
    core.book().forget_pages();
    loop {
        let idle = dispatch(&core, &mut pages);
        let longest = if end_jobs(&core).await { LONGEST_WAIT } else { STORE_WAIT };
        let wait = idle.map_or(LONGEST_WAIT, |due| Duration::from_millis(due.since(core.clock.now()).max(1).unsigned_abs()));
        let wait = wait.min(longest);
        tokio::select! {
            biased;
            () = core.cancel.cancelled() => break,
            Some((page, error)) = pages.next(), if !pages.is_empty() => settle(&core, page, error).await,
            () = core.work.notified() => {}
            () = tokio::time::sleep(wait) => {}
        }
    }
    let finish = async {
        while let Some((page, error)) = pages.next().await {
            settle(&core, page, error).await;
        }
    };
    if tokio::time::timeout(LAST_PAGES, finish).await.is_err() {
        tracing::info!("pages under way at the stop are left to the next run");
    }
}

/// Starts pages until enough are under way or nothing is due; returns when something will be.
fn dispatch(core: &Arc<Core>, pages: &mut Pages) -> Option<Time> {
    while pages.len() < core.settings.max_in_flight {
        match core.book().next_page(core.clock.now(), |series| core.page_of(series)) {
            Next::Fetch(page) => {
                let (core, asked) = (Arc::clone(core), page.clone());
                pages.spawn(page, async move { ingest::fetch(&core, &asked.series, asked.range, Lane::Backfill).await.err() });
            }
            Next::Idle(due) => return due,
        }
    }
    None
}

/// Pages under way.
#[derive(Default)]
struct Pages {
    tasks: JoinSet<Option<FetchError>>,
    asked: HashMap<Id, Page>,
}

impl Pages {
    fn len(&self) -> usize {
        self.tasks.len()
    }

    fn is_empty(&self) -> bool {
        self.tasks.is_empty()
    }

    fn spawn(&mut self, page: Page, fetch: impl Future<Output = Option<FetchError>> + Send + 'static) {
        let id = self.tasks.spawn(fetch).id();
        self.asked.insert(id, page);
    }

    /// The next page that came back, with what went wrong. One that panicked comes back as well, or
    /// its range would count as under way for ever.
    async fn next(&mut self) -> Option<(Page, Option<FetchError>)> {
        loop {
            let (id, error) = match self.tasks.join_next_with_id().await? {
                Ok((id, error)) => (id, error),
                Err(error) => (error.id(), Some(StoreError::Sql(format!("a page ended unexpectedly: {error}")).into())),
            };
            if let Some(page) = self.asked.remove(&id) {
                return Some((page, error));
            }
        }
    }
}

async fn settle(core: &Arc<Core>, page: Page, error: Option<FetchError>) {
    let now = core.clock.now();
    core.book().page_done(&page, error.as_ref(), now);
    if let Some(error) = error.filter(FetchError::is_final) {
        stop(core, &page, &error).await;
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
    if finish(core, page.job, JobState::Failed, Some(reason.clone())).await.is_err() {
        // It waits as after any failure, and fails again.
        return;
    }
    core.log(LogLevel::Error, "backfill", Some(page.series.id), format!("stopped: {reason}")).await;
}

/// Whether all that have ended are written down as such.
async fn end_jobs(core: &Arc<Core>) -> bool {
    let (finished, hopeless) = {
        let book = core.book();
        (book.finished_jobs(core.clock.now()), book.hopeless_jobs())
    };
    let ends = finished.into_iter().map(|id| (id, JobState::Done, None));
    for (id, state, note) in ends.chain(hopeless.into_iter().map(|(id, reason)| (id, JobState::Failed, Some(reason)))) {
        if finish(core, id, state, note).await.is_err() {
            return false;
        }
    }
    true
}

/// Ends a job, in the store first.
pub(super) async fn finish(core: &Core, id: JobId, state: JobState, note: Option<String>) -> Result<(), StoreError> {
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
        return Err(error);
    }
    if let Some(tasked) = core.book().jobs.get_mut(&id) {
        tasked.job.state = state;
        tasked.note = note;
        tasked.job.finished_at = Some(now);
    }
    core.dirty.notify_one();
    Ok(())
}
