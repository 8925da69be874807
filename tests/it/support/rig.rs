//! A recorder on a simulated exchange: store in a temporary folder, client with short waits.

use super::account::Account;
use super::faults;
use marketdata_tui::domain::candle::Candle;
use marketdata_tui::domain::dataset::Dataset;
use marketdata_tui::domain::gap::Gap;
use marketdata_tui::domain::instrument::ExchangeId;
use marketdata_tui::domain::interval::Interval;
use marketdata_tui::domain::job::JobState;
use marketdata_tui::domain::range::TimeRange;
use marketdata_tui::domain::series::{JobId, Series, SeriesId};
use marketdata_tui::engine::command::Since;
use marketdata_tui::engine::registry::{Registry, RegistryError};
use marketdata_tui::engine::settings::EngineSettings;
use marketdata_tui::engine::snapshot::{JobView, Snapshot};
use marketdata_tui::engine::{Engine, FetchError};
use marketdata_tui::exchange::binance::{Binance, BinanceSettings};
use marketdata_tui::exchange::circuit::CircuitSettings;
use marketdata_tui::exchange::clock::Clock;
use marketdata_tui::exchange::error::ExchangeError;
use marketdata_tui::exchange::http::HttpSettings;
use marketdata_tui::exchange::port::Exchange;
use marketdata_tui::exchange::retry::BackoffSettings;
use marketdata_tui::sim::Simulation;
use marketdata_tui::store::{Store, candles, reader, series};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

/// No test waits longer than this for anything.
const PATIENCE: Duration = Duration::from_secs(30);

/// A recorder's parts around one simulated exchange.
pub(crate) struct Rig {
    pub(crate) sim: Simulation,
    pub(crate) exchange: Arc<dyn Exchange>,
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) settings: EngineSettings,
    _folder: TempDir,
}

/// An engine that fetches what it is told and waits no longer than a test can.
pub(crate) fn quick() -> EngineSettings {
    EngineSettings {
        records: false,
        confirm_after: Duration::from_millis(50),
        settle: Duration::from_secs(1),
        backoff: BackoffSettings { base: Duration::from_millis(20), cap: Duration::from_millis(100) },
        max_in_flight: 4,
        ..EngineSettings::default()
    }
}

/// A client of `url` that gives up early.
pub(crate) fn client(url: &str, fallback: Option<String>, clock: Clock) -> Arc<dyn Exchange> {
    // Fails where another test has installed it before.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let settings = BinanceSettings {
        rest_url: url.to_owned(),
        fallback_url: fallback,
        http: HttpSettings {
            connect_timeout: Duration::from_secs(2),
            first_byte_timeout: Duration::from_secs(1),
            whole_timeout: Duration::from_millis(1_500),
            ..HttpSettings::default()
        },
        circuit: CircuitSettings {
            base: Duration::from_millis(50),
            cap: Duration::from_millis(200),
            ..CircuitSettings::default()
        },
        ..BinanceSettings::default()
    };
    Arc::new(Binance::new(&settings, clock).unwrap())
}

/// A client of `url` that hears its sockets as well.
pub(crate) fn streaming_client(url: &str, clock: Clock) -> Arc<dyn Exchange> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let ws_url = Some(url.replacen("http", "ws", 1));
    let settings = BinanceSettings { rest_url: url.to_owned(), ws_url, ..BinanceSettings::default() };
    Arc::new(Binance::new(&settings, clock).unwrap())
}

impl Rig {
    /// Around `sim`, on the machine's clock.
    pub(crate) fn on(sim: Simulation) -> Self {
        Self::with(sim, Clock::System, None)
    }

    /// Around `sim`, on `clock`, with a second host.
    pub(crate) fn with(sim: Simulation, clock: Clock, fallback: Option<String>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let exchange = client(&sim.url(), fallback, clock);
        let store = Store::open(&folder.path().join("store.sqlite")).unwrap();
        Self { sim, exchange, store, clock, settings: quick(), _folder: folder }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.store.path().to_owned()
    }

