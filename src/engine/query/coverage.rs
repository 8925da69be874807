//! Reads of the coverage map: what is stored, explained, queued, cell by cell.

use crate::domain::gap::{Gap, GapReason};
use crate::domain::range::TimeRange;
use crate::domain::series::SeriesId;
use crate::domain::time::{DAY_MS, HOUR_MS, Time};

/// Most cells of a series that one read returns.
pub const MAX_COVERAGE_CELLS: usize = 4_000;

/// How much time a cell of the map stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CoverageCell {
    /// An hour.
    Hour,
    /// A day, UTC.
    Day,
    /// A calendar month, UTC.
    Month,
}

impl CoverageCell {
    /// Every width, shortest first.
    pub const ALL: [Self; 3] = [Self::Hour, Self::Day, Self::Month];

    /// `hour`, `day`, `month`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Month => "month",
        }
    }

    /// The opening of the cell that `time` falls into.
    #[must_use]
    pub fn floor(self, time: Time) -> Time {
        match self {
            Self::Hour => time.floor_to(HOUR_MS),
            Self::Day => time.floor_to(DAY_MS),
            Self::Month => time.month_start(0),
        }
    }

    /// The opening of the cell that lies `cells` after (negative: before) that of `time`.
    #[must_use]
    pub fn step(self, time: Time, cells: i32) -> Time {
        match self {
            Self::Hour => self.floor(time).plus_ms(i64::from(cells) * HOUR_MS),
            Self::Day => self.floor(time).plus_ms(i64::from(cells) * DAY_MS),
            Self::Month => time.month_start(cells),
        }
    }

    /// The cell that `time` falls into.
    pub fn around(self, time: Time) -> TimeRange {
        TimeRange::new(self.floor(time), self.step(time, 1))
    }

    /// Openings of the cells that overlap `range`, and the end of the last one; of too many the
    /// newest [`MAX_COVERAGE_CELLS`].
    pub fn edges(self, range: TimeRange) -> Vec<Time> {
        if range.is_empty() {
            return Vec::new();
        }
        let mut edges = vec![self.step(range.to.plus_ms(-1), 1)];
        let mut open = self.floor(range.to.plus_ms(-1));
        while edges.len() <= MAX_COVERAGE_CELLS {
            edges.push(open);
            let before = self.step(open, -1);
            // Outside the calendar's reach a step leads nowhere.
            if open <= range.from || before >= open {
                break;
            }
            open = before;
        }
        edges.reverse();
        edges
    }
}

/// Time of a cell by state, in milliseconds. What is neither stored nor missing is not wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CellCoverage {
    /// Stored.
    pub stored_ms: i64,
    /// When the first of what is queued here is lost: it falls out of the exchange's reach.
    pub lost_at: Option<Time>,
    pub(in crate::engine) missing_ms: [i64; GapReason::ALL.len()],
}

impl CellCoverage {
    /// A cell of which this much is stored and this much is missing.
    pub fn new(stored_ms: i64, missing: &[(GapReason, i64)]) -> Self {
        let mut cell = Self { stored_ms, ..Self::default() };
        for (reason, ms) in missing {
            cell.missing_ms[*reason as usize] += ms;
        }
        cell
    }

    /// Missing for this reason.
    pub const fn missing_ms(&self, reason: GapReason) -> i64 {
        self.missing_ms[reason as usize]
    }

    /// Reasons that hold some of it, with their time.
    pub fn reasons(&self) -> impl Iterator<Item = (GapReason, i64)> {
        GapReason::ALL.into_iter().map(|reason| (reason, self.missing_ms(reason))).filter(|(_, ms)| *ms > 0)
    }
}

/// The map of every active series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoverageData {
    /// Width of a cell.
    pub cell: CoverageCell,
    /// Openings of the cells and the end of the last one, ascending.
    pub edges: Vec<Time>,
    /// A series' cells, each `edges.len() - 1` long.
    pub series: Vec<(SeriesId, Vec<CellCoverage>)>,
}

/// What is missing in a range of a series, and what fetching it takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GapsData {
    /// Of this series.
    pub series: SeriesId,
    /// What was read.
    pub range: TimeRange,
    /// The part of it that is wanted; may be empty.
    pub wanted: TimeRange,
    /// Everything in `wanted` that is not stored, ascending, with its reason and evidence.
    pub gaps: Vec<Gap>,
    /// How far back from now the exchange serves the series, in milliseconds; what is queued is lost
    /// this long after its time. `None`: to the listing.
    pub reach_ms: Option<i64>,
    /// How to fetch what is queued, or what lies before the wanted range; `None` where nothing is.
    pub plan: Option<FetchPlan>,
}

/// How well the cost of a plan is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sureness {
    /// By arithmetic.
    Exact,
    /// By the number of trades that is to be expected.
    About,
    /// Nothing tells how many trades there are; it may be many times as much.
    AtLeast,
}

/// What a day of a symbol's trades takes, about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TradesCost {
    /// Requests.
    pub requests: u64,
    /// Of the exchange's budget.
    pub weight: u64,
    /// How far back the exchange serves them, in milliseconds; `None`: to the listing.
    pub reach_ms: Option<i64>,
}

/// What fetching takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FetchPlan {
    /// From the first candle that is to be fetched to the end of the last one.
    pub range: TimeRange,
    /// Whether the range lies before the wanted one, which grows by it.
    pub widens: bool,
    /// Candles to be fetched, or steps of another grid.
    pub candles: u64,
    /// Requests that these take.
    pub requests: u64,
    /// Of the exchange's budget.
    pub weight: u64,
    /// How well the three figures around it are known.
    pub sureness: Sureness,
    /// Milliseconds within the budget that is left at present; unknown where another process records.
    pub eta_ms: Option<i64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Time {
        Time::parse(text, Time::EPOCH).unwrap()
    }

    #[test]
    fn edges_of_cells() {
        let check = |cell: CoverageCell, from: &str, to: &str, expected: &[&str]| {
            let edges: Vec<Time> = cell.edges(TimeRange::new(time(from), time(to)));
            assert_eq!(edges, expected.iter().map(|text| time(text)).collect::<Vec<_>>(), "{cell:?}");
        };
        check(CoverageCell::Month, "2024-01-15", "2024-03-01", &["2024-01-01", "2024-02-01", "2024-03-01"]);
        check(CoverageCell::Month, "2023-12-31", "2024-01-01T00:00:01Z", &["2023-12-01", "2024-01-01", "2024-02-01"]);
        check(CoverageCell::Day, "2024-02-29T12:00:00Z", "2024-03-01", &["2024-02-29", "2024-03-01"]);
        check(
            CoverageCell::Hour,
            "2024-01-01T01:30:00Z",
            "2024-01-01T02:00:01Z",
            &["2024-01-01T01:00:00Z", "2024-01-01T02:00:00Z", "2024-01-01T03:00:00Z"],
        );
        check(CoverageCell::Day, "2024-01-01", "2024-01-01", &[]);
        let endless = TimeRange::new(Time::EPOCH, time("2026-01-01"));
        assert_eq!(CoverageCell::Hour.edges(endless).len(), MAX_COVERAGE_CELLS + 1);
        assert_eq!(CoverageCell::Hour.edges(endless).last(), Some(&time("2026-01-01")));
    }
}
