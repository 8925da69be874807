//! `market/ticker`, `market/tickers` and `public/mark-price`.

use super::super::day;
use super::super::json::{self, e8};
use super::super::market::Market;
use super::super::query::Query;
use super::super::rest::Exchange;
use super::super::row::Row;
use super::error::OkxError;
use super::{instrument, instruments_of, size, type_of};
use crate::domain::time::{DAY_MS, HOUR_MS, Time};

pub(super) fn one(out: &mut Vec<u8>, query: &Query, exchange: Exchange<'_>) -> Result<(), OkxError> {
    let market = instrument(query, exchange)?;
    ticker(out, market, &day::day(market, exchange.now), exchange.now, Order::VolumesFirst);
    Ok(())
}

pub(super) fn all(out: &mut Vec<u8>, query: &Query, exchange: Exchange<'_>) -> Result<(), OkxError> {
    json::each(out, instruments_of(query, exchange)?, |out, market| {
        ticker(out, market, &day::day(market, exchange.now), exchange.now, Order::VolumesFirst);
    });
    Ok(())
}

/// The order of a ticker's last fields, which REST and the stream have differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sim) enum Order {
    VolumesFirst,
    DayStartsFirst,
}

/// The object of a market whose rolling day is `row`.
pub(in crate::sim) fn ticker(out: &mut Vec<u8>, market: &Market, row: &Row, now: Time, order: Order) {
    let quoted = size(market, i128::from(market.lot()) * 5_000);
    let start_of_day = |shift: i64| market.price_at(now.plus_ms(shift).floor_to(DAY_MS).plus_ms(-shift)).map_or(0, e8);
    out.push(b'{');
    json::string_field(out, "instType", type_of(market));
    json::string_field(out, "instId", &market.native);
    json::trimmed_field(out, "last", row.close.into());
    json::trimmed_field(out, "lastSz", size(market, i128::from(market.lot()) * 100));
    json::trimmed_field(out, "askPx", (row.close + market.tick()).into());
    json::trimmed_field(out, "askSz", quoted);
    json::trimmed_field(out, "bidPx", (row.close - market.tick()).max(0).into());
    json::trimmed_field(out, "bidSz", quoted);
    json::trimmed_field(out, "open24h", row.open.into());
    json::trimmed_field(out, "high24h", row.high.into());
    json::trimmed_field(out, "low24h", row.low.into());
    let day_starts = |out: &mut Vec<u8>| {
        json::trimmed_field(out, "sodUtc0", start_of_day(0));
        json::trimmed_field(out, "sodUtc8", start_of_day(8 * HOUR_MS));
    };
    if order == Order::DayStartsFirst {
        day_starts(out);
    }
    json::trimmed_field(out, "volCcy24h", if market.perpetual.is_some() { row.volume } else { row.quote_volume });
    json::trimmed_field(out, "vol24h", size(market, row.volume));
    if order == Order::VolumesFirst {
        day_starts(out);
    }
    json::quoted_field(out, "ts", now.ms());
    out.push(b'}');
}

pub(super) fn mark_price(out: &mut Vec<u8>, query: &Query, exchange: Exchange<'_>) -> Result<(), OkxError> {
    json::each(out, instruments_of(query, exchange)?, |out, market| {
        out.push(b'{');
        json::string_field(out, "instType", type_of(market));
        json::string_field(out, "instId", &market.native);
        json::trimmed_field(out, "markPx", market.price_at(exchange.now).map_or(0, e8));
        json::quoted_field(out, "ts", exchange.now.ms());
        out.push(b'}');
    });
    Ok(())
}
