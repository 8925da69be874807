//! Other people's clients, where they are installed.

use super::wire::{NOW, config, time};
use marketdata_tui::sim::{SimClock, SimConfig, Simulation, StreamSettings, VenueLimits};
use std::process::{Command, Output};

async fn python(args: &[&str]) -> Option<Output> {
    let args: Vec<String> = args.iter().map(|arg| (*arg).to_owned()).collect();
    let run = tokio::task::spawn_blocking(move || Command::new("python3").args(args).output());
    run.await.unwrap().ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ccxt_takes_the_simulation_for_the_exchanges() {
    if python(&["-c", "import ccxt"]).await.is_none_or(|import| !import.status.success()) {
        println!("skipped: python3 cannot import ccxt");
        return;
    }
    let venue_limits = VenueLimits { windows: false, ..VenueLimits::default() };
    let sim = Simulation::start(SimConfig { venue_limits, ..config() }).await.unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/peers/ccxt_rest.py");
    let run = python(&[script, &sim.url(), "--unpaced"]).await.unwrap();
    let said = String::from_utf8_lossy(&run.stdout);
    println!("{said}");
    assert!(run.status.success(), "{said}\n{}", String::from_utf8_lossy(&run.stderr));
    assert!(said.lines().filter(|line| line.starts_with("ok ")).count() >= 35, "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ccxt_listens_to_the_streams() {
    if python(&["-c", "import ccxt.pro"]).await.is_none_or(|import| !import.status.success()) {
        println!("skipped: python3 cannot import ccxt.pro");
        return;
    }
    let venue_limits = VenueLimits { windows: false, ..VenueLimits::default() };
    let streams = StreamSettings { limits: false, ..StreamSettings::default() };
    let clock = SimClock::From { at: time(NOW), speed: 5.0 };
    let sim = Simulation::start(SimConfig { venue_limits, streams, clock, ..config() }).await.unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/peers/ccxt_ws.py");
    let run = python(&[script, &sim.url()]).await.unwrap();
    let said = String::from_utf8_lossy(&run.stdout);
    println!("{said}");
    assert!(run.status.success(), "{said}\n{}", String::from_utf8_lossy(&run.stderr));
    assert_eq!(said.lines().filter(|line| line.starts_with("ok ")).count(), 20, "{said}");
}
