//! OKX over WebSocket.

use super::super::wire::{NOW, config, get, start, time};
use super::client::{Client, fields, simulation};
use marketdata_tui::domain::interval::Interval;
use marketdata_tui::domain::price::{Decimal, parse_decimal};
use marketdata_tui::domain::range::TimeRange;
use marketdata_tui::sim::{SimConfig, Simulation, StreamSettings, Venue};
use serde_json::{Value, json};
use std::time::Duration;
use tokio_tungstenite::tungstenite::Message;

const PUBLIC: &str = "/ws/v5/public";
const BUSINESS: &str = "/ws/v5/business";

fn subscribe(channel: &str, instrument: &str) -> String {
    json!({"op": "subscribe", "args": [{"channel": channel, "instId": instrument}]}).to_string()
}

async fn unlimited() -> Simulation {
    let streams = StreamSettings { limits: false, ..StreamSettings::default() };
    simulation(SimConfig { streams, ..config() }).await
}

/// A socket with one acknowledged subscription.
async fn subscribed(sim: &Simulation, path: &str, channel: &str, instrument: &str) -> Client {
    let mut client = Client::open(sim, path).await;
    client.send(&subscribe(channel, instrument)).await;
    let text = client.text().await;
    assert_eq!(fields(&text), "event arg channel instId connId", "{text}");
    client
}

fn decimal(value: &Value) -> Decimal {
    parse_decimal(value.as_str().unwrap()).unwrap()
}

