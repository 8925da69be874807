//! Rows of datasets beside candles: what may enter the store from the pages of one range, and which
//! steps of the grid they account for.

#[cfg(test)]
mod tests;

use super::dataset::Dataset;
use super::funding::Funding;
use super::interval::Interval;
use super::open_interest::OpenInterest;
use super::page::{BadRow, Missing, OutsideRange, time_of};
use super::price::Decimal;
use super::range::{RangeSet, TimeRange};
use super::time::Time;
use super::trade::Trade;
use std::fmt;

/// A row of a dataset.
pub trait Row: Copy + PartialEq + fmt::Debug + Send + 'static {
    /// Which dataset's.
    const DATASET: Dataset;

    /// When.
    fn time(&self) -> Time;

    /// Its key within an instrument.
    fn key(&self) -> i64;

    /// The rule that it breaks, where it breaks one.
    fn fault(&self) -> Option<String>;

    /// Whether two rows of a key tell the same, the one perhaps more of it than the other.
    fn agrees(&self, other: &Self) -> bool {
        self == other
    }
}

impl Row for Trade {
    const DATASET: Dataset = Dataset::Trades;

    fn time(&self) -> Time {
        self.time
    }

    fn key(&self) -> i64 {
        self.id
    }

    fn fault(&self) -> Option<String> {
        self.check().err().map(|error| error.to_string())
    }

    /// Kraken's stream tells microseconds of what its requests tell in nanoseconds.
    fn agrees(&self, other: &Self) -> bool {
        let micros = |nanos: u32| nanos / NANOS_OF_MICRO;
        let times_agree = match (self.nanos, other.nanos) {
            (Some(a), Some(b)) => a == b || micros(a) == micros(b) && (a % NANOS_OF_MICRO == 0 || b % NANOS_OF_MICRO == 0),
            _ => true,
        };
        times_agree && Self { nanos: None, ..*self } == Self { nanos: None, ..*other }
    }
}

const NANOS_OF_MICRO: u32 = 1_000;

impl Row for Funding {
    const DATASET: Dataset = Dataset::Funding;

    fn time(&self) -> Time {
        self.time
    }

    fn key(&self) -> i64 {
        self.time.ms()
    }

    fn fault(&self) -> Option<String> {
        self.mark_price.is_some_and(|price| price <= Decimal::ZERO).then(|| "the mark price is not positive".to_owned())
    }
}

impl Row for OpenInterest {
    const DATASET: Dataset = Dataset::OpenInterest;

    fn time(&self) -> Time {
        self.time
    }

    fn key(&self) -> i64 {
        self.time.ms()
    }

    fn fault(&self) -> Option<String> {
        let is_negative = self.amount < Decimal::ZERO || self.value.is_some_and(|value| value < Decimal::ZERO);
        is_negative.then(|| "open interest is negative".to_owned())
    }
}

/// What one page adds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gathered<T> {
    /// Sound rows, each key once, ascending by key.
    pub rows: Vec<T>,
    /// Rows that were refused, with the reason.
    pub rejected: Vec<BadRow>,
    /// Whole steps of which every row is in, ascending.
    pub covered: Vec<TimeRange>,
    /// Whole steps that were answered and lack something.
    pub missing: Vec<Missing>,
}

/// How far the exchange's clock has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Horizon {
    /// Steps that end at or before this are over.
    pub closed_before: Time,
    /// What is missing in steps that end after this may merely be late.
    pub settled_before: Time,
}

/// The pages of one range, one after the other, in whatever direction an exchange goes.
///
/// A step is covered as soon as the pages together hold all of it, which a step without any row may be
/// as well: an empty minute of trades is a fact. Open interest alone has a row for each step, and a
/// step without one is missing. Where a row was rejected its step stays owed, with the row as evidence.
#[derive(Debug)]
pub struct Gathering {
    range: TimeRange,
    interval: Interval,
    /// Whether each step has a row.
    dense: bool,
    /// What the pages hold, to the millisecond.
    whole: RangeSet,
    /// Steps with a sound row.
    held: RangeSet,
    /// Steps with a row that was rejected.
    tainted: Vec<Missing>,
    /// What is not to be decided on yet, to the millisecond.
    withheld: RangeSet,
    /// Steps that were told of.
    decided: RangeSet,
}

impl Gathering {
    /// For the pages of `range`, which lies on the grid of `interval`.
    pub fn new(range: TimeRange, interval: Interval, dataset: Dataset) -> Self {
        Self {
            range,
            interval,
            dense: dataset == Dataset::OpenInterest,
            whole: RangeSet::new(),
            held: RangeSet::new(),
            tainted: Vec::new(),
            withheld: RangeSet::new(),
            decided: RangeSet::new(),
        }
    }

    /// Whether every step was told of.
    pub fn is_done(&self) -> bool {
        self.decided.covers(self.range)
    }

    /// The steps that were not told of.
    pub fn undecided(&self) -> RangeSet {
        RangeSet::from(self.range).minus(&self.decided)
    }

    /// Decides on no step of this part: the page without a row that is to be taken in is the only witness.
    pub fn withhold(&mut self, part: &RangeSet) {
        for range in part.ranges() {
            self.withheld.insert(*range);
        }
    }

