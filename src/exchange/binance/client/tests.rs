use super::*;
use crate::domain::range::TimeRange;
use crate::exchange::health::{BlockKind, Circuit};
use crate::exchange::http::HttpSettings;
use crate::exchange::test_server::{Server, parameter};
use std::collections::HashMap;
use std::time::Duration;

const ROW: &str = r#"[60000,"2","3","1","2","1",119999,"2",7,"1","1","0"]"#;

fn binance(main: &Server, fallback: Option<&Server>) -> Binance {
    let settings = BinanceSettings {
        rest_url: main.url.clone(),
        fallback_url: fallback.map(|server| server.url.clone()),
        api_key: crate::exchange::secret::Secret::parse("never-sent").ok(),
        ..BinanceSettings::default()
    };
    Binance::new(&settings, Clock::System).unwrap()
}

fn named(native: &str) -> Arc<Instrument> {
    Arc::new(Instrument { native: native.into(), ..crate::domain::instrument::tests::instrument() })
}

fn request() -> CandleRequest {
    CandleRequest {
        instrument: named("币USDT"),
        interval: Interval::M1,
        range: TimeRange::new(Time::from_ms(60_000), Time::from_ms(180_000)),
        lane: Lane::Backfill,
    }
}

#[tokio::test]
async fn a_page_with_its_evidence() {
    let server = Server::start(|_| ("200 OK\r\nX-MBX-USED-WEIGHT-1M: 77".into(), format!("[{ROW}]"))).await;
    let binance = binance(&server, None);
    let before = Clock::System.now();
    let page = binance.candles(request()).await.unwrap();
    let endpoint = "/api/v3/klines?symbol=%E5%B8%81USDT&interval=1m&startTime=60000&endTime=179999&limit=1000";
    assert_eq!(page.endpoint, endpoint);
    assert_eq!(server.paths(), [endpoint]);
    assert!(before <= page.asked_at && page.asked_at <= page.received_at && page.received_at <= Clock::System.now());
    assert_eq!(page.rows.len(), 1);
    let health = binance.health();
    assert_eq!((health.requests, health.in_flight, health.budget_limit, health.fallback), (1, 0, 6_000, false));
    assert!(health.budget_used >= 2 && health.last_ok_at >= Some(before) && health.latency_p95_ms.is_some());
    assert_eq!((health.host.as_str(), health.circuit, health.errors.len()), (server.host(), Circuit::Closed, 0));
}

#[tokio::test]
async fn many_at_once() {
    let server = Server::start(|_| ("200 OK".into(), format!("[{ROW}]"))).await;
    let binance = Arc::new(binance(&server, None));
    let tasks: Vec<_> = (0..48)
        .map(|_| {
            tokio::spawn({
                let binance = Arc::clone(&binance);
                async move { binance.candles(request()).await }
            })
        })
        .collect();
    for task in tasks {
        assert!(task.await.unwrap().is_ok());
    }
    assert_eq!((binance.health().requests, binance.health().in_flight), (48, 0));
}

#[tokio::test]
async fn the_ends_of_history() {
    let check = async |edge: Edge, expected: &str| {
        let server = Server::always("200 OK", "[]").await;
        let page = binance(&server, None).edge_candle(named("BTCUSDT"), Interval::D1, edge).await.unwrap();
        assert_eq!((page.rows, server.paths()), (vec![], vec![expected.to_owned()]));
    };
    check(Edge::First, "/api/v3/klines?symbol=BTCUSDT&interval=1d&startTime=0&limit=1").await;
    check(Edge::Newest, "/api/v3/klines?symbol=BTCUSDT&interval=1d&limit=1").await;
}

#[tokio::test]
async fn an_empty_range_is_never_sent() {
    let server = Server::always("200 OK", "[]").await;
    let range = TimeRange::new(Time::from_ms(60_000), Time::from_ms(60_000));
    let error = binance(&server, None).candles(CandleRequest { range, ..request() }).await.unwrap_err();
    assert!(matches!(error, ExchangeError::BadRequest { .. }));
    assert!(server.paths().is_empty());
}

