//! `/api/v3/ticker/24hr`, `/ticker/price` and `/ticker/bookTicker`.

use super::super::day::{day, day_start, last_price};
use super::super::json::{integer, list, quoted8, string};
use super::super::market::Market;
use super::super::rest::Exchange;
use super::super::row::ONE;
use super::error::ApiError;
use super::params::{Chosen, Params};
use crate::domain::time::{DAY_MS, Time};

pub(super) fn write_24h(out: &mut Vec<u8>, params: &Params, exchange: Exchange<'_>) -> Result<(), ApiError> {
    params.only(&["symbol", "symbols", "type", "symbolStatus"])?;
    let full = match params.text("type")? {
        None | Some("FULL") => true,
        Some("MINI") => false,
        Some(_) => return Err(ApiError::invalid("type")),
    };
    each(out, params, exchange, |out, market| ticker_24h(out, market, exchange.now, full))
}

pub(super) fn write_price(out: &mut Vec<u8>, params: &Params, exchange: Exchange<'_>) -> Result<(), ApiError> {
    params.only(&["symbol", "symbols", "symbolStatus"])?;
    each(out, params, exchange, |out, market| {
        let price = last_price(market, exchange.now);
        symbol(out, market);
        field(out, "price", price.into());
        out.push(b'}');
    })
}

pub(super) fn write_book(out: &mut Vec<u8>, params: &Params, exchange: Exchange<'_>) -> Result<(), ApiError> {
    params.only(&["symbol", "symbols", "symbolStatus"])?;
    each(out, params, exchange, |out, market| {
        symbol(out, market);
        book(out, market, last_price(market, exchange.now));
        out.push(b'}');
    })
}

/// One object for `symbol`, else a list.
pub(in crate::sim) fn each(
    out: &mut Vec<u8>,
    params: &Params,
    exchange: Exchange<'_>,
    mut one: impl FnMut(&mut Vec<u8>, &Market),
) -> Result<(), ApiError> {
    match params.markets(exchange)? {
        Chosen::One(market) => one(out, market),
        Chosen::Many(markets) => {
            list(out, markets, one);
        }
    }
    Ok(())
}

/// The rolling window to the minute, the forming one included.
fn ticker_24h(out: &mut Vec<u8>, market: &Market, now: Time, full: bool) {
    let from = now.plus_ms(-DAY_MS);
    let first = day_start(market, now);
    let day = day(market, now);
    let change = i128::from(day.close - day.open);
    let mean = if day.volume > 0 { day.quote_volume * i128::from(ONE) / day.volume } else { 0 };
    symbol(out, market);
    if full {
        field(out, "priceChange", change);
        out.extend_from_slice(b",\"priceChangePercent\":\"");
        percent(out, change, day.open.into());
        out.push(b'"');
        field(out, "weightedAvgPrice", mean);
        field(out, "prevClosePrice", day.open.into());
    }
    field(out, "lastPrice", day.close.into());
    if full {
        field(out, "lastQty", i128::from(market.lot()) * 100);
        book(out, market, day.close);
    }
    field(out, "openPrice", day.open.into());
    field(out, "highPrice", day.high.into());
    field(out, "lowPrice", day.low.into());
    field(out, "volume", day.volume);
    field(out, "quoteVolume", day.quote_volume);
    // Trade ids that only hold together: as many as the count says.
    let first_id = if day.trades > 0 { first.ms() / 1_000 } else { -1 };
    let last_id = if day.trades > 0 { first_id + day.trades - 1 } else { -1 };
    for (name, value) in
        [("openTime", from.ms()), ("closeTime", now.ms()), ("firstId", first_id), ("lastId", last_id), ("count", day.trades)]
    {
        out.extend_from_slice(format!(",\"{name}\":").as_bytes());
        integer(out, value);
    }
    out.push(b'}');
}

fn symbol(out: &mut Vec<u8>, market: &Market) {
    out.extend_from_slice(b"{\"symbol\":");
    string(out, &market.native);
}

fn field(out: &mut Vec<u8>, name: &str, value: i128) {
    out.extend_from_slice(b",\"");
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\":");
    quoted8(out, value);
}

/// Best bid one tick below the last price, best ask one above.
fn book(out: &mut Vec<u8>, market: &Market, price: i64) {
    let size = i128::from(market.lot()) * 5_000;
    field(out, "bidPrice", i128::from((price - market.tick()).max(0)));
    field(out, "bidQty", size);
    field(out, "askPrice", i128::from(price + market.tick()));
    field(out, "askQty", size);
}

/// With three decimals, rounded half away from zero.
pub(in crate::sim) fn percent(out: &mut Vec<u8>, change: i128, open: i128) {
    let thousandths = if open == 0 { 0 } else { (change.abs() * 200_000 / open + 1) / 2 };
    let sign = if change < 0 && thousandths > 0 { "-" } else { "" };
    out.extend_from_slice(format!("{sign}{}.{:03}", thousandths / 1_000, thousandths % 1_000).as_bytes());
}
