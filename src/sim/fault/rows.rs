//! Faults in the rows of a page.

use super::Fault;
use super::plan::Strike;
use crate::sim::row::{ONE, Row};

/// A column that a fault writes over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sim) enum Column {
    Close,
    /// In the base asset.
    Volume,
}

/// A page of rows, of which one may have a column that no number can stand for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::sim) struct Page {
    pub(in crate::sim) rows: Vec<Row>,
    /// Row, column and the text there.
    pub(in crate::sim) odd: Option<(usize, Column, &'static str)>,
}

impl Page {
    /// The rows, spoilt where a fault strikes.
    pub(in crate::sim) fn new(rows: Vec<Row>, strike: Option<Strike>) -> Self {
        match strike {
            Some(strike) => spoil(rows, strike),
            None => Self { rows, odd: None },
        }
    }

    /// What stands in a column of a row instead of its number.
    pub(in crate::sim) fn odd_at(&self, row: usize) -> Option<(Column, &'static str)> {
        self.odd.filter(|odd| odd.0 == row).map(|(_, column, text)| (column, text))
    }
}

/// Does to a page what the fault says. Faults of one row take the row at the rule's time, or else the
/// one in the middle.
fn spoil(mut rows: Vec<Row>, strike: Strike) -> Page {
    let mut odd = None;
    if strike.fault == Fault::Empty {
        rows.clear();
    }
    let target = match strike.at {
        Some(at) => rows.iter().position(|row| row.open_time <= at.ms() && at.ms() <= row.close_time),
        None => (!rows.is_empty()).then_some(rows.len() / 2),
    };
    if let Some(at) = target {
        let row = rows[at];
        let width = row.close_time - row.open_time + 1;
        match strike.fault {
            Fault::DuplicateRows => rows.insert(at, row),
            Fault::ConflictingDuplicate => rows.insert(at + 1, other(row)),
            Fault::Reordered => rows.reverse(),
            Fault::DroppedRows => {
                rows.remove(at);
            }
            Fault::ShiftedRows { ms } => {
                let ms = ms.unwrap_or(width);
                for row in &mut rows {
                    row.open_time += ms;
                    row.close_time += ms;
                }
            }
            Fault::OffGrid => rows[at].open_time += 14_800_i64.min(width / 2),
            Fault::NullCells => odd = Some((at, Column::Close, "null")),
            Fault::NegativePrice => rows[at].low = -row.low,
            Fault::InvertedHighLow => {
                // A flat candle has to be opened up first.
                let high = row.high + i64::from(row.high == row.low) * ONE;
                (rows[at].high, rows[at].low) = (row.low, high);
            }
            Fault::OverflowingNumber => odd = Some((at, Column::Volume, "\"1234567890123456789012345678901234567890.12345678\"")),
            Fault::RevisedRow => rows[at] = other(row),
            _ => {}
        }
    }
    Page { rows, odd }
}

/// The same minute, sound, with another close and volume.
fn other(row: Row) -> Row {
    let close = if row.close == row.high { row.low } else { row.high };
    // A flat candle closes one percent higher instead, on its own decimals.
    let (close, high) = if close == row.close { (row.close * 101, row.high * 101) } else { (close, row.high) };
    Row { close, high, volume: row.volume + i128::from(ONE), trades: row.trades + 1, ..row }
}