#[tokio::test]
async fn refusals_are_typed() {
    let server = Server::always("400 Bad Request", r#"{"code":-1121,"msg":"Invalid symbol."}"#).await;
    assert_eq!(binance(&server, None).candles(request()).await, Err(ExchangeError::UnknownSymbol("币USDT".into())));
    let server = Server::always("200 OK", "<html>welcome to the hotel</html>").await;
    let error = binance(&server, None).candles(request()).await.unwrap_err();
    assert!(matches!(error, ExchangeError::Malformed { .. }) && error.is_outage(), "{error:?}");
}

#[tokio::test]
async fn a_429_silences_every_lane() {
    let server = Server::always("429 Too Many\r\nRetry-After: 30", r#"{"code":-1003,"msg":"slow down"}"#).await;
    let binance = binance(&server, None);
    let error = binance.candles(request()).await.unwrap_err();
    assert!(matches!(error, ExchangeError::RateLimited { wait, .. } if wait == Duration::from_millis(30_250)), "{error:?}");
    assert!(matches!(binance.sync_clock().await, Err(ExchangeError::RateLimited { .. })));
    assert_eq!(server.paths().len(), 1);
    let health = binance.health();
    assert_eq!(health.block.map(|block| block.kind), Some(BlockKind::RateLimit));
    assert_eq!(health.errors, [("rate_limited", 1)]);
}

#[tokio::test]
async fn a_refused_region_is_served_by_the_fallback_and_stays_there() {
    let main = Server::always("451 Unavailable", r#"{"code":0,"msg":"restricted location"}"#).await;
    let fallback = Server::start(|_| ("200 OK".into(), format!("[{ROW}]"))).await;
    let binance = binance(&main, Some(&fallback));
    for _ in 0..3 {
        assert_eq!(binance.candles(request()).await.unwrap().rows.len(), 1);
    }
    assert_eq!((main.paths().len(), fallback.paths().len()), (1, 3));
    let health = binance.health();
    assert_eq!((health.host.as_str(), health.fallback), (fallback.host(), true));
    // An hour later the main host is asked again.
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(3_601)).await;
    assert!(!binance.health().fallback);
}

#[tokio::test]
async fn both_hosts_refuse() {
    let main = Server::always("403 Forbidden", "<html><b>Request blocked</b></html>").await;
    let fallback = Server::always("451 Unavailable", r#"{"code":0,"msg":"restricted location"}"#).await;
    let binance = binance(&main, Some(&fallback));
    let error = binance.candles(request()).await.unwrap_err();
    let expected = ExchangeError::Blocked { host: fallback.host().into(), status: 451, message: "restricted location".into() };
    assert_eq!(error, expected);
    assert!(!binance.health().fallback);
    assert_eq!((main.paths().len(), fallback.paths().len()), (1, 1));
}

#[tokio::test]
async fn no_fallback_for_a_host_of_ones_own() {
    let main = Server::always("403 Forbidden", "no").await;
    let error = binance(&main, None).candles(request()).await.unwrap_err();
    assert_eq!(error, ExchangeError::Blocked { host: main.host().into(), status: 403, message: "no".into() });
}

#[tokio::test]
async fn limits_are_learned_from_the_instrument_list() {
    let body = r#"{"rateLimits":[{"rateLimitType":"REQUEST_WEIGHT","interval":"MINUTE","intervalNum":1,"limit":1200}],
        "symbols":[{"symbol":"ABCUSDT","status":"TRADING","baseAsset":"ABC","quoteAsset":"USDT"}]}"#;
    let server = Server::always("200 OK", body).await;
    let binance = binance(&server, None);
    assert_eq!(binance.instruments().await.unwrap().len(), 1);
    assert_eq!(
        (server.paths(), binance.health().budget_limit),
        (vec!["/api/v3/exchangeInfo?showPermissionSets=false".into()], 1_200)
    );
}

#[tokio::test]
async fn the_clock_is_measured() {
    let ahead = 5_000;
    let server =
        Server::start(move |_| ("200 OK".into(), format!(r#"{{"serverTime":{}}}"#, Clock::System.now().plus_ms(ahead).ms())))
            .await;
    let binance = binance(&server, None);
    assert_eq!(binance.health().clock_offset_ms, None);
    let local = Clock::System.now();
    let now = binance.sync_clock().await.unwrap();
    let offset = binance.health().clock_offset_ms.unwrap();
    assert!((offset - ahead).abs() < 1_000, "{offset}");
    assert!(now >= local.plus_ms(offset) && binance.now() >= now);
}

/// Tickers of the symbols in the query; refuses the list where one of them is unknown.
fn ticker_answer(path: &str, known: &HashMap<&str, &str>) -> (String, String) {
    let list = path.split_once("symbols=").unwrap().1.replace("%22", "\"").replace("%5B", "[").replace("%5D", "]");
    let names: Vec<String> = serde_json::from_str(&list.replace("%2C", ",")).unwrap();
    if names.iter().any(|name| !known.contains_key(name.as_str())) {
        return ("400 Bad Request".into(), r#"{"code":-1121,"msg":"Invalid symbol."}"#.into());
    }
    let rows: Vec<String> = names
        .iter()
        .map(|name| {
            format!(
                r#"{{"symbol":"{name}","lastPrice":"{}","openPrice":"1","highPrice":"1","lowPrice":"1","volume":"1","quoteVolume":"1","closeTime":5}}"#,
                known[name.as_str()]
            )
        })
        .collect();
    ("200 OK".into(), format!("[{}]", rows.join(",")))
}

#[tokio::test]
async fn tickers_in_chunks_without_the_unknown() {
    let names: Vec<String> = (0..45).map(|at| format!("S{at}USDT")).collect();
    let known: Vec<String> = names.iter().filter(|name| *name != "S7USDT").cloned().collect();
    let server = Server::start({
        let known = known.clone();
        move |path| ticker_answer(path, &known.iter().map(|name| (name.as_str(), "2.5")).collect())
    })
    .await;
    let binance = binance(&server, None);
    let found: Vec<String> = binance
        .tickers(names.iter().map(|name| named(name)).collect())
        .await
        .unwrap()
        .into_iter()
        .map(|ticker| ticker.native)
        .collect();
    assert_eq!(found, known, "in the asked order");
    assert!(server.paths().len() <= 3 + 2 * 5, "{}", server.paths().len());
    assert_eq!(binance.tickers(vec![named("S7USDT")]).await, Ok(vec![]));
    assert_eq!(binance.tickers(vec![]).await, Ok(vec![]));
}

#[tokio::test]
async fn tickers_fail_with_the_exchange() {
    let server = Server::always("502 Bad Gateway", "").await;
    assert!(matches!(binance(&server, None).tickers(vec![named("A"), named("B")]).await, Err(ExchangeError::Server { .. })));
    assert_eq!(server.paths().len(), 1);
}

#[test]
fn bad_urls_are_refused_at_once() {
    let check = |rest_url: &str, fallback_url: Option<&str>| {
        let settings = BinanceSettings {
            rest_url: rest_url.into(),
            fallback_url: fallback_url.map(Into::into),
            ..BinanceSettings::default()
        };
        let _ = rustls::crypto::ring::default_provider().install_default();
        Binance::new(&settings, Clock::System).err()
    };
    assert_eq!(check("http://api.binance.com", None), Some(UrlError::Plain("api.binance.com".into())));
    assert_eq!(check("https://api.binance.com", Some("https://x/y")), Some(UrlError::MoreThanHost("x".into())));
    assert_eq!(check("https://api.binance.com", None), None);
}

#[tokio::test]
async fn trades_by_time_and_then_by_number() {
    // Trade n at n ms; a page holds a thousand of them.
    let server = Server::start(|path| {
        let number = |name: &str| parameter(path, name).map(|text| text.parse::<i64>().unwrap());
        let first = number("fromId").or(number("startTime")).unwrap();
        let last = number("endTime").unwrap_or(i64::MAX).min(first + number("limit").unwrap() - 1).min(70_500);
        let row = |n: i64| format!(r#"{{"a":{n},"p":"1.5","q":"2","f":{n},"l":{n},"T":{n},"m":false,"M":true}}"#);
        ("200 OK".into(), format!("[{}]", (first..=last).map(row).collect::<Vec<_>>().join(",")))
    })
    .await;
    let binance = binance(&server, None);
    let range = TimeRange::new(Time::from_ms(68_000), Time::from_ms(120_000));
    let (mut cursor, mut ids, mut complete) = (None, Vec::new(), Vec::new());
    loop {
        let request = RowsRequest { instrument: named("BTCUSDT"), range, cursor, lane: Lane::Backfill };
        let page = binance.trades(request).await.unwrap();
        assert_eq!(page.endpoint, *server.paths().last().unwrap());
        ids.extend(page.rows.into_iter().map(|row| row.unwrap().id));
        complete.push((page.complete.from.ms(), page.complete.to.ms()));
        match page.next {
            Some(next) => cursor = Some(next),
            None => break,
        }
    }
    assert_eq!(ids, (68_000..=70_500).collect::<Vec<_>>());
    assert_eq!(complete, [(68_000, 68_999), (68_999, 69_998), (69_998, 120_000)]);
    let path = |place: &str| format!("/api/v3/aggTrades?symbol=BTCUSDT&{place}&limit=1000");
    assert_eq!(server.paths(), [path("startTime=68000&endTime=119999"), path("fromId=68999"), path("fromId=69998")]);
    assert_eq!(binance.health().requests, 3);
}

#[tokio::test]
async fn what_is_served() {
    let server = Server::always("200 OK", "[]").await;
    let binance = binance(&server, None);
    let service = |dataset: Dataset| binance.service(&named("BTCUSDT"), dataset, Interval::M1);
    assert_eq!(service(Dataset::Trades), Ok(Service { reach_ms: None, streams: false }), "a test server has no sockets");
    assert_eq!(service(Dataset::Funding), Err("binance has no funding of BTC/USDT".into()));
    assert!(binance.protocol().is_none());
    assert_eq!(
        (binance.page_limit(Dataset::Trades, Interval::M1), binance.page_limit(Dataset::Candles, Interval::M1)),
        (60, 1_000)
    );
    let real = Binance::new(&BinanceSettings::default(), Clock::System).unwrap();
    assert_eq!(real.service(&named("BTCUSDT"), Dataset::Candles, Interval::M1), Ok(Service { reach_ms: None, streams: true }));
    assert_eq!(real.protocol().unwrap().base_url(), "wss://stream.binance.com:9443");
    let plain = BinanceSettings { ws_url: Some("ws://stream.binance.com".into()), ..BinanceSettings::default() };
    assert_eq!(Binance::new(&plain, Clock::System).unwrap_err(), UrlError::Socket("ws://stream.binance.com".into()));
}

#[tokio::test]
async fn sockets_follow_the_fallback() {
    let main = Server::always("451 Unavailable", r#"{"code":0,"msg":"restricted location"}"#).await;
    let fallback = Server::start(|_| ("200 OK".into(), format!("[{ROW}]"))).await;
    let client = |server: &Server| HttpClient::new(BaseUrl::parse(&server.url).unwrap(), HttpSettings::default()).unwrap();
    let hosts = Arc::new(Hosts::new(client(&main), Some(client(&fallback))));
    let protocol = SpotProtocol::new("wss://main", Some("wss://data"), Arc::clone(&hosts)).unwrap();
    assert_eq!(protocol.base_url(), "wss://main");
    hosts.prefer(hosts.order().1.unwrap());
    assert_eq!(protocol.base_url(), "wss://data");
}
