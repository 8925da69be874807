//! The results of Kraken's REST answers into our own types. Pure. The envelope around them is opened
//! by [`super::refusal`].

mod instruments;
mod moment;

pub use instruments::{InstrumentList, instruments};
pub(super) use moment::{iso, seconds};

use super::wire::{self, Keyed};
use crate::domain::candle::Candle;
use crate::domain::interval::Interval;
use crate::domain::page::BadRow;
use crate::domain::price::{Decimal, parse_decimal};
use crate::domain::ticker::Ticker;
use crate::domain::time::{SECOND_MS, Time};
use crate::domain::trade::{Side, Trade};
use crate::exchange::error::ExchangeError;
use crate::exchange::payload::{bad_row, decimal, not, part, quoted, whole};
use crate::exchange::text::{EXCERPT_CHARS, cut, malformed};
use serde_json::value::RawValue;

/// Candles of `OHLC`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CandleList {
    /// Ascending; the last one still forms.
    pub rows: Vec<Result<Candle, BadRow>>,
    /// Open time of the newest candle that Kraken calls complete.
    pub last: Time,
}

/// Trades of `Trades`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TradeList {
    /// Ascending.
    pub rows: Vec<Result<Trade, BadRow>>,
    /// Where the next page begins, in nanoseconds: the exact time of the newest row.
    pub last: i64,
}

/// A page of candles. Each row stands for itself.
pub fn ohlc(result: &str, interval: Interval) -> Result<CandleList, ExchangeError> {
    let (rows, last) = list(result)?;
    let last = last.parse().map_err(|_| malformed("`last` is no time in seconds", result))?;
    let rows = rows.into_iter().map(|row| candle(row.get(), interval)).collect();
    Ok(CandleList { rows, last: from_seconds(last) })
}

/// A page of trades. Each row stands for itself.
pub fn trades(result: &str) -> Result<TradeList, ExchangeError> {
    let (rows, last) = list(result)?;
    // Text mostly, a number at times; never a float, which does not hold nineteen digits.
    let last = last.trim_matches('"').parse().map_err(|_| malformed("`last` is no time in nanoseconds", result))?;
    Ok(TradeList { rows: rows.into_iter().map(|row| trade(row.get())).collect(), last })
}

/// The rows under the key that is not `last`, and the text under the one that is. The key is not
/// always the name that was asked for.
fn list(result: &str) -> Result<(Vec<&RawValue>, &str), ExchangeError> {
    let map: Keyed<'_> = whole(result)?;
    let last = map.get("last").ok_or_else(|| malformed("no `last`", result))?.get();
    let mut lists = map.iter().filter(|(key, _)| *key != "last").map(|(_, rows)| *rows);
    let (Some(rows), None) = (lists.next(), lists.next()) else {
        return Err(malformed("not the list of one pair", result));
    };
    Ok((whole(rows.get())?, last))
}

/// A row `[time, open, high, low, close, vwap, volume, count]`.
fn candle(text: &str, interval: Interval) -> Result<Candle, BadRow> {
    const COLUMNS: usize = 8;
    let cells = cells(text)?;
    let open_time = cells.first().and_then(|cell| cell.get().parse().ok()).map(from_seconds);
    let refuse = |reason: String| bad_row(open_time, &reason, text);
    if cells.len() < COLUMNS {
        return Err(refuse(format!("{} columns instead of {COLUMNS}", cells.len())));
    }
    let time = open_time.ok_or_else(|| refuse(not("open time", cells[0], "whole seconds")))?;
    if !interval.is_aligned(time) {
        return Err(refuse(format!("open time is off the {interval} grid")));
    }
    let amount = |at: usize, name: &str| amount(name, cells[at]).map_err(refuse);
    Ok(Candle {
        open_time: time,
        open: amount(1, "open")?,
        high: amount(2, "high")?,
        low: amount(3, "low")?,
        close: amount(4, "close")?,
        // Index 5 is the average price, rounded: no quote volume can be had from it exactly.
        volume: amount(6, "volume")?,
        quote_volume: None,
        trade_count: Some(cells[7].get().parse().map_err(|_| refuse(not("trade count", cells[7], "a whole number")))?),
        taker_buy_volume: None,
        taker_buy_quote_volume: None,
    })
}

