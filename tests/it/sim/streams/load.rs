//! Many messages and many subscriptions.

use super::super::wire::{NOW, config, time};
use super::client::{Client, PATIENCE, simulation};
use marketdata_tui::sim::{Character, Market, SimClock, SimConfig, StreamSettings};
use serde_json::json;
use std::time::{Duration, Instant};
use tokio_tungstenite::tungstenite::Message;

const CHARACTER: Character = Character {
    price_decimals: 2,
    lot_decimals: 3,
    price_ticks: 61_000,
    volatility_ppm: 350,
    lots_per_minute: 120_000,
    lots_per_trade: 700,
    quiet_permille: 0,
};

fn unlimited() -> StreamSettings {
    StreamSettings { limits: false, ..StreamSettings::default() }
}

#[tokio::test]
async fn a_burst_repeats_the_newest_frames() {
    let streams = StreamSettings { burst: 20_000, ..unlimited() };
    let sim = simulation(SimConfig { streams, ..config() }).await;
    let mut client = Client::open(&sim, "/stream?streams=btcusdt@miniTicker/ethusdt@miniTicker").await;
    client.send(r#"{"method":"LIST_SUBSCRIPTIONS","id":1}"#).await;
    client.json().await;
    sim.advance_clock(1_000);
    let before = Instant::now();
    let mut counts = [0, 0];
    while counts.iter().sum::<usize>() < 4_000 {
        let Message::Text(text) = client.message().await.unwrap() else { continue };
        counts[usize::from(text.contains("ETHUSDT"))] += 1;
    }
    println!("{:.0} messages a second", 4_000.0 / before.elapsed().as_secs_f64());
    assert!(before.elapsed() < PATIENCE && counts[0].abs_diff(counts[1]) < 100, "{counts:?}");
}

#[tokio::test]
async fn hundreds_of_symbols_on_one_socket() {
    let listed = time("2024-01-01");
    let many: Vec<Market> = (0..200).map(|at| Market::generated(1, &format!("C{at}"), "USDT", listed, CHARACTER)).collect();
    let clock = SimClock::From { at: time(NOW), speed: 0.0 };
    let sim = simulation(SimConfig { clock, markets: many, streams: unlimited(), ..config() }).await;
    let mut client = Client::open(&sim, "/ws").await;
    let names: Vec<String> = (0..200).map(|at| format!("c{at}usdt@kline_1m")).collect();
    let before = Instant::now();
    client.send(&json!({"method": "SUBSCRIBE", "params": names, "id": 1}).to_string()).await;
    client.json().await;
    println!("subscribed after {:?}", before.elapsed());
    let before = Instant::now();
    sim.advance_clock(32_500);
    let mut closed = 0;
    while closed < 200 {
        let Ok(Message::Text(text)) = client.message().await else { panic!("the socket ended") };
        closed += usize::from(text.contains("\"x\":true"));
    }
    println!("told after {:?}", before.elapsed());
    assert!(before.elapsed() < Duration::from_secs(30));
}
