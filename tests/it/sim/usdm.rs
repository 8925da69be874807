//! Binance USD-M futures.

use super::wire::{NOW, candle, config, get, start, time};
use marketdata_tui::domain::interval::Interval;
use marketdata_tui::domain::price::parse_decimal;
use marketdata_tui::domain::range::TimeRange;
use marketdata_tui::domain::time::{DAY_MS, HOUR_MS, Time};
use marketdata_tui::sim::{Limits, Market, SimConfig, Simulation, Venue, VenueLimits};
use serde_json::Value;

fn market<'a>(sim: &'a Simulation, native: &str) -> &'a Market {
    sim.market_on(Venue::BinanceUsdm, native).unwrap()
}

#[tokio::test]
async fn candles_are_the_truth_in_their_own_decimals() {
    let sim = start().await;
    let from = time("2025-06-30");
    let target = format!("/fapi/v1/klines?symbol=BTCUSDT&interval=1m&startTime={}&limit=1500", from.ms());
    let rows = get(&sim, &target).await.rows();
    assert_eq!(rows.len(), 1_500);
    let truth = market(&sim, "BTCUSDT").candles(Interval::M1, TimeRange::new(from, from.plus_ms(1_500 * 60_000)));
    assert_eq!(rows.iter().map(candle).collect::<Vec<_>>(), truth);
    let decimals = |column: usize| rows[0][column].as_str().unwrap().split_once('.').unwrap().1.len();
    assert_eq!([1, 5, 7, 9, 10].map(decimals), [2, 3, 5, 3, 5]);
    let spot = get(&sim, &format!("/api/v3/klines?symbol=BTCUSDT&interval=1m&startTime={}&limit=1", from.ms())).await.rows();
    assert_ne!(rows[0][5], spot[0][5], "another market");
}

#[tokio::test]
async fn weights_follow_the_limit() {
    let sim = start().await;
    let mut used = 0;
    for (limit, weight) in
        [("&limit=99", 1), ("&limit=100", 2), ("&limit=499", 2), ("", 5), ("&limit=1000", 5), ("&limit=1500", 10)]
    {
        used += weight;
        let answer = get(&sim, &format!("/fapi/v1/klines?symbol=BTCUSDT&interval=1m{limit}")).await;
        assert_eq!(answer.header("x-mbx-used-weight-1m"), Some(used.to_string().as_str()), "{limit}");
    }
    let spot = get(&sim, "/api/v3/ping").await;
    assert_eq!(spot.header("x-mbx-used-weight-1m"), Some("1"), "spot has its own budget");
}

#[tokio::test]
async fn budgets() {
    let usdm = Limits { weight_per_minute: 3, refusals_before_ban: 9, ..Limits::default() };
    let venue_limits = VenueLimits { usdm, windows: true };
    let sim = Simulation::start(SimConfig { venue_limits, ..config() }).await.unwrap();
    for status in [200, 200, 200, 429] {
        let answer = get(&sim, "/fapi/v1/ping").await;
        assert_eq!((answer.status, answer.header("retry-after").is_some()), (status, status == 429));
    }
    assert_eq!(get(&sim, "/api/v3/ping").await.status, 200);
    for number in 0..501 {
        let answer = get(&sim, "/fapi/v1/fundingRate?symbol=BTCUSDT&limit=1").await;
        assert_eq!(answer.status, if number < 500 { 200 } else { 429 }, "{number}");
    }
    assert_eq!(get(&sim, "/fapi/v1/fundingInfo").await.status, 429, "the same budget");
    assert_eq!(get(&sim, "/futures/data/openInterestHist?symbol=BTCUSDT&period=5m").await.status, 200);
}

#[tokio::test]
async fn the_list_of_contracts() {
    let sim = start().await;
    let info = get(&sim, "/fapi/v1/exchangeInfo").await.json();
    assert_eq!(info["rateLimits"][0]["limit"], 2_400);
    let find =
        |native: &str| info["symbols"].as_array().unwrap().iter().find(|symbol| symbol["symbol"] == native).unwrap().clone();
    let bitcoin = find("BTCUSDT");
    assert_eq!((&bitcoin["contractType"], &bitcoin["status"]), (&"PERPETUAL".into(), &"TRADING".into()));
    assert_eq!((&bitcoin["filters"][0]["tickSize"], &bitcoin["filters"][1]["stepSize"]), (&"0.10".into(), &"0.001".into()));
    assert_eq!(bitcoin["deliveryDate"], 4_133_404_800_000_i64);
    assert_eq!(find("1000PEPEUSDT")["filters"][0]["tickSize"], "0.0000001");
    assert_eq!(get(&sim, "/fapi/v1/klines?symbol=NOPE&interval=1m").await.json()["code"], -1121);
}

