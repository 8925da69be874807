//! A recorder of one exchange and the simulation of it, under a clock that the test moves.

use super::place::{self, Pair};
use crate::support::account::Account;
use crate::support::held_time::{self, HeldTime};
use crate::support::program::csv;
use crate::support::rig::Rig;
use crate::support::time;
use marketdata_tui::cli::export::ExportJob;
use marketdata_tui::domain::candle::{Candle, Source};
use marketdata_tui::domain::dataset::Dataset;
use marketdata_tui::domain::gap::Gap;
use marketdata_tui::domain::interval::Interval;
use marketdata_tui::domain::range::TimeRange;
use marketdata_tui::domain::series::SeriesId;
use marketdata_tui::domain::time::MINUTE_MS;
use marketdata_tui::engine::Engine;
use marketdata_tui::engine::command::Since;
use marketdata_tui::engine::settings::EngineSettings;
use marketdata_tui::exchange::clock::Clock;
use marketdata_tui::exchange::retry::BackoffSettings;
use marketdata_tui::export::Format;
use marketdata_tui::export::time_form::TimeForm;
use marketdata_tui::sim::{Market, RequestLog, SimClock, SimConfig, Simulation, StreamSettings};
use marketdata_tui::store::candles;
use marketdata_tui::store::rows::{Place, Table};
use marketdata_tui::store::streams::{self, Loss};
use std::collections::BTreeMap;
use std::pin::pin;
use std::time::Duration;

pub(super) const START: &str = "2025-07-01T12:34:20Z";

pub(super) struct World {
    pub(super) place: place::Place,
    pub(super) rig: Rig,
    held: HeldTime,
    engine: Option<Engine>,
    /// How far the clock moves at once.
    step: Duration,
}

impl World {
    /// A simulation with these faults, and an empty store beside it; nothing runs yet.
    pub(super) async fn new(place: place::Place, faults: &[&str], step: Duration) -> Self {
        let config = SimConfig {
            clock: SimClock::From { at: time(START), speed: 1.0 },
            markets: place.markets(),
            faults: faults.iter().map(|rule| rule.parse().unwrap()).collect(),
            streams: StreamSettings { limits: false, ..StreamSettings::default() },
            ..SimConfig::default()
        };
        let sim = Simulation::start(config).await.unwrap();
        let clock = Clock::starting_at(time(START).plus_ms(-700));
        let mut rig = Rig::with(sim, clock, None);
        rig.exchange = place.connect(&rig.sim.url(), clock);
        // A cut lasts ten to twenty seconds, so that some last over the end of a minute.
        let wait = Duration::from_secs(20);
        rig.settings = EngineSettings { stream_backoff: BackoffSettings { base: wait, cap: wait }, ..EngineSettings::default() };
        let held = HeldTime::hold(&rig.store);
        Self { place, rig, held, engine: None, step }
    }

    pub(super) async fn add(&self, pair: Pair, dataset: Dataset, since: Since) -> SeriesId {
        let add = async {
            self.rig.exchange.sync_clock().await.unwrap();
            self.rig.registry().add(pair.symbol, dataset, Interval::M1, since).await.unwrap().series[0]
        };
        let mut add = pin!(add);
        // Where requests keep a pace, they wait for the clock.
        loop {
            tokio::select! {
                biased;
                id = &mut add => return id,
                () = self.creep_on() => {}
            }
        }
    }

    pub(super) fn market(&self, pair: Pair) -> &Market {
        self.rig.sim.market_on(self.place.venue, pair.native).unwrap()
    }

    pub(super) fn engine(&self) -> &Engine {
        self.engine.as_ref().unwrap()
    }

    pub(super) async fn start(&mut self) {
        self.engine = Some(self.rig.start().await);
    }

    /// Stops the recorder; what comes next is a process of its own on the same store.
    pub(super) async fn stop(&mut self) {
        self.held.stop(&*self.rig.exchange, self.engine.take().unwrap()).await;
        self.rig.reopen();
        self.rig.exchange = self.place.connect(&self.rig.sim.url(), self.rig.clock);
        self.held = HeldTime::hold(&self.rig.store);
    }

    pub(super) async fn minutes(&self, minutes: u64) {
        self.held.advance(&*self.rig.exchange, Duration::from_secs(minutes * 60), self.step).await;
    }

    /// Moves the clock until `done` while answers are on their way, at most a minute of it.
    pub(super) async fn creep(&self, mut done: impl FnMut() -> bool) {
        for _ in 0..600 {
            if done() {
                return;
            }
            self.creep_on().await;
        }
        panic!("not within a minute of the test's time");
    }

    /// A tenth of a second, without waiting for what is under way.
    async fn creep_on(&self) {
        for _ in 0..4 {
            tokio::task::spawn_blocking(held_time::real_pause).await.unwrap();
        }
        tokio::time::advance(Duration::from_millis(100)).await;
    }

