//! How many trades a range is likely to hold: what plans of trades rest on.

use crate::domain::dataset::Dataset;
use crate::domain::interval::Interval;
use crate::domain::range::{RangeSet, TimeRange};
use crate::domain::series::Series;
use crate::domain::time::{DAY_MS, HOUR_MS};
use crate::domain::trade::Trade;
use crate::store::rows::{Place, Table as _};
use crate::store::{Connection, StoreError, coverage, reader, series, trades};

/// Wider ranges are summed by the hour or the day.
const BY_HOUR_MS: i64 = 2 * DAY_MS;
const BY_DAY_MS: i64 = 60 * DAY_MS;

/// Of a neighbouring range so much is looked at.
const NEAR_MS: i64 = DAY_MS;

/// Of stored trades so much is counted at most.
const SAMPLE_MS: i64 = HOUR_MS;
const SAMPLE: usize = 20_000;

/// Trades by which executions are told from rows: an exchange may join several in one.
const RATIO_SAMPLE: usize = 500;

/// Rows of trades that `due` holds, about: by the executions that stored candles of the range count, else by those
/// of the candles next to it, else by stored trades next to it, else by `daily` executions. `None` where nothing
/// of that is known.
pub(super) fn expected(
    connection: &Connection,
    series: &Series,
    due: &RangeSet,
    daily: Option<u64>,
) -> Result<Option<u64>, StoreError> {
    let due_ms: i64 = due.ranges().iter().map(|range| range.duration_ms()).sum();
    let place = Place::of(connection, series.id, series.instrument.scales)?;
    let per_ms = match (counted(connection, series, due)?, place, daily) {
        (Some(executions), Some(place), _) => Some(executions * rows_of_execution(connection, place)?),
        (Some(executions), None, _) => Some(executions),
        (None, place, daily) => match place.map(|place| stored(connection, series, place, due)).transpose()?.flatten() {
            Some(rows) => Some(rows),
            None => daily.map(|trades| trades as f64 / DAY_MS as f64),
        },
    };
    Ok(per_ms.map(|per_ms| (per_ms * due_ms as f64).round() as u64))
}

/// Executions a millisecond, by candles of the same market.
fn counted(connection: &Connection, series: &Series, due: &RangeSet) -> Result<Option<f64>, StoreError> {
    let all = series::all(connection)?;
    let own = |one: &&Series| one.dataset == Dataset::Candles && one.instrument == series.instrument;
    let Some(candles) = all.iter().filter(own).min_by_key(|one| one.interval) else { return Ok(None) };
    let (mut executions, mut counted_ms) = (0_i64, 0_i64);
    for range in due.ranges() {
        let (sum, ms) = sum(connection, candles, *range)?;
        executions += sum;
        counted_ms += ms;
    }
    if counted_ms == 0
        && let Some(near) = near(connection, candles, due, NEAR_MS)?
    {
        (executions, counted_ms) = sum(connection, candles, near)?;
    }
    Ok((counted_ms > 0).then(|| executions as f64 / counted_ms as f64))
}

/// Executions of the stored candles of a range, and the time of those that tell.
fn sum(connection: &Connection, candles: &Series, range: TimeRange) -> Result<(i64, i64), StoreError> {
    let width = match range.duration_ms() {
        BY_DAY_MS.. => Interval::D1,
        BY_HOUR_MS.. => Interval::H1,
        _ => candles.interval,
    };
    let width = if width.folds_from(candles.interval) { width } else { candles.interval };
    let range = width.outer(range);
    let stored = coverage::touching(connection, candles.id, range)?;
    let (mut executions, mut told_ms) = (0, 0);
    reader::each_folded(connection, candles, width, range, |candle| {
        if let Some(count) = candle.trade_count {
            let whole = TimeRange::new(candle.open_time, candle.open_time.plus_ms(width.ms()));
            // Of a wide candle that is not stored whole less was counted.
            let held: i64 = stored.ranges().iter().map(|held| held.intersect(whole).duration_ms().max(0)).sum();
            executions += count;
            told_ms += held;
        }
        Ok(true)
    })?;
    Ok((executions, told_ms))
}

/// A stored stretch of at most `length_ms` next to what is due: before it, else behind it.
fn near(connection: &Connection, of: &Series, due: &RangeSet, length_ms: i64) -> Result<Option<TimeRange>, StoreError> {
    let (Some(first), Some(last)) = (due.ranges().first(), due.ranges().last()) else { return Ok(None) };
    let stored = coverage::all(connection, of.id)?;
    let before = stored.ranges().iter().rev().find(|held| held.from < first.from).map(|held| {
        let to = held.to.min(first.from);
        TimeRange::new(held.from.max(to.plus_ms(-length_ms)), to)
    });
    let behind = || {
        stored.ranges().iter().find(|held| held.to > last.to).map(|held| {
            let from = held.from.max(last.to);
            TimeRange::new(from, held.to.min(from.plus_ms(length_ms)))
        })
    };
    Ok(before.or_else(behind).filter(|near| !near.is_empty()))
}

/// Rows a millisecond, by stored trades next to what is due.
fn stored(connection: &Connection, series: &Series, place: Place, due: &RangeSet) -> Result<Option<f64>, StoreError> {
    let Some(sample) = near(connection, series, due, SAMPLE_MS)? else { return Ok(None) };
    let (mut rows, mut end) = (0_usize, sample.to);
    Trade::each(connection, place, sample, |trade| {
        rows += 1;
        if rows == SAMPLE {
            end = trade.time;
        }
        Ok(rows < SAMPLE)
    })?;
    Ok(Some(rows as f64 / end.since(sample.from).max(1) as f64))
}

/// Rows to an execution, by the newest stored trades; 1 where none is stored.
fn rows_of_execution(connection: &Connection, place: Place) -> Result<f64, StoreError> {
    let newest = trades::newest(connection, place, RATIO_SAMPLE)?;
    let executions: i64 = newest.iter().map(|trade| trade.fills.unwrap_or(1).max(1)).sum();
    Ok(if newest.is_empty() { 1.0 } else { newest.len() as f64 / executions as f64 })
}

#[cfg(test)]
mod tests;
