use super::*;
use crate::domain::price::{Decimal, parse_decimal, trimmed};
use crate::domain::time::MINUTE_MS;
use crate::domain::trade::Side;
use proptest::prelude::*;

/// A trade as the exchange knows it: with its exact time, which it tells rounded.
#[derive(Debug, Clone, Copy)]
struct Event {
    ns: i64,
    id: i64,
    cents: i64,
    lots: i64,
    side: Side,
}

impl Event {
    /// As told: the time is rounded to 100 ns, upwards as well.
    fn told(&self) -> Trade {
        let ns = (self.ns + 50) / 100 * 100;
        Trade {
            id: self.id,
            time: Time::from_ms(ns / 1_000_000),
            nanos: Some((ns % 1_000_000) as u32),
            price: Decimal::new(self.cents, 2),
            size: Decimal::new(self.lots, 8),
            side: self.side,
            fills: None,
        }
    }
}

/// The exchange's answer: a page of what lies behind the cursor, or at it as well.
fn answer(events: &[Event], since: i64, inclusive: bool) -> TradeList {
    let page: Vec<&Event> =
        events.iter().filter(|event| event.ns > since || inclusive && event.ns == since).take(PAGE_ROWS).collect();
    TradeList { rows: page.iter().map(|event| Ok(event.told())).collect(), last: page.last().map_or(since, |event| event.ns) }
}

fn minutes(from: i64, to: i64) -> TimeRange {
    TimeRange::new(Time::from_ms(from * MINUTE_MS), Time::from_ms(to * MINUTE_MS))
}

/// All pages of a range, long after it; and a look back over everything before.
fn run(events: &[Event], range: TimeRange, inclusive: bool) -> (Rebuilt, usize) {
    let now = range.to.plus_ms(1_000 * MINUTE_MS);
    let mut rebuild = Rebuild::new(Interval::M1, range);
    let mut requests = 1;
    while rebuild.take(answer(events, rebuild.since(), inclusive), now).unwrap() == Progress::More {
        requests += 1;
        assert!(requests < 1_000, "it goes round in circles");
    }
    if rebuild.lacks_before().is_some() {
        let rows = events.iter().filter(|event| event.told().time < range.from).map(|event| Ok(event.told())).collect();
        rebuild.look_back(&TradeList { rows, last: 0 });
    }
    (rebuild.finish(), requests)
}

/// The same by another way: for each minute all trades are looked through, with whole numbers.
fn naive(events: &[Event], range: TimeRange) -> (Vec<Candle>, Vec<Time>) {
    let (mut candles, mut quiet) = (Vec::new(), Vec::new());
    let mut open_time = range.from;
    while open_time < range.to {
        let end = open_time.plus_ms(MINUTE_MS);
        let mut inside: Vec<&Event> =
            events.iter().filter(|event| TimeRange::new(open_time, end).contains(event.told().time)).collect();
        inside.sort_by_key(|event| event.id);
        let sum = |value: &dyn Fn(&Event) -> i128, scale: u32, bought: bool| {
            let taken = inside.iter().filter(|event| !bought || event.side == Side::Buy);
            Decimal::from_i128_with_scale(taken.map(|event| value(event)).sum(), scale)
        };
        let lots = |event: &Event| i128::from(event.lots);
        let cost = |event: &Event| i128::from(event.lots) * i128::from(event.cents);
        let price = |event: &Event| Decimal::new(event.cents, 2);
        if let (Some(first), Some(last)) = (inside.first(), inside.last()) {
            candles.push(Candle {
                open_time,
                open: price(first),
                high: inside.iter().map(|event| price(event)).max().unwrap(),
                low: inside.iter().map(|event| price(event)).min().unwrap(),
                close: price(last),
                volume: sum(&lots, 8, false),
                quote_volume: Some(sum(&cost, 10, false)),
                trade_count: Some(inside.len() as i64),
                taker_buy_volume: Some(sum(&lots, 8, true)),
                taker_buy_quote_volume: Some(sum(&cost, 10, true)),
            });
        } else {
            let before = events.iter().filter(|event| event.told().time < open_time).map(|event| event.id).max();
            let after = events.iter().filter(|event| event.told().time >= end).map(|event| event.id).min();
            if before.zip(after).is_some_and(|(before, after)| before + 1 == after) {
                quiet.push(open_time);
            }
        }
        open_time = end;
    }
    (candles, quiet)
}

