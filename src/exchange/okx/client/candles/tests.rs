use super::super::tests::{NOW, ask, number, ok, okx, spot};
use super::*;
use crate::domain::dataset::Dataset;
use crate::domain::page::{Question, check};
use crate::domain::range::TimeRange;
use crate::domain::time::MINUTE_MS;
use crate::exchange::clock::Clock;
use crate::exchange::health::Circuit;
use crate::exchange::okx::OkxSettings;
use crate::exchange::port::Edge;
use crate::exchange::test_server::Server;

fn candle_row(open_time: i64, confirm: &str) -> String {
    format!(r#"["{open_time}","2","3","1","2","1","2","2","{confirm}"]"#)
}

/// A history of candles without a hole, as OKX tells it: exclusive bounds, newest first, the one that
/// runs at [`NOW`] with `confirm` 0, and `most` to a page.
fn history(path: &str, first: i64, step: i64, most: i64) -> (String, String) {
    let running = NOW.ms().div_euclid(step) * step;
    let after = number(path, "after").unwrap_or(i64::MAX);
    let before = number(path, "before").unwrap_or(i64::MIN);
    let limit = number(path, "limit").unwrap_or(100).min(most) as usize;
    let newest = running.min((after - 1).div_euclid(step) * step);
    let rows: Vec<String> = (0..)
        .map(|at| newest - at * step)
        .take_while(|time| *time >= first && *time > before)
        .take(limit)
        .map(|time| candle_row(time, if time == running { "0" } else { "1" }))
        .collect();
    ok(&rows.join(","))
}

fn opens(page: &CandlePage) -> Vec<i64> {
    page.rows.iter().map(|row| row.as_ref().unwrap().open_time.ms()).collect()
}

#[tokio::test]
async fn a_page_of_the_past_with_its_evidence() {
    let server = Server::start(|path| history(path, 0, MINUTE_MS, 300)).await;
    let okx = okx(&server);
    let from = Time::parse("2026-01-01", NOW).unwrap();
    let page = okx.candles(ask(from, 300)).await.unwrap();
    let (before, after) = (from.ms() - 1, from.ms() + 300 * MINUTE_MS);
    let endpoint = format!("/api/v5/market/history-candles?instId=%E5%B8%81-USDT&bar=1m&after={after}&before={before}&limit=300");
    assert_eq!((server.paths(), &page.endpoint), (vec![endpoint.clone()], &endpoint));
    let expected: Vec<i64> = (0..300).rev().map(|minute| from.ms() + minute * MINUTE_MS).collect();
    assert_eq!(opens(&page), expected, "both ends of the range, and nothing beside it");
    assert!(NOW <= page.asked_at && page.asked_at <= page.received_at);
    let health = okx.health();
    assert_eq!((health.requests, health.in_flight, health.budget_used, health.budget_limit), (1, 0, 1, 5_400));
    assert_eq!((health.host.as_str(), health.circuit, health.errors.len()), (server.host(), Circuit::Closed, 0));
}

#[tokio::test]
async fn the_recent_endpoint_for_what_it_surely_has() {
    let check = async |back: i64, minutes: i64, expected: &str| {
        let server = Server::always("200 OK", r#"{"code":"0","data":[]}"#).await;
        let from = Interval::M1.floor(NOW).plus_ms(-back * MINUTE_MS);
        okx(&server).candles(ask(from, minutes)).await.unwrap();
        assert!(server.paths()[0].starts_with(expected), "{back}: {:?}", server.paths());
    };
    check(3, 3, "/api/v5/market/candles?").await;
    check(1_399, 200, "/api/v5/market/candles?").await;
    // The whole range has to lie within, not its end alone.
    check(1_441, 200, "/api/v5/market/history-candles?").await;
    check(100_000, 1, "/api/v5/market/history-candles?").await;
}

#[tokio::test]
async fn running_candles_are_shown_and_never_stored() {
    let running = Interval::M1.floor(NOW);
    let question = |page: &CandlePage, range: TimeRange| Question {
        range,
        interval: Interval::M1,
        limit: 300,
        closed_before: page.asked_at,
        settled_before: page.asked_at.plus_ms(-MINUTE_MS),
    };
    let server = Server::start(|path| history(path, 0, MINUTE_MS, 300)).await;
    let request = ask(running.plus_ms(-2 * MINUTE_MS), 3);
    let page = okx(&server).candles(request.clone()).await.unwrap();
    let checked = check(&question(&page, request.range), page.rows).unwrap();
    assert_eq!((checked.candles.len(), checked.forming.map(|candle| candle.open_time)), (2, Some(running)));
    // Our clock is past the minute's end, and OKX has not closed it: it is late, and no gap.
    let late = Okx::new(
        &OkxSettings { rest_url: server.url.clone(), ..OkxSettings::default() },
        Clock::starting_at(running.plus_ms(MINUTE_MS + 500)),
    )
    .unwrap();
    let page = late.candles(request.clone()).await.unwrap();
    let checked = check(&question(&page, request.range), page.rows).unwrap();
    assert_eq!((checked.candles.len(), checked.forming, checked.missing), (2, None, vec![]));
}

#[tokio::test]
async fn an_answer_that_is_cut_is_refused_and_learned_from() {
    let server = Server::start(|path| history(path, 0, MINUTE_MS, 100)).await;
    let okx = okx(&server);
    let from = Time::parse("2026-01-01", NOW).unwrap();
    assert_eq!(okx.page_limit(Dataset::Candles, Interval::M1), 300);
    let error = okx.candles(ask(from, 300)).await.unwrap_err();
    assert!(matches!(error, ExchangeError::WrongAnswer(_)), "{error}");
    assert_eq!(okx.page_limit(Dataset::Candles, Interval::M1), 100);
    assert_eq!(okx.candles(ask(from, 100)).await.unwrap().rows.len(), 100);
    // A page that was planned before is not asked for.
    assert!(matches!(okx.candles(ask(from, 300)).await, Err(ExchangeError::WrongAnswer(_))));
    assert_eq!(server.paths().len(), 2);
    assert_eq!(number(&server.paths()[1], "limit"), Some(100));
}

#[tokio::test]
async fn the_ends_of_history() {
    let first = Time::parse("2017-10-10T08:00:00Z", NOW).unwrap();
    let server = Server::start(move |path| history(path, first.ms(), MINUTE_MS, 300)).await;
    let okx = okx(&server);
    let newest = okx.edge_candle(spot(), Interval::M1, Edge::Newest).await.unwrap();
    assert_eq!(opens(&newest), [Interval::M1.floor(NOW).ms()], "it may still be running");
    assert_eq!(newest.endpoint, "/api/v5/market/candles?instId=%E5%B8%81-USDT&bar=1m&limit=1");
    let asked = server.paths().len();
    let page = okx.edge_candle(spot(), Interval::M1, Edge::First).await.unwrap();
    assert_eq!(opens(&page), [first.ms()]);
    assert!(server.paths().len() - asked <= 18, "{}", server.paths().len());
    let asked = server.paths().len();
    let again = okx.edge_candle(spot(), Interval::M1, Edge::First).await.unwrap();
    assert_eq!((opens(&again), server.paths().len() - asked), (vec![first.ms()], 1), "a second witness costs one request");
    assert!(server.paths()[1].starts_with("/api/v5/market/candles?"), "what is new is not in the history yet");
}

#[tokio::test]
async fn an_instrument_without_candles_has_no_first_one() {
    let server = Server::always("200 OK", r#"{"code":"0","msg":"","data":[]}"#).await;
    let page = okx(&server).edge_candle(spot(), Interval::H1, Edge::First).await.unwrap();
    assert_eq!((page.rows.len(), server.paths().len()), (0, 1));
    let server = Server::start(|_| ok(&candle_row(NOW.ms() + 7_200_000, "1"))).await;
    let error = okx(&server).edge_candle(spot(), Interval::H1, Edge::First).await.unwrap_err();
    assert!(matches!(error, ExchangeError::WrongAnswer(_)), "an answer that ignores the bound is none: {error}");
}
