use super::super::BinanceSettings;
use super::super::client::Binance;
use super::*;
use crate::domain::candle::Candle;
use crate::domain::instrument::Instrument;
use crate::domain::instrument::tests::instrument;
use crate::domain::interval::Interval;
use crate::domain::price::{Decimal, parse_decimal};
use crate::domain::ticker::Ticker;
use crate::domain::time::Time;
use crate::domain::trade::{Side, Trade};
use crate::exchange::clock::Clock;
use crate::exchange::port::Exchange as _;
use crate::exchange::stream::StreamEvent;

fn named(native: &str) -> Arc<Instrument> {
    Arc::new(Instrument { native: native.into(), ..instrument() })
}

fn on(native: &str, topic: Topic) -> Subscription {
    Subscription { instrument: named(native), topic }
}

fn protocol() -> Arc<dyn Protocol> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Binance::new(&BinanceSettings::default(), Clock::System).unwrap().protocol().unwrap()
}

fn heard(text: &str) -> Result<Vec<Heard>, BadFrame> {
    read::read(text, &[&named("BTCUSDT")].into_iter().collect())
}

fn decimal(text: &str) -> Decimal {
    parse_decimal(text).unwrap()
}

#[test]
fn topics_are_named_in_lower_case() {
    let protocol = protocol();
    let all = [
        on("BTCUSDT", Topic::Candles(Interval::M1)),
        on("BTCUSDT", Topic::Ticker),
        on("币安USDT", Topic::Trades),
        on("BTCUSDT", Topic::Funding),
        on("BTCUSDT", Topic::OpenInterest),
    ];
    let params = r#""params":["btcusdt@kline_1m","btcusdt@miniTicker","币安usdt@aggTrade"]"#;
    assert_eq!(protocol.subscribe(7, &all), [format!(r#"{{"id":7,"method":"SUBSCRIBE",{params}}}"#)]);
    assert_eq!(protocol.unsubscribe(8, &all), [format!(r#"{{"id":8,"method":"UNSUBSCRIBE",{params}}}"#)]);
    assert_eq!(protocol.subscribe(9, &all[3..]), [""; 0], "no message without a name");
    assert!(all.iter().all(|subscription| protocol.path(subscription) == "/stream"));
}

#[test]
fn messages_are_numbered_and_short() {
    let protocol = protocol();
    let limits = protocol.limits("/stream");
    let all: Vec<Subscription> = (0..=2 * limits.per_message).map(|at| on(&format!("S{at}USDT"), Topic::Ticker)).collect();
    let sent = protocol.subscribe(5, &all);
    assert_eq!(sent.len(), 3);
    for (at, text) in sent.iter().enumerate() {
        let message: serde_json::Value = serde_json::from_str(text).unwrap();
        assert_eq!(message["id"], 5 + at);
        assert!(message["params"].as_array().unwrap().len() <= limits.per_message);
    }
    assert!(sent[2].contains(&format!("s{}usdt@miniTicker", 2 * limits.per_message)));
    assert!(limits.subscriptions <= 1_024 && limits.messages.0 <= 5 && limits.silence >= Duration::from_secs(40));
}

const KLINE: &str = r#"{"e":"kline","E":60321,"s":"BTCUSDT","k":{"t":0,"T":59999,"s":"BTCUSDT","i":"1m","f":1,"L":7,"o":"2.50","c":"2.00000001","h":"3","l":"1","v":"10.5","n":7,"x":true,"q":"25.1","V":"4","Q":"9.9","B":"0"}}"#;
const TRADE: &str = r#"{"e":"aggTrade","E":5,"s":"BTCUSDT","a":26,"p":"0.10","q":"2","f":100,"l":104,"T":4,"m":true,"M":true}"#;
const TICKER: &str =
    r#"{"e":"24hrMiniTicker","E":9,"s":"BTCUSDT","c":"2","o":"1","h":"3","l":"0.5","v":"10","q":"18.00000000000000001"}"#;

fn wrapped(data: &str) -> String {
    format!(r#"{{"stream":"btcusdt@any","data":{data}}}"#)
}

/// The same, bare and wrapped.
fn check(data: &str, at: Option<i64>, expected: &StreamEvent) {
    let expected = Ok(vec![Heard { at: at.map(Time::from_ms), event: expected.clone() }]);
    assert_eq!((heard(data), heard(&wrapped(data))), (expected.clone(), expected), "{data}");
}

#[test]
fn candles() {
    let candle = Candle {
        open_time: Time::EPOCH,
        open: decimal("2.5"),
        high: decimal("3"),
        low: decimal("1"),
        close: decimal("2.00000001"),
        volume: decimal("10.5"),
        quote_volume: Some(decimal("25.1")),
        trade_count: Some(7),
        taker_buy_volume: Some(decimal("4")),
        taker_buy_quote_volume: Some(decimal("9.9")),
    };
    let event = |closed: bool| StreamEvent::Candle { instrument: named("BTCUSDT"), interval: Interval::M1, candle, closed };
    check(KLINE, Some(60_321), &event(true));
    check(&KLINE.replace("true", "false"), Some(60_321), &event(false));
    check(&KLINE.replace(',', " , "), Some(60_321), &event(true));
}

#[test]
fn trades_and_tickers() {
    let (price, size) = (decimal("0.1"), decimal("2"));
    let trade = Trade { id: 26, time: Time::from_ms(4), nanos: None, price, size, side: Side::Sell, fills: Some(5) };
    check(TRADE, Some(5), &StreamEvent::Trade { instrument: named("BTCUSDT"), trade });
    let bought = Trade { side: Side::Buy, ..trade };
    check(&TRADE.replace("true", "false"), Some(5), &StreamEvent::Trade { instrument: named("BTCUSDT"), trade: bought });
    let ticker = Ticker {
        native: "BTCUSDT".into(),
        last: decimal("2"),
        open_24h: Some(decimal("1")),
        high_24h: decimal("3"),
        low_24h: decimal("0.5"),
        volume_24h: decimal("10"),
        quote_volume_24h: Some(decimal("18.00000000000000001")),
        mean_24h: None,
        trades_24h: None,
        at: Time::from_ms(9),
    };
    check(TICKER, Some(9), &StreamEvent::Ticker { instrument: named("BTCUSDT"), ticker });
}

#[test]
fn answers_and_the_end() {
    let event = |text: &str| heard(text).unwrap().pop().unwrap().event;
    assert_eq!(event(r#"{"result":null,"id":1}"#), StreamEvent::Acknowledged);
    assert_eq!(event(r#"{"result":["btcusdt@aggTrade"],"id":3}"#), StreamEvent::Acknowledged);
    let reason = "Invalid request: unknown variant (2)".to_owned();
    let refused = |id: Option<u64>| StreamEvent::Refused { name: None, id, reason: reason.clone() };
    assert_eq!(event(r#"{"error":{"code":2,"msg":"Invalid request: unknown variant"},"id":4}"#), refused(Some(4)));
    assert_eq!(event(r#"{"code":2,"msg":"Invalid request: unknown variant","id":4}"#), refused(Some(4)));
    assert_eq!(event(r#"{"error":{"code":2,"msg":"Invalid request: unknown variant"},"id":null}"#), refused(None));
    check(r#"{"e":"serverShutdown","E":1770123456789}"#, Some(1_770_123_456_789), &StreamEvent::Leaving);
}

#[test]
fn what_is_of_no_interest_says_nothing() {
    for text in [
        KLINE.replace("BTCUSDT", "ETHUSDT"),
        KLINE.replace(r#""i":"1m""#, r#""i":"1s""#),
        KLINE.replace(r#""i":"1m""#, r#""i":"1M""#),
        TRADE.replace("aggTrade", "trade"),
        wrapped(r#"{"u":1,"s":"BTCUSDT","b":"1","B":"1","a":"2","A":"1"}"#),
        wrapped(&format!("[{TICKER}]")),
        "{}".into(),
    ] {
        assert_eq!(heard(&text), Ok(vec![]), "{text}");
    }
}

#[test]
fn broken_frames_are_told() {
    let check = |text: &str, expected: &str| {
        let error = heard(text).unwrap_err();
        assert!(error.what.starts_with(expected), "{text}: {error}");
    };
    check("", "not an object");
    check("pong", "not an object");
    check(r#"["kline",1]"#, "not an object");
    check(&KLINE[..KLINE.len() - 1], "EOF");
    check(&wrapped("7"), "not an object");
    check(&KLINE.replace(r#""x":true"#, r#""x":1"#), "invalid type");
    check(&KLINE.replace(r#""o":"2.50","#, ""), "missing field `o`");
    check(&KLINE.replace(r#""o":"2.50""#, r#""o":2.50"#), "invalid type");
    check(&KLINE.replace("2.50", "2.50e1"), "open: `2.50e1` is not a decimal number");
    check(&KLINE.replace("59999", "359999"), "close time is 359999 ms after open time");
    check(&KLINE.replace(r#""t":0"#, r#""t":17"#), "open time is off the 1m grid");
    check(&KLINE.replace(r#""h":"3""#, r#""h":"2""#), "high is below");
    check(&TRADE.replace("0.10", "0.00"), "the price is not positive");
    check(&TRADE.replace(r#""l":104"#, r#""l":99"#), "the number is negative or stands for nothing");
    check(&TICKER.replace(r#""E":9,"#, ""), "a ticker without its time");
    check(&TICKER.replace(r#""c":"2""#, r#""c":"""#), "`` is not a decimal number");
    let error = heard(&format!("{}\u{7}{}", &KLINE[..40], "x".repeat(1_000))).unwrap_err();
    assert!(error.excerpt.chars().count() <= 300 && !error.excerpt.contains('\u{7}'));
}
