//! Live streams against the simulation: what they bring, and what becomes of what they lose.

mod kraken;

use crate::support::account::Account;
use crate::support::held_time::HeldTime;
use crate::support::rig::{Rig, quick, streaming_client};
use crate::support::time;
use marketdata_tui::domain::candle::Source;
use marketdata_tui::domain::interval::Interval;
use marketdata_tui::domain::range::TimeRange;
use marketdata_tui::domain::series::SeriesId;
use marketdata_tui::domain::time::{MINUTE_MS, Time};
use marketdata_tui::engine::Engine;
use marketdata_tui::engine::settings::EngineSettings;
use marketdata_tui::engine::snapshot::{StreamMood, StreamView};
use marketdata_tui::exchange::clock::Clock;
use marketdata_tui::exchange::port::Exchange;
use marketdata_tui::exchange::retry::BackoffSettings;
use marketdata_tui::sim::{SimClock, SimConfig, Simulation, StreamSettings};
use marketdata_tui::store::candles;
use marketdata_tui::store::streams::{self, Loss};
use std::sync::Arc;
use std::time::Duration;

const START: &str = "2025-07-01T12:34:20Z";

/// A recorder of two symbols on a simulation, both under a clock that the test moves.
struct World {
    rig: Rig,
    held: HeldTime,
    engine: Engine,
    series: Vec<SeriesId>,
}

impl World {
    async fn new(rule: Option<&str>, settings: EngineSettings) -> Self {
        Self::with(rule, settings, StreamSettings { limits: false, ..StreamSettings::default() }).await
    }

    async fn with(rule: Option<&str>, settings: EngineSettings, streams: StreamSettings) -> Self {
        Self::of(rule, settings, streams, streaming_client, &["BTC/USDT", "ETH/USDT"]).await
    }

    async fn of(
        rule: Option<&str>,
        settings: EngineSettings,
        streams: StreamSettings,
        client: fn(&str, Clock) -> Arc<dyn Exchange>,
        symbols: &[&str],
    ) -> Self {
        let faults = rule.map(|rule| rule.parse().unwrap()).into_iter().collect();
        let clock = SimClock::From { at: time(START), speed: 1.0 };
        let sim = Simulation::start(SimConfig { clock, faults, streams, ..SimConfig::default() }).await.unwrap();
        let clock = Clock::starting_at(time(START).plus_ms(-700));
        let mut rig = Rig::with(sim, clock, None);
        rig.exchange = client(&rig.sim.url(), clock);
        rig.settings = settings;
        let held = HeldTime::hold(&rig.store);
        let mut series = Vec::new();
        for symbol in symbols {
            let wanted = TimeRange::new(time("2025-07-01T12:30:00Z"), time("2025-07-01T12:34:00Z"));
            // An exchange with a slow budget waits in between.
            let mut want = std::pin::pin!(rig.want(symbol, Interval::M1, wanted));
            let step = Duration::from_millis(250);
            series.push(loop {
                tokio::select! {
                    biased;
                    (id, _) = &mut want => break id,
                    () = held.advance(&*rig.exchange, step, step) => {}
                }
            });
        }
        let engine = rig.start().await;
        Self { rig, held, engine, series }
    }

    /// Lets so much time pass.
    async fn pass(&self, seconds: u64) {
        self.held.advance(&*self.rig.exchange, Duration::from_secs(seconds), Duration::from_millis(500)).await;
    }

    /// Moves time on until this holds.
    async fn until(&self, seconds: u64, done: impl FnMut() -> bool) {
        self.held.until(&*self.rig.exchange, Duration::from_secs(seconds), Duration::from_millis(500), done).await;
    }

    fn view(&self) -> StreamView {
        self.engine.handle().snapshots().borrow().streams[0].clone()
    }

    fn losses(&self) -> Vec<Loss> {
        let mut losses = self.rig.store.readers().with(|connection| streams::newest(connection, None, 100)).unwrap();
        losses.reverse();
        losses
    }

    fn source(&self, series: SeriesId, minute: Time) -> Option<Source> {
        let range = TimeRange::new(minute, minute.plus_ms(MINUTE_MS));
        let origin = self.rig.store.readers().with(|connection| candles::origin(connection, series, range)).unwrap();
        origin.and_then(|origin| origin.source)
    }

