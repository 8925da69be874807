//! Starts the recorder's tasks, carries out commands, and ends everything in order.

#[cfg(test)]
mod tests;

use super::command::{Command, Outcome};
use super::core::Core;
use super::handle::{Envelope, Handle};
use super::keeper::keep;
use super::publisher::Publisher;
use super::query::Query;
use super::settings::EngineSettings;
use super::snapshot::{AwayCause, HeartbeatView, IngestView, LogLevel, Mode, Snapshot};
use super::{alerts, answer, backfill, carry_out, forecasts, forming, heartbeat, mender, sleep, stream, tickers};
use crate::domain::range::TimeRange;
use crate::exchange::clock::Clock;
use crate::exchange::port::{BoxFuture, Exchange};
use crate::store::writer::panic_text;
use crate::store::{Priority, Store, StoreError, exchange_state, runs, settings as kept, streams};
use futures_util::FutureExt as _;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio_util::task::TaskTracker;

/// Commands that may wait.
const COMMANDS: usize = 32;

/// How long tasks and the writer get to end.
const DEADLINE: Duration = Duration::from_secs(5);

/// A part of the recorder at work.
type Part = BoxFuture<'static, ()>;

/// A running recorder.
pub struct Engine {
    core: Arc<Core>,
    handle: Handle,
    tasks: TaskTracker,
}

impl Engine {
    /// Starts recording into `store`. Returns at once; the exchange may be out of reach. A store that holds
    /// simulated data takes no other, and the other way round.
    pub async fn start(
        store: Store,
        exchanges: Vec<Arc<dyn Exchange>>,
        clock: Clock,
        settings: EngineSettings,
    ) -> Result<Self, StoreError> {
        let (records, simulated) = (settings.records, settings.simulated);
        store.writer().run(Priority::Live, move |connection| kept::claim(connection, simulated)).await?;
        let core = Arc::new(Core::new(store, exchanges, clock, settings));
        restore_blocks(&core).await?;
        core.reload().await?;
        let now = clock.now();
        let (last_run, run_id) = core
            .store
            .writer()
            .run(Priority::Live, move |connection| {
                let last = runs::last(connection)?;
                if records {
                    streams::close_former(connection, now)?;
                }
                Ok((last, if records { runs::begin(connection, std::process::id(), now)? } else { 0 }))
            })
            .await?;
        let absent = if records { mender::absence(last_run.as_ref(), now) } else { None };
        if let Some(absent) = absent {
            core.away.begin(&core.book(), AwayCause::Off, absent, |_| 0);
        }
        let (commands, inbox) = mpsc::channel(COMMANDS);
        let (publish, snapshots) = watch::channel(Arc::new(first_snapshot(&core, run_id)));
        let reads = Arc::clone(&core);
        let handle = Handle::new(
            commands,
            snapshots,
            Arc::new(move |query| {
                if let Query::Instruments { needle, limit } = &query {
                    return answer::instruments(&reads.store, needle, *limit, &reads.volumes, &|instrument| {
                        reads.day_of_trades(instrument)
                    });
                }
                answer::answer(&reads.store, &query, &|id| reads.exchange_now(id), &|series| reads.terms(series))
            }),
        );
        let tasks = TaskTracker::new();
        tasks.spawn(obey(Arc::clone(&core), inbox));
        let shared = Arc::clone(&core);
        let glanced = handle.glanced();
        let publisher = move || Publisher::new(Arc::clone(&shared), publish.clone(), Arc::clone(&glanced), run_id).run();
        tasks.spawn(keep(Arc::clone(&core), "the publisher", publisher));
        let part = |name: &'static str, part: fn(Arc<Core>) -> Part| {
            let shared = Arc::clone(&core);
            tasks.spawn(keep(Arc::clone(&core), name, move || part(Arc::clone(&shared))));
        };
        if records {
            part("the alerts", |core| Box::pin(alerts::run(core)));
            part("the watch for sleep", |core| Box::pin(sleep::run(core)));
        }
        part("the backfill", |core| Box::pin(backfill::run(core)));
        for exchange in core.exchanges.values() {
            let (shared, exchange, of_exchange) = (Arc::clone(&core), Arc::clone(exchange), tasks.clone());
            let record = move || record(Arc::clone(&shared), Arc::clone(&exchange), of_exchange.clone(), absent);
            let kept = keep(Arc::clone(&core), "the start of an exchange", record);
            tasks.spawn(core.cancel.clone().run_until_cancelled_owned(kept));
        }
        Ok(Self { core, handle, tasks })
    }

    /// The front ends' grip on it.
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// Ends every task, lets pages under way come in, drains the writer and closes the store.
    pub async fn stop(self) {
        self.core.cancel.cancel();
        self.tasks.close();
        if tokio::time::timeout(DEADLINE, self.tasks.wait()).await.is_err() {
            tracing::warn!("some tasks did not end in time");
        }
        let store = self.core.store.clone();
        let closed = tokio::task::spawn_blocking(move || store.writer().close(DEADLINE)).await;
        if !matches!(closed, Ok(true)) {
            tracing::warn!("the store was not closed in time; the next start recovers it");
        }
    }
}

