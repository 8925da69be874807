//! The picture of a store that another process records: the same snapshot, read from the file.

use super::book::{Book, Ledgers};
use super::handle::{Envelope, Handle};
use super::plan::Terms;
use super::query::TradesCost;
use super::snapshot::{
    Block, BlockKind, Circuit, Health, HeartbeatView, IngestView, JobState, JobView, LogEntry, Mode, SeriesState, SeriesView,
    Snapshot, StreamView,
};
use crate::domain::dataset::Dataset;
use crate::domain::instrument::{ExchangeId, Instrument, InstrumentStatus};
use crate::domain::range::TimeRange;
use crate::domain::series::Series;
use crate::domain::time::Time;
use crate::exchange::clock::Clock;
use crate::exchange::port::Exchange;
use crate::store::exchange_state::ExchangeState;
use crate::store::{
    Connection, Priority, Store, StoreError, View, alerts, exchange_state, ingest_log, jobs, lock::Lock, runs, series, settings,
    streams,
};
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

/// Log entries that a snapshot carries.
pub(super) const LOG_ENTRIES: usize = 300;

/// The recorder writes how its streams are every ten seconds.
const STATE_HOLDS_MS: i64 = 30_000;

/// Between two looks at the store.
const EVERY: Duration = Duration::from_secs(1);

/// Shows a store that another process records: a handle whose snapshots follow the file, and whose
/// commands are refused. It ends with `cancel`.
pub fn start(store: &View, clock: Clock, recorder: Option<u32>, cancel: CancellationToken) -> Result<Handle, StoreError> {
    let (publish, snapshots) = watch::channel(Arc::new(observe(store, clock.now())?));
    let (commands, mut inbox) = mpsc::channel::<Envelope>(8);
    let (reads, watched) = (store.clone(), store.clone());
    let handle = Handle::new(
        commands,
        snapshots,
        Arc::new(move |query| super::answer::answer(&reads, &query, &|_| clock.now(), &Terms::unasked)),
    );
    tokio::spawn(async move {
        loop {
            tokio::select! {
                biased;
                () = cancel.cancelled() => break,
                Some((_, reply)) = inbox.recv() => {
                    let process = recorder.map_or_else(|| "another process".to_owned(), |pid| format!("process {pid}"));
                    // A front end that has gone away wants no answer.
                    let _ = reply.send(Err(format!("read-only: {process} records into this store")));
                    continue;
                }
                () = tokio::time::sleep(EVERY) => {}
            }
            let store = watched.clone();
            match tokio::task::spawn_blocking(move || observe(&store, clock.now())).await {
                Ok(Ok(snapshot)) => drop(publish.send_replace(Arc::new(snapshot))),
                Ok(Err(error)) => tracing::warn!(%error, "the store could not be read"),
                Err(error) => tracing::warn!(%error, "the store could not be read"),
            }
        }
    });
    Ok(handle)
}

/// Reads the whole picture of a store; blocks.
pub fn observe(store: &View, now: Time) -> Result<Snapshot, StoreError> {
    store.readers().with(|connection| {
        let list = series::all(connection)?;
        let ledgers = list
            .iter()
            .map(|series| Ok((series.id, Ledgers::read(connection, series)?)))
            .collect::<Result<BTreeMap<_, _>, StoreError>>()?;
        let mut book = Book::default();
        book.reload(list, ledgers, jobs::recent(connection)?);
        let run = runs::last(connection)?.unwrap_or_default();
        let mut exchanges = Vec::new();
        for id in ExchangeId::ALL {
            exchanges.extend(exchange_state::get(connection, id)?.map(|state| from_state(&state)));
        }
        let offsets: BTreeMap<ExchangeId, i64> =
            exchanges.iter().map(|health: &Health| (health.exchange, health.clock_offset_ms.unwrap_or(0))).collect();
        let exchange_now = |id: ExchangeId| now.plus_ms(offsets.get(&id).copied().unwrap_or(0));
        let names = names(&book);
        let log: Vec<LogEntry> =
            ingest_log::tail(connection, 0, LOG_ENTRIES)?.into_iter().map(|entry| log_entry(entry, &names)).collect();
        let alerts = super::alerts::view(alerts::all(connection)?, alerts::firings(connection, super::alerts::FIRINGS)?, &names);
        let alive = Lock::is_held(store.path());
        Ok(Snapshot {
            at: now,
            mode: Mode::Observer,
            simulated: settings::is_simulated(connection)?,
            store: store.path().to_owned(),
            exchanges,
            series: series_views(&mut book, exchange_now, |_| None, |_| None),
            jobs: job_views(&book, now, |_| 0.0, Terms::unasked),
            ingest: IngestView {
                rate: if alive { run.rate } else { 0.0 },
                candles: run.candles,
                rejected: run.rejected,
                queue: run.queue,
                backlog: run.backlog,
                last_write_at: run.last_beat_at,
                store_bytes: store.bytes(),
                readers: (run.readers_in_use, run.readers),
            },
            heartbeat: HeartbeatView {
                started_at: alive.then_some(run.started_at),
                beats: run.beats,
                failed: run.failed_beats,
                last_at: run.last_beat_at,
                lag_ms: run.lag_ms,
            },
            log: log.into(),
            alerts,
            away: None,
            first_run: false,
            streams: stream_views(connection, alive, now)?,
        })
    })
}

