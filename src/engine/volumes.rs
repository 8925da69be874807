//! What was traded within 24 h of instruments that people choose from: known from tickers, and asked
//! for where a search finds some of which nothing is known. One request of the lowest weight at a time.

use super::core::Core;
use super::search::rank;
use crate::domain::instrument::{ExchangeId, Instrument, InstrumentStatus};
use crate::domain::price::Decimal;
use crate::domain::ticker::Ticker;
use crate::domain::time::{MINUTE_MS, Time};
use crate::exchange::port::Exchange;
use crate::store::instruments;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// A volume of 24 h changes little in so much time.
const FRESH_MS: i64 = 10 * MINUTE_MS;
/// Instruments of one request: Binance serves as many at its lowest weight.
const AT_ONCE: usize = 20;
/// Instruments to remember; the list of an exchange is shorter.
const MOST: usize = 20_000;

/// An exchange's own name of an instrument.
type Key = (ExchangeId, String);

/// What was told, and when.
#[derive(Debug, Clone, Copy)]
struct Known {
    /// In the quote asset: [`Ticker::worth_24h`].
    volume: Option<Decimal>,
    /// Executions, where the exchange told how many. Requests tell it, streams do not.
    trades: Option<u64>,
    at: Time,
}

/// What is known.
#[derive(Debug, Default)]
pub(super) struct Volumes(Mutex<HashMap<Key, Known>>);

impl Volumes {
    /// Quote volume of the last 24 h, as it was last told.
    pub(super) fn of(&self, instrument: &Instrument) -> Option<Decimal> {
        self.known(instrument).and_then(|known| known.volume)
    }

    /// Executions within 24 h, as they were last told.
    pub(super) fn trades(&self, instrument: &Instrument) -> Option<u64> {
        self.known(instrument).and_then(|known| known.trades)
    }

    /// Takes in what was told.
    pub(super) fn learn(&self, exchange: ExchangeId, tickers: &[Ticker], now: Time) {
        self.put(tickers.iter().map(|ticker| ((exchange, ticker.native.clone()), ticker.worth_24h(), ticker.trades_24h)), now);
    }

    fn known(&self, instrument: &Instrument) -> Option<Known> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&(instrument.exchange, instrument.native.clone())).copied()
    }

    fn put(&self, told: impl Iterator<Item = (Key, Option<Decimal>, Option<u64>)>, now: Time) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (key, volume, trades) in told {
            if known.len() < MOST || known.contains_key(&key) {
                let trades = trades.or_else(|| known.get(&key).and_then(|before| before.trades));
                known.insert(key, Known { volume, trades, at: now });
            }
        }
    }

    fn is_fresh(&self, instrument: &Instrument, now: Time) -> bool {
        self.known(instrument).is_some_and(|known| (0..FRESH_MS).contains(&now.since(known.at)))
    }
}

/// Asks for the volumes of the first instruments that `needle` finds, where they are not known.
pub(super) async fn look(core: &Core, needle: &str) -> Result<(), String> {
    let looks = core.exchanges.values().map(|exchange| look_at(core, exchange, needle));
    // An exchange that does not answer keeps nothing from the others.
    let failed = futures_util::future::join_all(looks).await.into_iter().find_map(Result::err);
    failed.map_or(Ok(()), Err)
}

async fn look_at(core: &Core, exchange: &Arc<dyn Exchange>, needle: &str) -> Result<(), String> {
    let id = exchange.id();
    let list = core.read(move |connection| instruments::all(connection, id)).await.map_err(|error| error.to_string())?;
    let now = core.clock.now();
    let lacking: Vec<Arc<Instrument>> = rank(needle, &list, |instrument| core.volumes.of(instrument))
        .into_iter()
        .filter(|instrument| instrument.status == InstrumentStatus::Trading)
        .take(AT_ONCE)
        .filter(|instrument| !core.volumes.is_fresh(instrument, now))
        .map(|instrument| Arc::new(instrument.clone()))
        .collect();
    if !lacking.is_empty() {
        let tickers = exchange.tickers(lacking.clone()).await.map_err(|error| error.to_string())?;
        // Of what was not told nothing is known, and it is not asked for at every letter again.
        core.volumes.put(lacking.iter().map(|instrument| ((id, instrument.native.clone()), None, None)), now);
        core.volumes.learn(id, &tickers, now);
    }
    Ok(())
}
