//! Draws the snapshot, at most ten a second and four where nobody is at work, and keeps the slow facts in the store: health,
//! statistics, the run's last sign of life.

use super::core::Core;
use super::mood::Mood;
use super::observer::{LOG_ENTRIES, job_views, log_entry, names, series_views, to_state};
use super::snapshot::{Block, Circuit, HeartbeatView, IngestView, LogEntry, LogLevel, Mode, Snapshot};
use crate::domain::dataset::Dataset;
use crate::domain::instrument::ExchangeId;
use crate::domain::interval::Interval;
use crate::domain::range::TimeRange;
use crate::domain::series::Series;
use crate::domain::time::{HOUR_MS, Time};
use crate::exchange::port::Exchange;
use crate::store::{Priority, StoreError, candles, exchange_state, ingest_log, runs, settings, streams};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;

/// Least time between two snapshots.
const FRAME: Duration = Duration::from_millis(100);

/// The same while the screen is only glanced at.
const GLANCE: Duration = Duration::from_millis(250);

/// Most time between two snapshots: ages move on.
const IDLE: Duration = Duration::from_secs(1);

/// Between two signs of life in the store.
const KEEP_EVERY_MS: i64 = 10_000;

/// Most time between two looks into the store: another process may have written.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// How far back the sparkline reaches.
const SPARK_MS: i64 = 2 * HOUR_MS;

/// Builds snapshots until the recorder stops.
pub(super) struct Publisher {
    core: Arc<Core>,
    snapshots: watch::Sender<Arc<Snapshot>>,
    glanced: Arc<AtomicBool>,
    run_id: i64,
    log: VecDeque<LogEntry>,
    last_log_id: i64,
    tail: Arc<[LogEntry]>,
    kept_at: Option<Time>,
    registry: i64,
    /// When the store was looked into, and after how many of our own transactions.
    looked: Option<(Instant, u64)>,
    moods: BTreeMap<ExchangeId, Mood>,
    kept_blocks: Vec<Option<Block>>,
}

impl Publisher {
    pub(super) fn new(core: Arc<Core>, snapshots: watch::Sender<Arc<Snapshot>>, glanced: Arc<AtomicBool>, run_id: i64) -> Self {
        Self {
            core,
            snapshots,
            glanced,
            run_id,
            log: VecDeque::new(),
            last_log_id: 0,
            tail: Arc::new([]),
            kept_at: None,
            registry: -1,
            looked: None,
            moods: BTreeMap::new(),
            kept_blocks: Vec::new(),
        }
    }

    pub(super) async fn run(mut self) {
        loop {
            let changed = self.may_have_changed();
            if changed {
                self.follow_registry().await;
            }
            self.watch_health().await;
            self.refresh_sparks().await;
            if changed {
                self.read_log().await;
            }
            self.snapshots.send_replace(Arc::new(self.snapshot()));
            self.keep(false).await;
            let pause = if self.glanced.load(Ordering::Relaxed) { GLANCE } else { FRAME };
            tokio::select! {
                biased;
                () = self.core.cancel.cancelled() => break,
                () = tokio::time::sleep(pause) => {}
            }
            tokio::select! {
                biased;
                () = self.core.cancel.cancelled() => break,
                () = self.core.dirty.notified() => {}
                () = tokio::time::sleep(IDLE.saturating_sub(pause)) => {}
            }
        }
        self.keep(true).await;
    }

    /// Whether the store may hold something new. Live prices bring ten pictures a second, and most of
    /// them no write.
    fn may_have_changed(&mut self) -> bool {
        let (now, commits) = (Instant::now(), self.core.store.writer().commits());
        let changed = self.looked.is_none_or(|(at, known)| known != commits || now.duration_since(at) >= LOOK_EVERY);
        if changed {
            self.looked = Some((now, commits));
        }
        changed
    }

    /// Another process may have added a symbol or a job.
    async fn follow_registry(&mut self) {
        let Ok(revision) = self.core.read(settings::registry_revision).await else { return };
        if self.registry >= 0 && revision != self.registry {
            match self.core.reload().await {
                // What another process asked for lies, with what is between it and now, in nobody's job.
                Ok(true) => {
                    self.core.beat.raise();
                    self.core.mend.raise();
                }
                Ok(false) => {}
                Err(error) => tracing::warn!(%error, "series could not be read again"),
            }
        }
        self.registry = revision;
    }

