use super::*;
use crate::domain::instrument::{Contract, InstrumentStatus, Symbol};
use crate::domain::price::Decimal;
use crate::domain::range::TimeRange;
use crate::domain::time::{HOUR_MS, MINUTE_MS};
use crate::exchange::health::BlockKind;
use crate::exchange::stream::{Subscription, Topic};
use crate::exchange::test_server::Server;
use std::time::Duration;

/// Friday 2026-11-20 09:30:17.250 UTC: what the clock of these tests says first.
pub(super) const NOW: Time = Time::from_ms(1_795_167_017_250);

pub(super) fn okx(server: &Server) -> Okx {
    let settings = OkxSettings { rest_url: server.url.clone(), ..OkxSettings::default() };
    Okx::new(&settings, Clock::starting_at(NOW)).unwrap()
}

fn named(native: &str, kind: InstrumentKind) -> Arc<Instrument> {
    let base = crate::domain::instrument::tests::instrument();
    Arc::new(Instrument { exchange: ExchangeId::Okx, native: native.into(), kind, ..base })
}

pub(super) fn spot() -> Arc<Instrument> {
    named("币-USDT", InstrumentKind::Spot)
}

fn swap(contract: Contract) -> Arc<Instrument> {
    let kind = InstrumentKind::Perpetual { settle: "USDT".into(), contract };
    let swap = named("BTC-USDT-SWAP", kind);
    Arc::new(Instrument { symbol: Symbol::perpetual("BTC", "USDT", "USDT"), ..(*swap).clone() })
}

fn linear() -> Arc<Instrument> {
    swap(Contract::Base(Decimal::new(1, 2)))
}

