//! Paging through aggregate trades: by time for the first page of a range, then by number, because many
//! trades share a millisecond and a page may end among them. Pure.

use crate::domain::page::BadRow;
use crate::domain::range::TimeRange;
use crate::domain::time::Time;
use crate::domain::trade::Trade;
use crate::exchange::error::ExchangeError;
use crate::exchange::http::encode_query;
use crate::exchange::port::{Cursor, RowsRequest};

/// Most rows of one page.
pub(in crate::exchange) const LIMIT: usize = 1_000;

/// What one page is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::exchange) struct Question {
    range: TimeRange,
    /// The first number that is asked for; the first page goes by time alone.
    from_id: Option<i64>,
    /// Where the page before ended.
    start: Time,
}

/// What a page brought.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::exchange) struct Page {
    pub(in crate::exchange) rows: Vec<Result<Trade, BadRow>>,
    pub(in crate::exchange) complete: TimeRange,
    pub(in crate::exchange) next: Option<Cursor>,
}

impl Question {
    pub(in crate::exchange) fn new(request: &RowsRequest) -> Result<Self, ExchangeError> {
        let range = request.range;
        if range.is_empty() {
            return Err(ExchangeError::empty_range());
        }
        let Some(Cursor(text)) = &request.cursor else { return Ok(Self { range, from_id: None, start: range.from }) };
        let place = text.split_once('@').and_then(|(id, at)| Some((id.parse().ok()?, Time::from_ms(at.parse().ok()?))));
        let (id, start) =
            place.filter(|(id, start)| *id >= 0 && range.contains(*start)).ok_or_else(|| ExchangeError::bad_cursor(text))?;
        Ok(Self { range, from_id: Some(id), start })
    }

    /// Path and query; `endpoint` is the path alone. Numbers and times are never mixed: USD-M refuses that.
    pub(in crate::exchange) fn path(&self, endpoint: &str, native: &str) -> String {
        let symbol = encode_query(native);
        let place = match self.from_id {
            Some(id) => format!("fromId={id}"),
            // Both bounds are inclusive.
            None => format!("startTime={}&endTime={}", self.range.from.ms(), self.range.to.ms() - 1),
        };
        format!("{endpoint}?symbol={symbol}&{place}&limit={LIMIT}")
    }

    /// Judges an answer that was asked for at `asked_at` of the exchange's clock: it says nothing of what was
    /// traded later.
    ///
    /// A full page ends before the millisecond of its last trade, and the next one begins with that
    /// millisecond's first: so each page holds all of what it calls complete by itself.
    pub(in crate::exchange) fn judge(&self, mut rows: Vec<Result<Trade, BadRow>>, asked_at: Time) -> Result<Page, ExchangeError> {
        self.fits(&rows)?;
        let is_full = rows.len() >= LIMIT;
        let last = rows.iter().rev().find_map(|row| row.as_ref().ok()).map(|trade| (trade.id, trade.time));
        if is_full && last.is_none_or(|(_, time)| time < self.range.to) {
            let Some((last_id, border)) = last else {
                return Err(ExchangeError::WrongAnswer(format!("no trade of a page of {} can be read", rows.len())));
            };
            let kept = rows.iter().rposition(|row| row.as_ref().is_ok_and(|trade| trade.time != border));
            let before = kept.and_then(|at| rows[at].as_ref().ok()).map(|trade| trade.id);
            // All in one millisecond: they are kept, and what is left of it comes with the next page.
            rows.truncate(kept.map_or(rows.len(), |at| at + 1));
            self.keep_asked(&mut rows);
            let next = Cursor(format!("{}@{}", before.unwrap_or(last_id) + 1, border.ms()));
            return Ok(Page { rows, complete: TimeRange::new(self.start, border.max(self.start)), next: Some(next) });
        }
        self.keep_asked(&mut rows);
        let complete = TimeRange::new(self.start, self.range.to.min(asked_at).max(self.start));
        Ok(Page { rows, complete, next: None })
    }

    /// An answer to another question shows by numbers that do not grow, or that begin too early, and by
    /// times that were not asked for.
    fn fits(&self, rows: &[Result<Trade, BadRow>]) -> Result<(), ExchangeError> {
        let mut least = self.from_id.unwrap_or(0);
        for trade in rows.iter().filter_map(|row| row.as_ref().ok()) {
            if trade.id < least {
                return Err(ExchangeError::WrongAnswer(format!("trade {} where {least} or more is due", trade.id)));
            }
            if self.from_id.is_none() && !self.range.contains(trade.time) {
                return Err(ExchangeError::WrongAnswer(format!("a trade of {} was not asked for", trade.time.iso())));
            }
            least = trade.id.saturating_add(1);
        }
        Ok(())
    }

    /// Pages by number run on behind the end of the range.
    fn keep_asked(&self, rows: &mut Vec<Result<Trade, BadRow>>) {
        rows.retain(|row| match row {
            Ok(trade) => self.range.contains(trade.time),
            Err(bad) => bad.time.is_none_or(|time| self.range.contains(time)),
        });
    }
}

#[cfg(test)]
mod tests;