    /// Stops, and holds every minute since the beginning against the market.
    async fn whole(self) -> Rig {
        let Self { rig, held, engine, series } = self;
        let now = Interval::M1.floor(rig.exchange.now());
        held.stop(&*rig.exchange, engine).await;
        drop(held);
        let range = TimeRange::new(time("2025-07-01T12:30:00Z"), now);
        for id in series {
            let minutes = usize::try_from(Interval::M1.count(range)).unwrap();
            assert_eq!(rig.account(id, range), Account::whole(minutes), "{id:?}");
        }
        let mut rig = rig;
        rig.reopen();
        assert_eq!(rig.check(), Vec::<String>::new());
        rig
    }
}

fn recording() -> EngineSettings {
    EngineSettings { records: true, ticker_every: Duration::from_secs(20), confirm_after: Duration::from_secs(2), ..quick() }
}

/// Late beats: what is stored before them came by another way.
fn late_beats() -> EngineSettings {
    EngineSettings { heartbeat_delay: Duration::from_secs(30), ..recording() }
}

#[tokio::test(start_paused = true)]
async fn candles_come_by_stream_and_are_confirmed_by_a_request() {
    let world = World::new(None, late_beats()).await;
    world.until(30, || world.view().mood == StreamMood::Live).await;
    let minute = time("2025-07-01T12:34:00Z");
    // The candle closes at :00; the beat comes at :30.
    world.until(60, || world.source(world.series[0], minute).is_some()).await;
    let late = world.rig.exchange.now().since(minute.plus_ms(MINUTE_MS));
    assert!(late < 5_000, "{late} ms after its end");
    assert_eq!(world.source(world.series[0], minute), Some(Source::Stream));
    world.until(60, || world.series.iter().all(|id| world.source(*id, minute) == Some(Source::Confirmed))).await;
    world.pass(15).await;
    let view = world.view();
    println!("stored {late} ms after its end; {view:?}");
    assert_eq!((view.sockets, view.subscriptions), (1, 4));
    assert!(view.frames_per_second > 0.5 && view.lag_ms.is_some(), "{view:?}");
    let snapshot = world.engine.handle().snapshots().borrow().clone();
    assert!(snapshot.series.iter().all(|series| series.ticker.as_ref().is_some_and(|(_, at)| snapshot.at.since(*at) < 5_000)));
    // Tickers by stream: none is asked for after the first seconds.
    let asked = world
        .rig
        .sim
        .requests()
        .iter()
        .filter(|request| request.path().contains("ticker") && request.elapsed.as_secs() > 25)
        .count();
    assert_eq!(asked, 0);
    assert_eq!(world.losses(), []);
    world.whole().await;
}

#[tokio::test(start_paused = true)]
async fn without_streams_requests_alone_record() {
    let world = World::new(None, EngineSettings { streams: false, ..recording() }).await;
    world.pass(130).await;
    assert_eq!(world.view().mood, StreamMood::Off);
    let minute = time("2025-07-01T12:34:00Z");
    assert_eq!(world.source(world.series[0], minute), Some(Source::Rest));
    world.whole().await;
}

/// A stream that stays away for a good while once it is lost.
fn slow_to_return() -> EngineSettings {
    let wait = Duration::from_secs(24);
    EngineSettings { stream_backoff: BackoffSettings { base: wait, cap: wait }, ..late_beats() }
}

/// Each fault of a socket, over the end of a minute: every minute is stored in the end, and the ledger
/// tells what was lost and how it was made good.
#[tokio::test(start_paused = true)]
async fn broken_sockets_lose_nothing() {
    for (rule, cause) in [
        ("drop-socket every 34s times 1", "cut"),
        ("garbage-frame every 34s times 1", "dropped_frame"),
        ("invalid-utf8 every 34s times 1", "dropped_frame"),
        ("huge-frame every 34s times 1", "dropped_frame"),
    ] {
        let world = World::new(Some(rule), slow_to_return()).await;
        world.until(30, || world.view().mood == StreamMood::Live).await;
        world.until(40, || world.view().mood == StreamMood::Down).await;
        world.until(40, || world.view().mood == StreamMood::Live).await;
        world.until(40, || world.losses().iter().all(|loss| loss.mended.is_some())).await;
        let losses = world.losses();
        assert_eq!(losses.len(), 2, "one for each series: {losses:#?}");
        for loss in losses {
            assert_eq!(loss.cause, cause, "{rule}");
            let (mended_at, how) = loss.mended.unwrap();
            assert!(how.starts_with("1 candle by REST in ") || how == "nothing was missed", "{how}");
            assert!(loss.from < loss.to.unwrap() && loss.to.unwrap() <= mended_at);
            println!("{rule}: {} ms, {how}", loss.to.unwrap().since(loss.from));
        }
        world.pass(70).await;
        world.whole().await;
    }
}