/// How the streams were at the recorder's last sign of life; off where none runs.
fn stream_views(connection: &Connection, alive: bool, now: Time) -> Result<Vec<StreamView>, StoreError> {
    let mut views = Vec::new();
    for id in ExchangeId::ALL {
        let Some(state) = streams::state(connection, id)? else { continue };
        let is_present = alive && now.since(state.updated_at) < STATE_HOLDS_MS;
        views.push(if is_present { StreamView::from_state(&state) } else { StreamView::off(id) });
    }
    Ok(views)
}

/// `BTC/USDT 1m` by series, for the log.
pub(super) fn names(book: &Book) -> BTreeMap<i64, String> {
    book.series.iter().map(|(id, tracked)| (id.0, tracked.series.name())).collect()
}

pub(super) fn log_entry(entry: ingest_log::Entry, names: &BTreeMap<i64, String>) -> LogEntry {
    LogEntry {
        id: entry.id,
        at: entry.at,
        level: entry.level,
        component: entry.component,
        series: entry.series.and_then(|id| names.get(&id.0).cloned()),
        message: entry.message,
    }
}

/// Views of the active series; `failing` tells the trouble of an exchange that does not serve, `day_of_trades` what a
/// day of an instrument's trades takes.
pub(super) fn series_views(
    book: &mut Book,
    exchange_now: impl Fn(ExchangeId) -> Time,
    failing: impl Fn(ExchangeId) -> Option<String>,
    day_of_trades: impl Fn(&Instrument) -> Option<TradesCost>,
) -> Vec<SeriesView> {
    let backfilling: Vec<_> =
        book.jobs.values().filter(|tasked| tasked.job.state == JobState::Running).map(|tasked| tasked.job.series).collect();
    let mut views: Vec<SeriesView> = book
        .series
        .values_mut()
        .filter(|tracked| tracked.series.active)
        .map(|tracked| {
            // A candle that closed a moment ago is the next beat's, and nobody's debt yet.
            let exchange = tracked.series.instrument.exchange;
            let late = |tail| Ok::<_, Infallible>(tracked.unaccounted(tail).ranges().first().map(|range| range.from));
            let Ok(wanted) = tracked.series.due(exchange_now(exchange), late);
            let coverage = tracked.coverage(wanted);
            let lost_at = tracked.loss(wanted);
            let instrument = &tracked.series.instrument;
            let state = match (&tracked.stopped, failing(exchange)) {
                (Some(reason), _) => SeriesState::Stopped(reason.clone()),
                _ if instrument.status != InstrumentStatus::Trading => SeriesState::Stopped(instrument.status.name().to_owned()),
                (None, Some(trouble)) => SeriesState::Waiting(trouble),
                _ if tracked.waiting.is_some() => SeriesState::Waiting(tracked.waiting.clone().unwrap_or_default()),
                _ if backfilling.contains(&tracked.series.id) => SeriesState::Backfilling,
                _ => SeriesState::Live,
            };
            SeriesView {
                id: tracked.series.id,
                exchange: instrument.exchange,
                symbol: instrument.symbol.clone(),
                dataset: tracked.series.dataset,
                interval: tracked.series.interval,
                price_decimals: instrument.price_decimals,
                state,
                ticker: tracked.ticker.clone(),
                forming: tracked.forming,
                forming_at: tracked.forming_at,
                spark: Arc::clone(&tracked.spark),
                last_candle_end: tracked.newest_end(),
                wanted,
                coverage,
                lost_at,
                forecast: tracked.forecast,
                day_of_trades: Some(instrument)
                    .filter(|_| tracked.series.dataset == Dataset::Trades)
                    .and_then(|one| day_of_trades(one)),
                revision: tracked.revision,
            }
        })
        .collect();
    views.sort_by(|a, b| (&a.symbol, a.exchange, a.dataset, a.interval).cmp(&(&b.symbol, b.exchange, b.dataset, b.interval)));
    views
}

