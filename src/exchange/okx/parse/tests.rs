use super::*;
use crate::domain::candle::Candle;
use crate::domain::funding::{Funding, FundingForecast};
use crate::domain::instrument::{ExchangeId, Instrument, InstrumentStatus, Scales, Symbol};
use crate::domain::open_interest::OpenInterest;
use crate::domain::page::BadRow;
use crate::domain::price::parse_decimal;
use crate::domain::ticker::Ticker;
use crate::domain::time::MINUTE_MS;
use crate::domain::trade::{Side, Trade};
use crate::exchange::error::ExchangeError;

fn perpetual(settle: &str, contract: Contract) -> InstrumentKind {
    InstrumentKind::Perpetual { settle: settle.into(), contract }
}

/// A hundredth of a coin to the contract.
fn linear() -> InstrumentKind {
    perpetual("USDT", Contract::Base(Decimal::new(1, 2)))
}

fn inverse() -> InstrumentKind {
    perpetual("BTC", Contract::Quote(Decimal::ONE_HUNDRED))
}

fn number(text: &str) -> Decimal {
    parse_decimal(text).unwrap()
}

fn raw(text: &str) -> Vec<&RawValue> {
    serde_json::from_str(text).unwrap()
}

#[test]
fn only_a_success_has_rows() {
    assert_eq!(rows(br#"{"code":"0","msg":"","data":[]}"#).map(|rows| rows.len()), Some(0));
    assert_eq!(rows(br#" {"data":[[1],{}],"code":0,"new":1}"#).map(|rows| rows.len()), Some(2));
    for body in [
        &br#"{"code":"51001","data":[],"msg":"no such instrument"}"#[..],
        br#"{"code":"0","data":{}}"#,
        br#"{"code":"0"}"#,
        br#"{"code":"0","data":[["1"]"#,
        br#"[["1"]]"#,
        b"<html>",
        b"\xff",
        b"",
    ] {
        assert!(rows(body).is_none(), "{}", String::from_utf8_lossy(body));
    }
}

#[test]
fn widths_are_those_of_utc() {
    let names = Interval::ALL.map(bar);
    assert_eq!(names, ["1m", "3m", "5m", "15m", "30m", "1H", "2H", "4H", "6Hutc", "12Hutc", "1Dutc", "1Wutc"]);
}

fn row(cells: &[&str]) -> String {
    serde_json::to_string(cells).unwrap()
}

#[test]
fn volumes_of_spot_and_swaps() {
    let text = row(&["60000", "2", "3", "1", "2.5", "700", "7", "16.8", "1"]);
    let expected = |volume: &str, quote: Option<&str>| Candle {
        open_time: Time::from_ms(60_000),
        open: number("2"),
        high: number("3"),
        low: number("1"),
        close: number("2.5"),
        volume: number(volume),
        quote_volume: quote.map(number),
        trade_count: None,
        taker_buy_volume: None,
        taker_buy_quote_volume: None,
    };
    let closed = |candle: Candle| Ok(CandleRow { candle, closed: Some(true) });
    assert_eq!(candle(&text, &InstrumentKind::Spot), closed(expected("700", Some("7"))));
    assert_eq!(candle(&text, &linear()), closed(expected("7", Some("16.8"))));
    assert_eq!(candle(&text, &inverse()), closed(expected("7", Some("16.8"))));
    // Seven columns before October 2022: nothing of being closed, and no quote volume of swaps.
    let old = row(&["60000", "2", "3", "1", "2.5", "700", "7"]);
    let read = |kind: &InstrumentKind| candle(&old, kind).map(|row| (row.candle, row.closed));
    assert_eq!(read(&InstrumentKind::Spot), Ok((expected("700", Some("7")), None)));
    assert_eq!(read(&linear()), Ok((expected("7", None), None)));
}

#[test]
fn rows_that_are_no_candles() {
    let check = |text: &str, open_time: Option<i64>, reason: &str| {
        let bad = candle(text, &InstrumentKind::Spot).unwrap_err();
        assert_eq!((bad.time.map(Time::ms), bad.reason.as_str()), (open_time, reason), "{text}");
        assert_eq!(bad.payload, text);
    };
    check(r#"{"ts":"1"}"#, None, "not a row of strings");
    check(r#"["60000","1",null,"1","1","1","1","1","1"]"#, Some(60_000), "not a row of strings");
    check("[60000,1,1,1,1,1,1,1,1]", Some(60_000), "not a row of strings");
    // Mark and index prices have six columns.
    check(r#"["60000","1","1","1","1","1"]"#, Some(60_000), "6 columns instead of 9 or 7");
    check(r#"["60000","1","1","1","1","1","1","1"]"#, Some(60_000), "8 columns instead of 9 or 7");
    check(r#"["60000","1","1","1","1","1","1","1","2"]"#, Some(60_000), "confirm is `2`, not 0 or 1");
    check(r#"["60000","1","1,5","1","1","1","1","1","1"]"#, Some(60_000), "high: `1,5` is not a decimal number");
    check(r#"["noon","1","1","1","1","1","1","1","1"]"#, None, "ts is `noon`, not milliseconds");
}

#[test]
fn a_running_candle_never_passes_for_a_closed_one() {
    let at = |minute: i64, closed: Option<bool>| {
        let text = row(&[&(minute * MINUTE_MS).to_string(), "1", "1", "1", "1", "1", "1", "1", "1"]);
        candle(&text, &InstrumentKind::Spot).map(|row| CandleRow { closed, ..row })
    };
    let bad = || Err(BadRow { time: None, reason: "x".into(), payload: String::new() });
    let minutes = |now_ms: i64| -> Vec<Option<i64>> {
        let rows = vec![at(3, Some(false)), bad(), at(2, Some(false)), at(1, Some(true)), at(0, None)];
        told_closed(rows, Interval::M1, Time::from_ms(now_ms))
            .into_iter()
            .map(|row| row.ok().map(|candle| candle.open_time.ms() / MINUTE_MS))
            .collect()
    };
    // The minute 3 runs and is shown; minute 2 is over by the clock, and OKX has not closed it.
    assert_eq!(minutes(4 * MINUTE_MS - 1), [Some(3), None, Some(1), Some(0)]);
    assert_eq!(minutes(4 * MINUTE_MS), [None, Some(1), Some(0)]);
}

const SPOT: &str = r#"{"instType":"SPOT","instId":"FIG-USDT","baseCcy":"FIG","quoteCcy":"USDT","ctVal":"","ctMult":"",
    "ctType":"","settleCcy":"","uly":"","tickSz":"0.00000000001","lotSz":"1","state":"live","instIdCode":3,"upcChg":[]}"#;
const LINEAR: &str = r#"{"instType":"SWAP","instId":"FIG-USDT-SWAP","baseCcy":"","quoteCcy":"","ctVal":"10","ctMult":"0.5",
    "ctType":"linear","ctValCcy":"FIG","settleCcy":"USDT","uly":"FIG-USDT","tickSz":"0.01","lotSz":"0.1","state":"live"}"#;
const INVERSE: &str = r#"{"instType":"SWAP","instId":"FIG-USD-SWAP","ctVal":"100","ctMult":"1","ctType":"inverse",
    "ctValCcy":"USD","settleCcy":"FIG","uly":"FIG-USD","tickSz":"0.1","lotSz":"1","state":"suspend"}"#;

fn fig(symbol: Symbol, native: &str, quote: &str, kind: InstrumentKind, decimals: u32, scales: Scales) -> Instrument {
    Instrument {
        exchange: ExchangeId::Okx,
        symbol,
        native: native.into(),
        base: "FIG".into(),
        quote: quote.into(),
        kind,
        stream_name: None,
        status: InstrumentStatus::Trading,
        price_decimals: decimals,
        scales,
    }
}

#[test]
fn instruments_by_their_assets() {
    let (list, unreadable) = instruments(&raw(&format!("[{SPOT},{LINEAR},{INVERSE}]"))).unwrap();
    let spot =
        fig(Symbol::spot("FIG", "USDT"), "FIG-USDT", "USDT", InstrumentKind::Spot, 11, Scales { price: 11, base: 3, quote: 8 });
    let linear = fig(
        Symbol::perpetual("FIG", "USDT", "USDT"),
        "FIG-USDT-SWAP",
        "USDT",
        perpetual("USDT", Contract::Base(number("5"))),
        2,
        Scales { price: 2, base: 4, quote: 4 },
    );
    let inverse = fig(
        Symbol::perpetual("FIG", "USD", "FIG"),
        "FIG-USD-SWAP",
        "USD",
        perpetual("FIG", Contract::Quote(number("100"))),
        1,
        Scales { price: 1, base: 8, quote: 8 },
    );
    assert_eq!(list, [spot, linear, Instrument { status: InstrumentStatus::Halted, ..inverse }]);
    assert_eq!(unreadable, [] as [String; 0]);
}

#[test]
fn every_state_but_live_is_halted() {
    for state in ["suspend", "rebase", "post_only", "preopen", "test", "settling", "something-new"] {
        let text = format!("[{}]", SPOT.replace("live", state));
        assert_eq!(instruments(&raw(&text)).unwrap().0[0].status, InstrumentStatus::Halted, "{state}");
    }
}

#[test]
fn one_unreadable_instrument_costs_no_other() {
    let check = |from: &str, text: &str, to: &str, reason: &str| {
        let list = format!("[{SPOT},{}]", text.replace(from, to));
        let (list, unreadable) = instruments(&raw(&list)).unwrap();
        assert_eq!((list.len(), unreadable), (1, vec![reason.to_owned()]));
    };
    check("\"0.1\"", LINEAR, "\"\"", "FIG-USDT-SWAP: lotSz: `` is not a decimal number");
    check("\"0.01\"", LINEAR, "\"0\"", "FIG-USDT-SWAP: tickSz is 0");
    check("linear", LINEAR, "quanto", "FIG-USDT-SWAP: ctType is `quanto`");
    check("\"FIG-USDT\"", LINEAR, "\"PLUM-USDT\"", "FIG-USDT-SWAP: the underlying PLUM-USDT and ctValCcy FIG do not go together");
    check("\"FIG-USD\"", INVERSE, "\"FIGUSD\"", "FIG-USD-SWAP: the underlying FIGUSD and ctValCcy USD do not go together");
    check("\"settleCcy\":\"FIG\"", INVERSE, "\"settleCcy\":\"\"", "FIG-USD-SWAP: settleCcy is missing");
    check("\"baseCcy\":\"FIG\"", SPOT, "\"baseCcy\":\"\"", "FIG-USDT: instId, base or quote is no name");
    check("SPOT", SPOT, "OPTION", "FIG-USDT: instType is OPTION");
    let error = instruments(&raw(r#"[{"instId":"X"},7]"#)).unwrap_err();
    assert!(matches!(error, ExchangeError::Malformed { .. }), "a list of which nothing can be read is none: {error}");
    assert_eq!(instruments(&[]), Ok((vec![], vec![])));
}

const TICKER: &str = r#"{"instType":"SPOT","instId":"FIG-USDT","last":"1.3","askPx":"","bidPx":"","open24h":"1.25",
    "high24h":"1.31","low24h":"1.23","vol24h":"1000","volCcy24h":"1270","ts":"1704067200123"}"#;

#[test]
fn tickers_of_spot_and_swaps() {
    let expected = |open: Option<&str>, volume: &str, quote: Option<&str>| Ticker {
        native: "FIG-USDT".into(),
        last: number("1.3"),
        open_24h: open.map(number),
        high_24h: number("1.31"),
        low_24h: number("1.23"),
        volume_24h: number(volume),
        quote_volume_24h: quote.map(number),
        mean_24h: None,
        trades_24h: None,
        at: Time::from_ms(1_704_067_200_123),
    };
    assert_eq!(ticker(TICKER, &InstrumentKind::Spot), Ok(expected(Some("1.25"), "1000", Some("1270"))));
    assert_eq!(ticker(TICKER, &linear()), Ok(expected(Some("1.25"), "1270", None)), "contracts are no volume");
    let new = TICKER.replace("\"1.25\"", "\"\"");
    assert_eq!(ticker(&new, &InstrumentKind::Spot), Ok(expected(None, "1000", Some("1270"))));
    let untraded = TICKER.replace("\"1.3\"", "\"\"");
    assert_eq!(ticker(&untraded, &InstrumentKind::Spot), Err("last: `` is not a decimal number".into()));
    let list = format!("[{untraded},{},{TICKER},7]", TICKER.replace("FIG", "PLUM"));
    let found = tickers(&raw(&list), |native| (native == "FIG-USDT").then_some(&InstrumentKind::Spot));
    assert_eq!(found, [expected(Some("1.25"), "1000", Some("1270"))], "those that were asked for and can be read");
}

const TRADE: &str =
    r#"{"instId":"FIG-USDT","side":"sell","sz":"0.3","px":"1.5","source":"0","tradeId":"242720720","ts":"1654161646974"}"#;

#[test]
fn trades_in_base_units() {
    let expected = |size: &str| Trade {
        id: 242_720_720,
        time: Time::from_ms(1_654_161_646_974),
        nanos: None,
        price: number("1.5"),
        size: number(size),
        side: Side::Sell,
        fills: None,
    };
    assert_eq!(trade(TRADE, &InstrumentKind::Spot), Ok(expected("0.3")));
    assert_eq!(trade(TRADE, &linear()), Ok(expected("0.003")), "0.3 contracts of a hundredth");
    let counted = TRADE.replace("\"source\"", "\"count\":\"21\",\"source\"");
    assert_eq!(trade(&counted, &InstrumentKind::Spot), Ok(Trade { fills: Some(21), ..expected("0.3") }));
    assert!(trade(TRADE, &inverse()).unwrap_err().contains("inverse"));
    let many = TRADE.replace("\"0.3\"", "\"0.123456789012345678901234567\"");
    assert!(trade(&many, &linear()).unwrap_err().contains("exactly"), "never rounded");
}

#[test]
fn a_bad_trade_keeps_its_place_and_one_without_a_place_costs_the_page() {
    let list = format!("[{TRADE},{},{}]", TRADE.replace("sell", "short"), TRADE.replace("\"0.3\"", "\"0\""));
    let found: Vec<(i64, i64, Option<String>)> = trades(&raw(&list), &InstrumentKind::Spot)
        .unwrap()
        .into_iter()
        .map(|trade| (trade.id, trade.dated.time.ms(), trade.dated.row.err().map(|bad| bad.reason)))
        .collect();
    let at = |reason: Option<&str>| (242_720_720, 1_654_161_646_974, reason.map(Into::into));
    assert_eq!(found, [at(None), at(Some("side is `short`")), at(Some("the size is not positive"))]);
    for (from, to) in [("242720720", "x1"), ("1654161646974", ""), ("\"ts\"", "\"at\"")] {
        let list = format!("[{}]", TRADE.replace(from, to));
        let error = trades(&raw(&list), &InstrumentKind::Spot).unwrap_err();
        assert!(matches!(error, ExchangeError::Malformed { .. }), "{to}: {error}");
    }
}

#[test]
fn funding_is_what_was_charged() {
    let charged = r#"{"fundingRate":"0.0002","realizedRate":"-0.0001","fundingTime":"1788480000000","instId":"FIG-USDT-SWAP"}"#;
    let list = format!("[{charged},{}]", charged.replace("-0.0001", ""));
    let found = funding(&raw(&list)).unwrap();
    let time = Time::from_ms(1_788_480_000_000);
    assert_eq!(found[0], Dated { time, row: Ok(Funding { time, rate: number("-0.0001"), mark_price: None }) });
    let bad = found[1].row.as_ref().unwrap_err();
    assert_eq!((bad.time, bad.reason.as_str()), (Some(time), "no realizedRate: what was charged is not told"));
    assert!(funding(&raw(r#"[{"realizedRate":"1"}]"#)).is_err());
}

#[test]
fn forecasts_of_funding() {
    let text = |next: &str| {
        format!(r#"{{"fundingRate":"0.0001","fundingTime":"7200000","nextFundingRate":"","nextFundingTime":"{next}","ts":"5"}}"#)
    };
    let expected = |interval_ms: Option<i64>| {
        let forecast =
            FundingForecast { rate: number("0.0001"), next_at: Time::from_ms(7_200_000), interval_ms, mark_price: None };
        Ok((forecast, Some(Time::from_ms(5))))
    };
    assert_eq!(forecast(&text("21600000")), expected(Some(4 * 3_600_000)));
    assert_eq!(forecast(&text("")), expected(None));
    assert_eq!(forecast(&text("7200000")), expected(None));
    assert!(forecast(&text("soon")).is_err());
    assert!(coming_funding(&[]).is_err());
}

#[test]
fn open_interest_counts_coins() {
    let time = Time::from_ms(1_701_417_600_000);
    let list = raw(r#"[["1701417600000","731377.57500501","111","8888888"],["1701417600000","1","x",""]]"#);
    let found = open_interest(&list).unwrap();
    let row = OpenInterest { time, amount: number("111"), value: Some(number("8888888")) };
    assert_eq!(found[0], Dated { time, row: Ok(row) });
    assert_eq!(found[1].row.as_ref().unwrap_err().time, Some(time));
    assert!(open_interest(&raw(r#"[["1701417600000","1","1"]]"#)).is_err());
    let now = r#"{"instId":"A","oi":"3384273.06000001729","oiCcy":"33842.7306000001729","oiUsd":"","ts":"1701417600000"}"#;
    assert_eq!(open_interest_now(now), Ok(OpenInterest { time, amount: number("33842.7306000001729"), value: None }));
}

#[test]
fn the_clock() {
    assert_eq!(server_time(&raw(r#"[{"ts":"1597026383085"}]"#)), Ok(Time::from_ms(1_597_026_383_085)));
    assert!(server_time(&[]).is_err() && server_time(&raw(r#"[{"ts":"now"}]"#)).is_err());
}
