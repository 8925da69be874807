//! Tickers and the clock.

use super::{optional, time};
use crate::domain::instrument::InstrumentKind;
use crate::domain::ticker::Ticker;
use crate::domain::time::Time;
use crate::exchange::error::ExchangeError;
use crate::exchange::okx::wire::{ServerTime, TickerRow};
use crate::exchange::payload::{decimal, part};
use crate::exchange::text::{cut, malformed};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// The name alone: lists hold hundreds of tickers, of which few are asked for.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Named<'a> {
    #[serde(borrow)]
    inst_id: Cow<'a, str>,
}

/// Tickers of those instruments whose kind `wanted` tells. One that cannot be read is left out: the
/// next answer brings it again.
pub fn tickers<'k>(rows: &[&RawValue], wanted: impl Fn(&str) -> Option<&'k InstrumentKind>) -> Vec<Ticker> {
    let mut tickers = Vec::new();
    for row in rows {
        let named: Result<Named<'_>, _> = serde_json::from_str(row.get());
        let Some(kind) = named.ok().and_then(|named| wanted(&named.inst_id)) else { continue };
        match ticker(row.get(), kind) {
            Ok(ticker) => tickers.push(ticker),
            Err(reason) => tracing::debug!(reason = cut(&reason, 200), row = cut(row.get(), 200), "ticker left out"),
        }
    }
    tickers
}

/// One ticker. Prices of a market that never traded are `""`.
///
/// Volumes: spot markets tell base and quote units, swaps contracts and base units.
pub fn ticker(text: &str, kind: &InstrumentKind) -> Result<Ticker, String> {
    let row: TickerRow<'_> = part(text)?;
    let (volume, quote_volume) = match kind {
        InstrumentKind::Spot => (row.vol24h, row.vol_ccy24h),
        InstrumentKind::Perpetual { .. } => (row.vol_ccy24h, ""),
    };
    Ok(Ticker {
        last: decimal("last", row.last)?,
        open_24h: optional("open24h", row.open24h)?,
        high_24h: decimal("high24h", row.high24h)?,
        low_24h: decimal("low24h", row.low24h)?,
        volume_24h: decimal("volume", volume)?,
        quote_volume_24h: optional("quote volume", quote_volume)?,
        mean_24h: None,
        trades_24h: None,
        at: time("ts", row.ts)?,
        native: row.inst_id.into_owned(),
    })
}

/// The exchange's clock.
pub fn server_time(rows: &[&RawValue]) -> Result<Time, ExchangeError> {
    let row = rows.first().ok_or_else(|| malformed("no time", ""))?;
    let read = part::<ServerTime<'_>>(row.get());
    read.and_then(|server| time("ts", server.ts)).map_err(|reason| malformed(&reason, row.get()))
}
