//! Candles that others recorded, through the whole program: what comes out is what went in.

use crate::support::program::Program;
use crate::support::rig::Rig;
use crate::support::{range, shared, time};
use flate2::read::GzDecoder;
use marketdata_tui::cli::export::ExportJob;
use marketdata_tui::domain::gap::GapReason;
use marketdata_tui::domain::interval::Interval;
use marketdata_tui::domain::job::JobState;
use marketdata_tui::domain::price::{Decimal, trimmed};
use marketdata_tui::domain::range::TimeRange;
use marketdata_tui::domain::time::Time;
use marketdata_tui::export::Format;
use marketdata_tui::export::time_form::TimeForm;
use marketdata_tui::sim::{Market, SimClock, SimConfig, Simulation};
use std::fmt::Write as _;
use std::io::Read as _;
use std::path::Path;

async fn serving(market: Market, now: Time) -> Simulation {
    let clock = SimClock::From { at: now, speed: 0.0 };
    Simulation::start(SimConfig { clock, markets: vec![market], ..SimConfig::default() }).await.unwrap()
}

/// The open time and the five numbers of each line that opens in `range`, trailing zeros trimmed.
fn rows(text: &str, range: TimeRange) -> Vec<[String; 6]> {
    let number = |cell: &str| {
        let value = if cell.contains(['e', 'E']) { Decimal::from_scientific(cell) } else { Decimal::from_str_exact(cell) };
        trimmed(value.unwrap())
    };
    let mut rows = Vec::new();
    for line in text.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_digit())) {
        let cells: Vec<&str> = line.split(',').collect();
        let at: i64 = cells[0].parse().unwrap();
        // Some archives count seconds.
        let at = if at < 100_000_000_000 { at * 1_000 } else { at };
        if range.contains(Time::from_ms(at)) {
            let values = [cells[1], cells[2], cells[3], cells[4], cells[5]].map(number);
            let [open, high, low, close, volume] = values;
            rows.push([at.to_string(), open, high, low, close, volume]);
        }
    }
    rows
}

