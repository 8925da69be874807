//! Answers to a front end's reads, from the read-only pool.

use super::handle::QueryError;
use super::query::{ChartData, InstrumentHit, MAX_CHART_CANDLES, MAX_REVISIONS, Provenance, Query, Reply, Revised};
use super::search;
use crate::domain::instrument::ExchangeId;
use crate::domain::interval::Interval;
use crate::domain::range::TimeRange;
use crate::domain::series::SeriesId;
use crate::domain::time::Time;
use crate::store::{Connection, Store, StoreError, candles, instruments, reader, revisions, series};

/// Answers a query; blocks. `now` is the exchange's time, which bounds what is wanted.
pub(super) fn answer(store: &Store, query: &Query, now: Time) -> Result<Reply, QueryError> {
    store
        .readers()
        .with(|connection| match query {
            Query::Chart { series, interval, range } => chart(connection, *series, *interval, *range, now).map(Reply::Chart),
            Query::Candle { series, range } => provenance(connection, *series, *range).map(Reply::Candle),
            Query::Instruments { needle, limit } => found(connection, needle, *limit).map(Reply::Instruments),
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

fn provenance(connection: &Connection, id: SeriesId, range: TimeRange) -> Result<Option<Provenance>, StoreError> {
    let Some(origin) = candles::origin(connection, id, range)? else { return Ok(None) };
    let revised = |revision: revisions::Revision| Revised {
        open_time: revision.open_time,
        found_at: revision.found_at,
        field: revision.field,
        old: revision.old_value,
        new: revision.new_value,
    };
    let revisions = revisions::within(connection, id, range, MAX_REVISIONS)?.into_iter().map(revised).collect();
    Ok(Some(Provenance { candles: origin.candles, source: origin.source, fetched_at: origin.fetched_at, revisions }))
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
