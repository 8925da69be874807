//! What a front end draws: one immutable picture of the whole recorder, at most ten a second.

mod alerts;
mod away;
mod stream;

pub use crate::domain::job::JobState;
pub use crate::domain::log::LogLevel;
pub use crate::exchange::health::{Block, BlockKind, Circuit, Health};
pub use alerts::{AlertView, AlertsView};
pub use away::{AwayCause, AwayReport, AwaySeries};
pub use stream::{StreamMood, StreamView};

use super::query::TradesCost;
use crate::domain::candle::Candle;
use crate::domain::dataset::Dataset;
use crate::domain::funding::FundingForecast;
use crate::domain::instrument::{ExchangeId, Symbol};
use crate::domain::interval::Interval;
use crate::domain::price::Decimal;
use crate::domain::range::TimeRange;
use crate::domain::series::{JobId, SeriesId, full_name, series_name};
use crate::domain::ticker::Ticker;
use crate::domain::time::Time;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// How long after its close a candle is still on its way.
const LATE_MS: i64 = 30_000;

/// Whether this process records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// It holds the store's lock and records.
    Recorder,
    /// Another process records; this one only shows.
    Observer,
}

/// The whole recorder at one instant.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// Local time of the picture.
    pub at: Time,
    /// Whether this process records.
    pub mode: Mode,
    /// Whether the exchange is the built-in simulation.
    pub simulated: bool,
    /// The store's file.
    pub store: PathBuf,
    /// Exchanges in use.
    pub exchanges: Vec<Health>,
    /// Registered active series, by symbol.
    pub series: Vec<SeriesView>,
    /// Unfinished jobs in the order of their turns, then the newest finished ones.
    pub jobs: Vec<JobView>,
    /// Writing.
    pub ingest: IngestView,
    /// Heartbeats.
    pub heartbeat: HeartbeatView,
    /// Newest ingest log entries, oldest first.
    pub log: Arc<[LogEntry]>,
    /// Alerts and when they fired.
    pub alerts: Arc<AlertsView>,
    /// What the last absence has cost; `None` where this run was preceded by none.
    pub away: Option<Arc<AwayReport>>,
    /// Whether nobody has recorded into the store before this run.
    pub first_run: bool,
    /// How the streams of each exchange are.
    pub streams: Vec<StreamView>,
}

impl Snapshot {
    /// The same as symbols to choose from: the candles of each, and of one without candles its first series.
    #[must_use]
    pub fn of_symbols(self: Arc<Self>) -> Arc<Self> {
        if self.series.iter().all(|series| series.dataset == Dataset::Candles) {
            return self;
        }
        let mut first: BTreeMap<(&Symbol, ExchangeId), Dataset> = BTreeMap::new();
        for series in &self.series {
            let known = first.entry((&series.symbol, series.exchange)).or_insert(series.dataset);
            *known = series.dataset.min(*known);
        }
        let stands = |series: &&SeriesView| first.get(&(&series.symbol, series.exchange)) == Some(&series.dataset);
        let series = self.series.iter().filter(stands).cloned().collect();
        Arc::new(Self { series, ..Self::clone(&self) })
    }
}

/// What a series is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SeriesState {
    /// Every wanted candle is stored or explained, and new ones come in.
    Live,
    /// Its past is being fetched.
    Backfilling,
    /// The exchange does not answer; what is missed is queued.
    Waiting(String),
    /// It cannot be recorded, for this reason.
    Stopped(String),
}

/// A series.
#[derive(Debug, Clone, PartialEq)]
pub struct SeriesView {
    /// Key.
    pub id: SeriesId,
    /// Where.
    pub exchange: ExchangeId,
    /// `BTC/USDT`.
    pub symbol: Symbol,
    /// What of it.
    pub dataset: Dataset,
    /// Candle width; of other datasets their grid.
    pub interval: Interval,
    /// Decimals of the price tick.
    pub price_decimals: u32,
    /// What it is doing.
    pub state: SeriesState,
    /// Newest ticker and when it came, by the local clock.
    pub ticker: Option<(Ticker, Time)>,
    /// The candle that has not closed yet, while a front end watches the series; never stored.
    pub forming: Option<Candle>,
    /// When that was asked for, by the local clock.
    pub forming_at: Option<Time>,
    /// Closes of the last two hours, oldest first, for the sparkline; `None` where one is missing.
    pub spark: Arc<[Option<f64>]>,
    /// End of the newest stored candle.
    pub last_candle_end: Option<Time>,
    /// The wanted range.
    pub wanted: TimeRange,
    /// How much of it is stored, explained, owed.
    pub coverage: CoverageView,
    /// When the oldest owed step is lost, because it falls out of the exchange's reach, and how many
    /// lie in one piece with it; `None` where nothing is owed or nothing falls.
    pub lost_at: Option<Loss>,
    /// The coming funding of a perpetual and when it was heard, by the local clock.
    pub forecast: Option<(FundingForecast, Time)>,
    /// Of trades, what a day of them takes; `None` where that is not known.
    pub day_of_trades: Option<TradesCost>,
    /// A number that grows whenever its stored candles change: charts reload on it.
    pub revision: u64,
}