fn unpacked(file: &Path) -> String {
    let mut text = String::new();
    GzDecoder::new(std::fs::File::open(file).unwrap()).read_to_string(&mut text).unwrap();
    text
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixty_days_come_out_as_they_went_in() {
    let Some(file) = shared("data/binance/binance_spot_BTCUSDT_1m_20250520-20250818.csv.gz") else { return };
    let days = range("2025-05-20", "2025-07-19");
    let market = Market::recorded("BTC", "USDT", Interval::M1, &file).unwrap();
    let sim = serving(market, days.to.plus_ms(10_000)).await;
    let program = Program::on(&sim.url());
    let end = program.done(&["backfill", "BTC/USDT", "--last", "60d"]).await;
    assert!(end.contains("86,400 stored, 0 explained, 0 left"), "{end}");
    let export = program.done(&["export", "BTC/USDT", "--time", "ms", "--require-complete"]).await;
    let (ours, source) = (rows(&export, days), rows(&unpacked(&file), days));
    assert_eq!((ours.len(), source.len()), (86_400, 86_400));
    let differing = ours.iter().zip(&source).filter(|(ours, source)| ours != source).count();
    assert_eq!(differing, 0);
    // Digit by digit: the export's own text, where the source has no zeros to trim.
    let mut exact = 0;
    for (line, source) in export.lines().skip(1).zip(unpacked(&file).lines().skip(1)) {
        exact += usize::from(line.starts_with(source) && line.as_bytes()[source.len()] == b',');
    }
    println!("{exact} of 86,400 lines begin with the source's very bytes");
    assert!(exact > 80_000, "{exact}");
    assert_eq!(program.run(&["check"]).await.code, Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn six_years_of_outages_are_all_accounted_for() {
    let Some(file) = shared("data/outages/binance_spot_BTCUSDT_1h_20170817-20240101.as_recorded.csv.gz") else { return };
    let market = Market::recorded("BTC", "USDT", Interval::H1, &file).unwrap();
    let (first, end) = (market.listed_at(), market.recorded_until().unwrap());
    let mut rig = Rig::on(serving(market, end.plus_ms(10_000)).await);
    let asked = TimeRange::new(Interval::H1.floor(first), end);
    let (series, job) = rig.want("BTC/USDT", Interval::H1, asked).await;
    assert_eq!(rig.run(job).await.state, JobState::Done);
    let rows = rig.sim.market("BTCUSDT").unwrap().candles(Interval::H1, asked);
    let on_grid = rows.iter().filter(|row| Interval::H1.is_aligned(row.open_time)).count();
    assert_eq!((rows.len(), rows.len() - on_grid), (55_765, 43));
    let account = rig.account(series, asked);
    println!("{account:?}");
    // One row ends before it begins: 2020-12-21 14:00.
    assert_eq!((account.right, account.explained_away), (on_grid - 1, 1));
    assert_eq!((account.wrong, account.silent, account.queued, account.without_evidence), (0, 0, 0, 0));
    assert_eq!(account.wanted, account.right + account.explained);
    let bad: Vec<_> = rig.gaps(series, asked).into_iter().filter(|gap| gap.reason == GapReason::BadRow).collect();
    assert_eq!((bad.len(), bad[0].range.from), (1, time("2020-12-21T14:00:00Z")), "{bad:?}");
    let answer = &bad[0].evidence.as_ref().unwrap().answer;
    assert!(answer.contains("clos"), "the evidence is the row: {answer}");
    assert_eq!(rig.check(), Vec::<String>::new());
}

/// Stores one month of a 1m file and compares wider exports with what was worked out elsewhere.
async fn resampled(file: &str, month: TimeRange, oracle: &str, widths: &[Interval]) {
    let Some(file) = shared(file) else { return };
    let folder = tempfile::tempdir().unwrap();
    let plain = folder.path().join("minutes.csv");
    let source = rows(&unpacked(&file), month);
    let mut text = String::from("open_time_ms,open,high,low,close,volume\n");
    for row in &source {
        let _ = writeln!(text, "{}", row.join(","));
    }
    std::fs::write(&plain, text).unwrap();
    let market = Market::recorded("BTC", "USD", Interval::M1, &plain).unwrap();
    let mut rig = Rig::on(serving(market, month.to.plus_ms(10_000)).await);
    let (id, job) = rig.want("BTC/USD", Interval::M1, month).await;
    assert_eq!(rig.run(job).await.state, JobState::Done);
    let account = rig.account(id, month);
    println!("{}: {account:?}", file.display());
    assert_eq!((account.right, account.wrong, account.silent, account.queued), (source.len(), 0, 0, 0));
    assert_eq!((account.explained_away, account.without_evidence), (0, 0));
    assert_eq!(rig.check(), Vec::<String>::new());
    let series = rig.series(id);
    for width in widths {
        let Some(expected) = shared(&format!("data/oracles/resample/{oracle}__expected_{}.csv.gz", width.name())) else { return };
        let job = ExportJob {
            store: &rig.store,
            series: &series,
            interval: *width,
            range: month,
            format: Format::Csv,
            time: TimeForm::Ms,
        };
        let mut export = Vec::new();
        job.write(&mut export, &|_| {}).unwrap();
        let ours = rows(std::str::from_utf8(&export).unwrap(), month);
        let expected = rows(&unpacked(&expected), month);
        assert!(!expected.is_empty());
        assert_eq!(ours.len(), expected.len(), "{width}");
        let differing = ours.iter().zip(&expected).filter(|(ours, expected)| ours != expected).count();
        assert_eq!(differing, 0, "{width}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thin_market_folds_exactly() {
    let month = range("2023-01-01", "2023-02-01");
    let widths = [Interval::M5, Interval::H1, Interval::D1];
    resampled("kraken/kraken_BTCUSDC_1m_2023Q1.verbatim.csv.gz", month, "kraken_BTCUSDC_1m_2023Q1", &widths).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_busy_market_folds_exactly() {
    let month = range("2018-01-01", "2018-02-01");
    let file = "bitfinex/bitfinex_BTCUSD_1m_2018_fullyear.csv.gz";
    resampled(file, month, "bitfinex_BTCUSD_1m_2018_fullyear", &[Interval::H1, Interval::D1]).await;
}
