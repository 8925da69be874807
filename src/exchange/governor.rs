//! The gate that every request of one exchange passes: ordered silence, circuit breaker, rate
//! budget, and the books. An adapter says what to send and how to read the answer.

use super::circuit::{Breaker, CircuitSettings, Outcome, Pass};
use super::clock::Clock;
use super::error::ExchangeError;
use super::health::{Block, BlockKind, Health};
use super::jitter::Jitter;
use super::pace::Pace;
use super::port::Lane;
use super::rate_limit::{BudgetSettings, RateBudget};
use super::silence::{Silence, refusal};
use super::statistics::Statistics;
use crate::domain::instrument::ExchangeId;
use crate::domain::time::Time;
use std::future::Future;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;

/// Settings of the gate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GovernorSettings {
    /// Rate budget.
    pub budget: BudgetSettings,
    /// Circuit breaker.
    pub circuit: CircuitSettings,
}

/// What one attempt brought.
#[derive(Debug)]
pub struct Attempt<T> {
    /// The answer, read, or why there is none.
    pub result: Result<T, Refusal>,
    /// Weight that the exchange says we have used in its present minute.
    pub used_weight: Option<u32>,
}

/// Why an attempt brought nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Over the budget: silence for so long, or until the next minute where nothing is said.
    RateLimited(Option<Duration>),
    /// Banned: silence for so long, or for two minutes, doubling, where nothing is said.
    Banned(Option<Duration>),
    /// Anything else.
    Failed(ExchangeError),
}

impl From<ExchangeError> for Refusal {
    fn from(error: ExchangeError) -> Self {
        Self::Failed(error)
    }
}

/// The gate of one exchange.
#[derive(Debug)]
pub struct Governor {
    clock: Clock,
    budget: RateBudget,
    state: Mutex<State>,
    /// Wakes who waits for the budget when the gate closes.
    closed: Notify,
}

#[derive(Debug)]
struct State {
    breaker: Breaker,
    silence: Silence,
    statistics: Statistics,
}

impl Governor {
    /// An open gate.
    pub fn new(settings: GovernorSettings, clock: Clock, jitter: Jitter) -> Self {
        let breaker = Breaker::new(settings.circuit, jitter);
        Self {
            clock,
            budget: RateBudget::new(settings.budget, clock),
            state: Mutex::new(State { breaker, silence: Silence::default(), statistics: Statistics::default() }),
            closed: Notify::new(),
        }
    }

    /// The rate budget, to tell it limits and the clock's offset.
    pub const fn budget(&self) -> &RateBudget {
        &self.budget
    }

    /// Waits for the pace, where the endpoint has one of its own, and for the budget; then makes one
    /// attempt. Fails at once, and sends nothing, while the exchange has ordered silence or the breaker is
    /// open; waiting ends as well when either begins. Cancel-safe: a dropped call gives its place back.
    pub async fn send<T, F, Fut>(&self, pace: Option<&Pace>, weight: u32, lane: Lane, attempt: F) -> Result<T, ExchangeError>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Attempt<T>>,
    {
        let admitted = async {
            if let Some(pace) = pace {
                pace.turn(lane).await;
            }
            self.budget.acquire(weight, lane).await
        };
        tokio::pin!(admitted);
        let permit = loop {
            let closed = self.closed.notified();
            tokio::pin!(closed);
            closed.as_mut().enable();
            self.check()?;
            tokio::select! {
                biased;
                () = closed => {}
                permit = &mut admitted => break permit,
            }
        };
        // The gate may have closed in the meantime; from here to the attempt nothing waits.
        let flight = match self.begin() {
            Ok(flight) => flight,
            Err(error) => {
                permit.unused();
                return Err(error);
            }
        };
        let started = Instant::now();
        let Attempt { result, used_weight } = attempt().await;
        match &result {
            // Nobody knows whether the request arrived: the permit counts it twice, to be safe.
            Err(Refusal::Failed(ExchangeError::Unreachable { .. } | ExchangeError::Timeout { .. })) => drop(permit),
            _ => permit.answered(used_weight),
        }
        flight.end(result, started.elapsed())
    }

