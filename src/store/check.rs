//! Proves the store's ledgers against its rows.

use super::error::StoreError;
use super::rows::{Place, Table};
use super::{candles, coverage, gaps, reader, rollup, series};
use crate::domain::aggregate::fold_all;
use crate::domain::dataset::Dataset;
use crate::domain::funding::Funding;
use crate::domain::interval::Interval;
use crate::domain::open_interest::OpenInterest;
use crate::domain::range::{RangeSet, TimeRange};
use crate::domain::series::Series;
use crate::domain::time::Time;
use crate::domain::trade::Trade;
use rusqlite::Connection;

/// What a check of one series found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeriesCheck {
    /// Which.
    pub series: Series,
    /// The wanted range that was checked.
    pub wanted: TimeRange,
    /// Candles wanted.
    pub wanted_candles: u64,
    /// Candles stored inside the wanted range.
    pub stored: u64,
    /// Candles that are missing and explained.
    pub explained: u64,
    /// Candles that are owed.
    pub queued: u64,
    /// What is wrong; empty for a sound series.
    pub faults: Vec<String>,
}

/// `PRAGMA integrity_check`: what SQLite finds wrong with the file; empty when it is sound.
pub fn integrity(connection: &Connection) -> Result<Vec<String>, StoreError> {
    let mut statement = connection.prepare("PRAGMA integrity_check")?;
    let rows: Vec<String> = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    Ok(rows.into_iter().filter(|row| row != "ok").collect())
}

/// Checks one series: coverage against rows, rows against the rules and the grid, gaps against
/// coverage, rollups against rows. `now` bounds the wanted range.
pub fn check(connection: &Connection, series: &Series, now: Time) -> Result<SeriesCheck, StoreError> {
    let wanted = series.wanted(now);
    let noted = coverage::all(connection, series.id)?;
    let mut faults = Vec::new();
    let held = held(connection, series, &noted, &mut faults)?;
    if held != noted {
        let unknown = held.minus(&noted);
        let empty = noted.minus(&held);
        faults.push(format!(
            "coverage differs from the rows: {} ranges stored and not noted, {} noted and not stored",
            unknown.ranges().len(),
            empty.ranges().len()
        ));
    }
    let known = gaps::all(connection, series.id)?;
    let overlapping = known.iter().filter(|gap| !held.within(gap.range).is_empty()).count();
    if overlapping > 0 {
        faults.push(format!("{overlapping} gaps lie over what is stored"));
    }
    if series.dataset == Dataset::Candles {
        check_rollups(connection, series, &held, &mut faults)?;
    }
    let missing = reader::missing(connection, series, wanted)?;
    let count = |explained: bool| -> i64 {
        missing.iter().filter(|gap| gap.reason.is_explained() == explained).map(|gap| series.interval.count(gap.range)).sum()
    };
    Ok(SeriesCheck {
        series: series.clone(),
        wanted,
        wanted_candles: series.interval.count(wanted).unsigned_abs(),
        stored: held.within(wanted).ranges().iter().map(|range| series.interval.count(*range)).sum::<i64>().unsigned_abs(),
        explained: count(true).unsigned_abs(),
        queued: count(false).unsigned_abs(),
        faults,
    })
}

/// Writes coverage anew from the rows and drops gaps that lie over them; call within a transaction.
pub fn rebuild(connection: &Connection) -> Result<(), StoreError> {
    for series in series::all(connection)? {
        let noted = coverage::all(connection, series.id)?;
        let held = held(connection, &series, &noted, &mut Vec::new())?;
        coverage::replace(connection, series.id, &noted, &held)?;
        let before = gaps::all(connection, series.id)?;
        let mut after = Vec::new();
        for gap in &before {
            let rest = RangeSet::from(gap.range).minus(&held);
            after.extend(rest.ranges().iter().map(|range| crate::domain::gap::Gap { range: *range, ..gap.clone() }));
        }
        gaps::replace(connection, series.id, &before, &after)?;
        if series.dataset != Dataset::Candles {
            continue;
        }
        connection.execute("DELETE FROM rollups WHERE series_id = ?1", [series.id.0])?;
        for range in held.ranges() {
            each_day(*range, |day| {
                let changed = candles::read(connection, series.id, series.instrument.scales, day)?;
                rollup::refresh(connection, series.id, series.interval, series.instrument.scales, &changed)
            })?;
        }
    }
    Ok(())
}

