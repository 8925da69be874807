//! What an absence has cost, and what became of it.

use crate::domain::range::TimeRange;
use crate::domain::series::SeriesId;
use crate::domain::time::Time;

/// Why nobody recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AwayCause {
    /// The recorder did not run.
    Off,
    /// It was held: the machine slept, or the process was stopped.
    Asleep,
}

/// An absence of more than two minutes; it changes as mending goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwayReport {
    /// Why.
    pub cause: AwayCause,
    /// From when to when, by the local clock.
    pub range: TimeRange,
    /// Series that lost candles, by symbol; empty where no candle closed meanwhile.
    pub series: Vec<AwaySeries>,
}

/// Candles of one series that closed in the absence; `missed = mended + mendable + lost`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwaySeries {
    /// Key.
    pub id: SeriesId,
    /// `BTC/USDT 1m`.
    pub name: String,
    /// Not stored when the recorder came back.
    pub missed: u64,
    /// Of these stored by now.
    pub mended: u64,
    /// Still to be fetched.
    pub mendable: u64,
    /// The exchange has none, with evidence.
    pub lost: u64,
    /// Until when all that is mendable can be mended; `None` where it can at any time.
    pub mendable_until: Option<Time>,
}

impl AwayReport {
    /// Until when all that is still to be fetched can be; `None` where it can at any time.
    pub fn mendable_until(&self) -> Option<Time> {
        self.series.iter().filter(|series| series.mendable > 0).filter_map(|series| series.mendable_until).min()
    }

    /// Candles missed, mended, mendable, lost, over all series.
    pub fn total(&self) -> [u64; 4] {
        self.series.iter().fold([0; 4], |sum, one| {
            let own = [one.missed, one.mended, one.mendable, one.lost];
            std::array::from_fn(|at| sum[at] + own[at])
        })
    }
}
