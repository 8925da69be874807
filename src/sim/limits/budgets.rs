//! The budgets of all exchanges, each on its own.

use super::super::rest::Charge;
use super::super::venue::Venue;
use super::{Budget, Limits, Verdict};
use std::collections::HashMap;
use std::time::Duration;
use tokio::time::Instant;

/// Limits of the exchanges other than Binance spot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VenueLimits {
    /// The weight budget of Binance USD-M.
    pub usdm: Limits,
    /// Whether requests are counted where an exchange limits them by the path: USD-M's funding and its
    /// statistics, all of OKX, all of Kraken.
    pub windows: bool,
}

impl Default for VenueLimits {
    fn default() -> Self {
        Self { usdm: Limits { weight_per_minute: 2_400, ..Limits::default() }, windows: true }
    }
}

/// What became of a charge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sim) struct Charged {
    pub(in crate::sim) verdict: Verdict,
    pub(in crate::sim) weight: u32,
    /// Used in this window, this request included.
    pub(in crate::sim) used: u32,
    pub(in crate::sim) limit: u32,
}

#[derive(Debug)]
pub(in crate::sim) struct Budgets {
    binance: Budget,
    usdm: Budget,
    windows: Option<Windows>,
}

impl Budgets {
    pub(in crate::sim) fn new(limits: Limits, others: VenueLimits) -> Self {
        Self {
            binance: Budget::new(limits),
            usdm: Budget::new(others.usdm),
            windows: others.windows.then(|| Windows { origin: Instant::now(), counts: HashMap::new() }),
        }
    }

    pub(in crate::sim) fn charge(&mut self, venue: Venue, charge: &Charge) -> Charged {
        match (charge, venue) {
            (Charge::Weight(weight), Venue::Binance) => self.binance.charged(*weight),
            (Charge::Weight(weight), _) => self.usdm.charged(*weight),
            (Charge::Window { key, limit, window }, _) => {
                let free = Charged { verdict: Verdict::Allowed, weight: 1, used: 0, limit: *limit };
                self.windows.as_mut().map_or(free, |windows| windows.charge(key, *limit, *window))
            }
        }
    }

    /// The weight limit per minute, where the exchange has one.
    pub(in crate::sim) fn weight_per_minute(&self, venue: Venue) -> u32 {
        match venue {
            Venue::Binance => self.binance.limit(),
            _ => self.usdm.limit(),
        }
    }
}

impl Budget {
    fn charged(&mut self, weight: u32) -> Charged {
        let (verdict, used) = self.charge(weight);
        Charged { verdict, weight, used, limit: self.limit() }
    }
}

/// Counts of requests in fixed windows of real time.
#[derive(Debug)]
struct Windows {
    origin: Instant,
    /// Of each key: the window and its count.
    counts: HashMap<String, (u128, u32)>,
}

/// More keys than this are forgotten, so that a stray client cannot grow the map.
const MOST_KEYS: usize = 10_000;

impl Windows {
    fn charge(&mut self, key: &str, limit: u32, window: Duration) -> Charged {
        let elapsed = self.origin.elapsed();
        let number = elapsed.as_millis() / window.as_millis().max(1);
        if self.counts.len() > MOST_KEYS {
            self.counts.clear();
        }
        let count = self.counts.entry(key.to_owned()).or_insert((number, 0));
        if count.0 != number {
            *count = (number, 0);
        }
        count.1 = count.1.saturating_add(1);
        let verdict = if count.1 <= limit {
            Verdict::Allowed
        } else {
            let into = Duration::from_millis((elapsed.as_millis() % window.as_millis().max(1)) as u64);
            Verdict::Refused { retry_after: window.saturating_sub(into) }
        };
        Charged { verdict, weight: 1, used: count.1, limit }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn each_exchange_and_each_key_counts_alone() {
        let limits = Limits { weight_per_minute: 10, ..Limits::default() };
        let mut budgets = Budgets::new(limits, VenueLimits { usdm: limits, windows: true });
        let verdict = |budgets: &mut Budgets, venue: Venue, charge: &Charge| budgets.charge(venue, charge).verdict;
        let ten = Charge::Weight(10);
        for venue in [Venue::Binance, Venue::BinanceUsdm] {
            assert_eq!(verdict(&mut budgets, venue, &ten), Verdict::Allowed);
            assert!(matches!(verdict(&mut budgets, venue, &ten), Verdict::Refused { .. }));
        }
        let window = |key: &str| Charge::Window { key: key.to_owned(), limit: 2, window: Duration::from_secs(2) };
        for key in ["a", "b"] {
            assert_eq!(verdict(&mut budgets, Venue::Okx, &window(key)), Verdict::Allowed);
            assert_eq!(verdict(&mut budgets, Venue::Okx, &window(key)), Verdict::Allowed);
            let wait = Duration::from_secs(2);
            assert_eq!(verdict(&mut budgets, Venue::Okx, &window(key)), Verdict::Refused { retry_after: wait });
        }
        tokio::time::advance(Duration::from_secs(2)).await;
        assert_eq!(verdict(&mut budgets, Venue::Okx, &window("a")), Verdict::Allowed);
        let mut free = Budgets::new(limits, VenueLimits { windows: false, ..VenueLimits::default() });
        assert!((0..9).all(|_| verdict(&mut free, Venue::Kraken, &window("a")) == Verdict::Allowed));
    }
}
