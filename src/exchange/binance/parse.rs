//! Binance's payloads into our own types. Pure.

use super::wire::{AggTrade, ExchangeInfo, Filter, Kline, RateLimit, ServerTime, SymbolInfo, Ticker24h};
use crate::domain::candle::Candle;
use crate::domain::instrument::{ExchangeId, Instrument, InstrumentKind, InstrumentStatus, Scales, Symbol};
use crate::domain::interval::Interval;
use crate::domain::page::BadRow;
use crate::domain::price::{Decimal, decimals_of_step, parse_decimal};
use crate::domain::ticker::Ticker;
use crate::domain::time::Time;
use crate::domain::trade::{Side, Trade};
use crate::exchange::error::ExchangeError;
use crate::exchange::payload::{bad_row, decimal, is_name, not, part, quoted, whole};
use crate::exchange::text::{EXCERPT_CHARS, cut, malformed};
use serde::de::{self, Deserializer as _, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

/// Usual length of a candle row: how many a page holds is reserved by it.
const ROW_BYTES: usize = 150;
/// Columns of a candle row.
const COLUMNS: usize = 12;

/// The instrument list with the limits that come along.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstrumentList {
    /// Spot instruments in the exchange's order.
    pub instruments: Vec<Instrument>,
    /// Listed symbols that could not be read: native name where readable, and why.
    pub unreadable: Vec<String>,
    /// Weight for one minute, where stated.
    pub weight_per_minute: Option<u32>,
    /// Requests for five minutes, where stated.
    pub requests_per_five_minutes: Option<u32>,
}

/// A page of candles. The body must be a JSON array; each row stands for itself.
///
/// Nearly every page is sound, so the whole is read in one typed pass first. Where anything in it
/// is not as promised the rows are read again one by one, and the bad ones kept as [`BadRow`].
pub fn klines(body: &[u8], interval: Interval) -> Result<Vec<Result<Candle, BadRow>>, ExchangeError> {
    let text = array(body, "candles")?;
    if let Some(candles) = sound_page(text, interval) {
        return Ok(candles);
    }
    let rows: Vec<&RawValue> = whole(text)?;
    Ok(rows.into_iter().map(|row| judge_row(row.get(), interval)).collect())
}

fn sound_page(text: &str, interval: Interval) -> Option<Vec<Result<Candle, BadRow>>> {
    let mut json = serde_json::Deserializer::from_str(text);
    let rows = json.deserialize_seq(SoundRows { interval, expected: text.len() / ROW_BYTES + 1 }).ok()?;
    json.end().ok()?;
    Some(rows)
}

/// Turns each row into a candle while the page is read, without a list of wire rows in between.
/// Ends at the first row that is not as promised.
struct SoundRows {
    interval: Interval,
    expected: usize,
}

impl<'de> Visitor<'de> for SoundRows {
    type Value = Vec<Result<Candle, BadRow>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("rows of candles")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut page: A) -> Result<Self::Value, A::Error> {
        let mut candles = Vec::with_capacity(self.expected);
        while let Some(row) = page.next_element::<Kline<'de>>()? {
            candles.push(Ok(candle(&row, self.interval).map_err(de::Error::custom)?));
        }
        Ok(candles)
    }
}

fn judge_row(text: &str, interval: Interval) -> Result<Candle, BadRow> {
    let cells: Vec<&RawValue> = part(text).map_err(|_| bad_row(None, "row is not an array", text))?;
    let open_time = cells.first().and_then(|cell| cell.get().parse().ok()).map(Time::from_ms);
    row(&cells).and_then(|row| candle(&row, interval)).map_err(|reason| bad_row(open_time, &reason, text))
}

fn row<'a>(cells: &[&'a RawValue]) -> Result<Kline<'a>, String> {
    if cells.len() < COLUMNS {
        return Err(format!("{} columns instead of {COLUMNS}", cells.len()));
    }
    let number = |at: usize, name: &str| cells[at].get().parse::<i64>().map_err(|_| not(name, cells[at], "a whole number"));
    let text = |at: usize, name: &str| quoted(name, cells[at]);
    Ok(Kline(
        number(0, "open time")?,
        text(1, "open")?,
        text(2, "high")?,
        text(3, "low")?,
        text(4, "close")?,
        text(5, "volume")?,
        number(6, "close time")?,
        text(7, "quote volume")?,
        number(8, "trade count")?,
        text(9, "taker buy volume")?,
        text(10, "taker buy quote volume")?,
        "0",
    ))
}

