//! `Trades`: oldest first, with a cursor in nanoseconds.

use super::super::json::{self, e8, fixed, integer};
use super::super::market::TradeCursor;
use super::super::noise::mix;
use super::super::query::Query;
use super::super::rest::Exchange;
use super::super::row::DECIMALS;
use super::error::KrakenError;
use super::pair;

const MOST: usize = 1_000;

/// Prices of trades have five decimals and more.
const PRICE_DECIMALS: u32 = 5;

pub(super) fn write(out: &mut Vec<u8>, query: &Query, exchange: Exchange<'_>) -> Result<(), KrakenError> {
    let (key, market) = pair(query, exchange)?;
    let since = query.given("since").map(nanoseconds).transpose()?;
    let count = match query.given("count") {
        Some(text) => text.parse().ok().filter(|count| (1..=MOST).contains(count)).ok_or(KrakenError::Arguments)?,
        None => MOST,
    };
    let trades = match since {
        // The cursor is the last trade that the client has.
        Some(since) => market.trades_from(TradeCursor::Ns(since.saturating_add(1)), exchange.now, count),
        None => market.trades_before(TradeCursor::Id(i64::MAX), exchange.now, count),
    };
    let decimals = market.price_decimals.max(PRICE_DECIMALS);
    json::string(out, &key);
    out.extend_from_slice(b":[");
    json::each(out, &trades, |out, trade| {
        out.push(b'[');
        fixed(out, e8(trade.price), decimals);
        out.push(b',');
        fixed(out, e8(trade.size), DECIMALS);
        // As a float has it: the last two digits are lost.
        let (seconds, rest) = (trade.time_ns.div_euclid(1_000_000_000), trade.time_ns.rem_euclid(1_000_000_000));
        out.extend_from_slice(format!(",{seconds}.{:07}", rest / 100).as_bytes());
        out.extend_from_slice(if trade.taker_is_buyer { b",\"b\"" } else { b",\"s\"" });
        out.extend_from_slice(if mix(trade.id.cast_unsigned()) & 1 == 0 { b",\"m\"" } else { b",\"l\"" });
        out.extend_from_slice(b",\"\",");
        integer(out, trade.id);
        out.push(b']');
    });
    out.push(b']');
    let last = trades.last().map_or(since.unwrap_or(exchange.now.ms().saturating_mul(1_000_000)), |trade| trade.time_ns);
    json::quoted_field(out, "last", last);
    Ok(())
}

/// A cursor in nanoseconds; what is too small for them is seconds, with or without decimals.
fn nanoseconds(text: &str) -> Result<i64, KrakenError> {
    const SECOND: i64 = 1_000_000_000;
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(KrakenError::Arguments);
    }
    let whole: i64 = whole.parse().map_err(|_| KrakenError::Arguments)?;
    if whole >= 1_000_000 * SECOND {
        return Ok(whole);
    }
    let digits: String = fraction.chars().chain("000000000".chars()).take(9).collect();
    Ok(whole.saturating_mul(SECOND).saturating_add(digits.parse().map_err(|_| KrakenError::Arguments)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors() {
        assert_eq!(nanoseconds("1688671969993150842"), Ok(1_688_671_969_993_150_842));
        assert_eq!(nanoseconds("1688671969"), Ok(1_688_671_969_000_000_000));
        assert_eq!(nanoseconds("1688671969.5"), Ok(1_688_671_969_500_000_000));
        assert_eq!(nanoseconds("0"), Ok(0));
        assert_eq!(nanoseconds("soon"), Err(KrakenError::Arguments));
        assert_eq!(nanoseconds("1.x"), Err(KrakenError::Arguments));
    }
}
