//! OKX's payloads into our own types. Pure.

mod candles;
mod datasets;
mod instruments;
mod prices;

pub use candles::{CandleRow, candle, candles, told_closed};
pub use datasets::{Dated, TradeAt, coming_funding, forecast, funding, open_interest, open_interest_now, trade, trades};
pub use instruments::instruments;
pub use prices::{server_time, ticker, tickers};

use super::wire::Envelope;
use crate::domain::instrument::{Contract, InstrumentKind};
use crate::domain::interval::Interval;
use crate::domain::price::{Decimal, exact_product};
use crate::domain::time::Time;
use crate::exchange::payload::decimal;
use crate::exchange::text::cut;
use serde_json::value::RawValue;

/// The rows of a success, each to be read on its own; `None` where the body is anything else, which
/// [`refusal`](super::refusal::refusal) tells apart.
pub fn rows(body: &[u8]) -> Option<Vec<&RawValue>> {
    let envelope: Envelope<'_> = serde_json::from_slice(body).ok()?;
    let is_success = envelope.code.get().trim_matches('"') == "0";
    serde_json::from_str(envelope.data.filter(|_| is_success)?.get()).ok()
}

/// How OKX calls a candle width. From six hours up its plain names are cut at midnight of UTC+8;
/// those with `utc` lie on our grid.
pub const fn bar(interval: Interval) -> &'static str {
    match interval {
        Interval::M1 => "1m",
        Interval::M3 => "3m",
        Interval::M5 => "5m",
        Interval::M15 => "15m",
        Interval::M30 => "30m",
        Interval::H1 => "1H",
        Interval::H2 => "2H",
        Interval::H4 => "4H",
        Interval::H6 => "6Hutc",
        Interval::H12 => "12Hutc",
        Interval::D1 => "1Dutc",
        Interval::W1 => "1Wutc",
    }
}

/// An amount in OKX's unit as base units: spot markets count those themselves, linear swaps count
/// contracts. Exact or refused.
fn in_base(amount: Decimal, kind: &InstrumentKind) -> Result<Decimal, String> {
    match kind {
        InstrumentKind::Spot => Ok(amount),
        InstrumentKind::Perpetual { contract: Contract::Base(size), .. } => product(amount, *size),
        InstrumentKind::Perpetual { contract: Contract::Quote(_), .. } => {
            Err("contracts of an inverse swap are no exact number of base units".into())
        }
    }
}

fn product(a: Decimal, b: Decimal) -> Result<Decimal, String> {
    exact_product(a, b).ok_or_else(|| format!("{a} times {b} has more digits than can be kept exactly"))
}

/// A field that is `""` where it does not apply.
fn optional(name: &str, text: &str) -> Result<Option<Decimal>, String> {
    if text.is_empty() { Ok(None) } else { decimal(name, text).map(Some) }
}

fn time(name: &str, text: &str) -> Result<Time, String> {
    text.parse().map(Time::from_ms).map_err(|_| format!("{name} is `{}`, not milliseconds", cut(text, 40)))
}

#[cfg(test)]
mod tests;
