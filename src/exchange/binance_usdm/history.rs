//! Paging through lists that are keyed by time, ascending: funding and open interest. Pure.

use crate::domain::page::{BadRow, time_of};
use crate::domain::range::TimeRange;
use crate::domain::time::Time;
use crate::exchange::error::ExchangeError;
use crate::exchange::port::{Cursor, RowsRequest};

/// A month before the market opened. Times before it prove nothing: the exchange takes those of the first
/// years of the epoch for absurd, and answers them with its newest rows instead of none.
pub(super) const LAUNCH: Time = Time::from_ms(1_565_000_000_000);

/// What one page is asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Question {
    range: TimeRange,
    /// Where the page before ended.
    pub(super) start: Time,
    /// Most rows of an answer.
    pub(super) limit: usize,
    /// The next row comes no sooner than so long after one.
    step_ms: i64,
}

/// Rows, what they are complete for, and how to go on.
pub(super) type Page<T> = (Vec<Result<T, BadRow>>, TimeRange, Option<Cursor>);

impl Question {
    pub(super) fn new(request: &RowsRequest, limit: usize, step_ms: i64) -> Result<Self, ExchangeError> {
        let range = request.range;
        if range.is_empty() {
            return Err(ExchangeError::empty_range());
        }
        let start = match &request.cursor {
            None => range.from,
            Some(Cursor(text)) => {
                let at = text.parse().ok().map(Time::from_ms).filter(|at| range.contains(*at));
                at.ok_or_else(|| ExchangeError::bad_cursor(text))?
            }
        };
        Ok(Self { range, start, limit, step_ms })
    }

    /// Times and limit of the query. Both times, always: without them comes the newest. Both are inclusive.
    pub(super) fn query(&self) -> String {
        format!("startTime={}&endTime={}&limit={}", self.start.ms(), self.range.to.ms() - 1, self.limit)
    }

    /// Judges an answer that was asked for at `asked_at` of the exchange's clock: it says nothing of what
    /// came later. Of more rows than the limit come the oldest.
    pub(super) fn judge<T>(
        &self,
        mut rows: Vec<Result<T, BadRow>>,
        time: fn(&T) -> Time,
        asked_at: Time,
    ) -> Result<Page<T>, ExchangeError> {
        let is_full = rows.len() >= self.limit;
        if self.range.to <= LAUNCH {
            rows.clear();
        }
        let asked = TimeRange::new(self.start, self.range.to);
        let mut newest = None;
        for at in rows.iter().filter_map(|row| time_of(row, time)) {
            if !asked.contains(at) {
                return Err(ExchangeError::WrongAnswer(format!("a row of {} was not asked for", at.iso())));
            }
            if newest.is_some_and(|newest| at <= newest) {
                return Err(ExchangeError::WrongAnswer(format!("the row of {} is not in its place", at.iso())));
            }
            newest = Some(at);
        }
        if is_full && !rows.is_empty() {
            let Some(newest) = newest else {
                return Err(ExchangeError::WrongAnswer(format!("no row of a page of {} can be read", rows.len())));
            };
            if newest.plus_ms(self.step_ms) < self.range.to {
                let end = newest.plus_ms(1);
                return Ok((rows, TimeRange::new(self.start, end), Some(Cursor(end.ms().to_string()))));
            }
        }
        Ok((rows, TimeRange::new(self.start, self.range.to.min(asked_at).max(self.start)), None))
    }
}

#[cfg(test)]
mod tests;
