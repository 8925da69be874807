//! Frames a second, and the lag from an exchange's event to the screen.

use std::collections::VecDeque;
use tokio::time::Instant;

/// Lags that are remembered.
const LAGS: usize = 1_024;

/// Seconds over which frames are counted.
const SECONDS: usize = 10;

/// What is measured of an exchange's streams.
#[derive(Debug, Default)]
pub(super) struct Meter {
    counts: VecDeque<(Instant, u64)>,
    lags: VecDeque<i64>,
}

impl Meter {
    /// So many frames have come by now.
    pub(super) fn count(&mut self, frames: u64) {
        self.counts.push_back((Instant::now(), frames));
        if self.counts.len() > SECONDS + 1 {
            self.counts.pop_front();
        }
    }

    /// Something was seen so long after it happened, by the measured clock of the exchange.
    pub(super) fn lagged(&mut self, ms: i64) {
        if self.lags.len() == LAGS {
            self.lags.pop_front();
        }
        // Our measure of the exchange's clock may be off by more than a frame takes.
        self.lags.push_back(ms.max(0));
    }

    /// Over the last seconds.
    pub(super) fn frames_per_second(&self) -> f64 {
        match (self.counts.front(), self.counts.back()) {
            (Some((began, first)), Some((ended, last))) if ended > began => {
                last.saturating_sub(*first) as f64 / ended.duration_since(*began).as_secs_f64()
            }
            _ => 0.0,
        }
    }

    /// Median and 99th percentile of the newest lags, in milliseconds.
    pub(super) fn lag_ms(&self) -> Option<(i64, i64)> {
        let mut lags: Vec<i64> = self.lags.iter().copied().collect();
        lags.sort_unstable();
        let at = |part: usize| lags.get((lags.len().saturating_sub(1)) * part / 100).copied();
        Some((at(50)?, at(99)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[tokio::test(start_paused = true)]
    async fn frames_are_counted_over_seconds_and_lags_over_the_newest() {
        let mut meter = Meter::default();
        assert_eq!((meter.frames_per_second(), meter.lag_ms()), (0.0, None));
        for second in 0..30 {
            meter.count(second * second);
            tokio::time::advance(Duration::from_secs(1)).await;
        }
        assert!((meter.frames_per_second() - f64::from(29 * 29 - 19 * 19) / 10.0).abs() < 1e-9);
        for ms in -5..2_000 {
            meter.lagged(ms);
        }
        assert_eq!(meter.lag_ms(), Some((976 + 511, 976 + 1_012)));
    }
}
