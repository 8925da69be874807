//! The futures' payloads into our own types. Pure.

use super::wire::{ContractInfo, FundingInfo, FundingRow, OpenInterestRow, PremiumIndex};
use crate::domain::funding::{Funding, FundingForecast};
use crate::domain::instrument::{Contract, ExchangeId, Instrument, InstrumentKind, InstrumentStatus, Scales, Symbol};
use crate::domain::open_interest::OpenInterest;
use crate::domain::price::{Decimal, decimals_of_step};
use crate::domain::ticker::Ticker;
use crate::domain::time::{HOUR_MS, Time};
use crate::exchange::binance::parse::{InstrumentList, filter_step, instrument_list, ticker, utf8};
use crate::exchange::binance::rows::{Rows, rows};
use crate::exchange::error::ExchangeError;
use crate::exchange::payload::{decimal, is_name, part, whole};
use crate::exchange::text::malformed;
use std::collections::HashMap;

/// Hours between two settlements where nothing else is said.
const USUAL_INTERVAL_MS: i64 = 8 * HOUR_MS;

/// The list's perpetuals. Contracts with an end are left out, and so are those of the COIN-M market, which
/// the list has named as well since June 2026: they are settled in what they trade.
pub fn instruments(body: &[u8]) -> Result<InstrumentList, ExchangeError> {
    instrument_list(body, |text| {
        let info: ContractInfo<'_> = part(text)?;
        // Stocks and metals have a type of their own; their funding and their endpoints are the same.
        let is_perpetual = matches!(&*info.contract_type, "PERPETUAL" | "TRADIFI_PERPETUAL");
        if is_perpetual && info.margin_asset == info.quote_asset { instrument(&info).map(Some) } else { Ok(None) }
    })
}

fn instrument(info: &ContractInfo<'_>) -> Result<Instrument, String> {
    if ![&info.symbol, &info.base_asset, &info.quote_asset].into_iter().all(|name| is_name(name)) {
        return Err("symbol, base or quote is no name".into());
    }
    let tick = filter_step(&info.filters, "PRICE_FILTER", |filter| filter.tick_size.as_deref(), info.price_precision)?;
    let lot = filter_step(&info.filters, "LOT_SIZE", |filter| filter.step_size.as_deref(), info.quantity_precision)?;
    // Ticks have grown: prices of earlier years need the decimals that the precision still tells.
    let finest = tick.min(Decimal::new(1, info.price_precision.min(18)));
    let scales = Scales::from_steps(finest, lot);
    Ok(Instrument {
        exchange: ExchangeId::BinanceUsdm,
        symbol: Symbol::perpetual(&info.base_asset, &info.quote_asset, &info.margin_asset),
        native: info.symbol.clone().into_owned(),
        base: info.base_asset.clone().into_owned(),
        quote: info.quote_asset.clone().into_owned(),
        // Amounts are in base units. 1000PEPE is a base of its own, never PEPE times a thousand.
        kind: InstrumentKind::Perpetual {
            settle: info.margin_asset.clone().into_owned(),
            contract: Contract::Base(Decimal::ONE),
        },
        stream_name: None,
        status: status(&info.status),
        price_decimals: decimals_of_step(tick).min(scales.price),
        scales,
    })
}

/// A perpetual that is settled or closed does not come back; whatever else does not trade may.
fn status(status: &str) -> InstrumentStatus {
    match status {
        "TRADING" => InstrumentStatus::Trading,
        "SETTLING" | "DELIVERED" | "CLOSE" => InstrumentStatus::Delisted,
        _ => InstrumentStatus::Halted,
    }
}

/// The ticker of one symbol: an object.
pub fn single_ticker(body: &[u8]) -> Result<Ticker, ExchangeError> {
    let text = utf8(body)?;
    if !text.trim_ascii_start().starts_with('{') {
        return Err(malformed("not a ticker", text));
    }
    ticker(text).map_err(|reason| malformed(&reason, text))
}

/// Settled funding of `native`.
pub fn funding(body: &[u8], native: &str) -> Result<Rows<Funding>, ExchangeError> {
    rows(body, "funding rates", "fundingTime", |text| {
        let row: FundingRow<'_> = part(text)?;
        is_of(&row.symbol, native)?;
        Ok(Funding {
            time: Time::from_ms(row.funding_time),
            rate: decimal("rate", row.funding_rate)?,
            mark_price: row.mark_price.filter(|text| !text.is_empty()).map(|text| decimal("mark price", text)).transpose()?,
        })
    })
}

/// Open interest of `native`.
pub fn open_interest(body: &[u8], native: &str) -> Result<Rows<OpenInterest>, ExchangeError> {
    rows(body, "open interest", "timestamp", |text| {
        let row: OpenInterestRow<'_> = part(text)?;
        is_of(&row.symbol, native)?;
        let (amount, value) =
            (decimal("open interest", row.sum_open_interest)?, decimal("its value", row.sum_open_interest_value)?);
        if amount.is_sign_negative() && !amount.is_zero() {
            return Err("open interest is negative".into());
        }
        Ok(OpenInterest { time: Time::from_ms(row.timestamp), amount, value: Some(value) })
    })
}

/// What will be settled next; the interval is told elsewhere.
pub fn forecast(body: &[u8], native: &str) -> Result<FundingForecast, ExchangeError> {
    let text = utf8(body)?;
    if !text.trim_ascii_start().starts_with('{') {
        return Err(malformed("not the mark price of one symbol", text));
    }
    let wire: PremiumIndex<'_> = whole(text)?;
    is_of(&wire.symbol, native).map_err(ExchangeError::WrongAnswer)?;
    if wire.last_funding_rate.is_empty() || wire.next_funding_time <= 0 {
        return Err(ExchangeError::NotServed(format!("binanceusdm has no funding of {native}")));
    }
    let decimal = |name: &str, value: &str| decimal(name, value).map_err(|reason| malformed(&reason, text));
    Ok(FundingForecast {
        rate: decimal("rate", wire.last_funding_rate)?,
        next_at: Time::from_ms(wire.next_funding_time),
        interval_ms: None,
        mark_price: Some(decimal("mark price", wire.mark_price)?),
    })
}

/// Time between two settlements, of the symbols that have one of their own.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FundingIntervals(HashMap<String, i64>);

impl FundingIntervals {
    /// In milliseconds: eight hours where nothing else is said.
    pub fn of(&self, native: &str) -> i64 {
        self.0.get(native).copied().unwrap_or(USUAL_INTERVAL_MS)
    }
}

/// The list of `/fapi/v1/fundingInfo`, which names only what is not as usual. A row that cannot be read is
/// left out with a warning.
pub fn funding_intervals(body: &[u8]) -> Result<FundingIntervals, ExchangeError> {
    let rows = rows(body, "funding intervals", "updateTime", |text| {
        let row: FundingInfo<'_> = part(text)?;
        let hours = row.funding_interval_hours;
        if !(1..=24).contains(&hours) {
            return Err(format!("funding every {hours} hours"));
        }
        Ok((row.symbol.into_owned(), hours * HOUR_MS))
    })?;
    let known = rows.into_iter().filter_map(|row| row.inspect_err(|bad| tracing::warn!(?bad, "funding interval left out")).ok());
    Ok(FundingIntervals(known.collect()))
}

fn is_of(symbol: &str, native: &str) -> Result<(), String> {
    if symbol == native { Ok(()) } else { Err(format!("it is of {symbol}, not of {native}")) }
}

#[cfg(test)]
mod tests;
