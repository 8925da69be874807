//! `/api/v3/exchangeInfo`: the list of markets with their filters.

use super::super::json::{each, integer, quoted8, string};
use super::super::market::Market;
use super::super::rest::Exchange;
use super::error::ApiError;
use super::params::{Chosen, Params};
use crate::domain::time::Time;

pub(super) fn write(out: &mut Vec<u8>, params: &Params, exchange: Exchange<'_>, server_time: Time) -> Result<(), ApiError> {
    params.only(&["symbol", "symbols", "permissions", "symbolStatus", "showPermissionSets"])?;
    let permissions = params.text("permissions")?;
    let named = params.has("symbol") || params.has("symbols");
    if named && (permissions.is_some() || params.has("symbolStatus")) {
        return Err(ApiError::bad_combination());
    }
    let show_sets = params.flag("showPermissionSets")?.unwrap_or(true);
    let mut markets = match params.markets(exchange)? {
        Chosen::One(market) => vec![market],
        Chosen::Many(markets) => markets,
    };
    // Every market of the simulation is a spot market and nothing else.
    if permissions.is_some_and(|permissions| !permissions.split(['[', ']', ',', '"']).any(|word| word == "SPOT")) {
        markets.clear();
    }
    out.extend_from_slice(b"{\"timezone\":\"UTC\",\"serverTime\":");
    integer(out, server_time.ms());
    out.extend_from_slice(
        b",\"rateLimits\":[{\"rateLimitType\":\"REQUEST_WEIGHT\",\"interval\":\"MINUTE\",\"intervalNum\":1,\"limit\":",
    );
    integer(out, exchange.weight_per_minute.into());
    out.extend_from_slice(
        b"},{\"rateLimitType\":\"ORDERS\",\"interval\":\"SECOND\",\"intervalNum\":10,\"limit\":100},\
          {\"rateLimitType\":\"ORDERS\",\"interval\":\"DAY\",\"intervalNum\":1,\"limit\":200000},\
          {\"rateLimitType\":\"RAW_REQUESTS\",\"interval\":\"MINUTE\",\"intervalNum\":5,\"limit\":300000}],\
          \"exchangeFilters\":[],\"symbols\":[",
    );
    each(out, markets, |out, market| write_market(out, market, exchange.now, show_sets));
    out.extend_from_slice(b"]}");
    Ok(())
}

fn write_market(out: &mut Vec<u8>, market: &Market, now: Time, show_sets: bool) {
    let field = |out: &mut Vec<u8>, name: &[u8], value: &str| {
        out.extend_from_slice(name);
        string(out, value);
    };
    let number = |out: &mut Vec<u8>, name: &[u8], value: i64| {
        out.extend_from_slice(name);
        quoted8(out, value.into());
    };
    let status = market.status(now);
    let trading = status == "TRADING";
    field(out, b"{\"symbol\":", &market.native);
    field(out, b",\"status\":", status);
    field(out, b",\"baseAsset\":", &market.base);
    field(out, b",\"baseAssetPrecision\":8,\"quoteAsset\":", &market.quote);
    out.extend_from_slice(
        b",\"quotePrecision\":8,\"quoteAssetPrecision\":8,\"baseCommissionPrecision\":8,\"quoteCommissionPrecision\":8,\
          \"orderTypes\":[\"LIMIT\",\"LIMIT_MAKER\",\"MARKET\"],\"icebergAllowed\":true,\"ocoAllowed\":true,\"otoAllowed\":true,\
          \"quoteOrderQtyMarketAllowed\":true,\"allowTrailingStop\":true,\"cancelReplaceAllowed\":true,\"isSpotTradingAllowed\":",
    );
    out.extend_from_slice(if trading { b"true" } else { b"false" });
    number(out, b",\"isMarginTradingAllowed\":false,\"filters\":[{\"filterType\":\"PRICE_FILTER\",\"minPrice\":", market.tick());
    number(out, b",\"maxPrice\":", market.tick() * 100_000_000);
    number(out, b",\"tickSize\":", market.tick());
    number(out, b"},{\"filterType\":\"LOT_SIZE\",\"minQty\":", market.lot());
    number(out, b",\"maxQty\":", market.lot() * 900_000_000);
    number(out, b",\"stepSize\":", market.lot());
    out.extend_from_slice(
        b"},{\"filterType\":\"NOTIONAL\",\"minNotional\":\"5.00000000\",\"applyMinToMarket\":true,\
          \"maxNotional\":\"9000000.00000000\",\"applyMaxToMarket\":false,\"avgPriceMins\":5}],\"permissions\":[],\
          \"permissionSets\":",
    );
    out.extend_from_slice(if show_sets { b"[[\"SPOT\"]]" } else { b"[]" });
    out.extend_from_slice(
        b",\"defaultSelfTradePreventionMode\":\"EXPIRE_MAKER\",\"allowedSelfTradePreventionModes\":[\"EXPIRE_MAKER\"]}",
    );
}
