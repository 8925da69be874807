//! Randomness for waits, so that many tasks do not come back in the same instant.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::time::Duration;

/// A small random source (`SplitMix64`): good enough to spread waits, and the same seed always
/// gives the same waits, which tests rely on. Not for secrets.
#[derive(Debug, Clone)]
pub struct Jitter(u64);

impl Jitter {
    /// The same seed gives the same sequence.
    pub const fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    /// A different sequence in each process and for each call.
    pub fn from_entropy() -> Self {
        // The standard library seeds its hash maps from the system; nothing more is needed here.
        Self(RandomState::new().build_hasher().finish())
    }

    /// Evenly distributed in `[0, limit]`, to the microsecond.
    pub fn up_to(&mut self, limit: Duration) -> Duration {
        let micros = u64::try_from(limit.as_micros()).unwrap_or(u64::MAX - 1);
        Duration::from_micros(self.next() % (micros + 1))
    }

    /// "Equal jitter": half of `wait` is kept, the other half is drawn.
    pub fn equal(&mut self, wait: Duration) -> Duration {
        let half = wait / 2;
        half + self.up_to(half)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}

/// `base` doubled `times` times, at most `cap`.
pub(super) fn doubled(base: Duration, times: u32, cap: Duration) -> Duration {
    base.saturating_mul(1_u32.checked_shl(times).unwrap_or(u32::MAX)).min(cap)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_seed_same_waits_within_bounds() {
        let (mut a, mut b) = (Jitter::seeded(7), Jitter::seeded(7));
        let limit = Duration::from_millis(100);
        let drawn: Vec<Duration> = (0..200).map(|_| a.up_to(limit)).collect();
        assert!(drawn.iter().all(|wait| *wait <= limit && *wait == b.up_to(limit)));
        assert!(drawn.iter().any(|wait| *wait < limit / 4) && drawn.iter().any(|wait| *wait > limit * 3 / 4));
        assert!((0..200).all(|_| (limit / 2..=limit).contains(&a.equal(limit))));
        assert_eq!(a.up_to(Duration::ZERO), Duration::ZERO);
        assert_ne!(Jitter::from_entropy().0, Jitter::from_entropy().0);
    }

    #[test]
    fn doubling_ends_at_the_cap() {
        let (base, cap) = (Duration::from_secs(1), Duration::from_secs(60));
        let seconds = |times| doubled(base, times, cap).as_secs();
        assert_eq!([0, 1, 5, 6, 31, 32, 4_000_000].map(seconds), [1, 2, 32, 60, 60, 60, 60]);
    }
}
