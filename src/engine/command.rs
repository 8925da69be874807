//! What a front end may ask the engine to do.

use crate::domain::alert::{AlertId, Condition};
use crate::domain::dataset::Dataset;
use crate::domain::format::Format;
use crate::domain::instrument::ExchangeId;
use crate::domain::interval::Interval;
use crate::domain::range::TimeRange;
use crate::domain::series::{JobId, SeriesId};
use crate::domain::time::Time;

/// How far back a new series or a backfill reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// From the present on.
    Now,
    /// This many milliseconds back from the exchange's present.
    Last(i64),
    /// From a date on.
    Time(Time),
    /// From the first candle that the exchange has.
    Listing,
}

/// A request to the engine. Each is answered by a [`Outcome`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Register symbols and record them.
    Add {
        /// As typed: `BTC/USDT`, `btcusdt`, `binance:ETH/USDT`.
        symbols: Vec<String>,
        /// Where a symbol names no exchange itself.
        exchange: ExchangeId,
        /// What of them.
        datasets: Vec<Dataset>,
        /// Width of candles; other datasets have a grid of their own.
        interval: Interval,
        /// Past that is wanted too.
        since: Since,
    },
    /// Stop recording; the data stays.
    Remove {
        /// Which.
        series: SeriesId,
    },
    /// Widen the wanted range and fetch it.
    Backfill {
        /// Which.
        series: SeriesId,
        /// Start of the range.
        since: Since,
        /// End (exclusive); the present where `None`.
        to: Option<Time>,
    },
    /// Hold a job.
    Pause(JobId),
    /// Let a held or failed job go on.
    Resume(JobId),
    /// Put an unfinished job one place forward, or back. The first gets every other page.
    Reorder {
        /// Which.
        job: JobId,
        /// Forward.
        up: bool,
    },
    /// End a job; the wanted range shrinks to what is stored.
    Cancel(JobId),
    /// Beat now, look for gaps now.
    Refresh,
    /// Add an alert, or change one.
    PutAlert {
        /// The alert to change; a new one where `None`.
        alert: Option<AlertId>,
        /// Whose.
        series: SeriesId,
        /// When it fires.
        condition: Condition,
        /// Whether it is watched.
        active: bool,
    },
    /// Delete an alert with its firings.
    DeleteAlert(AlertId),
    /// Keep a value of the front end's own in the store.
    Remember {
        /// The front end's name for it.
        key: String,
        /// Any text.
        value: String,
    },
    /// Fetch the lists of instruments of all exchanges, where the cached ones are too old or missing.
    RefreshInstruments,
    /// Ask what was traded of the instruments that this text finds first, where that is not known: the next
    /// [`Query::Instruments`](super::query::Query::Instruments) tells it.
    Volumes {
        /// As typed.
        needle: String,
    },
    /// Somebody looks at this series and at no other: its forming candle is kept in the snapshot, where it has
    /// candles, and what else is told of its market is asked for more often.
    Watch(Option<SeriesId>),
}

/// The answer to a command, in words for a person.
pub type Outcome = Result<Done, String>;

/// A command that was carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// One line for a toast.
    pub message: String,
    /// The series that it concerned.
    pub series: Vec<SeriesId>,
    /// The job that it started, if one.
    pub job: Option<JobId>,
}

impl Done {
    /// An outcome that is words alone.
    pub fn said(message: impl Into<String>) -> Self {
        Self { message: message.into(), series: Vec::new(), job: None }
    }
}

/// A range of a series to write to a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportRequest {
    /// Which.
    pub series: SeriesId,
    /// Candle width of the file; folded exactly where it is wider than the series'.
    pub interval: Interval,
    /// `[from, to)`.
    pub range: TimeRange,
    /// `csv`, `json` or `parquet`.
    pub format: Format,
    /// Where to write.
    pub path: std::path::PathBuf,
}
