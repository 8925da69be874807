//! `public/open-interest` and its history under `rubik`.

use super::super::json::{self, e8, trimmed};
use super::super::market::{Market, SimOpenInterest};
use super::super::query::Query;
use super::super::rest::Exchange;
use super::bar::bar;
use super::error::OkxError;
use super::{instrument, instruments_of, limit, number, size};
use crate::domain::time::Time;

/// How many entries the history reaches back.
const NEWEST: usize = 1_440;

pub(super) fn present(out: &mut Vec<u8>, query: &Query, exchange: Exchange<'_>) -> Result<(), OkxError> {
    let swaps = instruments_of(query, exchange)?.into_iter().filter(|market| market.perpetual.is_some());
    json::each(out, swaps, |out, market| row(out, market, exchange.now));
    Ok(())
}

/// The object of a perpetual future.
pub(in crate::sim) fn row(out: &mut Vec<u8>, market: &Market, now: Time) {
    let Some(moment) = market.open_interest_at(now) else { return };
    let [contracts, coins, value] = amounts(market, &moment);
    out.push(b'{');
    json::string_field(out, "instId", &market.native);
    json::string_field(out, "instType", "SWAP");
    json::trimmed_field(out, "oi", contracts);
    json::trimmed_field(out, "oiCcy", coins);
    json::trimmed_field(out, "oiUsd", value);
    json::quoted_field(out, "ts", now.ms());
    out.push(b'}');
}

/// Rows `[ts, contracts, coins, dollars]`, newest first; `begin` and `end` belong to the range.
pub(super) fn history(out: &mut Vec<u8>, query: &Query, exchange: Exchange<'_>) -> Result<(), OkxError> {
    let market = instrument(query, exchange)?;
    if market.perpetual.is_none() {
        return Err(OkxError::no_instrument());
    }
    let period = query.given("period").unwrap_or("5m");
    let narrow = ["1m", "3m"].contains(&period);
    let period = bar(period).filter(|_| !narrow).ok_or_else(|| OkxError::wrong("period"))?;
    let begin = Time::from_ms(number(query, "begin")?.unwrap_or(0)).max(market.listed_at());
    let end = number(query, "end")?.map_or(exchange.now, |end| exchange.now.min(Time::from_ms(end)));
    let newest = std::iter::successors(Some(period.floor(exchange.now)), |at| Some(period.previous(*at))).take(NEWEST);
    let asked = newest.skip_while(|at| *at > end).take_while(|at| *at >= begin).take(limit(query, 100, 100)?);
    let asked = asked.map_while(|at| Some((at, market.open_interest_at(at)?)));
    json::each(out, asked, |out, (at, moment)| {
        out.push(b'[');
        out.extend_from_slice(format!("\"{}\"", at.ms()).as_bytes());
        for amount in amounts(market, &moment) {
            out.push(b',');
            trimmed(out, amount);
        }
        out.push(b']');
    });
    Ok(())
}

/// Contracts, coins and dollars.
fn amounts(market: &Market, moment: &SimOpenInterest) -> [i128; 3] {
    let coins = e8(moment.amount);
    [size(market, coins), coins, e8(moment.value)]
}
