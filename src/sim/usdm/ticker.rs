//! `ticker/24hr`, `ticker/price` and `ticker/bookTicker`.

use super::super::binance::error::ApiError;
use super::super::binance::params::Params;
use super::super::binance::ticker::{each, percent};
use super::super::day;
use super::super::json::{self, Decimals};
use super::super::rest::Exchange;
use super::super::row::ONE;
use crate::domain::time::DAY_MS;

pub(super) fn price(out: &mut Vec<u8>, params: &Params, exchange: Exchange<'_>) -> Result<(), ApiError> {
    each(out, params, exchange, |out, market| {
        out.push(b'{');
        json::string_field(out, "symbol", &market.native);
        json::fixed_field(out, "price", day::last_price(market, exchange.now).into(), Decimals::of(market).price);
        json::integer_field(out, "time", exchange.now.ms());
        out.push(b'}');
    })
}

pub(super) fn book(out: &mut Vec<u8>, params: &Params, exchange: Exchange<'_>) -> Result<(), ApiError> {
    each(out, params, exchange, |out, market| {
        let decimals = Decimals::of(market);
        let price = day::last_price(market, exchange.now);
        let size = i128::from(market.lot()) * 5_000;
        out.push(b'{');
        json::string_field(out, "symbol", &market.native);
        json::fixed_field(out, "bidPrice", (price - market.tick()).max(0).into(), decimals.price);
        json::fixed_field(out, "bidQty", size, decimals.size);
        json::fixed_field(out, "askPrice", (price + market.tick()).into(), decimals.price);
        json::fixed_field(out, "askQty", size, decimals.size);
        json::integer_field(out, "time", exchange.now.ms());
        json::integer_field(out, "lastUpdateId", exchange.now.ms());
        out.push(b'}');
    })
}

pub(super) fn day(out: &mut Vec<u8>, params: &Params, exchange: Exchange<'_>) -> Result<(), ApiError> {
    each(out, params, exchange, |out, market| {
        let decimals = Decimals::of(market);
        let row = day::day(market, exchange.now);
        let change = i128::from(row.close - row.open);
        let mean = if row.volume > 0 { row.quote_volume * i128::from(ONE) / row.volume } else { 0 };
        out.push(b'{');
        json::string_field(out, "symbol", &market.native);
        json::fixed_field(out, "priceChange", change, decimals.price);
        out.extend_from_slice(b",\"priceChangePercent\":\"");
        percent(out, change, row.open.into());
        out.push(b'"');
        json::fixed_field(out, "weightedAvgPrice", mean, decimals.price);
        json::fixed_field(out, "lastPrice", row.close.into(), decimals.price);
        json::fixed_field(out, "lastQty", i128::from(market.lot()) * 100, decimals.size);
        json::fixed_field(out, "openPrice", row.open.into(), decimals.price);
        json::fixed_field(out, "highPrice", row.high.into(), decimals.price);
        json::fixed_field(out, "lowPrice", row.low.into(), decimals.price);
        json::fixed_field(out, "volume", row.volume, decimals.size);
        json::fixed_field(out, "quoteVolume", row.quote_volume, decimals.quote);
        json::integer_field(out, "openTime", exchange.now.plus_ms(-DAY_MS).ms());
        json::integer_field(out, "closeTime", exchange.now.ms());
        // Ids that only hold together: as many as the count says.
        let first = exchange.now.ms() / 1_000;
        json::integer_field(out, "firstId", first);
        json::integer_field(out, "lastId", first + row.trades - 1);
        json::integer_field(out, "count", row.trades);
        out.push(b'}');
    })
}
