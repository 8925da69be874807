//! The program killed in the middle of its work, again and again: what is in the store at the end is
//! what an undisturbed run puts there, and hardly anything was asked for twice.

use crate::support::program::{Program, csv, until};
use crate::support::time;
use marketdata_tui::domain::interval::Interval;
use marketdata_tui::domain::range::TimeRange;
use marketdata_tui::domain::time::MINUTE_MS;
use marketdata_tui::sim::{SimClock, SimConfig, Simulation};
use std::time::Duration;

const KLINES: &str = "/api/v3/klines";
const PAGES: u64 = 60;
/// As the program is set up: see [`Program::on`].
const IN_FLIGHT: u64 = 4;

/// Answers to wait for before each kill: at the start, in the middle, on a page's edge and off it.
const KILLS: [u64; 6] = [1, 9, 14, 6, 17, 3];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn six_kills_change_nothing() {
    // Some seconds into a minute: the last one has surely closed, and no other does meanwhile.
    let clock = SimClock::From { at: time("2025-07-01T12:34:10Z"), speed: 0.0 };
    let config = SimConfig { clock, latency: Duration::from_millis(20), ..SimConfig::default() };
    let sim = Simulation::start(config).await.unwrap();
    let to = time("2025-07-01T12:34:00Z");
    let range = TimeRange::new(to.plus_ms(-(PAGES as i64) * 1_000 * MINUTE_MS), to);
    let from = range.from.iso();
    let backfill = ["backfill", "BTC/USDT", "--from", from.as_str()];
    let program = Program::on(&sim.url());
    let mut kills = 0;
    for answers in KILLS {
        let threshold = sim.request_count(KLINES) + answers;
        let mut running = program.spawn(&backfill);
        until("requests", || running.is_over() || sim.request_count(KLINES) >= threshold).await;
        assert!(!running.is_over(), "it ended before it could be killed");
        running.kill();
        kills += 1;
    }
    let before_last = sim.request_count(KLINES);
    let end = program.done(&backfill).await;
    assert!(end.contains("60,000 stored, 0 explained, 0 left"), "{end}");
    let asked = sim.request_count(KLINES);
    println!("{kills} kills: {asked} requests for {PAGES} pages; {before_last} before the last run");
    assert!(asked <= PAGES + kills * IN_FLIGHT, "{asked} requests");
    assert!(before_last < asked, "some of it was left to the last run");
    let check = program.run(&["check"]).await;
    assert_eq!(check.code, Some(0), "{check:?}");
    assert!(check.out.contains("60,000 wanted = 60,000 stored + 0 explained + 0 queued"), "{}", check.out);
    let export = program.done(&["export", "BTC/USDT", "--time", "ms", "--require-complete"]).await;
    let oracle = csv(&sim.market("BTCUSDT").unwrap().candles(Interval::M1, range));
    assert!(export == oracle, "the export differs from the oracle");
    // Undisturbed, for comparison: the same bytes.
    let undisturbed = Program::on(&sim.url());
    undisturbed.done(&backfill).await;
    assert_eq!(sim.request_count(KLINES) - asked, PAGES);
    assert!(undisturbed.done(&["export", "BTC/USDT", "--time", "ms"]).await == export);
}