/// A row `[price, volume, time, side, order type, misc, trade id]`. Rows of old dumps lack the id,
/// which is the key of a trade.
fn trade(text: &str) -> Result<Trade, BadRow> {
    const COLUMNS: usize = 7;
    let cells = cells(text)?;
    let moment = cells.get(2).and_then(|cell| seconds(cell.get()));
    let refuse = |reason: String| bad_row(moment.map(|(time, _)| time), &reason, text);
    if cells.len() < COLUMNS {
        return Err(refuse(format!("{} columns instead of {COLUMNS}", cells.len())));
    }
    let (time, nanos) = moment.ok_or_else(|| refuse(not("time", cells[2], "seconds")))?;
    let side = match cells[3].get() {
        r#""b""# => Side::Buy,
        r#""s""# => Side::Sell,
        _ => return Err(refuse(not("side", cells[3], "b or s"))),
    };
    let trade = Trade {
        id: cells[6].get().parse().map_err(|_| refuse(not("trade id", cells[6], "a whole number")))?,
        time,
        nanos: Some(nanos),
        price: amount("price", cells[0]).map_err(refuse)?,
        size: amount("volume", cells[1]).map_err(refuse)?,
        side,
        fills: None,
    };
    trade.check().map_err(|error| refuse(error.to_string()))?;
    Ok(trade)
}

fn cells(text: &str) -> Result<Vec<&RawValue>, BadRow> {
    part(text).map_err(|_| bad_row(None, "row is not an array", text))
}

fn amount(name: &str, cell: &RawValue) -> Result<Decimal, String> {
    decimal(name, quoted(name, cell)?)
}

/// Tickers, as of `at`: the answer names no time. One that cannot be read is left out, and so is a
/// pair in which nothing ever traded, whose last price is zero.
pub fn tickers(result: &str, at: Time) -> Result<Vec<Ticker>, ExchangeError> {
    let map: Keyed<'_> = whole(result)?;
    let mut tickers = Vec::with_capacity(map.len());
    for (native, row) in map {
        match ticker(&native, row.get(), at) {
            Ok(ticker) if ticker.last.is_zero() => {}
            Ok(ticker) => tickers.push(ticker),
            Err(reason) => {
                let row = cut(row.get(), EXCERPT_CHARS);
                tracing::warn!(%native, reason = cut(&reason, EXCERPT_CHARS), row, "ticker left out");
            }
        }
    }
    tickers.sort_by(|a, b| a.native.cmp(&b.native));
    Ok(tickers)
}

fn ticker(native: &str, text: &str, at: Time) -> Result<Ticker, String> {
    let wire: wire::Ticker<'_> = part(text)?;
    let decimal = |text: &str| parse_decimal(text).map_err(|error| error.to_string());
    Ok(Ticker {
        native: native.to_owned(),
        last: decimal(wire.c[0])?,
        // `o` is the open of the UTC day.
        open_24h: None,
        high_24h: decimal(wire.h[1])?,
        low_24h: decimal(wire.l[1])?,
        volume_24h: decimal(wire.v[1])?,
        quote_volume_24h: None,
        mean_24h: wire.p.map(|[_, day]| decimal(day)).transpose()?.filter(|mean| !mean.is_zero()),
        trades_24h: wire.t.map(|[_, day]| day),
        at,
    })
}

/// The exchange's clock, in whole seconds: the time is up to a second later.
pub fn server_time(result: &str) -> Result<Time, ExchangeError> {
    let wire: wire::ServerTime = whole(result)?;
    Ok(from_seconds(wire.unixtime))
}

fn from_seconds(seconds: i64) -> Time {
    Time::from_ms(seconds.saturating_mul(SECOND_MS))
}

#[cfg(test)]
mod tests;
