//! Recorded candles, served as they were recorded.

use super::wire::{get, opens, time};
use crate::support::shared;
use marketdata_tui::domain::interval::Interval;
use marketdata_tui::domain::range::TimeRange;
use marketdata_tui::domain::time::Time;
use marketdata_tui::sim::{Market, SimClock, SimConfig, Simulation};

async fn serving(market: Market) -> Simulation {
    let at = market.recorded_until().unwrap();
    let clock = SimClock::From { at, speed: 0.0 };
    Simulation::start(SimConfig { clock, markets: vec![market], ..SimConfig::default() }).await.unwrap()
}

#[tokio::test]
async fn recorded_outages_are_served_as_they_are() {
    let Some(file) = shared("data/outages/binance_spot_BTCUSDT_1h_20170817-20240101.as_recorded.csv.gz") else { return };
    let sim = serving(Market::recorded("BTC", "USDT", Interval::H1, &file).unwrap()).await;
    assert_eq!(sim.now(), time("2024-01-01T23:59:59.999Z").plus_ms(1));
    let page = async |from: &str, limit: usize| {
        let from = time(from).ms();
        get(&sim, &format!("/api/v3/klines?symbol=BTCUSDT&interval=1h&startTime={from}&limit={limit}")).await
    };
    let first = page("2017-01-01", 1).await.rows()[0].clone();
    let expected = serde_json::json!([
        1_502_942_400_000_i64,
        "4261.48000000",
        "4313.62000000",
        "4261.32000000",
        "4308.83000000",
        "47.18100900",
        1_502_945_999_999_i64,
        "202366.13839304",
        171,
        "35.16050300",
        "150952.47794304",
        "0"
    ]);
    assert_eq!(first, expected);
    let off_grid = page("2018-02-09", 1).await;
    assert_eq!(opens(&off_grid), [time("2018-02-09T09:28:14Z").ms()]);
    let phantom = page("2020-12-21T14:00:00Z", 2).await;
    assert_eq!(opens(&phantom), [time("2020-12-21T14:00:00Z").ms(), time("2020-12-21T18:00:00Z").ms()]);
    assert_eq!(phantom.rows()[0][6], time("2020-12-21T13:47:20.999Z").ms());
    assert_eq!(phantom.rows()[0][5], "0.00000000");
    let mut count = 0;
    let mut from = 0;
    loop {
        let rows = opens(&get(&sim, &format!("/api/v3/klines?symbol=BTCUSDT&interval=1h&startTime={from}&limit=1000")).await);
        let Some(last) = rows.last() else { break };
        count += rows.len();
        from = last + 1;
    }
    assert_eq!(count, 55_765);
    let finer = get(&sim, "/api/v3/klines?symbol=BTCUSDT&interval=1m&limit=5").await;
    assert_eq!(finer.body, b"[]");
}

#[tokio::test]
async fn recorded_minutes_fold_like_the_exchange_did() {
    let Some(minutes) = shared("data/binance/binance_spot_BTCUSDT_1m_20250520-20250818.csv.gz") else { return };
    let Some(fives) = shared("data/binance/binance_spot_BTCUSDT_5m_20250520-20250818.csv.gz") else { return };
    let ours = Market::recorded("BTC", "USDT", Interval::M1, &minutes).unwrap();
    let theirs = Market::recorded("BTC", "USDT", Interval::M5, &fives).unwrap();
    let range = TimeRange::new(time("2025-05-20"), time("2025-08-18T18:25:00Z"));
    let folded = ours.candles(Interval::M5, range);
    assert_eq!(folded.len(), 26_141);
    assert_eq!(folded, theirs.candles(Interval::M5, range));
    assert_eq!(ours.candles(Interval::M1, range).len(), 130_705);
    // Newest folded rows come from the same buckets as those asked for by their start.
    let sim = serving(ours).await;
    let newest = opens(&get(&sim, "/api/v3/klines?symbol=BTCUSDT&interval=1h&limit=3").await);
    assert_eq!(newest, ["16", "17", "18"].map(|hour| time(&format!("2025-08-18T{hour}:00:00Z")).ms()));
}

#[tokio::test]
async fn other_recorded_layouts() {
    let check = |file: &str, interval: Interval, rows: usize, quote_volume: bool| {
        let Some(path) = shared(file) else { return };
        let market = Market::recorded("BTC", "USDT", interval, &path).unwrap();
        let range = TimeRange::new(Time::EPOCH, market.recorded_until().unwrap());
        let candles = market.candles(interval, range);
        assert_eq!(candles.len(), rows, "{file}");
        assert!(candles.iter().all(|candle| candle.check().is_ok()));
        assert_eq!(candles.iter().any(|candle| candle.quote_volume.is_some_and(|volume| !volume.is_zero())), quote_volume);
    };
    check("binance_us/binanceus_BTCUSDT_1m_20230301-20230321_12col.csv.gz", Interval::M1, 30_240, true);
    check("binance/binance_um_BTCUSDT-1m-2024-01-15.verbatim12col.csv.gz", Interval::M1, 1_440, true);
    check("binance/tiny/binance_spot_SHIBUSDT_1w_20240101-20240907.csv.gz", Interval::W1, 35, false);
    check("outages/binance_spot_BTCUSDT_5m_20230320-20230328.csv.gz", Interval::M5, 2_576, true);
}
