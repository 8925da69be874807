//! Budgets, ordered silences and bans: held to the letter, by all lanes, across restarts.

use crate::support::held_time::HeldTime;
use crate::support::rig::{Rig, quick};
use crate::support::{range, time};
use marketdata_tui::domain::interval::Interval;
use marketdata_tui::domain::job::JobState;
use marketdata_tui::engine::settings::EngineSettings;
use marketdata_tui::exchange::clock::Clock;
use marketdata_tui::exchange::health::BlockKind;
use marketdata_tui::sim::{Fault, FaultRule, Limits, SimClock, SimConfig, Simulation};
use std::collections::BTreeMap;
use std::time::Duration;

const TEN: [&str; 10] =
    ["BTC/USDT", "ETH/USDT", "SOL/USDT", "BNB/USDT", "XRP/USDT", "DOGE/USDT", "ADA/USDT", "PEPE/USDT", "SHIB/USDT", "BTC/EUR"];

const KLINES: &str = "/api/v3/klines";

/// The exchange's minute begins with the simulation's budget window.
async fn sim(weight_per_minute: u32) -> Simulation {
    let limits = Limits { weight_per_minute, ..Limits::default() };
    let clock = SimClock::From { at: time("2025-07-01T12:34:00Z"), speed: 1.0 };
    Simulation::start(SimConfig { limits, clock, ..SimConfig::default() }).await.unwrap()
}

fn recording() -> EngineSettings {
    EngineSettings { records: true, ticker_every: Duration::from_secs(20), confirm_after: Duration::from_secs(2), ..quick() }
}

/// Ten symbols with a backfill each, tickers and heartbeats, on 120 of weight a minute.
#[tokio::test(start_paused = true)]
async fn the_budget_is_never_exceeded() {
    let sim = sim(120).await;
    let clock = Clock::starting_at(time("2025-07-01T12:34:00Z").plus_ms(-1_234));
    let mut rig = Rig::with(sim, clock, None);
    let held = HeldTime::hold(&rig.store);
    rig.settings = recording();
    let asked = range("2025-06-26T12:00:00Z", "2025-07-01T12:00:00Z");
    let mut series = Vec::new();
    for symbol in TEN {
        series.push(rig.want(symbol, Interval::M1, asked).await.0);
    }
    let engine = rig.start().await;
    let handle = engine.handle();
    let step = Duration::from_millis(250);
    held.until(&*rig.exchange, Duration::from_secs(360), step, || {
        let snapshot = handle.snapshots().borrow().clone();
        snapshot.series.len() == 10 && snapshot.series.iter().all(|series| series.coverage.queued == 0)
    })
    .await;
    let log = rig.sim.requests();
    assert_eq!(log.iter().filter(|request| request.status != 200).count(), 0, "no refusal ever");
    let mut minutes: BTreeMap<u64, u32> = BTreeMap::new();
    for request in &log {
        *minutes.entry(request.elapsed.as_secs() / 60).or_default() += request.weight;
    }
    println!("weight by minute: {minutes:?}");
    assert!(minutes.len() > 2 && minutes.values().all(|weight| *weight <= 120), "{minutes:?}");
    assert!(minutes.values().any(|weight| *weight >= 100), "the budget is used: {minutes:?}");
    // The past leaves a tenth to the present: each heartbeat of every minute got through.
    let beats = handle.snapshots().borrow().heartbeat;
    assert!(beats.beats >= 2 && beats.failed == 0, "{beats:?}");
    drop(held);
    engine.stop().await;
    for id in series {
        let account = rig.account(id, asked);
        assert_eq!((account.wanted, account.right), (7_200, 7_200), "{account:?}");
    }
    assert_eq!(rig.check(), Vec::<String>::new());
}

