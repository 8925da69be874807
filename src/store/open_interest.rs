//! Open interest.

use super::candles::Provenance;
use super::error::StoreError;
use super::rows::{Place, Table};
use crate::domain::open_interest::OpenInterest;
use crate::domain::price::{Decimal, parse_decimal, trimmed};
use crate::domain::range::TimeRange;
use crate::domain::time::Time;
use rusqlite::{Connection, Row, params};

impl Table for OpenInterest {
    const TABLE: &'static str = "open_interest";

    fn values(&self) -> Vec<(&'static str, Option<String>)> {
        vec![("amount", Some(trimmed(self.amount))), ("value", self.value.map(trimmed))]
    }

    fn insert(&self, connection: &Connection, at: Place, provenance: Provenance) -> Result<bool, StoreError> {
        let mut statement = connection.prepare_cached(
            "INSERT INTO open_interest (instrument_id, time, amount, value, source, ingested_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (instrument_id, time) DO NOTHING",
        )?;
        let inserted = statement.execute(params![
            at.instrument.0,
            self.time.ms(),
            trimmed(self.amount),
            self.value.map(trimmed),
            provenance.source.code(),
            provenance.fetched_at.ms(),
        ])?;
        Ok(inserted > 0)
    }

    fn find(connection: &Connection, at: Place, key: i64) -> Result<Option<Self>, StoreError> {
        let mut statement =
            connection.prepare_cached("SELECT time, amount, value FROM open_interest WHERE instrument_id = ?1 AND time = ?2")?;
        let mut rows = statement.query([at.instrument.0, key])?;
        rows.next()?.map(read).transpose()
    }

    fn delete(connection: &Connection, at: Place, key: i64) -> Result<(), StoreError> {
        connection
            .prepare_cached("DELETE FROM open_interest WHERE instrument_id = ?1 AND time = ?2")?
            .execute([at.instrument.0, key])?;
        Ok(())
    }

    fn each(
        connection: &Connection,
        at: Place,
        range: TimeRange,
        mut each: impl FnMut(Self) -> Result<bool, StoreError>,
    ) -> Result<(), StoreError> {
        let mut statement = connection.prepare_cached(
            "SELECT time, amount, value FROM open_interest WHERE instrument_id = ?1 AND time >= ?2 AND time < ?3 ORDER BY time",
        )?;
        let mut rows = statement.query([at.instrument.0, range.from.ms(), range.to.ms()])?;
        while let Some(row) = rows.next()? {
            if !each(read(row)?)? {
                break;
            }
        }
        Ok(())
    }
}

fn read(row: &Row<'_>) -> Result<OpenInterest, StoreError> {
    let number = |text: String| -> Result<Decimal, StoreError> {
        parse_decimal(&text).map_err(|error| StoreError::Corrupt(error.to_string()))
    };
    Ok(OpenInterest {
        time: Time::from_ms(row.get(0)?),
        amount: number(row.get(1)?)?,
        value: row.get::<_, Option<String>>(2)?.map(number).transpose()?,
    })
}
