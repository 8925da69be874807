//! `openInterest` and `openInterestHist`.

use super::super::binance::error::ApiError;
use super::super::binance::params::Params;
use super::super::interval::KlineInterval;
use super::super::json::{self, Decimals, e8};
use super::super::rest::Exchange;
use super::super::row::DECIMALS;
use crate::domain::time::DAY_MS;

const USUAL: i64 = 30;
const MOST: i64 = 500;
const PERIODS: [&str; 9] = ["5m", "15m", "30m", "1h", "2h", "4h", "6h", "12h", "1d"];

/// How far back the history goes.
const DEPTH_MS: i64 = 30 * DAY_MS;

pub(super) fn present(out: &mut Vec<u8>, params: &Params, exchange: Exchange<'_>) -> Result<(), ApiError> {
    let market = params.market(exchange)?;
    let amount = market.open_interest_at(exchange.now).map_or(0, |moment| e8(moment.amount));
    out.push(b'{');
    json::string_field(out, "symbol", &market.native);
    json::fixed_field(out, "openInterest", amount, Decimals::of(market).size);
    json::integer_field(out, "time", exchange.now.ms());
    out.push(b'}');
    Ok(())
}

pub(super) fn history(out: &mut Vec<u8>, params: &Params, exchange: Exchange<'_>) -> Result<(), ApiError> {
    let market = params.market(exchange)?;
    let period = params.text("period")?.ok_or_else(|| ApiError::missing("period"))?;
    let period = PERIODS.contains(&period).then(|| KlineInterval::from_name(period)).flatten();
    let period = period.ok_or_else(|| ApiError::invalid("period"))?;
    let limit = params.limit(USUAL, MOST)?;
    let oldest = exchange.now.plus_ms(-DEPTH_MS).max(market.listed_at());
    let start = params.time("startTime")?;
    if start.is_some_and(|start| start < exchange.now.plus_ms(-DEPTH_MS - DAY_MS)) {
        return Err(ApiError::invalid("startTime"));
    }
    let end = params.time("endTime")?.map_or(exchange.now, |end| end.min(exchange.now));
    // Only the month's moments: at most a few thousand.
    let mut at = period.ceil(start.map_or(oldest, |start| start.max(oldest)));
    let mut moments = Vec::new();
    while at <= end {
        moments.push(at);
        at = period.next(at);
    }
    let from = if start.is_some() { 0 } else { moments.len().saturating_sub(limit) };
    let moments = moments.into_iter().skip(from).take(limit).map_while(|time| Some((time, market.open_interest_at(time)?)));
    json::list(out, moments, |out, (time, moment)| {
        out.push(b'{');
        json::string_field(out, "symbol", &market.native);
        json::fixed_field(out, "sumOpenInterest", e8(moment.amount), DECIMALS);
        json::fixed_field(out, "sumOpenInterestValue", e8(moment.value), DECIMALS);
        json::string_field(out, "CMCCirculatingSupply", "20070287.00000000");
        json::integer_field(out, "timestamp", time.ms());
        out.push(b'}');
    });
    Ok(())
}
