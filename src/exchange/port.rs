//! The port that every exchange adapter fills, and that the engine alone knows.

use super::error::ExchangeError;
use super::health::{Block, Health};
use super::stream::Protocol;
use crate::domain::candle::{Candle, Source};
use crate::domain::dataset::Dataset;
use crate::domain::funding::{Funding, FundingForecast};
use crate::domain::instrument::{ExchangeId, Instrument};
use crate::domain::interval::Interval;
use crate::domain::open_interest::OpenInterest;
use crate::domain::page::BadRow;
use crate::domain::range::TimeRange;
use crate::domain::ticker::Ticker;
use crate::domain::time::Time;
use crate::domain::trade::Trade;
use std::future::{Future, ready};
use std::pin::Pin;
use std::sync::Arc;

/// A future that a trait object can return.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Whose share of the budget a request draws from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lane {
    /// The present: heartbeats and tickers. May use the whole budget.
    Live,
    /// The past. Leaves the live share untouched.
    Backfill,
}

/// An end of an instrument's history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edge {
    /// Its first candle.
    First,
    /// Its newest candle.
    Newest,
}

/// A request for closed candles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CandleRequest {
    /// Of what.
    pub instrument: Arc<Instrument>,
    /// Candle width.
    pub interval: Interval,
    /// Asked range on the grid; at most [`Exchange::page_limit`] candles.
    pub range: TimeRange,
    /// Whose budget.
    pub lane: Lane,
}

/// One answer to a [`CandleRequest`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CandlePage {
    /// Path and query that were asked, without the host: evidence.
    pub endpoint: String,
    /// When it was asked, by the local clock.
    pub asked_at: Time,
    /// When the whole answer was there, by the local clock.
    pub received_at: Time,
    /// Rows in the order in which they came, each a candle or a row that is none.
    pub rows: Vec<Result<Candle, BadRow>>,
    /// The exchange's candles, or folded from its trades.
    pub source: Source,
    /// Ranges on the grid in which the answer itself proves that nothing traded, with the proof in a
    /// line: two trades whose numbers follow each other enclose them. Only where a source leaves such
    /// candles out.
    pub quiet: Vec<(TimeRange, String)>,
}

/// A request for the rows of another dataset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowsRequest {
    /// Of what.
    pub instrument: Arc<Instrument>,
    /// Asked range on the dataset's grid; at most [`Exchange::page_limit`] steps.
    pub range: TimeRange,
    /// Where the page before this one ended; `None` for the first of a range.
    pub cursor: Option<Cursor>,
    /// Whose budget.
    pub lane: Lane,
}

/// A place in an exchange's list, in its adapter's own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor(pub String);

/// One answer to a [`RowsRequest`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowsPage<T> {
    /// Path and query that were asked, without the host: evidence.
    pub endpoint: String,
    /// When it was asked, by the local clock.
    pub asked_at: Time,
    /// When the whole answer was there, by the local clock.
    pub received_at: Time,
    /// Rows of the asked range in the order in which they came, each sound or a row that is none.
    pub rows: Vec<Result<T, BadRow>>,
    /// The part of the asked range, to the millisecond, of which this page holds every row that the
    /// exchange has. The pages of a range join without a seam.
    pub complete: TimeRange,
    /// How to go on; `None` where the range is exhausted.
    pub next: Option<Cursor>,
}

/// A single request for trades.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TradesRequest {
    /// Rows that it brings at most.
    pub rows: usize,
    /// What it costs of the budget that [`Health`] tells.
    pub weight: u32,
}

/// What an exchange serves of a dataset, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Service {
    /// How far back its rows reach from now, in milliseconds; `None`: to the listing. What is older is
    /// lost for good.
    pub reach_ms: Option<i64>,
    /// Whether its stream brings new rows.
    pub streams: bool,
}

