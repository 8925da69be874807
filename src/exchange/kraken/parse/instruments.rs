//! The instrument list, out of `Assets` and `AssetPairs`.

use crate::domain::instrument::{ExchangeId, Instrument, InstrumentKind, InstrumentStatus, Scales, Symbol};
use crate::domain::price::MAX_SCALE;
use crate::exchange::error::ExchangeError;
use crate::exchange::kraken::wire::{Asset, AssetPair};
use crate::exchange::payload::{is_name, part, whole};
use crate::exchange::text::{EXCERPT_CHARS, cut, malformed};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

/// Most decimals at which quote volumes are kept as integers: that leaves room for 900 million.
const QUOTE_SCALE: u32 = 10;

/// The instrument list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstrumentList {
    /// By pair id. Dark pools are none.
    pub instruments: Vec<Instrument>,
    /// Listed pairs that could not be read: the id, and why.
    pub unreadable: Vec<String>,
}

/// Instruments from the results of `Assets` and `AssetPairs`. A pair that cannot be read is left out
/// and named; it never costs the others. A list of which nothing can be read is malformed.
pub fn instruments(assets: &str, pairs: &str) -> Result<InstrumentList, ExchangeError> {
    let wire: HashMap<Cow<'_, str>, &RawValue> = whole(assets)?;
    let names: HashMap<String, String> = wire
        .into_iter()
        .filter_map(|(id, raw)| {
            let asset: Asset<'_> = serde_json::from_str(raw.get()).ok()?;
            Some((id.into_owned(), asset.altname.into_owned()))
        })
        .collect();
    let wire: BTreeMap<Cow<'_, str>, &RawValue> = whole(pairs)?;
    let mut list = InstrumentList { instruments: Vec::with_capacity(wire.len()), unreadable: Vec::new() };
    for (id, raw) in &wire {
        let read = part::<AssetPair<'_>>(raw.get());
        match read.and_then(|pair| instrument(id, &pair, &names)) {
            Ok(Some(instrument)) => list.instruments.push(instrument),
            Ok(None) => {}
            Err(reason) => list.unreadable.push(format!("{}: {}", cut(id, 40), cut(&reason, EXCERPT_CHARS))),
        }
    }
    if list.instruments.is_empty() && !list.unreadable.is_empty() {
        return Err(malformed(&format!("no pair of {} can be read", list.unreadable.len()), pairs));
    }
    Ok(list)
}

/// `None` for a dark pool: it ends in `.d`, and has no name on the streams.
fn instrument(id: &str, pair: &AssetPair<'_>, names: &HashMap<String, String>) -> Result<Option<Instrument>, String> {
    let Some(wsname) = pair.wsname.as_deref().filter(|_| id.strip_suffix(".d").is_none()) else { return Ok(None) };
    let (ws_base, ws_quote) = wsname.split_once('/').ok_or("wsname is not a base and a quote")?;
    // The halves of `wsname` are the alternative names of assets that `Assets` has stopped listing.
    let name = |asset: &str, half: &str| unified(names.get(asset).map_or(half, String::as_str)).to_owned();
    let (base, quote) = (name(&pair.base, ws_base), name(&pair.quote, ws_quote));
    if ![id, &base, &quote].into_iter().all(is_name) {
        return Err("pair, base or quote is no name".into());
    }
    let price = pair.pair_decimals.min(MAX_SCALE);
    let lot = pair.lot_decimals.min(MAX_SCALE);
    Ok(Some(Instrument {
        exchange: ExchangeId::Kraken,
        symbol: Symbol::spot(&base, &quote),
        native: id.to_owned(),
        base,
        quote,
        kind: InstrumentKind::Spot,
        stream_name: Some(format!("{}/{}", streamed(ws_base), streamed(ws_quote))),
        status: status(pair.status.as_deref()),
        price_decimals: price,
        // An exact sum of price times amount has the decimals of both, more than costs are billed with.
        scales: Scales { price, base: lot, quote: pair.cost_decimals.max(price + lot).min(QUOTE_SCALE) },
    }))
}

/// An asset's name as all exchanges know it, from the one that Kraken calls its alternative.
fn unified(altname: &str) -> &str {
    match altname {
        "XBT" => "BTC",
        "XDG" => "DOGE",
        "LUNA" => "LUNC",
        "LUNA2" => "LUNA",
        "UST" => "USTC",
        other => other,
    }
}

/// An asset's name on WebSocket v2: two of them differ from `wsname`, whose own spelling is refused.
fn streamed(wsname: &str) -> &str {
    match wsname {
        "XBT" => "BTC",
        "XDG" => "DOGE",
        other => other,
    }
}

/// Whether new candles are to be expected. Old lists have no status and name only what trades.
fn status(status: Option<&str>) -> InstrumentStatus {
    match status {
        Some("online") | None => InstrumentStatus::Trading,
        Some(_) => InstrumentStatus::Halted,
    }
}
