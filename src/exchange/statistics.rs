//! The books of one exchange: latency, errors, last success and last error.

use super::error::ExchangeError;
use crate::domain::time::Time;
use std::collections::VecDeque;
use std::time::Duration;

/// Latencies that the percentiles look back on.
const LATENCIES: usize = 512;

/// What is counted since the process started.
#[derive(Debug, Default)]
pub(super) struct Statistics {
    pub(super) requests: u64,
    pub(super) in_flight: u32,
    pub(super) errors: Vec<(&'static str, u64)>,
    pub(super) last_ok_at: Option<Time>,
    pub(super) last_error: Option<(Time, String)>,
    latencies_ms: VecDeque<u32>,
}

impl Statistics {
    pub(super) const fn started(&mut self) {
        self.requests += 1;
        self.in_flight += 1;
    }

    pub(super) const fn ended(&mut self) {
        self.in_flight = self.in_flight.saturating_sub(1);
    }

    pub(super) fn served(&mut self, latency: Duration, now: Time) {
        if self.latencies_ms.len() == LATENCIES {
            self.latencies_ms.pop_front();
        }
        self.latencies_ms.push_back(u32::try_from(latency.as_millis()).unwrap_or(u32::MAX));
        self.last_ok_at = Some(now);
    }

    pub(super) fn failed(&mut self, error: &ExchangeError, now: Time) {
        let kind = error.kind();
        match self.errors.iter_mut().find(|(name, _)| *name == kind) {
            Some((_, count)) => *count += 1,
            None => self.errors.push((kind, 1)),
        }
        self.last_error = Some((now, error.to_string()));
    }

    /// Median and 95th percentile in milliseconds (nearest rank).
    pub(super) fn percentiles(&self) -> Option<(u32, u32)> {
        let mut sorted: Vec<u32> = self.latencies_ms.iter().copied().collect();
        sorted.sort_unstable();
        let rank = |percent: usize| sorted.get((sorted.len() * percent).div_ceil(100).saturating_sub(1)).copied();
        Some((rank(50)?, rank(95)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_of_the_newest() {
        let mut statistics = Statistics::default();
        assert_eq!(statistics.percentiles(), None);
        let mut serve = |ms: u64| {
            statistics.served(Duration::from_millis(ms), Time::EPOCH);
            statistics.percentiles()
        };
        assert_eq!(serve(7), Some((7, 7)));
        for _ in 0..LATENCIES {
            serve(9_000);
        }
        for ms in 1..100 {
            serve(ms);
        }
        assert_eq!(serve(100), Some((9_000, 9_000)));
        for ms in 1..=LATENCIES as u64 {
            serve(ms * 10);
        }
        assert_eq!(serve(10), Some((2_560, 4_870)), "10 to 5120, in steps of ten, less the first");
    }

    #[test]
    fn errors_by_kind() {
        let mut statistics = Statistics::default();
        let at = Time::from_ms(5);
        for error in [ExchangeError::UnknownInterval, ExchangeError::TooLarge { limit: 1 }, ExchangeError::UnknownInterval] {
            statistics.failed(&error, at);
        }
        assert_eq!(statistics.errors, [("unknown_interval", 2), ("too_large", 1)]);
        assert_eq!(statistics.last_error, Some((at, ExchangeError::UnknownInterval.to_string())));
    }
}
