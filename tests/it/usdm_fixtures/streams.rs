//! Recorded frames of the futures through their protocol.

use super::{FOLDER, perpetual};
use crate::binance_fixtures::{candle, trade};
use crate::support::fixtures::{at, check_frames, decimal, folder};
use marketdata_tui::domain::candle::Candle;
use marketdata_tui::domain::funding::FundingForecast;
use marketdata_tui::domain::instrument::{Instrument, Scales};
use marketdata_tui::domain::interval::Interval;
use marketdata_tui::domain::ticker::Ticker;
use marketdata_tui::domain::trade::Side;
use marketdata_tui::exchange::binance_usdm::STREAM_URL;
use marketdata_tui::exchange::binance_usdm::stream::UsdmProtocol;
use marketdata_tui::exchange::stream::{Heard, Protocol as _, StreamEvent, Subscription, Topic};
use std::sync::Arc;

fn instrument(base: &str) -> Arc<Instrument> {
    Arc::new(perpetual(base, 2, Scales { price: 2, base: 6, quote: 6 }))
}

/// What the lines say that do not say nothing.
fn heard(text: &str, base: &str) -> Vec<Heard> {
    let (protocol, roster) = (UsdmProtocol::new(STREAM_URL).unwrap(), [&instrument(base)].into_iter().collect());
    text.lines().filter(|line| !line.is_empty()).flat_map(|line| protocol.read(line, &roster).unwrap()).collect()
}

fn minute(base: &str, candle: Candle, closed: bool) -> StreamEvent {
    StreamEvent::Candle { instrument: instrument(base), interval: Interval::M1, candle, closed }
}

fn says(ms: i64, event: StreamEvent) -> Heard {
    Heard { at: Some(at(ms)), event }
}

fn nothing_of_bitcoin(text: &str) {
    assert!(!text.trim().is_empty());
    assert_eq!(heard(text, "BTC"), []);
}

/// Each shared recording, held against what it says.
type Check = fn(&str);

pub(super) const FRAMES: [(&str, Check); 11] = [
    ("ws_aggTrade__idx63234966909__BTCUSDT.jsonl", |text| {
        let trade = trade(300_238_285, 1_785_048_482_718, ["64346.7", "0.02"], Side::Buy, 1);
        let event = StreamEvent::Trade { instrument: instrument("BTC"), trade };
        assert_eq!(heard(text, "BTC"), [says(1_785_048_482_872, event)]);
        assert_eq!(heard(&text.replace(r#""st":1"#, r#""st":2"#), "BTC"), [], "of the other market");
    }),
    ("ws_bookTicker__funding-rate-arbitrage__mainnet.jsonl", nothing_of_bitcoin),
    ("ws_bookTicker__idx63234966909__BTCUSDT.jsonl", nothing_of_bitcoin),
    ("ws_control__ccxt.jsonl", |text| {
        let (sent, answer) = text.trim().split_once('\n').unwrap();
        assert_eq!(heard(answer, "BTC"), [Heard { at: None, event: StreamEvent::Acknowledged }]);
        let subscription = Subscription { instrument: instrument("BTC"), topic: Topic::Candles(Interval::M1) };
        let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        assert_eq!(value(&UsdmProtocol::new(STREAM_URL).unwrap().subscribe(1, &[subscription])[0]), value(sent));
    }),
    ("ws_forceOrder__crypto-api-docs.jsonl", nothing_of_bitcoin),
    ("ws_kline__idx63234966909__BTCUSDT-open-close.jsonl", |text| {
        // With blanks within the candle.
        let open = candle(
            1_785_048_480_000,
            ["64346.7", "64346.7", "64346.7", "64346.7", "0.0502", "3230.20434"],
            11,
            ["0.0502", "3230.20434"],
        );
        let close = candle(
            1_785_048_480_000,
            ["64346.7", "64346.7", "64336", "64346.7", "24.8783", "1600832.45759"],
            235,
            ["24.4997", "1576474.84599"],
        );
        let expected = [says(1_785_048_483_771, minute("BTC", open, false)), says(1_785_048_540_333, minute("BTC", close, true))];
        assert_eq!(heard(text, "BTC"), expected);
    }),
    ("ws_markPrice__idx63234966909__BTCUSDT.jsonl", |text| {
        let forecast = FundingForecast {
            rate: decimal("0.00005301"),
            next_at: at(1_785_052_800_000),
            interval_ms: None,
            mark_price: Some(decimal("64346.7")),
        };
        let event = StreamEvent::Funding { instrument: instrument("BTC"), forecast };
        assert_eq!(heard(text, "BTC"), [says(1_785_048_483_000, event)]);
    }),
    ("ws_miniTicker__crypto-api-docs.jsonl", |text| {
        let ticker = Ticker {
            native: "BNBUSDT".into(),
            last: decimal("0.0025"),
            open_24h: Some(decimal("0.001")),
            high_24h: decimal("0.0025"),
            low_24h: decimal("0.001"),
            volume_24h: decimal("10000"),
            quote_volume_24h: Some(decimal("18")),
            mean_24h: None,
            trades_24h: None,
            at: at(123_456_789),
        };
        assert_eq!(heard(text, "BNB"), [says(123_456_789, StreamEvent::Ticker { instrument: instrument("BNB"), ticker })]);
    }),
    ("ws_minute_boundary__cryptofeed__SUSHIUSDT.jsonl", |text| {
        let heard = heard(text, "SUSHI");
        assert_eq!((text.lines().count(), heard.len()), (62, 62), "each frame is heard");
        let ids = heard.iter().filter_map(|heard| match &heard.event {
            StreamEvent::Trade { trade, .. } => Some(trade.id),
            _ => None,
        });
        assert!(ids.eq(87_353_230..=87_353_269));
        let candles: Vec<(i64, bool, Heard)> = heard
            .iter()
            .filter_map(|heard| match &heard.event {
                StreamEvent::Candle { candle, closed, .. } => Some((candle.open_time.ms(), *closed, heard.clone())),
                _ => None,
            })
            .collect();
        let closed =
            candle(1_626_992_700_000, ["7.608", "7.618", "7.607", "7.617", "3005", "22875.859"], 113, ["1900", "14464.696"]);
        assert_eq!((candles.len(), &candles[15].2), (22, &says(1_626_992_760_203, minute("SUSHI", closed, true))));
        assert!(candles[..15].iter().all(|(open, closed, _)| (*open, *closed) == (1_626_992_700_000, false)));
        assert!(candles[16..].iter().all(|(open, closed, _)| (*open, *closed) == (1_626_992_760_000, false)));
    }),
    ("ws_ticker__crypto-msg-parser__ETHUSDT.jsonl", |text| assert_eq!(heard(text, "ETH"), [])),
    ("ws_trade__funding-rate-arbitrage__BTCUSDT.jsonl", nothing_of_bitcoin),
];

#[test]
fn shared_frames() {
    let Some(folder) = folder(FOLDER) else { return };
    check_frames(&folder, FRAMES);
}
