//! `OHLC`: the newest 720 candles and the running one. A minute without trades is a row of zeros.

use super::super::fault::plan::Strike;
use super::super::fault::rows::{Column, Page};
use super::super::interval::KlineInterval;
use super::super::json::{self, fixed, integer};
use super::super::market::{Market, Window};
use super::super::query::Query;
use super::super::rest::Exchange;
use super::super::row::{DECIMALS, ONE, Row};
use super::error::KrakenError;
use super::pair;
use crate::domain::range::TimeRange;
use crate::domain::time::{MINUTE_MS, Time};

/// Closed candles in an answer.
const CLOSED: usize = 720;

/// Widths in minutes. All lie on the epoch's grid, so that weeks open on Thursday.
const MINUTES: [i64; 9] = [1, 5, 15, 30, 60, 240, 1_440, 10_080, 21_600];

pub(super) fn write(out: &mut Vec<u8>, query: &Query, exchange: Exchange<'_>, strike: Option<Strike>) -> Result<(), KrakenError> {
    let (key, market) = pair(query, exchange)?;
    let interval = interval(query)?;
    let since = match query.given("since") {
        Some(text) => Some(text.parse::<i64>().map_err(|_| KrakenError::Arguments)?),
        None => None,
    };
    let mut rows = market.rows(interval, Window { start: None, end: None, limit: CLOSED + 1 }, exchange.now);
    // The open of the newest closed candle: from there on somebody who polls has to ask again.
    let last = rows.iter().rev().find(|row| row.close_time < exchange.now.ms()).map_or(0, |row| row.open_time / 1_000);
    rows.retain(|row| since.is_none_or(|since| row.open_time > since.saturating_mul(1_000)));
    let page = Page::new(rows, strike);
    json::string(out, &key);
    out.extend_from_slice(b":[");
    json::each(out, page.rows.iter().enumerate(), |out, (at, line)| row(out, market, line, page.odd_at(at)));
    out.push(b']');
    json::integer_field(out, "last", last);
    Ok(())
}

fn interval(query: &Query) -> Result<KlineInterval, KrakenError> {
    let minutes = query.given("interval").unwrap_or("1").parse().map_err(|_| KrakenError::Arguments)?;
    width(minutes).ok_or(KrakenError::Arguments)
}

/// The width of so many minutes.
pub(in crate::sim) fn width(minutes: i64) -> Option<KlineInterval> {
    MINUTES.contains(&minutes).then(|| KlineInterval::new("OHLC", minutes * MINUTE_MS, 0))
}

pub(super) fn asked(query: &Query, now: Time) -> Option<TimeRange> {
    let asked = Window { start: None, end: None, limit: CLOSED + 1 }.asked(interval(query).ok()?, now);
    let since = query.given("since").map_or(Some(i64::MIN / 1_000), |since| since.parse().ok())?;
    Some(TimeRange::new(asked.from.max(Time::from_ms(since.saturating_mul(1_000))), asked.to))
}

fn row(out: &mut Vec<u8>, market: &Market, row: &Row, odd: Option<(Column, &str)>) {
    let decimals = market.price_decimals;
    let odd = |column: Column| odd.filter(|odd| odd.0 == column).map(|odd| odd.1);
    let number = |out: &mut Vec<u8>, value: i128, decimals: u32, odd: Option<&str>| {
        out.push(b',');
        match odd {
            Some(text) => out.extend_from_slice(text.as_bytes()),
            None => fixed(out, value, decimals),
        }
    };
    out.push(b'[');
    integer(out, row.open_time / 1_000);
    for price in [row.open, row.high, row.low] {
        number(out, price.into(), decimals, None);
    }
    number(out, row.close.into(), decimals, odd(Column::Close));
    if row.volume == 0 {
        out.extend_from_slice(b",\"0.0\"");
    } else {
        number(out, row.quote_volume * i128::from(ONE) / row.volume, decimals, None);
    }
    number(out, row.volume, DECIMALS, odd(Column::Volume));
    out.push(b',');
    integer(out, row.trades);
    out.push(b']');
}
