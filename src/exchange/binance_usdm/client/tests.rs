use super::*;
use crate::domain::instrument::Contract;
use crate::domain::instrument::tests::instrument;
use crate::domain::price::Decimal;
use crate::domain::range::TimeRange;
use crate::exchange::port::Cursor;
use crate::exchange::test_server::{Server, parameter};

/// A minute on the grid, in 2026.
const START: i64 = 1_786_816_800_000;
const MINUTE: i64 = 60_000;

fn usdm(server: &Server) -> BinanceUsdm {
    BinanceUsdm::new(&UsdmSettings { rest_url: server.url.clone(), ..UsdmSettings::default() }, Clock::System).unwrap()
}

fn named(native: &str) -> Arc<Instrument> {
    let kind = InstrumentKind::Perpetual { settle: "USDT".into(), contract: Contract::Base(Decimal::ONE) };
    Arc::new(Instrument { exchange: ExchangeId::BinanceUsdm, native: native.into(), kind, ..instrument() })
}

fn span(minutes: i64) -> TimeRange {
    TimeRange::new(Time::from_ms(START), Time::from_ms(START + minutes * MINUTE))
}

fn rows_request(range: TimeRange, cursor: Option<Cursor>) -> RowsRequest {
    RowsRequest { instrument: named("BTCUSDT"), range, cursor, lane: Lane::Backfill }
}

fn candles_request(range: TimeRange) -> CandleRequest {
    CandleRequest { instrument: named("BTCUSDT"), interval: Interval::M1, range, lane: Lane::Backfill }
}

fn ok(body: String) -> (String, String) {
    ("200 OK".into(), body)
}

/// A list of what `row` makes of every `step_ms` of the asked times, up to the limit: the oldest first.
fn list(path: &str, step_ms: i64, row: impl Fn(i64) -> String) -> (String, String) {
    let number = |name: &str| parameter(path, name).unwrap().parse::<i64>().unwrap();
    let first = (number("startTime") + step_ms - 1).div_euclid(step_ms) * step_ms;
    let times = (first..=number("endTime")).step_by(usize::try_from(step_ms).unwrap());
    ok(format!("[{}]", times.take(usize::try_from(number("limit")).unwrap()).map(row).collect::<Vec<_>>().join(",")))
}

