//! What every task of the recorder shares.

#[cfg(test)]
pub(super) mod rig;

use super::alerts::Alerts;
use super::away::Away;
use super::book::{Book, Ledgers};
use super::clock_watch::ClockWatch;
use super::plan::{Terms, day_of_trades};
use super::query::TradesCost;
use super::settings::EngineSettings;
use super::signal::Signal;
use super::snapshot::LogLevel;
use super::statistics::Statistics;
use super::stream::Streams;
use super::volumes::Volumes;
use crate::domain::dataset::Dataset;
use crate::domain::instrument::{ExchangeId, Instrument};
use crate::domain::interval::Interval;
use crate::domain::range::TimeRange;
use crate::domain::series::{Series, SeriesId};
use crate::domain::time::Time;
use crate::exchange::clock::Clock;
use crate::exchange::port::Exchange;
use crate::store::{Priority, Store, StoreError, alerts, ingest_log, jobs, series};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

/// Shared by all tasks of one recorder.
pub(super) struct Core {
    pub(super) store: Store,
    pub(super) exchanges: BTreeMap<ExchangeId, Arc<dyn Exchange>>,
    /// The exchange that is greeted at the start, whatever is recorded.
    first: Option<ExchangeId>,
    /// Those whose clock is known.
    greeted: Mutex<BTreeSet<ExchangeId>>,
    pub(super) clock: Clock,
    pub(super) settings: EngineSettings,
    pub(super) statistics: Statistics,
    /// Whether the measured clocks still hold.
    pub(super) clocks: ClockWatch,
    /// Something to fetch may have come up.
    pub(super) work: Notify,
    /// Look for gaps now.
    pub(super) mend: Signal,
    /// Beat now.
    pub(super) beat: Signal,
    /// Other series or jobs than before.
    pub(super) registered: Signal,
    /// A front end watches another series.
    pub(super) watch: watch::Sender<()>,
    /// Something that the screen shows has changed.
    pub(super) dirty: Notify,
    pub(super) cancel: CancellationToken,
    pub(super) alerts: Alerts,
    pub(super) away: Away,
    pub(super) volumes: Volumes,
    pub(super) streams: Streams,
    book: Mutex<Book>,
    reloading: tokio::sync::Mutex<()>,
}

impl Core {
    pub(super) fn new(store: Store, exchanges: Vec<Arc<dyn Exchange>>, clock: Clock, settings: EngineSettings) -> Self {
        let backoff = settings.backoff;
        let first = exchanges.first().map(|exchange| exchange.id());
        Self {
            first,
            greeted: Mutex::default(),
            store,
            exchanges: exchanges.into_iter().map(|exchange| (exchange.id(), exchange)).collect(),
            clock,
            settings,
            statistics: Statistics::new(clock.now()),
            clocks: ClockWatch::default(),
            work: Notify::new(),
            mend: Signal::default(),
            beat: Signal::default(),
            registered: Signal::default(),
            watch: watch::Sender::new(()),
            dirty: Notify::new(),
            cancel: CancellationToken::new(),
            alerts: Alerts::default(),
            away: Away::default(),
            volumes: Volumes::default(),
            streams: Streams::default(),
            book: Mutex::new(Book::new(backoff)),
            reloading: tokio::sync::Mutex::default(),
        }
    }

    /// The book; hold it briefly and never across an await. It is sound even after a panic
    /// elsewhere: every change to it is a single call.
    pub(super) fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks at the forming candle of this series from now on, and of no other.
    pub(super) fn watch_series(&self, series: Option<SeriesId>) {
        self.book().watch(series);
        self.watch.send_replace(());
    }

    /// Most steps of its grid that one request for a series may ask for; 1 where its exchange is not set
    /// up in this run.
    pub(super) fn page_limit(&self, series: &Series) -> usize {
        self.exchange(series.instrument.exchange).map_or(1, |exchange| exchange.page_limit(series.dataset, series.interval))
    }

    /// The same; `None` as long as the clock of its exchange is not known.
    pub(super) fn page_of(&self, series: &Series) -> Option<usize> {
        let greeted = self.greeted.lock().unwrap_or_else(PoisonError::into_inner);
        greeted.contains(&series.instrument.exchange).then(|| self.page_limit(series))
    }

    /// The clock of an exchange is known: its past may be fetched.
    pub(super) fn greet(&self, id: ExchangeId) {
        self.greeted.lock().unwrap_or_else(PoisonError::into_inner).insert(id);
        self.work.notify_one();
    }

    /// Whether anything is to be asked of an exchange: it is the first, or something of it is recorded or
    /// fetched. The others are left alone.
    pub(super) fn in_use(&self, id: ExchangeId) -> bool {
        self.first == Some(id) || self.book().uses(id)
    }