    /// Takes in a page: rows in the order in which they came, of which those inside `complete` are all
    /// that the exchange has there.
    ///
    /// # Errors
    /// A row outside the range spoils the page, as with candles: it belongs to another question.
    pub fn take<T: Row>(
        &mut self,
        rows: Vec<Result<T, BadRow>>,
        complete: TimeRange,
        horizon: Horizon,
    ) -> Result<Gathered<T>, OutsideRange> {
        let times: Vec<Option<Time>> = rows.iter().map(|row| time_of(row, Row::time)).collect();
        if let Some(outside) = times.iter().flatten().find(|time| !self.range.contains(**time)) {
            return Err(OutsideRange(*outside));
        }
        let mut kept = Vec::with_capacity(rows.len());
        let mut rejected = Vec::new();
        for (at, row) in rows.into_iter().enumerate() {
            match row.and_then(judge) {
                Ok(row) => kept.push(row),
                Err(bad) => {
                    let around = bad.time.map_or_else(|| neighbours(&times, at, complete), |time| TimeRange::new(time, time));
                    self.taint(around, &bad);
                    rejected.push(bad);
                }
            }
        }
        self.drop_repeats(&mut kept, &mut rejected);
        for row in &kept {
            self.held.insert(self.step(row.time()));
        }
        self.whole.insert(complete.intersect(self.range));
        let (covered, missing) = self.decide(horizon);
        Ok(Gathered { rows: kept, rejected, covered, missing })
    }

    /// What the pages left open although the exchange had no more of them: asked for in vain.
    pub fn rest(&mut self, horizon: Horizon) -> Vec<Missing> {
        self.whole.insert(self.range);
        // An end that came too early proves nothing of any row, and covers no step.
        self.dense = true;
        self.held = RangeSet::new();
        self.decide(horizon).1
    }

    fn step(&self, time: Time) -> TimeRange {
        let from = self.interval.floor(time);
        TimeRange::new(from, from.plus_ms(self.interval.ms()))
    }

    fn taint(&mut self, around: TimeRange, bad: &BadRow) {
        let range = TimeRange::new(self.step(around.from).from, self.step(around.to).to).intersect(self.range);
        self.tainted.push(Missing { range, bad_row: Some(format!("{}: {}", bad.reason, bad.payload)) });
    }

    /// The same key twice: equal rows are one, different rows are none.
    fn drop_repeats<T: Row>(&mut self, rows: &mut Vec<T>, rejected: &mut Vec<BadRow>) {
        rows.sort_by_key(Row::key);
        let mut disputed: Vec<i64> = Vec::new();
        for pair in rows.windows(2).filter(|pair| pair[0].key() == pair[1].key() && pair[0] != pair[1]) {
            let reason = "the answer holds this row twice with different values".to_owned();
            for row in pair {
                let bad = BadRow { time: Some(row.time()), reason: reason.clone(), payload: format!("{row:?}") };
                self.taint(TimeRange::new(row.time(), row.time()), &bad);
                rejected.push(bad);
            }
            disputed.push(pair[0].key());
        }
        rows.retain(|row| disputed.binary_search(&row.key()).is_err());
        rows.dedup();
    }

    /// Steps that are whole now and were not before.
    fn decide(&mut self, horizon: Horizon) -> (Vec<TimeRange>, Vec<Missing>) {
        let over = TimeRange::new(self.range.from, self.interval.floor(horizon.closed_before));
        let whole: RangeSet = self.whole.ranges().iter().map(|range| self.interval.inner(range.intersect(over))).collect();
        let mut open = whole.minus(&self.decided);
        for range in self.withheld.ranges() {
            open.remove(self.interval.outer(*range));
        }
        let mut missing = Vec::new();
        for bad in &self.tainted {
            for range in open.within(bad.range).ranges() {
                missing.push(Missing { range: *range, bad_row: bad.bad_row.clone() });
            }
            open.remove(bad.range);
        }
        if self.dense {
            let settled = TimeRange::new(self.range.from, self.interval.floor(horizon.settled_before));
            for range in open.minus(&self.held).ranges() {
                let absent = range.intersect(settled);
                if !absent.is_empty() {
                    missing.push(Missing { range: absent, bad_row: None });
                }
                open.remove(*range);
            }
        }
        for range in missing.iter().map(|missing| missing.range).chain(open.ranges().iter().copied()) {
            self.decided.insert(range);
        }
        missing.sort_by_key(|missing| missing.range);
        (open.ranges().to_vec(), missing)
    }
}

fn judge<T: Row>(row: T) -> Result<T, BadRow> {
    match row.fault() {
        None => Ok(row),
        Some(reason) => Err(BadRow { time: Some(row.time()), reason, payload: format!("{row:?}") }),
    }
}

/// Where a row without a readable time belongs: between those that came before and after it.
fn neighbours(times: &[Option<Time>], at: usize, complete: TimeRange) -> TimeRange {
    let before = times[..at].iter().rev().flatten().next().copied();
    let after = times[at + 1..].iter().flatten().next().copied();
    match (before, after) {
        (Some(one), Some(other)) => TimeRange::new(one.min(other), one.max(other)),
        // At an end of the page it may lie anywhere up to the page's own end.
        (Some(one), None) | (None, Some(one)) => TimeRange::new(complete.from.min(one), complete.to.plus_ms(-1).max(one)),
        (None, None) => TimeRange::new(complete.from, complete.to.plus_ms(-1).max(complete.from)),
    }
}

/// Whole steps inside `heard` of which no trade can be missing, by the numbers: `trades` are all that are
/// stored from the one before `heard` to the one behind it, ascending by number. Where a number is left
/// out, every step that it may belong to stays owed.
pub fn unbroken(trades: &[Trade], heard: TimeRange, interval: Interval) -> RangeSet {
    let mut whole = RangeSet::from(interval.inner(heard));
    for pair in trades.windows(2).filter(|pair| pair[1].id != pair[0].id.saturating_add(1)) {
        let (first, last) = (pair[0].time.min(pair[1].time), pair[0].time.max(pair[1].time));
        whole.remove(interval.outer(TimeRange::new(first, last.plus_ms(1))));
    }
    whole
}
