use super::*;
use crate::domain::candle::Source;
use crate::domain::price::Decimal;
use crate::domain::range::TimeRange;
use crate::domain::time::MINUTE_MS;
use crate::exchange::health::BlockKind;
use crate::exchange::test_server::Server;

/// Minute 30,000,000 since the epoch, 30 seconds in.
const NOW: i64 = 30_000_000 * MINUTE_MS + 30_000;

fn minute(back: i64) -> Time {
    Time::from_ms((30_000_000 - back) * MINUTE_MS)
}

/// A client on a clock of its own, without the pace of a second between requests.
fn kraken(server: &Server) -> Kraken {
    let settings = KrakenSettings { rest_url: server.url.clone(), ..KrakenSettings::default() };
    let mut kraken = Kraken::new(&settings, Clock::starting_at(Time::from_ms(NOW))).unwrap();
    kraken.pace = Pace::new(1_000, Duration::from_secs(1), 0.0);
    kraken
}

fn named(native: &str) -> Arc<Instrument> {
    Arc::new(Instrument { native: native.into(), ..crate::domain::instrument::tests::instrument() })
}

/// Candles from so many minutes ago to so many minutes ago.
fn request(from: i64, to: i64) -> CandleRequest {
    let range = TimeRange::new(minute(from), minute(to));
    CandleRequest { instrument: named("XXBTZUSD"), interval: Interval::M1, range, lane: Lane::Backfill }
}

