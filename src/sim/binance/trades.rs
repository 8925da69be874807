//! `trades`, `historicalTrades` and `aggTrades` of Binance's two markets. Each trade is an aggregate of its own.

use super::super::json::{self, Decimals, e8, integer};
use super::super::market::{Market, TradeCursor};
use super::super::rest::Exchange;
use super::super::trade::SimTrade;
use super::super::venue::Venue;
use super::error::ApiError;
use super::params::Params;
use crate::domain::time::{HOUR_MS, Time};

/// How far `aggTrades` goes.
#[derive(Debug, Clone, Copy)]
pub(in crate::sim) struct Reach {
    /// The longest distance of the two times.
    window_ms: i64,
    /// How old a trade may be.
    depth_ms: i64,
}

impl Reach {
    pub(in crate::sim) const SPOT: Self = Self { window_ms: i64::MAX, depth_ms: i64::MAX };
    pub(in crate::sim) const USDM: Self = Self { window_ms: HOUR_MS, depth_ms: 48 * HOUR_MS };
}

const USUAL: i64 = 500;
const MOST: i64 = 1_000;

/// Later than every trade.
const LAST: TradeCursor = TradeCursor::Id(i64::MAX);

pub(in crate::sim) fn newest(out: &mut Vec<u8>, params: &Params, exchange: Exchange<'_>) -> Result<(), ApiError> {
    let market = params.market(exchange)?;
    let limit = params.limit(USUAL, MOST)?;
    list(out, market, &market.trades_before(LAST, exchange.now, limit), trade);
    Ok(())
}

/// From `fromId` on, or the newest.
pub(in crate::sim) fn historical(out: &mut Vec<u8>, params: &Params, exchange: Exchange<'_>) -> Result<(), ApiError> {
    let market = params.market(exchange)?;
    let limit = params.limit(USUAL, MOST)?;
    let trades = match params.number("fromId")? {
        Some(id) => market.trades_from(TradeCursor::Id(id), exchange.now, limit),
        None => market.trades_before(LAST, exchange.now, limit),
    };
    list(out, market, &trades, trade);
    Ok(())
}

pub(in crate::sim) fn aggregated(
    out: &mut Vec<u8>,
    params: &Params,
    exchange: Exchange<'_>,
    reach: Reach,
) -> Result<(), ApiError> {
    let market = params.market(exchange)?;
    let limit = params.limit(USUAL, MOST)?;
    let (start, end) = (params.time("startTime")?, params.time("endTime")?);
    let from_id = params.number("fromId")?;
    if from_id.is_some() && (start.is_some() || end.is_some()) {
        return Err(ApiError::bad_combination());
    }
    if let (Some(start), Some(end)) = (start, end) {
        if start > end {
            return Err(ApiError::start_after_end());
        }
        // Documented as less than an hour; clients in use ask for the full hour and are served.
        if end.since(start) > reach.window_ms {
            return Err(ApiError::interval_too_long("More than 1 hours between startTime and endTime."));
        }
    }
    let oldest = ns(exchange.now.plus_ms(reach.depth_ms.saturating_neg()));
    // Both bounds are inclusive, and trades of one millisecond belong together.
    let until = |end: Option<Time>| end.map_or(exchange.now, |end| end.plus_ms(1).min(exchange.now));
    let mut trades = match (from_id, start) {
        (Some(id), _) => market.trades_from(TradeCursor::Id(id), exchange.now, limit),
        (None, Some(start)) => {
            let end = until(end.or_else(|| (reach.window_ms < i64::MAX).then(|| start.plus_ms(reach.window_ms))));
            market.trades_from(TradeCursor::Ns(ns(start).max(oldest)), end, limit)
        }
        (None, None) => market.trades_before(LAST, until(end), limit),
    };
    trades.retain(|trade| trade.time_ns >= oldest);
    list(out, market, &trades, aggregate);
    Ok(())
}

fn ns(time: Time) -> i64 {
    time.ms().saturating_mul(1_000_000)
}

fn list(out: &mut Vec<u8>, market: &Market, trades: &[SimTrade], one: fn(&mut Vec<u8>, &Market, &SimTrade)) {
    json::list(out, trades, |out, trade| one(out, market, trade));
}

fn trade(out: &mut Vec<u8>, market: &Market, trade: &SimTrade) {
    let decimals = Decimals::of(market);
    out.extend_from_slice(b"{\"id\":");
    integer(out, trade.id);
    json::fixed_field(out, "price", e8(trade.price), decimals.price);
    json::fixed_field(out, "qty", e8(trade.size), decimals.size);
    json::fixed_field(out, "quoteQty", e8(trade.price * trade.size), decimals.quote);
    out.extend_from_slice(b",\"time\":");
    integer(out, trade.time().ms());
    json::flag_field(out, "isBuyerMaker", !trade.taker_is_buyer);
    if market.venue == Venue::Binance {
        json::flag_field(out, "isBestMatch", true);
    }
    out.push(b'}');
}

fn aggregate(out: &mut Vec<u8>, market: &Market, trade: &SimTrade) {
    let decimals = Decimals::of(market);
    out.extend_from_slice(b"{\"a\":");
    integer(out, trade.id);
    json::fixed_field(out, "p", e8(trade.price), decimals.price);
    json::fixed_field(out, "q", e8(trade.size), decimals.size);
    json::integer_field(out, "f", trade.id);
    json::integer_field(out, "l", trade.id);
    json::integer_field(out, "T", trade.time().ms());
    json::flag_field(out, "m", !trade.taker_is_buyer);
    if market.venue == Venue::Binance {
        json::flag_field(out, "M", true);
    }
    out.push(b'}');
}