fn rates(rows: &[Value]) -> Vec<(i64, String)> {
    rows.iter().map(|row| (row["fundingTime"].as_i64().unwrap(), row["fundingRate"].as_str().unwrap().to_owned())).collect()
}

#[tokio::test]
async fn settlements() {
    let sim = start().await;
    let now = time(NOW);
    let truth = |native: &str, from: Time| -> Vec<(i64, String)> {
        let settled = market(&sim, native).funding(TimeRange::new(from, now));
        settled.iter().map(|funding| (funding.time.ms(), funding.rate.to_string())).collect()
    };
    for native in ["BTCUSDT", "1000PEPEUSDT", "QUIETUSDT"] {
        let newest = get(&sim, &format!("/fapi/v1/fundingRate?symbol={native}")).await.rows();
        let expected = truth(native, now.plus_ms(-40 * DAY_MS));
        assert_eq!(rates(&newest), expected[expected.len() - 100..]);
        // Oldest first from a start; the last of a page is the inclusive start of the next.
        let from = newest[10]["fundingTime"].as_i64().unwrap();
        let page = get(&sim, &format!("/fapi/v1/fundingRate?symbol={native}&startTime={from}&limit=5")).await.rows();
        assert_eq!(page, newest[10..15]);
        let until = get(&sim, &format!("/fapi/v1/fundingRate?symbol={native}&endTime={from}&limit=2")).await.rows();
        assert_eq!(until, newest[9..11]);
    }
    assert!(get(&sim, "/fapi/v1/fundingRate?symbol=BTCUSDT&startTime=1").await.rows()[0]["fundingTime"].as_i64().unwrap() > 0);
    let info = get(&sim, "/fapi/v1/fundingInfo").await.rows();
    let hours = |native: &str| info.iter().find(|row| row["symbol"] == native).map(|row| row["fundingIntervalHours"].as_i64());
    assert_eq!((hours("BTCUSDT"), hours("OUTUSDT"), hours("QUIETUSDT")), (None, Some(Some(4)), Some(Some(1))));
    let premium = get(&sim, "/fapi/v1/premiumIndex?symbol=BTCUSDT").await.json();
    assert_eq!(premium["nextFundingTime"], time("2025-07-01T16:00:00Z").ms());
    assert_eq!(get(&sim, "/fapi/v1/premiumIndex").await.rows().len(), 6);
}

#[tokio::test]
async fn open_interest_of_a_month() {
    let sim = start().await;
    let now = time(NOW);
    let from = now.plus_ms(-4 * HOUR_MS);
    let truth = market(&sim, "ETHUSDT").open_interest(TimeRange::new(from, now));
    let target = "/futures/data/openInterestHist?symbol=ETHUSDT&period=5m";
    let rows = get(&sim, &format!("{target}&startTime={}&limit=500", from.ms())).await.rows();
    assert_eq!(rows.len(), truth.len());
    for (row, truth) in rows.iter().zip(&truth) {
        assert_eq!(row["timestamp"], truth.time.ms());
        assert_eq!(parse_decimal(row["sumOpenInterest"].as_str().unwrap()).unwrap(), truth.amount);
    }
    assert_eq!(get(&sim, target).await.rows(), rows[rows.len().saturating_sub(30)..]);
    let present = get(&sim, "/fapi/v1/openInterest?symbol=ETHUSDT").await.json();
    assert_eq!(parse_decimal(present["openInterest"].as_str().unwrap()).unwrap(), truth.last().unwrap().amount);
    let old = get(&sim, &format!("{target}&startTime={}", now.plus_ms(-32 * DAY_MS).ms())).await;
    assert_eq!(old.json()["code"], -1130);
    assert_eq!(get(&sim, "/futures/data/openInterestHist?symbol=ETHUSDT&period=3m").await.json()["code"], -1130);
}

#[tokio::test]
async fn tickers() {
    let sim = start().await;
    let day = get(&sim, "/fapi/v1/ticker/24hr?symbol=BTCUSDT").await.json();
    assert!(day.get("bidPrice").is_none() && day["count"].as_i64().unwrap() > 1_000);
    let price = get(&sim, "/fapi/v2/ticker/price?symbol=BTCUSDT").await.json();
    assert_eq!((&price["price"], &price["time"]), (&day["lastPrice"], &time(NOW).ms().into()));
    let book = get(&sim, "/fapi/v1/ticker/bookTicker").await.rows();
    assert_eq!(book.len(), 6);
    assert_eq!(get(&sim, "/fapi/v1/time").await.json()["serverTime"], time(NOW).ms());
}
