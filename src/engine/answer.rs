//! Answers to a front end's reads, from the read-only pool.

mod rows;
#[cfg(test)]
mod tests;

use super::cells::cells;
use super::handle::QueryError;
use super::plan::{Terms, plan};
use super::query::{
    ChartData, CoverageCell, CoverageData, GapsData, InstrumentHit, LogFilter, LogPage, MAX_CHART_CANDLES, MAX_REVISIONS,
    Provenance, Query, Reply, Revised, TradesCost,
};
use super::volumes::Volumes;
use super::{observer, search, trade_count};
use crate::domain::instrument::{ExchangeId, Instrument};
use crate::domain::interval::Interval;
use crate::domain::range::{RangeSet, TimeRange};
use crate::domain::series::{Series, SeriesId};
use crate::domain::time::Time;
use crate::store::{
    Connection, StoreError, View, candles, coverage, gaps, ingest_log, instruments, reader, revisions, series, settings,
};

/// A candle that closed less than this ago is late, not missing: map and chart do not flicker at every
/// turn of a minute.
const LATE_MS: i64 = 60_000;

/// Answers a query; blocks. `now` is an exchange's time, which bounds what is wanted; `terms` price
/// what is to be fetched.
pub(super) fn answer(
    store: &View,
    query: &Query,
    now: &dyn Fn(ExchangeId) -> Time,
    terms: &dyn Fn(&Series) -> Terms,
) -> Result<Reply, QueryError> {
    store
        .readers()
        .with(|connection| match query {
            Query::Chart { series, interval, range } => chart(connection, *series, *interval, *range, now).map(Reply::Chart),
            Query::Candle { series, range } => provenance(connection, *series, *range).map(Reply::Candle),
            Query::Instruments { needle, limit } => {
                found(connection, needle, *limit, &Volumes::default(), &|_| None).map(Reply::Instruments)
            }
            Query::Coverage { range, cell } => map(connection, *range, *cell, now).map(Reply::Coverage),
            Query::Gaps { series, range } => missing(connection, *series, *range, now, terms).map(Reply::Gaps),
            Query::Log { before, limit, filter } => log(connection, *before, *limit, filter).map(Reply::Log),
            Query::Tape { series, limit } => rows::tape(connection, *series, *limit).map(Reply::Tape),
            Query::Funding { series, range } => rows::newest(connection, *series, *range).map(Reply::Funding),
            Query::OpenInterest { series, range } => rows::newest(connection, *series, *range).map(Reply::OpenInterest),
            Query::Remembered { key } => settings::get(connection, key).map(Reply::Remembered),
            Query::InstrumentCount => instruments::count(connection).map(Reply::InstrumentCount),
        })
        .map_err(|error| QueryError(error.to_string()))
}

/// Answers [`Query::Instruments`] by what is known of their volumes and of a day of their trades; blocks.
pub(super) fn instruments(
    store: &View,
    needle: &str,
    limit: usize,
    volumes: &Volumes,
    day_of_trades: &dyn Fn(&Instrument) -> Option<TradesCost>,
) -> Result<Reply, QueryError> {
    let found = store.readers().with(|connection| found(connection, needle, limit, volumes, day_of_trades));
    found.map(Reply::Instruments).map_err(|error| QueryError(error.to_string()))
}

fn chart(
    connection: &Connection,
    id: SeriesId,
    interval: Interval,
    range: TimeRange,
    now: &dyn Fn(ExchangeId) -> Time,
) -> Result<ChartData, StoreError> {
    let series = known(connection, id)?;
    let range = interval.outer(range);
    let range = TimeRange::new(range.from.max(range.to.plus_ms(-MAX_CHART_CANDLES * interval.ms())), range.to);
    let mut candles = Vec::new();
    reader::each_folded(connection, &series, interval, range, |candle| {
        candles.push(candle);
        Ok(true)
    })?;
    let gaps = reader::missing(connection, &series, range.intersect(due(&series, now)))?;
    Ok(ChartData { series: id, interval, range, candles, gaps, bounds: series::bounds(connection, id)? })
}

