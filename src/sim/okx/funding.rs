//! `public/funding-rate` and `public/funding-rate-history`.

use super::super::json::{self, e8};
use super::super::market::Market;
use super::super::query::Query;
use super::super::rest::Exchange;
use super::error::OkxError;
use super::{instrument, limit, number};
use crate::domain::range::TimeRange;
use crate::domain::time::{DAY_MS, Time};

/// How far back the history goes.
const DEPTH_MS: i64 = 93 * DAY_MS;

/// `fundingTime` is the coming settlement, and the rate its running estimate.
pub(super) fn present(out: &mut Vec<u8>, query: &Query, exchange: Exchange<'_>) -> Result<(), OkxError> {
    let markets: Vec<&Market> = match query.given("instId") {
        Some("ANY") => exchange.markets().filter(|market| market.perpetual.is_some()).collect(),
        _ => vec![swap(query, exchange)?],
    };
    json::each(out, markets, |out, market| row(out, market, exchange.now));
    Ok(())
}

/// The object of a perpetual future's coming settlement.
pub(in crate::sim) fn row(out: &mut Vec<u8>, market: &Market, now: Time) {
    let Some(step) = market.funding_step() else { return };
    out.push(b'{');
    let last = now.floor_to(step);
    let rate = |at: Time| market.funding_at(at).map_or(0, |funding| e8(funding.rate));
    json::string_field(out, "formulaType", "withRate");
    json::trimmed_field(out, "fundingRate", rate(last.plus_ms(step)));
    json::quoted_field(out, "fundingTime", last.plus_ms(step).ms());
    json::string_field(out, "impactValue", "20000.0000000000000000");
    json::string_field(out, "instId", &market.native);
    json::string_field(out, "instType", "SWAP");
    json::string_field(out, "interestRate", "0.0001000000000000");
    json::string_field(out, "maxFundingRate", "0.00375");
    json::string_field(out, "method", "current_period");
    json::string_field(out, "minFundingRate", "-0.00375");
    json::string_field(out, "nextFundingRate", "");
    json::quoted_field(out, "nextFundingTime", last.plus_ms(2 * step).ms());
    json::string_field(out, "premium", "-0.0004195044127414");
    json::quoted_field(out, "prevFundingTime", last.ms());
    json::trimmed_field(out, "settFundingRate", rate(last));
    json::string_field(out, "settState", "settled");
    json::quoted_field(out, "ts", now.ms());
    out.push(b'}');
}

pub(super) fn history(out: &mut Vec<u8>, query: &Query, exchange: Exchange<'_>) -> Result<(), OkxError> {
    let market = swap(query, exchange)?;
    let (after, before) = (number(query, "after")?, number(query, "before")?);
    let end = after.map_or(exchange.now.plus_ms(1), |after| exchange.now.plus_ms(1).min(Time::from_ms(after)));
    let start = exchange.now.plus_ms(-DEPTH_MS).max(Time::from_ms(before.map_or(i64::MIN, |before| before.saturating_add(1))));
    let settled = market.funding(TimeRange::new(start, end));
    json::each(out, settled.iter().rev().take(limit(query, 100, 400)?), |out, funding| {
        out.push(b'{');
        json::trimmed_field(out, "fundingRate", e8(funding.rate));
        json::quoted_field(out, "fundingTime", funding.time.ms());
        json::trimmed_field(out, "realizedRate", e8(funding.rate));
        json::string_field(out, "method", "current_period");
        json::string_field(out, "formulaType", "withRate");
        json::string_field(out, "instId", &market.native);
        json::string_field(out, "instType", "SWAP");
        out.push(b'}');
    });
    Ok(())
}

/// Spot has no funding: to these paths its instruments do not exist.
fn swap<'a>(query: &Query, exchange: Exchange<'a>) -> Result<&'a Market, OkxError> {
    let market = instrument(query, exchange)?;
    market.perpetual.map(|_| market).ok_or_else(OkxError::no_instrument)
}
