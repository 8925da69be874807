//! The trades of a market as they happen.

use super::feeds::{Feed, Said};
use crate::domain::range::TimeRange;
use crate::domain::time::{MINUTE_MS, Time};
use crate::sim::market::{Market, TradeCursor};
use crate::sim::trade::SimTrade;
use std::collections::VecDeque;

/// Writes a frame about a trade, sent at this time.
pub(super) type WriteTrade = Box<dyn Fn(&SimTrade, Time, &mut Vec<u8>) + Send>;

/// A market's trades, each a millisecond after it happened: from then on REST has it too.
pub(super) struct TradeFeed {
    market: Market,
    coming: VecDeque<SimTrade>,
    /// Up to here trades have been fetched.
    upto: Time,
    write: WriteTrade,
}

impl TradeFeed {
    pub(super) fn new(market: &Market, write: WriteTrade) -> Self {
        Self { market: market.clone(), coming: VecDeque::new(), upto: Time::EPOCH, write }
    }

    /// Fetches what is left of the minute.
    fn fetch(&mut self) {
        let end = self.upto.floor_to(MINUTE_MS).plus_ms(MINUTE_MS);
        self.coming.extend(self.market.trades(TimeRange::new(self.upto, end)));
        self.upto = end;
    }
}

impl Feed for TradeFeed {
    fn begin(&mut self, now: Time) {
        self.coming.clear();
        self.upto = now;
        self.fetch();
    }

    fn due(&self) -> Time {
        self.coming.front().map_or(self.upto, |trade| trade.time().plus_ms(1))
    }

    fn fire(&mut self, text: &mut Vec<u8>) -> Said {
        let at = self.due();
        let Some(trade) = self.coming.pop_front() else {
            self.fetch();
            return Said::Nothing;
        };
        (self.write)(&trade, at, text);
        Said::Frame
    }
}

/// First and last id of the trades in `[from, to)`, of which there were `count`; -1 for none. A market
/// from a file knows no trades; its ids only are as many apart as the count says.
pub(super) fn id_span(market: &Market, from: Time, to: Time, count: i64) -> (i64, i64) {
    let ns = |time: Time| TradeCursor::Ns(time.ms().saturating_mul(1_000_000));
    let first = market.trades_from(ns(from), to, 1).pop();
    let last = market.trades_before(ns(to), to, 1).pop();
    match (first, last) {
        _ if count == 0 => (-1, -1),
        (Some(first), Some(last)) => (first.id, last.id),
        _ => (from.ms(), from.ms() + count - 1),
    }
}
