//! Trades of Binance spot and USD-M: pages, bounds, and the candle that they make.

use super::wire::{Answer, NOW, get, start, time};
use marketdata_tui::domain::price::parse_decimal;
use marketdata_tui::domain::range::TimeRange;
use marketdata_tui::domain::time::{HOUR_MS, Time};
use marketdata_tui::sim::{SimTrade, Venue};
use serde_json::Value;

/// An `aggTrades` row as the truth has it.
fn trade(row: &Value, truth: &SimTrade) {
    let decimal = |name: &str| parse_decimal(row[name].as_str().unwrap()).unwrap();
    assert_eq!((decimal("p"), decimal("q")), (truth.price, truth.size));
    assert_eq!((row["a"].as_i64(), row["T"].as_i64()), (Some(truth.id), Some(truth.time().ms())));
    assert_eq!((&row["f"], &row["l"], row["m"].as_bool()), (&row["a"], &row["a"], Some(!truth.taker_is_buyer)));
}

fn ids(answer: &Answer, name: &str) -> Vec<i64> {
    answer.rows().iter().map(|row| row[name].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn pages_of_aggregated_trades_are_the_truth() {
    let sim = start().await;
    for (venue, path) in [(Venue::Binance, "/api/v3/aggTrades"), (Venue::BinanceUsdm, "/fapi/v1/aggTrades")] {
        let market = sim.market_on(venue, "BTCUSDT").unwrap();
        let (from, to) = (time("2025-07-01T12:00:00Z"), time("2025-07-01T12:01:00Z"));
        let truth = market.trades(TimeRange::new(from, to));
        let mut rows = Vec::new();
        let mut target = format!("{path}?symbol=BTCUSDT&startTime={}&endTime={}&limit=100", from.ms(), to.ms() - 1);
        while rows.len() < truth.len() {
            let page = get(&sim, &target).await.rows();
            let next = page.last().unwrap()["a"].as_i64().unwrap() + 1;
            target = format!("{path}?symbol=BTCUSDT&fromId={next}&limit=100");
            rows.extend(page);
        }
        for (row, truth) in rows.iter().zip(&truth) {
            trade(row, truth);
        }
        // Both bounds are inclusive, and only the past is there.
        let at = truth[5].time();
        let same = get(&sim, &format!("{path}?symbol=BTCUSDT&startTime={0}&endTime={0}", at.ms())).await;
        let expected: Vec<i64> = truth.iter().filter(|trade| trade.time() == at).map(|trade| trade.id).collect();
        assert_eq!(ids(&same, "a"), expected);
        let newest = market.trades(TimeRange::new(time(NOW).plus_ms(-60_000), time(NOW)));
        assert_eq!(ids(&get(&sim, &format!("{path}?symbol=BTCUSDT&limit=1")).await, "a"), [newest.last().unwrap().id]);
    }
}

#[tokio::test]
async fn trades_one_by_one() {
    let sim = start().await;
    let newest = ids(&get(&sim, "/api/v3/trades?symbol=ETHUSDT&limit=20").await, "id");
    assert_eq!(newest.len(), 20);
    let older = get(&sim, &format!("/api/v3/historicalTrades?symbol=ETHUSDT&fromId={}&limit=3", newest[4])).await;
    assert_eq!(ids(&older, "id"), newest[4..7]);
    assert_eq!((older.rows()[0]["isBestMatch"].as_bool(), older.header("x-mbx-used-weight")), (Some(true), Some("50")));
    let future = get(&sim, "/fapi/v1/trades?symbol=ETHUSDT&limit=1").await;
    assert!(future.rows()[0].get("isBestMatch").is_none());
    assert_eq!(future.header("x-mbx-used-weight-1m"), Some("5"), "a budget of its own");
}

#[tokio::test]
async fn usdm_goes_back_two_days_and_an_hour_at_a_time() {
    let sim = start().await;
    let ask = async |from: Time, to: Time| {
        get(&sim, &format!("/fapi/v1/aggTrades?symbol=BTCUSDT&startTime={}&endTime={}&limit=5", from.ms(), to.ms())).await
    };
    let now = time(NOW);
    let wide = ask(now.plus_ms(-HOUR_MS - 1), now).await;
    assert_eq!((wide.status, &wide.json()["code"]), (400, &(-1127).into()));
    assert_eq!(ask(now.plus_ms(-HOUR_MS), now.plus_ms(-1)).await.rows().len(), 5);
    assert!(ask(now.plus_ms(-50 * HOUR_MS), now.plus_ms(-49 * HOUR_MS)).await.rows().is_empty());
    assert_eq!(ask(now.plus_ms(-47 * HOUR_MS), now.plus_ms(-46 * HOUR_MS)).await.rows().len(), 5);
    let mixed = get(&sim, "/fapi/v1/aggTrades?symbol=BTCUSDT&fromId=1&startTime=1").await;
    assert_eq!(mixed.json()["code"], -1128);
}
