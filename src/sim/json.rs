//! JSON bytes written straight from integers: a page of a thousand candles costs microseconds.

use super::fault::rows::Column;
use super::market::Market;
use super::row::{DECIMALS, ONE, Row};
use super::venue::Venue;
use crate::domain::price::Decimal;

/// Appends a plain integer.
pub(super) fn integer(out: &mut Vec<u8>, value: i64) {
    if value < 0 {
        out.push(b'-');
    }
    digits(out, value.unsigned_abs());
}

/// Appends a number of 10^-8 with exactly eight decimals in quotes, as Binance writes it.
pub(super) fn quoted8(out: &mut Vec<u8>, value: i128) {
    let Ok(small) = u64::try_from(value) else { return large8(out, value) };
    // Put together from the end: one copy into `out` instead of four.
    let mut text = *b"                    .00000000\"";
    let mut at = text.len() - 1;
    let (mut whole, mut fraction) = (small / ONE.unsigned_abs(), small % ONE.unsigned_abs());
    for _ in 0..4 {
        at -= 2;
        pair(&mut text, at, fraction % 100);
        fraction /= 100;
    }
    at -= 1;
    while whole >= 10 {
        at -= 2;
        pair(&mut text, at, whole % 100);
        whole /= 100;
    }
    if whole > 0 || text[at] == b'.' {
        at -= 1;
        text[at] = b'0' + whole as u8;
    }
    at -= 1;
    text[at] = b'"';
    out.extend_from_slice(&text[at..]);
}

/// A number of 10^-8 with so many decimals (at most eight) in quotes; further ones are cut off.
pub(super) fn fixed(out: &mut Vec<u8>, value: i128, decimals: u32) {
    if decimals >= DECIMALS {
        return quoted8(out, value);
    }
    quoted8(out, value);
    // The point goes with the last decimal.
    let cut = (DECIMALS - decimals) as usize + usize::from(decimals == 0);
    out.truncate(out.len() - cut - 1);
    out.push(b'"');
}

/// A number of 10^-8 without trailing zeros in quotes.
pub(super) fn trimmed(out: &mut Vec<u8>, value: i128) {
    quoted8(out, value);
    out.pop();
    while out.last() == Some(&b'0') {
        out.pop();
    }
    if out.last() == Some(&b'.') {
        out.pop();
    }
    out.push(b'"');
}

/// Counts 10^-8; what is finer is cut off.
pub(super) fn e8(value: Decimal) -> i128 {
    match value.scale() {
        scale @ 0..=DECIMALS => value.mantissa() * 10_i128.pow(DECIMALS - scale),
        scale => value.mantissa() / 10_i128.pow(scale - DECIMALS),
    }
}

/// Appends what `one` writes of each item, with commas in between.
pub(super) fn each<T>(out: &mut Vec<u8>, items: impl IntoIterator<Item = T>, mut one: impl FnMut(&mut Vec<u8>, T)) {
    for (at, item) in items.into_iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        one(out, item);
    }
}

/// The same as a JSON list.
pub(super) fn list<T>(out: &mut Vec<u8>, items: impl IntoIterator<Item = T>, one: impl FnMut(&mut Vec<u8>, T)) {
    out.push(b'[');
    each(out, items, one);
    out.push(b']');
}

/// `,"name":` and the number as [`fixed`] has it.
pub(super) fn fixed_field(out: &mut Vec<u8>, name: &str, value: i128, decimals: u32) {
    key(out, name);
    fixed(out, value, decimals);
}

/// `,"name":` and the number as [`trimmed`] has it.
pub(super) fn trimmed_field(out: &mut Vec<u8>, name: &str, value: i128) {
    key(out, name);
    trimmed(out, value);
}

/// `,"name":` and an integer.
pub(super) fn integer_field(out: &mut Vec<u8>, name: &str, value: i64) {
    key(out, name);
    integer(out, value);
}

/// `,"name":` and an integer in quotes.
pub(super) fn quoted_field(out: &mut Vec<u8>, name: &str, value: i64) {
    key(out, name);
    out.push(b'"');
    integer(out, value);
    out.push(b'"');
}

