//! Candles to cells and back.

use super::error::StoreError;
use crate::domain::candle::Candle;
use crate::domain::instrument::Scales;
use crate::domain::price::{Decimal, from_mantissa, parse_decimal, to_mantissa, trimmed};
use crate::domain::time::Time;
use rusqlite::types::ValueRef;
use rusqlite::{Row, Statement};

/// Value columns in the order in which [`bind`] and [`read`] go through them.
pub(super) const VALUES: &str =
    "open, high, low, close, volume, quote_volume, trade_count, taker_buy_volume, taker_buy_quote_volume";

/// How many they are.
pub(super) const VALUE_COUNT: usize = 9;

/// Binds a candle's nine values from parameter `at` on.
pub(super) fn bind(statement: &mut Statement<'_>, at: usize, candle: &Candle, scales: Scales) -> rusqlite::Result<()> {
    bind_decimal(statement, at, candle.open, scales.price)?;
    bind_decimal(statement, at + 1, candle.high, scales.price)?;
    bind_decimal(statement, at + 2, candle.low, scales.price)?;
    bind_decimal(statement, at + 3, candle.close, scales.price)?;
    bind_decimal(statement, at + 4, candle.volume, scales.base)?;
    bind_optional(statement, at + 5, candle.quote_volume, scales.quote)?;
    statement.raw_bind_parameter(at + 6, candle.trade_count)?;
    bind_optional(statement, at + 7, candle.taker_buy_volume, scales.base)?;
    bind_optional(statement, at + 8, candle.taker_buy_quote_volume, scales.quote)
}

/// Binds an amount at a scale, or as exact text where it does not fit.
pub(super) fn bind_decimal(statement: &mut Statement<'_>, at: usize, value: Decimal, scale: u32) -> rusqlite::Result<()> {
    match to_mantissa(value, scale) {
        Some(mantissa) => statement.raw_bind_parameter(at, mantissa),
        None => statement.raw_bind_parameter(at, trimmed(value)),
    }
}

fn bind_optional(statement: &mut Statement<'_>, at: usize, value: Option<Decimal>, scale: u32) -> rusqlite::Result<()> {
    match value {
        Some(value) => bind_decimal(statement, at, value, scale),
        None => statement.raw_bind_parameter(at, rusqlite::types::Null),
    }
}

/// Reads a candle whose open time stands in column `at`, its nine values behind it.
pub(super) fn read(row: &Row<'_>, at: usize, scales: Scales) -> Result<Candle, StoreError> {
    let required = |offset: usize, scale: u32| {
        decimal(row.get_ref(at + offset)?, scale)?.ok_or_else(|| StoreError::Corrupt("a candle without a price".into()))
    };
    let optional = |offset: usize, scale: u32| decimal(row.get_ref(at + offset)?, scale);
    Ok(Candle {
        open_time: Time::from_ms(row.get(at)?),
        open: required(1, scales.price)?,
        high: required(2, scales.price)?,
        low: required(3, scales.price)?,
        close: required(4, scales.price)?,
        volume: required(5, scales.base)?,
        quote_volume: optional(6, scales.quote)?,
        trade_count: row.get(at + 7)?,
        taker_buy_volume: optional(8, scales.base)?,
        taker_buy_quote_volume: optional(9, scales.quote)?,
    })
}

/// An amount at a scale; `None` of an empty cell.
pub(super) fn decimal(cell: ValueRef<'_>, scale: u32) -> Result<Option<Decimal>, StoreError> {
    match cell {
        ValueRef::Integer(mantissa) => Ok(Some(from_mantissa(mantissa, scale))),
        ValueRef::Null => Ok(None),
        ValueRef::Text(text) => {
            let text = std::str::from_utf8(text).map_err(|error| StoreError::Corrupt(error.to_string()))?;
            parse(text).map(Some)
        }
        other => Err(StoreError::Corrupt(format!("a {} where a number belongs", other.data_type()))),
    }
}

/// An amount that is always kept as exact text.
pub(super) fn exact(row: &Row<'_>, column: usize) -> Result<Decimal, StoreError> {
    parse(&row.get::<_, String>(column)?)
}

/// The same where it may be absent.
pub(super) fn optional_exact(row: &Row<'_>, column: usize) -> Result<Option<Decimal>, StoreError> {
    row.get::<_, Option<String>>(column)?.as_deref().map(parse).transpose()
}

fn parse(text: &str) -> Result<Decimal, StoreError> {
    parse_decimal(text).map_err(|error| StoreError::Corrupt(error.to_string()))
}
