//! The gap ledger.

use super::error::StoreError;
use super::{coverage, series};
use crate::domain::gap::{Evidence, Gap, GapReason};
use crate::domain::range::{RangeSet, TimeRange};
use crate::domain::series::SeriesId;
use crate::domain::time::Time;
use rusqlite::{Connection, Row, params};

const COLUMNS: &str = "from_time, to_time, reason, asked_count, first_asked_at, next_ask_at, endpoint, asked_at, answer";

/// Every noted gap of a series, ascending.
pub fn all(connection: &Connection, series: SeriesId) -> Result<Vec<Gap>, StoreError> {
    overlapping(connection, series, TimeRange::new(Time::from_ms(i64::MIN), Time::from_ms(i64::MAX)))
}

/// Gaps that share an instant with `window`, whole, ascending.
pub fn overlapping(connection: &Connection, series: SeriesId, window: TimeRange) -> Result<Vec<Gap>, StoreError> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM gaps WHERE series_id = ?1 AND from_time < ?3 AND from_time >= coalesce(
             (SELECT max(from_time) FROM gaps WHERE series_id = ?1 AND from_time <= ?2), ?2) AND to_time > ?2 ORDER BY from_time"
    ))?;
    let mut rows = statement.query(params![series.0, window.from.ms(), window.to.ms()])?;
    let mut gaps = Vec::new();
    while let Some(row) = rows.next()? {
        gaps.push(read(row)?);
    }
    Ok(gaps)
}

/// Puts `after` in the place of `before`.
pub fn replace(connection: &Connection, series: SeriesId, before: &[Gap], after: &[Gap]) -> Result<(), StoreError> {
    if before == after {
        return Ok(());
    }
    let mut delete = connection.prepare_cached("DELETE FROM gaps WHERE series_id = ?1 AND from_time = ?2")?;
    for gap in before {
        delete.execute(params![series.0, gap.range.from.ms()])?;
    }
    let mut insert = connection
        .prepare_cached(&format!("INSERT INTO gaps (series_id, {COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"))?;
    for gap in after.iter().filter(|gap| !gap.range.is_empty() && gap.reason != GapReason::NotFetched) {
        let evidence = gap.evidence.as_ref();
        insert.execute(params![
            series.0,
            gap.range.from.ms(),
            gap.range.to.ms(),
            gap.reason.name(),
            gap.asked_count,
            gap.first_asked_at.map(Time::ms),
            gap.next_ask_at.map(Time::ms),
            evidence.map(|evidence| &evidence.endpoint),
            evidence.map(|evidence| evidence.asked_at.ms()),
            evidence.map(|evidence| &evidence.answer),
        ])?;
    }
    Ok(())
}

/// Notes a reason for what is missing in `window`. What an exchange has answered for stays as it
/// is: that evidence is worth more than a failure or an absence of ours. So does what is stored:
/// it is looked up here, in the transaction, because a page may have come in since.
pub fn note(
    connection: &Connection,
    series: SeriesId,
    window: TimeRange,
    make: impl Fn(TimeRange) -> Gap,
) -> Result<(), StoreError> {
    for range in open(connection, series, window)?.ranges() {
        let before = overlapping(connection, series, *range)?;
        let mut unknown = RangeSet::from(*range);
        let mut after = Vec::new();
        for gap in &before {
            if gap.asked_count > 0 {
                unknown.remove(gap.range);
                after.push(gap.clone());
            } else {
                let rest = RangeSet::from(gap.range).minus(&RangeSet::from(*range));
                after.extend(rest.ranges().iter().map(|rest| Gap { range: *rest, ..gap.clone() }));
            }
        }
        after.extend(unknown.ranges().iter().map(|range| make(*range)));
        after.sort_by_key(|gap| gap.range);
        replace(connection, series, &before, &after)?;
    }
    Ok(())
}

/// Notes that nothing is owed of what is missing in `window`, whatever was noted there before.
/// Returns the gaps of the window afterwards.
pub fn explain(
    connection: &Connection,
    series: SeriesId,
    window: TimeRange,
    make: impl Fn(TimeRange) -> Gap,
) -> Result<Vec<Gap>, StoreError> {
    let before = overlapping(connection, series, window)?;
    let mut after: Vec<Gap> = open(connection, series, window)?.ranges().iter().map(|range| make(*range)).collect();
    for gap in &before {
        let rest = RangeSet::from(gap.range).minus(&RangeSet::from(window));
        after.extend(rest.ranges().iter().map(|rest| Gap { range: *rest, ..gap.clone() }));
    }
    after.sort_by_key(|gap| gap.range);
    replace(connection, series, &before, &after)?;
    Ok(after)
}

/// Notes what is owed in `window` as lost: the exchange serves it no more. What it has explained itself
/// stays as it is. Returns the gaps of the window afterwards.
pub fn lose(
    connection: &Connection,
    series: SeriesId,
    window: TimeRange,
    make: impl Fn(TimeRange, Option<&Gap>) -> Gap,
) -> Result<Vec<Gap>, StoreError> {
    let before = overlapping(connection, series, window)?;
    let mut unknown = open(connection, series, window)?;
    let mut after = Vec::new();
    for gap in &before {
        unknown.remove(gap.range);
        if gap.reason.is_explained() {
            after.push(gap.clone());
            continue;
        }
        let rest = RangeSet::from(gap.range).minus(&RangeSet::from(window));
        after.extend(rest.ranges().iter().map(|rest| Gap { range: *rest, ..gap.clone() }));
        after.push(make(gap.range.intersect(window), Some(gap)));
    }
    after.extend(unknown.ranges().iter().map(|range| make(*range, None)));
    after.sort_by_key(|gap| gap.range);
    replace(connection, series, &before, &after)?;
    Ok(after)
}

/// What of `window` is not stored; nothing where the series is gone.
fn open(connection: &Connection, id: SeriesId, window: TimeRange) -> Result<RangeSet, StoreError> {
    if !series::exists(connection, id)? {
        return Ok(RangeSet::new());
    }
    Ok(RangeSet::from(window).minus(&coverage::touching(connection, id, window)?))
}

fn read(row: &Row<'_>) -> Result<Gap, StoreError> {
    let reason: String = row.get(2)?;
    let time = |at: usize| row.get::<_, Option<i64>>(at).map(|ms| ms.map(Time::from_ms));
    let evidence = match (row.get::<_, Option<String>>(6)?, time(7)?, row.get::<_, Option<String>>(8)?) {
        (Some(endpoint), Some(asked_at), Some(answer)) => Some(Evidence { endpoint, asked_at, answer }),
        _ => None,
    };
    Ok(Gap {
        range: TimeRange::new(Time::from_ms(row.get(0)?), Time::from_ms(row.get(1)?)),
        reason: GapReason::from_name(&reason).ok_or_else(|| StoreError::Corrupt(format!("gap reason `{reason}`")))?,
        asked_count: row.get(3)?,
        first_asked_at: time(4)?,
        next_ask_at: time(5)?,
        evidence,
    })
}
