use super::*;
use crate::domain::instrument::InstrumentStatus::{Halted, Trading};
use crate::domain::instrument::{ExchangeId, Instrument, InstrumentKind, InstrumentStatus, Scales, Symbol};

fn decimal(text: &str) -> Decimal {
    parse_decimal(text).unwrap()
}

const ROW: &str = r#"[1700000040,"2.5","3.0","1.0","2.1","2.3","10.50000000",7]"#;

#[test]
fn close_is_the_fifth_column_and_volume_the_seventh() {
    let list = ohlc(&format!(r#"{{"BTC/USD":[{ROW}],"last":1699999980}}"#), Interval::M1).unwrap();
    let expected = Candle {
        open_time: Time::from_ms(1_700_000_040_000),
        open: decimal("2.5"),
        high: decimal("3"),
        low: decimal("1"),
        close: decimal("2.1"),
        volume: decimal("10.5"),
        quote_volume: None,
        trade_count: Some(7),
        taker_buy_volume: None,
        taker_buy_quote_volume: None,
    };
    assert_eq!(list, CandleList { rows: vec![Ok(expected)], last: Time::from_ms(1_699_999_980_000) });
}

#[test]
fn minutes_without_trades_are_candles_without_volume() {
    let text = r#"{"last":0,"X":[[60,"5","5","5","5","0.0","0.00000000",0]]}"#;
    let row = ohlc(text, Interval::M1).unwrap().rows.remove(0).unwrap();
    assert_eq!((row.volume, row.trade_count, row.check()), (Decimal::ZERO, Some(0), Ok(())));
}

#[test]
fn bad_candles_stand_alone() {
    let check = |row: &str, open_time: Option<i64>, reason: &str| {
        let list = ohlc(&format!(r#"{{"X":[{ROW},{row}],"last":0}}"#), Interval::M1).unwrap();
        let expected = BadRow { time: open_time.map(Time::from_ms), reason: reason.into(), payload: row.into() };
        assert!(list.rows[0].is_ok());
        assert_eq!(list.rows[1], Err(expected));
    };
    let with = |from: &str, to: &str| ROW.replacen(from, to, 1);
    let at = Some(1_700_000_040_000);
    check("null", None, "row is not an array");
    check("[]", None, "0 columns instead of 8");
    check(&with(",7]", "]"), at, "7 columns instead of 8");
    check(&with("1700000040", "1700000041"), Some(1_700_000_041_000), "open time is off the 1m grid");
    check(&with("1700000040", "1700000040.5"), None, "open time is 1700000040.5, not whole seconds");
    check(&with(r#""2.1""#, "2.1"), at, "close is 2.1, not a decimal in quotes");
    check(&with(r#""3.0""#, r#""3e0""#), at, "high: `3e0` is not a decimal number");
    check(&with(",7]", ",null]"), at, "trade count is null, not a whole number");
}

#[test]
fn a_page_of_another_shape_is_malformed() {
    for text in [
        "[]",
        "{}",
        r#"{"last":1}"#,
        r#"{"X":[]}"#,
        r#"{"X":[],"Y":[],"last":1}"#,
        r#"{"X":{},"last":1}"#,
        r#"{"X":[],"last":"a"}"#,
    ] {
        assert!(matches!(ohlc(text, Interval::M1), Err(ExchangeError::Malformed { .. })), "{text}");
        assert!(matches!(trades(text), Err(ExchangeError::Malformed { .. })), "{text}");
    }
    assert_eq!(trades(r#"{"X":[],"last":"1790359841138228746"}"#).unwrap().last, 1_790_359_841_138_228_746);
    assert_eq!(trades(r#"{"X":[],"last":1790359841138228746}"#).unwrap().last, 1_790_359_841_138_228_746);
}

#[test]
fn trades_keep_nanoseconds_and_need_their_number() {
    const TRADE: &str = r#"["83928.00000","0.00044682",1790359841.1382287,"b","m","",109118759]"#;
    let rows = |row: &str| trades(&format!(r#"{{"X":[{row}],"last":"1"}}"#)).unwrap().rows.remove(0);
    let expected = Trade {
        id: 109_118_759,
        time: Time::from_ms(1_790_359_841_138),
        nanos: Some(228_700),
        price: decimal("83928"),
        size: decimal("0.00044682"),
        side: Side::Buy,
        fills: None,
    };
    assert_eq!(rows(TRADE), Ok(expected));
    assert_eq!(rows(&TRADE.replace(r#""b""#, r#""s""#)), Ok(Trade { side: Side::Sell, ..expected }));
    let check = |row: &str, has_time: bool, reason: &str| {
        let open_time = has_time.then_some(expected.time);
        assert_eq!(rows(row), Err(BadRow { time: open_time, reason: reason.into(), payload: row.into() }));
    };
    check(&TRADE.replace(",109118759", ""), true, "6 columns instead of 7");
    check(&TRADE.replace("109118759", "null"), true, "trade id is null, not a whole number");
    check(&TRADE.replace("1790359841.1382287", "null"), false, "time is null, not seconds");
    check(&TRADE.replace(r#""b""#, r#""x""#), true, "side is \"x\", not b or s");
    check(&TRADE.replace("0.00044682", "0.00000000"), true, "the size is not positive");
    check("7", false, "row is not an array");
}

#[test]
fn pairs_where_nothing_ever_traded_have_no_ticker() {
    let row = |last: &str, mean: &str| {
        format!(
            r#"{{"a":["1","1","1"],"b":["1","1","1"],"c":["{last}","1"],"v":["1","343704969412.2558"],"p":["1","{mean}"],"t":[1,2],"l":["3","4"],"h":["5","6"],"o":"9"}}"#
        )
    };
    let text =
        format!(r#"{{"B":{},"A":{},"C":{{"c":7}}}}"#, row("0.00000000", "0.00000000"), row("0.000000337100", "0.00000034"));
    let expected = Ticker {
        native: "A".into(),
        last: decimal("0.0000003371"),
        open_24h: None,
        high_24h: decimal("6"),
        low_24h: decimal("4"),
        volume_24h: decimal("343704969412.2558"),
        quote_volume_24h: None,
        mean_24h: Some(decimal("0.00000034")),
        trades_24h: Some(2),
        at: Time::from_ms(5),
    };
    assert_eq!(tickers(&text, Time::from_ms(5)), Ok(vec![expected]));
    assert!(tickers("[]", Time::EPOCH).is_err());
}

#[test]
fn instruments_by_the_names_that_all_exchanges_use() {
    let assets = r#"{"XXBT":{"altname":"XBT"},"ZEUR":{"altname":"EUR"},"LUNA":{"altname":"LUNA"},"LUNA2":{"altname":"LUNA2"},
        "UST":{"altname":"UST"},"XXDG":{"altname":"XDG"},"broken":7}"#;
    let pair = |id: &str, wsname: &str, base: &str, quote: &str, rest: &str| {
        format!(
            r#""{id}":{{"altname":"x","wsname":"{wsname}","base":"{base}","quote":"{quote}","pair_decimals":1,"lot_decimals":8{rest}}}"#
        )
    };
    let list = [
        pair("XXBTZEUR", "XBT/EUR", "XXBT", "ZEUR", r#","cost_decimals":5,"status":"online""#),
        pair("XDGEUR", "XDG/EUR", "XXDG", "ZEUR", r#","status":"post_only""#),
        pair("LUNAEUR", "LUNA/EUR", "LUNA", "ZEUR", ""),
        pair("LUNA2EUR", "LUNA2/EUR", "LUNA2", "ZEUR", ""),
        pair("USTEUR", "UST/EUR", "UST", "ZEUR", ""),
        // Not among the assets: the name on the streams says it.
        pair("JITOSOLSOL", "JITOSOL/SOL", "JITOSOL", "SOL", ""),
        pair("XXBTZEUR.d", "XBT/EUR", "XXBT", "ZEUR", ""),
        r#""XETHXXBT.d":{"base":"XETH","quote":"XXBT","pair_decimals":5,"lot_decimals":8}"#.into(),
        r#""DARK":{"base":"XETH","quote":"XXBT","pair_decimals":5,"lot_decimals":8}"#.into(),
        r#""BAD":{"wsname":"A/B","base":"A"}"#.into(),
    ];
    let found = instruments(assets, &format!("{{{}}}", list.join(","))).unwrap();
    let seen: Vec<(&str, &str, &str, InstrumentStatus)> = found
        .instruments
        .iter()
        .map(|found| (found.native.as_str(), found.symbol.as_str(), found.stream_name.as_deref().unwrap(), found.status))
        .collect();
    let expected = [
        ("JITOSOLSOL", "JITOSOL/SOL", "JITOSOL/SOL", Trading),
        ("LUNA2EUR", "LUNA/EUR", "LUNA2/EUR", Trading),
        ("LUNAEUR", "LUNC/EUR", "LUNA/EUR", Trading),
        ("USTEUR", "USTC/EUR", "UST/EUR", Trading),
        ("XDGEUR", "DOGE/EUR", "DOGE/EUR", Halted),
        ("XXBTZEUR", "BTC/EUR", "BTC/EUR", Trading),
    ];
    assert_eq!(seen, expected);
    assert_eq!(found.unreadable.len(), 1);
    assert!(found.unreadable[0].starts_with("BAD: missing field"), "{:?}", found.unreadable);
    let btc = Instrument {
        exchange: ExchangeId::Kraken,
        symbol: Symbol::spot("BTC", "EUR"),
        native: "XXBTZEUR".into(),
        base: "BTC".into(),
        quote: "EUR".into(),
        kind: InstrumentKind::Spot,
        stream_name: Some("BTC/EUR".into()),
        status: Trading,
        price_decimals: 1,
        scales: Scales { price: 1, base: 8, quote: 9 },
    };
    assert_eq!(found.instruments[5], btc);
}

#[test]
fn prices_with_twelve_decimals_and_lists_of_which_nothing_can_be_read() {
    let text = r#"{"APENFTUSD":{"wsname":"APENFT/USD","base":"APENFT","quote":"ZUSD","pair_decimals":12,"lot_decimals":5,"cost_decimals":9}}"#;
    let found = instruments("{}", text).unwrap().instruments;
    assert_eq!((found[0].price_decimals, found[0].scales), (12, Scales { price: 12, base: 5, quote: 10 }));
    assert!(matches!(instruments("{}", r#"{"A":7}"#), Err(ExchangeError::Malformed { .. })));
    assert!(matches!(instruments("[]", "{}"), Err(ExchangeError::Malformed { .. })));
    assert_eq!(instruments("{}", "{}").unwrap().instruments, []);
}

#[test]
fn the_clock_is_in_seconds() {
    assert_eq!(server_time(r#"{"unixtime":1762820224,"rfc1123":"x"}"#), Ok(Time::from_ms(1_762_820_224_000)));
    assert!(server_time("{}").is_err());
}
