//! The rolling day of a market, for tickers.

use super::feeds::{Feed, Said};
use super::pace::Pace;
use super::sum::Sum;
use crate::domain::time::Time;
use crate::sim::day::day_start;
use crate::sim::market::Market;
use crate::sim::row::Row;

/// A market's last 24 hours at one instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct DayEvent {
    /// The exchange's time.
    pub(super) at: Time,
    /// Joined from the minutes of the window.
    pub(super) row: Row,
}

/// The window as the REST ticker has it: whole minutes, the forming one included.
#[derive(Debug)]
pub(super) struct RollingDay {
    market: Market,
    sum: Sum,
    last: Option<Row>,
}

impl RollingDay {
    pub(super) fn new(market: &Market) -> Self {
        Self { market: market.clone(), sum: Sum::new(Time::EPOCH), last: None }
    }

    pub(super) fn market(&self) -> &Market {
        &self.market
    }

    pub(super) fn forget(&mut self) {
        self.sum = Sum::new(Time::EPOCH);
        self.last = None;
    }

    /// The day at `at`, where it differs from what was last told.
    pub(super) fn news(&mut self, at: Time) -> Option<DayEvent> {
        let from = day_start(&self.market, at);
        if self.sum.from() != from {
            self.sum = Sum::new(from);
        }
        let row = self.sum.at(&self.market, Time::from_ms(i64::MAX), at)?;
        let known = self.last.replace(row);
        (known != Some(row)).then_some(DayEvent { at, row })
    }
}

/// Writes a frame about days that changed, of which there is one at least.
pub(super) type WriteDays = Box<dyn Fn(&[(&Market, DayEvent)], &mut Vec<u8>) + Send>;

/// The rolling days of one market or of all: one frame at each instant where something changed.
pub(super) struct DayFeed {
    days: Vec<RollingDay>,
    pace: Pace,
    at_once: bool,
    due: Time,
    write: WriteDays,
}

impl DayFeed {
    pub(super) fn new<'a>(markets: impl IntoIterator<Item = &'a Market>, pace: Pace, at_once: bool, write: WriteDays) -> Self {
        let days = markets.into_iter().map(RollingDay::new).collect();
        Self { days, pace, at_once, due: Time::EPOCH, write }
    }
}

impl Feed for DayFeed {
    fn begin(&mut self, now: Time) {
        self.days.iter_mut().for_each(RollingDay::forget);
        self.due = if self.at_once { now } else { self.pace.after(now) };
    }

    fn due(&self) -> Time {
        self.due
    }

    fn fire(&mut self, text: &mut Vec<u8>) -> Said {
        let at = self.due;
        self.due = self.pace.after(at);
        let news: Vec<(&Market, DayEvent)> = self
            .days
            .iter_mut()
            .filter_map(|day| {
                let event = day.news(at)?;
                let day: &RollingDay = day;
                Some((day.market(), event))
            })
            .collect();
        if news.is_empty() {
            return Said::Nothing;
        }
        (self.write)(&news, text);
        Said::Frame
    }
}
