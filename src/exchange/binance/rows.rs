//! Lists of objects, read row by row: a bad one is refused alone.

use super::parse::{array, trade};
use crate::domain::page::BadRow;
use crate::domain::time::Time;
use crate::domain::trade::Trade;
use crate::exchange::error::ExchangeError;
use crate::exchange::payload::{bad_row, part, whole};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::HashMap;

/// Rows in the order in which they came, each sound or a row that is none.
pub type Rows<T> = Vec<Result<T, BadRow>>;

/// Aggregate trades, in the order in which they came.
pub fn trades(body: &[u8]) -> Result<Rows<Trade>, ExchangeError> {
    rows(body, "trades", "T", |text| trade(&part(text)?))
}

/// The rows of a body that must be a JSON array; `time_key` names the field of a row's time.
pub(in crate::exchange) fn rows<T>(
    body: &[u8],
    what: &str,
    time_key: &str,
    read: impl Fn(&str) -> Result<T, String>,
) -> Result<Rows<T>, ExchangeError> {
    let rows: Vec<&RawValue> = whole(array(body, what)?)?;
    Ok(rows.into_iter().map(|row| judge(row.get(), time_key, &read)).collect())
}

fn judge<T>(text: &str, time_key: &str, read: impl Fn(&str) -> Result<T, String>) -> Result<T, BadRow> {
    // serde takes a list for an object whose fields it names in order; Binance never means that.
    if !text.starts_with('{') {
        return Err(bad_row(None, "row is not an object", text));
    }
    read(text).map_err(|reason| bad_row(time(text, time_key), &reason, text))
}

fn time(text: &str, key: &str) -> Option<Time> {
    let cells: HashMap<Cow<'_, str>, &RawValue> = serde_json::from_str(text).ok()?;
    cells.get(key)?.get().parse().ok().map(Time::from_ms)
}
