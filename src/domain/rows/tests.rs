use super::super::time::MINUTE_MS;
use super::super::trade::Side;
use super::*;

fn minutes(from: i64, to: i64) -> TimeRange {
    TimeRange::new(Time::from_ms(from * MINUTE_MS), Time::from_ms(to * MINUTE_MS))
}

fn trade(id: i64, ms: i64) -> Trade {
    Trade { id, time: Time::from_ms(ms), nanos: None, price: Decimal::ONE, size: Decimal::ONE, side: Side::Buy, fills: None }
}

fn late(minute: i64) -> Horizon {
    let at = Time::from_ms(minute * MINUTE_MS);
    Horizon { closed_before: at, settled_before: at }
}

fn bad(ms: Option<i64>) -> BadRow {
    BadRow { time: ms.map(Time::from_ms), reason: "no price".into(), payload: "7".into() }
}

fn shape<T>(page: &Gathered<T>) -> (Vec<TimeRange>, Vec<TimeRange>) {
    (page.covered.clone(), page.missing.iter().map(|missing| missing.range).collect())
}

#[test]
fn a_minute_is_covered_when_the_pages_hold_all_of_it() {
    let mut pages = Gathering::new(minutes(0, 3), Interval::M1, Dataset::Trades);
    let first =
        pages.take(vec![Ok(trade(1, 5)), Ok(trade(2, 90_000))], TimeRange::new(Time::EPOCH, Time::from_ms(90_000)), late(9));
    assert_eq!(shape(&first.unwrap()), (vec![minutes(0, 1)], vec![]), "half of the second minute is in");
    assert!(!pages.is_done());
    let rest = TimeRange::new(Time::from_ms(90_000), Time::from_ms(3 * MINUTE_MS));
    let second = pages.take(vec![Ok(trade(3, 90_000))], rest, late(9)).unwrap();
    assert_eq!(shape(&second), (vec![minutes(1, 3)], vec![]), "the last minute is empty, and that is a fact");
    assert!(pages.is_done());
}

#[test]
fn pages_may_come_newest_first_and_minutes_that_run_wait() {
    let mut pages = Gathering::new(minutes(0, 4), Interval::M1, Dataset::Trades);
    let newest = pages.take(vec![Ok(trade(9, 150_000))], TimeRange::new(Time::from_ms(100_000), Time::from_ms(240_000)), late(3));
    assert_eq!(shape(&newest.unwrap()), (vec![minutes(2, 3)], vec![]));
    let older = pages.take::<Trade>(vec![], TimeRange::new(Time::EPOCH, Time::from_ms(100_000)), late(3)).unwrap();
    assert_eq!(shape(&older), (vec![minutes(0, 2)], vec![]));
    assert_eq!(pages.rest(late(3)), [], "the minute that runs is neither");
}

#[test]
fn what_is_withheld_is_decided_neither_way() {
    let mut pages = Gathering::new(minutes(0, 5), Interval::M1, Dataset::Trades);
    pages.withhold(&TimeRange::new(Time::from_ms(90_000), Time::from_ms(150_000)).into());
    let page = pages.take::<Trade>(vec![], minutes(0, 5), late(9)).unwrap();
    assert_eq!(shape(&page), (vec![minutes(0, 1), minutes(3, 5)], vec![]));
    assert_eq!(pages.rest(late(9)), [], "nor is it missing");
    assert!(!pages.is_done());
    assert_eq!(pages.undecided().ranges(), [minutes(1, 3)]);
}

