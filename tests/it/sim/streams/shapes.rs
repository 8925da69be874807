//! Frames beside recorded ones: the same fields in the same order, numbers written in the same way.

use super::super::wire::config;
use super::client::{Client, simulation};
use crate::support::shared;
use marketdata_tui::sim::{SimConfig, Simulation, StreamSettings};

/// The first recorded frame that holds `part`; `None` where there are no recordings.
fn recorded(file: &str, part: &str) -> Option<String> {
    let text = std::fs::read_to_string(shared(&format!("fixtures/{file}"))?).unwrap();
    let line = text.lines().find(|line| line.contains(part));
    Some(line.unwrap_or_else(|| panic!("{file} has no {part}")).to_owned())
}

/// What is left of a frame when it does not matter which number, side or truth stands there: names, their
/// order, and which values are strings, numbers or flags.
fn shape(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars().filter(|c| *c != ' ') {
        let digit = c.is_ascii_digit();
        if !(digit && out.ends_with('9')) {
            out.push(if digit { '9' } else { c });
        }
    }
    let same = [("9.9", "9"), ("-9", "9"), ("true", "false"), ("sell", "buy"), ("market\"", "limit\"")];
    same.iter().fold(out, |out, (one, other)| out.replace(one, other))
}

async fn told(sim: &Simulation, path: &str, subscribe: &str, part: &str) -> String {
    let mut client = Client::open(sim, path).await;
    if subscribe.is_empty() {
        client.send(r#"{"method":"LIST_SUBSCRIPTIONS","id":1}"#).await;
        client.text().await;
    } else {
        client.send(subscribe).await;
        client.text_with(if path == "/v2" { "\"success\":true" } else { "connId" }).await;
    }
    // Kraken trades seldom.
    sim.advance_clock(if path == "/v2" { 300_000 } else { 5_000 });
    client.text_with(part).await
}

#[tokio::test]
async fn frames_are_written_as_recorded() {
    let streams = StreamSettings { limits: false, ..StreamSettings::default() };
    let sim = simulation(SimConfig { streams, ..config() }).await;
    for (file, part, path) in [
        ("binance/ws_kline__gh-issue__BTCUSDT-raw.jsonl", "", "/ws/btcusdt@kline_1m"),
        ("binance/ws_kline__crypto-msg-parser__BTCUSDT.jsonl", "", "/stream?streams=btcusdt@kline_1m"),
        ("binance/ws_aggTrade__funding-rate-arbitrage__BTCUSDT.jsonl", "", "/stream?streams=btcusdt@aggTrade"),
        ("binance/ws_bookTicker__funding-rate-arbitrage__BTCUSDT.jsonl", "", "/stream?streams=btcusdt@bookTicker"),
        ("binance/ws_capture__hftbacktest__btcusdt.log", "@trade", "/stream?streams=btcusdt@trade"),
        ("binance/ws_ticker__crypto-msg-parser__ETHUSDT.jsonl", "", "/stream?streams=ethusdt@ticker"),
        ("binance/ws_miniTicker__binance-spot-api-docs.jsonl", "", "/stream?streams=bnbusdt@miniTicker"),
        ("binanceusdm/ws_aggTrade__idx63234966909__BTCUSDT.jsonl", "", "/market/stream?streams=btcusdt@aggTrade"),
        ("binanceusdm/ws_bookTicker__funding-rate-arbitrage__mainnet.jsonl", "btc", "/public/stream?streams=btcusdt@bookTicker"),
        ("binanceusdm/ws_kline__idx63234966909__BTCUSDT-open-close.jsonl", "", "/market/stream?streams=btcusdt@kline_1m"),
        ("binanceusdm/ws_markPrice__idx63234966909__BTCUSDT.jsonl", "", "/market/stream?streams=btcusdt@markPrice@1s"),
        ("binanceusdm/ws_ticker__crypto-msg-parser__ETHUSDT.jsonl", "", "/market/stream?streams=ethusdt@ticker"),
        ("binanceusdm/ws_trade__funding-rate-arbitrage__BTCUSDT.jsonl", "", "/public/stream?streams=btcusdt@trade"),
    ] {
        let Some(theirs) = recorded(file, part) else { return };
        // A capture has the local time before each frame.
        let theirs = theirs[theirs.find('{').unwrap()..].replace("BNBBTC", "BNBUSDT").replace("bnbbtc", "bnbusdt");
        let ours = told(&sim, path, "", "").await;
        assert_eq!(shape(&ours), shape(&theirs), "{file}");
    }
    for (file, path, channel, instrument) in [
        ("okx/ws_candle__idx68865579273__BTC-USDT.jsonl", "business", "candle1m", "BTC-USDT"),
        ("okx/ws_trades__funding-rate-arbitrage__SWAP.jsonl", "public", "trades", "BTC-USDT-SWAP"),
        ("okx/ws_tradesAll__crypto-api-docs.jsonl", "business", "trades-all", "BTC-USDT"),
        ("okx/ws_tickers__bytex__BTC-USDT.jsonl", "public", "tickers", "BTC-USDT"),
        ("okx/ws_fundingRate__funding-rate-arbitrage__BTC-USDT-SWAP.jsonl", "public", "funding-rate", "BTC-USDT-SWAP"),
        ("okx/ws_markPrice__bytex__BTC-USDT-SWAP.jsonl", "public", "mark-price", "BTC-USDT-SWAP"),
    ] {
        let Some(theirs) = recorded(file, "data") else { return };
        let subscribe = format!(r#"{{"op":"subscribe","args":[{{"channel":"{channel}","instId":"{instrument}"}}]}}"#);
        let ours = told(&sim, &format!("/ws/v5/{path}"), &subscribe, "data").await;
        assert_eq!(shape(&ours), shape(&theirs), "{file}");
    }
    for (file, channel) in [
        ("kraken/ws2_ohlc__bytex__BTCUSD.jsonl", "ohlc"),
        ("kraken/ws2_trade__bytex__BTCUSD.jsonl", "trade"),
        ("kraken/ws2_ticker__bytex__BTCUSD.jsonl", "ticker"),
    ] {
        let Some(theirs) = recorded(file, "update") else { return };
        let subscribe =
            format!(r#"{{"method":"subscribe","params":{{"channel":"{channel}","symbol":["BTC/USD"],"snapshot":false}}}}"#);
        let ours = told(&sim, "/v2", &subscribe, &format!("\"channel\":\"{channel}\",\"type\":\"update\"")).await;
        assert_eq!(shape(&ours), shape(&theirs), "{file}");
    }
}
