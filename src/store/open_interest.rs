//! Open interest.

use super::error::StoreError;
use super::row::{exact, optional_exact};
use super::rows::Table;
use crate::domain::instrument::Scales;
use crate::domain::open_interest::OpenInterest;
use crate::domain::price::trimmed;
use crate::domain::time::Time;
use rusqlite::{Row, Statement};

impl Table for OpenInterest {
    const TABLE: &'static str = "open_interest";
    const COLUMNS: &'static str = "time, amount, value";

    fn values(&self) -> Vec<(&'static str, Option<String>)> {
        vec![("amount", Some(trimmed(self.amount))), ("value", self.value.map(trimmed))]
    }

    fn bind(&self, statement: &mut Statement<'_>, at: usize, _scales: Scales) -> rusqlite::Result<()> {
        statement.raw_bind_parameter(at, self.time.ms())?;
        statement.raw_bind_parameter(at + 1, trimmed(self.amount))?;
        statement.raw_bind_parameter(at + 2, self.value.map(trimmed))
    }

    fn from_row(row: &Row<'_>, _scales: Scales) -> Result<Self, StoreError> {
        Ok(Self { time: Time::from_ms(row.get(0)?), amount: exact(row, 1)?, value: optional_exact(row, 2)? })
    }
}
