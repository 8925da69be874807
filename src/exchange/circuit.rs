//! Circuit breaker: after repeated failures the exchange is left alone for a while, then probed by
//! one request (Nygard, "Release It!").

use super::error::ExchangeError;
use super::health::Circuit;
use super::jitter::{Jitter, doubled};
use crate::domain::time::Time;
use std::time::Duration;
use tokio::time::Instant;

/// When the breaker opens and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CircuitSettings {
    /// Consecutive failures of the whole exchange that open it.
    pub failures: u32,
    /// First pause, before jitter; doubles with each failed probe.
    pub base: Duration,
    /// Longest pause.
    pub cap: Duration,
}

impl Default for CircuitSettings {
    fn default() -> Self {
        Self { failures: 8, base: Duration::from_secs(1), cap: Duration::from_secs(60) }
    }
}

/// The right to send one request; hand it back with its outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct Pass {
    generation: u64,
    probe: bool,
}

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The exchange answered, be it with a refusal.
    Served,
    /// An outage by [`ExchangeError::is_outage`].
    Outage,
    /// Given up before there was an answer: says nothing.
    Dropped,
}

impl Outcome {
    /// What a result says of the exchange as a whole.
    pub const fn of(error: Option<&ExchangeError>) -> Self {
        match error {
            Some(error) if error.is_outage() => Self::Outage,
            _ => Self::Served,
        }
    }
}

#[derive(Debug)]
enum State {
    Closed {
        failures: u32,
    },
    Open {
        until: Instant,
    },
    /// A probe is under way.
    Probing,
}

/// The breaker. Pure but for tokio's clock; the caller keeps it behind a lock.
///
/// Requests of before the opening may still fail or succeed afterwards: they belong to an earlier
/// generation and are not counted, or 32 requests under way would lengthen the pause by 32 steps.
#[derive(Debug)]
pub struct Breaker {
    settings: CircuitSettings,
    jitter: Jitter,
    state: State,
    generation: u64,
    openings: u32,
}

impl Breaker {
    /// Closed.
    pub const fn new(settings: CircuitSettings, jitter: Jitter) -> Self {
        Self { settings, jitter, state: State::Closed { failures: 0 }, generation: 0, openings: 0 }
    }

    /// Lets a request through, or says how long nothing may be sent. While a probe is under way
    /// the others wait a base step: the probe's end is not known.
    pub fn admit(&mut self) -> Result<Pass, Duration> {
        match self.state {
            State::Closed { .. } => Ok(Pass { generation: self.generation, probe: false }),
            State::Open { until } => {
                let left = until.saturating_duration_since(Instant::now());
                if left > Duration::ZERO {
                    return Err(left);
                }
                self.state = State::Probing;
                Ok(Pass { generation: self.generation, probe: true })
            }
            State::Probing => Err(self.settings.base),
        }
    }

    /// How long nothing may be sent; a look that takes no pass.
    pub fn wait(&self) -> Option<Duration> {
        match self.state {
            State::Closed { .. } => None,
            State::Open { until } => Some(until.saturating_duration_since(Instant::now())).filter(|left| *left > Duration::ZERO),
            State::Probing => Some(self.settings.base),
        }
    }

    /// Takes a pass back. True where this opened the breaker.
    pub fn settle(&mut self, pass: Pass, outcome: Outcome) -> bool {
        if pass.generation != self.generation {
            return false;
        }
        match (outcome, &mut self.state) {
            (Outcome::Served, State::Closed { failures }) => *failures = 0,
            (Outcome::Served, _) => {
                self.state = State::Closed { failures: 0 };
                self.openings = 0;
                self.generation += 1;
            }
            (Outcome::Outage, State::Closed { failures }) => {
                *failures += 1;
                if *failures >= self.settings.failures {
                    self.open();
                    return true;
                }
            }
            (Outcome::Outage, _) => {
                self.open();
                return true;
            }
            // The next caller probes instead.
            (Outcome::Dropped, _) if pass.probe => self.state = State::Open { until: Instant::now() },
            (Outcome::Dropped, _) => {}
        }
        false
    }