    /// Moves the clock until `done`, at most `limit` of it.
    pub(super) async fn until(&self, limit: Duration, done: impl FnMut() -> bool) {
        self.held.until(&*self.rig.exchange, limit, self.step, done).await;
    }

    /// All losses, oldest first.
    pub(super) fn losses(&self) -> Vec<Loss> {
        let mut losses = self.rig.store.readers().with(|connection| streams::newest(connection, None, 10_000)).unwrap();
        losses.reverse();
        losses
    }

    pub(super) fn gaps(&self, id: SeriesId) -> Vec<Gap> {
        let wanted = self.rig.series(id).wanted(self.rig.exchange.now());
        self.rig.gaps(id, wanted)
    }

    /// What the exchange has of the candles of `range`, as far as it tells.
    pub(super) fn truth(&self, pair: Pair, range: TimeRange) -> Vec<Candle> {
        self.market(pair).candles(Interval::M1, range).into_iter().map(|candle| self.place.told(candle)).collect()
    }

    pub(super) fn account(&self, id: SeriesId, pair: Pair, range: TimeRange) -> Account {
        Account::of(Interval::M1, range, &self.truth(pair, range), &self.rig.stored(id, range), &self.rig.gaps(id, range))
    }

    /// Lines of the export that are not the market's, and how many there are of each.
    pub(super) fn differing_lines(&self, id: SeriesId, pair: Pair, range: TimeRange) -> Vec<(String, String)> {
        let series = self.rig.series(id);
        let job = ExportJob {
            store: &self.rig.store,
            series: &series,
            interval: Interval::M1,
            range,
            format: Format::Csv,
            time: TimeForm::Ms,
        };
        let mut export = Vec::new();
        job.write(&mut export, &|_| {}).unwrap();
        let (export, truth) = (String::from_utf8(export).unwrap(), csv(&self.truth(pair, range)));
        assert_eq!(export.lines().count(), truth.lines().count(), "{}", pair.symbol);
        let pairs = export.lines().zip(truth.lines()).filter(|(ours, theirs)| ours != theirs);
        pairs.map(|(ours, theirs)| (ours.to_owned(), theirs.to_owned())).collect()
    }

    /// Rows of another dataset as they are stored.
    pub(super) fn rows<T: Table>(&self, id: SeriesId, range: TimeRange) -> Vec<T> {
        let series = self.rig.series(id);
        let read = |connection: &_| {
            let place = Place::of(connection, id, series.instrument.scales)?.unwrap();
            T::read(connection, place, range)
        };
        self.rig.store.readers().with(read).unwrap()
    }

    /// How many minutes of `range` came from where.
    pub(super) fn sources(&self, id: SeriesId, range: TimeRange) -> BTreeMap<&'static str, usize> {
        let mut counts = BTreeMap::new();
        let mut at = range.from;
        while at < range.to {
            let minute = TimeRange::new(at, at.plus_ms(MINUTE_MS));
            let origin = self.rig.store.readers().with(|connection| candles::origin(connection, id, minute)).unwrap();
            let name = match origin.and_then(|origin| origin.source) {
                Some(Source::Rest) => "rest",
                Some(Source::Stream) => "stream",
                Some(Source::Trades) => "trades",
                Some(Source::Confirmed) => "confirmed",
                None => "none",
            };
            *counts.entry(name).or_default() += 1;
            at = minute.to;
        }
        counts
    }

    /// Stored trades of a series in `range` that a stream brought.
    pub(super) fn by_stream(&self, id: SeriesId, range: TimeRange) -> usize {
        let connection = rusqlite::Connection::open(self.rig.path()).unwrap();
        let sql = "SELECT COUNT(*) FROM trades WHERE source IN (?2, ?5) AND time >= ?3 AND time < ?4
                   AND instrument_id = (SELECT instrument_id FROM series WHERE id = ?1)";
        let count: i64 = connection
            .query_row(sql, [id.0, Source::Stream.code(), range.from.ms(), range.to.ms(), Source::Confirmed.code()], |row| {
                row.get(0)
            })
            .unwrap();
        usize::try_from(count).unwrap()
    }

    /// Sockets that the simulation cut, by the start of their address.
    pub(super) fn cuts(&self, address: &str) -> Vec<RequestLog> {
        let is_cut = |log: &RequestLog| log.fault.as_ref().is_some_and(|fault| fault.contains("drop-socket"));
        self.rig.sim.requests().into_iter().filter(|log| is_cut(log) && log.path().starts_with(address)).collect()
    }

    /// Requests over REST.
    pub(super) fn requests(&self) -> usize {
        self.rig.sim.requests().iter().filter(|log| log.status != 101).count()
    }
}