#[test]
fn a_bad_row_leaves_its_minute_owed() {
    let mut pages = Gathering::new(minutes(0, 4), Interval::M1, Dataset::Trades);
    let rows = vec![Ok(trade(1, 10)), Err(bad(Some(70_000))), Ok(trade(3, 200_000))];
    let page = pages.take(rows, minutes(0, 4), late(9)).unwrap();
    assert_eq!(shape(&page), (vec![minutes(0, 1), minutes(2, 4)], vec![minutes(1, 2)]));
    assert_eq!(page.missing[0].bad_row.as_deref(), Some("no price: 7"));
    assert_eq!((page.rows.len(), page.rejected.len()), (2, 1));
    let mut pages = Gathering::new(minutes(0, 4), Interval::M1, Dataset::Trades);
    let rows = vec![Ok(trade(1, 10)), Ok(trade(2, 70_000)), Err(bad(None)), Ok(trade(3, 130_000)), Ok(trade(4, 200_000))];
    let page = pages.take(rows, minutes(0, 4), late(9)).unwrap();
    assert_eq!(shape(&page), (vec![minutes(0, 1), minutes(3, 4)], vec![minutes(1, 3)]), "it lies between its neighbours");
}

#[test]
fn rows_that_contradict_each_other_are_none() {
    let mut pages = Gathering::new(minutes(0, 2), Interval::M1, Dataset::Trades);
    let other = Trade { size: Decimal::TWO, ..trade(2, 70_000) };
    let rows = vec![Ok(trade(2, 70_000)), Ok(trade(1, 10)), Ok(other), Ok(trade(1, 10))];
    let page = pages.take(rows, minutes(0, 2), late(9)).unwrap();
    assert_eq!(page.rows, [trade(1, 10)]);
    assert_eq!(shape(&page), (vec![minutes(0, 1)], vec![minutes(1, 2)]));
}

#[test]
fn a_row_of_another_question_spoils_the_page() {
    let mut pages = Gathering::new(minutes(1, 2), Interval::M1, Dataset::Trades);
    let outside = pages.take(vec![Ok(trade(1, 60_000)), Ok(trade(2, 120_000))], minutes(1, 2), late(9));
    assert_eq!(outside, Err(OutsideRange(Time::from_ms(120_000))));
    assert_eq!(shape(&pages.take(vec![Ok(trade(1, 60_000))], minutes(1, 2), late(9)).unwrap()), (vec![minutes(1, 2)], vec![]));
}

#[test]
fn each_step_of_open_interest_has_a_row() {
    let row = |minute: i64| OpenInterest { time: Time::from_ms(minute * MINUTE_MS), amount: Decimal::ONE, value: None };
    let mut pages = Gathering::new(minutes(0, 30), Interval::M5, Dataset::OpenInterest);
    let horizon = Horizon { closed_before: Time::from_ms(30 * MINUTE_MS), settled_before: Time::from_ms(20 * MINUTE_MS) };
    let page = pages.take(vec![Ok(row(0)), Ok(row(10))], minutes(0, 30), horizon).unwrap();
    assert_eq!(shape(&page), (vec![minutes(0, 5), minutes(10, 15)], vec![minutes(5, 10), minutes(15, 20)]));
    assert!(!pages.is_done(), "what ended a moment ago may merely be late");
}

#[test]
fn an_end_that_comes_too_early_covers_nothing() {
    let mut pages = Gathering::new(minutes(0, 4), Interval::M1, Dataset::Trades);
    pages.take(vec![Ok(trade(1, 10))], minutes(0, 1), late(9)).unwrap();
    let rest: Vec<TimeRange> = pages.rest(late(9)).iter().map(|missing| missing.range).collect();
    assert_eq!(rest, [minutes(1, 4)]);
}

#[test]
fn a_number_that_is_left_out_breaks_the_minutes_around_it() {
    let trades = [trade(1, 10), trade(2, 70_000), trade(4, 130_000), trade(5, 250_000)];
    let heard = TimeRange::new(Time::EPOCH, Time::from_ms(330_000));
    assert_eq!(unbroken(&trades, heard, Interval::M1).ranges(), [minutes(0, 1), minutes(3, 5)]);
    let from_within = TimeRange::new(Time::from_ms(1), Time::from_ms(330_000));
    assert_eq!(unbroken(&[], from_within, Interval::M1).ranges(), [minutes(1, 5)], "half a minute was not heard");
}
