//! The trades of a generated market, by time and by id.

use super::super::generator::Walk;
use super::super::trade::{Deal, MINUTE_NS, SimTrade};
use super::{Candles, Market};
use crate::domain::price::Decimal;
use crate::domain::range::TimeRange;
use crate::domain::time::{DAY_MS, MINUTE_MS, Time};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Ids that one UTC day has room for.
const IDS_PER_DAY: i64 = 10_000_000;

const MINUTES_PER_DAY: i64 = DAY_MS / MINUTE_MS;

/// How many days of counts a market remembers.
const DAYS_KEPT: usize = 128;

/// Of each remembered day: how many trades came before each of its minutes, and in all.
pub(super) type TradeCounts = Mutex<HashMap<i64, Arc<[i64]>>>;

/// A place in the order of trades.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TradeCursor {
    /// The first trade whose id is not below this.
    Id(i64),
    /// The first trade that is not before this many nanoseconds since the epoch.
    Ns(i64),
}

impl Market {
    /// Every trade whose time lies in `range`, oldest first, whatever the exchange's clock says. Those
    /// of a minute add up to its candle exactly. Recorded markets have none.
    pub fn trades(&self, range: TimeRange) -> Vec<SimTrade> {
        self.trades_from(TradeCursor::Ns(ns_of(range.from)), range.to, usize::MAX)
    }

    /// At most `limit` trades from the cursor on, oldest first, all of them before `end`.
    pub fn trades_from(&self, from: TradeCursor, end: Time, limit: usize) -> Vec<SimTrade> {
        let Some(mut tape) = Tape::new(self) else { return Vec::new() };
        let last = self.last_instant(end.plus_ms(-1));
        let mut minute = tape.minute_of(from).max(self.listed_at.ms().div_euclid(MINUTE_MS));
        let mut trades = Vec::new();
        while minute * MINUTE_MS <= last.ms() && trades.len() < limit {
            if let Some(outage) = self.outage_at(minute) {
                minute = outage.to.ms().div_euclid(MINUTE_MS).max(minute + 1);
                continue;
            }
            let fits = |trade: &SimTrade| from.admits(trade) && trade.time_ns < ns_of(end);
            let room = limit - trades.len();
            trades.extend(tape.minute(minute).filter(fits).take(room));
            minute += 1;
        }
        trades
    }

    /// At most `limit` trades before the cursor and before `end`: the newest of them, oldest first.
    pub fn trades_before(&self, before: TradeCursor, end: Time, limit: usize) -> Vec<SimTrade> {
        let Some(mut tape) = Tape::new(self) else { return Vec::new() };
        let first = self.listed_at.ms().div_euclid(MINUTE_MS);
        let mut minute = tape.minute_of(before).min(self.last_instant(end.plus_ms(-1)).ms().div_euclid(MINUTE_MS));
        let mut trades = Vec::new();
        while minute >= first && trades.len() < limit {
            if let Some(outage) = self.outage_at(minute) {
                minute = (outage.from.ms() - 1).div_euclid(MINUTE_MS).min(minute - 1);
                continue;
            }
            let fits = |trade: &SimTrade| !before.admits(trade) && trade.time_ns < ns_of(end);
            let mut older: Vec<SimTrade> = tape.minute(minute).filter(fits).collect();
            older.append(&mut trades);
            trades = older;
            minute -= 1;
        }
        trades.split_off(trades.len().saturating_sub(limit))
    }

    fn outage_at(&self, minute: i64) -> Option<&TimeRange> {
        let at = Time::from_ms(minute * MINUTE_MS);
        self.outages.iter().find(|outage| outage.contains(at))
    }
}

impl TradeCursor {
    fn admits(self, trade: &SimTrade) -> bool {
        match self {
            Self::Id(id) => trade.id >= id,
            Self::Ns(ns) => trade.time_ns >= ns,
        }
    }
}

/// A market's trades, minute by minute.
struct Tape<'a> {
    market: &'a Market,
    walk: Walk,
    counts: &'a TradeCounts,
}

impl<'a> Tape<'a> {
    fn new(market: &'a Market) -> Option<Self> {
        match &market.candles {
            Candles::Generated { life, character, counts, .. } => {
                Some(Self { market, walk: Walk::new(*life, *character), counts })
            }
            Candles::Recorded { .. } => None,
        }
    }

    fn first_day(&self) -> i64 {
        self.market.listed_at.ms().div_euclid(DAY_MS)
    }

    fn minute(&mut self, minute: i64) -> impl Iterator<Item = SimTrade> + use<> {
        let day = minute.div_euclid(MINUTES_PER_DAY);
        let deals = self.walk.deals(minute);
        let before = match deals {
            Some(_) => self.counts(day)[minute.rem_euclid(MINUTES_PER_DAY) as usize],
            None => 0,
        };
        let first_id = (day - self.first_day()) * IDS_PER_DAY + before;
        let (price_decimals, lot_decimals) = (self.market.price_decimals, self.market.lot_decimals);
        deals.into_iter().flatten().zip(first_id..).map(move |(deal, id)| {
            let Deal { ns, ticks, lots, buy } = deal;
            SimTrade {
                id,
                time_ns: minute * MINUTE_NS + ns,
                price: Decimal::new(ticks.cast_signed(), price_decimals),
                size: Decimal::new(lots.cast_signed(), lot_decimals),
                taker_is_buyer: buy,
            }
        })
    }

    /// The minute that a cursor lies in.
    fn minute_of(&mut self, cursor: TradeCursor) -> i64 {
        match cursor {
            TradeCursor::Ns(ns) => ns.div_euclid(MINUTE_NS),
            TradeCursor::Id(id) => {
                let day = self.first_day().saturating_add(id.div_euclid(IDS_PER_DAY));
                // Beyond any clock; such a day is not worth counting.
                if day > i64::from(u32::MAX) || id < 0 {
                    return day.clamp(0, i64::from(u32::MAX)) * MINUTES_PER_DAY;
                }
                let index = id.rem_euclid(IDS_PER_DAY);
                let counts = self.counts(day);
                // The last minute that begins at or before the index; past the day's end, its last one.
                let minute = counts[..MINUTES_PER_DAY as usize].partition_point(|before| *before <= index) as i64 - 1;
                day * MINUTES_PER_DAY + minute
            }
        }
    }

    fn counts(&mut self, day: i64) -> Arc<[i64]> {
        if let Some(known) = self.counts.lock().unwrap_or_else(PoisonError::into_inner).get(&day) {
            return Arc::clone(known);
        }
        let mut sum = 0;
        let mut counts = Vec::with_capacity(MINUTES_PER_DAY as usize + 1);
        counts.push(0);
        for minute in day * MINUTES_PER_DAY..(day + 1) * MINUTES_PER_DAY {
            let open = Time::from_ms(minute * MINUTE_MS);
            if open >= self.market.listed_at && self.market.last_instant(open) == open && self.market.outage_at(minute).is_none()
            {
                sum += self.walk.minute(minute).trades;
            }
            counts.push(sum);
        }
        let counts: Arc<[i64]> = counts.into();
        let mut known = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= DAYS_KEPT {
            known.clear();
        }
        known.insert(day, Arc::clone(&counts));
        counts
    }
}

fn ns_of(time: Time) -> i64 {
    time.ms().saturating_mul(1_000_000)
}

#[cfg(test)]
mod tests;