/// An exchange as the engine sees it. Every request waits for its share of the rate budget, holds the
/// circuit breaker's and bans' silence (failing at once with [`ExchangeError::CircuitOpen`],
/// `RateLimited` or `Banned` where it would have to wait), and is attempted once: retrying is the
/// caller's, by [`ExchangeError::retry`]. A call is one request, but where an exchange has candles
/// only as trades, its list in parts, or a first candle that has to be searched for.
///
/// What an exchange does not serve (`service`) is refused with [`ExchangeError::NotServed`], without
/// a request.
pub trait Exchange: Send + Sync {
    /// Which.
    fn id(&self) -> ExchangeId;

    /// Most steps of the grid that one request for a range may ask for: candles, or steps of the
    /// dataset's grid.
    fn page_limit(&self, dataset: Dataset, interval: Interval) -> usize;

    /// What a page of that size costs of the budget that [`Health`] tells: its share of a minute where the
    /// exchange counts by itself what it belongs to, and an estimate where a page takes several requests.
    fn page_weight(&self, instrument: &Instrument, dataset: Dataset, interval: Interval) -> u32;

    /// What a single request for trades brings at most and costs: pages of trades take several.
    fn trades_request(&self) -> TradesRequest;

    /// What it serves of a dataset; `Err` says in a line why an instrument or interval is not served.
    fn service(&self, instrument: &Instrument, dataset: Dataset, interval: Interval) -> Result<Service, String>;

    /// The whole instrument list; the budget's limits are learned with it.
    fn instruments(&self) -> BoxFuture<'_, Result<Vec<Instrument>, ExchangeError>>;

    /// One page of candles.
    fn candles(&self, request: CandleRequest) -> BoxFuture<'_, Result<CandlePage, ExchangeError>>;

    /// The first or the newest candle that the exchange has of an instrument, as a page of at most
    /// one row; the newest one may still be forming.
    fn edge_candle(
        &self,
        instrument: Arc<Instrument>,
        interval: Interval,
        edge: Edge,
    ) -> BoxFuture<'_, Result<CandlePage, ExchangeError>>;

    /// One page of trades.
    fn trades(&self, request: RowsRequest) -> BoxFuture<'_, Result<RowsPage<Trade>, ExchangeError>> {
        Box::pin(ready(Err(not_served(self.id(), "trades", &request.instrument))))
    }

    /// One page of settled funding rates.
    fn funding(&self, request: RowsRequest) -> BoxFuture<'_, Result<RowsPage<Funding>, ExchangeError>> {
        Box::pin(ready(Err(not_served(self.id(), "funding", &request.instrument))))
    }

    /// One page of open interest.
    fn open_interest(&self, request: RowsRequest) -> BoxFuture<'_, Result<RowsPage<OpenInterest>, ExchangeError>> {
        Box::pin(ready(Err(not_served(self.id(), "open interest", &request.instrument))))
    }

    /// What will be settled next.
    fn funding_forecast(&self, instrument: Arc<Instrument>) -> BoxFuture<'_, Result<FundingForecast, ExchangeError>> {
        Box::pin(ready(Err(not_served(self.id(), "funding", &instrument))))
    }

    /// Tickers of these instruments; unknown ones are left out.
    fn tickers(&self, instruments: Vec<Arc<Instrument>>) -> BoxFuture<'_, Result<Vec<Ticker>, ExchangeError>>;

    /// Its streaming protocol, where it has one.
    fn protocol(&self) -> Option<Arc<dyn Protocol>> {
        None
    }

    /// Measures the exchange's clock; the offset is kept in [`Health`].
    fn sync_clock(&self) -> BoxFuture<'_, Result<Time, ExchangeError>>;

    /// The exchange's present time by the last measured offset; the local clock before that.
    fn now(&self) -> Time;

    /// How it serves us.
    fn health(&self) -> Health;

    /// Holds a silence that an earlier run was told of.
    fn restore_block(&self, block: Block);
}

/// The refusal of a dataset that an exchange does not have.
fn not_served(exchange: ExchangeId, what: &str, instrument: &Instrument) -> ExchangeError {
    ExchangeError::NotServed(format!("{exchange} has no {what} of {}", instrument.symbol))
}
