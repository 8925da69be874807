//! `Assets` and `AssetPairs`.

use super::super::json::{self, string};
use super::super::market::Market;
use super::super::query::Query;
use super::super::rest::Exchange;
use super::super::row::DECIMALS;
use super::super::venue::{KrakenAsset, kraken_asset};
use super::error::KrakenError;
use super::{altname, pairs as pairs_of};
use crate::domain::time::Time;

pub(super) fn assets(out: &mut Vec<u8>, query: &Query, exchange: Exchange<'_>) -> Result<(), KrakenError> {
    let mut known: Vec<KrakenAsset<'_>> =
        exchange.markets().flat_map(|market| [market.base.as_str(), market.quote.as_str()]).map(kraken_asset).collect();
    known.sort_by_key(|asset| asset.id);
    known.dedup();
    if let Some(list) = query.given("asset") {
        let find = |name: &str| known.iter().copied().find(|asset| asset.id == name || asset.altname == name);
        known = list.split(',').map(|name| find(name).ok_or(KrakenError::UnknownAsset)).collect::<Result<_, _>>()?;
    }
    for asset in known {
        if !out.ends_with(b"{") {
            out.push(b',');
        }
        string(out, asset.id);
        out.extend_from_slice(b":{\"aclass\":\"currency\"");
        json::string_field(out, "altname", asset.altname);
        let fiat = ["USD", "EUR"].contains(&asset.altname);
        json::integer_field(out, "decimals", if fiat { 4 } else { 10 });
        json::integer_field(out, "display_decimals", if fiat { 2 } else { 5 });
        out.extend_from_slice(b",\"collateral_value\":1.0,\"status\":\"enabled\",\"margin_rate\":\"0.02\"}");
    }
    Ok(())
}

pub(super) fn pairs(out: &mut Vec<u8>, query: &Query, exchange: Exchange<'_>) -> Result<(), KrakenError> {
    for (key, market) in pairs_of(query, exchange)? {
        if !out.ends_with(b"{") {
            out.push(b',');
        }
        string(out, &key);
        out.extend_from_slice(b":{");
        pair(out, market, exchange.now);
        out.push(b'}');
    }
    Ok(())
}

fn pair(out: &mut Vec<u8>, market: &Market, now: Time) {
    let (base, quote) = (kraken_asset(&market.base), kraken_asset(&market.quote));
    json::string_field(out, "altname", &altname(market));
    json::string_field(out, "wsname", &format!("{}/{}", base.altname, quote.altname));
    json::string_field(out, "aclass_base", "currency");
    json::string_field(out, "base", base.id);
    json::string_field(out, "aclass_quote", "currency");
    json::string_field(out, "quote", quote.id);
    json::string_field(out, "lot", "unit");
    json::integer_field(out, "cost_decimals", 5);
    json::integer_field(out, "pair_decimals", market.price_decimals.into());
    json::integer_field(out, "lot_decimals", DECIMALS.into());
    out.extend_from_slice(
        b",\"lot_multiplier\":1,\"leverage_buy\":[2,3],\"leverage_sell\":[2,3],\"fees\":[],\"fees_maker\":[],\
          \"fee_volume_currency\":\"ZUSD\",\"margin_call\":80,\"margin_stop\":40",
    );
    json::trimmed_field(out, "ordermin", i128::from(market.lot()) * 500);
    json::string_field(out, "costmin", "0.5");
    json::fixed_field(out, "tick_size", market.tick().into(), market.price_decimals);
    json::string_field(out, "status", if market.status(now) == "TRADING" { "online" } else { "cancel_only" });
    json::string_field(out, "execution_venue", "international");
}
