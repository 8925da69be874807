//! What may enter the store from one answer of an exchange, and what it says of missing minutes.

use super::candle::Candle;
use super::interval::Interval;
use super::range::{RangeSet, TimeRange};
use super::time::Time;

/// A row of an answer that is refused. It is rejected alone and never blocks its page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadRow {
    /// Its time, where that much could be read; the open time of a candle.
    pub time: Option<Time>,
    /// The rule it breaks.
    pub reason: String,
    /// The row as it came, cut to a readable length.
    pub payload: String,
}

/// The time of a row, sound or not, as far as it could be read.
pub fn time_of<T>(row: &Result<T, BadRow>, time: impl FnOnce(&T) -> Time) -> Option<Time> {
    row.as_ref().map_or_else(|bad| bad.time, |row| Some(time(row)))
}

/// What was asked.
#[derive(Debug, Clone, Copy)]
pub struct Question {
    /// The asked range, on the interval's grid.
    pub range: TimeRange,
    /// Candle width.
    pub interval: Interval,
    /// Most rows that one answer may hold.
    pub limit: usize,
    /// Candles that end at or before this instant of the exchange's clock are closed.
    pub closed_before: Time,
    /// Missing minutes that end after this instant prove nothing yet: the exchange may be late.
    pub settled_before: Time,
}

/// A range of candles that a sound answer did not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// On the grid.
    pub range: TimeRange,
    /// The row that stood there and was rejected, if one did.
    pub bad_row: Option<String>,
}

/// An answer after the checks.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CheckedPage {
    /// Closed candles on the grid, ascending, each minute once.
    pub candles: Vec<Candle>,
    /// Rows that were refused, with the reason.
    pub rejected: Vec<BadRow>,
    /// What a full answer would have held and this one did not.
    pub missing: Vec<Missing>,
    /// The newest candle that had not closed: to look at, never to store.
    pub forming: Option<Candle>,
}

/// An answer with a row outside the asked range belongs to another question (a shifted or cached
/// page): none of its rows can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the answer holds a row of {} outside the asked range", .0.iso())]
pub struct OutsideRange(pub Time);

/// Checks an answer row by row against its question. Rows may come in any order.
pub fn check(question: &Question, rows: Vec<Result<Candle, BadRow>>) -> Result<CheckedPage, OutsideRange> {
    let full = rows.len() >= question.limit;
    let mut page = CheckedPage { candles: Vec::with_capacity(rows.len()), ..CheckedPage::default() };
    let mut newest = question.range.from;
    for row in rows {
        let judged = row.and_then(|candle| judge(question, candle));
        if let Some(time) = time_of(&judged, |candle| candle.open_time) {
            if !question.range.contains(time) {
                return Err(OutsideRange(time));
            }
            newest = newest.max(time);
        }
        match judged {
            Ok(candle) if is_closed(question, candle.open_time) => page.candles.push(candle),
            Ok(candle) => page.forming = page.forming.filter(|known| known.open_time > candle.open_time).or(Some(candle)),
            Err(bad) => page.rejected.push(bad),
        }
    }
    page.candles.sort_by_key(|candle| candle.open_time);
    drop_repeats(&mut page);
    // A full answer may have been cut at its newest end: what lies behind it was not answered. Rows
    // whose time cannot be read may be anywhere, so they leave no end to go by.
    let has_timeless = page.rejected.iter().any(|bad| bad.time.is_none());
    let answered =
        if full && !has_timeless { question.interval.floor(newest).plus_ms(question.interval.ms()) } else { question.range.to };
    let horizon =
        answered.min(question.interval.floor(question.settled_before)).min(question.interval.floor(question.closed_before));
    page.missing = missing(question, &page, horizon);
    Ok(page)
}

fn is_closed(question: &Question, open_time: Time) -> bool {
    open_time.plus_ms(question.interval.ms()) <= question.closed_before
}

