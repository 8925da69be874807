//! What streams bring beside candles and tickers, on its way to the datasets that keep it.

use crate::domain::funding::FundingForecast;
use crate::domain::instrument::Instrument;
use crate::domain::open_interest::OpenInterest;
use crate::domain::trade::Trade;
use crate::exchange::port::BoxFuture;
use std::sync::Arc;

/// Rows of one instrument, in the order in which they came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::engine) enum Rows {
    /// Trades; none is left out within a batch, and any may come twice.
    Trades(Arc<Instrument>, Vec<Trade>),
    /// Open interest.
    OpenInterest(Arc<Instrument>, OpenInterest),
    /// The newest estimate of the next funding.
    Forecast(Arc<Instrument>, FundingForecast),
}

/// Takes rows of streams in. Topics of datasets beside candles are subscribed to where the recorder has
/// one. While it takes its time, the sockets are held up: nothing piles up in memory.
pub(in crate::engine) trait RowSink: Send + Sync {
    /// Takes rows in; what cannot be stored is for requests to fetch.
    fn take(&self, rows: Rows) -> BoxFuture<'_, ()>;
}
