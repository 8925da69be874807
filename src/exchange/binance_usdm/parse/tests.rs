use super::*;
use crate::domain::price::parse_decimal;

fn contract(replace: &[(&str, &str)]) -> String {
    let text = r#"{"symbol":"1000PEPEUSDT","contractType":"PERPETUAL","deliveryDate":4133404800000,"status":"TRADING","baseAsset":"1000PEPE","quoteAsset":"USDT","marginAsset":"USDT","pricePrecision":7,"quantityPrecision":0,"filters":[{"filterType":"PRICE_FILTER","tickSize":"0.0000100"},{"filterType":"LOT_SIZE","stepSize":"1"}]}"#;
    replace.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

fn list(contracts: &[String]) -> Result<InstrumentList, ExchangeError> {
    let limits = r#"[{"rateLimitType":"REQUEST_WEIGHT","interval":"MINUTE","intervalNum":1,"limit":2400},{"rateLimitType":"ORDERS","interval":"SECOND","intervalNum":10,"limit":300}]"#;
    instruments(format!(r#"{{"rateLimits":{limits},"symbols":[{}]}}"#, contracts.join(",")).as_bytes())
}

#[test]
fn perpetuals_of_this_market_alone() {
    let pepe = Instrument {
        exchange: ExchangeId::BinanceUsdm,
        symbol: Symbol::perpetual("1000PEPE", "USDT", "USDT"),
        native: "1000PEPEUSDT".into(),
        base: "1000PEPE".into(),
        quote: "USDT".into(),
        kind: InstrumentKind::Perpetual { settle: "USDT".into(), contract: Contract::Base(Decimal::ONE) },
        stream_name: None,
        status: InstrumentStatus::Trading,
        // The tick says five, the precision seven: that is how many old prices may have.
        price_decimals: 5,
        scales: Scales { price: 7, base: 3, quote: 8 },
    };
    let found = list(&[
        contract(&[]),
        contract(&[("PERPETUAL", "TRADIFI_PERPETUAL")]),
        contract(&[("PERPETUAL", "CURRENT_QUARTER"), ("1000PEPEUSDT", "BTCUSDT_261225")]),
        contract(&[("PERPETUAL", "")]),
        contract(&[(r#""quoteAsset":"USDT","marginAsset":"USDT""#, r#""quoteAsset":"USD","marginAsset":"1000PEPE""#)]),
    ])
    .unwrap();
    assert_eq!(found.instruments, [pepe.clone(), pepe]);
    assert_eq!((found.weight_per_minute, found.requests_per_five_minutes, found.unreadable), (Some(2_400), None, vec![]));
}

#[test]
fn states() {
    let check = |state: &str, expected: InstrumentStatus| {
        assert_eq!(list(&[contract(&[("TRADING", state)])]).unwrap().instruments[0].status, expected, "{state}");
    };
    check("TRADING", InstrumentStatus::Trading);
    check("PENDING_TRADING", InstrumentStatus::Halted);
    check("SETTLING", InstrumentStatus::Delisted);
    check("CLOSE", InstrumentStatus::Delisted);
    check("A_NEW_WORD", InstrumentStatus::Halted);
}

#[test]
fn unreadable_contracts_stand_alone() {
    let broken = contract(&[("\"1000PEPE\"", "\"10 00\"")]);
    let found = list(&[contract(&[]), broken.clone(), "7".into()]).unwrap();
    assert_eq!((found.instruments.len(), found.unreadable.len()), (1, 2));
    assert!(matches!(list(&[broken]), Err(ExchangeError::Malformed { .. })));
}

const RATE: &str = r#"{"symbol":"BTCUSDT","fundingTime":1600156800010,"fundingRate":"-0.00002796"}"#;

#[test]
fn funding_rows() {
    let row = |text: &str| funding(format!("[{text}]").as_bytes(), "BTCUSDT").unwrap().pop().unwrap();
    let time = Time::from_ms(1_600_156_800_010);
    let paid = Funding { time, rate: parse_decimal("-0.00002796").unwrap(), mark_price: None };
    assert_eq!(row(RATE), Ok(paid));
    assert_eq!(row(&RATE.replace('}', r#","markPrice":""}"#)), Ok(paid));
    let marked = Funding { mark_price: Some(Decimal::TWO), ..paid };
    assert_eq!(row(&RATE.replace('}', r#","markPrice":"2","rateType":"Regular"}"#)), Ok(marked));
    let bad = |text: &str| row(text).map_err(|bad| (bad.time, bad.reason));
    assert_eq!(bad(&RATE.replace("BTC", "ETH")), Err((Some(time), "it is of ETHUSDT, not of BTCUSDT".into())));
    assert_eq!(bad(&RATE.replace("-0.00002796", "")), Err((Some(time), "rate: `` is not a decimal number".into())));
    assert_eq!(bad("[1]"), Err((None, "row is not an object".into())));
}

#[test]
fn open_interest_rows() {
    let text = r#"{"symbol":"BTCUSDT","sumOpenInterest":"2","sumOpenInterestValue":"1","timestamp":300000}"#;
    let row = |text: &str| open_interest(format!("[{text}]").as_bytes(), "BTCUSDT").unwrap().pop().unwrap();
    let time = Time::from_ms(300_000);
    assert_eq!(row(text), Ok(OpenInterest { time, amount: Decimal::TWO, value: Some(Decimal::ONE) }));
    let reason = |text: &str| row(text).map_err(|bad| (bad.time, bad.reason));
    assert_eq!(reason(&text.replace("\"2\"", "\"-2\"")), Err((Some(time), "open interest is negative".into())));
}

#[test]
fn forecasts() {
    let text = r#"{"symbol":"BTCUSDT","markPrice":"2","lastFundingRate":"0.0001","nextFundingTime":28800000,"time":1}"#;
    let found = |text: &str| forecast(text.as_bytes(), "BTCUSDT");
    let (rate, next_at) = (parse_decimal("0.0001").unwrap(), Time::from_ms(28_800_000));
    let expected = FundingForecast { rate, next_at, interval_ms: None, mark_price: Some(Decimal::TWO) };
    assert_eq!(found(text), Ok(expected));
    assert!(matches!(found(&text.replace("BTC", "ETH")), Err(ExchangeError::WrongAnswer(_))));
    assert!(matches!(found(&text.replace("0.0001", "")), Err(ExchangeError::NotServed(_))));
    assert!(matches!(found(&text.replace("28800000", "0")), Err(ExchangeError::NotServed(_))));
    assert!(matches!(found(&text.replace("0.0001", "x")), Err(ExchangeError::Malformed { .. })));
    assert!(matches!(found(&format!("[{text}]")), Err(ExchangeError::Malformed { .. })));
}

#[test]
fn intervals_are_eight_hours_where_nothing_else_is_said() {
    let row = |symbol: &str, hours: i64| format!(r#"{{"symbol":"{symbol}","fundingIntervalHours":{hours}}}"#);
    let body = format!("[{},{},{},7]", row("LPTUSDT", 4), row("XUSDT", 1), row("YUSDT", 0));
    let intervals = funding_intervals(body.as_bytes()).unwrap();
    let hours = |native: &str| intervals.of(native) / HOUR_MS;
    assert_eq!((hours("LPTUSDT"), hours("XUSDT"), hours("YUSDT"), hours("BTCUSDT")), (4, 1, 8, 8));
}