    /// How it serves us; the adapter adds which host.
    pub fn health(&self, exchange: ExchangeId, host: String, fallback: bool) -> Health {
        let now = self.clock.now();
        let (budget_used, budget_limit) = self.budget.used_and_limit();
        let clock_offset_ms = self.budget.offset_ms();
        let state = self.lock();
        let latency = state.statistics.percentiles();
        Health {
            exchange,
            host,
            fallback,
            circuit: state.breaker.view(now),
            block: state.silence.holds(now),
            budget_used,
            budget_limit,
            requests: state.statistics.requests,
            in_flight: state.statistics.in_flight,
            latency_p50_ms: latency.map(|(median, _)| median),
            latency_p95_ms: latency.map(|(_, high)| high),
            errors: state.statistics.errors.clone(),
            last_ok_at: state.statistics.last_ok_at,
            last_error: state.statistics.last_error.clone(),
            clock_offset_ms,
        }
    }

    /// Holds a silence that an earlier run was told of.
    pub fn restore_block(&self, block: Block) {
        let now = self.clock.now();
        if now < block.until {
            self.lock().silence.hold(block, now);
            self.closed.notify_waiters();
        }
    }

    fn check(&self) -> Result<(), ExchangeError> {
        let now = self.clock.now();
        let state = self.lock();
        if let Some(error) = state.silence.refusal(now) {
            return Err(error);
        }
        state.breaker.wait().map_or(Ok(()), |wait| Err(circuit_open(wait, now)))
    }

    fn begin(&self) -> Result<Flight<'_>, ExchangeError> {
        let now = self.clock.now();
        let mut state = self.lock();
        if let Some(error) = state.silence.refusal(now) {
            return Err(error);
        }
        let pass = state.breaker.admit().map_err(|wait| circuit_open(wait, now))?;
        state.statistics.started();
        Ok(Flight { governor: self, pass, outcome: Outcome::Dropped })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn circuit_open(wait: Duration, now: Time) -> ExchangeError {
    ExchangeError::CircuitOpen { until: now.plus_ms(i64::try_from(wait.as_millis()).unwrap_or(i64::MAX)), wait }
}

/// A request under way. Dropped before its end it counts as given up.
struct Flight<'a> {
    governor: &'a Governor,
    pass: Pass,
    outcome: Outcome,
}

impl Flight<'_> {
    fn end<T>(mut self, result: Result<T, Refusal>, latency: Duration) -> Result<T, ExchangeError> {
        let governor = self.governor;
        let next_window = governor.budget.until_next_window();
        let now = governor.clock.now();
        let mut state = governor.lock();
        let result = match result {
            Ok(answer) => {
                state.silence.served(now);
                state.statistics.served(latency, now);
                Ok(answer)
            }
            Err(Refusal::RateLimited(wait)) => {
                Err(refusal(state.silence.order(BlockKind::RateLimit, Some(wait.unwrap_or(next_window)), now), now))
            }
            Err(Refusal::Banned(wait)) => Err(refusal(state.silence.order(BlockKind::Ban, wait, now), now)),
            Err(Refusal::Failed(error)) => Err(error),
        };
        self.outcome = Outcome::of(result.as_ref().err());
        if let Err(error) = &result {
            state.statistics.failed(error, now);
            if matches!(error, ExchangeError::RateLimited { .. } | ExchangeError::Banned { .. }) {
                governor.closed.notify_waiters();
                tracing::warn!(%error, "the exchange orders silence");
            } else {
                tracing::debug!(%error, "request failed");
            }
        }
        drop(state);
        result
    }
}

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        let mut state = self.governor.lock();
        state.statistics.ended();
        if state.breaker.settle(self.pass, self.outcome) {
            self.governor.closed.notify_waiters();
            tracing::warn!("circuit breaker opened after repeated failures");
        }
    }
}

#[cfg(test)]
mod tests;
