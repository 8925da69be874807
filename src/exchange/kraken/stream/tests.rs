use super::*;
use crate::domain::instrument::tests::instrument;
use crate::domain::instrument::{ExchangeId, Instrument};

fn named(native: &str, stream_name: &str) -> Arc<Instrument> {
    let stream_name = Some(stream_name.to_owned());
    Arc::new(Instrument { exchange: ExchangeId::Kraken, native: native.into(), stream_name, ..instrument() })
}

fn protocol() -> KrakenProtocol {
    KrakenProtocol::new("wss://ws.kraken.com").unwrap()
}

fn subscription(native: &str, stream_name: &str, topic: Topic) -> Subscription {
    Subscription { instrument: named(native, stream_name), topic }
}

fn heard(text: &str) -> Result<Vec<Heard>, BadFrame> {
    protocol().read(text, &[named("XXBTZUSD", "BTC/USD")].iter().collect())
}

#[expect(clippy::unnecessary_wraps, reason = "reading a frame may fail")]
fn alone(event: StreamEvent) -> Result<Vec<Heard>, BadFrame> {
    Ok(vec![Heard { at: None, event }])
}

fn decimal(text: &str) -> Decimal {
    parse_decimal(text).unwrap()
}

#[test]
fn one_message_for_each_channel_and_width_with_the_names_of_the_stream() {
    let subscriptions = [
        subscription("XXBTZUSD", "BTC/USD", Topic::Candles(Interval::M1)),
        subscription("XDGUSD", "DOGE/USD", Topic::Candles(Interval::M1)),
        subscription("XXBTZUSD", "BTC/USD", Topic::Trades),
        subscription("XXBTZUSD", "BTC/USD", Topic::Ticker),
        subscription("XXBTZUSD", "BTC/USD", Topic::Funding),
        subscription("XXBTZUSD", "BTC/USD", Topic::Candles(Interval::W1)),
    ];
    let expected = [
        r#"{"method":"subscribe","params":{"channel":"ohlc","symbol":["BTC/USD","DOGE/USD"],"interval":1,"snapshot":true},"req_id":7}"#,
        r#"{"method":"subscribe","params":{"channel":"trade","symbol":["BTC/USD"],"snapshot":true},"req_id":8}"#,
        r#"{"method":"subscribe","params":{"channel":"ticker","symbol":["BTC/USD"],"snapshot":true},"req_id":9}"#,
    ];
    assert_eq!(protocol().subscribe(7, &subscriptions), expected);
    let ended = r#"{"method":"unsubscribe","params":{"channel":"ohlc","symbol":["BTC/USD"],"interval":240},"req_id":1}"#;
    assert_eq!(protocol().unsubscribe(1, &[subscription("XXBTZUSD", "BTC/USD", Topic::Candles(Interval::H4))]), [ended]);
}

