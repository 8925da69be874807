//! What a backfill of trades takes, told before it begins.

use super::plan::{Terms, plan};
use super::query::FetchPlan;
use super::trade_count::expected;
use crate::domain::range::{RangeSet, TimeRange};
use crate::domain::series::Series;
use crate::exchange::port::Exchange;
use crate::store::{Store, StoreError, reader};
use std::sync::Arc;

/// What it takes to fetch what is owed of `range`, with `at_once` requests at a time. Of trades the exchange is
/// asked for the day's number first where the store tells nothing; one that does not answer leaves that unknown.
/// `None` where nothing is owed.
///
/// # Errors
/// Where the store cannot be read.
pub async fn price(
    store: &Store,
    exchange: &Arc<dyn Exchange>,
    series: &Series,
    range: TimeRange,
    at_once: usize,
) -> Result<Option<FetchPlan>, StoreError> {
    let terms = Terms::of(exchange.as_ref(), series, at_once);
    let (due, known) = store.readers().with(|connection| {
        let gaps = reader::missing(connection, series, range)?;
        let due: RangeSet = gaps.iter().filter(|gap| !gap.reason.is_explained()).map(|gap| gap.range).collect();
        let known = if terms.trades.is_some() { expected(connection, series, &due, None)? } else { None };
        Ok((due, known))
    })?;
    let rows = match known {
        None if terms.trades.is_some() => {
            let told = exchange.tickers(vec![Arc::clone(&series.instrument)]).await.ok();
            let daily = told.and_then(|tickers| tickers.first().and_then(|ticker| ticker.trades_24h));
            store.readers().with(|connection| expected(connection, series, &due, daily))?
        }
        known => known,
    };
    Ok(plan(&due, false, series.interval, &terms, rows))
}
