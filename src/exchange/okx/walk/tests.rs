use super::*;
use crate::domain::price::Decimal;
use crate::domain::trade::Side;
use proptest::prelude::*;

const PAGE: usize = 5;

fn trade(id: i64, ms: i64) -> TradeAt {
    let time = Time::from_ms(ms);
    let row = Ok(Trade { id, time, nanos: None, price: Decimal::ONE, size: Decimal::ONE, side: Side::Buy, fills: None });
    TradeAt { id, dated: Dated { time, row } }
}

/// What OKX would answer: the newest five that are older than what is asked, newest first.
fn answer(history: &[(i64, i64)], after: After) -> Vec<TradeAt> {
    let mut rows: Vec<(i64, i64)> = history.to_vec();
    rows.sort_unstable();
    let older = |&(id, ms): &(i64, i64)| match after {
        After::Time(time) => ms < time.ms(),
        After::Id(bound) => id < bound,
    };
    rows.into_iter().rev().filter(older).take(PAGE).map(|(id, ms)| trade(id, ms)).collect()
}

/// Walks a range to its end: the numbers of all pages, and how many pages there were. Holds the port's
/// promises on the way: pages join without a seam, and what is complete was given.
fn walk_all(history: &[(i64, i64)], range: TimeRange) -> (Vec<i64>, usize) {
    let (mut cursor, mut given, mut end) = (None, Vec::new(), range.to);
    for pages in 1..50 {
        let place = Place::read(range, cursor.as_ref()).unwrap();
        let (rows, complete, next) = place.walk(range, answer(history, place.after)).unwrap();
        assert_eq!(complete.to, end, "no seam");
        end = complete.from;
        given.extend(rows.into_iter().map(|row| row.unwrap().id));
        let held = history.iter().filter(|(_, ms)| complete.contains(Time::from_ms(*ms)));
        assert!(held.clone().all(|(id, _)| given.contains(id)), "complete is what was given: {complete:?} {given:?}");
        match next {
            None => {
                assert_eq!(end, range.from);
                return (given, pages);
            }
            next => cursor = next,
        }
    }
    panic!("no end");
}

fn ms(from: i64, to: i64) -> TimeRange {
    TimeRange::new(Time::from_ms(from), Time::from_ms(to))
}

#[test]
fn no_trade_of_a_millisecond_is_lost_or_doubled() {
    // Ten trades to two milliseconds, in every alignment to the page's end.
    for shift in 0..5 {
        let history: Vec<(i64, i64)> = (0..60).map(|id| (1_000 + id, 100 + (id + shift) / 3)).collect();
        let range = ms(104, 117);
        let expected: Vec<i64> = history.iter().rev().filter(|(_, ms)| (104..117).contains(ms)).map(|(id, _)| *id).collect();
        let (given, pages) = walk_all(&history, range);
        assert_eq!(given, expected, "{shift}");
        assert!(pages <= 20, "{pages}");
    }
}

proptest! {
    #[test]
    fn walks_give_everything(steps in prop::collection::vec(0_i64..3, 0..80), from in 0_i64..60, length in 1_i64..60) {
        let mut now = 0;
        let history: Vec<(i64, i64)> = (0..).zip(steps).map(|(id, step)| { now += step; (id, now) }).collect();
        let range = ms(from, from + length);
        let expected: Vec<i64> =
            history.iter().rev().filter(|(_, ms)| range.contains(Time::from_ms(*ms))).map(|(id, _)| *id).collect();
        let (mut given, _) = walk_all(&history, range);
        let fullest = (0..=now).map(|ms| history.iter().filter(|trade| trade.1 == ms).count()).max();
        if fullest.is_some_and(|fullest| fullest >= PAGE) {
            given.dedup();
        }
        prop_assert_eq!(given, expected);
    }
}

