//! Candles of a market at one instant: generated minute by minute, or taken from a recording.

use super::super::generator::Walk;
use super::super::interval::KlineInterval;
use super::super::row::Row;
use super::{Market, Window};
use crate::domain::time::{DAY_MS, MINUTE_MS, Time};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// A generated market at one instant.
pub(super) struct Generated<'a> {
    pub(super) market: &'a Market,
    pub(super) walk: Walk,
    pub(super) days: &'a Mutex<HashMap<i64, Option<Row>>>,
    pub(super) now: Time,
}

impl Generated<'_> {
    pub(super) fn rows(&mut self, interval: KlineInterval, window: Window) -> Vec<Row> {
        let last = self.market.last_instant(self.now);
        let end = window.end.map_or(last, |end| end.min(last));
        let earliest = interval.floor(self.market.listed_at);
        let mut open = match window.start {
            Some(start) => interval.ceil(start.max(earliest)),
            None => self.newest(interval, end, earliest, window.limit),
        };
        let mut rows = Vec::with_capacity(window.limit.min(1_000));
        while open <= end && rows.len() < window.limit {
            let next = interval.next(open);
            rows.extend(self.fold(interval, open, next));
            open = next;
        }
        rows
    }

    /// The opening from which `limit` candles lead up to `end`.
    fn newest(&self, interval: KlineInterval, end: Time, earliest: Time, limit: usize) -> Time {
        let mut open = interval.floor(end);
        let mut found = 0;
        loop {
            let next = interval.next(open);
            found += usize::from(self.market.trades_in(open, next.min(end.plus_ms(1))));
            if found >= limit || open <= earliest {
                return open.max(earliest);
            }
            open = interval.previous(open);
        }
    }

    /// The candle of `[open, next)` out of its minutes or days, up to now.
    fn fold(&mut self, interval: KlineInterval, open: Time, next: Time) -> Option<Row> {
        let whole = if interval.is_days() {
            self.join(open, next, DAY_MS, Self::day)
        } else {
            self.join(open, next, MINUTE_MS, Self::minute)
        };
        whole.map(|row| Row { open_time: open.ms(), close_time: next.ms() - 1, ..row })
    }

    fn join(&mut self, open: Time, next: Time, step: i64, part: fn(&mut Self, Time) -> Option<Row>) -> Option<Row> {
        let last = self.market.last_instant(self.now);
        let mut whole: Option<Row> = None;
        let mut at = open.max(self.market.listed_at.floor_to(step));
        while at < next && at <= last {
            match (&mut whole, part(self, at)) {
                (Some(whole), Some(part)) => whole.join(&part),
                (None, part) => whole = part,
                (Some(_), None) => {}
            }
            at = at.plus_ms(step);
        }
        whole
    }

    fn minute(&mut self, at: Time) -> Option<Row> {
        let trades = at >= self.market.listed_at && !self.market.outages.iter().any(|outage| outage.contains(at));
        trades.then(|| self.walk.minute_at(at.ms().div_euclid(MINUTE_MS), self.now))
    }

    /// A whole day; past ones are remembered, so that weeks and months cost a few rows each.
    fn day(&mut self, at: Time) -> Option<Row> {
        let key = at.ms().div_euclid(DAY_MS);
        let next = at.plus_ms(DAY_MS);
        let past = next <= self.now;
        if past && let Some(day) = self.days.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return *day;
        }
        let day = self.join(at, next, MINUTE_MS, Self::minute);
        if past {
            self.days.lock().unwrap_or_else(PoisonError::into_inner).insert(key, day);
        }
        day
    }
}

pub(super) fn recorded_rows(
    rows: &[Row],
    native: KlineInterval,
    interval: KlineInterval,
    window: Window,
    last: Time,
    now: Time,
) -> Vec<Row> {
    let end = window.end.map_or(last, |end| end.min(last));
    let before = |time: Time| rows.partition_point(|row| row.open_time < time.ms());
    if interval == native {
        let to = before(end.plus_ms(1));
        let from = window.start.map_or(to.saturating_sub(window.limit), before).min(to);
        return rows[from..to].iter().take(window.limit).map(|row| row.so_far(now.ms())).collect();
    }
    if !interval.folds_from(native) {
        return Vec::new();
    }
    // A wide candle opens on its grid whatever its first row does, and holds all its rows up to now.
    let bucket = |row: &Row| interval.floor(Time::from_ms(row.open_time));
    let to = before(interval.next(interval.floor(end)).min(last.plus_ms(1)));
    let from = window.start.map_or_else(
        || {
            let mut groups = rows[..to].chunk_by(|a, b| bucket(a) == bucket(b));
            let newest = std::iter::from_fn(|| groups.next_back()).take(window.limit);
            to - newest.map(<[Row]>::len).sum::<usize>()
        },
        |start| before(interval.ceil(start)).min(to),
    );
    rows[from..to]
        .chunk_by(|a, b| bucket(a) == bucket(b))
        .take(window.limit)
        .filter_map(|group| {
            let open = bucket(group.first()?);
            let mut parts = group.iter().map(|row| row.so_far(now.ms()));
            let mut whole = parts.next()?;
            parts.for_each(|part| whole.join(&part));
            Some(Row { open_time: open.ms(), close_time: interval.next(open).ms() - 1, ..whole })
        })
        .collect()
}
