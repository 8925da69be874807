//! The simulated exchange over raw TCP: its protocol, its limits and each of its faults.

mod faults;
mod recorded;
mod streams;
mod wire;

use marketdata_tui::domain::candle::Candle;
use marketdata_tui::domain::interval::Interval;
use marketdata_tui::domain::price::parse_decimal;
use marketdata_tui::domain::range::TimeRange;
use marketdata_tui::sim::{Limits, SimConfig, Simulation, markets};
use std::io::Read as _;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use wire::{NOW, candle, config, get, opens, start, time};

#[tokio::test]
async fn pages_hold_what_the_market_says() {
    let sim = start().await;
    let range = TimeRange::new(time("2025-06-30"), time("2025-06-30T16:40:00Z"));
    for market in ["BTCUSDT", "PEPEUSDT", "QUIETUSDT", "ETHBTC"] {
        for interval in [Interval::M1, Interval::M5] {
            let (from, last) = (range.from.ms(), range.to.ms() - 1);
            let name = interval.name();
            let target = format!("/api/v3/klines?symbol={market}&interval={name}&startTime={from}&endTime={last}&limit=1000");
            let page = get(&sim, &target).await;
            let candles: Vec<Candle> = page.rows().iter().map(candle).collect();
            assert_eq!(candles, sim.market(market).unwrap().candles(interval, range), "{market} {name}");
            assert_eq!(candles.len(), if interval == Interval::M1 { 1_000 } else { 200 });
            for row in page.rows() {
                assert_eq!(row.as_array().unwrap().len(), 12);
                assert_eq!(row[6].as_i64().unwrap(), row[0].as_i64().unwrap() + interval.ms() - 1);
                assert_eq!(row[11], "0");
                assert_eq!(row[5].as_str().unwrap().split_once('.').unwrap().1.len(), 8);
            }
        }
    }
}

#[tokio::test]
async fn windows_follow_the_exchange() {
    let sim = start().await;
    let minute = time("2025-07-01T12:34:00Z").ms();
    let check = async |query: &str, expected: &[i64]| {
        let page = get(&sim, &format!("/api/v3/klines?symbol=BTCUSDT&interval=1m{query}")).await;
        let expected: Vec<i64> = expected.iter().map(|at| minute + at * 60_000).collect();
        assert_eq!(opens(&page), expected, "{query}");
    };
    check("&limit=2", &[-1, 0]).await;
    check(&format!("&limit=2&endTime={}", minute - 60_000), &[-2, -1]).await;
    check(&format!("&limit=2&endTime={}", minute - 60_001), &[-3, -2]).await;
    check(&format!("&startTime={}", minute - 60_000), &[-1, 0]).await;
    check(&format!("&startTime={}", minute - 59_999), &[0]).await;
    check(&format!("&startTime={}&endTime={}", minute - 180_000, minute - 120_000), &[-3, -2]).await;
    check(&format!("&startTime={}", minute + 1), &[]).await;
    check(&format!("&startTime={minute}&endTime={}", minute - 60_000), &[]).await;
    let default = get(&sim, "/api/v3/klines?symbol=BTCUSDT&interval=1h").await;
    assert_eq!(default.rows().len(), 500);
    let most = get(&sim, "/api/v3/klines?symbol=BTCUSDT&interval=1h&limit=5000").await;
    assert_eq!(most.rows().len(), 1_000);
    let listing = get(&sim, "/api/v3/klines?symbol=BTCUSDT&interval=1m&startTime=0&limit=1").await;
    assert_eq!(opens(&listing), [time("2017-08-17T04:00:00Z").ms()]);
    let delisted = get(&sim, "/api/v3/klines?symbol=LUNAUSDT&interval=1m&limit=1").await;
    assert_eq!(opens(&delisted), [time("2022-05-13T00:39:00Z").ms()]);
    for (interval, open) in [("1w", "2025-06-30"), ("1M", "2025-07-01"), ("3d", "2025-06-29")] {
        let page = get(&sim, &format!("/api/v3/klines?symbol=BTCUSDT&interval={interval}&limit=1")).await;
        assert_eq!(opens(&page), [time(open).ms()], "{interval}");
    }
}