    /// The exchange that is meant where a symbol names none: `wished`, where it is set up in this run.
    pub(super) fn usual(&self, wished: ExchangeId) -> ExchangeId {
        if self.exchanges.contains_key(&wished) { wished } else { self.first.unwrap_or(wished) }
    }

    /// The present time of an exchange; the local one where it is not set up in this run.
    pub(super) fn exchange_now(&self, id: ExchangeId) -> Time {
        self.exchange(id).map_or_else(|| self.clock.now(), |exchange| exchange.now())
    }

    /// A local time by the exchange's clock, where something is judged by it.
    pub(super) fn judged(&self, id: ExchangeId, local: Time) -> Time {
        local.plus_ms(self.clocks.agreed_offset_ms(id, self.offset_ms(id)))
    }

    /// The present time of an exchange, where something is judged by it.
    pub(super) fn judged_now(&self, id: ExchangeId) -> Time {
        self.judged(id, self.clock.now())
    }

    /// A stretch of local time by the exchange's clock, as it was last measured.
    pub(super) fn exchange_range(&self, id: ExchangeId, local: TimeRange) -> TimeRange {
        let offset_ms = self.offset_ms(id);
        TimeRange::new(local.from.plus_ms(offset_ms), local.to.plus_ms(offset_ms))
    }

    /// What an exchange's clock is ahead of the local one; nothing before it was measured.
    pub(super) fn offset_ms(&self, id: ExchangeId) -> i64 {
        self.exchange(id).and_then(|exchange| exchange.health().clock_offset_ms).unwrap_or(0)
    }

    /// On what terms a series is served.
    pub(super) fn terms(&self, series: &Series) -> Terms {
        let daily_trades = self.volumes.trades(&series.instrument);
        self.exchange(series.instrument.exchange).map_or_else(
            || Terms::unasked(series),
            |exchange| Terms { daily_trades, ..Terms::of(exchange.as_ref(), series, self.settings.max_in_flight) },
        )
    }

    /// What a day of an instrument's trades takes, where a ticker told how many there are.
    pub(super) fn day_of_trades(&self, instrument: &Instrument) -> Option<TradesCost> {
        let trades = self.volumes.trades(instrument)?;
        let exchange = self.exchange(instrument.exchange)?;
        let service = exchange.service(instrument, Dataset::Trades, Interval::M1).ok()?;
        Some(day_of_trades(exchange.as_ref(), service.reach_ms, trades))
    }

    /// The adapter of an exchange.
    pub(super) fn exchange(&self, id: ExchangeId) -> Option<&Arc<dyn Exchange>> {
        self.exchanges.get(&id)
    }

    /// Reads series, ledgers and jobs anew: after a command, or when another process changed them.
    /// One at a time: of two, the one that read first must not be the one that is applied last.
    /// Returns whether more is wanted than before.
    pub(super) async fn reload(&self) -> Result<bool, StoreError> {
        let _turn = self.reloading.lock().await;
        let (list, jobs) = self.read(|connection| Ok((series::all(connection)?, jobs::recent(connection)?))).await?;
        let (alerts, firings) =
            self.read(|connection| Ok((alerts::all(connection)?, alerts::firings(connection, super::alerts::FIRINGS)?))).await?;
        let unknown: Vec<Series> = self.book().unknown(&list).cloned().collect();
        let ledgers = self
            .read(move |connection| unknown.iter().map(|series| Ok((series.id, Ledgers::read(connection, series)?))).collect())
            .await?;
        let ours = |job: &jobs::Job| self.settings.only_jobs.as_ref().is_none_or(|only| only.contains(&job.id));
        let widened = self.book().reload(list, ledgers, jobs.into_iter().filter(ours).collect());
        self.alerts.reload(alerts, firings, &super::observer::names(&self.book()), self.clock.now());
        self.work.notify_one();
        self.registered.raise();
        self.dirty.notify_one();
        Ok(widened)
    }

    /// Reads from the pool on a blocking thread.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&crate::store::Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let readers = self.store.readers().clone();
        tokio::task::spawn_blocking(move || readers.with(read)).await.unwrap_or(Err(StoreError::Closed))
    }

    /// Adds to the ingest log. A log that cannot be written is told to the log file alone.
    pub(super) async fn log(&self, level: LogLevel, component: &'static str, series: Option<SeriesId>, message: String) {
        match level {
            LogLevel::Info => tracing::info!(component, "{message}"),
            LogLevel::Warn => tracing::warn!(component, "{message}"),
            LogLevel::Error => tracing::error!(component, "{message}"),
        }
        let at = self.clock.now();
        let written = self
            .store
            .writer()
            .run(Priority::Live, move |connection| ingest_log::append(connection, at, level, component, series, &message))
            .await;
        if let Err(error) = written {
            tracing::error!(%error, "the ingest log cannot be written");
        }
        self.dirty.notify_one();
    }
}
