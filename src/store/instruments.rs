//! The cached instrument lists.

use super::error::StoreError;
use crate::domain::instrument::{Contract, ExchangeId, Instrument, InstrumentKind, InstrumentStatus, Scales, Symbol};
use crate::domain::price::{parse_decimal, trimmed};
use crate::domain::series::InstrumentId;
use crate::domain::time::Time;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

pub(super) const COLUMNS: &str = "exchange, symbol, native_symbol, base, quote, status, price_decimals, price_scale, base_scale, quote_scale, \
     settle, contract_size, contract_unit, stream_name";

/// Writes a freshly fetched list. An instrument that is known keeps its scales, at which its
/// candles are stored; one that the list no longer has is delisted.
pub fn refresh(connection: &Connection, exchange: ExchangeId, list: &[Instrument], at: Time) -> Result<(), StoreError> {
    let mut upsert = connection.prepare_cached(
        "INSERT INTO instruments (exchange, symbol, native_symbol, base, quote, status, price_decimals, price_scale, base_scale, quote_scale,
                                  refreshed_at, settle, contract_size, contract_unit, stream_name)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
         ON CONFLICT (exchange, native_symbol) DO UPDATE SET symbol = excluded.symbol, base = excluded.base, quote = excluded.quote,
             status = excluded.status, price_decimals = excluded.price_decimals, refreshed_at = excluded.refreshed_at,
             settle = excluded.settle, contract_size = excluded.contract_size, contract_unit = excluded.contract_unit,
             stream_name = excluded.stream_name",
    )?;
    for instrument in list {
        let (settle, contract) = match &instrument.kind {
            InstrumentKind::Spot => (None, None),
            InstrumentKind::Perpetual { settle, contract } => (Some(settle), Some(*contract)),
        };
        upsert.execute(params![
            instrument.exchange.name(),
            instrument.symbol.as_str(),
            instrument.native,
            instrument.base,
            instrument.quote,
            instrument.status.name(),
            instrument.price_decimals,
            instrument.scales.price,
            instrument.scales.base,
            instrument.scales.quote,
            at.ms(),
            settle,
            contract.map(|contract| trimmed(contract.size())),
            contract.map(Contract::unit),
            instrument.stream_name,
        ])?;
    }
    connection.execute(
        // Not the older ones alone: the local clock may have been set back since the last list.
        "UPDATE instruments SET status = 'delisted' WHERE exchange = ?1 AND refreshed_at <> ?2",
        params![exchange.name(), at.ms()],
    )?;
    Ok(())
}

/// When the list was last fetched; `None` where it never was.
pub fn refreshed_at(connection: &Connection, exchange: ExchangeId) -> Result<Option<Time>, StoreError> {
    let ms: Option<i64> =
        connection
            .query_row("SELECT max(refreshed_at) FROM instruments WHERE exchange = ?1", [exchange.name()], |row| row.get(0))?;
    Ok(ms.map(Time::from_ms))
}

/// How many instruments are cached, of every exchange.
pub fn count(connection: &Connection) -> Result<u64, StoreError> {
    let count: i64 = connection.prepare_cached("SELECT count(*) FROM instruments")?.query_row([], |row| row.get(0))?;
    Ok(count.cast_unsigned())
}

/// The whole cached list.
pub fn all(connection: &Connection, exchange: ExchangeId) -> Result<Vec<Instrument>, StoreError> {
    let mut statement =
        connection.prepare_cached(&format!("SELECT {COLUMNS} FROM instruments WHERE exchange = ?1 ORDER BY symbol"))?;
    let mut rows = statement.query([exchange.name()])?;
    let mut list = Vec::new();
    while let Some(row) = rows.next()? {
        list.push(read(row, 0)?);
    }
    Ok(list)
}

/// Key of a listed instrument.
pub fn id(connection: &Connection, exchange: ExchangeId, native: &str) -> Result<Option<InstrumentId>, StoreError> {
    Ok(connection
        .prepare_cached("SELECT id FROM instruments WHERE exchange = ?1 AND native_symbol = ?2")?
        .query_row(params![exchange.name(), native], |row| row.get(0))
        .optional()?
        .map(InstrumentId))
}

/// Reads an instrument whose [`COLUMNS`] begin at `at`.
pub(super) fn read(row: &Row<'_>, at: usize) -> Result<Instrument, StoreError> {
    let exchange: String = row.get(at)?;
    let status: String = row.get(at + 5)?;
    Ok(Instrument {
        exchange: exchange.parse().map_err(|_| StoreError::Corrupt(format!("exchange `{exchange}`")))?,
        symbol: Symbol::from_stored(row.get(at + 1)?),
        native: row.get(at + 2)?,
        base: row.get(at + 3)?,
        quote: row.get(at + 4)?,
        kind: kind(row, at + 10)?,
        stream_name: row.get(at + 13)?,
        status: InstrumentStatus::from_name(&status).ok_or_else(|| StoreError::Corrupt(format!("status `{status}`")))?,
        price_decimals: row.get(at + 6)?,
        scales: Scales { price: row.get(at + 7)?, base: row.get(at + 8)?, quote: row.get(at + 9)? },
    })
}

/// Reads what kind of market it is from three columns that begin at `at`.
fn kind(row: &Row<'_>, at: usize) -> Result<InstrumentKind, StoreError> {
    let Some(settle) = row.get::<_, Option<String>>(at)? else { return Ok(InstrumentKind::Spot) };
    let (size, unit): (String, String) = (row.get(at + 1)?, row.get(at + 2)?);
    let size = parse_decimal(&size).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    let contract = match unit.as_str() {
        "base" => Contract::Base(size),
        "quote" => Contract::Quote(size),
        other => return Err(StoreError::Corrupt(format!("contract of `{other}`"))),
    };
    Ok(InstrumentKind::Perpetual { settle, contract })
}
