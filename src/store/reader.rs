//! The pool of read-only connections, and reads that fold.

use super::error::StoreError;
use super::{candles, connection, coverage, gaps, rollup};
use crate::domain::aggregate::Folder;
use crate::domain::candle::Candle;
use crate::domain::gap::{Gap, ledger};
use crate::domain::interval::Interval;
use crate::domain::range::TimeRange;
use crate::domain::series::Series;
use r2d2_sqlite::SqliteConnectionManager;
use rusqlite::Connection;
use std::path::Path;

/// Readers at most. A read takes well under a millisecond; more would only fight for the cores.
const READERS: u32 = 4;

/// Read-only connections, shared by all that read. Reads block: call from a blocking thread.
#[derive(Clone)]
pub struct Readers {
    pool: r2d2::Pool<SqliteConnectionManager>,
}

impl Readers {
    /// A pool on an existing store; connections open when they are needed.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let manager = SqliteConnectionManager::file(path)
            .with_flags(connection::reader_flags())
            .with_init(|connection| connection::prepare_reader(connection));
        let pool = r2d2::Pool::builder().max_size(READERS).min_idle(Some(0)).test_on_check_out(false).build(manager)?;
        Ok(Self { pool })
    }

    /// Reads with one of the connections. No transaction outlives the call.
    pub fn with<T>(&self, read: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let connection = self.pool.get()?;
        read(&connection)
    }

    /// Readers in use, of how many there may be.
    pub fn in_use(&self) -> (u32, u32) {
        let state = self.pool.state();
        (state.connections - state.idle_connections, READERS)
    }
}

/// Calls `each` with the candles of `range` folded to `interval`, ascending, until it says `false`.
/// Reads the coarsest table that is exact for the width. `range` lies on `interval`'s grid.
pub fn each_folded(
    connection: &Connection,
    series: &Series,
    interval: Interval,
    range: TimeRange,
    mut each: impl FnMut(Candle) -> Result<bool, StoreError>,
) -> Result<(), StoreError> {
    let scales = series.instrument.scales;
    if interval == series.interval {
        return candles::each(connection, series.id, scales, range, each);
    }
    let corrupt = |error: crate::domain::aggregate::FoldError| StoreError::Corrupt(error.to_string());
    let mut folder = Folder::new(interval);
    let level = rollup::LEVELS
        .into_iter()
        .rev()
        .find(|level| interval.folds_from(*level) && level.folds_from(series.interval) && *level != series.interval);
    if let Some(level) = level {
        for folded in rollup::read(connection, series.id, scales, level, range)? {
            if let Some(wide) = folder.push(&folded.candle, folded.parts).map_err(corrupt)?
                && !each(wide.candle)?
            {
                return Ok(());
            }
        }
    } else {
        let mut stopped = false;
        candles::each(connection, series.id, scales, range, |candle| {
            if let Some(wide) = folder.push(&candle, 1).map_err(corrupt)? {
                stopped = !each(wide.candle)?;
            }
            Ok(!stopped)
        })?;
        if stopped {
            return Ok(());
        }
    }
    if let Some(last) = folder.finish() {
        each(last.candle)?;
    }
    Ok(())
}

/// Every range of `window` that is not stored, with its reason.
pub fn missing(connection: &Connection, series: &Series, window: TimeRange) -> Result<Vec<Gap>, StoreError> {
    let stored = coverage::touching(connection, series.id, window)?;
    let noted = gaps::overlapping(connection, series.id, window)?;
    Ok(ledger(window, &stored, &noted))
}
