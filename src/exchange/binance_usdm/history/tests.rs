use super::*;
use crate::domain::instrument::tests::instrument;
use crate::exchange::port::Lane;
use std::sync::Arc;

const START: i64 = 1_600_000_000_000;
const LATE: Time = Time::from_ms(1_900_000_000_000);

fn at(offset: i64) -> Time {
    Time::from_ms(START + offset)
}

fn range(from: i64, to: i64) -> TimeRange {
    TimeRange::new(at(from), at(to))
}

fn question(cursor: Option<i64>, limit: usize, step_ms: i64) -> Question {
    let cursor = cursor.map(|offset| Cursor(at(offset).ms().to_string()));
    let request = RowsRequest { instrument: Arc::new(instrument()), range: range(0, 100), cursor, lane: Lane::Live };
    Question::new(&request, limit, step_ms).unwrap()
}

fn rows(offsets: &[i64]) -> Vec<Result<Time, BadRow>> {
    offsets.iter().map(|offset| Ok(at(*offset))).collect()
}

fn bad(offset: Option<i64>) -> Result<Time, BadRow> {
    Err(BadRow { time: offset.map(at), reason: "no".into(), payload: "7".into() })
}

fn judge(question: &Question, rows: Vec<Result<Time, BadRow>>) -> Result<Page<Time>, ExchangeError> {
    question.judge(rows, |time| *time, LATE)
}

#[test]
fn both_times_are_always_told() {
    assert_eq!(question(None, 9, 1).query(), format!("startTime={START}&endTime={}&limit=9", START + 99));
    assert_eq!(question(Some(40), 9, 1).query(), format!("startTime={}&endTime={}&limit=9", START + 40, START + 99));
}

#[test]
fn places_outside_the_range_are_refused() {
    let refused = |range: TimeRange, cursor: Option<&str>| {
        let cursor = cursor.map(|text| Cursor(text.into()));
        let request = RowsRequest { instrument: Arc::new(instrument()), range, cursor, lane: Lane::Live };
        matches!(Question::new(&request, 9, 1), Err(ExchangeError::BadRequest { code: 0, .. }))
    };
    assert!(refused(range(5, 5), None));
    assert!(refused(range(0, 100), Some("seven")));
    assert!(refused(range(0, 100), Some("1600000000100")));
}

#[test]
fn a_short_page_is_the_end() {
    let page = judge(&question(None, 3, 1), rows(&[0, 99])).unwrap();
    assert_eq!(page, (rows(&[0, 99]), range(0, 100), None));
    let page = question(Some(10), 3, 1).judge(rows(&[10]), |time| *time, at(60)).unwrap();
    assert_eq!((page.1, page.2), (range(10, 60), None), "nobody knows the future");
}

#[test]
fn a_full_page_goes_on_behind_its_last_row() {
    let (_, complete, next) = judge(&question(None, 2, 1), rows(&[3, 40])).unwrap();
    assert_eq!((complete, next), (range(0, 41), Some(Cursor(at(41).ms().to_string()))));
    let (_, complete, next) = judge(&question(None, 2, 50), rows(&[0, 50])).unwrap();
    assert_eq!((complete, next), (range(0, 100), None), "no further row fits");
    let (kept, complete, _) = judge(&question(None, 2, 1), vec![Ok(at(3)), bad(None)]).unwrap();
    assert_eq!((kept.len(), complete), (2, range(0, 4)));
}

#[test]
fn answers_to_another_question() {
    let check = |cursor: Option<i64>, rows: Vec<Result<Time, BadRow>>| {
        let result = judge(&question(cursor, 3, 1), rows);
        assert!(matches!(result, Err(ExchangeError::WrongAnswer(_))), "{result:?}");
    };
    check(None, rows(&[100]));
    check(Some(10), rows(&[9]));
    check(None, rows(&[5, 5]));
    check(None, rows(&[7, 5]));
    check(None, vec![bad(Some(-1))]);
    check(None, vec![bad(None), bad(None), bad(None)]);
}

#[test]
fn before_the_market_opened_the_newest_rows_come_instead_of_none() {
    let early = TimeRange::new(Time::from_ms(1_600_000_000), Time::from_ms(1_700_000_000));
    let request = RowsRequest { instrument: Arc::new(instrument()), range: early, cursor: None, lane: Lane::Live };
    let page = judge(&Question::new(&request, 2, 1).unwrap(), rows(&[0, 1])).unwrap();
    assert_eq!(page, (vec![], early, None));
}