/// Faults that a socket outlives: nothing is missed, and nothing wrong is stored.
#[tokio::test(start_paused = true)]
async fn odd_frames_do_no_harm() {
    for rule in ["duplicate-frame every 3", "reordered-frame every 3", "skipped-close every 2"] {
        let world = World::new(Some(rule), recording()).await;
        world.pass(200).await;
        assert_eq!(world.view().mood, StreamMood::Live);
        let rig = world.whole().await;
        assert!(rig.sim.requests().iter().any(|request| request.fault.is_some()), "{rule} never struck");
    }
}

/// A frozen socket says nothing of any market while they trade.
#[tokio::test(start_paused = true)]
async fn a_frozen_socket_is_replaced() {
    let world = World::new(Some("freeze-socket every 30s times 1"), recording()).await;
    world.until(30, || world.view().mood == StreamMood::Live).await;
    world.until(120, || !world.losses().is_empty()).await;
    world.until(30, || world.view().mood == StreamMood::Live).await;
    world.until(30, || world.losses().iter().all(|loss| loss.mended.is_some())).await;
    let losses = world.losses();
    assert_eq!(losses.len(), 2, "{losses:#?}");
    assert!(losses.iter().all(|loss| loss.cause == "silent"), "{losses:#?}");
    world.whole().await;
}

/// An announced end: another socket stands before this one goes.
#[tokio::test(start_paused = true)]
async fn an_announced_end_loses_nothing() {
    let world = World::new(Some("shutdown-notice every 30s times 1"), late_beats()).await;
    world.until(30, || world.view().mood == StreamMood::Live).await;
    world.pass(140).await;
    assert_eq!(world.losses(), []);
    assert_eq!(world.view().mood, StreamMood::Live);
    assert_eq!(world.source(world.series[0], time("2025-07-01T12:35:00Z")), Some(Source::Confirmed));
    world.whole().await;
}

/// Acknowledged and never delivered: a request finds the market alive, and the socket is replaced.
#[tokio::test(start_paused = true)]
async fn an_acknowledged_subscription_that_stays_silent_is_found_out() {
    let world = World::new(Some("silent-subscription first 1"), recording()).await;
    world.until(120, || !world.losses().is_empty()).await;
    world.until(30, || world.losses().iter().all(|loss| loss.mended.is_some())).await;
    assert!(world.losses().iter().all(|loss| loss.cause == "silent"), "{:#?}", world.losses());
    world.pass(130).await;
    let newest = Interval::M1.floor(world.rig.exchange.now()).plus_ms(-2 * MINUTE_MS);
    let sources: Vec<_> = world.series.iter().map(|id| world.source(*id, newest)).collect();
    assert_eq!(sources, [Some(Source::Confirmed); 2], "it is heard on the new socket");
    world.whole().await;
}

/// Refused: requests alone record it, and that is said.
#[tokio::test(start_paused = true)]
async fn a_refused_subscription_is_recorded_by_requests() {
    let world = World::new(Some("refused-subscription always"), recording()).await;
    world.until(150, || !world.losses().is_empty()).await;
    assert!(world.losses().iter().all(|loss| ["refused", "silent"].contains(&loss.cause.as_str())), "{:#?}", world.losses());
    world.pass(60).await;
    let rig = world.whole().await;
    assert!(rig.sim.requests().iter().any(|request| request.fault.as_deref() == Some("refused-subscription")));
}

/// Twenty thousand messages a second on one socket: what is looked at stays a look at the newest, the
/// screen's picture moves on, and nothing is lost.
#[tokio::test(start_paused = true)]
async fn a_burst_holds_nothing_up() {
    let streams = StreamSettings { limits: false, burst: 20_000, ..StreamSettings::default() };
    let world = World::with(None, recording(), streams).await;
    world.until(30, || world.view().mood == StreamMood::Live).await;
    world.pass(2).await;
    let before = world.engine.handle().snapshots().borrow().at;
    world.pass(2).await;
    let snapshot = world.engine.handle().snapshots().borrow().clone();
    assert!(snapshot.at.since(before) >= 1_000, "snapshots stand still");
    println!("{:?}", world.view());
    assert!(world.view().frames_per_second > 1_000.0, "{:?}", world.view());
    assert!(snapshot.ingest.queue < 100, "{:?}", snapshot.ingest);
    assert_eq!(world.losses(), []);
    world.whole().await;
}
