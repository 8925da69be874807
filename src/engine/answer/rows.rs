//! Reads of trades, funding and open interest.

use crate::domain::range::TimeRange;
use crate::domain::rows::Row;
use crate::domain::series::{Series, SeriesId};
use crate::domain::trade::Trade;
use crate::engine::query::{MAX_ROWS, RowsData};
use crate::store::rows::{Place, Table};
use crate::store::{Connection, StoreError, trades};
use std::collections::VecDeque;

/// The newest trades.
pub(super) fn tape(connection: &Connection, id: SeriesId, limit: usize) -> Result<RowsData<Trade>, StoreError> {
    let limit = limit.min(MAX_ROWS);
    let place = place::<Trade>(connection, id)?;
    let mut rows = trades::newest(connection, place, limit + 1)?;
    let is_cut = rows.len() > limit;
    rows.drain(..rows.len().saturating_sub(limit));
    Ok(RowsData { series: id, rows, is_cut })
}

/// The newest rows of a range.
pub(super) fn newest<T: Table>(connection: &Connection, id: SeriesId, range: TimeRange) -> Result<RowsData<T>, StoreError> {
    let mut rows: VecDeque<T> = VecDeque::new();
    let mut is_cut = false;
    T::each(connection, place::<T>(connection, id)?, range, |row| {
        rows.push_back(row);
        if rows.len() > MAX_ROWS {
            rows.pop_front();
            is_cut = true;
        }
        Ok(true)
    })?;
    Ok(RowsData { series: id, rows: rows.into(), is_cut })
}

fn place<T: Row>(connection: &Connection, id: SeriesId) -> Result<Place, StoreError> {
    let series: Series = super::known(connection, id)?;
    if series.dataset != T::DATASET {
        return Err(StoreError::Corrupt(format!("{} holds no {}", series.name(), T::DATASET.label())));
    }
    Place::of(connection, id, series.instrument.scales)?.ok_or_else(|| StoreError::Corrupt("the series is gone".into()))
}
