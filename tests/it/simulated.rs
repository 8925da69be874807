//! Simulated data never mix with recorded ones, and are told wherever they are shown.

use crate::support::program::{Ended, Program};
use crate::support::rig::Rig;
use crate::support::{range, time};
use marketdata_tui::domain::interval::Interval;
use marketdata_tui::engine::observer;
use marketdata_tui::exchange::clock::Clock;
use marketdata_tui::sim::{SimClock, SimConfig, Simulation};
use marketdata_tui::store::{Priority, Store, StoreError, settings};

async fn sim() -> Simulation {
    let clock = SimClock::From { at: time("2025-07-01T12:34:10Z"), speed: 0.0 };
    Simulation::start(SimConfig { clock, ..SimConfig::default() }).await.unwrap()
}

async fn claim(store: &Store, simulated: bool) -> Result<(), StoreError> {
    store.writer().run(Priority::Live, move |connection| settings::claim(connection, simulated)).await
}

fn refused(ended: &Ended, expected: &str) {
    assert_eq!((ended.code, ended.out.as_str(), ended.err.lines().count()), (Some(1), "", 1), "{ended:?}");
    assert!(ended.err.starts_with("error: ") && ended.err.contains(expected), "{}", ended.err);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_of_the_demo_takes_nothing_real() {
    let mut rig = Rig::with(sim().await, Clock::System, None);
    rig.settings.simulated = true;
    claim(&rig.store, true).await.unwrap();
    let (_, job) = rig.want("BTC/USDT", Interval::M1, range("2025-07-01T11:00:00Z", "2025-07-01T12:00:00Z")).await;
    rig.run(job).await;
    assert!(observer::observe(&rig.store, rig.clock.now()).unwrap().simulated, "who only looks is told");
    claim(&rig.store, true).await.unwrap();
    let mut program = Program::on(&rig.sim.url());
    program.db = rig.path();
    let asked = rig.sim.requests().len();
    for args in [&[][..], &["record"], &["add", "ETH/USDT", "--backfill", "0"], &["backfill", "BTC/USDT", "--last", "2h"]] {
        refused(&program.run(args).await, "holds simulated data: open it with `marketdata-tui demo --db");
    }
    assert_eq!(rig.sim.requests().len(), asked, "nobody was asked");
    for args in [&["list"][..], &["gaps"], &["export", "BTC/USDT"], &["check"], &["status"]] {
        let ended = program.run(args).await;
        assert!(ended.err.contains("SIMULATED"), "{args:?}: {ended:?}");
    }
    assert_eq!(program.done(&["export", "BTC/USDT"]).await.lines().count(), 61, "and printed as ever");
    assert_eq!(program.json(&["status"]).await["simulated"], true);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_of_recorded_data_takes_nothing_simulated() {
    let sim = sim().await;
    let program = Program::on(&sim.url());
    program.done(&["backfill", "BTC/USDT", "--last", "1h"]).await;
    refused(&program.run(&["demo"]).await, "name another file with --db for the demo");
    let list = program.run(&["list"]).await;
    assert!(list.out.contains("BTC/USDT") && !list.err.contains("SIMULATED"), "{list:?}");
    let store = Store::open(&program.db).unwrap();
    assert!(matches!(claim(&store, true).await, Err(StoreError::Recorded { .. })));
    claim(&store, false).await.unwrap();
    assert!(!store.readers().with(settings::is_simulated).unwrap());
}
