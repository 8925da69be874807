//! The simulated exchange over raw TCP: its protocol, its limits and each of its faults.

use marketdata_tui::domain::candle::Candle;
use marketdata_tui::domain::interval::Interval;
use marketdata_tui::domain::price::parse_decimal;
use marketdata_tui::domain::range::TimeRange;
use marketdata_tui::domain::time::Time;
use marketdata_tui::sim::{Fault, FaultRule, Limits, Market, SimClock, SimConfig, Simulation, When};
use serde_json::Value;
use std::io::{ErrorKind, Read as _};
use std::path::PathBuf;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

const NOW: &str = "2025-07-01T12:34:30Z";

fn time(text: &str) -> Time {
    Time::parse(text, Time::EPOCH).unwrap()
}

fn config() -> SimConfig {
    SimConfig { clock: SimClock::From { at: time(NOW), speed: 0.0 }, ..SimConfig::default() }
}

async fn start() -> Simulation {
    Simulation::start(config()).await.unwrap()
}

async fn faulty(rule: FaultRule) -> Simulation {
    Simulation::start(SimConfig { faults: vec![rule], ..config() }).await.unwrap()
}

/// A parsed answer.
struct Answer {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().filter_map(|line| line.split_once(": ")).find(|(given, _)| *given == name).map(|(_, value)| value)
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.body)))
    }

    fn rows(&self) -> Vec<Value> {
        self.json().as_array().unwrap().clone()
    }
}

/// Everything the server sends to one request until it closes.
async fn raw(sim: &Simulation, target: &str) -> std::io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(sim.address()).await?;
    let head = format!("GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAccept-Encoding: gzip\r\n\r\n");
    stream.write_all(head.as_bytes()).await?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await?;
    Ok(bytes)
}

fn answer(bytes: &[u8]) -> Answer {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let status = head[9..12].parse().unwrap();
    Answer { status, head, body: bytes[end + 4..].to_vec() }
}

async fn get(sim: &Simulation, target: &str) -> Answer {
    answer(&raw(sim, target).await.unwrap())
}

/// A row of the answer as the recorder's candle.
fn candle(row: &Value) -> Candle {
    let decimal = |column: usize| parse_decimal(row[column].as_str().unwrap()).unwrap();
    Candle {
        open_time: Time::from_ms(row[0].as_i64().unwrap()),
        open: decimal(1),
        high: decimal(2),
        low: decimal(3),
        close: decimal(4),
        volume: decimal(5),
        quote_volume: Some(decimal(7)),
        trade_count: row[8].as_i64(),
        taker_buy_volume: Some(decimal(9)),
        taker_buy_quote_volume: Some(decimal(10)),
    }
}

fn opens(answer: &Answer) -> Vec<i64> {
    answer.rows().iter().map(|row| row[0].as_i64().unwrap()).collect()
}

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
    assert_eq!(symbols.len(), sim.markets().len());
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
    assert_eq!(get(&sim, "/api/v3/ticker/24hr").await.json().as_array().unwrap().len(), sim.markets().len());
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

#[tokio::test]
async fn every_fault_is_seen() {
    let target = "/api/v3/klines?symbol=BTCUSDT&interval=1m&startTime=1751328000000&limit=20";
    let good = get(&start().await, target).await;
    for fault in Fault::ALL {
        // Sizes and times that a test can wait for.
        let fault = match fault {
            Fault::HugeBody { .. } => Fault::HugeBody { bytes: 1_000_000 },
            Fault::Latency { .. } => Fault::Latency { ms: 60 },
            Fault::SlowDrip { .. } => Fault::SlowDrip { bytes: 400, ms: 5 },
            fault => fault,
        };
        let sim = faulty(FaultRule::always(fault)).await;
        let before = std::time::Instant::now();
        let patience = if fault == Fault::Stall { Duration::from_millis(150) } else { Duration::from_secs(10) };
        let path = if matches!(fault, Fault::ClockSkew { .. }) { "/api/v3/time" } else { target };
        let got = timeout(patience, raw(&sim, path)).await;
        assert_eq!(sim.requests().last().unwrap().fault.as_deref(), Some(fault.to_string().as_str()));
        let Ok(got) = got else {
            assert_eq!(fault, Fault::Stall);
            continue;
        };
        match fault {
            Fault::Reset => assert_eq!(got.unwrap_err().kind(), ErrorKind::ConnectionReset),
            Fault::Close => assert_eq!(got.unwrap(), b""),
            _ => seen(fault, &answer(&got.unwrap()), &good, before.elapsed()),
        }
    }
}