#[tokio::test]
async fn candles_ask_for_no_more_than_they_need() {
    let server = Server::start(|path| {
        list(path, MINUTE, |at| format!(r#"[{at},"2","3","1","2","1",{},"2",7,"1","1","0"]"#, at + MINUTE - 1))
    })
    .await;
    let usdm = usdm(&server);
    for minutes in [3, 499] {
        assert_eq!(usdm.candles(candles_request(span(minutes))).await.unwrap().rows.len() as i64, minutes);
    }
    let path = |minutes: i64| {
        let end = START + minutes * MINUTE - 1;
        format!("/fapi/v1/klines?symbol=BTCUSDT&interval=1m&startTime={START}&endTime={end}&limit={minutes}")
    };
    assert_eq!(server.paths(), [path(3), path(499)]);
    assert!(usdm.candles(candles_request(span(0))).await.is_err());
    assert_eq!(server.paths().len(), 2, "an empty range is never sent");
    assert_eq!(usdm.page_limit(Dataset::Candles, Interval::M1), 499);
    assert_eq!([3, 99, 100, 499].map(klines_weight), [1, 1, 2, 2]);
}

#[tokio::test]
async fn before_the_market_opened_the_newest_candles_come_instead_of_none() {
    let server = Server::always("200 OK", r#"[[1786816800000,"2","3","1","2","1",1786816859999,"2",7,"1","1","0"]]"#).await;
    let early = TimeRange::new(Time::from_ms(1_600_020_000), Time::from_ms(1_600_080_000));
    assert_eq!(usdm(&server).candles(candles_request(early)).await.unwrap().rows, []);
}

#[tokio::test]
async fn the_ends_of_history() {
    let check = async |edge: Edge, expected: &str| {
        let server = Server::always("200 OK", "[]").await;
        let page = usdm(&server).edge_candle(named("BTCUSDT"), Interval::D1, edge).await.unwrap();
        assert_eq!((page.rows, server.paths()), (vec![], vec![expected.to_owned()]));
    };
    check(Edge::First, "/fapi/v1/klines?symbol=BTCUSDT&interval=1d&startTime=1565000000000&limit=1").await;
    check(Edge::Newest, "/fapi/v1/klines?symbol=BTCUSDT&interval=1d&limit=1").await;
}

#[tokio::test]
async fn funding_in_pages() {
    let hour = 3_600_000;
    let server = Server::start(move |path| {
        // Some milliseconds off the hour, as they come.
        list(path, hour, |at| format!(r#"{{"symbol":"BTCUSDT","fundingTime":{},"fundingRate":"0.0001"}}"#, at + 2))
    })
    .await;
    let usdm = usdm(&server);
    let range = TimeRange::new(Time::from_ms(START), Time::from_ms(START + 1_500 * hour));
    let first = usdm.funding(rows_request(range, None)).await.unwrap();
    let last = Time::from_ms(START + 999 * hour + 2);
    assert_eq!((first.rows.len(), first.complete.from, first.complete.to), (1_000, range.from, last.plus_ms(1)));
    let second = usdm.funding(rows_request(range, first.next)).await.unwrap();
    assert_eq!((second.rows.len(), second.complete.from, second.next), (500, last.plus_ms(1), None));
    let path = |from: Time| {
        let end = range.to.ms() - 1;
        format!("/fapi/v1/fundingRate?symbol=BTCUSDT&startTime={}&endTime={end}&limit=1000", from.ms())
    };
    assert_eq!(server.paths(), [path(range.from), path(last.plus_ms(1))]);
    assert_eq!(usdm.funding_pace.used_and_limit(), (2, 500));
}

#[tokio::test]
async fn open_interest_in_one_page() {
    let five = 5 * MINUTE;
    let server = Server::start(move |path| {
        list(path, five, |at| {
            format!(r#"{{"symbol":"BTCUSDT","sumOpenInterest":"1","sumOpenInterestValue":"2","timestamp":{at}}}"#)
        })
    })
    .await;
    let usdm = usdm(&server);
    let page = usdm.open_interest(rows_request(span(2_500), None)).await.unwrap();
    assert_eq!((page.rows.len(), page.next), (500, None));
    let end = START + 2_500 * MINUTE - 1;
    let path = format!("/futures/data/openInterestHist?symbol=BTCUSDT&period=5m&startTime={START}&endTime={end}&limit=500");
    assert_eq!((page.endpoint, server.paths()), (path.clone(), vec![path]));
    assert_eq!((usdm.open_interest_pace.used_and_limit(), usdm.funding_pace.used_and_limit()), ((1, 1_000), (0, 500)));
}

#[tokio::test]
async fn trades_go_by_number_after_the_first_page() {
    let server = Server::start(|path| match parameter(path, "fromId") {
        None => {
            let row = |n: i64| format!(r#"{{"a":{n},"p":"1.5","q":"2","f":{n},"l":{n},"T":{},"m":true}}"#, START + n);
            ok(format!("[{}]", (1..=1_000).map(row).collect::<Vec<_>>().join(",")))
        }
        Some(id) => ok(format!(r#"[{{"a":{id},"p":"1.5","q":"2","f":1,"l":3,"T":{},"m":true}}]"#, START + 1_000)),
    })
    .await;
    let usdm = usdm(&server);
    let first = usdm.trades(rows_request(span(60), None)).await.unwrap();
    let second = usdm.trades(rows_request(span(60), first.next)).await.unwrap();
    assert_eq!((first.rows.len(), second.rows.len(), second.next), (999, 1, None));
    let end = START + 60 * MINUTE - 1;
    assert!(end - START < 3_600_000, "the exchange refuses an hour");
    let path = |place: &str| format!("/fapi/v1/aggTrades?symbol=BTCUSDT&{place}&limit=1000");
    assert_eq!(server.paths(), [path(&format!("startTime={START}&endTime={end}")), path("fromId=1000")]);
}

#[tokio::test]
async fn forecasts_with_their_interval() {
    let server = Server::start(|path| match parameter(path, "symbol") {
        Some(symbol) => ok(format!(
            r#"{{"symbol":"{symbol}","markPrice":"2","lastFundingRate":"0.0001","nextFundingTime":28800000,"time":1}}"#
        )),
        None => ok(r#"[{"symbol":"LPTUSDT","fundingIntervalHours":4}]"#.into()),
    })
    .await;
    let usdm = usdm(&server);
    let interval = async |native: &str| usdm.funding_forecast(named(native)).await.unwrap().interval_ms;
    assert_eq!((interval("BTCUSDT").await, interval("LPTUSDT").await), (Some(8 * HOUR_MS), Some(4 * HOUR_MS)));
    let path = |native: &str| format!("/fapi/v1/premiumIndex?symbol={native}");
    assert_eq!(server.paths(), [path("BTCUSDT"), "/fapi/v1/fundingInfo".into(), path("LPTUSDT")]);
    assert_eq!(usdm.funding_pace.used_and_limit(), (1, 500));
}

#[tokio::test]
async fn a_forecast_stands_without_its_interval() {
    let server = Server::start(|path| match parameter(path, "symbol") {
        Some(_) => {
            ok(r#"{"symbol":"BTCUSDT","markPrice":"2","lastFundingRate":"0.0001","nextFundingTime":28800000,"time":1}"#.into())
        }
        None => ("502 Bad Gateway".into(), String::new()),
    })
    .await;
    assert_eq!(usdm(&server).funding_forecast(named("BTCUSDT")).await.unwrap().interval_ms, None);
}

fn ticker_row(symbol: &str) -> String {
    format!(
        r#"{{"symbol":"{symbol}","lastPrice":"2","openPrice":"1","highPrice":"3","lowPrice":"1","volume":"1","quoteVolume":"1","closeTime":5}}"#
    )
}

#[tokio::test]
async fn few_tickers_one_by_one_and_many_at_once() {
    let server = Server::start(|path| match parameter(path, "symbol").as_deref() {
        Some("NOPEUSDT") => ("400 Bad Request".into(), r#"{"code":-1121,"msg":"Invalid symbol."}"#.into()),
        Some(symbol) => ok(ticker_row(symbol)),
        None => ok(format!("[{}]", (0..50).map(|at| ticker_row(&format!("S{at}USDT"))).collect::<Vec<_>>().join(","))),
    })
    .await;
    let usdm = usdm(&server);
    let found = async |names: &[String]| -> Vec<String> {
        let tickers = usdm.tickers(names.iter().map(|name| named(name)).collect()).await.unwrap();
        tickers.into_iter().map(|ticker| ticker.native).collect()
    };
    let few = ["BUSDT", "NOPEUSDT", "AUSDT"].map(str::to_owned);
    assert_eq!(found(&few).await, ["BUSDT", "AUSDT"], "in the asked order, without the unknown");
    assert_eq!(server.paths().len(), 3);
    let many: Vec<String> = (10..60).rev().map(|at| format!("S{at}USDT")).collect();
    assert_eq!(found(&many).await, many[10..]);
    assert_eq!(server.paths()[3..], ["/fapi/v1/ticker/24hr".to_owned()]);
}

#[tokio::test]
async fn limits_and_clock() {
    let server = Server::start(|path| {
        if path == "/fapi/v1/time" {
            return ok(format!(r#"{{"serverTime":{}}}"#, Clock::System.now().plus_ms(5_000).ms()));
        }
        let limits = r#"[{"rateLimitType":"REQUEST_WEIGHT","interval":"MINUTE","intervalNum":1,"limit":1200}]"#;
        ok(format!(r#"{{"rateLimits":{limits},"symbols":[]}}"#))
    })
    .await;
    let usdm = usdm(&server);
    assert_eq!(usdm.health().budget_limit, 2_400);
    assert_eq!(usdm.instruments().await, Ok(vec![]));
    assert_eq!(usdm.health().budget_limit, 1_200);
    usdm.sync_clock().await.unwrap();
    assert!((usdm.health().clock_offset_ms.unwrap() - 5_000).abs() < 1_000);
    assert_eq!(server.paths(), ["/fapi/v1/exchangeInfo", "/fapi/v1/time"]);
}

#[tokio::test]
async fn a_refused_region_is_told_in_a_line() {
    let server = Server::always("451 Unavailable", r#"{"code":0,"msg":"Service unavailable from a restricted location"}"#).await;
    let error = usdm(&server).candles(candles_request(span(3))).await.unwrap_err();
    let line = format!("{} refuses this address (HTTP 451): Service unavailable from a restricted location", server.host());
    assert_eq!((error.kind(), error.to_string()), ("blocked", line));
    assert_eq!(server.paths().len(), 1, "there is no other host");
}

#[tokio::test]
async fn what_is_served() {
    let server = Server::always("200 OK", "[]").await;
    let usdm = usdm(&server);
    let service = |dataset: Dataset| usdm.service(&named("BTCUSDT"), dataset, Interval::M1);
    assert_eq!(service(Dataset::Candles), Ok(Service { reach_ms: None, streams: false }));
    assert_eq!(service(Dataset::Funding), Ok(Service { reach_ms: None, streams: false }));
    assert_eq!(service(Dataset::Trades), Ok(Service { reach_ms: Some(47 * HOUR_MS), streams: false }));
    assert_eq!(service(Dataset::OpenInterest), Ok(Service { reach_ms: Some(719 * HOUR_MS), streams: false }));
    assert!(usdm.service(&instrument(), Dataset::Candles, Interval::M1).is_err());
    assert!(usdm.protocol().is_none());
    let real = BinanceUsdm::new(&UsdmSettings::default(), Clock::System).unwrap();
    assert!(real.service(&named("BTCUSDT"), Dataset::Trades, Interval::M1).unwrap().streams);
    assert_eq!(real.protocol().unwrap().base_url(), "wss://fstream.binance.com");
}

#[test]
fn plans_go_at_the_pace_of_what_is_asked() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let real = BinanceUsdm::new(&UsdmSettings::default(), Clock::System).unwrap();
    for (dataset, per_minute) in
        [(Dataset::Candles, 1_200), (Dataset::Trades, 120), (Dataset::Funding, 100), (Dataset::OpenInterest, 200)]
    {
        let weight = real.page_weight(&crate::domain::instrument::tests::instrument(), dataset, Interval::M1);
        assert_eq!(real.health().budget_limit / weight, per_minute, "{dataset}: pages in a minute");
    }
}
