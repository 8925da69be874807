//! `market/candles` and `market/history-candles`: newest first, cursors exclusive.

use super::super::fault::plan::Strike;
use super::super::fault::rows::{Column, Page};
use super::super::interval::KlineInterval;
use super::super::json::trimmed;
use super::super::market::{Market, Window};
use super::super::query::Query;
use super::super::rest::Exchange;
use super::super::row::Row;
use super::bar::bar;
use super::error::OkxError;
use super::{instrument, limit, number, size};
use crate::domain::range::TimeRange;
use crate::domain::time::Time;

/// How many candles `market/candles` reaches back.
pub(super) const NEWEST: i64 = 1_440;

const USUAL: i64 = 100;
const MOST: i64 = 300;

pub(super) fn write(
    out: &mut Vec<u8>,
    query: &Query,
    exchange: Exchange<'_>,
    depth: Option<i64>,
    strike: Option<Strike>,
) -> Result<(), OkxError> {
    let market = instrument(query, exchange)?;
    let interval = interval(query)?;
    let now = exchange.now;
    let mut rows = market.rows(interval, window(query, now)?, now);
    let newer_than = number(query, "before")?.unwrap_or(i64::MIN);
    let oldest = depth.map_or(i64::MIN, |depth| now.ms() - depth * interval.longest_ms());
    rows.retain(|row| row.open_time > newer_than && row.open_time > oldest);
    let page = Page::new(rows, strike);
    for (at, line) in page.rows.iter().enumerate().rev() {
        if at + 1 < page.rows.len() {
            out.push(b',');
        }
        row(out, market, line, page.odd_at(at), now);
    }
    Ok(())
}

fn interval(query: &Query) -> Result<KlineInterval, OkxError> {
    bar(query.given("bar").unwrap_or("1m")).ok_or_else(|| OkxError::wrong("bar"))
}

/// The newest rows before `after`.
fn window(query: &Query, now: Time) -> Result<Window, OkxError> {
    let end = number(query, "after")?.map_or(now, |after| now.min(Time::from_ms(after.saturating_sub(1))));
    Ok(Window { start: None, end: Some(end), limit: limit(query, USUAL, MOST)? })
}

pub(super) fn asked(query: &Query, now: Time) -> Option<TimeRange> {
    Some(window(query, now).ok()?.asked(interval(query).ok()?, now))
}

fn row(out: &mut Vec<u8>, market: &Market, row: &Row, odd: Option<(Column, &str)>, now: Time) {
    let odd = |column: Column| odd.filter(|odd| odd.0 == column).map(|odd| odd.1);
    let number = |out: &mut Vec<u8>, value: i128, odd: Option<&str>| {
        out.push(b',');
        match odd {
            Some(text) => out.extend_from_slice(text.as_bytes()),
            None => trimmed(out, value),
        }
    };
    out.extend_from_slice(format!("[\"{}\"", row.open_time).as_bytes());
    number(out, row.open.into(), None);
    number(out, row.high.into(), None);
    number(out, row.low.into(), None);
    number(out, row.close.into(), odd(Column::Close));
    number(out, size(market, row.volume), odd(Column::Volume));
    // The second volume is in coins for contracts, in the quote for spot.
    number(out, if market.perpetual.is_some() { row.volume } else { row.quote_volume }, None);
    number(out, row.quote_volume, None);
    out.extend_from_slice(if row.close_time < now.ms() { b",\"1\"]" } else { b",\"0\"]" });
}