    /// Says once when an exchange stops serving and once when it serves again, not at each failure.
    async fn watch_health(&mut self) {
        let mut said = Vec::new();
        let in_use: Vec<_> = self.in_use().map(Arc::clone).collect();
        for exchange in in_use {
            let health = exchange.health();
            let now = self.core.clock.now();
            let troubled = trouble(&exchange, now);
            let is_ordered = health.block.is_some() || matches!(health.circuit, Circuit::Open { .. });
            if self.moods.entry(health.exchange).or_default().is_news(troubled.is_some(), is_ordered, now) {
                said.push(match troubled {
                    Some(trouble) => (LogLevel::Warn, format!("{}: {trouble}", health.exchange)),
                    None => (LogLevel::Info, format!("{} serves again ({})", health.exchange, health.host)),
                });
            }
        }
        for (level, message) in said {
            self.core.log(level, "exchange", None, message).await;
        }
    }

    /// Exchanges that something is asked of.
    fn in_use(&self) -> impl Iterator<Item = &Arc<dyn Exchange>> {
        self.core.exchanges.values().filter(|exchange| self.core.in_use(exchange.id()))
    }

    async fn refresh_sparks(&self) {
        let stale: Vec<(Series, TimeRange, u64)> = {
            let book = self.core.book();
            book.series
                .values()
                .filter(|tracked| tracked.series.active && tracked.series.dataset == Dataset::Candles)
                .filter_map(|tracked| {
                    let interval = tracked.series.interval.max(Interval::M1);
                    let end = tracked.newest_end()?;
                    let range = TimeRange::new(interval.floor(end.plus_ms(-SPARK_MS.max(24 * interval.ms()))), end);
                    let fresh = tracked.spark_of.is_some_and(|(of, revision)| {
                        of == range
                            && (revision == tracked.revision
                                || tracked.spark.len() > 2 && tracked.spark.iter().all(Option::is_some))
                    });
                    (!fresh).then(|| (tracked.series.clone(), range, tracked.revision))
                })
                .collect()
        };
        for (series, range, revision) in stale {
            let of = series.clone();
            let Ok(spark) = self.core.read(move |connection| spark(connection, &of, range)).await else { continue };
            if let Some(tracked) = self.core.book().series.get_mut(&series.id) {
                tracked.spark = spark;
                tracked.spark_of = Some((range, revision));
            }
        }
    }

    async fn read_log(&mut self) {
        let after = self.last_log_id;
        let Ok(entries) = self.core.read(move |connection| ingest_log::tail(connection, after, LOG_ENTRIES)).await else {
            return;
        };
        let Some(last) = entries.last() else { return };
        self.last_log_id = last.id;
        let names = names(&self.core.book());
        self.log.extend(entries.into_iter().map(|entry| log_entry(entry, &names)));
        let surplus = self.log.len().saturating_sub(LOG_ENTRIES);
        self.log.drain(..surplus);
        self.tail = self.log.iter().cloned().collect();
    }

    fn snapshot(&self) -> Snapshot {
        let core = &self.core;
        let now = core.clock.now();
        let counters = core.statistics.read();
        let in_use: Vec<_> = self.in_use().collect();
        let failing: BTreeMap<_, _> =
            in_use.iter().filter_map(|exchange| Some((exchange.id(), trouble(exchange, now)?))).collect();
        let health: Vec<_> = in_use.iter().map(|exchange| exchange.health()).collect();
        let mut book = core.book();
        let series = series_views(
            &mut book,
            |id| core.exchange_now(id),
            |id| failing.get(&id).cloned(),
            |instrument| core.day_of_trades(instrument),
        );
        let jobs = job_views(&book, now, |id| core.statistics.series_rate(id, now), |series| core.terms(series));
        let backlog = u32::try_from(book.backlog(now, |series| core.page_limit(series))).unwrap_or(u32::MAX);
        let away = core.away.view(&book);
        drop(book);
        Snapshot {
            at: now,
            mode: Mode::Recorder,
            simulated: core.settings.simulated,
            store: core.store.path().to_owned(),
            exchanges: health,
            series,
            jobs,
            ingest: IngestView {
                rate: core.statistics.rate(now),
                candles: counters.candles,
                rejected: counters.rejected,
                queue: u32::try_from(core.store.writer().queued()).unwrap_or(u32::MAX),
                backlog,
                last_write_at: counters.last_write_at,
                store_bytes: core.store.bytes(),
                readers: core.store.readers().in_use(),
            },
            heartbeat: HeartbeatView {
                started_at: Some(counters.started_at),
                beats: counters.beats,
                failed: counters.failed_beats,
                last_at: counters.last_beat_at,
                lag_ms: counters.lag_ms,
            },
            log: Arc::clone(&self.tail),
            alerts: core.alerts.view(),
            away,
            first_run: runs::is_first(self.run_id),
            streams: core.exchanges.keys().map(|id| core.streams.view(*id)).collect(),
        }
    }

