use super::*;
use crate::domain::instrument::tests::instrument;
use crate::domain::price::Decimal;
use crate::domain::trade::Side;
use crate::exchange::port::Lane;
use proptest::prelude::*;
use std::sync::Arc;

fn trade(id: i64, ms: i64) -> Trade {
    let (price, size) = (Decimal::ONE, Decimal::ONE);
    Trade { id, time: Time::from_ms(ms), nanos: None, price, size, side: Side::Buy, fills: Some(1) }
}

fn range(from: i64, to: i64) -> TimeRange {
    TimeRange::new(Time::from_ms(from), Time::from_ms(to))
}

fn question(from: i64, to: i64, cursor: Option<&str>) -> Result<Question, ExchangeError> {
    let cursor = cursor.map(|text| Cursor(text.into()));
    Question::new(&RowsRequest { instrument: Arc::new(instrument()), range: range(from, to), cursor, lane: Lane::Live })
}

/// Numbers 1 to 1000, at these times.
fn full(time: impl Fn(i64) -> i64) -> Vec<Result<Trade, BadRow>> {
    (1..=1_000).map(|id| Ok(trade(id, time(id)))).collect()
}

const LATE: Time = Time::from_ms(1_000_000);

#[test]
fn by_time_first_and_then_by_number() {
    let path = |cursor: Option<&str>| question(60_000, 120_000, cursor).unwrap().path("/x", "币USDT");
    assert_eq!(path(None), "/x?symbol=%E5%B8%81USDT&startTime=60000&endTime=119999&limit=1000");
    assert_eq!(path(Some("77@61000")), "/x?symbol=%E5%B8%81USDT&fromId=77&limit=1000");
    for cursor in ["77", "x@61000", "-1@61000", "77@120000", "77@59999"] {
        assert!(matches!(question(60_000, 120_000, Some(cursor)), Err(ExchangeError::BadRequest { code: 0, .. })), "{cursor}");
    }
    assert!(question(5, 5, None).is_err());
}

#[test]
fn a_short_page_is_the_end() {
    let question = question(0, 100, None).unwrap();
    let rows = vec![Ok(trade(1, 0)), Ok(trade(2, 99))];
    let page = question.judge(rows.clone(), LATE).unwrap();
    assert_eq!(page, Page { rows, complete: range(0, 100), next: None });
    assert_eq!(question.judge(vec![], LATE).unwrap().complete, range(0, 100));
    assert_eq!(question.judge(vec![], Time::from_ms(40)).unwrap().complete, range(0, 40), "nobody knows the future");
}

#[test]
fn a_full_page_ends_before_its_last_millisecond() {
    let page = question(0, 5_000, None).unwrap().judge(full(|id| id / 3), LATE).unwrap();
    assert_eq!((page.rows.len(), page.rows[997].as_ref().map(|trade| trade.id)), (998, Ok(998)));
    assert_eq!((page.complete, page.next), (range(0, 333), Some(Cursor("999@333".into()))));
}

#[test]
fn a_page_within_one_millisecond_moves_on() {
    let page = question(0, 5_000, None).unwrap().judge(full(|_| 7), LATE).unwrap();
    assert_eq!((page.rows.len(), page.complete, page.next), (1_000, range(0, 7), Some(Cursor("1001@7".into()))));
    let next = question(0, 5_000, Some("1001@7")).unwrap().judge(vec![Ok(trade(1_001, 7))], LATE).unwrap();
    assert_eq!((next.rows.len(), next.complete, next.next), (1, range(7, 5_000), None));
}

#[test]
fn pages_by_number_stop_at_the_end_of_the_range() {
    let page = question(0, 600, Some("1@0")).unwrap().judge(full(|id| id), LATE).unwrap();
    assert_eq!((page.rows.len(), page.complete, page.next), (599, range(0, 600), None));
}

#[test]
fn answers_to_another_question() {
    let check = |cursor: Option<&str>, rows: Vec<Result<Trade, BadRow>>| {
        let result = question(0, 100, cursor).unwrap().judge(rows, LATE);
        assert!(matches!(result, Err(ExchangeError::WrongAnswer(_))), "{result:?}");
    };
    check(None, vec![Ok(trade(1, 100))]);
    check(None, vec![Ok(trade(2, 5)), Ok(trade(1, 6))]);
    check(None, vec![Ok(trade(2, 5)), Ok(trade(2, 5))]);
    check(Some("7@3"), vec![Ok(trade(6, 3))]);
    let bad = |_| Err(BadRow { time: None, reason: "no".into(), payload: "7".into() });
    check(None, (0..1_000).map(bad).collect());
}

#[test]
fn bad_rows_stay_with_their_page() {
    let bad = |ms: i64| Err(BadRow { time: Some(Time::from_ms(ms)), reason: "no".into(), payload: "7".into() });
    let rows = vec![Ok(trade(1, 5)), bad(6), bad(100), Ok(trade(2, 200))];
    let page = question(0, 100, Some("1@0")).unwrap().judge(rows, LATE).unwrap();
    assert_eq!(page.rows, [Ok(trade(1, 5)), bad(6)]);
    let mut rows = full(|id| id);
    rows[999] = bad(1_000);
    let page = question(0, 5_000, None).unwrap().judge(rows, LATE).unwrap();
    assert_eq!((page.rows.len(), page.complete, page.next), (998, range(0, 999), Some(Cursor("999@999".into()))));
}

/// An exchange with these trades: pages of a thousand, by time or by number.
fn answer(trades: &[Trade], question: &Question) -> Vec<Result<Trade, BadRow>> {
    let asked = |trade: &&Trade| match question.from_id {
        Some(id) => trade.id >= id,
        None => question.range.contains(trade.time),
    };
    trades.iter().filter(asked).take(LIMIT).map(|trade| Ok(*trade)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn nothing_is_lost_or_repeated_at_borders(
        steps in prop::collection::vec(prop_oneof![8 => Just(0), 2 => 1..3_i64], 1..5_000),
        from in 0..400_i64,
        length in 1..2_000_i64,
    ) {
        let mut at = 0;
        let trades: Vec<Trade> = (10..).zip(&steps).map(|(id, step)| { at += step; trade(id, at) }).collect();
        let (mut cursor, mut seen, mut covered) = (None::<String>, Vec::new(), from);
        loop {
            let question = question(from, from + length, cursor.as_deref()).unwrap();
            let page = question.judge(answer(&trades, &question), LATE).unwrap();
            prop_assert_eq!(page.complete.from.ms(), covered);
            covered = page.complete.to.ms();
            seen.extend(page.rows.into_iter().map(Result::unwrap));
            match page.next {
                Some(Cursor(text)) => cursor = Some(text),
                None => break,
            }
        }
        prop_assert_eq!(covered, from + length);
        let wanted: Vec<Trade> = trades.into_iter().filter(|trade| range(from, from + length).contains(trade.time)).collect();
        prop_assert_eq!(seen, wanted);
    }
}
