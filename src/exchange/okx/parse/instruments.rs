//! The instrument list.

use super::product;
use crate::domain::instrument::{Contract, ExchangeId, Instrument, InstrumentKind, InstrumentStatus, Scales, Symbol};
use crate::domain::price::{Decimal, decimals_of_step};
use crate::exchange::error::ExchangeError;
use crate::exchange::okx::wire::InstrumentInfo;
use crate::exchange::payload::{decimal, is_name, part};
use crate::exchange::text::{cut, malformed};
use serde_json::value::RawValue;

/// Instruments of one type in the exchange's order, and those that could not be read: which, and why.
/// One that cannot be read never costs the others; an answer of which none can be read is malformed.
pub fn instruments(rows: &[&RawValue]) -> Result<(Vec<Instrument>, Vec<String>), ExchangeError> {
    let mut instruments = Vec::with_capacity(rows.len());
    let mut unreadable = Vec::new();
    for row in rows {
        let read = part::<InstrumentInfo<'_>>(row.get());
        match read.and_then(|info| instrument(&info).map_err(|reason| format!("{}: {reason}", cut(&info.inst_id, 40)))) {
            Ok(instrument) => instruments.push(instrument),
            Err(reason) => unreadable.push(cut(&reason, 200)),
        }
    }
    match (rows.first(), instruments.is_empty()) {
        (Some(first), true) => Err(malformed("no instrument of the list can be read", first.get())),
        _ => Ok((instruments, unreadable)),
    }
}

fn instrument(info: &InstrumentInfo<'_>) -> Result<Instrument, String> {
    let (tick, lot) = (step("tickSz", &info.tick_sz)?, step("lotSz", &info.lot_sz)?);
    let market = match &*info.inst_type {
        "SPOT" => Market::spot(info, lot),
        "SWAP" => Market::swap(info, lot)?,
        other => return Err(format!("instType is {other}")),
    };
    if ![&*info.inst_id, market.base, market.quote].into_iter().all(is_name) {
        return Err("instId, base or quote is no name".into());
    }
    let scales = Scales::from_steps(tick, market.lot);
    Ok(Instrument {
        exchange: ExchangeId::Okx,
        symbol: match &market.kind {
            InstrumentKind::Spot => Symbol::spot(market.base, market.quote),
            InstrumentKind::Perpetual { settle, .. } => Symbol::perpetual(market.base, market.quote, settle),
        },
        native: info.inst_id.clone().into_owned(),
        base: market.base.to_owned(),
        quote: market.quote.to_owned(),
        kind: market.kind,
        stream_name: None,
        // Everything else comes before trading (`preopen`, `test`), or goes over (`suspend`, `rebase`,
        // `post_only`, `settling`). What has ended vanishes from the list.
        status: if info.state == "live" { InstrumentStatus::Trading } else { InstrumentStatus::Halted },
        price_decimals: decimals_of_step(tick).min(scales.price),
        scales,
    })
}

/// What is traded.
struct Market<'a> {
    base: &'a str,
    quote: &'a str,
    kind: InstrumentKind,
    /// Smallest amount in base units.
    lot: Decimal,
}

impl<'a> Market<'a> {
    fn spot(info: &'a InstrumentInfo<'_>, lot: Decimal) -> Self {
        Self { base: &info.base_ccy, quote: &info.quote_ccy, kind: InstrumentKind::Spot, lot }
    }

    /// Swaps name neither base nor quote. A contract of a linear one counts the base asset, and one of
    /// an inverse swap the quote asset; the underlying has both.
    fn swap(info: &'a InstrumentInfo<'_>, lot: Decimal) -> Result<Self, String> {
        let size = product(step("ctVal", &info.ct_val)?, step("ctMult", &info.ct_mult)?)?.normalize();
        let (uly, counted) = (&*info.uly, &*info.ct_val_ccy);
        let other = || format!("the underlying {uly} and ctValCcy {counted} do not go together");
        let (base, quote, contract, lot) = match &*info.ct_type {
            "linear" => {
                let quote = uly.strip_prefix(counted).and_then(|rest| rest.strip_prefix('-')).ok_or_else(other)?;
                (counted, quote, Contract::Base(size), product(lot, size)?)
            }
            "inverse" => {
                let base = uly.strip_suffix(counted).and_then(|rest| rest.strip_suffix('-')).ok_or_else(other)?;
                // Amounts in base units follow from the price: they have all the decimals there are room for.
                (base, counted, Contract::Quote(size), Decimal::new(1, 8))
            }
            other => return Err(format!("ctType is `{other}`")),
        };
        if info.settle_ccy.is_empty() {
            return Err("settleCcy is missing".into());
        }
        Ok(Self { base, quote, kind: InstrumentKind::Perpetual { settle: info.settle_ccy.clone().into_owned(), contract }, lot })
    }
}

fn step(name: &str, text: &str) -> Result<Decimal, String> {
    Some(decimal(name, text)?).filter(|step| *step > Decimal::ZERO).ok_or_else(|| format!("{name} is {text}"))
}