/// What the rows themselves prove to be covered. Candles prove all of it, and open interest no step
/// without a row; a minute of trades and an hour of funding may be empty, so there the ledger is believed.
fn held(connection: &Connection, series: &Series, noted: &RangeSet, faults: &mut Vec<String>) -> Result<RangeSet, StoreError> {
    match series.dataset {
        Dataset::Candles => rows(connection, series, faults),
        Dataset::Trades => {
            row_steps::<Trade>(connection, series, faults)?;
            Ok(noted.clone())
        }
        Dataset::Funding => {
            row_steps::<Funding>(connection, series, faults)?;
            Ok(noted.clone())
        }
        Dataset::OpenInterest => {
            let steps = row_steps::<OpenInterest>(connection, series, faults)?;
            // A row of a step that is not over, or that a stream brought, covers nothing by itself.
            Ok(noted.minus(&noted.minus(&steps)))
        }
    }
}

/// The steps that hold a row; rows that break a rule are reported.
fn row_steps<T: Table>(connection: &Connection, series: &Series, faults: &mut Vec<String>) -> Result<RangeSet, StoreError> {
    let mut steps = RangeSet::new();
    let mut broken = 0_u64;
    let everything = TimeRange::new(Time::from_ms(i64::MIN), Time::from_ms(i64::MAX));
    if let Some(place) = Place::of(connection, series.id, series.instrument.scales)? {
        T::each(connection, place, everything, |row| {
            let from = series.interval.floor(row.time());
            steps.insert(TimeRange::new(from, from.plus_ms(series.interval.ms())));
            broken += u64::from(row.fault().is_some());
            Ok(true)
        })?;
    }
    if broken > 0 {
        faults.push(format!("{broken} rows break the rules of {}", series.dataset.label()));
    }
    Ok(steps)
}

/// The runs that the rows themselves cover; rows that break a rule are reported.
fn rows(connection: &Connection, series: &Series, faults: &mut Vec<String>) -> Result<RangeSet, StoreError> {
    let mut held = RangeSet::new();
    let mut run: Option<TimeRange> = None;
    let (mut off_grid, mut broken) = (0_u64, 0_u64);
    let everything = TimeRange::new(Time::from_ms(i64::MIN), Time::from_ms(i64::MAX));
    candles::each(connection, series.id, series.instrument.scales, everything, |candle| {
        off_grid += u64::from(!series.interval.is_aligned(candle.open_time));
        broken += u64::from(candle.check().is_err());
        let end = candle.open_time.plus_ms(series.interval.ms());
        match &mut run {
            Some(run) if run.to == candle.open_time => run.to = end,
            _ => {
                if let Some(done) = run.replace(TimeRange::new(candle.open_time, end)) {
                    held.insert(done);
                }
            }
        }
        Ok(true)
    })?;
    if let Some(last) = run {
        held.insert(last);
    }
    if off_grid > 0 {
        faults.push(format!("{off_grid} candles open off the {} grid", series.interval));
    }
    if broken > 0 {
        faults.push(format!("{broken} candles break the rules of OHLCV"));
    }
    Ok(held)
}

fn check_rollups(connection: &Connection, series: &Series, held: &RangeSet, faults: &mut Vec<String>) -> Result<(), StoreError> {
    let scales = series.instrument.scales;
    for level in rollup::LEVELS.into_iter().filter(|level| level.folds_from(series.interval) && *level != series.interval) {
        let mut wrong = 0_usize;
        for range in held.ranges() {
            each_day(Interval::D1.outer(*range), |day| {
                let below = candles::read(connection, series.id, scales, day)?;
                let expected = fold_all(level, &below).map_err(|error| StoreError::Corrupt(error.to_string()))?;
                wrong += usize::from(expected != rollup::read(connection, series.id, scales, level, day)?);
                Ok(())
            })?;
        }
        if wrong > 0 {
            faults.push(format!("rollups of {level} differ from the rows on {wrong} days"));
        }
    }
    Ok(())
}

/// Walks `range` day by day, so that no more than a day of rows is in memory.
fn each_day(range: TimeRange, mut each: impl FnMut(TimeRange) -> Result<(), StoreError>) -> Result<(), StoreError> {
    let mut from = range.from;
    while from < range.to {
        let to = Interval::D1.floor(from).plus_ms(Interval::D1.ms()).min(range.to);
        each(TimeRange::new(from, to))?;
        from = to;
    }
    Ok(())
}