#[tokio::test]
async fn the_forming_candle_grows_with_the_clock() {
    let sim = start().await;
    let target = "/api/v3/klines?symbol=BTCUSDT&interval=1m&limit=1";
    let half = candle(&get(&sim, target).await.rows()[0]);
    sim.advance_clock(20_000);
    let more = candle(&get(&sim, target).await.rows()[0]);
    assert_eq!(half.open_time, more.open_time);
    assert!(half.volume < more.volume && half.high <= more.high && half.low >= more.low);
    sim.advance_clock(10_000);
    let rows = get(&sim, "/api/v3/klines?symbol=BTCUSDT&interval=1m&limit=2").await.rows();
    assert_eq!(Some(candle(&rows[0])), sim.market("BTCUSDT").unwrap().candle(Interval::M1, half.open_time));
    assert_eq!(rows[1][8], 0, "a minute that has just begun has no trade");
}

#[tokio::test]
async fn refusals_are_the_exchanges_own() {
    let sim = start().await;
    let check = async |target: &str, code: i64, message: &str| {
        let refusal = get(&sim, target).await;
        assert_eq!(refusal.status, 400, "{target}");
        assert_eq!(refusal.json(), serde_json::json!({"code": code, "msg": message}), "{target}");
    };
    let klines = "/api/v3/klines?";
    let number = |name: &str| format!("Illegal characters found in parameter '{name}'; legal range is '^[0-9]{{1,20}}$'.");
    check(&format!("{klines}symbol=NOPE&interval=1m"), -1121, "Invalid symbol.").await;
    check(&format!("{klines}symbol=BTCUSDT&interval=7m"), -1120, "Invalid interval.").await;
    let illegal = "Illegal characters found in parameter 'symbol'; legal range is '^[A-Z0-9-_.]{1,20}$'.";
    check(&format!("{klines}symbol=btcusdt&interval=1m"), -1100, illegal).await;
    let missing = "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed.";
    check(&format!("{klines}interval=1m"), -1102, missing).await;
    check(&format!("{klines}symbol=&interval=1m"), -1105, "Parameter 'symbol' was empty.").await;
    check(&format!("{klines}symbol=BTCUSDT&interval=1m&limit=x"), -1100, &number("limit")).await;
    check(&format!("{klines}symbol=BTCUSDT&interval=1m&startTime=-5"), -1100, &number("startTime")).await;
    check(&format!("{klines}symbol=BTCUSDT&interval=1m&limit=0"), -1130, "Data sent for parameter 'limit' is not valid.").await;
    let zone = "Data sent for parameter 'timeZone' is not valid.";
    check(&format!("{klines}symbol=BTCUSDT&interval=1m&timeZone=8"), -1130, zone).await;
    let unread = "Not all sent parameters were read; read '2' parameter(s) but was sent '3'.";
    check(&format!("{klines}symbol=BTCUSDT&interval=1m&since=5"), -1104, unread).await;
    let both = "Combination of optional parameters invalid.";
    check("/api/v3/exchangeInfo?symbol=BTCUSDT&symbols=%5B%22BTCUSDT%22%5D", -1128, both).await;
    check("/api/v3/exchangeInfo?symbols=%5B%22BTCUSDT%22,%22NOPE%22%5D", -1121, "Invalid symbol.").await;
    let twice = "Symbol is present multiple times in the list.";
    check("/api/v3/ticker/price?symbols=%5B%22BTCUSDT%22,%22BTCUSDT%22%5D", -1151, twice).await;
    check("/api/v3/ticker/24hr?symbolStatus=OPEN", -1122, "Invalid symbolStatus.").await;
    let mismatch = "The symbol's status does not match the requested symbolStatus 'BREAK'.";
    check("/api/v3/ticker/24hr?symbol=BTCUSDT&symbolStatus=BREAK", -1220, mismatch).await;
    for unknown in ["/api/v3/nothing", "/", "/api/v1/klines"] {
        assert_eq!(get(&sim, unknown).await.status, 404);
    }
}

