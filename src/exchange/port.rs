//! The port that every exchange adapter fills, and that the engine alone knows.

use super::error::ExchangeError;
use super::health::{Block, Health};
use crate::domain::candle::Candle;
use crate::domain::instrument::{ExchangeId, Instrument};
use crate::domain::interval::Interval;
use crate::domain::page::BadRow;
use crate::domain::range::TimeRange;
use crate::domain::ticker::Ticker;
use crate::domain::time::Time;
use std::future::Future;
use std::pin::Pin;

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
    /// The exchange's own symbol.
    pub native: String,
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
}

/// An exchange as the engine sees it. Every call waits for its share of the rate budget, holds the
/// circuit breaker's and bans' silence (failing at once with [`ExchangeError::CircuitOpen`],
/// `RateLimited` or `Banned` where it would have to wait), and makes one attempt: retrying is the
/// caller's, by [`ExchangeError::retry`].
pub trait Exchange: Send + Sync {
    /// Which.
    fn id(&self) -> ExchangeId;

    /// Most candles that one request may ask for.
    fn page_limit(&self) -> usize;

    /// The whole instrument list; the budget's limits are learned with it.
    fn instruments(&self) -> BoxFuture<'_, Result<Vec<Instrument>, ExchangeError>>;

    /// One page of candles.
    fn candles(&self, request: CandleRequest) -> BoxFuture<'_, Result<CandlePage, ExchangeError>>;

    /// The first or the newest candle that the exchange has of an instrument, as a page of at most
    /// one row; the newest one may still be forming.
    fn edge_candle(&self, native: String, interval: Interval, edge: Edge) -> BoxFuture<'_, Result<CandlePage, ExchangeError>>;

    /// Tickers of these native symbols; unknown ones are left out.
    fn tickers(&self, natives: Vec<String>) -> BoxFuture<'_, Result<Vec<Ticker>, ExchangeError>>;

    /// Measures the exchange's clock; the offset is kept in [`Health`].
    fn sync_clock(&self) -> BoxFuture<'_, Result<Time, ExchangeError>>;

    /// The exchange's present time by the last measured offset; the local clock before that.
    fn now(&self) -> Time;

    /// How it serves us.
    fn health(&self) -> Health;

    /// Holds a silence that an earlier run was told of.
    fn restore_block(&self, block: Block);
}
