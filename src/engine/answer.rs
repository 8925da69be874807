//! Answers to a front end's reads, from the read-only pool.

use super::handle::QueryError;
use super::query::{ChartData, InstrumentHit, MAX_CHART_CANDLES, Query, Reply};
use super::search;
use crate::domain::instrument::ExchangeId;
use crate::domain::interval::Interval;
use crate::domain::range::TimeRange;
use crate::domain::series::SeriesId;
use crate::domain::time::Time;
use crate::store::{Connection, Store, StoreError, instruments, reader, series};

/// Answers a query; blocks. `now` is the exchange's time, which bounds what is wanted.
pub(super) fn answer(store: &Store, query: &Query, now: Time) -> Result<Reply, QueryError> {
    store
        .readers()
        .with(|connection| match query {
            Query::Chart { series, interval, range } => chart(connection, *series, *interval, *range, now).map(Reply::Chart),
            Query::Instruments { needle, limit } => found(connection, needle, *limit).map(Reply::Instruments),
            Query::InstrumentCount => instruments::count(connection).map(Reply::InstrumentCount),
        })
        .map_err(|error| QueryError(error.to_string()))
}

fn chart(
    connection: &Connection,
    id: SeriesId,
    interval: Interval,
    range: TimeRange,
    now: Time,
) -> Result<ChartData, StoreError> {
    let series = series::get(connection, id)?.ok_or_else(|| StoreError::Corrupt("the series is gone".into()))?;
    let range = interval.outer(range);
    let range = TimeRange::new(range.from.max(range.to.plus_ms(-MAX_CHART_CANDLES * interval.ms())), range.to);
    let mut candles = Vec::new();
    reader::each_folded(connection, &series, interval, range, |candle| {
        candles.push(candle);
        Ok(true)
    })?;
    let gaps = reader::missing(connection, &series, range.intersect(series.wanted(now)))?;
    Ok(ChartData { series: id, interval, range, candles, gaps, bounds: series::bounds(connection, id)? })
}

fn found(connection: &Connection, needle: &str, limit: usize) -> Result<Vec<InstrumentHit>, StoreError> {
    let recorded = series::all(connection)?;
    let mut hits = Vec::new();
    for exchange in ExchangeId::ALL {
        let list = instruments::all(connection, exchange)?;
        hits.extend(search::rank(needle, &list).into_iter().take(limit).map(|instrument| InstrumentHit {
            symbol: instrument.symbol.to_string(),
            exchange: exchange.name(),
            status: instrument.status.name(),
            recorded: recorded.iter().any(|series| series.active && *series.instrument == *instrument),
        }));
    }
    hits.truncate(limit);
    Ok(hits)
}
