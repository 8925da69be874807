//! The unit of recording: one dataset of one instrument, candles at one interval.

use super::dataset::Dataset;
use super::instrument::{ExchangeId, Instrument, Symbol};
use super::interval::Interval;
use super::range::TimeRange;
use super::time::{MINUTE_MS, SECOND_MS, Time};
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

    /// The wanted range without the end that is not due: a step that ended within its grace counts
    /// from when it has come. `missing` tells the first step of a range that is neither stored nor explained.
    pub fn due<E>(&self, now: Time, missing: impl FnOnce(TimeRange) -> Result<Option<Time>, E>) -> Result<TimeRange, E> {
        let whole = self.wanted(now);
        let settled = self.wanted(now.plus_ms(-self.grace_ms())).to;
        let late = if settled < whole.to { missing(TimeRange::new(settled, whole.to))? } else { None };
        Ok(TimeRange::new(whole.from, late.unwrap_or(whole.to)))
    }

    /// How long after its end a step may come in before it counts as owed.
    const fn grace_ms(&self) -> i64 {
        match self.dataset {
            // The heartbeat's delay, and time for its answer.
            Dataset::Candles | Dataset::Trades | Dataset::Funding => 15 * SECOND_MS,
            // Worked out by the exchange, and published some minutes after its time.
            Dataset::OpenInterest => 10 * MINUTE_MS,
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::domain::instrument::tests::instrument;
    use std::convert::Infallible;

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

    /// What has closed a moment ago is not owed: a job that begins with the minute finds a healthy store complete.
    #[test]
    fn what_ended_a_moment_ago_is_due_once_it_has_come() {
        let at = |minute: i64, second: i64| Time::from_ms(minute * MINUTE_MS + second * SECOND_MS);
        let check = |dataset: Dataset, interval: Interval, stored: i64, now: Time, end: i64| {
            let series = Series { dataset, interval, ..series(1) };
            let missing = |tail: TimeRange| Ok::<_, Infallible>((at(stored, 0) < tail.to).then(|| tail.from.max(at(stored, 0))));
            let Ok(due) = series.due(now, missing);
            assert_eq!(due, TimeRange::new(at(0, 0), at(end, 0)), "{dataset:?} stored to {stored} at {now:?}");
        };
        // Stored already: it counts at once.
        check(Dataset::Candles, Interval::M1, 60, at(60, 0), 60);
        // Not come yet, and then late.
        check(Dataset::Candles, Interval::M1, 59, at(60, 1), 59);
        check(Dataset::Candles, Interval::M1, 59, at(60, 14), 59);
        check(Dataset::Candles, Interval::M1, 59, at(60, 15), 60);
        // What was owed before stays so.
        check(Dataset::Candles, Interval::M1, 50, at(60, 1), 59);
        // Open interest is published minutes after its time.
        check(Dataset::OpenInterest, Interval::M5, 50, at(60, 30), 50);
        check(Dataset::OpenInterest, Interval::M5, 50, at(65, 0), 55);
    }
}