    /// For the screen; `now` is the local clock.
    pub fn view(&self, now: Time) -> Circuit {
        match self.state {
            State::Closed { .. } => Circuit::Closed,
            State::Probing => Circuit::HalfOpen,
            State::Open { until } => {
                let left = until.saturating_duration_since(Instant::now());
                Circuit::Open { until: now.plus_ms(i64::try_from(left.as_millis()).unwrap_or(i64::MAX)) }
            }
        }
    }

    fn open(&mut self) {
        let pause = doubled(self.settings.base, self.openings, self.settings.cap);
        self.openings = self.openings.saturating_add(1);
        self.generation += 1;
        self.state = State::Open { until: Instant::now() + self.jitter.equal(pause) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn breaker() -> Breaker {
        let settings = CircuitSettings { failures: 3, ..CircuitSettings::default() };
        Breaker::new(settings, Jitter::seeded(5))
    }

    fn settle(breaker: &mut Breaker, outcome: Outcome) {
        let pass = breaker.admit().unwrap();
        breaker.settle(pass, outcome);
    }

    fn open(breaker: &mut Breaker) {
        for _ in 0..3 {
            settle(breaker, Outcome::Outage);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn opens_after_consecutive_failures_only() {
        let mut breaker = breaker();
        for outcome in [Outcome::Outage, Outcome::Outage, Outcome::Served, Outcome::Outage, Outcome::Outage, Outcome::Dropped] {
            settle(&mut breaker, outcome);
        }
        assert_eq!(breaker.view(Time::EPOCH), Circuit::Closed);
        settle(&mut breaker, Outcome::Outage);
        let wait = breaker.admit().unwrap_err();
        assert!((Duration::from_millis(500)..=Duration::from_secs(1)).contains(&wait));
        assert_eq!(breaker.view(Time::EPOCH), Circuit::Open { until: Time::from_ms(wait.as_millis() as i64) });
    }

    #[tokio::test(start_paused = true)]
    async fn one_probe_decides() {
        let mut breaker = breaker();
        open(&mut breaker);
        let mut pauses = Vec::new();
        for _ in 0..9 {
            let wait = breaker.admit().unwrap_err();
            pauses.push(wait);
            tokio::time::advance(wait).await;
            assert_eq!(breaker.wait(), None);
            let probe = breaker.admit().unwrap();
            assert_eq!(breaker.view(Time::EPOCH), Circuit::HalfOpen);
            assert!(breaker.admit().is_err(), "only one request probes");
            assert!(breaker.settle(probe, Outcome::Outage));
        }
        for (at, pause) in pauses.iter().enumerate() {
            let step = Duration::from_secs(1 << at).min(Duration::from_secs(60));
            assert!((step / 2..=step).contains(pause), "pause {at}: {pause:?}");
        }
        tokio::time::advance(Duration::from_secs(60)).await;
        settle(&mut breaker, Outcome::Served);
        assert_eq!(breaker.view(Time::EPOCH), Circuit::Closed);
        open(&mut breaker);
        assert!(breaker.admit().unwrap_err() <= Duration::from_secs(1), "a recovery forgets earlier pauses");
    }

    #[tokio::test(start_paused = true)]
    async fn a_probe_that_is_given_up_frees_the_next() {
        let mut breaker = breaker();
        open(&mut breaker);
        tokio::time::advance(Duration::from_secs(1)).await;
        let probe = breaker.admit().unwrap();
        breaker.settle(probe, Outcome::Dropped);
        settle(&mut breaker, Outcome::Served);
        assert_eq!(breaker.view(Time::EPOCH), Circuit::Closed);
    }

    #[tokio::test(start_paused = true)]
    async fn requests_of_before_the_opening_do_not_count() {
        let mut breaker = breaker();
        let early: Vec<Pass> = (0..32).map(|_| breaker.admit().unwrap()).collect();
        for pass in early {
            breaker.settle(pass, Outcome::Outage);
        }
        assert!(breaker.admit().unwrap_err() <= Duration::from_secs(1));
    }

    #[test]
    fn refusals_are_service() {
        let of = |error: ExchangeError| Outcome::of(Some(&error));
        assert_eq!(Outcome::of(None), Outcome::Served);
        assert_eq!(of(ExchangeError::UnknownInterval), Outcome::Served);
        assert_eq!(of(ExchangeError::RateLimited { until: Time::EPOCH, wait: Duration::ZERO }), Outcome::Served);
        assert_eq!(of(ExchangeError::Maintenance(String::new())), Outcome::Outage);
    }
}
