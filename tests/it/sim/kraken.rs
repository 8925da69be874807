//! Kraken spot.

use super::wire::{NOW, config, faulty, get, time};
use marketdata_tui::domain::interval::Interval;
use marketdata_tui::domain::price::parse_decimal;
use marketdata_tui::domain::range::TimeRange;
use marketdata_tui::domain::time::{DAY_MS, HOUR_MS, MINUTE_MS, Time};
use marketdata_tui::sim::{Fault, FaultRule, Market, SimConfig, Simulation, Venue, VenueLimits};
use serde_json::{Value, json};

async fn unlimited() -> Simulation {
    let venue_limits = VenueLimits { windows: false, ..VenueLimits::default() };
    Simulation::start(SimConfig { venue_limits, ..config() }).await.unwrap()
}

fn market<'a>(sim: &'a Simulation, native: &str) -> &'a Market {
    sim.market_on(Venue::Kraken, native).unwrap()
}

/// `result` of an answer that has to be a success.
async fn result(sim: &Simulation, method: &str) -> Value {
    let answer = get(sim, &format!("/0/public/{method}")).await;
    let body = answer.json();
    assert_eq!((answer.status, &body["error"]), (200, &json!([])), "{method}");
    assert!(answer.header("x-mbx-used-weight").is_none());
    body["result"].clone()
}

fn rows<'a>(result: &'a Value, key: &str) -> &'a [Value] {
    result[key].as_array().unwrap()
}

#[tokio::test]
async fn candles_are_the_newest_and_their_cursor_is_exclusive() {
    let sim = unlimited().await;
    let answer = result(&sim, "OHLC?pair=XBTUSD").await;
    let all = rows(&answer, "XXBTZUSD");
    assert_eq!(all.len(), 721, "720 and the running one");
    let newest = time(NOW).floor_to(MINUTE_MS).ms() / 1_000;
    assert_eq!((all[720][0].as_i64(), answer["last"].as_i64()), (Some(newest), Some(newest - 60)));
    let mut still = 0;
    for row in &all[..720] {
        let open = Time::from_ms(row[0].as_i64().unwrap() * 1_000);
        let truth = market(&sim, "XXBTZUSD").candle(Interval::M1, open).unwrap();
        let decimal = |at: usize| parse_decimal(row[at].as_str().unwrap()).unwrap();
        assert_eq!([1, 2, 3, 4, 6].map(decimal), [truth.open, truth.high, truth.low, truth.close, truth.volume]);
        assert_eq!(row[7].as_i64(), truth.trade_count);
        if row[7] == 0 {
            still += 1;
            assert_eq!((&row[5], &row[6], &row[1]), (&"0.0".into(), &"0.00000000".into(), &row[4]));
        } else {
            assert!(truth.low <= decimal(5) && decimal(5) <= truth.high, "vwap");
        }
    }
    assert!(still > 5, "minutes without trades are rows too");
    let since = all[700][0].as_i64().unwrap();
    let later = result(&sim, &format!("OHLC?pair=XXBTZUSD&interval=1&since={since}")).await;
    assert_eq!(rows(&later, "XXBTZUSD"), &all[701..]);
    let ancient = result(&sim, "OHLC?pair=BTC/USD&since=0").await;
    assert_eq!(rows(&ancient, "BTC/USD").len(), 721, "no further back");
    let polled = result(&sim, &format!("OHLC?pair=XBTUSD&since={}", answer["last"])).await;
    assert_eq!((rows(&polled, "XXBTZUSD").len(), &polled["last"]), (1, &answer["last"]));
    let weeks = result(&sim, "OHLC?pair=XBTUSD&interval=10080").await;
    assert!(rows(&weeks, "XXBTZUSD").iter().all(|row| row[0].as_i64().unwrap() % 604_800 == 0), "weeks open on Thursday");
}

#[tokio::test]
async fn trades_follow_their_cursor_to_the_nanosecond() {
    let sim = unlimited().await;
    let now = time(NOW);
    let bitcoin = market(&sim, "XXBTZUSD");
    let from = now.plus_ms(-3 * HOUR_MS);
    let truth = bitcoin.trades(TimeRange::new(from, now));
    assert!(truth.len() > 2_000, "{}", truth.len());
    let mut found: Vec<Value> = Vec::new();
    let mut since = (from.ms() * 1_000_000 - 1).to_string();
    loop {
        let answer = result(&sim, &format!("Trades?pair=XBTUSD&since={since}")).await;
        let page = rows(&answer, "XXBTZUSD");
        found.extend_from_slice(page);
        if page.len() < 1_000 {
            break;
        }
        assert_ne!(answer["last"], since);
        since = answer["last"].as_str().unwrap().to_owned();
    }
    assert_eq!(found.len(), truth.len());
    for (row, truth) in found.iter().zip(&truth) {
        let decimal = |at: usize| parse_decimal(row[at].as_str().unwrap()).unwrap();
        assert_eq!((decimal(0), decimal(1), row[6].as_i64()), (truth.price, truth.size, Some(truth.id)));
        assert_eq!(row[3] == "b", truth.taker_is_buyer);
        assert!((row[2].as_f64().unwrap() - truth.time_ns as f64 / 1e9).abs() < 1e-6 && row.as_array().unwrap().len() == 7);
    }
    let newest = result(&sim, "Trades?pair=XBTUSD&count=5").await;
    assert_eq!(rows(&newest, "XXBTZUSD"), &found[found.len() - 5..]);
    let first = result(&sim, "Trades?pair=XBTUSD&since=0&count=1").await;
    assert_eq!(first["XXBTZUSD"][0][6], 0, "back to the first of all");
    let end = result(&sim, &format!("Trades?pair=XBTUSD&since={}", newest["last"].as_str().unwrap())).await;
    assert_eq!((rows(&end, "XXBTZUSD").len(), &end["last"]), (0, &newest["last"]));
}

