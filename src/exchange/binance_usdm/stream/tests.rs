use super::*;
use crate::domain::funding::FundingForecast;
use crate::domain::instrument::tests::instrument;
use crate::domain::instrument::{ExchangeId, Instrument};
use crate::domain::interval::Interval;
use crate::domain::price::parse_decimal;
use crate::domain::time::Time;
use crate::exchange::stream::StreamEvent;
use std::sync::Arc;

fn perpetual() -> Arc<Instrument> {
    Arc::new(Instrument { exchange: ExchangeId::BinanceUsdm, ..instrument() })
}

fn heard(text: &str) -> Result<Vec<Heard>, BadFrame> {
    UsdmProtocol::new("wss://x").unwrap().read(text, &[&perpetual()].into_iter().collect())
}

#[test]
fn topics_and_their_path() {
    let protocol = UsdmProtocol::new(" wss://fstream.binance.com/ ").unwrap();
    let topics = [Topic::Candles(Interval::H1), Topic::Ticker, Topic::Trades, Topic::Funding, Topic::OpenInterest];
    let all = topics.map(|topic| Subscription { instrument: perpetual(), topic });
    let params = r#""params":["btcusdt@kline_1h","btcusdt@miniTicker","btcusdt@aggTrade","btcusdt@markPrice@1s"]"#;
    assert_eq!(protocol.subscribe(1, &all), [format!(r#"{{"id":1,"method":"SUBSCRIBE",{params}}}"#)]);
    assert_eq!(protocol.unsubscribe(2, &all), [format!(r#"{{"id":2,"method":"UNSUBSCRIBE",{params}}}"#)]);
    // The paths without a prefix acknowledge and deliver nothing.
    let urls = all.map(|subscription| format!("{}{}", protocol.base_url(), protocol.path(&subscription)));
    assert_eq!(urls.each_ref().map(String::as_str), ["wss://fstream.binance.com/market/stream"; 5]);
    assert!(UsdmProtocol::new("ws://fstream.binance.com").is_err(), "plain, and not this machine");
    let limits = protocol.limits(PATH);
    assert_eq!((limits.subscriptions, limits.messages), (200, (10, Duration::from_secs(1))));
    assert!(limits.silence > Duration::from_secs(180), "the server pings every three minutes");
}

const MARK: &str = r#"{"e":"markPriceUpdate","E":1785048483000,"s":"BTCUSDT","p":"64346.7","P":"1","i":"2","r":"-0.00005301","T":1785052800000,"st":1}"#;

#[test]
fn the_running_estimate_of_funding() {
    let forecast = FundingForecast {
        rate: parse_decimal("-0.00005301").unwrap(),
        next_at: Time::from_ms(1_785_052_800_000),
        interval_ms: None,
        mark_price: parse_decimal("64346.7").ok(),
    };
    let event = StreamEvent::Funding { instrument: perpetual(), forecast };
    let expected = Ok(vec![Heard { at: Some(Time::from_ms(1_785_048_483_000)), event }]);
    assert_eq!(heard(MARK), expected);
    assert_eq!(heard(&MARK.replace(r#","st":1"#, "")), expected, "frames of earlier years do not tell the market");
    let dated = MARK.replace("-0.00005301", "").replace("1785052800000", "0");
    assert_eq!(heard(&dated), Ok(vec![]), "a contract with an end has none");
    assert!(heard(&MARK.replace("-0.00005301", "NaN")).is_err());
}

#[test]
fn frames_of_the_other_market_say_nothing() {
    let trade = r#"{"e":"aggTrade","E":5,"a":26,"s":"BTCUSDT","p":"0.1","q":"2","nq":"2","f":1,"l":1,"T":4,"m":true,"st":1}"#;
    for frame in [MARK, trade] {
        assert_eq!(heard(frame).map(|heard| heard.len()), Ok(1));
        assert_eq!(heard(&frame.replace(r#""st":1"#, r#""st":2"#)), Ok(vec![]));
    }
}
