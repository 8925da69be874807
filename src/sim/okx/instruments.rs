//! `public/instruments`.

use super::super::json::{self, e8};
use super::super::market::Market;
use super::super::query::Query;
use super::super::rest::Exchange;
use super::error::OkxError;
use super::{instruments_of, size, type_of};
use crate::domain::time::Time;

pub(super) fn write(out: &mut Vec<u8>, query: &Query, exchange: Exchange<'_>) -> Result<(), OkxError> {
    json::each(out, instruments_of(query, exchange)?.into_iter().enumerate(), |out, (at, market)| {
        out.push(b'{');
        instrument(out, market, at, exchange.now);
        out.push(b'}');
    });
    Ok(())
}

/// Fields that do not apply are empty strings.
fn instrument(out: &mut Vec<u8>, market: &Market, at: usize, now: Time) {
    let swap = market.perpetual.is_some();
    let family = if swap { format!("{}-{}", market.base, market.quote) } else { String::new() };
    let only = |condition: bool, text: &'static str| if condition { text } else { "" };
    for name in ["alias", "auctionEndTime", "expTime", "optType", "stk", "seriesId", "freq", "method"] {
        json::string_field(out, name, "");
    }
    json::string_field(out, "baseCcy", if swap { "" } else { &market.base });
    json::string_field(out, "quoteCcy", if swap { "" } else { &market.quote });
    json::string_field(out, "settleCcy", if swap { &market.quote } else { "" });
    json::string_field(out, "category", "1");
    json::string_field(out, "instCategory", "1");
    json::string_field(out, "ctMult", only(swap, "1"));
    json::string_field(out, "ctType", only(swap, "linear"));
    match market.perpetual {
        Some(terms) => json::trimmed_field(out, "ctVal", e8(terms.contract_size)),
        None => json::string_field(out, "ctVal", ""),
    }
    json::string_field(out, "ctValCcy", if swap { &market.base } else { "" });
    json::flag_field(out, "futureSettlement", false);
    json::string_field(out, "instFamily", &family);
    json::string_field(out, "uly", &family);
    json::string_field(out, "instId", &market.native);
    json::integer_field(out, "instIdCode", 3 + at as i64);
    json::string_field(out, "instType", type_of(market));
    json::string_field(out, "lever", if swap { "100" } else { "10" });
    json::quoted_field(out, "listTime", market.listed_at().ms());
    let lot = size(market, market.lot().into());
    json::trimmed_field(out, "lotSz", lot);
    json::trimmed_field(out, "minSz", lot);
    json::trimmed_field(out, "tickSz", market.tick().into());
    for (name, value) in
        [("maxLmtSz", "9999999999"), ("maxMktSz", "1000000"), ("maxLmtAmt", "20000000"), ("maxMktAmt", only(!swap, "1000000"))]
    {
        json::string_field(out, name, value);
    }
    json::string_field(out, "openType", if swap { "call_auction" } else { "fix_price" });
    json::string_field(out, "ruleType", "normal");
    json::string_field(out, "state", if market.status(now) == "TRADING" { "live" } else { "suspend" });
    out.extend_from_slice(b",\"tradeQuoteCcyList\":[],\"upcChg\":[]");
}