fn known(connection: &Connection, id: SeriesId) -> Result<Series, StoreError> {
    series::get(connection, id)?.ok_or_else(|| StoreError::Corrupt("the series is gone".into()))
}

fn map(
    connection: &Connection,
    range: TimeRange,
    cell: CoverageCell,
    now: &dyn Fn(ExchangeId) -> Time,
) -> Result<CoverageData, StoreError> {
    let edges = cell.edges(range);
    let mut rows = Vec::new();
    if let (Some(from), Some(to)) = (edges.first(), edges.last()) {
        let window = TimeRange::new(*from, *to);
        for series in series::all(connection)?.into_iter().filter(|series| series.active) {
            let stored = coverage::touching(connection, series.id, window)?;
            let noted = gaps::overlapping(connection, series.id, window)?;
            rows.push((series.id, cells(&edges, due(&series, now), &stored, &noted, series.reach_ms)));
        }
    }
    Ok(CoverageData { cell, edges, series: rows })
}

/// What is wanted of a series and not merely late.
fn due(series: &Series, now: &dyn Fn(ExchangeId) -> Time) -> TimeRange {
    series.wanted(now(series.instrument.exchange).plus_ms(-LATE_MS))
}

/// What is queued in the range is planned; where nothing of it is wanted, what lies between its
/// start and the wanted range, because that grows as one piece.
fn missing(
    connection: &Connection,
    id: SeriesId,
    range: TimeRange,
    now: &dyn Fn(ExchangeId) -> Time,
    terms: &dyn Fn(&Series) -> Terms,
) -> Result<GapsData, StoreError> {
    let series = known(connection, id)?;
    let terms = &terms(&series);
    let all = due(&series, now);
    let wanted = range.intersect(all);
    let gaps = reader::missing(connection, &series, wanted)?;
    let queued: RangeSet = gaps.iter().filter(|gap| !gap.reason.is_explained()).map(|gap| gap.range).collect();
    let widens = wanted.is_empty() && range.from < all.from;
    let due = if widens {
        let before = series.interval.inner(TimeRange::new(range.from, all.from));
        RangeSet::from(before).minus(&coverage::touching(connection, id, before)?)
    } else {
        queued
    };
    let rows = match terms.trades {
        // What a request for them brings is not known where another process asks.
        Some(_) if terms.budget.is_some() => trade_count::expected(connection, &series, &due, terms.daily_trades)?,
        _ => None,
    };
    let plan = plan(&due, widens, series.interval, terms, rows);
    Ok(GapsData { series: id, range, wanted, gaps, reach_ms: series.reach_ms, plan })
}

fn log(connection: &Connection, before: Option<i64>, limit: usize, filter: &LogFilter) -> Result<LogPage, StoreError> {
    let names = series::all(connection)?.iter().map(|series| (series.id.0, series.name())).collect();
    let mut entries = Vec::new();
    let is_first = ingest_log::each_before(connection, before.unwrap_or(i64::MAX), |entry| {
        let entry = observer::log_entry(entry, &names);
        if filter.admits(&entry) {
            entries.push(entry);
        }
        entries.len() < limit
    })?;
    entries.reverse();
    Ok(LogPage { entries, is_first })
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

fn found(
    connection: &Connection,
    needle: &str,
    limit: usize,
    volumes: &Volumes,
    day_of_trades: &dyn Fn(&Instrument) -> Option<TradesCost>,
) -> Result<Vec<InstrumentHit>, StoreError> {
    let recorded = series::all(connection)?;
    let mut list = Vec::new();
    for exchange in ExchangeId::ALL {
        list.extend(instruments::all(connection, exchange)?);
    }
    let ranked = search::rank(needle, &list, |instrument| volumes.of(instrument));
    let hits = ranked.into_iter().take(limit).map(|instrument| InstrumentHit {
        symbol: instrument.symbol.to_string(),
        exchange: instrument.exchange.name(),
        status: instrument.status.name(),
        recorded: recorded.iter().any(|series| series.active && *series.instrument == *instrument),
        quote: instrument.quote.clone(),
        volume_24h: volumes.of(instrument),
        day_of_trades: day_of_trades(instrument),
    });
    Ok(hits.collect())
}
