//! The trades behind a candle: drawn from the split of its minute, one after the other.

use super::noise::{hash, mix};
use super::split::{Part, Split};
use crate::domain::price::Decimal;
use crate::domain::time::Time;

/// One trade of a generated market.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SimTrade {
    /// Ascends with time: days since the listing times ten million, plus the index within the UTC day.
    pub id: i64,
    /// Nanoseconds since the epoch. No two trades of a market share one, but several may share a millisecond.
    pub time_ns: i64,
    /// In the quote asset, at the market's tick.
    pub price: Decimal,
    /// In the base asset, at the market's lot.
    pub size: Decimal,
    /// Whether the taker bought.
    pub taker_is_buyer: bool,
}

impl SimTrade {
    /// Its millisecond.
    pub fn time(&self) -> Time {
        Time::from_ms(self.time_ns.div_euclid(1_000_000))
    }
}

/// A trade within its minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Deal {
    /// From the start of the minute.
    pub(super) ns: i64,
    pub(super) ticks: u64,
    pub(super) lots: u64,
    pub(super) buy: bool,
}

pub(super) const MINUTE_NS: i64 = 60_000_000_000;

/// Trades that come in one burst, within a millisecond where there is much to do.
const BURST: u64 = 3;

/// The longest pause within a burst.
const BURST_PAUSE_NS: i64 = 300_000;

/// Draws the trades of a minute: open and one extreme first, then the other extreme and the close.
#[derive(Debug, Clone)]
pub(super) struct Deals {
    key: u64,
    /// What is left at open, first extreme, second extreme and close.
    left: [Part; 4],
    at: u64,
    count: u64,
    last_ns: i64,
}

impl Deals {
    pub(super) fn new(split: &Split, key: u64, minute: i64) -> Self {
        let key = hash(key ^ 0x007d_ea15, minute);
        let (first, second) = if key & 1 == 0 { (split.high, split.low) } else { (split.low, split.high) };
        let left = [split.open, first, second, split.close];
        Self { key, left, at: 0, count: left.iter().map(|part| part.trades).sum(), last_ns: 0 }
    }

    /// Where the next trade happens: the first at the open, the last at the close, between them by chance.
    fn place(&self, chance: u64) -> usize {
        let [open, first, second, close] = self.left.map(|part| part.trades);
        if self.at == 0 {
            0
        } else if open + first > 0 {
            usize::from(chance % (open + first) >= open)
        } else if second > 0 && (close <= 1 || chance % (second + close - 1) < second) {
            2
        } else {
            3
        }
    }

    fn time(&mut self, chance: u64) -> i64 {
        let slots = self.count.div_ceil(BURST).cast_signed();
        let width = MINUTE_NS / slots;
        let within = chance >> 20;
        self.last_ns = if self.at.is_multiple_of(BURST) {
            let slot = (self.at / BURST).cast_signed();
            slot * width + 1 + (within % (width / 2).cast_unsigned().max(1)).cast_signed()
        } else {
            let pause = BURST_PAUSE_NS.min(width / 8).max(1);
            self.last_ns + 1 + (within % pause.cast_unsigned()).cast_signed()
        };
        self.last_ns
    }
}

impl Iterator for Deals {
    type Item = Deal;

    fn next(&mut self) -> Option<Deal> {
        if self.at == self.count {
            return None;
        }
        let chance = hash(self.key, self.at.cast_signed());
        let more = mix(chance);
        let ns = self.time(more);
        let place = self.place(chance >> 8);
        let part = &mut self.left[place];
        let buy = more % part.trades < part.buys;
        let (trades, lots) = if buy { (part.buys, part.buy_lots) } else { (part.trades - part.buys, part.lots - part.buy_lots) };
        let size = draw(trades, lots, chance);
        part.trades -= 1;
        part.lots -= size;
        if buy {
            part.buys -= 1;
            part.buy_lots -= size;
        }
        let ticks = part.ticks;
        self.at += 1;
        Some(Deal { ns, ticks, lots: size, buy })
    }
}

/// The size of one of `trades` that come to `lots`: mostly small, seldom large, and the last takes the rest.
fn draw(trades: u64, lots: u64, chance: u64) -> u64 {
    if trades <= 1 {
        return lots;
    }
    let spare = lots - trades;
    let skewed = u128::from(chance & 0xffff) * u128::from(chance >> 16 & 0xffff);
    let size = (u128::from(spare) * 4 * skewed / u128::from(trades)) >> 32;
    1 + u64::try_from(size).unwrap_or(u64::MAX).min(spare)
}