#[tokio::test]
async fn control_messages() {
    let sim = start().await;
    let mut client = Client::open(&sim, PUBLIC).await;
    client.send("ping").await;
    assert_eq!(client.text().await, "pong");
    let mut refused = async |sent: &str, code: &str| {
        client.send(sent).await;
        let error = client.json().await;
        assert_eq!((&error["event"], &error["code"]), (&json!("error"), &json!(code)), "{sent}");
        error["msg"].as_str().unwrap().to_owned()
    };
    let told = refused(&subscribe("candle1m", "BTC-USDT"), "60018").await;
    assert!(told.starts_with("Subscribe failed, wrong URL or channel:candle1m,instId:BTC-USDT doesn't exist."), "{told}");
    refused(&subscribe("trades", "BTC-USD"), "60018").await;
    refused(&subscribe("funding-rate", "BTC-USDT"), "60018").await;
    assert_eq!(refused("nonsense", "60012").await, "Invalid request: nonsense");
    refused(r#"{"op":"login","args":[{}]}"#, "60012").await;
    client.send(r#"{"id":"1512","op":"subscribe","args":[{"channel":"trades","instId":"BTC-USDT"}]}"#).await;
    let text = client.text().await;
    assert_eq!(fields(&text), "id event arg channel instId connId");
    client.send(r#"{"op":"unsubscribe","args":[{"channel":"trades","instId":"BTC-USDT"}]}"#).await;
    let text = client.text().await;
    assert!(text.starts_with(r#"{"event":"unsubscribe","arg":{"channel":"trades","instId":"BTC-USDT"},"connId":""#), "{text}");
    sim.advance_clock(60_000);
    client.send("ping").await;
    assert_eq!(client.text().await, "pong", "nothing is subscribed");
    let mut other = Client::open(&sim, BUSINESS).await;
    other.send(&subscribe("trades", "BTC-USDT")).await;
    assert_eq!(other.json().await["code"], "60018");
}

#[tokio::test]
async fn candles_form_and_are_confirmed() {
    let sim = unlimited().await;
    for instrument in ["BTC-USDT", "BTC-USDT-SWAP"] {
        let market = sim.market_on(Venue::Okx, instrument).unwrap().clone();
        let contract = market.terms().map_or(Decimal::ONE, |terms| terms.contract_size);
        let mut client = subscribed(&sim, BUSINESS, "candle1m", instrument).await;
        let first = client.text().await;
        assert_eq!(fields(&first), "arg channel instId data");
        sim.advance_clock(60_000);
        let confirmed = client.find(|frame| frame["data"][0][8] == "1").await;
        let row = confirmed["data"][0].as_array().unwrap();
        assert_eq!(row.len(), 9);
        let open = row[0].as_str().unwrap().parse().map(marketdata_tui::domain::time::Time::from_ms).unwrap();
        let candle = market.candle(Interval::M1, open).unwrap();
        let got: Vec<Decimal> = row[1..8].iter().map(decimal).collect();
        let quote = candle.quote_volume.unwrap();
        let volumes = match market.terms() {
            Some(_) => [candle.volume / contract, candle.volume, quote],
            None => [candle.volume, quote, quote],
        };
        assert_eq!(got, [&[candle.open, candle.high, candle.low, candle.close][..], &volumes].concat(), "{instrument}");
    }
    for bar in ["1H", "4H", "1Dutc", "1D", "1Wutc"] {
        let mut client = subscribed(&sim, BUSINESS, &format!("candle{bar}"), "BTC-USDT").await;
        let frame = client.json().await;
        let rest = get(&sim, &format!("/api/v5/market/candles?instId=BTC-USDT&bar={bar}&limit=1")).await.json();
        assert_eq!(frame["data"], rest["data"], "{bar}");
    }
}

#[tokio::test]
async fn trades_are_those_of_the_market() {
    let sim = start().await;
    let mut client = subscribed(&sim, PUBLIC, "trades", "BTC-USDT-SWAP").await;
    let mut single = subscribed(&sim, BUSINESS, "trades-all", "BTC-USDT-SWAP").await;
    sim.advance_clock(45_000);
    let market = sim.market_on(Venue::Okx, "BTC-USDT-SWAP").unwrap();
    let from = time(NOW);
    let expected = market.trades(TimeRange::new(from, from.plus_ms(45_000 - 1)));
    assert!(expected.len() > 20);
    for trade in &expected {
        for (client, names) in [
            (&mut client, "arg channel instId data instId tradeId px sz side ts count source seqId"),
            (&mut single, "arg channel instId data instId tradeId px sz side source ts"),
        ] {
            let text = client.text().await;
            assert_eq!(fields(&text), names);
            let frame: Value = serde_json::from_str(&text).unwrap();
            let data = &frame["data"][0];
            assert_eq!(data["tradeId"], trade.id.to_string());
            assert_eq!(data["ts"], trade.time().ms().to_string());
            assert_eq!(decimal(&data["px"]), trade.price);
            assert_eq!(decimal(&data["sz"]) * market.terms().unwrap().contract_size, trade.size);
            assert_eq!(data["side"], if trade.taker_is_buyer { "buy" } else { "sell" });
        }
    }
}

#[tokio::test]
async fn tickers_funding_and_open_interest_are_those_of_rest() {
    for (channel, instrument, target) in [
        ("tickers", "BTC-USDT", "/api/v5/market/ticker?instId=BTC-USDT"),
        ("funding-rate", "BTC-USDT-SWAP", "/api/v5/public/funding-rate?instId=BTC-USDT-SWAP"),
        ("open-interest", "BTC-USDT-SWAP", "/api/v5/public/open-interest?instType=SWAP&instId=BTC-USDT-SWAP"),
        ("mark-price", "BTC-USDT-SWAP", "/api/v5/public/mark-price?instType=SWAP&instId=BTC-USDT-SWAP"),
    ] {
        let sim = start().await;
        let mut client = subscribed(&sim, PUBLIC, channel, instrument).await;
        let told = client.json().await["data"].clone();
        let rest = get(&sim, target).await.json();
        assert_eq!(told, rest["data"], "{channel}");
        sim.advance_clock(120_000);
        assert_ne!(client.json().await["data"], told);
    }
}

#[tokio::test]
async fn idle_sockets_and_too_many_operations() {
    let streams = StreamSettings { okx_idle: Duration::from_millis(80), ..StreamSettings::default() };
    let sim = simulation(SimConfig { streams, ..config() }).await;
    let mut client = Client::open(&sim, PUBLIC).await;
    for _ in 0..3 {
        tokio::time::sleep(Duration::from_millis(40)).await;
        client.send("ping").await;
        assert_eq!(client.text().await, "pong");
    }
    assert!(matches!(client.message().await.unwrap(), Message::Close(Some(frame)) if u16::from(frame.code) == 4004));
    let sim = start().await;
    let mut client = Client::open(&sim, PUBLIC).await;
    for number in 0..481 {
        client.send(r#"{"op":"unsubscribe","args":[{"channel":"trades","instId":"BTC-USDT"}]}"#).await;
        let answer = client.json().await;
        assert_eq!(answer["code"] == "60014", number == 480, "{number}: {answer}");
    }
    for _ in 0..2 {
        Client::open(&sim, PUBLIC).await;
    }
    assert!(Client::try_open(&sim, PUBLIC).await.is_err(), "the fourth within a second");
}

#[tokio::test]
async fn faults() {
    let faulty = async |rule: &str| simulation(SimConfig { faults: vec![rule.parse().unwrap()], ..config() }).await;
    let sim = faulty("no-pong first 1 on /ws/v5").await;
    let mut client = Client::open(&sim, PUBLIC).await;
    client.send("ping").await;
    client.send("ping").await;
    assert_eq!(client.text().await, "pong");
    assert!(!client.hears_within(Duration::from_millis(50)).await);

    let sim = faulty("shutdown-notice ms=30 first 1").await;
    let mut client = subscribed(&sim, PUBLIC, "tickers", "BTC-USDT").await;
    client.json().await;
    let notice = client.json().await;
    assert_eq!((&notice["event"], &notice["code"]), (&json!("notice"), &json!("64008")));
    assert!(matches!(client.message().await.unwrap(), Message::Close(Some(_))));

    let sim = faulty("refused-subscription first 1").await;
    let mut client = Client::open(&sim, PUBLIC).await;
    client.send(&subscribe("trades", "BTC-USDT")).await;
    assert_eq!(client.json().await["code"], "60018");

    let sim = faulty("skipped-close first 1").await;
    let mut client = subscribed(&sim, BUSINESS, "candle1m", "BTC-USDT").await;
    sim.advance_clock(120_000);
    let closed = client.find(|frame| frame["data"][0][8] == "1").await;
    assert_eq!(closed["data"][0][0], time("2025-07-01T12:35:00Z").ms().to_string());
}
