//! `Ticker`: numbers of today, which began at 00:00 UTC, and of the last day.

use super::super::day;
use super::super::json::{fixed, integer, string};
use super::super::market::Market;
use super::super::query::Query;
use super::super::rest::Exchange;
use super::super::row::{DECIMALS, ONE, Row};
use super::error::KrakenError;
use super::pairs;
use crate::domain::time::{DAY_MS, Time};

/// Prices have five decimals and more.
const PRICE_DECIMALS: u32 = 5;

pub(super) fn write(out: &mut Vec<u8>, query: &Query, exchange: Exchange<'_>) -> Result<(), KrakenError> {
    for (key, market) in pairs(query, exchange)? {
        if !out.ends_with(b"{") {
            out.push(b',');
        }
        string(out, &key);
        out.extend_from_slice(b":{");
        ticker(out, market, exchange.now);
        out.push(b'}');
    }
    Ok(())
}

fn ticker(out: &mut Vec<u8>, market: &Market, now: Time) {
    let decimals = market.price_decimals.max(PRICE_DECIMALS);
    let spans = [day::since(market, now.floor_to(DAY_MS), now), day::day(market, now)];
    let [today, whole] = &spans;
    let last = whole.close;
    let two = |out: &mut Vec<u8>, name: &str, of: fn(&Row) -> i128, decimals: u32| {
        out.extend_from_slice(format!(",\"{name}\":[").as_bytes());
        fixed(out, of(today), decimals);
        out.push(b',');
        fixed(out, of(whole), decimals);
        out.push(b']');
    };
    for (name, price) in [("\"a\":[", last + market.tick()), (",\"b\":[", (last - market.tick()).max(0))] {
        out.extend_from_slice(name.as_bytes());
        fixed(out, price.into(), decimals);
        out.extend_from_slice(b",\"1\",\"1.000\"]");
    }
    out.extend_from_slice(b",\"c\":[");
    fixed(out, last.into(), decimals);
    out.push(b',');
    fixed(out, i128::from(market.lot()) * 100, DECIMALS);
    out.push(b']');
    two(out, "v", |row| row.volume, DECIMALS);
    two(out, "p", |row| if row.volume > 0 { row.quote_volume * i128::from(ONE) / row.volume } else { 0 }, decimals);
    out.extend_from_slice(b",\"t\":[");
    integer(out, today.trades);
    out.push(b',');
    integer(out, whole.trades);
    out.push(b']');
    two(out, "l", |row| row.low.into(), decimals);
    two(out, "h", |row| row.high.into(), decimals);
    out.extend_from_slice(b",\"o\":");
    fixed(out, today.open.into(), decimals);
}
