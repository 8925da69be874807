//! Each fault of a socket as a client sees it.

use super::super::wire::{config, time};
use super::client::{Client, simulation};
use marketdata_tui::sim::{SimConfig, Simulation, StreamSettings};
use serde_json::Value;
use std::time::{Duration, Instant};
use tokio_tungstenite::tungstenite::{Error, Message};

/// A simulation with this rule and no limits.
async fn faulty(rule: &str) -> Simulation {
    let streams = StreamSettings { limits: false, ..StreamSettings::default() };
    simulation(SimConfig { faults: vec![rule.parse().unwrap()], streams, ..config() }).await
}

/// A socket on whose one stream `seconds` pass.
async fn told(sim: &Simulation, seconds: i64) -> Client {
    let mut client = Client::open(sim, "/ws/btcusdt@kline_1m").await;
    settled(&mut client).await;
    sim.advance_clock(seconds * 1_000);
    client
}

/// Waits until everything sent before has been heard.
async fn settled(client: &mut Client) {
    client.send(r#"{"method":"LIST_SUBSCRIPTIONS","id":1}"#).await;
    client.find(|frame| frame.get("result").is_some()).await;
}

/// Event times up to and including the next answer's.
async fn times(client: &mut Client) -> Vec<i64> {
    client.send(r#"{"method":"LIST_SUBSCRIPTIONS","id":1}"#).await;
    let mut times = Vec::new();
    loop {
        let frame = client.json().await;
        match frame["E"].as_i64() {
            Some(at) => times.push(at),
            None => return times,
        }
    }
}

async fn end(client: &mut Client) -> Error {
    loop {
        if let Err(error) = client.message().await {
            return error;
        }
    }
}

fn struck(sim: &Simulation) -> Vec<String> {
    sim.requests().into_iter().filter_map(|request| request.fault).collect()
}

#[tokio::test]
async fn broken_sockets() {
    let sim = faulty("drop-socket every 3").await;
    let mut client = told(&sim, 10).await;
    for _ in 0..2 {
        client.json().await;
    }
    assert!(matches!(end(&mut client).await, Error::Io(_) | Error::Protocol(_)));
    assert_eq!(struck(&sim), ["drop-socket"]);

    let sim = faulty("freeze-socket after 1").await;
    let mut client = told(&sim, 10).await;
    client.json().await;
    client.send_message(Message::Ping(Vec::new().into())).await;
    assert!(!client.hears_within(Duration::from_millis(100)).await);

    let sim = faulty("garbage-frame first 1").await;
    assert!(matches!(end(&mut told(&sim, 10).await).await, Error::Protocol(_)));

    let sim = faulty("invalid-utf8 first 1").await;
    assert!(matches!(end(&mut told(&sim, 10).await).await, Error::Utf8(_)));

    let sim = faulty("huge-frame first 1").await;
    assert!(matches!(end(&mut told(&sim, 10).await).await, Error::Capacity(_)));
    let sim = faulty("huge-frame bytes=1000000 first 1").await;
    let mut client = told(&sim, 10).await;
    let huge = client.text().await;
    assert_eq!(huge.len(), 1_000_000);
    assert_eq!(serde_json::from_str::<Value>(&huge).unwrap()["e"], "kline");
    client.json().await;
}

#[tokio::test]
async fn sockets_are_dropped_by_the_clock() {
    let sim = faulty("drop-socket every 7m").await;
    let mut client = told(&sim, 3 * 60).await;
    settled(&mut client).await;
    sim.advance_clock(5 * 60_000);
    let mut last = 0;
    loop {
        match client.message().await {
            Ok(Message::Text(text)) => {
                last = serde_json::from_str::<Value>(&text).unwrap()["E"].as_i64().unwrap();
            }
            Ok(_) => {}
            Err(_) => break,
        }
    }
    let age = last - time(super::super::wire::NOW).ms();
    assert!((7 * 60_000 - 4_000..7 * 60_000).contains(&age), "{age}");
}

#[tokio::test]
async fn frames_that_are_left_out_doubled_or_late() {
    let good = faulty("drop-socket every 1000000").await;
    let expected = times(&mut told(&good, 40).await).await;
    assert!(expected.is_sorted() && expected.len() > 10);

    let sim = faulty("duplicate-frame first 1").await;
    let doubled = times(&mut told(&sim, 40).await).await;
    assert_eq!(doubled, [&expected[..1], &expected[..]].concat());

    let sim = faulty("reordered-frame first 1").await;
    let reordered = times(&mut told(&sim, 40).await).await;
    assert_eq!(reordered, [&[expected[1], expected[0]], &expected[2..]].concat());

    let sim = faulty("skipped-close at 2025-07-01T12:34:00Z").await;
    let mut client = told(&sim, 40).await;
    client.send(r#"{"method":"LIST_SUBSCRIPTIONS","id":1}"#).await;
    let mut frames = Vec::new();
    while let Some(k) = client.json().await.get("k").cloned() {
        frames.push((k["t"].as_i64().unwrap(), k["x"].as_bool().unwrap()));
    }
    assert_eq!(frames.len(), expected.len() - 1);
    assert!(frames.iter().all(|(_, closed)| !closed));
    assert_eq!(frames.last().unwrap().0, time("2025-07-01T12:35:00Z").ms());
    settled(&mut client).await;
    sim.advance_clock(60_000);
    assert_eq!(client.find(|frame| frame["k"]["x"] == true).await["k"]["t"], time("2025-07-01T12:35:00Z").ms());
}

#[tokio::test]
async fn subscriptions_pings_and_ends() {
    let sim = faulty("refused-subscription first 1").await;
    let mut client = Client::open(&sim, "/ws").await;
    let subscribe = r#"{"method":"SUBSCRIBE","params":["btcusdt@kline_1m"],"id":7}"#;
    client.send(subscribe).await;
    assert_eq!(client.json().await["error"]["code"], 2);
    client.send(subscribe).await;
    assert_eq!(client.text().await, r#"{"result":null,"id":7}"#);

    let sim = faulty("silent-subscription").await;
    let mut client = Client::open(&sim, "/ws").await;
    client.send(subscribe).await;
    assert_eq!(client.text().await, r#"{"result":null,"id":7}"#);
    sim.advance_clock(600_000);
    assert_eq!(times(&mut client).await, [0; 0]);

    let sim = faulty("no-pong first 1").await;
    let mut client = Client::open(&sim, "/ws").await;
    for payload in ["one", "two"] {
        client.send_message(Message::Ping(payload.into())).await;
    }
    assert_eq!(client.message().await.unwrap(), Message::Pong("two".into()));

    let sim = faulty("shutdown-notice ms=50 first 1").await;
    let mut client = told(&sim, 3).await;
    client.json().await;
    let notice = client.json().await;
    assert_eq!(notice["e"], "serverShutdown");
    assert!(matches!(client.message().await.unwrap(), Message::Close(Some(_))));
}

#[tokio::test]
async fn handshakes() {
    for status in [403, 429, 503] {
        let sim = faulty(&format!("refused-handshake status={status} first 1")).await;
        let refused = Client::try_open(&sim, "/ws").await.err().unwrap();
        assert!(matches!(refused, Error::Http(answer) if answer.status() == status));
        Client::open(&sim, "/ws").await;
        assert_eq!(struck(&sim), [format!("refused-handshake status={status}")]);
    }
    let sim = faulty("slow-handshake ms=80").await;
    let before = Instant::now();
    Client::open(&sim, "/ws").await;
    assert!(before.elapsed() >= Duration::from_millis(80));
}
