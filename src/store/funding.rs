//! Settled funding rates.

use super::error::StoreError;
use super::row::{exact, optional_exact};
use super::rows::Table;
use crate::domain::funding::Funding;
use crate::domain::instrument::Scales;
use crate::domain::price::trimmed;
use crate::domain::time::Time;
use rusqlite::{Row, Statement};

impl Table for Funding {
    const TABLE: &'static str = "funding";
    const COLUMNS: &'static str = "time, rate, mark_price";

    fn values(&self) -> Vec<(&'static str, Option<String>)> {
        vec![("rate", Some(trimmed(self.rate))), ("mark_price", self.mark_price.map(trimmed))]
    }

    fn bind(&self, statement: &mut Statement<'_>, at: usize, _scales: Scales) -> rusqlite::Result<()> {
        statement.raw_bind_parameter(at, self.time.ms())?;
        statement.raw_bind_parameter(at + 1, trimmed(self.rate))?;
        statement.raw_bind_parameter(at + 2, self.mark_price.map(trimmed))
    }

    fn from_row(row: &Row<'_>, _scales: Scales) -> Result<Self, StoreError> {
        Ok(Self { time: Time::from_ms(row.get(0)?), rate: exact(row, 1)?, mark_price: optional_exact(row, 2)? })
    }
}