    pub(crate) fn registry(&self) -> Registry {
        Registry::new(self.store.clone(), Arc::clone(&self.exchange), self.clock, self.settings.instruments_max_age_ms)
    }

    /// Registers a range that is wanted; the exchange's clock is measured first. The short limits that faults are
    /// tested with may be too short for a busy machine: then it is asked again.
    pub(crate) async fn want(&self, symbol: &str, interval: Interval, range: TimeRange) -> (SeriesId, JobId) {
        while let Err(error) = self.exchange.sync_clock().await {
            assert!(matches!(error, ExchangeError::Timeout { .. }), "{error}");
        }
        let registry = self.registry();
        loop {
            let since = Since::Time(range.from);
            match registry.backfill(symbol, Dataset::Candles, interval, since, Some(range.to)).await {
                Ok(done) => return (done.series[0], done.job.unwrap()),
                Err(RegistryError::Failed(FetchError::Exchange(ExchangeError::Timeout { .. }))) => {}
                Err(error) => panic!("{error}"),
            }
        }
    }

    pub(crate) async fn start(&self) -> Engine {
        Engine::start(self.store.clone(), vec![Arc::clone(&self.exchange)], self.clock, self.settings.clone()).await.unwrap()
    }

    /// Carries a job out to its end and stops the engine.
    pub(crate) async fn run(&mut self, job: JobId) -> JobView {
        let engine = self.start().await;
        let view = finished(&engine, job).await;
        engine.stop().await;
        self.reopen();
        view
    }

    /// A new writer, after an engine has closed the last one.
    pub(crate) fn reopen(&mut self) {
        self.store = Store::open(&self.path()).unwrap();
    }

    pub(crate) fn series(&self, id: SeriesId) -> Series {
        self.store.readers().with(|connection| series::get(connection, id)).unwrap().unwrap()
    }

    pub(crate) fn stored(&self, id: SeriesId, range: TimeRange) -> Vec<Candle> {
        let series = self.series(id);
        self.store.readers().with(|connection| candles::read(connection, id, series.instrument.scales, range)).unwrap()
    }

    pub(crate) fn gaps(&self, id: SeriesId, range: TimeRange) -> Vec<Gap> {
        let series = self.series(id);
        self.store.readers().with(|connection| reader::missing(connection, &series, range)).unwrap()
    }

    /// What the store holds of `range` against what the market has.
    pub(crate) fn account(&self, id: SeriesId, range: TimeRange) -> Account {
        let series = self.series(id);
        let market = self.sim.market(&series.instrument.native).unwrap();
        let oracle = market.candles(series.interval, range);
        Account::of(series.interval, range, &oracle, &self.stored(id, range), &self.gaps(id, range))
    }

    /// The faults that a check of the whole store finds.
    pub(crate) fn check(&self) -> Vec<String> {
        faults(&self.store, self.exchange.now())
    }
}

/// Waits until a snapshot shows what is looked for.
pub(crate) async fn seen<T>(engine: &Engine, what: &str, look: impl Fn(&Snapshot) -> Option<T>) -> T {
    let mut snapshots = engine.handle().snapshots();
    let wait = async {
        loop {
            let found = look(&snapshots.borrow_and_update());
            match found {
                Some(found) => return found,
                None => snapshots.changed().await.unwrap(),
            }
        }
    };
    let found = tokio::time::timeout(PATIENCE, wait).await;
    found.unwrap_or_else(|_| panic!("{what}: not within {PATIENCE:?}; jobs: {:#?}", engine.handle().snapshots().borrow().jobs))
}

/// Waits for a job's end.
pub(crate) async fn finished(engine: &Engine, job: JobId) -> JobView {
    seen(engine, "the end of a job", |snapshot| {
        snapshot.jobs.iter().find(|view| view.id == job && view.state != JobState::Running).cloned()
    })
    .await
}

/// The exchange of every test here.
pub(crate) const BINANCE: ExchangeId = ExchangeId::Binance;