    /// A sign of life and the health of the exchanges, every few seconds and at the end; a ban at
    /// once, whichever request was told of it: a run that is killed must not forget it.
    async fn keep(&mut self, ended: bool) {
        let now = self.core.clock.now();
        let blocks: Vec<Option<Block>> = self.in_use().map(|exchange| exchange.health().block).collect();
        let is_recent = self.kept_at.is_some_and(|at| (0..KEEP_EVERY_MS).contains(&now.since(at)));
        if !ended && is_recent && blocks == self.kept_blocks {
            return;
        }
        self.kept_at = Some(now);
        self.kept_blocks = blocks;
        let snapshot = self.snapshot();
        let counters = self.core.statistics.read();
        let run = runs::Run {
            id: self.run_id,
            pid: std::process::id(),
            started_at: counters.started_at,
            seen_at: now,
            ended_at: ended.then_some(now),
            beats: counters.beats,
            failed_beats: counters.failed_beats,
            last_beat_at: counters.last_beat_at,
            lag_ms: counters.lag_ms,
            candles: counters.candles,
            rejected: counters.rejected,
            rate: snapshot.ingest.rate,
            queue: snapshot.ingest.queue,
            backlog: snapshot.ingest.backlog,
            readers_in_use: snapshot.ingest.readers.0,
            readers: snapshot.ingest.readers.1,
        };
        let streaming: Vec<_> = snapshot.streams.iter().map(|view| view.to_state(now)).collect();
        let states: Vec<_> = snapshot.exchanges.iter().map(|health| to_state(health, now)).collect();
        let written = self
            .core
            .store
            .writer()
            .run(Priority::Live, move |connection| {
                runs::update(connection, &run)?;
                states.iter().try_for_each(|state| exchange_state::put(connection, state))?;
                streaming.iter().try_for_each(|state| streams::put_state(connection, state))
            })
            .await;
        if let Err(error) = written {
            tracing::warn!(%error, "the sign of life could not be written");
        }
    }
}

/// What keeps an exchange from serving, in a line; `None` while it serves.
fn trouble(exchange: &Arc<dyn Exchange>, now: Time) -> Option<String> {
    let health = exchange.health();
    if let Some(block) = health.block.filter(|block| now < block.until) {
        return Some(format!("{} until {}", block.kind.label(), block.until.clock()));
    }
    if let Circuit::Open { until } = health.circuit {
        let cause = health.last_error.map_or_else(String::new, |(_, text)| format!(": {text}"));
        return Some(format!("does not answer, next try {}{cause}", until.clock()));
    }
    match (&health.last_error, health.last_ok_at) {
        (Some((failed, text)), ok) if ok.is_none_or(|ok| ok < *failed) => Some(text.clone()),
        _ => None,
    }
}

/// Closes over the range, one for each candle; `None` where one is missing.
fn spark(connection: &crate::store::Connection, series: &Series, range: TimeRange) -> Result<Arc<[Option<f64>]>, StoreError> {
    let mut closes = vec![None; usize::try_from(series.interval.count(range)).unwrap_or(0)];
    let width = series.interval.ms();
    candles::each(connection, series.id, series.instrument.scales, range, |candle| {
        let at = usize::try_from(candle.open_time.since(range.from) / width).unwrap_or(usize::MAX);
        if let Some(slot) = closes.get_mut(at) {
            *slot = Some(crate::domain::price::to_f64(candle.close));
        }
        Ok(true)
    })?;
    Ok(closes.into())
}