#[tokio::test]
async fn names_of_assets_and_pairs() {
    let sim = unlimited().await;
    let pairs = result(&sim, "AssetPairs").await;
    assert_eq!(pairs.as_object().unwrap().len(), 6);
    let bitcoin = &pairs["XXBTZUSD"];
    assert_eq!(
        (&bitcoin["altname"], &bitcoin["wsname"], &bitcoin["base"]),
        (&"XBTUSD".into(), &"XBT/USD".into(), &"XXBT".into())
    );
    assert_eq!(
        (&bitcoin["pair_decimals"], &bitcoin["tick_size"], &bitcoin["status"]),
        (&1.into(), &"0.1".into(), &"online".into())
    );
    assert_eq!(pairs["XDGUSD"]["wsname"], "XDG/USD");
    assert_eq!(result(&sim, "AssetPairs?pair=XBTUSDT,OUTEUR").await.as_object().unwrap().len(), 2);
    let assets = result(&sim, "Assets").await;
    assert_eq!((&assets["XXBT"]["altname"], &assets["ZUSD"]["decimals"]), (&"XBT".into(), &4.into()));
    assert_eq!(result(&sim, "Time").await["unixtime"], time(NOW).ms() / 1_000);
    assert_eq!(result(&sim, "Time").await["rfc1123"], "Tue, 01 Jul 25 12:34:30 +0000");
    assert_eq!(result(&sim, "SystemStatus").await, json!({"status": "online", "timestamp": "2025-07-01T12:34:30Z"}));
    for (method, expected) in [
        ("OHLC?pair=NOPE", "EQuery:Unknown asset pair"),
        ("OHLC?pair=XBT/USD", "EQuery:Unknown asset pair"),
        ("OHLC", "EGeneral:Invalid arguments"),
        ("OHLC?pair=XBTUSD&interval=2", "EGeneral:Invalid arguments"),
        ("Trades?pair=XBTUSD&count=1001", "EGeneral:Invalid arguments"),
        ("Assets?asset=NOPE", "EQuery:Unknown asset"),
    ] {
        let answer = get(&sim, &format!("/0/public/{method}")).await;
        assert_eq!((answer.status, &answer.json()["error"]), (200, &json!([expected])), "{method}");
    }
}

#[tokio::test]
async fn the_ticker_knows_today_and_the_last_day() {
    let sim = unlimited().await;
    let ticker = &result(&sim, "Ticker?pair=XBTUSD").await["XXBTZUSD"];
    let today = market(&sim, "XXBTZUSD").candle(Interval::D1, time(NOW).floor_to(DAY_MS)).unwrap();
    assert_eq!(parse_decimal(ticker["o"].as_str().unwrap()).unwrap(), today.open);
    let decimal = |name: &str, at: usize| parse_decimal(ticker[name][at].as_str().unwrap()).unwrap();
    assert!(decimal("v", 0) < decimal("v", 1) && decimal("l", 1) <= decimal("l", 0) && decimal("h", 0) <= decimal("h", 1));
    assert!(decimal("b", 0) < decimal("c", 0) && decimal("c", 0) < decimal("a", 0));
    assert_eq!(result(&sim, "Ticker").await.as_object().unwrap().len(), 6);
}

/// About one call a second for each pair; the refusal has status 200.
#[tokio::test]
async fn calls_are_counted_for_each_pair() {
    let sim = Simulation::start(config()).await.unwrap();
    let error = async |target: &str| get(&sim, target).await.json()["error"].clone();
    let mut calls = 1;
    while error("/0/public/OHLC?pair=XBTUSD").await != json!(["EAPI:Rate limit exceeded"]) {
        calls += 1;
        assert!(calls < 200);
    }
    assert_eq!(error("/0/public/OHLC?pair=ETHUSD").await, json!([]));
    assert_eq!(error("/0/public/Trades?pair=XBTUSD").await, json!([]));
    assert_eq!(sim.request_count("/0/public/OHLC"), calls + 1);
}

#[tokio::test]
async fn faults_speak_the_exchanges_language() {
    let check = async |fault: Fault, expected: Value| {
        let sim = faulty(FaultRule::always(fault).on("/0/public/OHLC")).await;
        let answer = get(&sim, "/0/public/OHLC?pair=XBTUSD").await;
        assert_eq!((answer.status, answer.json()), (200, expected));
    };
    check(Fault::TooManyRequests { retry_after: Some(1) }, json!({"error": ["EAPI:Rate limit exceeded"]})).await;
    check(Fault::ServerError { status: 503 }, json!({"error": ["EService:Unavailable"]})).await;
    let sim = faulty("null-cells on /0/public/OHLC".parse().unwrap()).await;
    let answer = get(&sim, "/0/public/OHLC?pair=XBTUSD").await.json();
    let rows = answer["result"]["XXBTZUSD"].as_array().unwrap();
    assert_eq!(rows.iter().filter(|row| row[4].is_null()).count(), 1);
    let okx = faulty("dropped-rows on /api/v5/market/candles".parse().unwrap()).await;
    assert_eq!(get(&okx, "/api/v5/market/candles?instId=BTC-USDT").await.json()["data"].as_array().unwrap().len(), 99);
    let okx = faulty("503 on /api/v5".parse().unwrap()).await;
    let answer = get(&okx, "/api/v5/public/time").await;
    assert_eq!((answer.status, &answer.json()["code"]), (503, &"50001".into()));
}
