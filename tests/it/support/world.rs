//! A recorder on an exchange in memory, and the clock that a test moves.

use super::account::Account;
use super::fake::Fake;
use super::held_time::HeldTime;
use super::rig::{BINANCE, quick};
use super::{faults, time};
use marketdata_tui::domain::dataset::Dataset;
use marketdata_tui::domain::gap::Gap;
use marketdata_tui::domain::instrument::ExchangeId;
use marketdata_tui::domain::interval::Interval;
use marketdata_tui::domain::range::TimeRange;
use marketdata_tui::domain::series::SeriesId;
use marketdata_tui::domain::time::Time;
use marketdata_tui::engine::Engine;
use marketdata_tui::engine::command::{Command, Done, Since};
use marketdata_tui::engine::settings::EngineSettings;
use marketdata_tui::engine::snapshot::SeriesView;
use marketdata_tui::exchange::clock::Clock;
use marketdata_tui::exchange::port::{Exchange, Lane};
use marketdata_tui::exchange::retry::BackoffSettings;
use marketdata_tui::store::{Store, candles, reader, series};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

/// When it begins.
pub(crate) const START: &str = "2025-07-01T12:34:30Z";

/// A recorder on an exchange in memory.
pub(crate) struct World {
    pub(crate) fake: Arc<Fake>,
    pub(crate) clock: Clock,
    pub(crate) store: Store,
    pub(crate) held: HeldTime,
    pub(crate) settings: EngineSettings,
    pub(crate) folder: TempDir,
}

impl World {
    /// At [`START`], with an empty store.
    pub(crate) fn new() -> Self {
        Self::on(BINANCE)
    }

    /// The same on another exchange.
    pub(crate) fn on(exchange: ExchangeId) -> Self {
        let clock = Clock::starting_at(time(START));
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("store.sqlite")).unwrap();
        let settings = EngineSettings {
            records: true,
            heartbeat_delay: Duration::from_secs(5),
            confirm_after: Duration::from_secs(2),
            settle: Duration::from_secs(60),
            backoff: BackoffSettings { base: Duration::from_secs(1), cap: Duration::from_secs(60) },
            ticker_every: Duration::from_secs(3_600),
            ..quick()
        };
        let held = HeldTime::hold(&store);
        Self { fake: Arc::new(Fake::on(exchange, clock)), clock, store, held, settings, folder }
    }

    pub(crate) async fn start(&self) -> Engine {
        let exchange: Arc<dyn Exchange> = Arc::clone(&self.fake) as _;
        let engine = Engine::start(self.store.clone(), vec![exchange], self.clock, self.settings.clone()).await.unwrap();
        self.held.settle(&*self.fake).await;
        engine
    }

    /// Ends a run; the next one opens the file anew.
    pub(crate) async fn stop(&mut self, engine: Engine) {
        self.held.stop(&*self.fake, engine).await;
        self.store = Store::open(&self.folder.path().join("store.sqlite")).unwrap();
        self.held = HeldTime::hold(&self.store);
    }

    pub(crate) async fn seconds(&self, seconds: u64) {
        let step = Duration::from_millis(if seconds > 600 { 5_000 } else { 500 });
        self.held.advance(&*self.fake, Duration::from_secs(seconds), step).await;
    }

    /// Carries out a command while the clock stands still.
    pub(crate) async fn command(&self, engine: &Engine, command: Command) -> Result<Done, String> {
        let outcome = engine.handle().run(command).await;
        self.held.settle(&*self.fake).await;
        outcome
    }

    pub(crate) async fn add(&self, engine: &Engine, symbol: &str, since: Since) -> SeriesId {
        let symbols = vec![symbol.to_owned()];
        let add =
            Command::Add { symbols, exchange: self.fake.id(), datasets: vec![Dataset::Candles], interval: Interval::M1, since };
        self.command(engine, add).await.unwrap().series[0]
    }

    pub(crate) fn gaps(&self, id: SeriesId, range: TimeRange) -> Vec<Gap> {
        self.store
            .readers()
            .with(|connection| {
                let series = series::get(connection, id)?.unwrap();
                reader::missing(connection, &series, range)
            })
            .unwrap()
    }

    pub(crate) fn account(&self, id: SeriesId, range: TimeRange) -> Account {
        let (series, stored) = self
            .store
            .readers()
            .with(|connection| {
                let series = series::get(connection, id)?.unwrap();
                let stored = candles::read(connection, id, series.instrument.scales, range)?;
                Ok((series, stored))
            })
            .unwrap();
        let oracle = self.fake.market(&series.instrument.native).candles(series.interval, range);
        Account::of(series.interval, range, &oracle, &stored, &self.gaps(id, range))
    }

    pub(crate) fn check(&self) -> Vec<String> {
        faults(&self.store, self.clock.now())
    }

    /// When the heartbeat asked for a symbol, and from where to where.
    pub(crate) fn beats(&self, native: &str) -> Vec<(String, String, String)> {
        let text = |time: Time| time.format("%H:%M:%S");
        let asked = self.fake.asked(native, Lane::Live);
        asked.iter().map(|asked| (text(asked.at), text(asked.request.range.from), text(asked.request.range.to))).collect()
    }
}

/// The newest snapshot, redrawn after the clock has moved a second.
pub(crate) async fn view(world: &World, engine: &Engine, id: SeriesId) -> SeriesView {
    world.seconds(1).await;
    let snapshot = engine.handle().snapshots().borrow().clone();
    snapshot.series.iter().find(|view| view.id == id).unwrap().clone()
}
