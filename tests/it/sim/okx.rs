//! OKX v5.

use super::wire::{NOW, config, get, start, time};
use marketdata_tui::domain::candle::Candle;
use marketdata_tui::domain::interval::Interval;
use marketdata_tui::domain::price::{Decimal, parse_decimal};
use marketdata_tui::domain::range::TimeRange;
use marketdata_tui::domain::time::{DAY_MS, HOUR_MS, MINUTE_MS, Time};
use marketdata_tui::sim::{Market, SimConfig, Simulation, Venue, VenueLimits, markets};
use serde_json::{Value, json};

fn market<'a>(sim: &'a Simulation, native: &str) -> &'a Market {
    sim.market_on(Venue::Okx, native).unwrap()
}

/// `data` of an answer that has to be a success.
async fn data(sim: &Simulation, path: &str) -> Vec<Value> {
    let answer = get(sim, &format!("/api/v5/{path}")).await;
    let body = answer.json();
    assert_eq!((answer.status, &body["code"], &body["msg"]), (200, &"0".into(), &"".into()), "{path}");
    body["data"].as_array().unwrap().clone()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn number(value: &Value) -> i64 {
    text(value).parse().unwrap()
}

fn decimal(value: &Value) -> Decimal {
    parse_decimal(text(value)).unwrap()
}

fn starts(rows: &[Value]) -> Vec<i64> {
    rows.iter().map(|row| number(&row[0])).collect()
}

/// Whether a row is this candle; contracts hold `contract` coins.
fn is(row: &Value, candle: &Candle, contract: Option<Decimal>) {
    assert_eq!(number(&row[0]), candle.open_time.ms());
    assert_eq!([1, 2, 3, 4].map(|at| decimal(&row[at])), [candle.open, candle.high, candle.low, candle.close]);
    let quote = candle.quote_volume.unwrap();
    match contract {
        Some(size) => assert_eq!((decimal(&row[5]) * size, decimal(&row[6])), (candle.volume, candle.volume)),
        None => assert_eq!((decimal(&row[5]), decimal(&row[6])), (candle.volume, quote)),
    }
    assert_eq!((decimal(&row[7]), text(&row[8])), (quote, "1"));
}

#[tokio::test]
async fn candles_run_backwards_between_exclusive_cursors() {
    let sim = start().await;
    for (native, contract) in
        [("BTC-USDT", None), ("BTC-USDT-SWAP", Some(Decimal::new(1, 2))), ("DOGE-USDT-SWAP", Some(Decimal::from(1_000)))]
    {
        let page = data(&sim, &format!("market/candles?instId={native}&limit=300")).await;
        assert_eq!(page.len(), 300);
        assert_eq!((number(&page[0][0]), text(&page[0][8])), (time(NOW).ms() - 30_000, "0"), "the running one comes first");
        for row in &page[1..] {
            let open = Time::from_ms(number(&row[0]));
            is(row, &market(&sim, native).candle(Interval::M1, open).unwrap(), contract);
        }
        let (after, before) = (number(&page[10][0]), number(&page[20][0]));
        let path = format!("market/history-candles?instId={native}");
        let between = data(&sim, &format!("{path}&after={after}&before={before}")).await;
        assert_eq!(between, page[11..20]);
        assert_eq!(data(&sim, &format!("{path}&before={before}&limit=5")).await, page[..5], "the newest, not the next");
        assert_eq!(data(&sim, &format!("{path}&after={after}&limit=5")).await, page[11..16]);
    }
}

#[tokio::test]
async fn candles_end_where_history_begins() {
    let sim = start().await;
    let newest = time(NOW).floor_to(MINUTE_MS).ms();
    let oldest = newest - 1_439 * MINUTE_MS;
    let edge = format!("instId=BTC-USDT&after={}", oldest + 3 * MINUTE_MS);
    let rows = data(&sim, &format!("market/candles?{edge}")).await;
    assert_eq!(starts(&rows), [oldest + 2 * MINUTE_MS, oldest + MINUTE_MS, oldest]);
    assert_eq!(data(&sim, &format!("market/history-candles?{edge}")).await.len(), 100);
    let old = time("2022-01-01").ms();
    assert!(data(&sim, &format!("market/candles?instId=BTC-USDT&after={old}")).await.is_empty());
    let first = market(&sim, "BTC-USDT").listed_at().ms();
    let at_listing = data(&sim, &format!("market/history-candles?instId=BTC-USDT&after={}", first + 2 * MINUTE_MS)).await;
    assert_eq!(starts(&at_listing), [first + MINUTE_MS, first]);
    // An outage has no rows; a minute without trades has one of zeros.
    let outage = markets::OUTAGE;
    let around =
        data(&sim, &format!("market/history-candles?instId=OUT-USDT&after={}&limit=2", outage.to.ms() + MINUTE_MS)).await;
    assert_eq!(starts(&around), [outage.to.ms(), outage.from.ms() - MINUTE_MS]);
    let quiet = data(&sim, "market/candles?instId=QUIET-USDT&limit=100").await;
    assert!(quiet.iter().any(|row| text(&row[5]) == "0" && row[1] == row[4]));
}

#[tokio::test]
async fn days_are_cut_in_hong_kong_unless_asked() {
    let sim = start().await;
    let opens = async |bar: &str| starts(&data(&sim, &format!("market/candles?instId=BTC-USDT&bar={bar}&limit=2")).await);
    assert_eq!(opens("1D").await, [time("2025-06-30T16:00:00Z").ms(), time("2025-06-29T16:00:00Z").ms()]);
    assert_eq!(opens("1Dutc").await, [time("2025-07-01").ms(), time("2025-06-30").ms()]);
    assert_eq!(opens("1Wutc").await, [time("2025-06-30").ms(), time("2025-06-23").ms()]);
    let utc = data(&sim, "market/history-candles?instId=BTC-USDT&bar=1Dutc&limit=2").await;
    is(&utc[1], &market(&sim, "BTC-USDT").candle(Interval::D1, time("2025-06-30")).unwrap(), None);
}

#[tokio::test]
async fn trades_by_id_and_by_time() {
    let sim = start().await;
    let now = time(NOW);
    let swap = market(&sim, "ETH-USDT-SWAP");
    let truth = swap.trades(TimeRange::new(now.plus_ms(-30 * MINUTE_MS), now));
    let id = |rows: &[Value]| -> Vec<i64> { rows.iter().map(|row| number(&row["tradeId"])).collect() };
    let newest: Vec<i64> = truth.iter().rev().map(|trade| trade.id).collect();
    let rows = data(&sim, "market/trades?instId=ETH-USDT-SWAP&limit=500").await;
    assert_eq!(id(&rows), newest[..500]);
    for (row, trade) in rows.iter().zip(truth.iter().rev()) {
        let contracts = trade.size / swap.terms().unwrap().contract_size;
        assert_eq!((decimal(&row["px"]), decimal(&row["sz"]), number(&row["ts"])), (trade.price, contracts, trade.time().ms()));
        assert_eq!(text(&row["side"]) == "buy", trade.taker_is_buyer);
    }
    let path = "market/history-trades?instId=ETH-USDT-SWAP";
    assert_eq!(id(&data(&sim, &format!("{path}&after={}", newest[7])).await), newest[8..108]);
    assert_eq!(id(&data(&sim, &format!("{path}&after={}&before={}", newest[7], newest[12])).await), newest[8..12]);
    let ts = number(&rows[40]["ts"]);
    let older = data(&sim, &format!("{path}&type=2&after={ts}&limit=10")).await;
    assert!(older.iter().all(|row| number(&row["ts"]) < ts));
    let first = truth.iter().rev().find(|trade| trade.time().ms() < ts).unwrap();
    assert_eq!(number(&older[0]["tradeId"]), first.id);
    let refused = get(&sim, &format!("/api/v5/{path}&type=2&before={ts}")).await;
    assert_eq!((refused.status, &refused.json()["code"]), (200, &"50039".into()));
    let old = now.plus_ms(-91 * DAY_MS).ms();
    assert!(data(&sim, &format!("{path}&type=2&after={old}")).await.is_empty());
}

#[tokio::test]
async fn instruments_and_refusals() {
    let sim = start().await;
    let spot = data(&sim, "public/instruments?instType=SPOT").await;
    assert_eq!(spot.len(), 4);
    assert_eq!((text(&spot[0]["baseCcy"]), text(&spot[0]["tickSz"]), text(&spot[0]["ctVal"])), ("BTC", "0.1", ""));
    let swap = data(&sim, "public/instruments?instType=SWAP&instId=BTC-USDT-SWAP").await;
    let of = |name: &str| text(&swap[0][name]);
    assert_eq!(
        [of("ctVal"), of("ctValCcy"), of("settleCcy"), of("lotSz"), of("uly")],
        ["0.01", "BTC", "USDT", "0.01", "BTC-USDT"]
    );
    assert!(data(&sim, "public/instruments?instType=FUTURES").await.is_empty());
    for (path, code) in [
        ("market/candles?instId=NOPE-USDT", "51001"),
        ("market/candles", "50014"),
        ("market/candles?instId=BTC-USDT&bar=1h", "51000"),
        ("market/candles?instId=BTC-USDT&limit=x", "51000"),
        ("public/instruments", "50014"),
        ("public/instruments?instType=STOCK", "51000"),
        ("public/instruments?instType=SPOT&instId=BTC-USDT-SWAP", "51001"),
        ("public/funding-rate?instId=BTC-USDT", "51001"),
    ] {
        let answer = get(&sim, &format!("/api/v5/{path}")).await;
        assert_eq!((answer.status, &answer.json()["code"]), (200, &code.into()), "{path}");
        assert_eq!(answer.json()["data"], json!([]));
    }
    assert_eq!(get(&sim, "/api/v5/market/nothing").await.status, 404);
    assert_eq!(number(&data(&sim, "public/time").await[0]["ts"]), time(NOW).ms());
}

#[tokio::test]
async fn what_is_delisted_vanishes() {
    let gone = markets::okx(1).remove(0).delisted_at(time("2025-06-01"));
    let paused = markets::okx(1).remove(1).halted_at(time("2025-06-01"));
    let sim = Simulation::start(SimConfig { markets: vec![gone, paused], ..config() }).await.unwrap();
    let list = data(&sim, "public/instruments?instType=SPOT").await;
    assert_eq!((list.len(), text(&list[0]["instId"]), text(&list[0]["state"])), (1, "ETH-USDT", "suspend"));
    assert_eq!(get(&sim, "/api/v5/market/candles?instId=BTC-USDT").await.json()["code"], "51001");
    assert_eq!(data(&sim, "market/trades?instId=ETH-USDT&limit=2").await.len(), 2);
}

#[tokio::test]
async fn funding_and_open_interest() {
    let sim = start().await;
    let now = time(NOW);
    let swap = market(&sim, "DOGE-USDT-SWAP");
    let present = data(&sim, "public/funding-rate?instId=DOGE-USDT-SWAP").await;
    assert_eq!(number(&present[0]["fundingTime"]), time("2025-07-01T16:00:00Z").ms());
    assert_eq!(number(&present[0]["nextFundingTime"]) - number(&present[0]["fundingTime"]), 4 * HOUR_MS);
    assert_eq!(data(&sim, "public/funding-rate?instId=ANY").await.len(), 4);
    let truth = swap.funding(TimeRange::new(now.plus_ms(-93 * DAY_MS), now));
    let path = "public/funding-rate-history?instId=DOGE-USDT-SWAP";
    let mut rows = data(&sim, path).await;
    loop {
        let page = data(&sim, &format!("{path}&after={}", text(&rows.last().unwrap()["fundingTime"]))).await;
        if page.is_empty() {
            break;
        }
        rows.extend(page);
    }
    assert_eq!(rows.len(), truth.len(), "three months");
    for (row, truth) in rows.iter().rev().zip(&truth) {
        assert_eq!((number(&row["fundingTime"]), decimal(&row["realizedRate"])), (truth.time.ms(), truth.rate));
    }
    let between = format!("{path}&after={}&before={}", text(&rows[2]["fundingTime"]), text(&rows[6]["fundingTime"]));
    assert_eq!(data(&sim, &between).await, rows[3..6]);

    let moments = swap.open_interest(TimeRange::new(now.plus_ms(-HOUR_MS), now));
    let history = data(&sim, "rubik/stat/contracts/open-interest-history?instId=DOGE-USDT-SWAP&period=5m&limit=12").await;
    for (row, truth) in history.iter().rev().zip(&moments) {
        assert_eq!((number(&row[0]), decimal(&row[2])), (truth.time.ms(), truth.amount));
        assert_eq!(decimal(&row[1]) * Decimal::from(1_000), truth.amount);
    }
    let open = data(&sim, "public/open-interest?instType=SWAP&instId=DOGE-USDT-SWAP").await;
    assert_eq!(open[0]["oiCcy"], history[0][2]);
    assert_eq!(data(&sim, "public/mark-price?instType=SWAP").await.len(), 4);
}

#[tokio::test]
async fn tickers() {
    let sim = start().await;
    let all = data(&sim, "market/tickers?instType=SWAP").await;
    let one = data(&sim, "market/ticker?instId=BTC-USDT-SWAP").await;
    assert_eq!((all.len(), &all[0]), (4, &one[0]));
    assert_eq!(decimal(&one[0]["vol24h"]) * Decimal::new(1, 2), decimal(&one[0]["volCcy24h"]));
}

/// So many within two seconds, each path alone.
#[tokio::test]
async fn windows_are_counted() {
    let sim = start().await;
    let mut refused = None;
    for _ in 0..200 {
        let answer = get(&sim, "/api/v5/public/time").await;
        assert!(answer.header("x-mbx-used-weight").is_none());
        if answer.status != 200 {
            refused = Some(answer);
            break;
        }
    }
    let refused = refused.unwrap();
    assert_eq!((refused.status, refused.json()["code"].as_str()), (429, Some("50011")));
    assert_eq!(get(&sim, "/api/v5/market/ticker?instId=BTC-USDT").await.status, 200);
    let venue_limits = VenueLimits { windows: false, ..VenueLimits::default() };
    let free = Simulation::start(SimConfig { venue_limits, ..config() }).await.unwrap();
    for _ in 0..30 {
        assert_eq!(get(&free, "/api/v5/public/time").await.status, 200);
    }
}
