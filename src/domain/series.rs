//! The unit of recording: one dataset of one instrument, candles at one interval.

use super::dataset::Dataset;
use super::instrument::{ExchangeId, Instrument, Symbol};
use super::interval::Interval;
use super::range::TimeRange;
use super::time::Time;
use std::sync::Arc;

/// Key of a series in one store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SeriesId(pub i64);

/// Key of an instrument in one store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InstrumentId(pub i64);

/// Key of a backfill job in one store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobId(pub i64);

/// What people call a series: `BTC/USDT 1m`, `BTC/USDT trades`.
pub fn series_name(symbol: &Symbol, dataset: Dataset, interval: Interval) -> String {
    match dataset {
        Dataset::Candles => format!("{symbol} {interval}"),
        other => format!("{symbol} {}", other.label()),
    }
}

/// A registered series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Series {
    /// Key in the store.
    pub id: SeriesId,
    /// What is recorded.
    pub instrument: Arc<Instrument>,
    /// What of it.
    pub dataset: Dataset,
    /// Candle width; of other datasets the [grid](Dataset::grid) on which they are accounted for.
    pub interval: Interval,
    /// Whether new candles are recorded; a removed series keeps its data.
    pub active: bool,
    /// First minute that is wanted; on the interval's grid.
    pub wanted_from: Time,
    /// Where a removed series ended; an active one is wanted up to now.
    pub wanted_to: Option<Time>,
    /// How far back from now the exchange serves it, in milliseconds; `None`: to the listing.
    pub reach_ms: Option<i64>,
}

/// The same with its exchange in front where that is another than Binance, as it may be typed:
/// `okx:BTC/USDT:USDT trades`. Perpetuals of Binance differ from its spot markets by their symbols.
pub fn full_name(exchange: ExchangeId, symbol: &Symbol, dataset: Dataset, interval: Interval) -> String {
    let name = series_name(symbol, dataset, interval);
    match exchange {
        ExchangeId::Binance | ExchangeId::BinanceUsdm => name,
        ExchangeId::Okx | ExchangeId::Kraken => format!("{exchange}:{name}"),
    }
}

impl Series {
    /// What people call it: `BTC/USDT 1m`, `kraken:BTC/USD trades`.
    pub fn name(&self) -> String {
        full_name(self.instrument.exchange, &self.instrument.symbol, self.dataset, self.interval)
    }

    /// The first step that the exchange still serves whole at `now`; `None` where it serves all.
    pub fn reach_from(&self, now: Time) -> Option<Time> {
        self.reach_ms.map(|reach| self.interval.ceil(now.plus_ms(-reach)))
    }

    /// When the step that opens at `from` is lost, unless it is fetched before.
    pub fn lost_at(&self, from: Time) -> Option<Time> {
        self.reach_ms.map(|reach| from.plus_ms(reach))
    }

    /// The wanted range as whole closed candles, up to the exchange's `now`.
    pub fn wanted(&self, now: Time) -> TimeRange {
        let closed = self.interval.floor(now);
        let to = self.wanted_to.map_or(closed, |end| self.interval.floor(end).min(closed));
        TimeRange::new(self.wanted_from, to.max(self.wanted_from))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::domain::instrument::tests::instrument;

    /// 1m candles of BTC/USDT on Binance, wanted from the epoch on, for tests.
    pub(crate) fn series(id: i64) -> Series {
        Series {
            id: SeriesId(id),
            instrument: Arc::new(instrument()),
            dataset: Dataset::Candles,
            interval: Interval::M1,
            active: true,
            wanted_from: Time::EPOCH,
            wanted_to: None,
            reach_ms: None,
        }
    }
}