fn judge(question: &Question, candle: Candle) -> Result<Candle, BadRow> {
    let refuse = |reason: String| BadRow { time: Some(candle.open_time), reason, payload: format!("{candle:?}") };
    if !question.interval.is_aligned(candle.open_time) {
        return Err(refuse(format!("open time is off the {} grid", question.interval)));
    }
    candle.check().map_err(|error| refuse(error.to_string()))?;
    Ok(candle)
}

/// The same minute twice: equal rows are one, different rows are none.
fn drop_repeats(page: &mut CheckedPage) {
    let mut kept: Vec<Candle> = Vec::with_capacity(page.candles.len());
    let mut disputed: Vec<Time> = Vec::new();
    for candle in page.candles.drain(..) {
        match kept.last() {
            Some(last) if last.open_time == candle.open_time => {
                if *last != candle {
                    disputed.push(candle.open_time);
                }
            }
            _ => kept.push(candle),
        }
    }
    disputed.dedup();
    if !disputed.is_empty() {
        kept.retain(|candle| disputed.binary_search(&candle.open_time).is_err());
        page.rejected.extend(disputed.into_iter().map(|time| BadRow {
            time: Some(time),
            reason: "the answer holds this candle twice with different values".into(),
            payload: String::new(),
        }));
    }
    page.candles = kept;
}

fn missing(question: &Question, page: &CheckedPage, horizon: Time) -> Vec<Missing> {
    let step = question.interval.ms();
    let asked = TimeRange::new(question.range.from, question.range.to.min(horizon));
    // Candles behind the horizon may be there already and must not stand in for one that is not.
    let answered = page.candles.partition_point(|candle| candle.open_time < asked.to);
    if asked.is_empty() || answered as i64 == question.interval.count(asked) {
        return Vec::new();
    }
    let held: RangeSet = runs(question.interval, &page.candles).into_iter().collect();
    let mut absent = RangeSet::from(asked).minus(&held);
    let mut missing = Vec::new();
    for bad in &page.rejected {
        let Some(time) = bad.time.filter(|time| question.interval.is_aligned(*time) && absent.contains(*time)) else {
            continue;
        };
        let range = TimeRange::new(time, time.plus_ms(step));
        absent.remove(range);
        missing.push(Missing { range, bad_row: Some(rejection(bad)) });
    }
    // A row without a readable time stood for one of the others: they are invalid, not absent.
    let timeless = page.rejected.iter().find(|bad| bad.time.is_none()).map(rejection);
    missing.extend(absent.ranges().iter().map(|range| Missing { range: *range, bad_row: timeless.clone() }));
    missing.sort_by_key(|missing| missing.range);
    missing
}

fn rejection(bad: &BadRow) -> String {
    format!("{}: {}", bad.reason, bad.payload)
}