/// Views of the jobs: unfinished ones first, in the order of their turns, then the newest finished ones.
pub(super) fn job_views(
    book: &Book,
    now: Time,
    rate: impl Fn(crate::domain::series::SeriesId) -> f64,
    terms: impl Fn(&Series) -> Terms,
) -> Vec<JobView> {
    let running = |tasked: &&super::book::Tasked| tasked.job.state == JobState::Running;
    let first = book.jobs.values().filter(running).map(|tasked| (tasked.job.position, tasked.job.id)).min();
    let others = book.jobs.values().filter(running).count().saturating_sub(1);
    let mut views: Vec<(i64, JobView)> = book
        .jobs
        .values()
        .filter_map(|tasked| {
            let tracked = book.series.get(&tasked.job.series)?;
            let range: TimeRange = tasked.job.range;
            let account = tracked.account(range);
            let running = running(&tasked);
            // The first gets every other page, the others share the rest.
            let share = match others {
                0 => 1.0,
                _ if first == Some((tasked.job.position, tasked.job.id)) => 0.5,
                others => 0.5 / others as f64,
            };
            let rate = if running { rate(tracked.series.id) } else { 0.0 };
            // Where something is in the way, nobody knows how long it stays there.
            let eta_ms = (running && (rate > 0.0 || tasked.note.is_none()))
                .then(|| {
                    let terms = terms(&tracked.series);
                    let pages = account.queued.div_ceil(terms.page_limit as u64);
                    super::statistics::eta_ms(account.queued, rate, pages, terms.pages_per_minute() * share)
                })
                .flatten();
            let view = JobView {
                id: tasked.job.id,
                series: tracked.series.id,
                exchange: tracked.series.instrument.exchange,
                symbol: tracked.series.instrument.symbol.clone(),
                dataset: tracked.series.dataset,
                interval: tracked.series.interval,
                range,
                state: tasked.job.state,
                note: tasked.note.clone(),
                total: account.wanted,
                done: account.stored + account.explained,
                explained: account.explained,
                rate,
                eta_ms,
                created_at: tasked.job.created_at.min(now),
                finished_at: tasked.job.finished_at,
            };
            Some((tasked.job.position, view))
        })
        .collect();
    views.sort_by_key(|(position, view)| {
        (
            view.state.is_finished(),
            std::cmp::Reverse(view.finished_at),
            if view.state.is_finished() { 0 } else { *position },
            view.id,
        )
    });
    views.into_iter().map(|(_, view)| view).collect()
}

/// A health as the store keeps it.
pub(super) fn to_state(health: &Health, now: Time) -> ExchangeState {
    ExchangeState {
        exchange: health.exchange,
        updated_at: now,
        host: health.host.clone(),
        fallback: health.fallback,
        circuit: health.circuit.name().to_owned(),
        blocked: health.block.map(|block| (block.until, block.kind.name().to_owned())),
        budget_used: health.budget_used,
        budget_limit: health.budget_limit,
        requests: health.requests,
        latency_p50_ms: health.latency_p50_ms,
        latency_p95_ms: health.latency_p95_ms,
        last_ok_at: health.last_ok_at,
        last_error: health.last_error.clone(),
        clock_offset_ms: health.clock_offset_ms,
        errors: health.errors.iter().map(|(kind, count)| ((*kind).to_owned(), *count)).collect(),
    }
}

/// Keeps how an exchange serves us in the store: a ban that a command was told of holds for the
/// next one.
pub async fn keep_state(store: &Store, exchange: &Arc<dyn Exchange>, now: Time) -> Result<(), StoreError> {
    let state = to_state(&exchange.health(), now);
    store.writer().run(Priority::Live, move |connection| exchange_state::put(connection, &state)).await
}

/// A stored state as a health.
pub fn from_state(state: &ExchangeState) -> Health {
    Health {
        exchange: state.exchange,
        host: state.host.clone(),
        fallback: state.fallback,
        circuit: match state.circuit.as_str() {
            "open" => Circuit::Open { until: state.updated_at },
            "half-open" => Circuit::HalfOpen,
            _ => Circuit::Closed,
        },
        block: state.blocked.as_ref().and_then(|(until, kind)| Some(Block { until: *until, kind: BlockKind::from_name(kind)? })),
        budget_used: state.budget_used,
        budget_limit: state.budget_limit,
        requests: state.requests,
        in_flight: 0,
        latency_p50_ms: state.latency_p50_ms,
        latency_p95_ms: state.latency_p95_ms,
        errors: Vec::new(),
        last_ok_at: state.last_ok_at,
        last_error: state.last_error.clone(),
        clock_offset_ms: state.clock_offset_ms,
    }
}
