//! Kraken v2 over WebSocket.

use super::super::wire::{NOW, config, start, time};
use super::client::{Client, fields, simulation};
use marketdata_tui::domain::interval::Interval;
use marketdata_tui::domain::price::{Decimal, parse_decimal};
use marketdata_tui::domain::range::TimeRange;
use marketdata_tui::domain::time::Time;
use marketdata_tui::sim::{SimConfig, Simulation, StreamSettings, Venue};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

async fn open(sim: &Simulation) -> Client {
    let mut client = Client::open(sim, "/v2").await;
    let status = client.text().await;
    let names = "channel type data version system api_version connection_id upcoming_maintenance emergency";
    assert_eq!(fields(&status), names);
    let status: Value = serde_json::from_str(&status).unwrap();
    assert!(status["data"][0]["connection_id"].as_u64().unwrap() > i64::MAX as u64);
    client
}

/// The next text that is no heartbeat.
async fn told(client: &mut Client) -> String {
    loop {
        let text = client.text().await;
        if text != r#"{"channel":"heartbeat"}"# {
            return text;
        }
    }
}

async fn answer(client: &mut Client) -> Value {
    serde_json::from_str(&told(client).await).unwrap()
}

/// The number after `"name":` as it stands there.
fn raw<'a>(text: &'a str, name: &str) -> &'a str {
    let (_, rest) = text.rsplit_once(&format!("\"{name}\":")).unwrap();
    &rest[..rest.find([',', '}']).unwrap()]
}

fn decimal(text: &str, name: &str) -> Decimal {
    parse_decimal(raw(text, name)).unwrap()
}