#[test]
fn a_millisecond_fuller_than_a_page() {
    let history: Vec<(i64, i64)> = (0..40).map(|id| (id, if (10..33).contains(&id) { 500 } else { 400 + id * 5 })).collect();
    let (given, _) = walk_all(&history, ms(0, 10_000));
    let mut unique = given.clone();
    unique.dedup();
    assert_eq!(unique, (0..40).rev().collect::<Vec<_>>());
}

#[test]
fn nothing_traded() {
    assert_eq!(walk_all(&[], ms(0, 60_000)), (vec![], 1));
    assert_eq!(walk_all(&[(1, 5), (2, 70_000)], ms(60_000, 65_000)), (vec![], 1), "older and newer trades are others'");
    assert_eq!(walk_all(&[(7, 61_000)], ms(60_000, 65_000)).0, [7]);
}

#[test]
fn numbers_that_do_not_follow_time_end_as_well() {
    let history = [(1, 100), (2, 103), (3, 102), (4, 101), (5, 104), (6, 100), (7, 105), (8, 99)];
    let (mut given, _) = walk_all(&history, ms(99, 200));
    given.sort_unstable();
    given.dedup();
    assert_eq!(given, [1, 2, 3, 4, 5, 6, 7, 8]);
}

#[test]
fn an_answer_to_another_question_is_refused() {
    let range = ms(100, 200);
    let refused = |place: Place, rows: Vec<TradeAt>| matches!(place.walk(range, rows), Err(ExchangeError::WrongAnswer(_)));
    let first = Place::read(range, None).unwrap();
    assert!(refused(first, vec![trade(9, 201)]));
    assert!(!refused(first, vec![trade(9, 200), trade(8, 150)]), "the bound itself is passed over, however OKX counts it");
    let next = Place::read(range, Some(&Cursor("9:150".into()))).unwrap();
    assert!(refused(next, vec![trade(10, 140)]));
    let (rows, ..) = next.walk(range, vec![trade(9, 140), trade(8, 90)]).unwrap();
    assert!(rows.is_empty());
    assert_eq!((first.query(), next.query()), ("type=2&after=200".into(), "type=1&after=9".into()));
}

#[test]
fn foreign_cursors_are_refused() {
    for text in ["", "9", "a:b", "9:x", ":"] {
        let error = Place::read(ms(0, 1), Some(&Cursor(text.into()))).unwrap_err();
        assert!(matches!(error, ExchangeError::BadRequest { code: 0, .. }), "{text}");
    }
    assert!(place(ms(0, 1), Some(&Cursor("9:9".into()))).is_err());
    assert_eq!(place(ms(0, 1), None), Ok(Time::from_ms(1)));
    assert_eq!(place(ms(0, 1), Some(&Cursor("7".into()))), Ok(Time::from_ms(7)));
}

#[test]
fn rows_that_are_alone_in_their_time() {
    let rows =
        |times: &[i64]| -> Vec<Dated<i64>> { times.iter().map(|ms| Dated { time: Time::from_ms(*ms), row: Ok(*ms) }).collect() };
    let range = ms(100, 200);
    let walked = |end: i64, times: &[i64]| walk(range, Time::from_ms(end), rows(times)).unwrap();
    // More may lie before: the next page is older than the oldest row.
    assert_eq!(walked(200, &[190, 160]), (vec![Ok(190), Ok(160)], ms(160, 200), Some(Cursor("160".into()))));
    // The page reaches behind the range, up to its beginning, or there is nothing more.
    assert_eq!(walked(160, &[130, 100]), (vec![Ok(130), Ok(100)], ms(100, 160), None));
    assert_eq!(walked(160, &[130, 70]), (vec![Ok(130)], ms(100, 160), None));
    assert_eq!(walked(160, &[]), (vec![], ms(100, 160), None));
    assert_eq!(walked(160, &[160]), (vec![], ms(100, 160), None), "the bound itself is no progress");
    assert!(matches!(walk(range, Time::from_ms(160), rows(&[170])), Err(ExchangeError::WrongAnswer(_))));
}
