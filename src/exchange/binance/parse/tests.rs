use super::InstrumentStatus::{Halted, Trading};
use super::*;
use crate::domain::time::MINUTE_MS;
use proptest::prelude::*;

const ROW: &str = r#"[60000,"2.50","3","1","2.00000001","10.5",119999,"25.1",7,"4","9.9","0"]"#;

fn rows(body: &str) -> Vec<Result<Candle, BadRow>> {
    klines(body.as_bytes(), Interval::M1).unwrap()
}

fn decimal(text: &str) -> Decimal {
    parse_decimal(text).unwrap()
}

#[test]
fn a_sound_row() {
    let expected = Candle {
        open_time: Time::from_ms(60_000),
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
    assert_eq!(rows(&format!("[{ROW}]")), [Ok(expected)]);
    assert_eq!(rows(&format!("\n [ {} , {ROW} ]\n", ROW.replace(',', " , "))), [Ok(expected), Ok(expected)]);
    assert_eq!(rows(" [] "), []);
}

/// A bad row between two good ones: it is refused alone, with its time, reason and payload.
fn check_bad(row: &str, open_time: Option<i64>, reason: &str) {
    let page = rows(&format!("[{ROW},{row},{ROW}]"));
    assert!(page[0].is_ok() && page[2].is_ok(), "{row}");
    let expected = BadRow { time: open_time.map(Time::from_ms), reason: reason.into(), payload: row.into() };
    assert_eq!(page[1], Err(expected));
}

#[test]
fn bad_rows_stand_alone() {
    let with = |from: &str, to: &str| ROW.replacen(from, to, 1);
    let at = Some(60_000);
    check_bad("null", None, "row is not an array");
    check_bad(r#"{"code":-1000}"#, None, "row is not an array");
    check_bad("[]", None, "0 columns instead of 12");
    check_bad("[60000]", at, "1 columns instead of 12");
    check_bad(&with(r#","0"]"#, "]"), at, "11 columns instead of 12");
    check_bad(&with("60000", "null"), None, "open time is null, not a whole number");
    check_bad(&with("60000", "\"60000\""), None, "open time is \"60000\", not a whole number");
    check_bad(&with("60000", "6e4"), None, "open time is 6e4, not a whole number");
    check_bad(&with("\"3\"", "null"), at, "high is null, not a decimal in quotes");
    check_bad(&with("\"3\"", "3"), at, "high is 3, not a decimal in quotes");
    check_bad(&with("\"3\"", r#""\u0033""#), at, r#"high is "\u0033", not a decimal in quotes"#);
    check_bad(&with("\"1\"", "\"NaN\""), at, "low: `NaN` is not a decimal number");
    check_bad(&with("2.50", ""), at, "open: `` is not a decimal number");
    check_bad(&with("10.5", "1e5"), at, "volume: `1e5` is not a decimal number");
    let long = "1".repeat(31);
    check_bad(&with("25.1", &long), at, &format!("quote volume: `{long}` has more digits than can be kept exactly"));
    check_bad(&with(",7,", ",7.5,"), at, "trade count is 7.5, not a whole number");
    check_bad(&with("119999", "59999"), at, "close time is before open time");
    check_bad(&with("119999", "121001"), at, "close time is 61001 ms after open time: too long for 1m");
    check_bad(&with("60000", "9223372036854775807"), Some(i64::MAX), "close time is before open time");
    check_bad(
        &with("60000", "-9223372036854775808"),
        Some(i64::MIN),
        "close time is 9223372036854775807 ms after open time: too long for 1m",
    );
}

#[test]
fn an_inexact_close_time_and_more_columns_are_accepted() {
    for close in ["60000", "60001", "90123", "119998", "120000", "121000"] {
        assert!(rows(&format!("[{}]", ROW.replace("119999", close)))[0].is_ok(), "{close}");
    }
    assert!(rows(&format!("[{}]", ROW.replace(r#""0"]"#, r#""0",{"new":1}]"#)))[0].is_ok());
    assert!(rows(&format!("[{}]", ROW.replace(r#""0"]"#, "null]")))[0].is_ok(), "nobody reads the last column");
}

#[test]
fn the_payload_of_a_bad_row_is_cut() {
    let page = rows(&format!("[[60000,\"{}\"]]", "€".repeat(2_000)));
    let Err(bad) = &page[0] else { panic!("{page:?}") };
    assert_eq!((bad.payload.chars().count(), bad.payload.chars().last()), (300, Some('…')));
}

#[test]
fn nothing_that_is_shown_is_long_or_moves_the_cursor() {
    assert_eq!(cut("a\u{1b}[2Jb\r\nc", 300), "a [2Jb  c");
    assert_eq!((cut("abc", 3), cut("abcd", 3)), ("abc".into(), "ab…".into()));
    let long = format!(r#"{{"serverTime":"{}"}}"#, "x".repeat(10_000));
    assert!(server_time(long.as_bytes()).unwrap_err().to_string().len() < 600);
    let name = r#"{"symbols":[{"symbol":"A\u001b[2J","status":"TRADING","baseAsset":"A","quoteAsset":"B"}]}"#;
    assert!(instruments(name.as_bytes()).is_err());
}

#[test]
fn what_is_no_list_is_malformed() {
    let check = |body: &[u8], what: &str| match klines(body, Interval::M1) {
        Err(ExchangeError::Malformed { what: found, .. }) => assert!(found.contains(what), "{found}"),
        other => panic!("{other:?}"),
    };
    check(b"", "not a list");
    check(b"{}", "not a list");
    check(br#"{"code":-1000,"msg":"x"}"#, "not a list");
    check(b"<html>", "a web page and no data");
    check(b"null", "not a list");
    check(b"[[60000,\"1\"", "EOF");
    check(b"[] []", "trailing");
    check(b"[\xff]", "UTF-8");
    check("[".repeat(100_000).as_bytes(), "");
}

#[test]
fn instrument_list() {
    let body = r#"{"timezone":"UTC","rateLimits":[
        {"rateLimitType":"ORDERS","interval":"SECOND","intervalNum":10,"limit":50},
        {"rateLimitType":"REQUEST_WEIGHT","interval":"MINUTE","intervalNum":1,"limit":1234},
        {"rateLimitType":"RAW_REQUESTS","interval":"MINUTE","intervalNum":5,"limit":99999999999}],
      "symbols":[
        {"symbol":"ABCUSDT","status":"TRADING","baseAsset":"ABC","quoteAsset":"USDT","isSpotTradingAllowed":true,"news":[1],
         "filters":[{"filterType":"NOTIONAL","minNotional":"5"},{"filterType":"PRICE_FILTER","tickSize":"0.00100000"},
                    {"filterType":"LOT_SIZE","stepSize":"0.10000000"},{"filterType":"MARKET_LOT_SIZE","stepSize":"0.00000000"}]},
        {"symbol":"币安USDT","status":"TRADING","baseAsset":"\u5e01\u5b89","quoteAsset":"USDT","quoteAssetPrecision":6,
         "filters":[{"filterType":"PRICE_FILTER","tickSize":"0.00000000"}]},
        {"symbol":"OLDBTC","status":"BREAK","baseAsset":"OLD","quoteAsset":"BTC"},
        {"symbol":"MRGBTC","status":"TRADING","baseAsset":"MRG","quoteAsset":"BTC","isSpotTradingAllowed":false},
        {"symbol":"BADBTC","status":"TRADING","baseAsset":"BAD","quoteAsset":"BTC",
         "filters":[{"filterType":"PRICE_FILTER","tickSize":"tiny"}]},
        {"symbol":7}]}"#;
    let list = instruments(body.as_bytes()).unwrap();
    assert_eq!((list.weight_per_minute, list.requests_per_five_minutes), (Some(1_234), Some(u32::MAX)));
    assert_eq!(list.unreadable.len(), 2);
    assert!(list.unreadable[0].contains("BADBTC") && list.unreadable[0].contains("`tiny`"), "{:?}", list.unreadable);
    let abc = Instrument {
        exchange: ExchangeId::Binance,
        symbol: Symbol::spot("ABC", "USDT"),
        native: "ABCUSDT".into(),
        base: "ABC".into(),
        quote: "USDT".into(),
        kind: crate::domain::instrument::InstrumentKind::Spot,
        stream_name: None,
        status: Trading,
        price_decimals: 3,
        scales: Scales::from_steps(decimal("0.001"), decimal("0.1")),
    };
    assert_eq!(list.instruments[0], abc);
    let found: Vec<_> = list.instruments.iter().map(|i| (i.symbol.as_str(), i.status, i.price_decimals)).collect();
    assert_eq!(found, [("ABC/USDT", Trading, 3), ("币安/USDT", Trading, 6), ("OLD/BTC", Halted, 8), ("MRG/BTC", Halted, 8)]);
}

#[test]
fn instrument_lists_that_are_none() {
    let malformed = |body: &str| matches!(instruments(body.as_bytes()), Err(ExchangeError::Malformed { .. }));
    for body in ["", "[]", "{}", "null", r#"{"symbols":{}}"#, r#"{"symbols":[{"symbol":7}]}"#, r#"{"symbols":["#] {
        assert!(malformed(body), "{body}");
    }
    assert_eq!(instruments(br#"{"symbols":[]}"#).unwrap().instruments, []);
}

#[test]
fn ticker_list() {
    let good = r#"{"symbol":"ABCUSDT","lastPrice":"2.5","openPrice":"2","highPrice":"3","lowPrice":"1","volume":"10",
        "quoteVolume":"25","closeTime":1700000000123,"count":7}"#;
    let found = tickers(format!("[{good},null,{}]", good.replace("2.5", "x")).as_bytes()).unwrap();
    let expected = Ticker {
        native: "ABCUSDT".into(),
        last: decimal("2.5"),
        open_24h: Some(decimal("2")),
        high_24h: decimal("3"),
        low_24h: decimal("1"),
        volume_24h: decimal("10"),
        quote_volume_24h: Some(decimal("25")),
        mean_24h: None,
        trades_24h: Some(7),
        at: Time::from_ms(1_700_000_000_123),
    };
    assert_eq!(found, [expected]);
    assert!(matches!(tickers(good.as_bytes()), Err(ExchangeError::Malformed { .. })));
}

#[test]
fn clock() {
    assert_eq!(server_time(br#"{"serverTime":1700000000123}"#), Ok(Time::from_ms(1_700_000_000_123)));
    assert!(matches!(server_time(b"{}"), Err(ExchangeError::Malformed { .. })));
}

fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => "\"[0-9]{1,6}(\\.[0-9]{1,8})?\"",
        2 => (0_i64..200_000).prop_map(|number| number.to_string()),
        1 => Just("null".to_owned()),
        1 => Just("\"\\n\"".to_owned()),
        1 => "\"[a-z0-9.-]{0,3}\"",
    ]
}

fn body_row() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => (0_i64..3, "[0-9]{1,5}(\\.[0-9]{1,4})?").prop_map(|(minute, open)| {
            let open_time = minute * MINUTE_MS;
            format!(r#"[{open_time},"{open}","3","1","2","5",{},"9",1,"2","3","0"]"#, open_time + MINUTE_MS - 1)
        }),
        1 => prop::collection::vec(cell(), 0..14).prop_map(|cells| format!("[{}]", cells.join(","))),
    ]
}

proptest! {
    #[test]
    fn reading_at_once_and_row_by_row_agree(rows in prop::collection::vec(body_row(), 0..5)) {
        let body = format!("[{}]", rows.join(","));
        let one_by_one: Vec<_> = rows.iter().map(|row| judge_row(row, Interval::M1)).collect();
        if let Some(page) = sound_page(&body, Interval::M1) {
            prop_assert_eq!(&page, &one_by_one);
        }
        prop_assert_eq!(klines(body.as_bytes(), Interval::M1).unwrap(), one_by_one);
    }

    #[test]
    fn no_body_panics(body in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = (klines(&body, Interval::M1), instruments(&body), tickers(&body), server_time(&body));
    }
}

#[test]
fn reasons_of_bad_rows_are_short() {
    let body = format!(r#"[{{"a":"{}","T":5}}]"#, "x".repeat(5_000));
    let rows = crate::exchange::binance::rows::trades(body.as_bytes()).unwrap();
    let bad = rows[0].as_ref().unwrap_err();
    assert_eq!((bad.time, bad.reason.chars().count()), (Some(Time::from_ms(5)), EXCERPT_CHARS));
}
