//! What the readers of all exchanges' payloads share. Pure.

use super::error::ExchangeError;
use super::text::{EXCERPT_CHARS, PAYLOAD_CHARS, cut, malformed};
use crate::domain::page::BadRow;
use crate::domain::price::{Decimal, parse_decimal};
use crate::domain::time::Time;
use serde::Deserialize;
use serde_json::value::RawValue;

/// The JSON of a whole answer.
pub(super) fn whole<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, ExchangeError> {
    serde_json::from_str(text).map_err(|error| malformed(&error.to_string(), text))
}

/// The JSON of a part of an answer, or why it is none.
pub(super) fn part<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}

/// A row that is refused.
pub(super) fn bad_row(time: Option<Time>, reason: &str, text: &str) -> BadRow {
    // serde quotes what it finds, at full length.
    BadRow { time, reason: cut(reason, EXCERPT_CHARS), payload: cut(text, PAYLOAD_CHARS) }
}

/// A decimal of this name.
#[inline]
pub(super) fn decimal(name: &str, text: &str) -> Result<Decimal, String> {
    parse_decimal(text).map_err(|error| format!("{name}: {error}"))
}

/// The text of a cell that holds a decimal in quotes.
pub(super) fn quoted<'a>(name: &str, cell: &'a RawValue) -> Result<&'a str, String> {
    let inner = cell.get().strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    inner.filter(|inner| !inner.contains('\\')).ok_or_else(|| not(name, cell, "a decimal in quotes"))
}

/// Why a cell is refused.
pub(super) fn not(name: &str, cell: &RawValue, expected: &str) -> String {
    format!("{name} is {}, not {expected}", cut(cell.get(), 40))
}

/// Whether a symbol or an asset may be called so.
pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c.is_control() || c.is_whitespace() || c == '/')
}