fn each_minute(ranges: &[(TimeRange, String)]) -> Vec<Time> {
    let minutes = |range: &TimeRange| (range.from.ms() / MINUTE_MS..range.to.ms() / MINUTE_MS).collect::<Vec<_>>();
    ranges.iter().flat_map(|(range, _)| minutes(range)).map(|minute| Time::from_ms(minute * MINUTE_MS)).collect()
}

/// Bursts within a nanosecond, a microsecond and a millisecond, and pauses of minutes; numbers that
/// jump now and then.
fn market() -> impl Strategy<Value = Vec<Event>> {
    let gap = prop_oneof![
        6 => Just(0_i64),
        4 => 1_i64..300,
        4 => 1_000_i64..2_000_000,
        2 => 1_000_000_000_i64..20_000_000_000,
        1 => 40_000_000_000_i64..400_000_000_000,
        1 => Just(59_999_999_950_i64),
    ];
    let step = (gap, 1_i64..100_000, 1_i64..1_000_000_000, any::<bool>(), prop_oneof![60 => Just(1_i64), 1 => 2_i64..5]);
    (prop::collection::vec(step, 1..40), 1_usize..90).prop_map(|(steps, rounds)| {
        let (mut ns, mut id) = (10 * MINUTE_MS * 1_000_000, 7_000);
        let mut events = Vec::new();
        for round in 0..rounds {
            for (gap, cents, lots, is_buy, jump) in &steps {
                // Every round is another one, so that seams fall anywhere.
                ns += if round % 3 == 0 { *gap } else { gap / (1 + round as i64) };
                id += jump;
                let side = if *is_buy { Side::Buy } else { Side::Sell };
                events.push(Event { ns, id, cents: cents + round as i64, lots: *lots, side });
            }
        }
        events
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn folds_as_the_naive_way_does(events in market(), from in 8_i64..30, length in 1_i64..60, inclusive in any::<bool>()) {
        let range = minutes(from, from + length);
        let (made, _) = run(&events, range, inclusive);
        let candles: Vec<Candle> = made.rows.into_iter().map(Result::unwrap).collect();
        let (expected, quiet) = naive(&events, range);
        prop_assert_eq!(candles, expected);
        prop_assert_eq!(each_minute(&made.quiet), quiet);
    }
}

/// One event each, a second apart, from minute ten on.
fn seconds(count: i64) -> Vec<Event> {
    (0..count)
        .map(|at| Event { ns: (600 + at) * 1_000_000_000, id: 100 + at, cents: 500 + at, lots: 100_000_000, side: Side::Buy })
        .collect()
}

#[test]
fn a_seam_within_one_nanosecond_loses_and_repeats_nothing() {
    // The first page ends in the middle of ten trades that one order made at once.
    let mut events = seconds(2_500);
    let at_once = events[995].ns;
    for event in &mut events[995..1_005] {
        event.ns = at_once;
    }
    for inclusive in [false, true] {
        let (made, requests) = run(&events, minutes(10, 50), inclusive);
        let counts: i64 = made.rows.iter().flatten().filter_map(|candle| candle.trade_count).sum();
        assert_eq!((counts, requests), (2_400, 3), "inclusive: {inclusive}");
        let volume: Decimal = made.rows.iter().flatten().map(|candle| candle.volume).sum();
        assert_eq!(volume, Decimal::from(2_400));
    }
}

#[test]
fn a_page_of_one_nanosecond_moves_on_and_a_list_that_stands_still_is_refused() {
    let mut events = seconds(1_200);
    for event in &mut events[0..1_000] {
        event.ns = 600_000_000_000;
    }
    let (made, _) = run(&events, minutes(10, 25), false);
    assert_eq!(made.rows[0].as_ref().unwrap().trade_count, Some(1_000));
    // With more at once than a page holds and a cursor that includes itself, nothing can be done.
    for event in &mut events {
        event.ns = 600_000_000_000;
    }
    let mut rebuild = Rebuild::new(Interval::M1, minutes(10, 25));
    let error = loop {
        match rebuild.take(answer(&events, rebuild.since(), true), Time::from_ms(100 * MINUTE_MS)) {
            Ok(progress) => assert_eq!(progress, Progress::More),
            Err(error) => break error,
        }
    };
    assert!(matches!(error, ExchangeError::WrongAnswer(_)), "{error}");
}

#[test]
fn the_last_candle_waits_for_a_trade_behind_it_or_the_end_of_the_list() {
    let events = seconds(90);
    let (now, range) = (Time::from_ms(12 * MINUTE_MS), minutes(10, 12));
    let rows = |now: Time, range: TimeRange| {
        let mut rebuild = Rebuild::new(Interval::M1, range);
        let mut requests = 1;
        while rebuild.take(answer(&events, rebuild.since(), false), now).unwrap() == Progress::More {
            requests += 1;
        }
        (rebuild.finish().rows.iter().flatten().filter_map(|candle| candle.trade_count).collect::<Vec<_>>(), requests)
    };
    assert_eq!(rows(now, minutes(10, 11)), (vec![60], 1), "a trade behind it came along");
    assert_eq!(rows(now, range), (vec![60], 2), "it ended this moment: a trade may still be late");
    assert_eq!(rows(now.plus_ms(LATE_MS), range), (vec![60, 30], 2), "the list was asked once more, and ends");
    assert_eq!(rows(now.plus_ms(-1), range), (vec![60], 1), "it still forms");
    assert_eq!(rows(now.plus_ms(-MINUTE_MS), range), (vec![], 1), "the clock says that even the first one forms");
}

#[test]
fn proof_of_quiet_needs_numbers_that_follow_each_other() {
    let event = |second: i64, id: i64| Event { ns: second * 1_000_000_000, id, cents: 1, lots: 1, side: Side::Sell };
    let quiet = |ids: [i64; 3]| {
        let [a, b, c] = ids;
        let events = [event(610, a), event(800, b), event(1_030, c)];
        let (made, _) = run(&events, minutes(12, 16), false);
        made.quiet
    };
    let first = "trades 5 at 1970-01-01T00:10:10Z and 6 at 1970-01-01T00:13:20Z follow each other";
    let second = "trades 6 at 1970-01-01T00:13:20Z and 7 at 1970-01-01T00:17:10Z follow each other";
    let expected = vec![(minutes(12, 13), first.to_owned()), (minutes(14, 16), second.to_owned())];
    assert_eq!(quiet([5, 6, 7]), expected);
    assert_eq!(quiet([4, 6, 7]), expected[1..]);
    assert_eq!(quiet([5, 6, 8]), expected[..1]);
    // Nothing in the range at all: proven by the trades on both sides.
    let (made, _) = run(&[event(610, 5), event(1_030, 6)], minutes(12, 16), false);
    assert_eq!((made.rows, made.quiet.len(), made.quiet[0].0), (vec![], 1, minutes(12, 16)));
    // The list's end proves nothing by numbers.
    assert_eq!(run(&[event(610, 5)], minutes(12, 16), false).0, Rebuilt { rows: vec![], quiet: vec![] });
}

#[test]
fn the_first_trade_of_all_has_nothing_before_it() {
    let event = |id: i64| Event { ns: 800_000_000_000, id, cents: 1, lots: 1, side: Side::Sell };
    let lacks = |id: i64| {
        let mut rebuild = Rebuild::new(Interval::M1, minutes(10, 16));
        rebuild.take(answer(&[event(id)], rebuild.since(), false), Time::from_ms(100 * MINUTE_MS)).unwrap();
        rebuild.lacks_before()
    };
    assert_eq!((lacks(1), lacks(2)), (None, Some(Time::from_ms(800_000))));
}

#[test]
fn a_trade_that_cannot_be_read_costs_its_candle_and_no_other() {
    let events = seconds(200);
    let mut list = answer(&events, 0, false);
    let bad = BadRow { time: Some(Time::from_ms(661_000)), reason: "6 columns instead of 7".into(), payload: "[]".into() };
    list.rows[61] = Err(bad.clone());
    let mut rebuild = Rebuild::new(Interval::M1, minutes(10, 13));
    assert_eq!(rebuild.take(list, Time::from_ms(100 * MINUTE_MS)), Ok(Progress::Done(Time::from_ms(13 * MINUTE_MS))));
    let rows = rebuild.finish().rows;
    let counts: Vec<i64> = rows.iter().flatten().filter_map(|candle| candle.trade_count).collect();
    assert_eq!(counts, [60, 60]);
    let rejected: Vec<BadRow> = rows.into_iter().filter_map(Result::err).collect();
    assert_eq!(rejected, [BadRow { time: Some(Time::from_ms(11 * MINUTE_MS)), ..bad.clone() }]);
    // Without a time it may belong to any of them.
    let list = TradeList { rows: vec![Err(BadRow { time: None, ..bad })], last: 1 };
    let error = Rebuild::new(Interval::M1, minutes(10, 13)).take(list, Time::EPOCH);
    assert!(matches!(error, Err(ExchangeError::Malformed { .. })));
}

#[test]
fn sums_are_exact_or_left_out() {
    let fold = |price: &str, size: &str| {
        let decimal = |text: &str| parse_decimal(text).unwrap();
        let trade = Trade {
            id: 1,
            time: Time::EPOCH,
            nanos: None,
            price: decimal(price),
            size: decimal(size),
            side: Side::Buy,
            fills: None,
        };
        let mut fold = TradeFold::new(Time::EPOCH);
        fold.push(&trade);
        let candle = candle(Time::EPOCH, fold).unwrap();
        assert_eq!(candle.check(), Ok(()));
        assert_eq!(candle.quote_volume, candle.taker_buy_quote_volume);
        candle.quote_volume.map(trimmed)
    };
    assert_eq!(fold("83930.30000", "0.00005100").as_deref(), Some("4.2804453"));
    assert_eq!(fold("0.000000337100", "1000000000.00000000").as_deref(), Some("337.1"));
    assert_eq!(fold("0.000000337101", "0.00000001").as_deref(), Some("0.00000000000000337101"), "20 decimals of little");
    assert_eq!(fold("0.123456789101", "12345678.00000001"), None, "20 decimals of more are more than candles can add up");
    assert_eq!(fold("99999999999999.9999", "99999999999.99999999"), None, "96 bits do not hold it");
}

#[test]
fn cursors() {
    assert_eq!(cursor(Time::EPOCH), 0);
    assert_eq!(cursor(Time::from_ms(1_790_359_841_000)), 1_790_359_840_999_999_000);
    assert_eq!((next_since(5, 9), next_since(5, 6), next_since(5, 5), next_since(5, 0)), (Some(8), Some(6), None, None));
}

#[test]
fn a_time_that_was_rounded_up_over_the_border_counts_as_told() {
    // 40 ns before the minute, told as the minute: each of two pages in a row leaves it to one of them.
    let mut events = seconds(130);
    events[60].ns -= 40;
    let counts = |range: TimeRange| {
        let (made, _) = run(&events, range, false);
        made.rows.iter().flatten().filter_map(|candle| candle.trade_count).collect::<Vec<_>>()
    };
    assert_eq!((counts(minutes(10, 11)), counts(minutes(11, 12))), (vec![60], vec![60]));
}