/// Everything of one exchange, from the moment that something of it is wanted and its clock is known. An
/// exchange that does not answer holds up no other.
async fn record(core: Arc<Core>, exchange: Arc<dyn Exchange>, tasks: TaskTracker, absent: Option<TimeRange>) {
    let mut registered = core.registered.listen();
    while !core.in_use(exchange.id()) {
        registered.heard().await;
    }
    tickers::first_clock(&core, &exchange).await;
    if let Some(absent) = absent
        && let Err(error) = mender::note_absence(&core, exchange.id(), absent).await
    {
        tracing::warn!(%error, "the absence could not be noted");
    }
    core.greet(exchange.id());
    let until_stop = |name: &'static str, part: fn(Arc<Core>, Arc<dyn Exchange>) -> Part| {
        let (shared, exchange) = (Arc::clone(&core), Arc::clone(&exchange));
        let kept = keep(Arc::clone(&core), name, move || part(Arc::clone(&shared), Arc::clone(&exchange)));
        tasks.spawn(core.cancel.clone().run_until_cancelled_owned(kept));
    };
    until_stop("the watch of the clock", |core, exchange| Box::pin(tickers::keep_clock(core, exchange)));
    if core.settings.records {
        // It ends by itself, when answers under way have come in.
        let (shared, of) = (Arc::clone(&core), Arc::clone(&exchange));
        tasks.spawn(keep(Arc::clone(&core), "the heartbeat", move || heartbeat::run(Arc::clone(&shared), Arc::clone(&of))));
        until_stop("the tickers", |core, exchange| Box::pin(tickers::run(core, exchange)));
        until_stop("the search for gaps", |core, exchange| Box::pin(mender::run(core, exchange)));
        until_stop("the forming candle", |core, exchange| Box::pin(forming::run(core, exchange)));
        until_stop("the funding forecasts", |core, exchange| Box::pin(forecasts::run(core, exchange)));
        until_stop("the streams", |core, exchange| Box::pin(stream::run(core, exchange)));
    }
}

/// A ban that an earlier run was told of holds for this one.
async fn restore_blocks(core: &Core) -> Result<(), StoreError> {
    for (id, exchange) in &core.exchanges {
        let id = *id;
        let state = core.read(move |connection| exchange_state::get(connection, id)).await?;
        if let Some(block) = state.and_then(|state| super::observer::from_state(&state).block)
            && core.clock.now() < block.until
        {
            exchange.restore_block(block);
        }
    }
    Ok(())
}

/// Carries out commands, each on a task of its own: a slow one never holds up a key.
async fn obey(core: Arc<Core>, mut inbox: mpsc::Receiver<Envelope>) {
    let running = TaskTracker::new();
    loop {
        let envelope = tokio::select! {
            biased;
            () = core.cancel.cancelled() => break,
            envelope = inbox.recv() => envelope,
        };
        let Some((command, reply)) = envelope else { break };
        // At once, and it waits for nothing: the eye moves on, and tasks would not keep its order.
        if matches!(command, Command::Watch(_)) {
            let _ = reply.send(guarded(&core, carry_out::carry_out(&core, command)).await);
            continue;
        }
        let core = Arc::clone(&core);
        running.spawn(async move {
            // A front end that has gone away wants no answer.
            let _ = reply.send(guarded(&core, carry_out::carry_out(&core, command)).await);
        });
    }
}

/// The outcome of a command, also of one that panics: who asked is told that this one failed, and the recorder
/// goes on. What commands share is sound after a panic: see [`Core::book`].
async fn guarded(core: &Core, command: impl Future<Output = Outcome>) -> Outcome {
    match AssertUnwindSafe(command).catch_unwind().await {
        Ok(outcome) => outcome,
        Err(panic) => {
            let message = format!("a command panicked, the recorder goes on: {}", panic_text(&*panic));
            core.log(LogLevel::Error, "recorder", None, message.clone()).await;
            Err(message)
        }
    }
}

fn first_snapshot(core: &Core, run_id: i64) -> Snapshot {
    let in_use = core.exchanges.values().filter(|exchange| core.in_use(exchange.id()));
    let exchanges = in_use.map(|exchange| exchange.health()).collect();
    let mut book = core.book();
    let away = core.away.view(&book);
    Snapshot {
        at: core.clock.now(),
        mode: Mode::Recorder,
        simulated: core.settings.simulated,
        store: core.store.path().to_owned(),
        exchanges,
        series: super::observer::series_views(&mut book, |_| core.clock.now(), |_| None, |_| None),
        jobs: Vec::new(),
        ingest: IngestView::default(),
        heartbeat: HeartbeatView::default(),
        log: Arc::new([]),
        alerts: core.alerts.view(),
        away,
        first_run: runs::is_first(run_id),
        streams: core.exchanges.keys().map(|id| core.streams.view(*id)).collect(),
    }
}
