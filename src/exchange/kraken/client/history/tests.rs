use super::*;
use crate::domain::candle::tests::candle;
use crate::domain::price::Decimal;
use crate::domain::time::MINUTE_MS;
use crate::domain::trade::Side;

fn minutes(from: i64, to: i64) -> TimeRange {
    TimeRange::new(minute(from), minute(to))
}

fn minute(at: i64) -> Time {
    Time::from_ms(at * MINUTE_MS)
}

fn candles(from: i64, to: i64) -> CandleList {
    let rows = (from..to).map(|at| Ok(candle(at * MINUTE_MS, ["2", "3", "1", "2", "1"]))).collect();
    CandleList { rows, last: minute(to - 2) }
}

/// Minutes of the rows that are given, asked for `ms` after minute 1,000 began.
fn given(list: CandleList, range: TimeRange, ms: i64) -> Option<Vec<i64>> {
    let rows = within(list, Interval::M1, range, minute(1_000).plus_ms(ms))?;
    Some(rows.into_iter().map(|row| row.unwrap().open_time.ms() / MINUTE_MS).collect())
}

#[test]
fn rows_of_the_range_alone_and_the_forming_one_while_it_forms() {
    assert_eq!(given(candles(280, 1_001), minutes(280, 283), 10), Some(vec![280, 281, 282]));
    assert_eq!(given(candles(990, 1_001), minutes(998, 1_001), 10), Some(vec![998, 999, 1_000]));
    // Our clock has seen it end; Kraken has not.
    assert_eq!(given(candles(990, 1_001), minutes(998, 1_001), MINUTE_MS), Some(vec![998, 999]));
    assert_eq!(given(candles(990, 1_001), minutes(998, 1_001), MINUTE_MS - 1), Some(vec![998, 999, 1_000]));
}

#[test]
fn an_answer_that_does_not_reach_back_is_none() {
    assert_eq!(given(candles(280, 1_001), minutes(279, 283), 10), None);
    // Minutes without trades may be left out: the reach counts, and not the first row.
    assert_eq!(given(candles(290, 1_001), minutes(280, 292), 10), Some(vec![290, 291]));
    assert_eq!(given(CandleList { rows: vec![], last: Time::EPOCH }, minutes(280, 292), 10), Some(vec![]));
}

/// One trade for each nanosecond.
fn list(nanoseconds: &[i64]) -> TradeList {
    let trade = |(at, ns): (usize, &i64)| Trade {
        id: at as i64,
        time: Time::from_ms(ns / 1_000_000),
        nanos: Some((ns % 1_000_000) as u32),
        price: Decimal::ONE,
        size: Decimal::ONE,
        side: Side::Buy,
        fills: None,
    };
    let rows = nanoseconds.iter().enumerate().map(|row| Ok(trade(row))).collect();
    TradeList { rows, last: nanoseconds.last().copied().unwrap_or_default() }
}

/// Rows, what is complete in ms, and the cursor; of a list that is asked for at `now`.
fn page(nanoseconds: &[i64], left: (i64, i64), since: i64, now: i64) -> (usize, (i64, i64), Option<String>) {
    let left = TimeRange::new(Time::from_ms(left.0), Time::from_ms(left.1));
    let page = page_of_trades(list(nanoseconds), left, since, Time::from_ms(now)).unwrap();
    (page.rows.len(), (page.complete.from.ms(), page.complete.to.ms()), page.next.map(|cursor| cursor.0))
}

const MS: i64 = 1_000_000;

#[test]
fn a_full_page_completes_all_but_its_newest_millisecond() {
    let full: Vec<i64> = (0..1_000).map(|at| 50 * MS + at * MS / 4).collect();
    let (rows, complete, next) = page(&full, (0, 60_000), 0, 900_000);
    assert_eq!((rows, complete, next.as_deref()), (996, (0, 299), Some("299:298999000")));
    assert_eq!(read_cursor(&Cursor("299:298999000".into())), Ok((Time::from_ms(299), 298_999_000)));
}

#[test]
fn a_page_with_a_trade_behind_the_range_ends_it() {
    assert_eq!(page(&[MS, 2 * MS, 60_000 * MS], (0, 60_000), 0, 900_000), (2, (0, 60_000), None));
}

#[test]
fn a_short_page_is_asked_on_until_nothing_new_comes() {
    let (rows, complete, next) = page(&[MS, 2 * MS, 2 * MS + 5], (0, 60_000), 0, 900_000);
    assert_eq!((rows, complete, next.as_deref()), (1, (0, 2), Some("2:1999000")));
    assert_eq!(page(&[2 * MS, 2 * MS + 5], (2, 60_000), 1_999_000, 900_000), (2, (2, 60_000), None));
    assert_eq!(page(&[], (2, 60_000), 1_999_000, 900_000), (0, (2, 60_000), None));
}

#[test]
fn a_range_into_the_present_is_complete_to_shortly_before_now() {
    assert_eq!(page(&[MS, 30_000 * MS], (0, 60_000), 0, 40_000), (2, (0, 35_000), None));
    assert_eq!(page(&[MS, 39_000 * MS], (0, 60_000), 0, 40_000), (1, (0, 35_000), None));
    assert_eq!(page(&[], (0, 60_000), 0, 1_000), (0, (0, 0), None), "just begun");
}

#[test]
fn a_millisecond_that_fills_a_page_is_gone_through_by_nanoseconds() {
    let crowd: Vec<i64> = (0..1_000).map(|at| 7 * MS + at).collect();
    let (rows, complete, next) = page(&crowd, (7, 60_000), cursor(Time::from_ms(7)), 900_000);
    assert_eq!((rows, complete, next.as_deref()), (1_000, (7, 7), Some("7:7000998")));
    // The next millisecond begins within a microsecond of the cursor: going back to it would repeat the page.
    let since = 7 * MS + 999_500;
    let late: Vec<i64> = (0..1_000).map(|at| since + at).collect();
    assert_eq!(page(&late, (7, 60_000), since, 900_000).2.as_deref(), Some("8:8000498"));
    let still: Vec<i64> = vec![7 * MS; 1_000];
    let left = TimeRange::new(Time::from_ms(7), Time::from_ms(60_000));
    assert!(matches!(page_of_trades(list(&still), left, 7 * MS, left.to), Err(ExchangeError::WrongAnswer(_))));
}

#[test]
fn a_cursor_of_somebody_else_is_refused() {
    for bad in ["", "5", "5:", ":5", "a:b", "5:5:5"] {
        assert!(matches!(read_cursor(&Cursor(bad.into())), Err(ExchangeError::BadRequest { .. })), "{bad}");
    }
}
