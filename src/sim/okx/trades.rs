//! `market/trades` and `market/history-trades`: newest first.

use super::super::json::{self, e8};
use super::super::market::{Market, TradeCursor};
use super::super::query::Query;
use super::super::rest::Exchange;
use super::super::trade::SimTrade;
use super::error::OkxError;
use super::{instrument, limit, number, size};
use crate::domain::time::DAY_MS;

/// How old a trade may be.
const DEPTH_MS: i64 = 90 * DAY_MS;

pub(super) fn newest(out: &mut Vec<u8>, query: &Query, exchange: Exchange<'_>) -> Result<(), OkxError> {
    let market = instrument(query, exchange)?;
    let trades = market.trades_before(TradeCursor::Id(i64::MAX), exchange.now, limit(query, 100, 500)?);
    write(out, market, &trades);
    Ok(())
}

/// Pages by trade id (type 1) or by time (type 2), which only goes back.
pub(super) fn history(out: &mut Vec<u8>, query: &Query, exchange: Exchange<'_>) -> Result<(), OkxError> {
    let market = instrument(query, exchange)?;
    let (after, before) = (number(query, "after")?, number(query, "before")?);
    let by_time = match query.given("type") {
        None | Some("1") => false,
        Some("2") => true,
        Some(_) => return Err(OkxError::wrong("type")),
    };
    if by_time && before.is_some() {
        return Err(OkxError::no_before());
    }
    let cursor = match after {
        Some(ms) if by_time => TradeCursor::Ns(ms.saturating_mul(1_000_000)),
        Some(id) => TradeCursor::Id(id),
        None => TradeCursor::Id(i64::MAX),
    };
    let oldest = exchange.now.plus_ms(-DEPTH_MS);
    let mut trades = market.trades_before(cursor, exchange.now, limit(query, 100, 100)?);
    trades.retain(|trade| trade.time() >= oldest && before.is_none_or(|before| trade.id > before));
    write(out, market, &trades);
    Ok(())
}

fn write(out: &mut Vec<u8>, market: &Market, trades: &[SimTrade]) {
    json::each(out, trades.iter().rev(), |out, trade| {
        out.push(b'{');
        json::string_field(out, "instId", &market.native);
        json::string_field(out, "side", if trade.taker_is_buyer { "buy" } else { "sell" });
        json::trimmed_field(out, "sz", size(market, e8(trade.size)));
        json::trimmed_field(out, "px", e8(trade.price));
        json::string_field(out, "source", "0");
        json::quoted_field(out, "tradeId", trade.id);
        json::quoted_field(out, "ts", trade.time().ms());
        out.push(b'}');
    });
}