#[tokio::test]
async fn the_list_of_markets() {
    let sim = start().await;
    let info = get(&sim, "/api/v3/exchangeInfo").await.json();
    assert_eq!(info["serverTime"], time(NOW).ms());
    assert_eq!(info["rateLimits"][0]["limit"], 6_000);
    let symbols = info["symbols"].as_array().unwrap();
    assert_eq!(symbols.len(), markets::demo(1).len());
    let find = |native: &str| symbols.iter().find(|symbol| symbol["symbol"] == native).unwrap();
    assert_eq!(find("BTCUSDT")["filters"][0]["tickSize"], "0.01000000");
    assert_eq!(find("BTCUSDT")["filters"][1]["stepSize"], "0.00001000");
    assert_eq!(find("PEPEUSDT")["filters"][0]["tickSize"], "0.00000001");
    assert_eq!((&find("LUNAUSDT")["status"], &find("PAUSEUSDT")["status"]), (&"BREAK".into(), &"HALT".into()));
    let count =
        async |query: &str| get(&sim, &format!("/api/v3/exchangeInfo?{query}")).await.json()["symbols"].as_array().unwrap().len();
    assert_eq!(count("symbol=BTCUSDT").await, 1);
    assert_eq!(count("symbols=%5B%22BTCUSDT%22,%22ETHBTC%22%5D").await, 2);
    assert_eq!(count("symbolStatus=BREAK").await, 1);
    assert_eq!(count("permissions=SPOT&showPermissionSets=false").await, symbols.len());
    assert_eq!(count("permissions=MARGIN").await, 0);
    sim.set_clock(time("2018-01-01"));
    assert_eq!(count("").await, 4, "later listings are not known yet");
}

#[tokio::test]
async fn tickers() {
    let sim = start().await;
    let one = get(&sim, "/api/v3/ticker/24hr?symbol=BTCUSDT").await.json();
    let day = sim.market("BTCUSDT").unwrap().candles(Interval::M1, TimeRange::new(time("2025-06-30T12:35:00Z"), time(NOW)));
    let high = day.iter().map(|candle| candle.high).max().unwrap();
    assert!(parse_decimal(one["highPrice"].as_str().unwrap()).unwrap() <= high);
    let last = get(&sim, "/api/v3/klines?symbol=BTCUSDT&interval=1m&limit=1").await.rows()[0][4].clone();
    assert_eq!(one["lastPrice"], last);
    assert_eq!(get(&sim, "/api/v3/ticker/price?symbol=BTCUSDT").await.json()["price"], last);
    assert!(get(&sim, "/api/v3/ticker/bookTicker?symbol=BTCUSDT").await.json()["bidPrice"].is_string());
    let (first, last) = (one["firstId"].as_i64().unwrap(), one["lastId"].as_i64().unwrap());
    assert_eq!(one["count"].as_i64().unwrap(), last - first + 1);
    let two = get(&sim, "/api/v3/ticker/24hr?symbols=%5B%22BTCUSDT%22,%22LUNAUSDT%22%5D&type=MINI").await.json();
    assert_eq!(two[1]["volume"], "0.00000000");
    assert!(two[0].get("weightedAvgPrice").is_none());
    assert_eq!(get(&sim, "/api/v3/ticker/24hr").await.json().as_array().unwrap().len(), markets::demo(1).len());
}

