//! The candles of a market as they form and close.

use super::feeds::{Feed, Said};
use super::pace::{Pace, closing_delay};
use super::sum::Sum;
use crate::domain::range::TimeRange;
use crate::domain::time::Time;
use crate::sim::interval::KlineInterval;
use crate::sim::market::Market;
use crate::sim::row::Row;

/// A candle at one instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct CandleEvent {
    /// The exchange's time.
    pub(super) at: Time,
    pub(super) row: Row,
    /// Whether this is its last frame.
    pub(super) closed: bool,
}

/// How an exchange sends candles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Manner {
    pub(super) pace: Pace,
    /// Whether the first frame comes with the subscription.
    pub(super) at_once: bool,
    /// Whether there are frames only where there were trades, and none that says "closed".
    pub(super) trades_only: bool,
}

/// Writes a frame.
pub(super) type WriteCandle = Box<dyn Fn(&CandleEvent, &mut Vec<u8>) + Send>;

/// One market's candles of one width: a frame at the exchange's pace where something changed, and the
/// last one of each candle after its end and before the first one of the next.
pub(super) struct CandleFeed {
    market: Market,
    interval: KlineInterval,
    manner: Manner,
    sum: Sum,
    due: Time,
    closing: bool,
    last: Option<Row>,
    write: WriteCandle,
}

impl CandleFeed {
    pub(super) fn new(market: &Market, interval: KlineInterval, manner: Manner, write: WriteCandle) -> Self {
        let sum = Sum::new(Time::EPOCH);
        Self { market: market.clone(), interval, manner, sum, due: Time::EPOCH, closing: false, last: None, write }
    }

    fn end(&self) -> Time {
        self.interval.next(self.sum.from())
    }

    fn schedule(&mut self, after: Time) {
        let end = self.end();
        let next = self.manner.pace.after(after);
        self.closing = next >= end;
        self.due = if self.closing { end.plus_ms(closing_delay(self.market.native(), end)) } else { next };
    }
}

impl Feed for CandleFeed {
    fn begin(&mut self, now: Time) {
        let open = self.interval.floor(now);
        // The candle before may still have its last frame to come.
        let waits = open.plus_ms(closing_delay(self.market.native(), open)) > now;
        self.sum = Sum::new(if waits { self.interval.previous(open) } else { open });
        self.last = None;
        self.schedule(now);
        if self.manner.at_once && !waits {
            (self.due, self.closing) = (now, false);
        }
    }

    fn due(&self) -> Time {
        self.due
    }

    fn fire(&mut self, text: &mut Vec<u8>) -> Said {
        let (at, closed, open, end) = (self.due, self.closing, self.sum.from(), self.end());
        let folds = self.interval.folds_from(self.market.finest());
        let row = if folds { self.sum.at(&self.market, end, at) } else { None };
        let row = row.map(|row| Row { open_time: open.ms(), close_time: end.ms() - 1, ..row });
        let known = std::mem::replace(&mut self.last, row);
        if closed {
            self.sum = Sum::new(end);
            self.last = None;
        }
        self.schedule(at);
        let Some(row) = row else { return Said::Nothing };
        let news = known != Some(row) || (closed && !self.manner.trades_only);
        if !news || (self.manner.trades_only && row.trades == 0) {
            return Said::Nothing;
        }
        (self.write)(&CandleEvent { at, row, closed }, text);
        if closed { Said::Closing(TimeRange::new(open, end)) } else { Said::Frame }
    }
}
