//! Trades.

use super::candles::Provenance;
use super::error::StoreError;
use super::row::{bind_decimal, decimal};
use super::rows::{Place, Table};
use crate::domain::price::trimmed;
use crate::domain::range::TimeRange;
use crate::domain::time::Time;
use crate::domain::trade::{Side, Trade};
use rusqlite::{Connection, Row, params};

const COLUMNS: &str = "trade_id, time, nanos, price, size, taker_buys, fills";

impl Table for Trade {
    const TABLE: &'static str = "trades";

    fn trade_id(&self) -> Option<i64> {
        Some(self.id)
    }

    fn values(&self) -> Vec<(&'static str, Option<String>)> {
        vec![
            ("time", Some(self.time.ms().to_string())),
            ("nanos", self.nanos.map(|nanos| nanos.to_string())),
            ("price", Some(trimmed(self.price))),
            ("size", Some(trimmed(self.size))),
            ("side", Some(self.side.name().to_owned())),
            ("fills", self.fills.map(|fills| fills.to_string())),
        ]
    }

    fn insert(&self, connection: &Connection, at: Place, provenance: Provenance) -> Result<bool, StoreError> {
        let mut statement = connection.prepare_cached(&format!(
            "INSERT INTO trades (instrument_id, source, ingested_at, {COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
             ON CONFLICT (instrument_id, trade_id) DO NOTHING"
        ))?;
        statement.raw_bind_parameter(1, at.instrument.0)?;
        statement.raw_bind_parameter(2, provenance.source.code())?;
        statement.raw_bind_parameter(3, provenance.fetched_at.ms())?;
        statement.raw_bind_parameter(4, self.id)?;
        statement.raw_bind_parameter(5, self.time.ms())?;
        statement.raw_bind_parameter(6, self.nanos)?;
        bind_decimal(&mut statement, 7, self.price, at.scales.price)?;
        bind_decimal(&mut statement, 8, self.size, at.scales.base)?;
        statement.raw_bind_parameter(9, self.side == Side::Buy)?;
        statement.raw_bind_parameter(10, self.fills)?;
        Ok(statement.raw_execute()? > 0)
    }

    fn find(connection: &Connection, at: Place, key: i64) -> Result<Option<Self>, StoreError> {
        let mut statement =
            connection.prepare_cached(&format!("SELECT {COLUMNS} FROM trades WHERE instrument_id = ?1 AND trade_id = ?2"))?;
        let mut rows = statement.query([at.instrument.0, key])?;
        rows.next()?.map(|row| read(row, at)).transpose()
    }

    fn delete(connection: &Connection, at: Place, key: i64) -> Result<(), StoreError> {
        connection
            .prepare_cached("DELETE FROM trades WHERE instrument_id = ?1 AND trade_id = ?2")?
            .execute([at.instrument.0, key])?;
        Ok(())
    }

    /// By time, trades of one millisecond by their numbers.
    fn each(
        connection: &Connection,
        at: Place,
        range: TimeRange,
        mut each: impl FnMut(Self) -> Result<bool, StoreError>,
    ) -> Result<(), StoreError> {
        let mut statement = connection.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM trades WHERE instrument_id = ?1 AND time >= ?2 AND time < ?3 ORDER BY time, trade_id"
        ))?;
        let mut rows = statement.query([at.instrument.0, range.from.ms(), range.to.ms()])?;
        while let Some(row) = rows.next()? {
            if !each(read(row, at)?)? {
                break;
            }
        }
        Ok(())
    }
}

/// The newest `limit` trades, oldest first.
pub fn newest(connection: &Connection, at: Place, limit: usize) -> Result<Vec<Trade>, StoreError> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM trades WHERE instrument_id = ?1 ORDER BY time DESC, trade_id DESC LIMIT ?2"
    ))?;
    let mut rows = statement.query(params![at.instrument.0, i64::try_from(limit).unwrap_or(i64::MAX)])?;
    let mut trades = Vec::new();
    while let Some(row) = rows.next()? {
        trades.push(read(row, at)?);
    }
    trades.reverse();
    Ok(trades)
}

/// The newest stored trade before `time`.
pub fn last_before(connection: &Connection, at: Place, time: Time) -> Result<Option<Trade>, StoreError> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM trades WHERE instrument_id = ?1 AND time < ?2 ORDER BY time DESC, trade_id DESC LIMIT 1"
    ))?;
    let mut rows = statement.query([at.instrument.0, time.ms()])?;
    rows.next()?.map(|row| read(row, at)).transpose()
}

fn read(row: &Row<'_>, at: Place) -> Result<Trade, StoreError> {
    let amount = |column: usize, scale: u32| {
        decimal(row.get_ref(column)?, scale)?.ok_or_else(|| StoreError::Corrupt("a trade without an amount".into()))
    };
    Ok(Trade {
        id: row.get(0)?,
        time: Time::from_ms(row.get(1)?),
        nanos: row.get(2)?,
        price: amount(3, at.scales.price)?,
        size: amount(4, at.scales.base)?,
        side: if row.get(5)? { Side::Buy } else { Side::Sell },
        fills: row.get(6)?,
    })
}