/// Ascending candles as the runs of time that they cover without a hole.
pub fn runs(interval: Interval, candles: &[Candle]) -> Vec<TimeRange> {
    let mut runs: Vec<TimeRange> = Vec::new();
    for candle in candles {
        let end = candle.open_time.plus_ms(interval.ms());
        match runs.last_mut() {
            Some(run) if run.to == candle.open_time => run.to = end,
            _ => runs.push(TimeRange::new(candle.open_time, end)),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::super::candle::tests::candle;
    use super::super::time::MINUTE_MS;
    use super::*;

    const GOOD: [&str; 5] = ["2", "3", "1", "2", "1"];

    fn question(minutes: i64) -> Question {
        Question {
            range: TimeRange::new(Time::EPOCH, Time::from_ms(minutes * MINUTE_MS)),
            interval: Interval::M1,
            limit: 1000,
            closed_before: Time::from_ms(1_000 * MINUTE_MS),
            settled_before: Time::from_ms(1_000 * MINUTE_MS),
        }
    }

    /// A sound row, as answers give them.
    #[expect(clippy::unnecessary_wraps, reason = "rows of an answer are results")]
    fn at(minute: i64) -> Result<Candle, BadRow> {
        Ok(candle(minute * MINUTE_MS, GOOD))
    }

    /// Minutes stored and minutes missing.
    fn check_page(question: &Question, rows: Vec<Result<Candle, BadRow>>) -> (Vec<i64>, Vec<(i64, i64)>) {
        let page = check(question, rows).unwrap();
        let minute = |time: Time| time.ms() / MINUTE_MS;
        (
            page.candles.iter().map(|candle| minute(candle.open_time)).collect(),
            page.missing.iter().map(|missing| (minute(missing.range.from), minute(missing.range.to))).collect(),
        )
    }

    #[test]
    fn order_and_repeats_do_not_matter() {
        assert_eq!(check_page(&question(3), vec![at(2), at(0), at(1), at(2)]), (vec![0, 1, 2], vec![]));
    }

    #[test]
    fn disputed_minutes_are_stored_from_neither() {
        let rows = vec![at(0), at(1), Ok(candle(MINUTE_MS, ["2", "4", "1", "2", "1"])), at(2)];
        assert_eq!(check_page(&question(3), rows), (vec![0, 2], vec![(1, 2)]));
    }

    #[test]
    fn bad_rows_leave_a_gap_of_their_own() {
        let rows = vec![at(0), Ok(candle(MINUTE_MS, ["2", "1", "3", "2", "1"])), at(3), Ok(candle(4 * MINUTE_MS + 17, GOOD))];
        let page = check(&question(5), rows).unwrap();
        assert_eq!(page.rejected.len(), 2);
        assert_eq!(page.missing.iter().filter(|missing| missing.bad_row.is_some()).count(), 1, "off the grid is nobody's minute");
        assert_eq!(page.missing.len(), 3);
    }

    #[test]
    fn forming_and_unsettled_minutes_prove_nothing() {
        let mut question = question(5);
        question.closed_before = Time::from_ms(4 * MINUTE_MS + 10);
        question.settled_before = Time::from_ms(2 * MINUTE_MS);
        assert_eq!(check_page(&question, vec![at(0), at(4)]), (vec![0], vec![(1, 2)]));
        let forming = check(&question, vec![at(4), at(0)]).unwrap().forming;
        assert_eq!(forming.map(|candle| candle.open_time), Some(Time::from_ms(4 * MINUTE_MS)));
        assert_eq!(check(&question, vec![at(3)]).unwrap().forming, None);
    }

    #[test]
    fn a_candle_behind_the_horizon_stands_in_for_none_before_it() {
        let mut question = question(3);
        question.settled_before = Time::from_ms(2 * MINUTE_MS);
        assert_eq!(check_page(&question, vec![at(0), at(2)]), (vec![0, 2], vec![(1, 2)]));
    }

    #[test]
    fn a_full_answer_says_nothing_of_what_was_cut() {
        let mut question = question(5);
        question.limit = 2;
        assert_eq!(check_page(&question, vec![at(0), at(2)]), (vec![0, 2], vec![(1, 2)]));
    }

    #[test]
    fn rows_without_a_readable_time_are_invalid_candles_not_absent_ones() {
        let unreadable = || Err(BadRow { time: None, reason: "no array".into(), payload: "7".into() });
        let mut question = question(5);
        question.limit = 5;
        let page = check(&question, vec![at(0), unreadable(), unreadable(), unreadable(), unreadable()]).unwrap();
        let expected =
            Missing { range: TimeRange::new(Time::from_ms(MINUTE_MS), question.range.to), bad_row: Some("no array: 7".into()) };
        assert_eq!(page.missing, [expected], "all of the page is answered for, not a minute with each request");
    }

    #[test]
    fn a_row_outside_the_range_spoils_the_answer() {
        assert_eq!(check(&question(2), vec![at(1), at(2)]), Err(OutsideRange(Time::from_ms(2 * MINUTE_MS))));
    }
}
