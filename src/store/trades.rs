//! Trades.

use super::error::StoreError;
use super::row::{bind_decimal, decimal};
use super::rows::{Place, Table, select};
use crate::domain::instrument::Scales;
use crate::domain::price::trimmed;
use crate::domain::time::Time;
use crate::domain::trade::{Side, Trade};
use rusqlite::{Connection, Row, Statement};

impl Table for Trade {
    const TABLE: &'static str = "trades";
    const KEY: &'static str = "trade_id";
    const COLUMNS: &'static str = "trade_id, time, nanos, price, size, taker_buys, fills";
    /// Trades of one millisecond by their numbers.
    const ORDER: &'static str = "time, trade_id";

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

    fn bind(&self, statement: &mut Statement<'_>, at: usize, scales: Scales) -> rusqlite::Result<()> {
        statement.raw_bind_parameter(at, self.id)?;
        statement.raw_bind_parameter(at + 1, self.time.ms())?;
        statement.raw_bind_parameter(at + 2, self.nanos)?;
        bind_decimal(statement, at + 3, self.price, scales.price)?;
        bind_decimal(statement, at + 4, self.size, scales.base)?;
        statement.raw_bind_parameter(at + 5, self.side == Side::Buy)?;
        statement.raw_bind_parameter(at + 6, self.fills)
    }

    fn from_row(row: &Row<'_>, scales: Scales) -> Result<Self, StoreError> {
        let amount = |column: usize, scale: u32| {
            decimal(row.get_ref(column)?, scale)?.ok_or_else(|| StoreError::Corrupt("a trade without an amount".into()))
        };
        Ok(Self {
            id: row.get(0)?,
            time: Time::from_ms(row.get(1)?),
            nanos: row.get(2)?,
            price: amount(3, scales.price)?,
            size: amount(4, scales.base)?,
            side: if row.get(5)? { Side::Buy } else { Side::Sell },
            fills: row.get(6)?,
        })
    }
}

/// The newest `limit` trades, oldest first.
pub fn newest(connection: &Connection, at: Place, limit: usize) -> Result<Vec<Trade>, StoreError> {
    before(connection, at, i64::MAX, limit)
}

/// The newest stored trade before `time`.
pub fn last_before(connection: &Connection, at: Place, time: Time) -> Result<Option<Trade>, StoreError> {
    Ok(before(connection, at, time.ms(), 1)?.pop())
}

/// The newest `limit` trades before a time in milliseconds, oldest first.
fn before(connection: &Connection, at: Place, ms: i64, limit: usize) -> Result<Vec<Trade>, StoreError> {
    let mut statement = connection.prepare_cached(&select::<Trade>("time < ?2 ORDER BY time DESC, trade_id DESC LIMIT ?3"))?;
    let mut rows = statement.query([at.instrument.0, ms, i64::try_from(limit).unwrap_or(i64::MAX)])?;
    let mut trades = Vec::new();
    while let Some(row) = rows.next()? {
        trades.push(Trade::from_row(row, at.scales)?);
    }
    trades.reverse();
    Ok(trades)
}