#[tokio::test]
async fn weights_are_counted_and_enforced() {
    let limits = Limits { weight_per_minute: 150, refusals_before_ban: 1, first_ban: Duration::from_secs(120) };
    let sim = Simulation::start(SimConfig { limits, ..config() }).await.unwrap();
    let mut used = 0;
    for (target, weight) in [
        ("/api/v3/ping", 1),
        ("/api/v3/time", 1),
        ("/api/v3/exchangeInfo?symbol=BTCUSDT", 20),
        ("/api/v3/klines?symbol=BTCUSDT&interval=1m&limit=1000", 2),
        ("/api/v3/ticker/24hr?symbol=BTCUSDT", 2),
        ("/api/v3/ticker/24hr", 80),
        ("/api/v3/ticker/price", 4),
        ("/api/v3/ticker/price?symbol=BTCUSDT", 2),
    ] {
        used += weight;
        let answer = get(&sim, target).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("x-mbx-used-weight-1m"), Some(used.to_string().as_str()), "{target}");
        assert_eq!(answer.header("x-mbx-used-weight"), answer.header("x-mbx-used-weight-1m"));
    }
    let refused = get(&sim, "/api/v3/ticker/24hr").await;
    assert_eq!((refused.status, &refused.json()["code"]), (429, &(-1003).into()));
    let retry_after: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&retry_after));
    let banned = get(&sim, "/api/v3/ping").await;
    assert_eq!((banned.status, banned.header("retry-after")), (418, Some("120")));
    let until = format!("IP banned until {}.", time(NOW).ms() + 120_000);
    assert!(banned.json()["msg"].as_str().unwrap().contains(&until));
    let log = sim.requests();
    assert_eq!(log.iter().map(|request| request.status).filter(|status| *status == 200).count(), 8);
    assert_eq!((log[3].path(), log[3].param("symbol"), log[3].weight), ("/api/v3/klines", Some("BTCUSDT"), 2));
    assert_eq!(sim.request_count("/api/v3/ticker/24hr"), 3);
}

#[tokio::test]
async fn connections_are_kept_and_pipelined() {
    let sim = start().await;
    let mut stream = TcpStream::connect(sim.address()).await.unwrap();
    let one = "GET /api/v3/ping HTTP/1.1\r\nHost: x\r\n\r\n";
    stream.write_all(format!("{one}{one}").as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    while bytes.windows(6).filter(|six| *six == b"\r\n\r\n{}").count() < 2 {
        assert!(timeout(Duration::from_secs(5), stream.read_buf(&mut bytes)).await.unwrap().unwrap() > 0);
    }
    stream.write_all(b"nonsense\r\n\r\n").await.unwrap();
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).await.unwrap();
    assert!(rest.starts_with(b"HTTP/1.1 400"));
    let address = sim.address();
    sim.stop().await;
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn gzip_where_asked() {
    let sim = Simulation::start(SimConfig { gzip: true, ..config() }).await.unwrap();
    let target = "/api/v3/klines?symbol=BTCUSDT&interval=1m&limit=100";
    let packed = get(&sim, target).await;
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
    let mut plain = Vec::new();
    flate2::read::GzDecoder::new(packed.body.as_slice()).read_to_end(&mut plain).unwrap();
    assert_eq!(plain, get(&start().await, target).await.body);
    assert!(packed.body.len() < plain.len() / 2);
}

/// Prints what a page costs; the bound is loose because debug builds and shared machines are slow.
#[tokio::test]
async fn a_page_is_cheap() {
    let limits = Limits { weight_per_minute: u32::MAX, ..Limits::default() };
    let sim = Simulation::start(SimConfig { limits, ..config() }).await.unwrap();
    let mut stream = TcpStream::connect(sim.address()).await.unwrap();
    let pages = if cfg!(debug_assertions) { 20 } else { 2_000 };
    let mut buffer = Vec::with_capacity(1 << 20);
    let before = std::time::Instant::now();
    for page in 0..pages {
        let from = time("2024-01-01").ms() + page * 60_000_000;
        let head = format!("GET /api/v3/klines?symbol=BTCUSDT&interval=1m&startTime={from}&limit=1000 HTTP/1.1\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        buffer.clear();
        while !buffer.ends_with(b"]]") {
            assert!(stream.read_buf(&mut buffer).await.unwrap() > 0);
        }
    }
    let each = before.elapsed() / u32::try_from(pages).unwrap();
    println!("{} bytes a page, {each:?} from request to last byte", buffer.len());
    assert!(each < Duration::from_millis(100), "{each:?}");
}
