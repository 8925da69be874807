//! Reads that a front end asks for; answered from the read-only pool, off its own thread.

mod coverage;
mod log;

pub use coverage::{CellCoverage, CoverageCell, CoverageData, FetchPlan, GapsData, MAX_COVERAGE_CELLS, Sureness, TradesCost};
pub use log::{LogFilter, LogPage};

pub use crate::exchange::page_of_candles::{PageOfCandles, page_of_candles};

use crate::domain::candle::{Candle, Source};
use crate::domain::funding::Funding;
use crate::domain::gap::Gap;
use crate::domain::instrument::InstrumentStatus;
use crate::domain::interval::Interval;
use crate::domain::open_interest::OpenInterest;
use crate::domain::price::Decimal;
use crate::domain::range::TimeRange;
use crate::domain::series::SeriesId;
use crate::domain::time::Time;
use crate::domain::trade::Trade;

/// A read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Query {
    /// Candles of a series, folded to `interval`, with the gaps between them.
    Chart {
        /// Which.
        series: SeriesId,
        /// Width wanted; a multiple of the series' own.
        interval: Interval,
        /// Range wanted; at most [`MAX_CHART_CANDLES`] candles, of which the newest are kept.
        range: TimeRange,
    },
    /// Where the candles of a range came from.
    Candle {
        /// Whose.
        series: SeriesId,
        /// From the open time of a candle to its end; several candles where it is wider.
        range: TimeRange,
    },
    /// Instruments whose symbol resembles what was typed, best first.
    Instruments {
        /// As typed.
        needle: String,
        /// Most of them.
        limit: usize,
    },
    /// The coverage map of every active series, from the ledgers.
    Coverage {
        /// What is to be seen of it; at most [`MAX_COVERAGE_CELLS`] cells, of which the newest are kept.
        range: TimeRange,
        /// Width of a cell.
        cell: CoverageCell,
    },
    /// What is missing in a range of a series, with evidence, and what fetching it takes.
    Gaps {
        /// Which.
        series: SeriesId,
        /// Where.
        range: TimeRange,
    },
    /// Entries of the ingest log, the newest first to be found.
    Log {
        /// Before this one; from the newest on where `None`.
        before: Option<i64>,
        /// Most of them.
        limit: usize,
        /// Which.
        filter: LogFilter,
    },
    /// The newest trades of a series of trades.
    Tape {
        /// Which.
        series: SeriesId,
        /// Most of them; at most [`MAX_ROWS`].
        limit: usize,
    },
    /// Settled funding rates.
    Funding {
        /// A series of funding.
        series: SeriesId,
        /// Where; of more than [`MAX_ROWS`] the newest are kept.
        range: TimeRange,
    },
    /// Open interest.
    OpenInterest {
        /// A series of open interest.
        series: SeriesId,
        /// Where; of more than [`MAX_ROWS`] the newest are kept.
        range: TimeRange,
    },
    /// What a front end let the store remember.
    Remembered {
        /// Its name.
        key: String,
    },
    /// How many instruments the cached lists hold.
    InstrumentCount,
}

/// Most candles that one chart read returns.
pub const MAX_CHART_CANDLES: i64 = 20_000;

/// Most rows that one read of trades, funding or open interest returns.
pub const MAX_ROWS: usize = 10_000;

/// Most revisions that one [`Query::Candle`] returns: the newest are kept.
pub const MAX_REVISIONS: i64 = 100;

/// The answer to a [`Query`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// To [`Query::Chart`].
    Chart(ChartData),
    /// To [`Query::Candle`]; `None` where none of its candles is stored.
    Candle(Option<Provenance>),
    /// To [`Query::Instruments`]: symbols such as `BTC/USDT`.
    Instruments(Vec<InstrumentHit>),
    /// To [`Query::Coverage`].
    Coverage(CoverageData),
    /// To [`Query::Gaps`].
    Gaps(GapsData),
    /// To [`Query::Log`].
    Log(LogPage),
    /// To [`Query::Tape`].
    Tape(RowsData<Trade>),
    /// To [`Query::Funding`].
    Funding(RowsData<Funding>),
    /// To [`Query::OpenInterest`].
    OpenInterest(RowsData<OpenInterest>),
    /// To [`Query::Remembered`].
    Remembered(Option<String>),
    /// To [`Query::InstrumentCount`].
    InstrumentCount(u64),
}

/// Stored rows of a dataset beside candles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowsData<T> {
    /// Of this series.
    pub series: SeriesId,
    /// Ascending, exact.
    pub rows: Vec<T>,
    /// Whether there are older ones that were left out.
    pub is_cut: bool,
}

/// Where the stored candles of a range came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provenance {
    /// How many are stored, at the series' own interval.
    pub candles: u64,
    /// What brought the newest of them; `None` where a later version of this program wrote it.
    pub source: Option<Source>,
    /// When the first and the last of them came, by the local clock.
    pub fetched_at: (Time, Time),
    /// What the exchange changed after their close, oldest first; at most [`MAX_REVISIONS`].
    pub revisions: Vec<Revised>,
}

/// A value of a closed candle that the exchange changed afterwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revised {
    /// Which candle.
    pub open_time: Time,
    /// When the change was seen, by the local clock.
    pub found_at: Time,
    /// `open`, `volume`, `trade_count` ..
    pub field: String,
    /// Exact decimal before; `None` where the exchange had not given it.
    pub old: Option<String>,
    /// Exact decimal after.
    pub new: Option<String>,
}

/// An instrument that a search found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstrumentHit {
    /// `BTC/USDT`.
    pub symbol: String,
    /// `binance`.
    pub exchange: &'static str,
    /// `trading`, `halted`, `delisted`.
    pub status: &'static str,
    /// Whether it is recorded already.
    pub recorded: bool,
    /// The asset that it is priced in: `USDT`.
    pub quote: String,
    /// What was traded of it within 24 h, in the quote asset; `None` where that is not known.
    pub volume_24h: Option<Decimal>,
    /// What a day of its trades takes; `None` where that is not known.
    pub day_of_trades: Option<TradesCost>,
}

impl InstrumentHit {
    /// Whether it trades and nobody has told how much.
    pub fn lacks_volume(&self) -> bool {
        self.volume_24h.is_none() && self.status == InstrumentStatus::Trading.name()
    }
}

/// Candles and gaps for a chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChartData {
    /// Of this series.
    pub series: SeriesId,
    /// Candle width.
    pub interval: Interval,
    /// What was read.
    pub range: TimeRange,
    /// Ascending, exact; a candle over a partly missing range is folded from what is there.
    pub candles: Vec<Candle>,
    /// Everything in the wanted part of `range` that is not stored, with its reason, ascending.
    pub gaps: Vec<Gap>,
    /// Open time of the first and end of the last stored candle of the whole series.
    pub bounds: Option<TimeRange>,
}
