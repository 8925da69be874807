use super::*;
use crate::domain::candle::Candle;
use crate::domain::funding::FundingForecast;
use crate::domain::instrument::{Contract, ExchangeId, Instrument, InstrumentKind, Symbol};
use crate::domain::open_interest::OpenInterest;
use crate::domain::price::{Decimal, parse_decimal};
use crate::domain::ticker::Ticker;
use crate::domain::trade::{Side, Trade};
use std::sync::Arc;

fn instrument(native: &str, kind: InstrumentKind) -> Arc<Instrument> {
    let symbol = Symbol::spot("FIG", "USDT");
    let base = crate::domain::instrument::tests::instrument();
    Arc::new(Instrument { exchange: ExchangeId::Okx, symbol, native: native.into(), kind, ..base })
}

fn spot() -> Arc<Instrument> {
    instrument("FIG-USDT", InstrumentKind::Spot)
}

fn swap() -> Arc<Instrument> {
    let kind = InstrumentKind::Perpetual { settle: "USDT".into(), contract: Contract::Base(Decimal::TEN) };
    instrument("FIG-USDT-SWAP", kind)
}

fn stream() -> OkxStream {
    OkxStream::new("wss://ws.okx.com:8443").unwrap()
}

fn read(text: &str) -> Result<Vec<Heard>, BadFrame> {
    stream().read(text, &[&spot(), &swap()].into_iter().collect())
}

fn one(text: &str) -> Heard {
    let mut heard = read(text).unwrap();
    assert_eq!(heard.len(), 1, "{text}");
    heard.remove(0)
}

fn number(text: &str) -> Decimal {
    parse_decimal(text).unwrap()
}

fn subscription(topic: Topic) -> Subscription {
    Subscription { instrument: swap(), topic }
}