pub(super) fn ok(rows: &str) -> (String, String) {
    ("200 OK".into(), format!(r#"{{"code":"0","msg":"","data":[{rows}]}}"#))
}

pub(super) fn number(path: &str, name: &str) -> Option<i64> {
    let (_, query) = path.split_once('?')?;
    query.split('&').filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name)?.1.parse().ok()
}

pub(super) fn ask(from: Time, minutes: i64) -> CandleRequest {
    let range = TimeRange::new(from, from.plus_ms(minutes * MINUTE_MS));
    CandleRequest { instrument: spot(), interval: Interval::M1, range, lane: Lane::Backfill }
}

#[tokio::test]
async fn an_empty_range_is_never_sent() {
    let server = Server::always("200 OK", r#"{"code":"0","data":[]}"#).await;
    let okx = okx(&server);
    let bad = |error: ExchangeError| matches!(error, ExchangeError::BadRequest { code: 0, .. });
    assert!(bad(okx.candles(ask(NOW, 0)).await.unwrap_err()));
    let empty = rows_of(linear(), NOW, NOW);
    assert!(bad(okx.trades(empty.clone()).await.unwrap_err()) && bad(okx.funding(empty).await.unwrap_err()));
    assert!(server.paths().is_empty());
}

#[tokio::test]
async fn refusals_come_with_a_sound_status_mostly() {
    let check = async |head: &'static str, body: &'static str, expected: fn(&ExchangeError) -> bool| {
        let server = Server::always(head, body).await;
        let error = okx(&server).candles(ask(NOW, 1)).await.unwrap_err();
        assert!(expected(&error), "{error:?}");
    };
    check("200 OK", r#"{"code":"51001","data":[],"msg":"x"}"#, |error| *error == ExchangeError::UnknownSymbol("币-USDT".into()))
        .await;
    check("200 OK", r#"{"code":"51155","msg":"region"}"#, |error| matches!(error, ExchangeError::Blocked { status: 200, .. }))
        .await;
    check(
        "403 Forbidden",
        "<html>Cloudflare</html>",
        |error| matches!(error, ExchangeError::Blocked { status: 403, message, .. } if message == "Cloudflare"),
    )
    .await;
    check("503 Service Unavailable", r#"{"code":"50001","data":[],"msg":"稍后重试"}"#, |error| {
        *error == ExchangeError::Maintenance("稍后重试".into()) && error.is_outage()
    })
    .await;
    check("200 OK", "<html>welcome to the hotel</html>", |error| matches!(error, ExchangeError::Malformed { .. })).await;
}

#[tokio::test]
async fn too_many_requests_silence_every_endpoint_for_two_seconds() {
    let server = Server::always("200 OK", r#"{"code":"50011","data":[],"msg":"Too Many Requests"}"#).await;
    let okx = okx(&server);
    let error = okx.candles(ask(NOW, 1)).await.unwrap_err();
    assert!(matches!(error, ExchangeError::RateLimited { wait, .. } if wait == Duration::from_millis(2_250)), "{error:?}");
    assert!(matches!(okx.sync_clock().await, Err(ExchangeError::RateLimited { .. })));
    assert_eq!((server.paths().len(), okx.health().block.map(|block| block.kind)), (1, Some(BlockKind::RateLimit)));
}

#[tokio::test]
async fn an_endpoint_keeps_its_pace() {
    let server = Server::always("200 OK", r#"{"code":"0","data":[]}"#).await;
    let okx = okx(&server);
    // Of twenty requests in two seconds backfills leave two to live data.
    tokio::time::pause();
    for _ in 0..18 {
        okx.paces.of(Endpoint::HistoryCandles).turn(Lane::Backfill).await;
    }
    let one_more = tokio::time::timeout(Duration::from_millis(500), okx.candles(ask(Time::EPOCH, 1))).await;
    assert!(one_more.is_err() && server.paths().is_empty());
    tokio::time::resume();
    okx.candles(CandleRequest { lane: Lane::Live, ..ask(Time::EPOCH, 1) }).await.unwrap();
    okx.candles(ask(Interval::M1.floor(NOW), 1)).await.unwrap();
    assert_eq!(server.paths().len(), 2, "neither live data nor another endpoint waits");
}

#[tokio::test]
async fn the_list_has_both_types() {
    let spot =
        r#"{"instType":"SPOT","instId":"FIG-USDT","baseCcy":"FIG","quoteCcy":"USDT","tickSz":"0.1","lotSz":"1","state":"live"}"#;
    let swap = r#"{"instType":"SWAP","instId":"FIG-USDT-SWAP","ctVal":"10","ctMult":"1","ctType":"linear","ctValCcy":"FIG",
        "settleCcy":"USDT","uly":"FIG-USDT","tickSz":"0.1","lotSz":"1","state":"suspend"}"#;
    let server = Server::start(move |path| ok(if path.ends_with("=SPOT") { spot } else { swap })).await;
    let list = okx(&server).instruments().await.unwrap();
    let found: Vec<(&str, InstrumentStatus)> = list.iter().map(|at| (at.symbol.as_str(), at.status)).collect();
    assert_eq!(found, [("FIG/USDT", InstrumentStatus::Trading), ("FIG/USDT:USDT", InstrumentStatus::Halted)]);
    assert_eq!(server.paths(), ["SPOT", "SWAP"].map(|kind| format!("/api/v5/public/instruments?instType={kind}")));
    // Half of a list would pass for the end of the other half.
    let half = Server::start(move |path| {
        if path.ends_with("=SPOT") { ok(spot) } else { ("500 Error".into(), r#"{"code":"50026","msg":"x"}"#.into()) }
    })
    .await;
    assert!(matches!(okx(&half).instruments().await, Err(ExchangeError::Server { .. })));
}

#[tokio::test]
async fn the_clock_is_measured() {
    let server = Server::start(|_| ok(&format!(r#"{{"ts":"{}"}}"#, NOW.ms() + 90_000))).await;
    let okx = okx(&server);
    let now = okx.sync_clock().await.unwrap();
    let offset = okx.health().clock_offset_ms.unwrap();
    assert!((60_000..=90_000).contains(&offset), "{offset}");
    assert!(now.since(NOW) >= offset && okx.now() >= now);
}

fn rows_of(instrument: Arc<Instrument>, from: Time, to: Time) -> RowsRequest {
    RowsRequest { instrument, range: TimeRange::new(from, to), cursor: None, lane: Lane::Backfill }
}

/// The trade of a number: three to a millisecond.
fn trade_row(id: i64) -> String {
    let ms = 1_000_000 + id / 3;
    format!(r#"{{"instId":"BTC-USDT-SWAP","side":"buy","sz":"2","px":"5","source":"0","tradeId":"{id}","ts":"{ms}"}}"#)
}

#[tokio::test]
async fn trades_page_by_page_to_the_last_one() {
    let server = Server::start(|path| {
        let after = number(path, "after").unwrap();
        let end = if path.contains("type=2") { (after - 1_000_000) * 3 } else { after };
        let rows: Vec<String> = (0..end.min(1_000)).rev().take(100).map(trade_row).collect();
        ok(&rows.join(","))
    })
    .await;
    let okx = okx(&server);
    let mut request = rows_of(linear(), Time::from_ms(1_000_050), Time::from_ms(1_000_200));
    let (mut ids, mut end) = (Vec::new(), request.range.to);
    loop {
        let page = okx.trades(request.clone()).await.unwrap();
        assert_eq!((page.complete.to, &page.endpoint), (end, server.paths().last().unwrap()));
        assert!(page.rows.iter().flatten().all(|trade| page.complete.contains(trade.time)));
        end = page.complete.from;
        ids.extend(page.rows.into_iter().map(|row| row.unwrap().id));
        let Some(next) = page.next else { break };
        request.cursor = Some(next);
    }
    assert_eq!(end, request.range.from);
    assert_eq!(ids, (150..600).rev().collect::<Vec<_>>(), "each once, without a hole");
    let paths = server.paths();
    assert_eq!(paths[0], "/api/v5/market/history-trades?instId=BTC-USDT-SWAP&type=2&after=1000200&limit=100");
    assert!(paths[1..].iter().all(|path| path.contains("&type=1&after=")), "{paths:?}");
}

#[tokio::test]
async fn sizes_are_base_units_and_inverse_trades_are_not_served() {
    let server = Server::start(|_| ok(&trade_row(9))).await;
    let okx = okx(&server);
    let range = (Time::from_ms(1_000_000), Time::from_ms(1_000_060));
    let page = okx.trades(rows_of(linear(), range.0, range.1)).await.unwrap();
    assert_eq!(page.rows[0].as_ref().unwrap().size, Decimal::new(2, 2), "two contracts of a hundredth");
    let asked = server.paths().len();
    let inverse = swap(Contract::Quote(Decimal::ONE_HUNDRED));
    let error = okx.trades(rows_of(inverse.clone(), range.0, range.1)).await.unwrap_err();
    assert!(matches!(error, ExchangeError::NotServed(_)), "{error}");
    assert!(okx.funding(rows_of(spot(), range.0, range.1)).await.is_err_and(|error| error.kind() == "not_served"));
    assert!(okx.open_interest(rows_of(spot(), range.0, range.1)).await.is_err_and(|error| error.kind() == "not_served"));
    assert!(okx.funding_forecast(spot()).await.is_err_and(|error| error.kind() == "not_served"));
    assert_eq!(server.paths().len(), asked, "without a request");
    let of = |instrument: &Arc<Instrument>, dataset: Dataset| okx.service(instrument, dataset, Interval::M1).ok();
    let reach = |instrument: &Arc<Instrument>| Dataset::ALL.map(|set| of(instrument, set).map(|service| service.reach_ms));
    let day = 24 * HOUR_MS;
    assert_eq!(reach(&spot()), [Some(None), Some(Some(89 * day)), None, None]);
    assert_eq!(reach(&linear()), [Some(None), Some(Some(89 * day)), Some(Some(93 * day)), Some(Some(5 * day))]);
    assert_eq!(reach(&inverse), [Some(None), None, Some(Some(93 * day)), Some(Some(5 * day))]);
}

#[tokio::test]
async fn funding_goes_on_where_a_page_ended() {
    let every = 8 * HOUR_MS;
    let server = Server::start(move |path| {
        let after = number(path, "after").unwrap();
        let rows: Vec<String> = (1..=250)
            .rev()
            .map(|at| at * every)
            .filter(|time| *time < after)
            .take(100)
            .map(|time| format!(r#"{{"fundingTime":"{time}","fundingRate":"9","realizedRate":"0.0001"}}"#))
            .collect();
        ok(&rows.join(","))
    })
    .await;
    let okx = okx(&server);
    let mut request = rows_of(linear(), Time::from_ms(2 * every), Time::from_ms(202 * every));
    let mut times = Vec::new();
    loop {
        let page = okx.funding(request.clone()).await.unwrap();
        times.extend(page.rows.into_iter().map(|row| row.unwrap().time.ms() / every));
        let Some(next) = page.next else { break };
        request.cursor = Some(next);
    }
    assert_eq!(times, (2..202).rev().collect::<Vec<_>>());
    assert_eq!(server.paths().len(), 2);
    let expected = format!("/api/v5/public/funding-rate-history?instId=BTC-USDT-SWAP&after={}&limit=100", 102 * every);
    assert_eq!(server.paths()[1], expected);
}

#[tokio::test]
async fn open_interest_of_a_range() {
    let step = 5 * MINUTE_MS;
    let server = Server::start(move |path| {
        let end = number(path, "end").unwrap();
        let rows: Vec<String> = (0..100).map(|at| format!(r#"["{}","1","2","3"]"#, (end.div_euclid(step) - at) * step)).collect();
        ok(&rows.join(","))
    })
    .await;
    let request = rows_of(linear(), Time::from_ms(1_000 * step), Time::from_ms(1_100 * step));
    let page = okx(&server).open_interest(request.clone()).await.unwrap();
    let rows: Vec<i64> = page.rows.iter().map(|row| row.as_ref().unwrap().time.ms() / step).collect();
    assert_eq!((rows, page.complete, page.next), ((1_000..1_100).rev().collect(), request.range, None));
    let path = "/api/v5/rubik/stat/contracts/open-interest-history?instId=BTC-USDT-SWAP&period=5m&end=329999999&limit=100";
    assert_eq!(server.paths(), [path]);
}

#[tokio::test]
async fn the_next_funding() {
    let server = Server::start(|_| ok(r#"{"fundingRate":"0.0001","fundingTime":"7200000","nextFundingTime":"10800000"}"#)).await;
    let forecast = okx(&server).funding_forecast(linear()).await.unwrap();
    assert_eq!((forecast.next_at.ms(), forecast.interval_ms), (7_200_000, Some(HOUR_MS)));
    assert_eq!(server.paths(), ["/api/v5/public/funding-rate?instId=BTC-USDT-SWAP"]);
}

#[tokio::test]
async fn tickers_one_by_one_or_as_lists() {
    let server = Server::start(|path| {
        let row = |native: &str| {
            format!(r#"{{"instId":"{native}","last":"2","high24h":"3","low24h":"1","vol24h":"5","volCcy24h":"9","ts":"7"}}"#)
        };
        match path.split_once("instId=") {
            Some((_, "GONE")) => ("200 OK".into(), r#"{"code":"51001","data":[],"msg":"x"}"#.into()),
            Some((_, native)) => ok(&row(native)),
            None => ok(&["A", "B", "C", "D"].map(row).join(",")),
        }
    })
    .await;
    let okx = okx(&server);
    let ask = async |names: &[&str]| -> Vec<String> {
        let instruments = names.iter().map(|name| named(name, InstrumentKind::Spot)).collect();
        okx.tickers(instruments).await.unwrap().into_iter().map(|ticker| ticker.native).collect()
    };
    assert_eq!(ask(&[]).await, [] as [&str; 0]);
    assert_eq!(ask(&["A", "GONE"]).await, ["A"]);
    assert_eq!(ask(&["A", "GONE", "C"]).await, ["A", "C"]);
    let both = vec![named("A", InstrumentKind::Spot), linear()];
    let volumes: Vec<Decimal> = okx.tickers(both).await.unwrap().iter().map(|ticker| ticker.volume_24h).collect();
    assert_eq!(volumes, [Decimal::from(5), Decimal::from(9)]);
    let short: Vec<String> = server.paths().iter().map(|path| path.replace("/api/v5/market/", "")).collect();
    let expected =
        ["ticker?instId=A", "ticker?instId=GONE", "tickers?instType=SPOT", "ticker?instId=A", "ticker?instId=BTC-USDT-SWAP"];
    assert_eq!(short, expected);
}

#[tokio::test]
async fn it_has_a_protocol() {
    let server = Server::always("200 OK", "").await;
    let protocol = okx(&server).protocol().unwrap();
    assert_eq!(protocol.base_url(), "wss://ws.okx.com:8443");
    assert_eq!(protocol.path(&Subscription { instrument: spot(), topic: Topic::Trades }), "/ws/v5/business");
}

#[tokio::test]
async fn bad_urls_are_refused_at_once() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let check = |rest_url: &str, ws_url: &str| {
        let settings = OkxSettings { rest_url: rest_url.into(), ws_url: Some(ws_url.into()), ..OkxSettings::default() };
        Okx::new(&settings, Clock::System).err()
    };
    assert_eq!(check("http://www.okx.com", "wss://ws.okx.com:8443"), Some(UrlError::Plain("www.okx.com".into())));
    assert_eq!(check("https://www.okx.com", "ws://ws.okx.com"), Some(UrlError::Socket("ws://ws.okx.com".into())));
    assert_eq!(check("https://openapi.okx.com", "wss://wseea.okx.com:8443"), None);
}

#[test]
fn plans_go_at_the_pace_of_the_endpoint() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let okx = Okx::new(&OkxSettings::default(), Clock::System).unwrap();
    for (dataset, per_minute) in
        [(Dataset::Candles, 600), (Dataset::Trades, 600), (Dataset::Funding, 300), (Dataset::OpenInterest, 300)]
    {
        let weight = okx.page_weight(&spot(), dataset, Interval::M1);
        assert_eq!(okx.health().budget_limit / weight, per_minute, "{dataset}: pages in a minute");
    }
}