/// A close time this far behind the candle's end is an old clock's; further, it is another interval's row.
const CLOSE_OVERRUN_MS: i64 = 1_000;

/// A row as a candle. A close time before the interval's end is accepted: the exchange truncates
/// the last candle before an outage so.
pub(super) fn candle(row: &Kline<'_>, interval: Interval) -> Result<Candle, String> {
    let &Kline(open_time, open, high, low, close, volume, close_time, quote_volume, trades, taker_base, taker_quote, _) = row;
    let open_time = Time::from_ms(open_time);
    let length = Time::from_ms(close_time).since(open_time);
    if length < 0 {
        return Err("close time is before open time".into());
    }
    // On 2017-09-06 a candle of an hour closed on the full hour, with 441 trades in it: a real one.
    if length > interval.ms() + CLOSE_OVERRUN_MS {
        return Err(format!("close time is {length} ms after open time: too long for {interval}"));
    }
    Ok(Candle {
        open_time,
        open: decimal("open", open)?,
        high: decimal("high", high)?,
        low: decimal("low", low)?,
        close: decimal("close", close)?,
        volume: decimal("volume", volume)?,
        quote_volume: Some(decimal("quote volume", quote_volume)?),
        trade_count: Some(trades),
        taker_buy_volume: Some(decimal("taker buy volume", taker_base)?),
        taker_buy_quote_volume: Some(decimal("taker buy quote volume", taker_quote)?),
    })
}

/// An aggregate trade that holds the rules of trades.
pub(in crate::exchange) fn trade(wire: &AggTrade<'_>) -> Result<Trade, String> {
    let trade = Trade {
        id: wire.a,
        time: Time::from_ms(wire.time),
        nanos: None,
        price: decimal("price", wire.p)?,
        size: decimal("size", wire.q)?,
        side: if wire.m { Side::Sell } else { Side::Buy },
        fills: Some(wire.l.saturating_sub(wire.f).saturating_add(1)),
    };
    trade.check().map_err(|error| error.to_string())?;
    Ok(trade)
}

/// The instrument list. A symbol that cannot be read is left out and named; it never costs the
/// others. An answer of symbols of which none can be read is malformed.
pub fn instruments(body: &[u8]) -> Result<InstrumentList, ExchangeError> {
    instrument_list(body, |text| instrument(&part(text)?).map(Some))
}

/// The list of one of Binance's markets; `read` says `None` of what is of no interest.
pub(in crate::exchange) fn instrument_list(
    body: &[u8],
    read: impl Fn(&str) -> Result<Option<Instrument>, String>,
) -> Result<InstrumentList, ExchangeError> {
    let text = utf8(body)?;
    let info: ExchangeInfo<'_> = whole(text)?;
    let mut list = InstrumentList {
        instruments: Vec::with_capacity(info.symbols.len()),
        unreadable: Vec::new(),
        weight_per_minute: limit(&info.rate_limits, "REQUEST_WEIGHT", 1),
        requests_per_five_minutes: limit(&info.rate_limits, "RAW_REQUESTS", 5),
    };
    for raw in &info.symbols {
        match read(raw.get()) {
            Ok(instrument) => list.instruments.extend(instrument),
            Err(reason) => list.unreadable.push(format!("{}: {}", cut(&reason, EXCERPT_CHARS), cut(raw.get(), 80))),
        }
    }
    if list.instruments.is_empty() && !list.unreadable.is_empty() {
        return Err(malformed(&format!("no symbol of {} can be read", list.unreadable.len()), text));
    }
    Ok(list)
}

fn instrument(info: &SymbolInfo<'_>) -> Result<Instrument, String> {
    if ![&info.symbol, &info.base_asset, &info.quote_asset].into_iter().all(|name| is_name(name)) {
        return Err("symbol, base or quote is no name".into());
    }
    let tick = filter_step(&info.filters, "PRICE_FILTER", |filter| filter.tick_size.as_deref(), info.quote_asset_precision)?;
    let lot = filter_step(&info.filters, "LOT_SIZE", |filter| filter.step_size.as_deref(), info.base_asset_precision)?;
    let scales = Scales::from_steps(tick, lot);
    Ok(Instrument {
        exchange: ExchangeId::Binance,
        symbol: Symbol::spot(&info.base_asset, &info.quote_asset),
        native: info.symbol.clone().into_owned(),
        base: info.base_asset.clone().into_owned(),
        quote: info.quote_asset.clone().into_owned(),
        kind: InstrumentKind::Spot,
        stream_name: None,
        status: status(&info.status, info.is_spot_trading_allowed),
        price_decimals: decimals_of_step(tick).min(scales.price),
        scales,
    })
}

