//! Counters of this run, and rates over the last few seconds.

use crate::domain::series::SeriesId;
use crate::domain::time::Time;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Rates are taken over this long.
const WINDOW_MS: i64 = 3_000;

/// Granularity of the window.
const SLOT_MS: i64 = 250;

/// Counters of this run.
#[derive(Debug)]
pub(super) struct Statistics {
    inner: Mutex<Counters>,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Counters {
    pub(super) started_at: Time,
    pub(super) candles: u64,
    pub(super) rejected: u64,
    pub(super) last_write_at: Option<Time>,
    pub(super) beats: u64,
    pub(super) failed_beats: u64,
    pub(super) last_beat_at: Option<Time>,
    pub(super) lag_ms: Option<i64>,
    all: Meter,
    series: BTreeMap<SeriesId, Meter>,
}

/// Counts within a sliding window.
#[derive(Debug, Clone, Default)]
struct Meter(VecDeque<(i64, u64)>);

impl Meter {
    fn add(&mut self, now: Time, count: u64) {
        let slot = now.ms().div_euclid(SLOT_MS);
        match self.0.back_mut() {
            Some((last, sum)) if *last == slot => *sum += count,
            // The clock was set back: what was counted then would never grow old.
            Some((last, _)) if *last > slot => {
                self.0.clear();
                self.0.push_back((slot, count));
            }
            _ => self.0.push_back((slot, count)),
        }
        self.prune(now);
    }

    fn prune(&mut self, now: Time) {
        let oldest = (now.ms() - WINDOW_MS).div_euclid(SLOT_MS);
        while self.0.front().is_some_and(|(slot, _)| *slot < oldest) {
            self.0.pop_front();
        }
    }

    /// A second, over the window or since its first count where that is shorter.
    fn rate(&self, now: Time) -> f64 {
        let oldest = (now.ms() - WINDOW_MS).div_euclid(SLOT_MS);
        let counted = || self.0.iter().filter(|(slot, _)| *slot >= oldest);
        let sum: u64 = counted().map(|(_, count)| count).sum();
        let since = counted().next().map_or(now.ms(), |(slot, _)| slot * SLOT_MS);
        sum as f64 / ((now.ms() - since).clamp(SLOT_MS, WINDOW_MS) as f64 / 1_000.0)
    }
}

impl Statistics {
    pub(super) fn new(now: Time) -> Self {
        Self { inner: Mutex::new(Counters { started_at: now, ..Counters::default() }) }
    }

    pub(super) fn stored(&self, series: SeriesId, candles: u64, rejected: u64, now: Time) {
        let mut counters = self.lock();
        counters.candles += candles;
        counters.rejected += rejected;
        counters.last_write_at = Some(now);
        counters.all.add(now, candles);
        counters.series.entry(series).or_default().add(now, candles);
    }

    pub(super) fn beat(&self, failed: bool, lag_ms: Option<i64>, now: Time) {
        let mut counters = self.lock();
        counters.beats += 1;
        counters.failed_beats += u64::from(failed);
        counters.last_beat_at = Some(now);
        counters.lag_ms = lag_ms.or(counters.lag_ms);
    }

    pub(super) fn read(&self) -> Counters {
        self.lock().clone()
    }

    pub(super) fn rate(&self, now: Time) -> f64 {
        self.lock().all.rate(now)
    }

    pub(super) fn series_rate(&self, series: SeriesId, now: Time) -> f64 {
        self.lock().series.get(&series).map_or(0.0, |meter| meter.rate(now))
    }

    fn lock(&self) -> MutexGuard<'_, Counters> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Milliseconds that `left` candles take at `rate` a second, but no fewer than the budget allows. Between two
/// bursts nothing comes while the budget fills: then it alone tells, where it is what the rest waits for.
pub(super) fn eta_ms(left: u64, rate: f64, pages_left: u64, pages_per_minute: f64) -> Option<i64> {
    let by_budget = (pages_left as f64 / pages_per_minute.max(1.0) - 1.0).max(0.0) * 60_000.0;
    let by_rate = (rate > 0.0).then(|| left as f64 / rate * 1_000.0);
    by_rate.or((by_budget > 0.0).then_some(by_budget)).map(|ms| ms.max(by_budget) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_set_back_leaves_nothing_behind() {
        let mut meter = Meter::default();
        for step in 0..100 {
            meter.add(Time::from_ms(1_000_000 - step * 250), 1);
        }
        assert_eq!(meter.0.len(), 1);
    }

    #[test]
    fn what_waits_for_the_budget_has_a_time_too() {
        let check =
            |rate: f64, pages: u64, expected: Option<i64>| assert_eq!(eta_ms(10_000, rate, pages, 2.0), expected, "{rate}");
        check(1_000.0, 1, Some(10_000));
        check(1_000.0, 10, Some(240_000));
        check(0.0, 10, Some(240_000));
        check(0.0, 2, None);
    }

    #[test]
    fn rates_fade_with_the_window() {
        let mut meter = Meter::default();
        for step in 0..8 {
            meter.add(Time::from_ms(step * 250), 1_000);
        }
        assert!((meter.rate(Time::from_ms(2_000)) - 4_000.0).abs() < 1.0);
        assert!(meter.rate(Time::from_ms(4_000)) < 4_000.0);
        assert!(meter.rate(Time::from_ms(60_000)).abs() < f64::EPSILON);
    }
}
