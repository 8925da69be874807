//! Walking backward through lists that OKX gives newest first: where a page begins, what it proves,
//! and where the next one goes on. Pure.

use super::parse::{Dated, TradeAt};
use crate::domain::page::BadRow;
use crate::domain::range::TimeRange;
use crate::domain::time::Time;
use crate::domain::trade::Trade;
use crate::exchange::error::ExchangeError;
use crate::exchange::port::Cursor;

/// Rows of a page, what they prove to be whole, and how to go on.
pub(super) type Walked<T> = (Vec<Result<T, BadRow>>, TimeRange, Option<Cursor>);

/// Where a page of trades begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) after: After,
    /// Everything of the range from here on was given by the pages before.
    end: Time,
}

/// What the rows of a page are older than.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum After {
    /// A time: only the first page of a range can go by it, because several trades share a
    /// millisecond and a page may end between them.
    Time(Time),
    /// A trade's number.
    Id(i64),
}

impl Place {
    /// The beginning of `range`, or where a cursor points to.
    pub(super) fn read(range: TimeRange, cursor: Option<&Cursor>) -> Result<Self, ExchangeError> {
        let Some(cursor) = cursor else { return Ok(Self { after: After::Time(range.to), end: range.to }) };
        let numbers = cursor.0.split_once(':').and_then(|(id, end)| Some((id.parse().ok()?, end.parse().ok()?)));
        let (id, end) = numbers.ok_or_else(|| ExchangeError::bad_cursor(&cursor.0))?;
        Ok(Self { after: After::Id(id), end: Time::from_ms(end) })
    }

    /// The query that asks for the page.
    pub(super) fn query(self) -> String {
        match self.after {
            After::Time(time) => format!("type=2&after={}", time.ms()),
            After::Id(id) => format!("type=1&after={id}"),
        }
    }

    fn cursor(self) -> Option<Cursor> {
        match self.after {
            After::Id(id) => Some(Cursor(format!("{id}:{}", self.end.ms()))),
            After::Time(_) => None,
        }
    }

    /// What a page says of `range`.
    ///
    /// A page is whole down to its oldest millisecond, which the page's end may have cut in two. The
    /// rows of that one are left to the next page, which begins with them, so that a page holds
    /// exactly the rows of what it completes. Where a single millisecond fills a whole page there is
    /// no such way: its rows are given as they come, and the page that ends the millisecond completes
    /// it.
    pub(super) fn walk(self, range: TimeRange, mut page: Vec<TradeAt>) -> Result<Walked<Trade>, ExchangeError> {
        let fits = |trade: &TradeAt| match self.after {
            After::Time(time) => trade.dated.time <= time,
            After::Id(id) => trade.id <= id,
        };
        if let Some(other) = page.iter().find(|trade| !fits(trade)) {
            return Err(wrong(&format!("trade {} of {}", other.id, other.dated.time.iso())));
        }
        page.retain(|trade| match self.after {
            After::Time(time) => trade.dated.time < time,
            After::Id(id) => trade.id < id,
        });
        let (whole_from, next) = match unseen_until(&page).filter(|unseen| range.from <= *unseen) {
            None => (range.from, None),
            Some(unseen) => {
                let resume = page.iter().filter(|trade| trade.dated.time <= unseen).map(|trade| trade.id.saturating_add(1)).max();
                let gets_on = page.iter().any(|trade| trade.dated.time > unseen)
                    && match self.after {
                        After::Time(_) => true,
                        After::Id(id) => resume.is_some_and(|resume| resume < id),
                    };
                if gets_on {
                    page.retain(|trade| trade.dated.time > unseen);
                    (unseen.plus_ms(1), resume)
                } else {
                    (self.end, page.iter().map(|trade| trade.id).min())
                }
            }
        };
        let next = next.and_then(|id| Self { after: After::Id(id), end: whole_from.min(self.end) }.cursor());
        let rows = page.into_iter().filter(|trade| range.contains(trade.dated.time)).map(|trade| trade.dated.row);
        Ok((rows.collect(), TimeRange::new(whole_from.min(self.end), self.end), next))
    }
}

/// The latest time that a trade with a lower number than all of the page's may have: that of the
/// lowest number, and later by as much as times of the page itself run back while numbers grow.
fn unseen_until(page: &[TradeAt]) -> Option<Time> {
    let mut ascending: Vec<(i64, Time)> = page.iter().map(|trade| (trade.id, trade.dated.time)).collect();
    ascending.sort_unstable();
    let (_, first) = *ascending.first()?;
    let (mut latest, mut disorder) = (first, 0);
    for (_, time) in ascending {
        disorder = disorder.max(latest.since(time));
        latest = latest.max(time);
    }
    Some(first.plus_ms(disorder))
}

/// Where a page of rows begins that are the only ones of their time: funding and open interest.
pub(super) fn place(range: TimeRange, cursor: Option<&Cursor>) -> Result<Time, ExchangeError> {
    cursor.map_or(Ok(range.to), |cursor| cursor.0.parse().map(Time::from_ms).map_err(|_| ExchangeError::bad_cursor(&cursor.0)))
}

/// What a page of rows before `end` says of `range`.
pub(super) fn walk<T>(range: TimeRange, end: Time, page: Vec<Dated<T>>) -> Result<Walked<T>, ExchangeError> {
    if let Some(other) = page.iter().find(|row| row.time > end) {
        return Err(wrong(&format!("a row of {}", other.time.iso())));
    }
    let oldest = page.iter().map(|row| row.time).filter(|time| *time < end).min();
    let rows = page.into_iter().filter(|row| row.time < end && range.contains(row.time)).map(|row| row.row).collect();
    Ok(match oldest.filter(|oldest| range.from < *oldest) {
        Some(oldest) => (rows, TimeRange::new(oldest, end), Some(Cursor(oldest.ms().to_string()))),
        None => (rows, TimeRange::new(range.from, end), None),
    })
}

fn wrong(what: &str) -> ExchangeError {
    ExchangeError::WrongAnswer(format!("the answer holds {what}, which is newer than what was asked for"))
}

#[cfg(test)]
mod tests;