#[test]
fn each_channel_on_its_socket() {
    let check = |topic: Topic, path: &str, channel: &str| {
        let subscription = subscription(topic);
        assert_eq!(stream().path(&subscription), path);
        let expected = format!(r#"{{"args":[{{"channel":"{channel}","instId":"FIG-USDT-SWAP"}}],"id":"7","op":"subscribe"}}"#);
        assert_eq!(stream().subscribe(7, &[subscription]), [expected]);
    };
    check(Topic::Candles(Interval::M1), BUSINESS, "candle1m");
    check(Topic::Candles(Interval::D1), BUSINESS, "candle1Dutc");
    check(Topic::Trades, BUSINESS, "trades-all");
    check(Topic::Ticker, PUBLIC, "tickers");
    check(Topic::Funding, PUBLIC, "funding-rate");
    check(Topic::OpenInterest, PUBLIC, "open-interest");
    for interval in Interval::ALL {
        assert_eq!(super::topic(&channel(Topic::Candles(interval))), Some(Topic::Candles(interval)));
    }
}

#[test]
fn many_subscriptions_make_several_messages() {
    let name = "A".repeat(100);
    let long = instrument(&name, InstrumentKind::Spot);
    let many = vec![Subscription { instrument: long, topic: Topic::Candles(Interval::H12) }; 250];
    let messages = stream().unsubscribe(40, &many);
    let heads: Vec<(usize, &str)> =
        messages.iter().map(|text| (text.matches("instId").count(), &text[text.find("\"id\"").unwrap()..])).collect();
    let tail = |id: u64| format!(r#""id":"{id}","op":"unsubscribe"}}"#);
    assert_eq!(heads, [(100, &*tail(40)), (100, &*tail(41)), (50, &*tail(42))]);
    assert!(messages.iter().all(|text| text.len() <= 64 * 1_024));
    assert!(stream().subscribe(1, &[]).is_empty());
}

#[test]
fn limits() {
    let limits = stream().limits(PUBLIC);
    assert_eq!((limits.messages, limits.connections), ((480, Duration::from_secs(3_600)), (3, Duration::from_secs(1))));
    let ping = limits.ping.unwrap();
    assert!(ping.text == "ping" && ping.idle < Duration::from_secs(30) && ping.idle < limits.silence);
    assert!(3 * limits.subscriptions <= limits.messages.0, "all of them can be ended and made anew");
}

#[test]
fn candles_say_themselves_when_they_are_closed() {
    let frame = |confirm: &str| {
        format!(
            r#"{{"arg":{{"channel":"candle1m","instId":"FIG-USDT-SWAP"}},"data":[["60000","2","3","1","2.5","70","700","1680"{confirm}]]}}"#
        )
    };
    let candle = Candle {
        open_time: Time::from_ms(60_000),
        open: number("2"),
        high: number("3"),
        low: number("1"),
        close: number("2.5"),
        volume: number("700"),
        quote_volume: Some(number("1680")),
        trade_count: None,
        taker_buy_volume: None,
        taker_buy_quote_volume: None,
    };
    for (confirm, closed) in [(r#","0""#, false), (r#","1""#, true)] {
        let event = StreamEvent::Candle { instrument: swap(), interval: Interval::M1, candle, closed };
        assert_eq!(one(&frame(confirm)), Heard { at: None, event });
    }
    assert!(read(&frame("")).unwrap_err().what.contains("8 columns"));
    let old = frame("").replace(r#","1680""#, "");
    let event = StreamEvent::Candle {
        instrument: swap(),
        interval: Interval::M1,
        candle: Candle { quote_volume: None, ..candle },
        closed: false,
    };
    assert_eq!(one(&old).event, event, "seven columns say nothing of being closed");
}

#[test]
fn rows_of_every_channel() {
    let frame =
        |channel: &str, name: &str, row: &str| format!(r#"{{"arg":{{"channel":"{channel}","instId":"{name}"}},"data":[{row}]}}"#);
    let ticker =
        r#"{"instId":"FIG-USDT","last":"2","open24h":"1","high24h":"3","low24h":"1","vol24h":"5","volCcy24h":"9","ts":"7"}"#;
    let expected = Ticker {
        native: "FIG-USDT".into(),
        last: number("2"),
        open_24h: Some(number("1")),
        high_24h: number("3"),
        low_24h: number("1"),
        volume_24h: number("5"),
        quote_volume_24h: Some(number("9")),
        mean_24h: None,
        trades_24h: None,
        at: Time::from_ms(7),
    };
    let heard = one(&frame("tickers", "FIG-USDT", ticker));
    assert_eq!(heard, dated(Time::from_ms(7), StreamEvent::Ticker { instrument: spot(), ticker: expected }));

    let trade = r#"{"instId":"FIG-USDT-SWAP","tradeId":"9","px":"2","sz":"0.3","side":"buy","source":"0","ts":"8"}"#;
    let expected =
        Trade { id: 9, time: Time::from_ms(8), nanos: None, price: number("2"), size: number("3"), side: Side::Buy, fills: None };
    let heard = one(&frame("trades-all", "FIG-USDT-SWAP", trade));
    assert_eq!(heard, dated(Time::from_ms(8), StreamEvent::Trade { instrument: swap(), trade: expected }));

    let funding = r#"{"fundingRate":"0.0001","fundingTime":"100","nextFundingTime":"300","ts":"6"}"#;
    let forecast =
        FundingForecast { rate: number("0.0001"), next_at: Time::from_ms(100), interval_ms: Some(200), mark_price: None };
    let heard = one(&frame("funding-rate", "FIG-USDT-SWAP", funding));
    assert_eq!(heard, dated(Time::from_ms(6), StreamEvent::Funding { instrument: swap(), forecast }));

    let interest = r#"{"oi":"3","oiCcy":"30","oiUsd":"60","ts":"5"}"#;
    let row = OpenInterest { time: Time::from_ms(5), amount: number("30"), value: Some(number("60")) };
    let heard = one(&frame("open-interest", "FIG-USDT-SWAP", interest));
    assert_eq!(heard, dated(Time::from_ms(5), StreamEvent::OpenInterest { instrument: swap(), row }));

    let two = frame("trades-all", "FIG-USDT-SWAP", &format!("{trade},{trade}"));
    assert_eq!(read(&two).unwrap().len(), 2);
    // Joined fills, unknown channels and unknown instruments are of no interest.
    for (channel, name) in [("trades", "FIG-USDT-SWAP"), ("candle1D", "FIG-USDT"), ("trades-all", "PLUM-USDT"), ("status", "")] {
        assert_eq!(read(&frame(channel, name, trade)), Ok(vec![]), "{channel} {name}");
    }
}

#[test]
fn what_brings_no_rows() {
    let check = |text: &str, expected: StreamEvent| assert_eq!(one(text), Heard { at: None, event: expected }, "{text}");
    check("pong", StreamEvent::Beat);
    let arg = r#""arg":{"channel":"tickers","instId":"FIG-USDT"}"#;
    check(&format!(r#"{{"event":"subscribe",{arg},"connId":"a4d3ae55"}}"#), StreamEvent::Acknowledged);
    check(&format!(r#"{{"id":"1","event":"unsubscribe",{arg}}}"#), StreamEvent::Acknowledged);
    check(r#"{"event":"notice","code":"64008","msg":"upgrade soon","connId":"a4d3ae55"}"#, StreamEvent::Leaving);
    check(r#"{"event":"notice","code":"64009","msg":"x"}"#, StreamEvent::Beat);
    check(r#"{"event":"channel-conn-count","channel":"tickers","connCount":"2","connId":"a"}"#, StreamEvent::Beat);
    let refused =
        |name: Option<&str>, reason: &str| StreamEvent::Refused { name: name.map(Into::into), id: None, reason: reason.into() };
    check(
        r#"{"event":"error","msg":"channel:candle1m,instId:NOPE-USDT doesn't exist.","code":"60018","connId":"a"}"#,
        refused(Some("NOPE-USDT"), "60018: channel:candle1m,instId:NOPE-USDT doesn't exist."),
    );
    for code in ["60008", "60012", "60013", "60014", "60019"] {
        check(&format!(r#"{{"event":"error","code":"{code}","msg":"no"}}"#), refused(None, &format!("{code}: no")));
    }
}

#[test]
fn unreadable_frames_are_named() {
    for (text, what) in [
        ("", "EOF"),
        ("ping", "expected"),
        ("[1]", "invalid"),
        ("{}", "neither an event nor rows"),
        (r#"{"op":"subscribe","args":[]}"#, "neither an event nor rows"),
        (r#"{"arg":{"channel":"tickers","instId":"FIG-USDT"},"data":[{"instId":"FIG-USDT"}]}"#, "missing field"),
        (r#"{"arg":{"channel":"candle1m","instId":"FIG-USDT"},"data":[["x"]]}"#, "1 columns"),
    ] {
        let bad = read(text).unwrap_err();
        assert!(bad.what.contains(what), "{text}: {bad}");
        assert_eq!(bad.excerpt, text);
    }
}

#[test]
fn sockets_are_encrypted_or_of_this_machine() {
    let check = |url: &str, expected: Result<&str, UrlError>| {
        let stream = OkxStream::new(url).map(|stream| stream.base_url().to_owned());
        assert_eq!(stream, expected.map(ToOwned::to_owned));
    };
    check(" wss://ws.okx.com:8443/ ", Ok("wss://ws.okx.com:8443"));
    check("ws://127.0.0.1:9000", Ok("ws://127.0.0.1:9000"));
    check("ws://ws.okx.com:8443", Err(UrlError::Socket("ws://ws.okx.com:8443".into())));
    check("https://ws.okx.com", Err(UrlError::Socket("https://".into())));
    check("ws.okx.com", Err(UrlError::Socket("ws.okx.com".into())));
    check("wss://ws.okx.com/ws/v5/public", Err(UrlError::MoreThanHost("ws.okx.com".into())));
}