/// Many requests under way when the refusal comes, and none after it until the ordered time is over.
#[tokio::test(start_paused = true)]
async fn retry_after_silences_every_lane() {
    let clock = Clock::starting_at(time("2025-07-01T12:34:00Z"));
    let mut rig = Rig::with(sim(6_000).await, clock, None);
    let held = HeldTime::hold(&rig.store);
    rig.settings = recording();
    rig.settings.ticker_every = Duration::from_secs(1);
    let asked = range("2025-06-25", "2025-07-01T12:00:00Z");
    let (series, job) = rig.want("BTC/USDT", Interval::M1, asked).await;
    let fault = Fault::TooManyRequests { retry_after: Some(40) };
    rig.sim.set_faults(vec![FaultRule::always(fault).times(1)]);
    let engine = rig.start().await;
    let handle = engine.handle();
    held.until(&*rig.exchange, Duration::from_secs(10), Duration::from_millis(100), || rig.exchange.health().block.is_some())
        .await;
    held.settle(&*rig.exchange).await;
    let (refused_at, asked_by_then) = (tokio::time::Instant::now(), rig.sim.requests().len());
    assert_eq!(rig.exchange.health().block.unwrap().kind, BlockKind::RateLimit);
    held.advance(&*rig.exchange, Duration::from_millis(39_500), Duration::from_millis(500)).await;
    assert_eq!(rig.sim.requests().len(), asked_by_then, "asked during the ordered silence");
    held.until(&*rig.exchange, Duration::from_secs(60), Duration::from_millis(250), || {
        handle.snapshots().borrow().jobs.iter().any(|view| view.id == job && view.state == JobState::Done)
    })
    .await;
    assert!(refused_at.elapsed() >= Duration::from_secs(40));
    drop(held);
    engine.stop().await;
    assert_eq!(rig.account(series, asked).right, 9_360);
}

/// A ban holds for the next run of the recorder too: another client, another engine, the same store.
#[tokio::test(start_paused = true)]
async fn a_ban_outlives_a_restart() {
    let clock = Clock::starting_at(time("2025-07-01T12:34:00Z"));
    let mut rig = Rig::with(sim(6_000).await, clock, None);
    rig.settings = recording();
    let asked = range("2025-06-30", "2025-07-01T12:00:00Z");
    let (series, job) = rig.want("BTC/USDT", Interval::M1, asked).await;
    rig.sim.set_faults(vec![FaultRule::always(Fault::Banned { retry_after: 300 }).times(1)]);
    let banned_at = {
        let held = HeldTime::hold(&rig.store);
        let engine = rig.start().await;
        held.until(&*rig.exchange, Duration::from_secs(10), Duration::from_millis(100), || rig.exchange.health().block.is_some())
            .await;
        held.settle(&*rig.exchange).await;
        let at = tokio::time::Instant::now();
        drop(held);
        engine.stop().await;
        at
    };
    let asked_by_then = rig.sim.requests().len();
    // The next run knows nothing but the store.
    rig.reopen();
    rig.exchange = crate::support::rig::client(&rig.sim.url(), None, clock);
    let held = HeldTime::hold(&rig.store);
    let engine = rig.start().await;
    held.settle(&*rig.exchange).await;
    assert_eq!(rig.exchange.health().block.unwrap().kind, BlockKind::Ban);
    let rest = Duration::from_secs(299).saturating_sub(banned_at.elapsed());
    held.advance(&*rig.exchange, rest, Duration::from_secs(1)).await;
    assert_eq!(rig.sim.requests().len(), asked_by_then, "asked during the ban");
    let handle = engine.handle();
    held.until(&*rig.exchange, Duration::from_secs(60), Duration::from_millis(500), || {
        handle.snapshots().borrow().jobs.iter().any(|view| view.id == job && view.state == JobState::Done)
    })
    .await;
    drop(held);
    engine.stop().await;
    assert_eq!(rig.account(series, asked).right, 2_160);
}

/// A firewall's refusal is no back-off matter: five minutes of leaving it alone.
#[tokio::test(start_paused = true)]
async fn a_refused_address_waits_five_minutes() {
    let clock = Clock::starting_at(time("2025-07-01T12:34:00Z"));
    let mut rig = Rig::with(sim(6_000).await, clock, None);
    let held = HeldTime::hold(&rig.store);
    rig.settings.max_in_flight = 1;
    let asked = range("2025-07-01T10:00:00Z", "2025-07-01T12:00:00Z");
    let (series, job) = rig.want("BTC/USDT", Interval::M1, asked).await;
    rig.sim.set_faults(vec![FaultRule::always(Fault::Firewall).times(1)]);
    let engine = rig.start().await;
    let handle = engine.handle();
    held.until(&*rig.exchange, Duration::from_secs(5), Duration::from_millis(50), || rig.sim.request_count(KLINES) == 1).await;
    held.advance(&*rig.exchange, Duration::from_secs(299), Duration::from_secs(1)).await;
    assert_eq!(rig.sim.request_count(KLINES), 1);
    held.until(&*rig.exchange, Duration::from_secs(5), Duration::from_millis(50), || {
        handle.snapshots().borrow().jobs.iter().any(|view| view.id == job && view.state == JobState::Done)
    })
    .await;
    drop(held);
    engine.stop().await;
    assert_eq!(rig.account(series, asked).right, 120);
}
