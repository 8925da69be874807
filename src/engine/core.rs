//! What every task of the recorder shares.

#[cfg(test)]
pub(super) mod rig;

use super::alerts::Alerts;
use super::away::Away;
use super::book::{Book, Ledgers};
use super::clock_watch::ClockWatch;
use super::settings::EngineSettings;
use super::snapshot::LogLevel;
use super::statistics::Statistics;
use super::stream::{RowSink, Streams};
use crate::domain::instrument::ExchangeId;
use crate::domain::series::{Series, SeriesId};
use crate::exchange::clock::Clock;
use crate::exchange::port::Exchange;
use crate::store::{Priority, Store, StoreError, alerts, ingest_log, jobs, series};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

/// Shared by all tasks of one recorder.
pub(super) struct Core {
    pub(super) store: Store,
    pub(super) exchanges: BTreeMap<ExchangeId, Arc<dyn Exchange>>,
    pub(super) clock: Clock,
    pub(super) settings: EngineSettings,
    pub(super) statistics: Statistics,
    /// Whether the measured clocks still hold.
    pub(super) clocks: ClockWatch,
    /// Something to fetch may have come up.
    pub(super) work: Notify,
    /// Look for gaps now.
    pub(super) mend: Notify,
    /// Beat now.
    pub(super) beat: Notify,
    /// A front end watches another series.
    pub(super) watch: watch::Sender<()>,
    /// Something that the screen shows has changed.
    pub(super) dirty: Notify,
    pub(super) cancel: CancellationToken,
    pub(super) alerts: Alerts,
    pub(super) away: Away,
    pub(super) streams: Streams,
    /// Takes in what streams bring beside candles.
    pub(super) row_sink: OnceLock<Arc<dyn RowSink>>,
    book: Mutex<Book>,
    reloading: tokio::sync::Mutex<()>,
}

impl Core {
    pub(super) fn new(store: Store, exchanges: Vec<Arc<dyn Exchange>>, clock: Clock, settings: EngineSettings) -> Self {
        let backoff = settings.backoff;
        Self {
            store,
            exchanges: exchanges.into_iter().map(|exchange| (exchange.id(), exchange)).collect(),
            clock,
            settings,
            statistics: Statistics::new(clock.now()),
            clocks: ClockWatch::default(),
            work: Notify::new(),
            mend: Notify::new(),
            beat: Notify::new(),
            watch: watch::Sender::new(()),
            dirty: Notify::new(),
            cancel: CancellationToken::new(),
            alerts: Alerts::default(),
            away: Away::default(),
            streams: Streams::default(),
            row_sink: OnceLock::new(),
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
