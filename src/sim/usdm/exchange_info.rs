//! `exchangeInfo`: the list of contracts with their filters.

use super::super::json::{self, Decimals};
use super::super::market::Market;
use super::super::rest::Exchange;
use crate::domain::time::Time;

/// How the exchange writes that a contract never expires.
const NO_EXPIRY: i64 = 4_133_404_800_000;

pub(super) fn write(out: &mut Vec<u8>, exchange: Exchange<'_>, server_time: Time) {
    out.extend_from_slice(b"{\"timezone\":\"UTC\"");
    json::integer_field(out, "serverTime", server_time.ms());
    json::string_field(out, "futuresType", "U_MARGINED");
    out.extend_from_slice(b",\"rateLimits\":[{\"rateLimitType\":\"REQUEST_WEIGHT\",\"interval\":\"MINUTE\",\"intervalNum\":1");
    json::integer_field(out, "limit", exchange.weight_per_minute.into());
    out.extend_from_slice(
        b"},{\"rateLimitType\":\"ORDERS\",\"interval\":\"MINUTE\",\"intervalNum\":1,\"limit\":1200}],\"exchangeFilters\":[],\
          \"assets\":[{\"asset\":\"USDT\",\"marginAvailable\":true,\"autoAssetExchange\":\"-10000\"}],\"symbols\":[",
    );
    json::each(out, exchange.markets(), |out, market| {
        out.push(b'{');
        contract(out, market, exchange.now);
        out.push(b'}');
    });
    out.extend_from_slice(b"]}");
}

fn contract(out: &mut Vec<u8>, market: &Market, now: Time) {
    let decimals = Decimals::of(market);
    let status = if market.status(now) == "TRADING" { "TRADING" } else { "SETTLING" };
    let (tick, lot) = (i128::from(market.tick()), i128::from(market.lot()));
    json::string_field(out, "symbol", &market.native);
    json::string_field(out, "pair", &market.native);
    json::string_field(out, "contractType", "PERPETUAL");
    json::integer_field(out, "deliveryDate", NO_EXPIRY);
    json::integer_field(out, "onboardDate", market.listed_at().ms());
    json::string_field(out, "status", status);
    out.extend_from_slice(b",\"maintMarginPercent\":\"2.5000\",\"requiredMarginPercent\":\"5.0000\"");
    json::string_field(out, "baseAsset", &market.base);
    json::string_field(out, "quoteAsset", &market.quote);
    json::string_field(out, "marginAsset", &market.quote);
    json::integer_field(out, "pricePrecision", decimals.price.into());
    json::integer_field(out, "quantityPrecision", decimals.size.into());
    out.extend_from_slice(
        b",\"baseAssetPrecision\":8,\"quotePrecision\":8,\"underlyingType\":\"COIN\",\"underlyingSubType\":[\"PoW\"],\
          \"triggerProtect\":\"0.0500\",\"liquidationFee\":\"0.012500\",\"marketTakeBound\":\"0.05\",\"maxMoveOrderLimit\":10000,\
          \"filters\":[{\"filterType\":\"PRICE_FILTER\"",
    );
    json::fixed_field(out, "minPrice", tick, decimals.price);
    json::fixed_field(out, "maxPrice", tick * 100_000_000, decimals.price);
    json::fixed_field(out, "tickSize", tick, decimals.price);
    for (kind, most) in [("LOT_SIZE", 900_000_000), ("MARKET_LOT_SIZE", 90_000_000)] {
        out.extend_from_slice(b"},{");
        json::string_field(out, "filterType", kind);
        json::fixed_field(out, "minQty", lot, decimals.size);
        json::fixed_field(out, "maxQty", lot * most, decimals.size);
        json::fixed_field(out, "stepSize", lot, decimals.size);
    }
    out.extend_from_slice(
        b"},{\"filterType\":\"MAX_NUM_ORDERS\",\"limit\":200},{\"filterType\":\"MIN_NOTIONAL\",\"notional\":\"5\"},\
          {\"filterType\":\"PERCENT_PRICE\",\"multiplierUp\":\"1.0500\",\"multiplierDown\":\"0.9500\",\"multiplierDecimal\":\"4\"}],\
          \"orderTypes\":[\"LIMIT\",\"MARKET\",\"STOP\",\"STOP_MARKET\",\"TAKE_PROFIT\",\"TAKE_PROFIT_MARKET\",\
          \"TRAILING_STOP_MARKET\"],\"timeInForce\":[\"GTC\",\"IOC\",\"FOK\",\"GTX\",\"GTD\"],\
          \"permissionSets\":[\"GRID\",\"COPY\",\"DCA\",\"PSB\"]",
    );
}
