//! When to ask again: pure arithmetic. The caller sleeps.

use super::error::{ExchangeError, Retry};
use super::jitter::{Jitter, doubled};
use std::time::Duration;

/// How waits grow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BackoffSettings {
    /// First wait, before jitter.
    pub base: Duration,
    /// Longest wait of our own making. What the exchange orders may be longer.
    pub cap: Duration,
}

impl Default for BackoffSettings {
    fn default() -> Self {
        Self { base: Duration::from_millis(250), cap: Duration::from_secs(60) }
    }
}

/// The waits of one request that fails again and again: exponential with equal jitter, so that no
/// wait is shorter than half its step and equal starts drift apart.
#[derive(Debug, Clone)]
pub struct Backoff {
    settings: BackoffSettings,
    jitter: Jitter,
    failures: u32,
}

impl Backoff {
    /// Before the first failure.
    pub const fn new(settings: BackoffSettings, jitter: Jitter) -> Self {
        Self { settings, jitter, failures: 0 }
    }

    /// How long to wait after this failure; `None`: the same request would fail for ever.
    ///
    /// A wait that the exchange or the breaker has set does not count as a failure of the request,
    /// is never shortened, and gets up to one base step on top: many callers wait for its end.
    pub fn next(&mut self, error: &ExchangeError) -> Option<Duration> {
        match error.retry() {
            Retry::Never => None,
            Retry::After(wait) => Some(wait.saturating_add(self.jitter.up_to(self.settings.base))),
            Retry::Backoff => {
                let step = doubled(self.settings.base, self.failures, self.settings.cap);
                self.failures = self.failures.saturating_add(1);
                Some(self.jitter.equal(step))
            }
        }
    }

    /// After a success: the next failure starts from the base again.
    pub const fn reset(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::domain::time::Time;
    use super::*;

    fn server_error() -> ExchangeError {
        ExchangeError::Server { status: 502, message: "bad gateway".into() }
    }

    #[test]
    fn grows_with_equal_jitter_up_to_the_cap() {
        let settings = BackoffSettings::default();
        let mut backoff = Backoff::new(settings, Jitter::seeded(1));
        let mut again = Backoff::new(settings, Jitter::seeded(1));
        let mut step = settings.base;
        for _ in 0..40 {
            let wait = backoff.next(&server_error()).unwrap();
            assert!((step / 2..=step).contains(&wait), "{wait:?} for a step of {step:?}");
            assert_eq!(again.next(&server_error()), Some(wait));
            step = (step * 2).min(settings.cap);
        }
        assert_eq!(backoff.failures, 40);
        backoff.reset();
        assert!(backoff.next(&server_error()).unwrap() <= settings.base);
    }

    #[test]
    fn ordered_waits_are_kept_and_do_not_grow() {
        let mut backoff = Backoff::new(BackoffSettings::default(), Jitter::seeded(2));
        let wait = Duration::from_secs(259_200);
        let banned = ExchangeError::Banned { until: Time::EPOCH, wait };
        for _ in 0..10 {
            let next = backoff.next(&banned).unwrap();
            assert!((wait..=wait + BackoffSettings::default().base).contains(&next));
        }
        assert_eq!(backoff.failures, 0);
    }

    #[test]
    fn hopeless_requests_are_not_repeated() {
        let mut backoff = Backoff::new(BackoffSettings::default(), Jitter::seeded(3));
        assert_eq!(backoff.next(&ExchangeError::UnknownSymbol("NOPE".into())), None);
        assert_eq!(backoff.next(&ExchangeError::UnknownInterval), None);
    }
}
