//! Frames as Kraken spells them: numbers with all their decimals, times in ISO 8601.

use crate::domain::time::Time;
use crate::sim::json::e8;
use crate::sim::market::Market;
use crate::sim::noise::mix;
use crate::sim::row::{DECIMALS, ONE, Row};
use crate::sim::stream::day::DayEvent;
use crate::sim::stream::fields::Object;
use crate::sim::trade::SimTrade;

/// `2026-09-25T17:48:24.746032Z`.
pub(super) fn micros(time: Time) -> String {
    time.format("%Y-%m-%dT%H:%M:%S%.6fZ")
}

fn nanos(time: Time) -> String {
    time.format("%Y-%m-%dT%H:%M:%S%.9fZ")
}

/// The state of the exchange.
pub(super) fn status(connection: u64, system: &str) -> Vec<u8> {
    let text = format!(
        "{{\"channel\":\"status\",\"type\":\"update\",\"data\":[{{\"version\":\"2.0.10\",\"system\":\"{system}\",\"api_version\":\
         \"v2\",\"connection_id\":{connection},\"upcoming_maintenance\":[],\"emergency\":[]}}]}}"
    );
    text.into_bytes()
}

pub(super) fn trades(kind: &str, market: &Market, trades: &[SimTrade]) -> Vec<u8> {
    frame("trade", kind, None, trades, |trade, object| {
        let at = trade.time();
        let below_ms = trade.time_ns.rem_euclid(1_000_000) / 1_000;
        object
            .text("symbol", &market.symbol())
            .text("side", if trade.taker_is_buyer { "buy" } else { "sell" })
            .number("price", e8(trade.price), market.price_decimals)
            .number("qty", e8(trade.size), DECIMALS)
            .text("ord_type", if mix(trade.id.cast_unsigned()) & 1 == 0 { "market" } else { "limit" })
            .int("trade_id", trade.id)
            .text("timestamp", &format!("{}{below_ms:03}Z", at.format("%Y-%m-%dT%H:%M:%S%.3f")))
            .end();
    })
}

pub(super) fn candles(kind: &str, market: &Market, minutes: i64, now: Time, rows: &[Row]) -> Vec<u8> {
    let price = market.price_decimals;
    frame("ohlc", kind, Some(now), rows, |row, object| {
        object
            .text("symbol", &market.symbol())
            .number("open", row.open, price)
            .number("high", row.high, price)
            .number("low", row.low, price)
            .number("close", row.close, price)
            .int("trades", row.trades)
            .number("volume", row.volume, DECIMALS)
            .number("vwap", mean(row), price)
            .text("interval_begin", &nanos(Time::from_ms(row.open_time)))
            .int("interval", minutes)
            .text("timestamp", &micros(Time::from_ms(row.close_time + 1)))
            .end();
    })
}

pub(super) fn ticker(kind: &str, market: &Market, days: &[DayEvent]) -> Vec<u8> {
    let price = market.price_decimals;
    let size = i128::from(market.lot()) * 5_000;
    frame("ticker", kind, None, days, |DayEvent { at, row }, object| {
        let change = i128::from(row.close - row.open);
        object
            .text("symbol", &market.symbol())
            .number("bid", (row.close - market.tick()).max(0), price)
            .number("bid_qty", size, DECIMALS)
            .number("ask", row.close + market.tick(), price)
            .number("ask_qty", size, DECIMALS)
            .number("last", row.close, price)
            .number("volume", row.volume, DECIMALS)
            .number("vwap", mean(row), price)
            .number("low", row.low, price)
            .number("high", row.high, price)
            .number("change", change, price)
            .number("change_pct", change * 100 * i128::from(ONE) / i128::from(row.open.max(1)), 2)
            .int("trades", row.trades)
            .text("timestamp", &micros(*at))
            .end();
    })
}

fn mean(row: &Row) -> i128 {
    if row.volume > 0 { row.quote_volume * i128::from(ONE) / row.volume } else { 0 }
}

fn frame<T>(channel: &str, kind: &str, at: Option<Time>, items: &[T], write: impl Fn(&T, Object<'_>)) -> Vec<u8> {
    let mut data = vec![b'['];
    for (number, item) in items.iter().enumerate() {
        if number > 0 {
            data.push(b',');
        }
        write(item, Object::new(&mut data));
    }
    data.push(b']');
    let mut out = Vec::with_capacity(data.len() + 100);
    let object = Object::new(&mut out).text("channel", channel).text("type", kind);
    let mut object = if let Some(at) = at { object.text("timestamp", &nanos(at)) } else { object };
    object.name("data").append(&mut data);
    object.end();
    out
}