#[test]
fn long_lists_are_cut() {
    let many: Vec<Subscription> =
        (0..250).map(|at| subscription(&format!("A{at}"), &format!("A{at}/USD"), Topic::Trades)).collect();
    let messages = protocol().subscribe(1, &many);
    let names: Vec<usize> = messages.iter().map(|message| message.matches("/USD").count()).collect();
    assert_eq!(names, [100, 100, 50]);
    assert!(messages[2].ends_with(r#""req_id":3}"#));
    assert!(names.iter().all(|count| *count <= protocol().limits("/v2").per_message));
}

#[test]
fn each_width_of_candles_has_sockets_of_its_own() {
    let path = |topic: Topic| protocol().path(&subscription("XXBTZUSD", "BTC/USD", topic));
    let paths = [Topic::Candles(Interval::M1), Topic::Ticker, Topic::Trades, Topic::Candles(Interval::M5)].map(path);
    assert_eq!(paths, ["/v2", "/v2", "/v2", "/v2#5m"]);
    assert_ne!(path(Topic::Candles(Interval::M5)), path(Topic::Candles(Interval::H1)));
}

#[test]
fn a_live_socket_is_pinged_before_it_counts_as_silent() {
    let limits = protocol().limits("/v2");
    let ping = limits.ping.unwrap();
    assert_eq!((ping.text, limits.connections), (r#"{"method":"ping"}"#, (150, Duration::from_secs(600))));
    assert!(ping.idle < limits.silence && limits.silence == Duration::from_secs(10));
}

#[test]
fn greetings_answers_and_refusals() {
    let status = r#"{"channel":"status","type":"update","data":[{"system":"online","connection_id":18125794168470749634}]}"#;
    for text in [status, r#"{"channel":"heartbeat"}"#, r#"{"method":"pong","req_id":1,"time_in":"x"}"#] {
        assert_eq!(heard(text), alone(StreamEvent::Beat), "{text}");
    }
    for method in ["subscribe", "unsubscribe"] {
        let text = format!(r#"{{"method":"{method}","result":{{"channel":"ohlc","warnings":["old"]}},"success":true}}"#);
        assert_eq!(heard(&text), alone(StreamEvent::Acknowledged));
    }
    let refused = |name: Option<&str>, reason: &str| {
        alone(StreamEvent::Refused { name: name.map(Into::into), id: None, reason: reason.into() })
    };
    let text = r#"{"error":"Currency pair not supported XBT/USD","method":"subscribe","success":false,"symbol":"XBT/USD"}"#;
    assert_eq!(heard(text), refused(Some("XBT/USD"), "Currency pair not supported XBT/USD"));
    let text = r#"{"error":"Already subscribed","method":"subscribe","success":false}"#;
    assert_eq!(heard(text), refused(None, "Already subscribed"));
    assert_eq!(heard(r#"{"Error":"Exceeded msg rate"}"#), refused(None, "Exceeded msg rate"));
}

const CANDLE: &str = r#"{"symbol":"BTC/USD","open":83729.5,"high":83745.20,"low":83729.4,"close":83744.3,"trades":33,"volume":0.21155620,"vwap":83736.4,"interval_begin":"2026-09-25T17:48:00.000000000Z","interval":1,"timestamp":"2026-09-25T17:49:00.000000Z"}"#;

fn candles(rows: &str) -> Result<Vec<Heard>, BadFrame> {
    heard(&format!(r#"{{"channel":"ohlc","type":"update","timestamp":"2026-09-25T17:48:26.844359566Z","data":[{rows}]}}"#))
}

#[test]
fn candles_by_their_beginning_and_never_closed() {
    let candle = Candle {
        open_time: Time::from_ms(1_790_358_480_000),
        open: decimal("83729.5"),
        high: decimal("83745.2"),
        low: decimal("83729.4"),
        close: decimal("83744.3"),
        volume: decimal("0.2115562"),
        quote_volume: None,
        trade_count: Some(33),
        taker_buy_volume: None,
        taker_buy_quote_volume: None,
    };
    let (instrument, interval) = (named("XXBTZUSD", "BTC/USD"), Interval::M1);
    let event = StreamEvent::Candle { instrument, interval, candle, closed: false };
    let expected = Heard { at: Some(Time::from_ms(1_790_358_506_844)), event };
    assert_eq!(candles(&format!("{CANDLE},{CANDLE}")), Ok(vec![expected.clone(), expected]));
    assert_eq!(candles(&CANDLE.replace("BTC/USD", "ETH/USD")), Ok(vec![]), "nobody asked for it");
    assert_eq!(candles(""), Ok(vec![]));
}

#[test]
fn a_frame_with_a_row_that_cannot_be_read_is_dropped() {
    let check = |from: &str, to: &str, what: &str| {
        let error = candles(&CANDLE.replace(from, to)).unwrap_err();
        assert!(error.what.starts_with(what), "{error}");
    };
    check("83729.5", "\"83729.5\"", "`\"83729.5\"` is not a decimal");
    check("83729.5", "8.37295e4", "`8.37295e4` is not a decimal");
    check("83729.5", "1234567890123456789012345678901.5", "`1234567890123456789012345678901.5` has more digits");
    check("2026-09-25T17:48:00.000000000Z", "yesterday", "`yesterday` is no time");
    check("17:48:00.0", "17:48:01.0", "open time is off the 1m grid");
    check(r#""interval":1,"#, r#""interval":10080,"#, "candles of 10080 minutes");
    check(r#""interval":1,"#, "", "missing field `interval`");
    for text in [
        "[993,[],\"trade\",\"XMR/USD\"]",
        "{}",
        r#"{"event":"heartbeat"}"#,
        r#"{"channel":"book","data":[]}"#,
        "x",
        r#"{"channel":"ohlc"}"#,
    ] {
        assert!(heard(text).is_err(), "{text}");
    }
}

#[test]
fn tickers_tell_the_price_of_a_day_ago_by_the_change() {
    let row = |last: &str, time: &str| {
        format!(
            r#"{{"channel":"ticker","type":"snapshot","data":[{{"symbol":"BTC/USD","bid":1,"bid_qty":1,"ask":1,"ask_qty":1,"last":{last},"volume":3156.84782110,"vwap":83902.5,"low":83163.6,"high":85247.4,"change":-429.3,"change_pct":-0.51,"trades":7,"timestamp":"{time}"}}]}}"#
        )
    };
    let at = Time::from_ms(1_790_358_506_844);
    let ticker = Ticker {
        native: "XXBTZUSD".into(),
        last: decimal("83744.3"),
        open_24h: Some(decimal("84173.6")),
        high_24h: decimal("85247.4"),
        low_24h: decimal("83163.6"),
        volume_24h: decimal("3156.8478211"),
        quote_volume_24h: None,
        mean_24h: Some(decimal("83902.5")),
        trades_24h: None,
        at,
    };
    let event = StreamEvent::Ticker { instrument: named("XXBTZUSD", "BTC/USD"), ticker };
    assert_eq!(heard(&row("83744.3", "2026-09-25T17:48:26.844359Z")), Ok(vec![Heard { at: Some(at), event }]));
    assert_eq!(heard(&row("0.0", "1970-01-01T00:00:00Z")), Ok(vec![]), "nothing ever traded");
}

#[test]
fn trades_keep_their_digits() {
    let text = r#"{"channel":"trade","type":"update","data":[{"symbol":"BTC/USD","side":"sell","price":83744.3,"qty":0.00044780,"ord_type":"limit","trade_id":109116693,"timestamp":"2026-09-25T17:48:26.844359Z"}]}"#;
    let time = Time::from_ms(1_790_358_506_844);
    let trade = Trade {
        id: 109_116_693,
        time,
        nanos: Some(359_000),
        price: decimal("83744.3"),
        size: decimal("0.0004478"),
        side: Side::Sell,
        fills: None,
    };
    let event = StreamEvent::Trade { instrument: named("XXBTZUSD", "BTC/USD"), trade };
    assert_eq!(heard(text), Ok(vec![Heard { at: Some(time), event }]));
    assert!(heard(&text.replace("\"sell\"", "\"none\"")).is_err());
    assert!(heard(&text.replace("0.00044780", "0.0")).is_err());
}

#[test]
fn no_frame_says_that_a_candle_is_final() {
    assert!(!protocol().tells_closed());
}
