//! Sums over minutes for the exchanges' tickers.

use super::market::{Market, Window};
use super::row::Row;
use crate::domain::time::{DAY_MS, Time};

const NOTHING: Row = Row {
    open_time: 0,
    close_time: 0,
    open: 0,
    high: 0,
    low: 0,
    close: 0,
    volume: 0,
    quote_volume: 0,
    trades: 0,
    taker_volume: 0,
    taker_quote_volume: 0,
};

/// When the rolling day began, to the minute (or to the row, for a market from a file of wider candles).
pub(super) fn day_start(market: &Market, now: Time) -> Time {
    market.finest().ceil(now.plus_ms(1 - DAY_MS))
}

/// All candles from `start` on in one, the forming one included. A market that stands still shows its
/// last price and no volume.
pub(super) fn since(market: &Market, start: Time, now: Time) -> Row {
    let window = Window { start: Some(start), end: Some(now), limit: usize::MAX };
    let whole = market.rows(market.finest(), window, now).into_iter().reduce(|mut sum, row| {
        sum.join(&row);
        sum
    });
    whole.or_else(|| last(market, now).map(still)).unwrap_or(NOTHING)
}

/// The rolling day.
pub(super) fn day(market: &Market, now: Time) -> Row {
    since(market, day_start(market, now), now)
}

/// The newest candle, forming or not.
pub(super) fn last(market: &Market, now: Time) -> Option<Row> {
    market.rows(market.finest(), Window { start: None, end: None, limit: 1 }, now).pop()
}

/// The last price in 10^-8.
pub(super) fn last_price(market: &Market, now: Time) -> i64 {
    last(market, now).map_or(0, |row| row.close)
}

fn still(row: Row) -> Row {
    Row { open: row.close, high: row.close, low: row.close, close: row.close, ..NOTHING }
}
