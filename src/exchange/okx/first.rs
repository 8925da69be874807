//! The search for an instrument's first candle. Pure.
//!
//! OKX gives no list oldest first, and an instrument's `listTime` does not tell: that of BTC-USDT
//! lies in 2021 and its candles begin years before. But whether there is a candle before an instant
//! can be asked, and the answer changes once in the whole of time, so it is found by halving.

use crate::domain::interval::Interval;
use crate::domain::time::{DAY_MS, Time};

/// OKX's forerunner opened in 2013: nothing is older than 1 January of it.
const FOUNDED: Time = Time::from_ms(15_706 * DAY_MS);

/// Rows that a question asks for: what every copy of the documentation grants.
pub(super) const ROWS: usize = 100;

/// What one answer has made known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Ask again.
    Again,
    /// The oldest row of this answer is the first candle.
    Here,
    /// The oldest row of the last answer that had rows is.
    Before,
    /// There is no candle at all.
    Nowhere,
}

/// A search under way.
#[derive(Debug)]
pub(super) struct Search {
    interval: Interval,
    /// No candle opens before this.
    none_before: Time,
    /// One opens here, and others may before.
    oldest: Option<Time>,
    end: Time,
    question: Time,
}

impl Search {
    /// Begins behind a candle that was the first before, of whatever interval, or at the present.
    pub(super) fn new(interval: Interval, now: Time, hint: Option<Time>) -> Self {
        let end = interval.floor(now).plus_ms(interval.ms());
        let question = hint.map_or(end, |hint| interval.floor(hint).plus_ms(interval.ms()).min(end));
        Self { interval, none_before: interval.floor(FOUNDED), oldest: None, end, question }
    }

    /// The next question: the newest [`ROWS`] candles before this.
    pub(super) const fn before(&self) -> Time {
        self.question
    }

    /// Takes an answer in: the opening of its oldest row, and how many rows it had.
    pub(super) fn see(&mut self, oldest: Option<Time>, rows: usize) -> Step {
        match oldest {
            Some(_) if rows < ROWS => return Step::Here,
            Some(oldest) => self.oldest = Some(oldest),
            None if self.oldest == Some(self.question) => return Step::Before,
            None if self.question >= self.end => return Step::Nowhere,
            None => self.none_before = self.none_before.max(self.question),
        }
        let upper = self.oldest.unwrap_or(self.end);
        let left = upper.since(self.none_before) / self.interval.ms();
        if left <= 0 {
            return if oldest.is_some() { Step::Here } else { Step::Before };
        }
        // The rest fits one answer, or its middle is asked.
        self.question = if left < ROWS as i64 || self.oldest.is_none() {
            upper
        } else {
            self.none_before.plus_ms(left / 2 * self.interval.ms())
        };
        Step::Again
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Searches a history that begins at `first`, and says what was found and by how many questions.
    fn search(interval: Interval, now: Time, first: Option<Time>, hint: Option<Time>) -> (Option<Time>, usize) {
        let mut search = Search::new(interval, now, hint);
        let mut last = None;
        for questions in 1..40 {
            let before = search.before();
            let rows = first.map_or(0, |first| (before.since(first) / interval.ms()).clamp(0, ROWS as i64));
            let oldest = (rows > 0).then(|| before.plus_ms(-rows * interval.ms()));
            let known = last;
            last = oldest.or(last);
            match search.see(oldest, rows as usize) {
                Step::Again => {}
                Step::Here => return (oldest, questions),
                Step::Before => return (known, questions),
                Step::Nowhere => return (None, questions),
            }
        }
        panic!("no end");
    }

    #[test]
    fn finds_every_beginning() {
        let now = Time::parse("2026-11-20T09:30:17Z", Time::EPOCH).unwrap();
        for interval in Interval::ALL {
            let end = interval.floor(now).plus_ms(interval.ms());
            for back in [1, 2, 98, 99, 100, 101, 102, 199, 200, 201, 10_000, 654_321, 7_000_000] {
                let first = end.plus_ms(-back * interval.ms());
                if first <= FOUNDED {
                    continue;
                }
                let (found, questions) = search(interval, now, Some(first), None);
                assert_eq!(found, Some(first), "{interval} {back}");
                assert!(questions <= 19, "{interval} {back}: {questions}");
                for hint in [first, first.plus_ms(interval.ms()), first.plus_ms(-interval.ms()), Time::EPOCH, now] {
                    assert_eq!(search(interval, now, Some(first), Some(hint)).0, Some(first), "{interval} {back} {hint:?}");
                }
                assert_eq!(search(interval, now, Some(first), Some(first)).1, 1, "what is known is confirmed at once");
            }
            assert_eq!(search(interval, now, None, None), (None, 1));
            assert_eq!(search(interval, now, None, Some(FOUNDED)).0, None);
        }
    }

    #[test]
    fn the_oldest_time_is_a_new_year() {
        assert_eq!(FOUNDED.iso(), "2013-01-01T00:00:00Z");
    }
}
