//! The request weight budget: 429 when it is spent, 418 for who goes on regardless.

pub(super) mod budgets;

pub use self::budgets::VenueLimits;
use std::time::Duration;
use tokio::time::Instant;

/// The exchange's limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Weight that one client may use within a minute.
    pub weight_per_minute: u32,
    /// Requests answered 429 within one minute before the next one earns a ban.
    pub refusals_before_ban: u32,
    /// The first ban; each further one is twice as long, up to three days.
    pub first_ban: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { weight_per_minute: 6_000, refusals_before_ban: 10, first_ban: Duration::from_secs(120) }
    }
}

/// What the budget says to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Allowed,
    /// Until the window ends.
    Refused {
        retry_after: Duration,
    },
    Banned {
        remaining: Duration,
    },
}

/// Counts weight in fixed minutes of real time from the start. The exchange's clock may be frozen or
/// fast; a budget that followed it would never recover, or never bind.
#[derive(Debug)]
pub(super) struct Budget {
    limits: Limits,
    origin: Instant,
    window: u64,
    used: u32,
    refusals: u32,
    bans: u32,
    banned_until: Option<Instant>,
}

const WINDOW: Duration = Duration::from_secs(60);
const LONGEST_BAN: Duration = Duration::from_secs(3 * 24 * 3_600);

impl Budget {
    pub(super) fn new(limits: Limits) -> Self {
        Self { limits, origin: Instant::now(), window: 0, used: 0, refusals: 0, bans: 0, banned_until: None }
    }

    /// Charges a request; returns the verdict and the weight used in this minute.
    pub(super) fn charge(&mut self, weight: u32) -> (Verdict, u32) {
        let now = Instant::now();
        let elapsed = now.duration_since(self.origin);
        let window = elapsed.as_secs() / WINDOW.as_secs();
        if window != self.window {
            (self.window, self.used, self.refusals) = (window, 0, 0);
        }
        self.used = self.used.saturating_add(weight);
        if let Some(until) = self.banned_until {
            if now < until {
                return (Verdict::Banned { remaining: until - now }, self.used);
            }
            self.banned_until = None;
            self.refusals = 0;
        }
        if self.used <= self.limits.weight_per_minute {
            return (Verdict::Allowed, self.used);
        }
        self.refusals += 1;
        if self.refusals > self.limits.refusals_before_ban {
            let length = self.limits.first_ban.saturating_mul(2_u32.saturating_pow(self.bans)).min(LONGEST_BAN);
            self.bans += 1;
            self.banned_until = Some(now + length);
            return (Verdict::Banned { remaining: length }, self.used);
        }
        let into_window = Duration::from_millis((elapsed.as_millis() % WINDOW.as_millis()) as u64);
        let retry_after = WINDOW.saturating_sub(into_window);
        (Verdict::Refused { retry_after }, self.used)
    }

    pub(super) fn limit(&self) -> u32 {
        self.limits.weight_per_minute
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn refuses_then_bans_longer_each_time() {
        let limits = Limits { weight_per_minute: 10, refusals_before_ban: 2, first_ban: Duration::from_secs(120) };
        let mut budget = Budget::new(limits);
        tokio::time::advance(Duration::from_secs(20)).await;
        assert_eq!(budget.charge(10), (Verdict::Allowed, 10));
        let refused = Verdict::Refused { retry_after: Duration::from_secs(40) };
        assert_eq!(budget.charge(2), (refused, 12));
        assert_eq!(budget.charge(2), (refused, 14));
        assert_eq!(budget.charge(2), (Verdict::Banned { remaining: Duration::from_secs(120) }, 16));
        tokio::time::advance(Duration::from_secs(60)).await;
        assert_eq!(budget.charge(1), (Verdict::Banned { remaining: Duration::from_secs(60) }, 1));
        tokio::time::advance(Duration::from_secs(60)).await;
        assert_eq!(budget.charge(10), (Verdict::Allowed, 10));
        for _ in 0..2 {
            assert!(matches!(budget.charge(1).0, Verdict::Refused { .. }));
        }
        assert_eq!(budget.charge(1).0, Verdict::Banned { remaining: Duration::from_secs(240) });
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_waits_is_not_banned() {
        let mut budget = Budget::new(Limits { weight_per_minute: 1, refusals_before_ban: 1, ..Limits::default() });
        for _ in 0..5 {
            assert_eq!(budget.charge(1).0, Verdict::Allowed);
            let Verdict::Refused { retry_after } = budget.charge(1).0 else { panic!("over the limit") };
            tokio::time::advance(retry_after).await;
        }
    }
}
