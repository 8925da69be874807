//! Rows of candles.

use super::{optional, time};
use crate::domain::candle::Candle;
use crate::domain::instrument::InstrumentKind;
use crate::domain::interval::Interval;
use crate::domain::page::BadRow;
use crate::domain::time::Time;
use crate::exchange::payload::{bad_row, decimal, part};
use crate::exchange::text::cut;
use serde_json::value::RawValue;

/// A row of candles, which says itself whether it is final.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CandleRow {
    /// As it stands.
    pub candle: Candle,
    /// `confirm`: whether it is final; `None` in rows of before October 2022.
    pub closed: Option<bool>,
}

/// Rows in the order in which they came: newest first.
pub fn candles(rows: &[&RawValue], kind: &InstrumentKind) -> Vec<Result<CandleRow, BadRow>> {
    rows.iter().map(|row| candle(row.get(), kind)).collect()
}

/// The rows that a page may hold, by what OKX says of them and by its clock at the answer.
///
/// A row that OKX calls running is the forming candle as long as the clock agrees; once its time is
/// over, OKX is about to close it and its values may still change. Such a row is left out: the check
/// of a page goes by the clock alone and would store it. Its minute is late then, and is asked for
/// again.
pub fn told_closed(rows: Vec<Result<CandleRow, BadRow>>, interval: Interval, now: Time) -> Vec<Result<Candle, BadRow>> {
    let kept = |row: &Result<CandleRow, BadRow>| match row {
        Ok(row) => row.closed != Some(false) || now < row.candle.open_time.plus_ms(interval.ms()),
        Err(_) => true,
    };
    rows.into_iter().filter(kept).map(|row| row.map(|row| row.candle)).collect()
}

/// One row: `[ts, o, h, l, c, vol, volCcy, volCcyQuote, confirm]`, or the first seven of them.
///
/// Spot markets count `vol` in base and `volCcy` in quote units; swaps count `vol` in contracts,
/// `volCcy` in base and `volCcyQuote` in quote units.
pub fn candle(text: &str, kind: &InstrumentKind) -> Result<CandleRow, BadRow> {
    let cells: Vec<&str> = part(text).map_err(|_| bad_row(first_time(text), "not a row of strings", text))?;
    let open_time = cells.first().and_then(|cell| cell.parse().ok()).map(Time::from_ms);
    read(&cells, kind).map_err(|reason| bad_row(open_time, &reason, text))
}

fn read(cells: &[&str], kind: &InstrumentKind) -> Result<CandleRow, String> {
    let (&[ts, open, high, low, close, vol, vol_ccy], rest) =
        cells.split_first_chunk::<7>().ok_or_else(|| format!("{} columns instead of 9 or 7", cells.len()))?;
    let (vol_ccy_quote, closed) = match *rest {
        [] => ("", None),
        [vol_ccy_quote, "0", ..] => (vol_ccy_quote, Some(false)),
        [vol_ccy_quote, "1", ..] => (vol_ccy_quote, Some(true)),
        [_, other, ..] => return Err(format!("confirm is `{}`, not 0 or 1", cut(other, 40))),
        [_] => return Err("8 columns instead of 9 or 7".into()),
    };
    let (volume, quote_volume) = match kind {
        InstrumentKind::Spot => (vol, vol_ccy),
        InstrumentKind::Perpetual { .. } => (vol_ccy, vol_ccy_quote),
    };
    let candle = Candle {
        open_time: time("ts", ts)?,
        open: decimal("open", open)?,
        high: decimal("high", high)?,
        low: decimal("low", low)?,
        close: decimal("close", close)?,
        volume: decimal("volume", volume)?,
        quote_volume: optional("quote volume", quote_volume)?,
        trade_count: None,
        taker_buy_volume: None,
        taker_buy_quote_volume: None,
    };
    Ok(CandleRow { candle, closed })
}

/// The open time of a row of which something else cannot be read.
fn first_time(text: &str) -> Option<Time> {
    let cells: Vec<&RawValue> = serde_json::from_str(text).ok()?;
    cells.first()?.get().trim_matches('"').parse().ok().map(Time::from_ms)
}
