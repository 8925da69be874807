//! Whether the measured offset of an exchange's clock still holds. It is a difference to the local
//! clock, and that one may be set (by NTP, by a person) or stand still while the machine sleeps:
//! then a forming candle would pass for a closed one until the next measurement.

use super::core::Core;
use crate::domain::instrument::ExchangeId;
use crate::domain::time::Time;
use crate::exchange::error::ExchangeError;
use crate::exchange::port::Exchange;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::time::Instant;

/// The local clock has been set, or the machine has slept, where it has moved this much more or
/// less than the time that passed.
const STEP_MS: i64 = 500;

/// Two measurements agree within this and the time that they took: one alone may be a wrong answer.
const TOLERANCE_MS: i64 = 1_000;

/// Measurements until two in a row agree.
const TRIES: usize = 4;

/// Least uncertainty of a measurement.
const LEAST_GUARD_MS: i64 = 1_000;

/// The measurements of every exchange.
#[derive(Debug, Default)]
pub(super) struct ClockWatch {
    measured: Mutex<BTreeMap<ExchangeId, Measured>>,
    measuring: tokio::sync::Mutex<()>,
}

#[derive(Debug, Clone, Copy)]
struct Measured {
    local: Time,
    instant: Instant,
    guard_ms: i64,
    /// How often the local clock had been set by then.
    steps: u32,
}

impl ClockWatch {
    /// How often the local clock was set, as far as is known: an answer that was asked for at another count
    /// was asked for by another clock, although that has been measured since.
    pub(super) fn steps(&self, id: ExchangeId) -> u32 {
        self.lock().get(&id).map_or(0, |measured| measured.steps)
    }

    /// Notes a measurement at `local` of the local clock.
    fn note(&self, id: ExchangeId, local: Time, guard_ms: i64) {
        let steps = self.steps(id) + u32::from(self.stepped(id, local));
        self.lock().insert(id, Measured { local, instant: Instant::now(), guard_ms, steps });
    }

    /// Whether the local clock was set since the last measurement.
    pub(super) fn stepped(&self, id: ExchangeId, now: Time) -> bool {
        self.lock().get(&id).is_some_and(|measured| {
            let passed = i64::try_from(measured.instant.elapsed().as_millis()).unwrap_or(i64::MAX);
            now.since(measured.local).saturating_sub(passed).saturating_abs() > STEP_MS
        })
    }

    /// By how much the exchange's time may be wrong.
    pub(super) fn guard_ms(&self, id: ExchangeId) -> i64 {
        self.lock().get(&id).map_or(LEAST_GUARD_MS, |measured| measured.guard_ms)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<ExchangeId, Measured>> {
        self.measured.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Measures anew where the local clock was set since the last time.
pub(super) async fn ensure(core: &Core, exchange: &Arc<dyn Exchange>) -> Result<(), ExchangeError> {
    if !core.clocks.stepped(exchange.id(), core.clock.now()) {
        return Ok(());
    }
    let _turn = core.clocks.measuring.lock().await;
    // Another task may have measured while this one waited.
    if core.clocks.stepped(exchange.id(), core.clock.now()) { measure_alone(core, exchange).await } else { Ok(()) }
}

/// Measures the exchange's clock until two measurements agree.
pub(super) async fn measure(core: &Core, exchange: &Arc<dyn Exchange>) -> Result<(), ExchangeError> {
    let _turn = core.clocks.measuring.lock().await;
    measure_alone(core, exchange).await
}

/// A local time as the exchange's.
pub(super) fn exchange_time(exchange: &Arc<dyn Exchange>, local: Time) -> Time {
    local.plus_ms(exchange.health().clock_offset_ms.unwrap_or(0))
}

async fn measure_alone(core: &Core, exchange: &Arc<dyn Exchange>) -> Result<(), ExchangeError> {
    let id = exchange.id();
    let is_known = core.clocks.lock().contains_key(&id) && !core.clocks.stepped(id, core.clock.now());
    let mut former = exchange.health().clock_offset_ms.filter(|_| is_known).map(|offset| (offset, 0));
    for _ in 0..TRIES {
        let instant = Instant::now();
        exchange.sync_clock().await?;
        let took = i64::try_from(instant.elapsed().as_millis()).unwrap_or(i64::MAX);
        let offset = exchange.health().clock_offset_ms.unwrap_or(0);
        if former
            .is_some_and(|(other, other_took)| offset.saturating_sub(other).saturating_abs() <= TOLERANCE_MS + took + other_took)
        {
            core.clocks.note(id, core.clock.now(), took.max(LEAST_GUARD_MS));
            return Ok(());
        }
        former = Some((offset, took));
    }
    Err(ExchangeError::WrongAnswer("no two measurements of its clock agree".into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[tokio::test(start_paused = true)]
    async fn a_clock_that_is_set_is_noticed() {
        let watch = ClockWatch::default();
        let (id, start) = (ExchangeId::Binance, Time::from_ms(1_000_000));
        assert!(!watch.stepped(id, start), "nothing was measured that could be wrong");
        watch.note(id, start, 3_000);
        tokio::time::advance(Duration::from_secs(100)).await;
        let check = |error_ms: i64, expected: bool| {
            assert_eq!(watch.stepped(id, start.plus_ms(100_000 + error_ms)), expected, "{error_ms}");
        };
        check(0, false);
        check(400, false);
        check(-400, false);
        check(120_000, true);
        check(-120_000, true);
        assert_eq!(watch.guard_ms(id), 3_000);
        watch.note(id, start.plus_ms(100_000), 3_000);
        assert_eq!(watch.steps(id), 0, "measured now and again");
        tokio::time::advance(Duration::from_secs(1)).await;
        let set_back = start.plus_ms(-3_600_000);
        watch.note(id, set_back, 3_000);
        assert!(!watch.stepped(id, set_back), "the new measurement holds");
        assert_eq!(watch.steps(id), 1, "but not for what was asked before");
    }
}
