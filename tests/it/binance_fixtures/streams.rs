//! Recorded frames of the spot market through its protocol.

use super::{FOLDER, candle, trade};
use crate::support::fixtures::{at, check_frames, decimal, folder};
use marketdata_tui::domain::instrument::{Instrument, InstrumentStatus};
use marketdata_tui::domain::interval::Interval;
use marketdata_tui::domain::ticker::Ticker;
use marketdata_tui::domain::trade::Side;
use marketdata_tui::exchange::binance::{Binance, BinanceSettings};
use marketdata_tui::exchange::clock::Clock;
use marketdata_tui::exchange::port::Exchange as _;
use marketdata_tui::exchange::stream::{Heard, Protocol, StreamEvent, Subscription, Topic};
use std::sync::Arc;

fn protocol() -> Arc<dyn Protocol> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Binance::new(&BinanceSettings::default(), Clock::System).unwrap().protocol().unwrap()
}

fn instrument(base: &str, quote: &str) -> Arc<Instrument> {
    Arc::new(super::instrument(base, quote, InstrumentStatus::Trading, "0.01", "0.00001", 2))
}

/// What the lines say that do not say nothing.
fn heard(text: &str, base: &str, quote: &str) -> Vec<Heard> {
    let (protocol, roster) = (protocol(), [&instrument(base, quote)].into_iter().collect());
    text.lines().filter(|line| !line.is_empty()).flat_map(|line| protocol.read(line, &roster).unwrap()).collect()
}

fn minute(instrument: Arc<Instrument>, candle: marketdata_tui::domain::candle::Candle) -> StreamEvent {
    StreamEvent::Candle { instrument, interval: Interval::M1, candle, closed: false }
}

/// Each shared recording, held against what it says.
type Check = fn(&str);

pub(super) const FRAMES: [(&str, Check); 10] = [
    ("ws_aggTrade__funding-rate-arbitrage__BTCUSDT.jsonl", |text| {
        let trade = trade(4_053_591_144, 1_788_416_047_395, ["77709.85", "0.00465"], Side::Sell, 2);
        let event = StreamEvent::Trade { instrument: instrument("BTC", "USDT"), trade };
        assert_eq!(heard(text, "BTC", "USDT"), [Heard { at: Some(at(1_788_416_047_395)), event }]);
        assert_eq!(heard(text, "ETH", "USDT"), [], "not on the roster");
    }),
    ("ws_bookTicker__funding-rate-arbitrage__BTCUSDT.jsonl", |text| assert_eq!(heard(text, "BTC", "USDT"), [])),
    ("ws_capture__hftbacktest__btcusdt.log", |text| {
        // Each line begins with the local time of its arrival.
        let frames: Vec<&str> = text.lines().map(|line| line.split_once(' ').unwrap().1).collect();
        assert_eq!((frames.len(), heard(&frames.join("\n"), "BTC", "USDT")), (3_000, vec![]));
    }),
    ("ws_combined__cryptofeed__NKNUSDT.jsonl", |text| {
        let nkn = instrument("NKN", "USDT");
        let numbers = ["0.3527", "0.3528", "0.3522", "0.3528", "25877", "9116.046"];
        let candle = candle(1_633_998_480_000, numbers, 30, ["58", "20.4624"]);
        let trade = trade(15_683_430, 1_633_998_523_963, ["0.3528", "58"], Side::Buy, 1);
        let events = [StreamEvent::Trade { instrument: Arc::clone(&nkn), trade }, minute(nkn, candle)];
        let expected = events.map(|event| Heard { at: Some(at(1_633_998_523_963)), event });
        assert_eq!((text.lines().count(), heard(text, "NKN", "USDT")), (62, expected.to_vec()));
    }),
    ("ws_control__binance-spot-api-docs.jsonl", |text| {
        let (sent, answers): (Vec<&str>, Vec<&str>) = text.lines().partition(|line| line.contains("\"method\""));
        let reason = "Invalid request: property name must be a string (2)".to_owned();
        let acknowledged = || StreamEvent::Acknowledged;
        let expected = [acknowledged(), acknowledged(), acknowledged(), StreamEvent::Refused { name: None, id: Some(4), reason }];
        assert_eq!(heard(&answers.join("\n"), "BTC", "USDT"), expected.map(|event| Heard { at: None, event }));
        let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        let topics = [Topic::Trades, Topic::Candles(Interval::M1)];
        let both = topics.map(|topic| Subscription { instrument: instrument("BTC", "USDT"), topic });
        assert_eq!(value(&protocol().subscribe(1, &both)[0]), value(sent[0]));
        assert_eq!(value(&protocol().unsubscribe(312, &both[..1])[0]), value(sent[2]));
    }),
    ("ws_kline__crypto-msg-parser__BTCUSDT.jsonl", |text| {
        let numbers = ["29038.46", "29038.47", "29038.46", "29038.47", "0.20926", "6076.5891832"];
        let candle = candle(1_653_818_760_000, numbers, 31, ["0.10436", "3030.4547292"]);
        let event = minute(instrument("BTC", "USDT"), candle);
        assert_eq!(heard(text, "BTC", "USDT"), [Heard { at: Some(at(1_653_818_762_502)), event }]);
    }),
    ("ws_kline__gh-issue__BTCUSDT-raw.jsonl", |text| {
        let numbers = ["77560.64", "77568.87", "77539.56", "77539.56", "2.89566", "224590.8489681"];
        let candle = candle(1_787_380_860_000, numbers, 899, ["1.5198", "117873.71400110"]);
        let event = minute(instrument("BTC", "USDT"), candle);
        assert_eq!(heard(text, "BTC", "USDT"), [Heard { at: Some(at(1_787_380_868_016)), event }], "without a stream around it");
    }),
    ("ws_miniTicker__binance-spot-api-docs.jsonl", |text| {
        let ticker = Ticker {
            native: "BNBBTC".into(),
            last: decimal("0.0025"),
            open_24h: Some(decimal("0.001")),
            high_24h: decimal("0.0025"),
            low_24h: decimal("0.001"),
            volume_24h: decimal("10000"),
            quote_volume_24h: Some(decimal("18")),
            mean_24h: None,
            trades_24h: None,
            at: at(1_672_515_782_136),
        };
        let event = StreamEvent::Ticker { instrument: instrument("BNB", "BTC"), ticker };
        assert_eq!(heard(text, "BNB", "BTC"), [Heard { at: Some(at(1_672_515_782_136)), event }]);
    }),
    ("ws_ticker__crypto-msg-parser__ETHUSDT.jsonl", |text| assert_eq!(heard(text, "ETH", "USDT"), [])),
    ("ws_trade__nautilus_trader__ETHUSDT.jsonl", |text| assert_eq!(heard(text, "ETH", "USDT"), [])),
];

#[test]
fn shared_frames() {
    let Some(folder) = folder(FOLDER) else { return };
    check_frames(&folder, FRAMES);
}