#[tokio::test]
async fn control_messages() {
    let sim = start().await;
    let mut client = open(&sim).await;
    client.send(r#"{"method":"ping","req_id":101}"#).await;
    assert_eq!(fields(&told(&mut client).await), "method req_id time_in time_out");
    let params = r#"{"channel":"trade","symbol":["BTC/USD","XBT/USD"],"snapshot":false}"#;
    client.send(&format!(r#"{{"method":"subscribe","params":{params},"req_id":7}}"#)).await;
    let ack = told(&mut client).await;
    assert_eq!(fields(&ack), "method req_id result channel snapshot symbol success time_in time_out");
    assert!(
        ack.contains(r#""req_id":7,"result":{"channel":"trade","snapshot":false,"symbol":"BTC/USD"},"success":true"#),
        "{ack}"
    );
    let refused = told(&mut client).await;
    assert!(refused.starts_with(r#"{"error":"Currency pair not supported XBT/USD","method":"subscribe","#), "{refused}");
    assert!(refused.contains(r#""success":false,"symbol":"XBT/USD","time_in":"2025-07-01T12:34:30.000000Z""#), "{refused}");
    let mut check = async |params: &str, method: &str, expected: &str| {
        client.send(&format!(r#"{{"method":"{method}","params":{params}}}"#)).await;
        let refused = answer(&mut client).await;
        assert_eq!((&refused["error"], &refused["success"]), (&json!(expected), &json!(false)));
    };
    check(params, "buy", "Method not supported").await;
    check(r#"{"channel":"spread","symbol":["BTC/USD"]}"#, "subscribe", "Channel not supported").await;
    check(r#"{"channel":"ohlc","interval":7,"symbol":["BTC/USD"]}"#, "subscribe", "Ohlc interval not supported").await;
    check(r#"{"channel":"trade","symbol":["ETH/USD"]}"#, "unsubscribe", "Subscription Not Found").await;
    client.send(r#"{"method":"unsubscribe","params":{"channel":"trade","symbol":["BTC/USD"]}}"#).await;
    assert_eq!(answer(&mut client).await["success"], true);
}

#[tokio::test]
async fn candles_come_with_trades_alone() {
    let sim = start().await;
    for symbol in ["BTC/USD", "QUIET/USD"] {
        let market = sim.markets().iter().find(|market| market.venue() == Venue::Kraken && market.symbol() == symbol).unwrap();
        let mut client = open(&sim).await;
        let params = json!({"channel": "ohlc", "symbol": [symbol], "interval": 1, "snapshot": true});
        client.send(&json!({"method": "subscribe", "params": params}).to_string()).await;
        let ack = told(&mut client).await;
        assert!(ack.contains(r#""warnings":["timestamp is deprecated, use interval_begin"]},"success":true"#), "{ack}");
        let snapshot: Value = serde_json::from_str(&told(&mut client).await).unwrap();
        assert_eq!((&snapshot["channel"], &snapshot["type"]), (&json!("ohlc"), &json!("snapshot")));
        let from = sim.now();
        sim.advance_clock(600_000);
        client.send(r#"{"method":"ping"}"#).await;
        let mut last: BTreeMap<i64, String> = BTreeMap::new();
        loop {
            let text = told(&mut client).await;
            if text.contains("\"pong\"") {
                break;
            }
            let names =
                "channel type timestamp data symbol open high low close trades volume vwap interval_begin interval timestamp";
            assert_eq!(fields(&text), names);
            let begin = raw(&text, "interval_begin").trim_matches('"').to_owned();
            last.insert(Time::parse(&begin, Time::EPOCH).unwrap().ms(), text);
        }
        let minutes = TimeRange::new(from.floor_to(60_000), from.floor_to(60_000).plus_ms(600_000));
        let traded: Vec<_> = market.candles(Interval::M1, minutes).into_iter().filter(|c| c.trade_count != Some(0)).collect();
        assert!(!traded.is_empty());
        for candle in &traded {
            let text = &last[&candle.open_time.ms()];
            let got = ["open", "high", "low", "close", "volume"].map(|name| decimal(text, name));
            assert_eq!(got, [candle.open, candle.high, candle.low, candle.close, candle.volume], "{text}");
            assert_eq!(raw(text, "trades"), candle.trade_count.unwrap().to_string());
            assert_eq!(raw(text, "volume").split_once('.').unwrap().1.len(), 8, "trailing zeros stay");
        }
        let quiet = last.range(..minutes.to.ms()).filter(|(open, _)| !traded.iter().any(|c| c.open_time.ms() == **open));
        assert_eq!(quiet.count(), 0, "no frame for a minute without a trade");
    }
}

#[tokio::test]
async fn trades_and_tickers() {
    let sim = start().await;
    let market = sim.market_on(Venue::Kraken, "XXBTZUSD").unwrap().clone();
    let mut client = open(&sim).await;
    client.send(r#"{"method":"subscribe","params":{"channel":"trade","symbol":["BTC/USD"],"snapshot":true}}"#).await;
    told(&mut client).await;
    let snapshot = answer(&mut client).await;
    assert_eq!((&snapshot["type"], snapshot["data"].as_array().unwrap().len()), (&json!("snapshot"), 50));
    sim.advance_clock(600_000);
    let from = time(NOW);
    let expected = market.trades(TimeRange::new(from, from.plus_ms(600_000 - 1)));
    assert!(expected.len() > 10);
    for trade in &expected {
        let text = told(&mut client).await;
        assert_eq!(fields(&text), "channel type data symbol side price qty ord_type trade_id timestamp");
        assert_eq!(raw(&text, "trade_id"), trade.id.to_string());
        assert_eq!([decimal(&text, "price"), decimal(&text, "qty")], [trade.price, trade.size]);
        assert_eq!(raw(&text, "side"), if trade.taker_is_buyer { "\"buy\"" } else { "\"sell\"" });
        let stamp = raw(&text, "timestamp").trim_matches('"').to_owned();
        assert_eq!(stamp.len(), "2026-09-25T17:48:26.844359Z".len());
        assert_eq!(&stamp[20..26], format!("{:06}", trade.time_ns.rem_euclid(1_000_000_000) / 1_000));
    }
    let mut client = open(&sim).await;
    client.send(r#"{"method":"subscribe","params":{"channel":"ticker","symbol":["BTC/USD"]}}"#).await;
    told(&mut client).await;
    let snapshot = told(&mut client).await;
    let names = "symbol bid bid_qty ask ask_qty last volume vwap low high change change_pct trades timestamp";
    assert_eq!(fields(&snapshot), format!("channel type data {names}"));
    sim.advance_clock(60_000);
    assert_eq!(fields(&told(&mut client).await), format!("channel type data {names}"));
}

#[tokio::test]
async fn heartbeats_and_bursts() {
    let streams = StreamSettings { kraken_heartbeat: Duration::from_millis(20), ..StreamSettings::default() };
    let sim = simulation(SimConfig { streams, ..config() }).await;
    let mut client = open(&sim).await;
    assert!(!client.hears_within(Duration::from_millis(60)).await, "nothing is subscribed");
    client.send(r#"{"method":"subscribe","params":{"channel":"trade","symbol":["BTC/USD"]}}"#).await;
    for _ in 0..3 {
        client.text_with("heartbeat").await;
    }
    for _ in 0..80 {
        client.send(r#"{"method":"ping"}"#).await;
    }
    client.text_with(r#"{"Error":"Exceeded msg rate"}"#).await;
}
