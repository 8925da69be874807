//! Rows of trades, funding and open interest.

use super::{in_base, optional, time};
use crate::domain::funding::{Funding, FundingForecast};
use crate::domain::instrument::InstrumentKind;
use crate::domain::open_interest::OpenInterest;
use crate::domain::page::BadRow;
use crate::domain::time::Time;
use crate::domain::trade::{Side, Trade};
use crate::exchange::error::ExchangeError;
use crate::exchange::okx::wire::{FundingNow, FundingRow, OpenInterestNow, TradeRow};
use crate::exchange::payload::{bad_row, decimal, part};
use crate::exchange::text::malformed;
use serde_json::value::RawValue;

/// A row with its place in its list, which holds whether the rest of it is sound or not. A row
/// without a readable place could be anywhere, and leaves no page to go on from: the whole answer is
/// malformed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dated<T> {
    /// Its time.
    pub time: Time,
    /// The row.
    pub row: Result<T, BadRow>,
}

/// A trade with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TradeAt {
    /// Its number.
    pub id: i64,
    /// Its time, and the trade.
    pub dated: Dated<Trade>,
}

/// Trades in the order in which they came: newest first.
pub fn trades(rows: &[&RawValue], kind: &InstrumentKind) -> Result<Vec<TradeAt>, ExchangeError> {
    each(rows, |text| {
        let wire: TradeRow<'_> = part(text)?;
        let id = wire.trade_id.parse().map_err(|_| format!("tradeId is `{}`", wire.trade_id))?;
        let (time, row) = (time("ts", wire.ts)?, read_trade(&wire, kind));
        Ok(TradeAt { id, dated: Dated { time, row: row.map_err(|reason| bad_row(Some(time), &reason, text)) } })
    })
}

/// Reads the place of each row; without one of any, the answer is malformed.
fn each<T>(rows: &[&RawValue], place: impl Fn(&str) -> Result<T, String>) -> Result<Vec<T>, ExchangeError> {
    rows.iter().map(|row| place(row.get()).map_err(|reason| malformed(&reason, row.get()))).collect()
}

/// One trade, with its size in base units.
pub fn trade(text: &str, kind: &InstrumentKind) -> Result<Trade, String> {
    let wire: TradeRow<'_> = part(text)?;
    read_trade(&wire, kind)
}

fn read_trade(wire: &TradeRow<'_>, kind: &InstrumentKind) -> Result<Trade, String> {
    let side = match wire.side {
        "buy" => Side::Buy,
        "sell" => Side::Sell,
        other => return Err(format!("side is `{other}`")),
    };
    let fills = wire.count.map(|count| count.parse().map_err(|_| format!("count is `{count}`"))).transpose()?;
    let trade = Trade {
        id: wire.trade_id.parse().map_err(|_| format!("tradeId is `{}`", wire.trade_id))?,
        time: time("ts", wire.ts)?,
        nanos: None,
        price: decimal("px", wire.px)?,
        size: in_base(decimal("sz", wire.sz)?, kind)?,
        side,
        fills,
    };
    trade.check().map_err(|error| error.to_string())?;
    Ok(trade)
}

/// Settled funding rates in the order in which they came: newest first. The rate is what was
/// charged; `fundingRate` beside it was the forecast, and is never taken for it.
pub fn funding(rows: &[&RawValue]) -> Result<Vec<Dated<Funding>>, ExchangeError> {
    each(rows, |text| {
        let wire: FundingRow<'_> = part(text)?;
        let time = time("fundingTime", wire.funding_time)?;
        let rate = if wire.realized_rate.is_empty() {
            Err("no realizedRate: what was charged is not told".to_owned())
        } else {
            decimal("realizedRate", wire.realized_rate)
        };
        let row = rate.map(|rate| Funding { time, rate, mark_price: None });
        Ok(Dated { time, row: row.map_err(|reason| bad_row(Some(time), &reason, text)) })
    })
}

/// What will be settled next, with OKX's time of it. `fundingTime` is the coming settlement here,
/// and the time between two changes by itself.
pub fn forecast(text: &str) -> Result<(FundingForecast, Option<Time>), String> {
    let wire: FundingNow<'_> = part(text)?;
    let next_at = time("fundingTime", wire.funding_time)?;
    let after = if wire.next_funding_time.is_empty() { None } else { Some(time("nextFundingTime", wire.next_funding_time)?) };
    let forecast = FundingForecast {
        rate: decimal("fundingRate", wire.funding_rate)?,
        next_at,
        interval_ms: after.map(|after| after.since(next_at)).filter(|length| *length > 0),
        mark_price: None,
    };
    Ok((forecast, time("ts", wire.ts).ok()))
}

/// The forecast of the one instrument that was asked for.
pub fn coming_funding(rows: &[&RawValue]) -> Result<FundingForecast, ExchangeError> {
    let row = rows.first().ok_or_else(|| malformed("no forecast", ""))?;
    forecast(row.get()).map(|(forecast, _)| forecast).map_err(|reason| malformed(&reason, row.get()))
}

/// Open interest `[ts, oi, oiCcy, oiUsd]` in the order in which it came: newest first. Contracts are
/// left out for the coins that they stand for.
pub fn open_interest(rows: &[&RawValue]) -> Result<Vec<Dated<OpenInterest>>, ExchangeError> {
    each(rows, |text| {
        let cells: Vec<&str> = part(text)?;
        let [ts, _, oi_ccy, oi_usd] = cells[..] else { return Err(format!("{} columns instead of 4", cells.len())) };
        let time = time("ts", ts)?;
        Ok(Dated { time, row: amounts(time, oi_ccy, oi_usd).map_err(|reason| bad_row(Some(time), &reason, text)) })
    })
}

/// Open interest of now, as the stream tells it.
pub fn open_interest_now(text: &str) -> Result<OpenInterest, String> {
    let wire: OpenInterestNow<'_> = part(text)?;
    amounts(time("ts", wire.ts)?, wire.oi_ccy, wire.oi_usd)
}

fn amounts(time: Time, oi_ccy: &str, oi_usd: &str) -> Result<OpenInterest, String> {
    Ok(OpenInterest { time, amount: decimal("oiCcy", oi_ccy)?, value: optional("oiUsd", oi_usd)? })
}
