//! Holds stored candles to the stored trades of the same instrument.

use super::error::StoreError;
use super::rows::{Place, Table as _};
use super::{candles, coverage, series};
use crate::domain::candle::Candle;
use crate::domain::dataset::Dataset;
use crate::domain::from_trades::{Difference, compare};
use crate::domain::interval::Interval;
use crate::domain::range::TimeRange;
use crate::domain::series::Series;
use crate::domain::time::{HOUR_MS, Time};
use crate::domain::trade::Trade;
use rusqlite::Connection;

/// Minutes that differ and are told in full; more are counted.
pub const TOLD: usize = 100;

/// What a comparison found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// The series of trades.
    pub trades: Series,
    /// Minutes of which all trades and the candle are stored.
    pub compared: u64,
    /// Of these the ones that differ.
    pub different: u64,
    /// The first [`TOLD`] of them, ascending.
    pub told: Vec<(Time, Vec<Difference>)>,
}

/// Compares each covered minute of a series of trades with the stored 1m candle; `None` where no such
/// candles are recorded. Reads an hour at a time.
pub fn compare_candles(connection: &Connection, trades: &Series) -> Result<Option<Comparison>, StoreError> {
    let Some(place) = Place::of(connection, trades.id, trades.instrument.scales)? else { return Ok(None) };
    let Some(of) = series::find(connection, place.instrument, Dataset::Candles, Interval::M1)? else { return Ok(None) };
    let mut found = Comparison { trades: trades.clone(), compared: 0, different: 0, told: Vec::new() };
    for range in coverage::all(connection, trades.id)?.ranges() {
        let mut from = range.from;
        while from < range.to {
            let window = TimeRange::new(from, from.plus_ms(HOUR_MS).min(range.to));
            let stored = candles::read(connection, of.id, of.instrument.scales, window)?;
            found.add(&stored, &Trade::read(connection, place, window)?);
            from = window.to;
        }
    }
    Ok(Some(found))
}

impl Comparison {
    /// Takes in candles and all trades of the same minutes, both ascending.
    fn add(&mut self, candles: &[Candle], trades: &[Trade]) {
        for candle in candles {
            let end = candle.open_time.plus_ms(Interval::M1.ms());
            let first = trades.partition_point(|trade| trade.time < candle.open_time);
            let last = trades.partition_point(|trade| trade.time < end);
            let differences = compare(candle, &trades[first..last]);
            self.compared += 1;
            if !differences.is_empty() {
                self.different += 1;
                if self.told.len() < TOLD {
                    self.told.push((candle.open_time, differences));
                }
            }
        }
    }
}