/// `,"name":` and `true` or `false`.
pub(super) fn flag_field(out: &mut Vec<u8>, name: &str, value: bool) {
    key(out, name);
    out.extend_from_slice(if value { b"true" } else { b"false" });
}

/// `,"name":` and a string.
pub(super) fn string_field(out: &mut Vec<u8>, name: &str, value: &str) {
    key(out, name);
    string(out, value);
}

/// `,"name":`, without the comma where an object or a list has just begun.
fn key(out: &mut Vec<u8>, name: &str) {
    if !matches!(out.last(), Some(b'{' | b'[')) {
        out.push(b',');
    }
    out.push(b'"');
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\":");
}

/// The same for what is negative or beyond 64 bits.
fn large8(out: &mut Vec<u8>, value: i128) {
    let one = i128::from(ONE).unsigned_abs();
    let (sign, value) = (if value < 0 { "-" } else { "" }, value.unsigned_abs());
    out.extend_from_slice(format!("\"{sign}{}.{:08}\"", value / one, value % one).as_bytes());
}

fn pair(text: &mut [u8], at: usize, two: u64) {
    let two = two as usize * 2;
    text[at] = PAIRS[two];
    text[at + 1] = PAIRS[two + 1];
}

/// Appends a JSON string.
pub(super) fn string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    for byte in text.bytes() {
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            0..0x20 => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
            _ => out.push(byte),
        }
    }
    out.push(b'"');
}

/// Decimals of an exchange's numbers in one market.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Decimals {
    pub(super) price: u32,
    pub(super) size: u32,
    pub(super) quote: u32,
}

impl Decimals {
    /// Binance spot writes eight everywhere; futures write what the market has, and five or more of the quote.
    pub(super) fn of(market: &Market) -> Self {
        match market.venue {
            Venue::Binance => Self { price: DECIMALS, size: DECIMALS, quote: DECIMALS },
            _ => Self {
                price: market.price_decimals.max(2),
                size: market.lot_decimals,
                quote: (market.price_decimals + market.lot_decimals).clamp(5, DECIMALS),
            },
        }
    }
}

/// The twelve columns of a `klines` row; `odd` replaces the text of one column.
pub(super) fn kline(out: &mut Vec<u8>, row: &Row, decimals: Decimals, odd: Option<(Column, &str)>) {
    let odd = |column: Column| odd.filter(|odd| odd.0 == column).map(|odd| odd.1);
    out.push(b'[');
    integer(out, row.open_time);
    for price in [row.open, row.high, row.low] {
        out.push(b',');
        fixed(out, price.into(), decimals.price);
    }
    out.push(b',');
    match odd(Column::Close) {
        Some(text) => out.extend_from_slice(text.as_bytes()),
        None => fixed(out, row.close.into(), decimals.price),
    }
    out.push(b',');
    match odd(Column::Volume) {
        Some(text) => out.extend_from_slice(text.as_bytes()),
        None => fixed(out, row.volume, decimals.size),
    }
    out.push(b',');
    integer(out, row.close_time);
    out.push(b',');
    fixed(out, row.quote_volume, decimals.quote);
    out.push(b',');
    integer(out, row.trades);
    out.push(b',');
    fixed(out, row.taker_volume, decimals.size);
    out.push(b',');
    fixed(out, row.taker_quote_volume, decimals.quote);
    out.extend_from_slice(b",\"0\"]");
}

const PAIRS: [u8; 200] = {
    let mut pairs = [0; 200];
    let mut at = 0;
    while at < 100 {
        pairs[at * 2] = b'0' + (at / 10) as u8;
        pairs[at * 2 + 1] = b'0' + (at % 10) as u8;
        at += 1;
    }
    pairs
};

fn digits(out: &mut Vec<u8>, mut value: u64) {
    let mut text = [0; 20];
    let mut at = text.len();
    while value >= 10 {
        at -= 2;
        pair(&mut text, at, value % 100);
        value /= 100;
    }
    if value > 0 || at == text.len() {
        at -= 1;
        text[at] = b'0' + value as u8;
    }
    out.extend_from_slice(&text[at..]);
}

#[cfg(test)]
mod tests;
