//! The unit of recording: one dataset of one instrument, candles at one interval.

use super::dataset::Dataset;
use super::instrument::Instrument;
use super::interval::Interval;
use super::range::TimeRange;
use super::time::Time;
use std::sync::Arc;

/// Key of a series in one store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SeriesId(pub i64);

/// Key of an instrument in one store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InstrumentId(pub i64);

/// Key of a backfill job in one store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobId(pub i64);

/// A registered series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Series {
    /// Key in the store.
    pub id: SeriesId,
    /// What is recorded.
    pub instrument: Arc<Instrument>,
    /// What of it.
    pub dataset: Dataset,
    /// Candle width; of other datasets the [grid](Dataset::grid) on which they are accounted for.
    pub interval: Interval,
    /// Whether new candles are recorded; a removed series keeps its data.
    pub active: bool,
    /// First minute that is wanted; on the interval's grid.
    pub wanted_from: Time,
    /// Where a removed series ended; an active one is wanted up to now.
    pub wanted_to: Option<Time>,
}

impl Series {
    /// What people call it: `BTC/USDT 1m`, `BTC/USDT trades`.
    pub fn name(&self) -> String {
        match self.dataset {
            Dataset::Candles => format!("{} {}", self.instrument.symbol, self.interval),
            other => format!("{} {}", self.instrument.symbol, other.label()),
        }
    }

    /// The wanted range as whole closed candles, up to the exchange's `now`.
    pub fn wanted(&self, now: Time) -> TimeRange {
        let closed = self.interval.floor(now);
        let to = self.wanted_to.map_or(closed, |end| self.interval.floor(end).min(closed));
        TimeRange::new(self.wanted_from, to.max(self.wanted_from))
    }
}