/// Holds one struck answer against the good one.
fn seen(fault: Fault, bad: &Answer, good: &Answer, elapsed: Duration) {
    let length: usize = bad.header("content-length").unwrap().parse().unwrap();
    let sent = bad.body.len();
    let rows = || bad.rows();
    let differing = || rows().iter().zip(good.rows()).filter(|(bad, good)| *bad != good).count();
    match fault {
        Fault::Latency { ms } => assert!(elapsed >= Duration::from_millis(ms) && bad.body == good.body),
        Fault::TooManyRequests { .. } => assert_eq!((bad.status, bad.header("retry-after")), (429, Some("1"))),
        Fault::Banned { .. } => {
            assert_eq!((bad.status, bad.header("retry-after")), (418, Some("120")));
            assert!(bad.json()["msg"].as_str().unwrap().contains("IP banned until 1751373390000."));
        }
        Fault::Firewall => assert!(bad.status == 403 && bad.header("content-type") == Some("text/html")),
        Fault::Restricted => assert_eq!((bad.status, &bad.json()["code"]), (451, &0.into())),
        Fault::ServerError { status } => assert_eq!(bad.status, status),
        Fault::Html => assert!(bad.status == 200 && bad.body.starts_with(b"<html>")),
        Fault::TruncatedJson => {
            assert_eq!(length, sent);
            assert!(serde_json::from_slice::<Value>(&bad.body).is_err());
        }
        Fault::CutBody => assert!(sent < length && good.body.starts_with(&bad.body)),
        Fault::WrongLength => assert!(length < sent && bad.body == good.body),
        Fault::SlowDrip { .. } => assert!(elapsed > Duration::from_millis(20) && bad.body == good.body),
        Fault::HugeBody { bytes } => assert_eq!((sent, length), (bytes as usize, bytes as usize)),
        Fault::BadGzip => {
            assert_eq!(bad.header("content-encoding"), Some("gzip"));
            assert!(flate2::read::GzDecoder::new(bad.body.as_slice()).read_to_end(&mut Vec::new()).is_err());
        }
        Fault::Empty => assert_eq!(bad.body, b"[]"),
        Fault::DuplicateRows => assert!(rows().len() == 21 && rows().windows(2).any(|pair| pair[0] == pair[1])),
        Fault::ConflictingDuplicate => {
            assert!(rows().windows(2).any(|pair| pair[0][0] == pair[1][0] && pair[0][4] != pair[1][4]));
            assert!(rows().iter().all(|row| candle(row).check().is_ok()));
        }
        Fault::Reordered => assert!(opens(bad).is_sorted_by(|a, b| a > b)),
        Fault::DroppedRows => assert_eq!(rows().len(), 19),
        Fault::ShiftedRows { ms } => assert_eq!(opens(bad)[0], opens(good)[0] + ms.unwrap_or(60_000)),
        Fault::OffGrid => assert_eq!(opens(bad).iter().filter(|open| *open % 60_000 != 0).count(), 1),
        Fault::NullCells => assert!(rows()[10][4].is_null() && differing() == 1),
        Fault::NegativePrice => assert!(rows()[10][3].as_str().unwrap().starts_with('-') && differing() == 1),
        Fault::InvertedHighLow => assert!(candle(&rows()[10]).check().is_err() && differing() == 1),
        Fault::OverflowingNumber => assert!(parse_decimal(rows()[10][5].as_str().unwrap()).is_err()),
        Fault::RevisedRow => assert!(candle(&rows()[10]).check().is_ok() && differing() == 1),
        Fault::ClockSkew { ms } => assert_eq!(bad.json()["serverTime"], time(NOW).ms() + ms),
        Fault::Reset | Fault::Close | Fault::Stall => panic!("{fault} sends no answer"),
    }
}

#[tokio::test]
async fn rules_strike_when_they_say() {
    let at = Time::from_ms(1_751_328_300_000);
    let sim = faulty(FaultRule::always(Fault::DroppedRows).when(When::At(at)).times(1)).await;
    let page = async |start: i64| {
        let target = format!("/api/v3/klines?symbol=BTCUSDT&interval=1m&startTime={start}&limit=5");
        opens(&get(&sim, &target).await)
    };
    assert_eq!(page(at.ms() - 600_000).await.len(), 5, "does not hold the time");
    let struck = page(at.ms() - 60_000).await;
    assert!(struck.len() == 4 && !struck.contains(&at.ms()));
    assert_eq!(page(at.ms() - 60_000).await.len(), 5, "only once");
    sim.set_faults(vec!["503 every 2".parse().unwrap()]);
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(get(&sim, "/api/v3/klines?symbol=BTCUSDT&interval=1m&limit=1").await.status);
    }
    assert_eq!(statuses, [200, 503, 200, 503]);
}

#[tokio::test]
async fn the_log_file_is_written_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("requests.jsonl");
    let faults = vec!["429 retry-after=2 first 1".parse().unwrap()];
    let sim = Simulation::start(SimConfig { log_file: Some(file.clone()), faults, ..config() }).await.unwrap();
    for _ in 0..2 {
        get(&sim, "/api/v3/klines?symbol=BTCUSDT&interval=1m&limit=1").await;
    }
    let lines: Vec<Value> =
        std::fs::read_to_string(file).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&lines[0]["status"], &lines[0]["fault"]), (&429.into(), &"429 retry-after=2".into()));
    assert_eq!((&lines[1]["status"], &lines[1]["fault"], &lines[1]["used_weight"]), (&200.into(), &Value::Null, &4.into()));
}

/// A file of the shared recordings, where they are.
fn shared(file: &str) -> Option<PathBuf> {
    let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data")).join(file);
    if !path.exists() {
        println!("skipped: {} is absent", path.display());
    }
    path.exists().then_some(path)
}

async fn serving(market: Market) -> Simulation {
    let at = market.recorded_until().unwrap();
    let clock = SimClock::From { at, speed: 0.0 };
    Simulation::start(SimConfig { clock, markets: vec![market], ..SimConfig::default() }).await.unwrap()
}

#[tokio::test]
async fn recorded_outages_are_served_as_they_are() {
    let Some(file) = shared("outages/binance_spot_BTCUSDT_1h_20170817-20240101.as_recorded.csv.gz") else { return };
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
    let Some(minutes) = shared("binance/binance_spot_BTCUSDT_1m_20250520-20250818.csv.gz") else { return };
    let Some(fives) = shared("binance/binance_spot_BTCUSDT_5m_20250520-20250818.csv.gz") else { return };
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
