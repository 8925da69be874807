//! `premiumIndex`, `fundingRate` and `fundingInfo`.

use super::super::binance::error::ApiError;
use super::super::binance::params::Params;
use super::super::binance::ticker::each;
use super::super::json::{self, e8};
use super::super::market::{Market, SimFunding};
use super::super::rest::Exchange;
use super::super::row::DECIMALS;
use crate::domain::range::TimeRange;
use crate::domain::time::Time;

const USUAL: i64 = 100;
const MOST: i64 = 1_000;

/// 2026-07-28: rows have a `rateType` from here on.
const RATE_TYPES_FROM: Time = Time::from_ms(1_785_196_800_000);

pub(super) fn premium_index(out: &mut Vec<u8>, params: &Params, exchange: Exchange<'_>) -> Result<(), ApiError> {
    let now = exchange.now;
    each(out, params, exchange, |out, market| {
        let mark = market.price_at(now).map_or(0, e8);
        let next = market.funding_step().map_or(now, |step| now.floor_to(step).plus_ms(step));
        let rate = market.funding_at(next).map_or(0, |funding| e8(funding.rate));
        out.push(b'{');
        json::string_field(out, "symbol", &market.native);
        json::fixed_field(out, "markPrice", mark, DECIMALS);
        // The index lies a hundredth of a percent below.
        json::fixed_field(out, "indexPrice", mark - mark / 10_000, DECIMALS);
        json::fixed_field(out, "estimatedSettlePrice", mark, DECIMALS);
        json::fixed_field(out, "lastFundingRate", rate, DECIMALS);
        out.extend_from_slice(b",\"interestRate\":\"0.00010000\"");
        json::integer_field(out, "nextFundingTime", next.ms());
        json::integer_field(out, "time", now.ms());
        out.push(b'}');
    })
}

pub(super) fn history(out: &mut Vec<u8>, params: &Params, exchange: Exchange<'_>) -> Result<(), ApiError> {
    let limit = params.limit(USUAL, MOST)?;
    let (start, end) = (params.time("startTime")?, params.time("endTime")?);
    if start.zip(end).is_some_and(|(start, end)| start > end) {
        return Err(ApiError::start_after_end());
    }
    let markets: Vec<&Market> = if params.has("symbol") { vec![params.market(exchange)?] } else { exchange.markets().collect() };
    let end = end.map_or(exchange.now, |end| end.min(exchange.now)).plus_ms(1);
    let mut rows: Vec<(&Market, SimFunding)> = Vec::new();
    for market in markets {
        let Some(step) = market.funding_step() else { continue };
        let span = step * (limit as i64 + 1);
        // Oldest first from a start, newest else; more than asked for is never needed.
        let range = match start {
            Some(start) => TimeRange::new(start, end.min(start.max(market.listed_at()).plus_ms(span))),
            None => TimeRange::new(end.plus_ms(-span), end),
        };
        rows.extend(market.funding(range).into_iter().map(|funding| (market, funding)));
    }
    rows.sort_by_key(|(_, funding)| funding.time);
    let from = if start.is_some() { 0 } else { rows.len().saturating_sub(limit) };
    json::list(out, rows.into_iter().skip(from).take(limit), |out, (market, funding)| {
        out.push(b'{');
        json::string_field(out, "symbol", &market.native);
        json::integer_field(out, "fundingTime", funding.time.ms());
        json::fixed_field(out, "fundingRate", e8(funding.rate), DECIMALS);
        json::fixed_field(out, "markPrice", e8(funding.mark_price), DECIMALS);
        if funding.time >= RATE_TYPES_FROM {
            json::string_field(out, "rateType", "Regular");
        }
        out.push(b'}');
    });
    Ok(())
}

/// Only the markets that are not settled every eight hours.
pub(super) fn info(out: &mut Vec<u8>, exchange: Exchange<'_>) {
    let unusual = exchange.markets().filter_map(|market| Some((market, market.perpetual?.funding_hours)));
    json::list(out, unusual.filter(|(_, hours)| *hours != 8), |out, (market, hours)| {
        out.push(b'{');
        json::string_field(out, "symbol", &market.native);
        json::string_field(out, "adjustedFundingRateCap", "0.02000000");
        json::string_field(out, "adjustedFundingRateFloor", "-0.02000000");
        json::integer_field(out, "fundingIntervalHours", hours);
        json::flag_field(out, "disclaimer", false);
        json::integer_field(out, "updateTime", market.listed_at().ms());
        out.push(b'}');
    });
}
