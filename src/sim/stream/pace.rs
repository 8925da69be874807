//! When things are sent: grids of the exchange's time that differ from market to market.

use crate::domain::time::Time;
use crate::sim::noise::hash;

/// Instants in a fixed step, at an offset of the market's own, so that not all markets speak at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pace {
    every_ms: i64,
    offset_ms: i64,
}

impl Pace {
    pub(super) fn new(every_ms: i64, native: &str) -> Self {
        Self { every_ms, offset_ms: (key(native) % every_ms.unsigned_abs()).cast_signed() }
    }

    /// Instants that are multiples of the step.
    pub(super) const fn on_the_grid(every_ms: i64) -> Self {
        Self { every_ms, offset_ms: 0 }
    }

    /// The first instant after `time`.
    pub(super) fn after(self, time: Time) -> Time {
        time.plus_ms(-self.offset_ms).floor_to(self.every_ms).plus_ms(self.every_ms + self.offset_ms)
    }
}

/// How long after the end of a candle its last frame comes: 0.2 to 2 s, as in recordings.
pub(super) fn closing_delay(native: &str, end: Time) -> i64 {
    200 + (hash(key(native), end.ms()) % 1_801).cast_signed()
}

fn key(native: &str) -> u64 {
    native.bytes().fold(0, |key, byte| hash(key, byte.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_and_delays() {
        let pace = Pace::new(2_000, "BTCUSDT");
        let first = pace.after(Time::from_ms(1_000_000));
        assert!(first.ms() > 1_000_000 && first.ms() <= 1_002_000);
        assert_eq!(pace.after(first), first.plus_ms(2_000));
        assert_eq!(pace.after(first.plus_ms(-1)), first);
        assert_eq!(Pace::on_the_grid(1_000).after(Time::from_ms(5_000)), Time::from_ms(6_000));
        assert_ne!(Pace::new(2_000, "ETHUSDT"), pace);
        let delays: Vec<i64> = (0..500).map(|at| closing_delay("BTCUSDT", Time::from_ms(at * 60_000))).collect();
        assert!(delays.iter().all(|delay| (200..=2_000).contains(delay)));
        assert!(delays.iter().min() < Some(&400) && delays.iter().max() > Some(&1_800));
    }
}
