//! Candles folded from trades, exactly, with the proof of what is quiet. Pure: it says from where to
//! ask, and takes the answers.
//!
//! Three things are easy to get wrong here. *Repeats*: a page begins where the last one ended, and the
//! trade at the seam may come twice, so trades count once by their number. *Losses*: several trades share
//! a nanosecond where one order met several others, and a page may end between them; so each page is
//! asked for from a nanosecond before the last one's end. *Order*: two trades of one time are
//! told apart by their number alone, which therefore decides which was first and which last.
//!
//! The numbers of a pair's trades count on without a hole. So where two that follow each other enclose
//! whole candles, nothing traded in them; where the numbers jump there is no such proof.

use super::parse::TradeList;
use crate::domain::candle::{Candle, CandleError};
use crate::domain::from_trades::TradeFold;
use crate::domain::interval::Interval;
use crate::domain::page::BadRow;
use crate::domain::range::TimeRange;
use crate::domain::time::Time;
use crate::domain::trade::Trade;
use crate::exchange::error::ExchangeError;
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// Most rows of one answer.
pub const PAGE_ROWS: usize = 1_000;

/// A trade's time is told as a float that may be some 240 ns off, while the cursor is exact: asking
/// from so much earlier loses none at the range's beginning.
const OVERLAP_NS: i64 = 1_000;

/// What happens this late in the exchange's list, at most, is late: the list's end says nothing of the
/// time that lies closer to the present.
pub const LATE_MS: i64 = 5_000;

/// A time as a cursor.
pub fn cursor(time: Time) -> i64 {
    time.ms().saturating_mul(1_000_000).saturating_sub(OVERLAP_NS).max(0)
}

/// Where to go on behind a page, which was asked for from `since`: a nanosecond before its end, or at
/// its end where all of a full page shares one; `None` where even that does not move.
pub fn next_since(since: i64, last: i64) -> Option<i64> {
    [last.saturating_sub(1), last].into_iter().find(|next| *next > since)
}

/// A page that does not lead on from where it was asked for.
pub(super) fn stuck(since: i64) -> ExchangeError {
    ExchangeError::WrongAnswer(format!("the list of trades does not move on from {since}"))
}

/// Candles in the making.
#[derive(Debug)]
pub struct Rebuild {
    interval: Interval,
    range: TimeRange,
    since: i64,
    state: Progress,
    /// Numbers in the last answer: what the next one may repeat.
    seen: HashSet<i64>,
    /// First trade that was seen at all, inside the range or behind it.
    first: Option<(i64, Time)>,
    /// Newest trade so far.
    newest: Option<(i64, Time)>,
    candles: BTreeMap<Time, TradeFold>,
    bad: BTreeMap<Time, BadRow>,
    quiet: Vec<(TimeRange, String)>,
}

/// How far the trades of a range are in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// There are more: ask from [`Rebuild::since`].
    More,
    /// All are in up to this time: the range's end, or the end of the exchange's list before it.
    Done(Time),
}

/// The candles of a range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rebuilt {
    /// Complete candles in which something traded, and those of which a trade cannot be read.
    pub rows: Vec<Result<Candle, BadRow>>,
    /// Ranges on the grid in which nothing traded, with the proof.
    pub quiet: Vec<(TimeRange, String)>,
}

impl Rebuild {
    /// For the candles of a range on the grid.
    pub fn new(interval: Interval, range: TimeRange) -> Self {
        Self {
            interval,
            range,
            since: cursor(range.from),
            state: Progress::More,
            seen: HashSet::new(),
            first: None,
            newest: None,
            candles: BTreeMap::new(),
            bad: BTreeMap::new(),
            quiet: Vec::new(),
        }
    }

    /// The cursor to ask from, in nanoseconds.
    pub const fn since(&self) -> i64 {
        self.since
    }

    /// How far it is.
    pub const fn progress(&self) -> Progress {
        self.state
    }

    /// Takes the answer to [`Self::since`], which was asked for at `now` of the exchange's clock.
    pub fn take(&mut self, list: TradeList, now: Time) -> Result<Progress, ExchangeError> {
        let is_full = list.rows.len() >= PAGE_ROWS;
        if let Some(bad) = list.rows.iter().filter_map(|row| row.as_ref().err()).find(|bad| bad.time.is_none()) {
            // It may belong to any candle of the page. Nothing of the page is taken in.
            return Err(ExchangeError::Malformed { what: format!("a trade: {}", bad.reason), excerpt: bad.payload.clone() });
        }
        let mut trades = Vec::with_capacity(list.rows.len());
        for row in list.rows {
            match row {
                Ok(trade) => trades.push(trade),
                Err(bad) => self.reject(bad),
            }
        }
        trades.sort_by_key(|trade| trade.id);
        trades.dedup_by_key(|trade| trade.id);
        let numbers: HashSet<i64> = trades.iter().map(|trade| trade.id).collect();
        trades.retain(|trade| !self.seen.contains(&trade.id));
        let brought_news = !trades.is_empty();
        let mut is_behind = false;
        for trade in trades {
            is_behind |= self.add(&trade);
        }
        self.seen = numbers;
        self.state = if is_behind {
            Progress::Done(self.range.to)
        } else if !is_full && (!brought_news || now < self.range.to) {
            // The exchange has no more. A short page alone does not say so of the past: one more is
            // asked for, and that one brings nothing new.
            Progress::Done(self.range.to.min(now.plus_ms(-LATE_MS)))
        } else {
            self.since = next_since(self.since, list.last).ok_or_else(|| stuck(self.since))?;
            Progress::More
        };
        Ok(self.state)
    }

