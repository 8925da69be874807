//! What streams bring beside candles and tickers, on its way to the datasets that keep it.

use super::carried;
use crate::domain::instrument::Instrument;
use crate::domain::trade::Trade;
use crate::engine::core::Core;
use crate::engine::rows::store_trades;
use crate::exchange::stream::{Subscription, Topic};
use std::sync::Arc;

/// Trades of one instrument, in the order in which they came; none is left out within a batch, and any may
/// come twice.
pub(super) type Batch = (Arc<Instrument>, Vec<Trade>);

/// Stores a batch where its trades are recorded. While the store takes its time, the sockets are held up:
/// nothing piles up in memory. What cannot be stored stays owed, and requests fetch it.
pub(super) async fn take_in(core: &Core, (instrument, trades): Batch) {
    let Some(series) = carried(core, &Subscription { instrument, topic: Topic::Trades }) else { return };
    if let Err(error) = store_trades(core, &series, trades).await {
        tracing::warn!(%error, series = series.name(), "trades of a stream were not stored");
    }
}