/// `TRADING` trades. Everything else is [`InstrumentStatus::Halted`], `BREAK` as well: Binance says
/// `BREAK` of a symbol that was delisted years ago and of every symbol during maintenance, so the
/// list alone proves no end. That an instrument is gone shows where the list no longer names it.
fn status(status: &str, is_spot: bool) -> InstrumentStatus {
    if status == "TRADING" && is_spot { InstrumentStatus::Trading } else { InstrumentStatus::Halted }
}

/// A filter's step. Zero switches a filter off, and old symbols may lack one: then the asset's
/// precision stands in.
pub(in crate::exchange) fn filter_step<'a>(
    filters: &'a [Filter<'a>],
    filter_type: &str,
    of: impl Fn(&'a Filter<'a>) -> Option<&'a str>,
    precision: u32,
) -> Result<Decimal, String> {
    let stated = filters.iter().find(|filter| filter.filter_type == filter_type).and_then(of);
    let step = stated.map(parse_decimal).transpose().map_err(|error| format!("{filter_type}: {error}"))?;
    Ok(step.filter(|step| *step > Decimal::ZERO).unwrap_or_else(|| Decimal::new(1, precision.min(18))))
}

fn limit(limits: &[RateLimit<'_>], kind: &str, minutes: u32) -> Option<u32> {
    limits
        .iter()
        .find(|limit| limit.rate_limit_type == kind && limit.interval == "MINUTE" && limit.interval_num == minutes)
        .map(|limit| u32::try_from(limit.limit).unwrap_or(u32::MAX))
}

/// Tickers; the body must be a JSON array. One that cannot be read is left out: the next answer
/// brings it again.
pub fn tickers(body: &[u8]) -> Result<Vec<Ticker>, ExchangeError> {
    let rows: Vec<&RawValue> = whole(array(body, "tickers")?)?;
    let mut tickers = Vec::with_capacity(rows.len());
    for row in rows {
        match ticker(row.get()) {
            Ok(ticker) => tickers.push(ticker),
            Err(reason) => {
                tracing::warn!(reason = cut(&reason, EXCERPT_CHARS), row = cut(row.get(), EXCERPT_CHARS), "ticker left out");
            }
        }
    }
    Ok(tickers)
}

/// One ticker.
pub(in crate::exchange) fn ticker(text: &str) -> Result<Ticker, String> {
    let wire: Ticker24h<'_> = part(text)?;
    let decimal = |text: &str| parse_decimal(text).map_err(|error| error.to_string());
    Ok(Ticker {
        last: decimal(wire.last_price)?,
        open_24h: Some(decimal(wire.open_price)?),
        high_24h: decimal(wire.high_price)?,
        low_24h: decimal(wire.low_price)?,
        volume_24h: decimal(wire.volume)?,
        quote_volume_24h: Some(decimal(wire.quote_volume)?),
        mean_24h: None,
        trades_24h: wire.count,
        at: Time::from_ms(wire.close_time),
        native: wire.symbol.into_owned(),
    })
}

/// The exchange's clock.
pub fn server_time(body: &[u8]) -> Result<Time, ExchangeError> {
    let wire: ServerTime = whole(utf8(body)?)?;
    Ok(Time::from_ms(wire.server_time))
}

pub(in crate::exchange) fn utf8(body: &[u8]) -> Result<&str, ExchangeError> {
    std::str::from_utf8(body)
        .map_err(|_| malformed("not UTF-8", &String::from_utf8_lossy(&body[..body.len().min(EXCERPT_CHARS)])))
}

pub(super) fn array<'a>(body: &'a [u8], what: &str) -> Result<&'a str, ExchangeError> {
    let text = utf8(body)?;
    if text.trim_ascii_start().starts_with('[') {
        return Ok(text);
    }
    Err(malformed(&format!("not a list of {what}"), text))
}

#[cfg(test)]
mod tests;
