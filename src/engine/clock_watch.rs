//! Whether the measured offset of an exchange's clock still holds. It is a difference to the local
//! clock, and that one may be set (by NTP, by a person) or stand still while the machine sleeps:
//! then a forming candle would pass for a closed one until the next measurement. And the exchange's answer may be
//! wrong: a time that has jumped ahead is in force for nothing that is judged by it until a second look, half a
//! minute later, agrees. Until then time goes on as it was agreed, which at worst judges a candle a moment late.

use super::core::Core;
use crate::domain::instrument::ExchangeId;
use crate::domain::time::Time;
use crate::exchange::error::ExchangeError;
use crate::exchange::port::Exchange;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// The local clock has been set, or the machine has slept, where it has moved this much more or
/// less than the time that passed.
const STEP_MS: i64 = 500;

/// Two measurements agree within this and the time that they took: one alone may be a wrong answer.
const TOLERANCE_MS: i64 = 1_000;

/// Measurements until two in a row agree.
const TRIES: usize = 4;

/// Between two looks at a clock that has jumped ahead: one server that is wrong answers wrongly twice in a row.
const APART: Duration = Duration::from_secs(30);

/// Clocks drift apart by no more than a second in so many.
const DRIFT: i64 = 5_000;

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
    /// The exchange's clock minus the local one, as two looks agreed.
    offset_ms: i64,
    guard_ms: i64,
    /// How often the local clock had been set by then.
    steps: u32,
}

impl Measured {
    /// By how much a look is ahead of what was agreed, by the local clock or by the time that has passed, whichever
    /// excuses more: the local clock may have been set, and a machine that slept has counted no time.
    fn ahead_ms(&self, local: Time, offset_ms: i64) -> i64 {
        let passed = i64::try_from(self.instant.elapsed().as_millis()).unwrap_or(i64::MAX);
        let by_wall = offset_ms.saturating_sub(self.offset_ms);
        let by_time = local.since(self.local).saturating_sub(passed).saturating_add(by_wall);
        by_wall.min(by_time).saturating_sub(passed / DRIFT)
    }
}

impl ClockWatch {
    /// How often the local clock was set, as far as is known: an answer that was asked for at another count
    /// was asked for by another clock, although that has been measured since.
    pub(super) fn steps(&self, id: ExchangeId) -> u32 {
        self.lock().get(&id).map_or(0, |measured| measured.steps)
    }

    /// Notes a measurement at `local` of the local clock on which two looks agreed.
    fn note(&self, id: ExchangeId, local: Time, offset_ms: i64, guard_ms: i64) {
        let steps = self.steps(id) + u32::from(self.stepped(id, local));
        self.lock().insert(id, Measured { local, instant: Instant::now(), offset_ms, guard_ms, steps });
    }

    /// Whether the local clock was set since the last measurement.
    pub(super) fn stepped(&self, id: ExchangeId, now: Time) -> bool {
        self.lock().get(&id).is_some_and(|measured| {
            let passed = i64::try_from(measured.instant.elapsed().as_millis()).unwrap_or(i64::MAX);
            now.since(measured.local).saturating_sub(passed).saturating_abs() > STEP_MS
        })
    }

    /// What to add to the local clock for the exchange's time, where something is judged by it: `told` by the newest
    /// look, but no more than two looks agreed on.
    pub(super) fn agreed_offset_ms(&self, id: ExchangeId, told: i64) -> i64 {
        self.lock().get(&id).map_or(told, |measured| told.min(measured.offset_ms))
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

async fn measure_alone(core: &Core, exchange: &Arc<dyn Exchange>) -> Result<(), ExchangeError> {
    let id = exchange.id();
    let agreed = core.clocks.lock().get(&id).copied();
    let mut former = agreed.filter(|_| !core.clocks.stepped(id, core.clock.now())).map(|agreed| (agreed.offset_ms, 0));
    for _ in 0..TRIES {
        let instant = Instant::now();
        exchange.sync_clock().await?;
        let took = i64::try_from(instant.elapsed().as_millis()).unwrap_or(i64::MAX);
        let offset = exchange.health().clock_offset_ms.unwrap_or(0);
        if former
            .is_some_and(|(other, other_took)| offset.saturating_sub(other).saturating_abs() <= TOLERANCE_MS + took + other_took)
        {
            core.clocks.note(id, core.clock.now(), offset, took.max(LEAST_GUARD_MS));
            return Ok(());
        }
        if let Some(ahead_ms) = agreed.map(|agreed| agreed.ahead_ms(core.clock.now(), offset))
            && ahead_ms > TOLERANCE_MS + took
        {
            tracing::warn!(exchange = %id, ahead_ms, "the exchange's clock has jumped ahead: looked at again");
            tokio::time::sleep(APART).await;
        }
        former = Some((offset, took));
    }
    Err(ExchangeError::WrongAnswer("no two measurements of its clock agree".into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_look_is_ahead_where_neither_clock_excuses_it() {
        let start = Time::from_ms(1_000_000);
        let agreed = Measured { local: start, instant: Instant::now(), offset_ms: 200, guard_ms: 1_000, steps: 0 };
        tokio::time::advance(Duration::from_secs(100)).await;
        let check = |local_ms: i64, offset_ms: i64, expected: i64| {
            assert_eq!(agreed.ahead_ms(start.plus_ms(local_ms), offset_ms), expected, "{local_ms} {offset_ms}");
        };
        check(100_000, 200, -20);
        check(100_000, 90_200, 89_980);
        // The local clock was set back: the exchange's time went on as it should.
        check(40_000, 60_200, -20);
        // The machine slept for an hour: only the wall clock has seen it.
        check(3_700_000, 200, -20);
        check(100_000, -5_000, -5_220);
        let watch = ClockWatch::default();
        assert_eq!(watch.agreed_offset_ms(ExchangeId::Okx, 90_000), 90_000, "nothing else is known");
        watch.lock().insert(ExchangeId::Okx, agreed);
        assert_eq!([90_000, -70].map(|told| watch.agreed_offset_ms(ExchangeId::Okx, told)), [200, -70]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_clock_that_is_set_is_noticed() {
        let watch = ClockWatch::default();
        let (id, start) = (ExchangeId::Binance, Time::from_ms(1_000_000));
        assert!(!watch.stepped(id, start), "nothing was measured that could be wrong");
        watch.note(id, start, 0, 3_000);
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
        watch.note(id, start.plus_ms(100_000), 0, 3_000);
        assert_eq!(watch.steps(id), 0, "measured now and again");
        tokio::time::advance(Duration::from_secs(1)).await;
        let set_back = start.plus_ms(-3_600_000);
        watch.note(id, set_back, 0, 3_000);
        assert!(!watch.stepped(id, set_back), "the new measurement holds");
        assert_eq!(watch.steps(id), 1, "but not for what was asked before");
    }
}