impl SeriesView {
    /// Whether it has candles: a symbol that is recorded without them has no chart.
    pub fn has_candles(&self) -> bool {
        self.dataset == Dataset::Candles
    }

    /// The last price by whichever came later, the ticker or the candle that has not closed yet.
    pub fn last(&self) -> Option<Decimal> {
        let ticker = self.ticker.as_ref().map(|(ticker, at)| (*at, ticker.last));
        let forming = self.forming_at.zip(self.forming.map(|candle| candle.close));
        // Where both came at once the candle is shown beside its own close.
        forming.filter(|(at, _)| ticker.is_none_or(|(other, _)| other <= *at)).or(ticker).map(|(_, price)| price)
    }

    /// Whether its newest candle should have been followed by another one by now.
    pub fn is_late(&self, now: Time) -> bool {
        self.last_candle_end.is_some_and(|end| now.since(end) > self.interval.ms() + LATE_MS)
    }

    /// `BTC/USDT 1m`, `BTC/USDT trades`.
    pub fn name(&self) -> String {
        series_name(&self.symbol, self.dataset, self.interval)
    }
}

/// Steps that are about to be lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Loss {
    /// When the oldest of them is, by the exchange's clock.
    pub at: Time,
    /// How many are owed in one piece from it on.
    pub steps: u64,
    /// How far back the exchange serves them, in milliseconds.
    pub reach_ms: i64,
}

impl Loss {
    /// Whether half of the time in which they could be fetched has passed: a recorder fetches what is owed
    /// long before.
    pub fn is_pressing(&self, now: Time) -> bool {
        self.at.since(now) < self.reach_ms / 2
    }
}

/// Candles, or steps of another grid, of a wanted range by state; `stored + explained + queued = wanted`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CoverageView {
    /// Wanted in all.
    pub wanted: u64,
    /// Stored.
    pub stored: u64,
    /// The exchange has none, with evidence.
    pub explained: u64,
    /// Still to be fetched.
    pub queued: u64,
    /// Ranges that are missing or explained.
    pub gaps: u32,
}

impl CoverageView {
    /// Stored or explained, in percent; 100 where nothing is wanted yet. Never 100 while a candle
    /// is queued.
    pub fn percent(&self) -> f64 {
        if self.queued == 0 {
            return 100.0;
        }
        let percent = (self.stored + self.explained) as f64 / self.wanted.max(1) as f64 * 100.0;
        percent.min(99.9)
    }
}

/// A backfill job.
#[derive(Debug, Clone, PartialEq)]
pub struct JobView {
    /// Key.
    pub id: JobId,
    /// Whose.
    pub series: SeriesId,
    /// Where.
    pub exchange: ExchangeId,
    /// `BTC/USDT`.
    pub symbol: Symbol,
    /// What of it.
    pub dataset: Dataset,
    /// Candle width; of other datasets their grid.
    pub interval: Interval,
    /// Its range.
    pub range: TimeRange,
    /// State.
    pub state: JobState,
    /// Why it failed or what it waits for.
    pub note: Option<String>,
    /// Candles in the range.
    pub total: u64,
    /// Of these stored or explained.
    pub done: u64,
    /// Of these the exchange has none, with evidence.
    pub explained: u64,
    /// Candles stored a second, over the last few seconds.
    pub rate: f64,
    /// Milliseconds until it is done at this rate and within the budget.
    pub eta_ms: Option<i64>,
    /// When it was asked for.
    pub created_at: Time,
    /// When it ended.
    pub finished_at: Option<Time>,
}

impl JobView {
    /// `BTC/USDT 1m`, `BTC/USDT trades`.
    pub fn name(&self) -> String {
        full_name(self.exchange, &self.symbol, self.dataset, self.interval)
    }
}

/// Writing.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct IngestView {
    /// Candles stored a second, over the last few seconds.
    pub rate: f64,
    /// Candles stored since the start.
    pub candles: u64,
    /// Rows rejected since the start.
    pub rejected: u64,
    /// Pages that wait for the writer.
    pub queue: u32,
    /// Pages still to be fetched.
    pub backlog: u32,
    /// Last commit, by the local clock.
    pub last_write_at: Option<Time>,
    /// Bytes of the store's file and its log.
    pub store_bytes: u64,
    /// Readers in use, of how many.
    pub readers: (u32, u32),
}

/// Heartbeats since the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct HeartbeatView {
    /// When the recorder started.
    pub started_at: Option<Time>,
    /// Beats.
    pub beats: u64,
    /// Of these with a series that failed.
    pub failed: u64,
    /// Last beat, by the local clock.
    pub last_at: Option<Time>,
    /// How long the last beat took from the candle's close to the commit, in milliseconds.
    pub lag_ms: Option<i64>,
}

/// A line of the ingest log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEntry {
    /// Grows with every entry.
    pub id: i64,
    /// When, by the local clock.
    pub at: Time,
    /// How loud.
    pub level: LogLevel,
    /// `heartbeat`, `backfill`, `ingest`, `gaps`, `exchange`, `store`, `alerts`, `stream`.
    pub component: String,
    /// `BTC/USDT 1m`, where it concerns one series.
    pub series: Option<String>,
    /// What happened.
    pub message: String,
}