fn ok(result: &str) -> (String, String) {
    ("200 OK".into(), format!(r#"{{"error":[],"result":{result}}}"#))
}

fn number(path: &str, name: &str) -> i64 {
    path.split_once(&format!("{name}=")).unwrap().1.split('&').next().unwrap().parse().unwrap()
}

/// The newest 720 candles and the forming one, of the minutes behind `since`.
fn ohlc(path: &str) -> (String, String) {
    let since = if path.contains("since=") { number(path, "since") } else { 0 };
    let rows: Vec<String> = (0..=720)
        .rev()
        .map(|back| minute(back).ms() / 1_000)
        .filter(|seconds| *seconds > since)
        .map(|seconds| format!(r#"[{seconds},"2","3","1","2","0.0","0.00000000",0]"#))
        .collect();
    ok(&format!(r#"{{"XXBTZUSD":[{}],"last":{}}}"#, rows.join(","), minute(1).ms() / 1_000))
}

/// A trade every 20 seconds from three days ago on, numbered from 5, but none in minutes 1,403 to 1,400 ago.
fn trades(path: &str) -> (String, String) {
    let (since, first) = (number(path, "since"), minute(3 * 1_440).ms());
    let quiet = TimeRange::new(minute(1_403), minute(1_399));
    let times = (0..).map(|at| first + at * 20_000 + 100).take_while(|ms| *ms < NOW);
    let rows: Vec<(i64, String)> = times
        .filter(|ms| !quiet.contains(Time::from_ms(*ms)))
        .zip(5..)
        .filter(|(ms, _)| ms * 1_000_000 > since)
        .take(1_000)
        .map(|(ms, id)| (ms, format!(r#"["2.5","1.00000000",{}.{:03},"b","l","",{id}]"#, ms / 1_000, ms % 1_000)))
        .collect();
    let last = rows.last().map_or(since, |(ms, _)| ms * 1_000_000);
    let rows: Vec<String> = rows.into_iter().map(|(_, row)| row).collect();
    ok(&format!(r#"{{"XXBTZUSD":[{}],"last":"{last}"}}"#, rows.join(",")))
}

async fn exchange() -> Server {
    Server::start(|path| if path.contains("/OHLC") { ohlc(path) } else { trades(path) }).await
}

#[tokio::test]
async fn the_newest_candles_come_from_ohlc_and_since_is_exclusive() {
    let server = exchange().await;
    let page = kraken(&server).candles(request(720, 600)).await.unwrap();
    let endpoint = format!("/0/public/OHLC?pair=XXBTZUSD&interval=1&since={}", minute(720).ms() / 1_000 - 1);
    assert_eq!((server.paths(), &page.endpoint, page.source), (vec![endpoint.clone()], &endpoint, Source::Rest));
    let times: Vec<Time> = page.rows.iter().map(|row| row.as_ref().unwrap().open_time).collect();
    assert_eq!(times, (601..=720).rev().map(minute).collect::<Vec<_>>());
    assert!(page.quiet.is_empty() && page.asked_at <= page.received_at);
}

#[tokio::test]
async fn what_is_older_is_folded_from_trades_with_proof_of_what_is_quiet() {
    let server = exchange().await;
    let page = kraken(&server).candles(request(1_440, 1_320)).await.unwrap();
    let since = minute(1_440).ms() * 1_000_000 - 1_000;
    let endpoint = format!("/0/public/Trades?pair=XXBTZUSD&since={since}&count=1000");
    assert_eq!((server.paths(), &page.endpoint, page.source), (vec![endpoint.clone()], &endpoint, Source::Trades));
    assert_eq!(page.rows.len(), 116);
    for row in &page.rows {
        let candle = row.as_ref().unwrap();
        let three = Some(Decimal::from(3));
        let quote = Some(Decimal::new(75, 1));
        assert_eq!((Some(candle.volume), candle.trade_count, candle.quote_volume), (three, Some(3), quote));
        assert_eq!((candle.taker_buy_volume, candle.taker_buy_quote_volume), (three, quote));
    }
    let [(quiet, proof)] = &page.quiet[..] else { panic!("{:?}", page.quiet) };
    assert_eq!(*quiet, TimeRange::new(minute(1_403), minute(1_399)));
    assert!(proof.contains("follow each other"), "{proof}");
}

#[tokio::test]
async fn a_range_over_the_border_is_folded_as_a_whole_by_as_many_requests_as_it_takes() {
    let server = exchange().await;
    let page = kraken(&server).candles(request(1_300, 700)).await.unwrap();
    assert_eq!((page.rows.len(), page.source), (600, Source::Trades));
    assert_eq!(server.paths().len(), 2, "1,800 trades");
    assert!(page.endpoint.ends_with("&count=1000 and 1 more from there on"), "{}", page.endpoint);
}

#[tokio::test]
async fn a_call_that_failed_goes_on_where_it_was() {
    let asked = Arc::new(AtomicU32::new(0));
    let server = Server::start({
        let asked = Arc::clone(&asked);
        move |path| match asked.fetch_add(1, Ordering::Relaxed) {
            2 => ("502 Bad Gateway".into(), "<html>".into()),
            _ => trades(path),
        }
    })
    .await;
    let kraken = kraken(&server);
    assert!(matches!(kraken.candles(request(2_700, 1_500)).await, Err(ExchangeError::Server { .. })));
    let page = kraken.candles(request(2_700, 1_500)).await.unwrap();
    let trades: i64 = page.rows.iter().map(|row| row.as_ref().unwrap().trade_count.unwrap()).sum();
    assert_eq!((page.rows.len(), trades), (1_200, 3_600));
    let since: Vec<i64> = server.paths().iter().map(|path| number(path, "since")).collect();
    assert_eq!((since.len(), since[3]), (5, since[2]), "the third is asked for again, and not the first");
    assert!(since[0] < since[1] && since[1] < since[2] && since[2] < since[4]);
}

#[tokio::test]
async fn a_quiet_beginning_is_proven_by_the_trade_before_it() {
    let server = exchange().await;
    let page = kraken(&server).candles(request(1_402, 1_390)).await.unwrap();
    let [(quiet, _)] = &page.quiet[..] else { panic!("{:?}", page.quiet) };
    assert_eq!(*quiet, TimeRange::new(minute(1_402), minute(1_399)));
    let since: Vec<i64> = server.paths().iter().map(|path| number(path, "since")).collect();
    let hour_before = minute(1_462).ms() * 1_000_000 - 1_000;
    assert_eq!(since, [minute(1_402).ms() * 1_000_000 - 1_000, hour_before]);
    assert_eq!(page.rows.len(), 9);
}

#[tokio::test]
async fn an_answer_that_does_not_reach_back_sends_to_the_trades() {
    // The minute turned while the request was under way.
    let later = r#"{"XXBTZUSD":[[1800000060,"2","3","1","2","0.0","0.0",0]],"last":1800000000}"#;
    let server = Server::start(move |path| if path.contains("/OHLC") { ok(later) } else { trades(path) }).await;
    let page = kraken(&server).candles(request(720, 700)).await.unwrap();
    assert_eq!((page.source, page.rows.len()), (Source::Trades, 20));
}

#[tokio::test]
async fn the_ends_of_history() {
    let server = exchange().await;
    let kraken = kraken(&server);
    let first = kraken.edge_candle(named("XXBTZUSD"), Interval::H1, Edge::First).await.unwrap();
    let candle = first.rows[0].as_ref().unwrap();
    assert_eq!((candle.open_time, candle.trade_count), (Interval::H1.floor(minute(3 * 1_440)), Some(180)));
    let newest = kraken.edge_candle(named("XXBTZUSD"), Interval::M1, Edge::Newest).await.unwrap();
    assert_eq!(newest.rows.iter().map(|row| row.as_ref().unwrap().open_time).collect::<Vec<_>>(), [minute(0)]);
    assert_eq!(server.paths(), ["/0/public/Trades?pair=XXBTZUSD&since=0&count=1000", "/0/public/OHLC?pair=XXBTZUSD&interval=1"]);
    let none = Server::start(|_| ok(r#"{"X":[],"last":"0"}"#)).await;
    assert_eq!(super::tests::kraken(&none).edge_candle(named("X"), Interval::M1, Edge::First).await.unwrap().rows, []);
}

#[tokio::test]
async fn the_pages_of_a_range_of_trades_join_without_a_seam() {
    let server = exchange().await;
    let kraken = kraken(&server);
    let range = TimeRange::new(minute(2_880), minute(1_440));
    let (mut cursor, mut numbers, mut covered) = (None, Vec::new(), range.from);
    loop {
        let request = RowsRequest { instrument: named("XXBTZUSD"), range, cursor, lane: Lane::Backfill };
        let page = kraken.trades(request).await.unwrap();
        assert_eq!(page.complete.from, covered);
        assert!(page.rows.iter().all(|row| page.complete.contains(row.as_ref().unwrap().time)));
        numbers.extend(page.rows.into_iter().map(|row| row.unwrap().id));
        covered = page.complete.to;
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    let first = 5 + 1_440 * 3;
    assert_eq!((numbers, covered), ((first..first + 4_320).collect::<Vec<i64>>(), range.to));
    assert_eq!(server.paths().len(), 5);
}

#[tokio::test]
async fn what_is_not_served_is_never_sent() {
    let server = Server::always("200 OK", "{}").await;
    let kraken = kraken(&server);
    let weeks = CandleRequest { interval: Interval::W1, ..request(100, 10) };
    assert!(matches!(kraken.candles(weeks).await, Err(ExchangeError::NotServed(_))));
    assert!(matches!(kraken.candles(request(10, 10)).await, Err(ExchangeError::BadRequest { .. })));
    assert!(kraken.edge_candle(named("X"), Interval::M3, Edge::Newest).await.is_err());
    let rows = RowsRequest { instrument: named("X"), range: request(9, 1).range, cursor: None, lane: Lane::Live };
    assert!(matches!(kraken.funding(rows.clone()).await, Err(ExchangeError::NotServed(_))));
    assert!(kraken.trades(RowsRequest { cursor: Some(crate::exchange::port::Cursor("x".into())), ..rows }).await.is_err());
    assert!(server.paths().is_empty());
    let offers = |dataset, interval| kraken.service(&named("X"), dataset, interval);
    let all = Ok(Service { reach_ms: None, streams: true });
    assert_eq!((offers(Dataset::Candles, Interval::D1), offers(Dataset::Trades, Interval::M1)), (all.clone(), all));
    assert!(offers(Dataset::Candles, Interval::W1).unwrap_err().contains("Monday"));
    assert!(offers(Dataset::Funding, Interval::H1).is_err() && offers(Dataset::OpenInterest, Interval::M5).is_err());
}

#[tokio::test]
async fn pages_are_bounded_by_the_trades_behind_them() {
    let server = Server::always("200 OK", "{}").await;
    let kraken = kraken(&server);
    let limits = [Interval::M1, Interval::M5, Interval::M15, Interval::H1, Interval::H4, Interval::D1]
        .map(|interval| kraken.page_limit(Dataset::Candles, interval));
    assert_eq!(limits, [120, 120, 96, 24, 6, 1]);
    assert_eq!(kraken.page_limit(Dataset::Trades, Interval::M1), 1_440);
}

#[tokio::test]
async fn refusals_within_http_200_are_typed_and_silence_every_lane() {
    let server = Server::always("200 OK", r#"{"error":["EQuery:Unknown asset pair"],"result":null}"#).await;
    let error = kraken(&server).candles(request(10, 5)).await.unwrap_err();
    assert_eq!(error, ExchangeError::UnknownSymbol("XXBTZUSD".into()));
    let server = Server::always("200 OK", r#"{"error":["EAPI:Rate limit exceeded"]}"#).await;
    let kraken = kraken(&server);
    let error = kraken.candles(request(10, 5)).await.unwrap_err();
    assert!(matches!(error, ExchangeError::RateLimited { wait, .. } if wait == Duration::from_millis(3_250)), "{error:?}");
    assert!(matches!(kraken.sync_clock().await, Err(ExchangeError::RateLimited { .. })));
    assert_eq!((server.paths().len(), kraken.strikes.load(Ordering::Relaxed)), (1, 1));
    assert_eq!(kraken.health().block.map(|block| block.kind), Some(BlockKind::RateLimit));
}

#[tokio::test]
async fn instruments_are_put_together_from_two_lists() {
    let server = Server::start(|path| match path {
        "/0/public/Assets" => ok(r#"{"XXBT":{"altname":"XBT"}}"#),
        _ => ok(r#"{"XXBTZUSD":{"wsname":"XBT/USD","base":"XXBT","quote":"ZUSD","pair_decimals":1,"lot_decimals":8},"B":7}"#),
    })
    .await;
    let list = kraken(&server).instruments().await.unwrap();
    assert_eq!((list.len(), list[0].symbol.as_str(), list[0].native.as_str()), (1, "BTC/USD", "XXBTZUSD"));
    assert_eq!(server.paths(), ["/0/public/Assets", "/0/public/AssetPairs"]);
}

fn ticker(native: &str) -> String {
    format!(r#""{native}":{{"c":["5","1"],"v":["1","2"],"l":["3","4"],"h":["5","6"],"o":"9"}}"#)
}

#[tokio::test]
async fn few_tickers_by_name_and_many_from_the_list_of_all() {
    let server = Server::start(|path| {
        let all: Vec<String> = (0..30).map(|at| ticker(&format!("P{at}"))).collect();
        match path.split_once("pair=") {
            Some((_, "P1%2CP2")) => ok(&format!("{{{},{}}}", ticker("P1"), ticker("P2"))),
            Some((_, "P3")) => ok(&format!("{{{}}}", ticker("P/3"))),
            Some(_) => ("200 OK".into(), r#"{"error":["EQuery:Unknown asset pair"]}"#.into()),
            None => ok(&format!("{{{}}}", all.join(","))),
        }
    })
    .await;
    let kraken = kraken(&server);
    let ask = async |natives: Vec<String>| {
        let before = server.paths().len();
        let tickers = kraken.tickers(natives.iter().map(|native| named(native)).collect()).await.unwrap();
        let found: Vec<String> = tickers.into_iter().map(|ticker| ticker.native).collect();
        (found.join(" "), server.paths().split_off(before))
    };
    let names = |list: &[&str]| list.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    assert_eq!(ask(names(&["P1", "P2"])).await, ("P1 P2".into(), names(&["/0/public/Ticker?pair=P1%2CP2"])));
    assert_eq!(ask(names(&["P3"])).await, ("P3".into(), names(&["/0/public/Ticker?pair=P3"])));
    assert_eq!(ask(names(&["NO"])).await.0, "");
    let (found, paths) = ask(names(&["P7", "NO"])).await;
    assert_eq!((found.as_str(), paths.len(), paths[1].as_str()), ("P7", 2, "/0/public/Ticker"));
    let (found, paths) = ask((0..25).map(|at| format!("P{at}")).collect()).await;
    assert_eq!((found.split(' ').count(), paths), (25, names(&["/0/public/Ticker"])));
    assert_eq!(ask(vec![]).await, (String::new(), vec![]));
}

#[tokio::test]
async fn the_clock_is_measured_to_the_middle_of_its_second() {
    let ahead = NOW / 1_000 + 60;
    let server = Server::start(move |_| ok(&format!(r#"{{"unixtime":{ahead},"rfc1123":"x"}}"#))).await;
    let kraken = kraken(&server);
    kraken.sync_clock().await.unwrap();
    let offset = kraken.health().clock_offset_ms.unwrap();
    // A slow machine may take its time with the request, which counts by half.
    let took = kraken.clock.now().since(Time::from_ms(NOW));
    assert!((60_500 - took..=60_500).contains(&offset), "{offset} after {took} ms");
}

#[tokio::test]
async fn one_request_in_a_second_and_sixty_in_a_minute() {
    let server = Server::always("200 OK", r#"{"error":[],"result":{"unixtime":1}}"#).await;
    let settings = KrakenSettings { rest_url: server.url.clone(), ..KrakenSettings::default() };
    let kraken = Kraken::new(&settings, Clock::System).unwrap();
    kraken.sync_clock().await.unwrap();
    assert_eq!(kraken.pace.used_and_limit(), (1, 1));
    assert_eq!(kraken.health().budget_limit, 60);
}

#[test]
fn addresses_are_checked_at_once() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let check = |rest_url: &str, ws_url: &str| {
        let settings = KrakenSettings { rest_url: rest_url.into(), ws_url: Some(ws_url.into()), ..KrakenSettings::default() };
        Kraken::new(&settings, Clock::System).err()
    };
    assert_eq!(check("https://api.kraken.com", "wss://ws.kraken.com"), None);
    assert_eq!(check("http://api.kraken.com", "wss://ws.kraken.com"), Some(UrlError::Plain("api.kraken.com".into())));
    assert_eq!(check("https://api.kraken.com", "ws://ws.kraken.com"), Some(UrlError::Socket("ws://ws.kraken.com".into())));
}

#[tokio::test(start_paused = true)]
async fn the_present_gets_its_turn_beside_a_long_backfill() {
    let pace = Pace::new(1, Duration::from_secs(1), 0.1);
    let backfills: Vec<_> = (0..4)
        .map(|_| {
            let pace = pace.clone();
            tokio::spawn(async move {
                loop {
                    pace.turn(Lane::Backfill).await;
                }
            })
        })
        .collect();
    for round in 0..20 {
        tokio::time::sleep(Duration::from_millis(5_000 + 37 * round)).await;
        let asked = tokio::time::Instant::now();
        pace.turn(Lane::Live).await;
        assert!(asked.elapsed() <= Duration::from_millis(1_100), "{:?} in round {round}", asked.elapsed());
    }
    for backfill in backfills {
        backfill.abort();
    }
}

#[tokio::test]
async fn plans_know_how_many_requests_a_folded_page_takes() {
    let server = exchange().await;
    let kraken = kraken(&server);
    let day = |kraken: &Kraken| kraken.page_weight(&named("XXBTZUSD"), Dataset::Candles, Interval::D1);
    assert_eq!(kraken.page_weight(&named("XXBTZUSD"), Dataset::Candles, Interval::M1), 1, "nothing is known yet");
    // A trade every 20 seconds: 4,320 a day, of which a page begins where the last one ended.
    kraken.candles(request(2_880, 2_280)).await.unwrap();
    let asked = u32::try_from(server.paths().len()).unwrap();
    assert!((2..=3).contains(&asked), "{asked}");
    assert!((3..=8).contains(&day(&kraken)), "within a factor of two of the five that it takes: {}", day(&kraken));
    assert!(kraken.page_weight(&named("XETHZUSD"), Dataset::Candles, Interval::D1) > 1, "another pair is not known");
}