    /// Takes a trade in; whether it lies at or behind the range's end.
    fn add(&mut self, trade: &Trade) -> bool {
        if trade.time < self.range.from {
            self.advance(trade);
            return false;
        }
        self.first = self.first.or(Some((trade.id, trade.time)));
        self.advance(trade);
        if trade.time >= self.range.to {
            return true;
        }
        let open_time = self.interval.floor(trade.time);
        // Each row is one execution.
        let trade = Trade { fills: Some(1), ..*trade };
        self.candles.entry(open_time).or_insert_with(|| TradeFold::new(open_time)).push(&trade);
        false
    }

    /// Moves on to the next trade, over what is proven quiet in between.
    fn advance(&mut self, trade: &Trade) {
        let next = (trade.id, trade.time);
        if let Some(before) = self.newest.replace(next) {
            self.prove(before, next);
        }
    }

    fn prove(&mut self, before: (i64, Time), next: (i64, Time)) {
        let between = TimeRange::new(self.interval.floor(before.1).plus_ms(self.interval.ms()), self.interval.floor(next.1));
        let range = between.intersect(self.range);
        if before.0.checked_add(1) == Some(next.0) && !range.is_empty() {
            let proof = format!("trades {} at {} and {} at {} follow each other", before.0, before.1.iso(), next.0, next.1.iso());
            self.quiet.push((range, proof));
        }
    }

    fn reject(&mut self, bad: BadRow) {
        if let Some(time) = bad.time.filter(|time| self.range.contains(*time)) {
            let open_time = self.interval.floor(time);
            self.bad.entry(open_time).or_insert(BadRow { time: Some(open_time), ..bad });
        }
    }

    /// The time before which a trade is needed to prove the range's beginning quiet; `None` where
    /// there is nothing to prove, or nothing to prove it with.
    pub fn lacks_before(&self) -> Option<Time> {
        // Numbers count from one.
        let (_, first) = self.first.filter(|(id, _)| *id > 1)?;
        let covered = self.quiet.iter().any(|(quiet, _)| quiet.from == self.range.from);
        (self.interval.floor(first) > self.range.from && !covered && !self.bad.contains_key(&self.range.from)).then_some(first)
    }

    /// Looks in an answer from before the range for the trade in front of the first one.
    pub fn look_back(&mut self, list: &TradeList) {
        let Some(first) = self.first else { return };
        let before = list.rows.iter().flatten().find(|trade| trade.id.checked_add(1) == Some(first.0));
        if let Some(before) = before.map(|trade| (trade.id, trade.time)) {
            self.prove(before, first);
        }
    }

    /// What came of it, up to where all trades are in.
    pub fn finish(mut self) -> Rebuilt {
        let complete = match self.state {
            Progress::Done(until) => self.interval.inner(TimeRange::new(self.range.from, until)),
            Progress::More => TimeRange::new(self.range.from, self.range.from),
        };
        let mut rows = Vec::with_capacity(self.candles.len());
        let traded: BTreeSet<Time> = self.candles.keys().copied().collect();
        for (open_time, fold) in std::mem::take(&mut self.candles) {
            if complete.contains(open_time) && !self.bad.contains_key(&open_time) {
                rows.push(candle(open_time, fold));
            }
        }
        rows.extend(self.bad.iter().filter(|(open_time, _)| complete.contains(**open_time)).map(|(_, bad)| Err(bad.clone())));
        // A trade whose number lies between two others and whose time does not would contradict the proof.
        let is_empty = |range: TimeRange| {
            traded.range(range.from..range.to).next().is_none() && self.bad.range(range.from..range.to).next().is_none()
        };
        let mut quiet: Vec<_> = self.quiet.into_iter().filter(|(range, _)| is_empty(*range)).collect();
        quiet.sort();
        quiet.dedup();
        Rebuilt { rows, quiet }
    }
}

/// The candle of its trades.
fn candle(open_time: Time, fold: TradeFold) -> Result<Candle, BadRow> {
    let candle = fold.finish().ok_or_else(|| BadRow {
        time: Some(open_time),
        reason: "its trades are too large to add up exactly".into(),
        payload: String::new(),
    })?;
    // A product has the decimals of both its factors, which may be more than candles can add up.
    Ok(match candle.check() {
        Err(CandleError::Magnitude) => Candle { quote_volume: None, taker_buy_quote_volume: None, ..candle },
        _ => candle,
    })
}

#[cfg(test)]
mod tests;
