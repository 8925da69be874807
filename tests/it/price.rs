//! What a backfill of trades is said to take, against what it takes, on each exchange of the simulation.

use crate::support::program::Program;
use crate::support::time;
use marketdata_tui::sim::{SimClock, SimConfig, Simulation};

/// Figures in a line: `it takes about 12 requests, weight 48, about 1s`.
fn figures(line: &str) -> Vec<u64> {
    line.split(|c: char| !c.is_ascii_digit() && c != ',').filter_map(|word| word.replace(',', "").parse().ok()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trades_are_priced_beforehand() {
    let clock = SimClock::From { at: time("2025-07-01T12:34:30Z"), speed: 0.0 };
    let server = Simulation::start(SimConfig { clock, ..SimConfig::default() }).await.unwrap();
    let check = async |symbol: &str, path: &str| {
        let program = Program::on(&server.url());
        let args = ["backfill", symbol, "--dataset", "trades", "--from", "2025-07-01T08:00:00Z", "--to", "2025-07-01T12:00:00Z"];
        let before = server.request_count(path);
        let ended = program.run(&args).await;
        let taken = server.request_count(path) - before;
        let line = ended.err.lines().find(|line| line.starts_with("it takes")).unwrap_or_else(|| panic!("{ended:?}")).to_owned();
        (line, taken)
    };
    for (symbol, path) in [("BTC/USDT", "/api/v3/aggTrades"), ("kraken:BTC/USD", "/0/public/Trades")] {
        let (line, taken) = check(symbol, path).await;
        let said = figures(&line)[0];
        // A day's mean: the hours of a day differ by some factor.
        assert!(line.starts_with("it takes about ") && said <= 5 * taken && taken <= 5 * said, "{symbol}: {line}, {taken}");
        assert!(said > 10, "one request for a page would be {line}");
    }
    let (line, _) = check("okx:BTC/USDT", "/api/v5/market/history-trades").await;
    assert!(line.contains("at least") && line.ends_with("how many trades there are is not known yet"), "{line}");
}
