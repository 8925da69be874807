//! Which request, and which moment of a socket, is struck by which rule.

use super::super::noise::hash;
use super::{Fault, FaultRule, SocketFault, When};
use crate::domain::range::TimeRange;
use crate::domain::time::Time;
use std::collections::HashMap;

/// The rules with their counts.
#[derive(Debug)]
pub(in crate::sim) struct FaultPlan {
    seed: u64,
    rules: Vec<Counted>,
}

#[derive(Debug)]
struct Counted {
    rule: FaultRule,
    seen: u64,
    struck: u64,
    /// The period in which each socket was last struck.
    periods: HashMap<u64, i64>,
}

/// Moments of a socket that rules count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sim) enum Occasion {
    Handshake,
    Subscription,
    /// A ping of the client.
    Ping,
    /// The last frame of a candle.
    Closing,
    /// A frame of market data, closing ones among them.
    Frame,
}

/// What is to be struck or not.
#[derive(Debug, Clone, Copy)]
enum Target {
    Request,
    Socket { occasion: Occasion, id: u64, age_ms: i64 },
}

/// A fault that strikes, and the time that its rule is about.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::sim) struct Strike {
    pub(in crate::sim) fault: Fault,
    pub(in crate::sim) at: Option<Time>,
}

impl FaultPlan {
    pub(in crate::sim) fn new(seed: u64, rules: Vec<FaultRule>) -> Self {
        let rules = rules.into_iter().map(|rule| Counted { rule, seen: 0, struck: 0, periods: HashMap::new() });
        Self { seed, rules: rules.collect() }
    }

    /// The first rule that strikes a request on `path` for candles in `asked`. Every rule on the path
    /// counts the request, also where an earlier one strikes.
    pub(in crate::sim) fn strike(&mut self, path: &str, asked: Option<TimeRange>) -> Option<Strike> {
        self.find(path, asked, Target::Request)
    }

    /// The same for a moment of the socket `id` that was opened at `path` `age_ms` of the exchange's time
    /// ago, with the candle that it is about.
    pub(in crate::sim) fn strike_socket(
        &mut self,
        path: &str,
        occasion: Occasion,
        (id, age_ms): (u64, i64),
        candle: Option<TimeRange>,
    ) -> Option<SocketFault> {
        match self.find(path, candle, Target::Socket { occasion, id, age_ms })?.fault {
            Fault::Socket(fault) => Some(fault),
            _ => None,
        }
    }

    fn find(&mut self, path: &str, asked: Option<TimeRange>, target: Target) -> Option<Strike> {
        let mut strike = None;
        for (number, counted) in self.rules.iter_mut().enumerate() {
            let Counted { rule, seen, struck, periods } = counted;
            let concerned = match (rule.fault, target) {
                (Fault::Socket(fault), Target::Socket { occasion, .. }) => fault.occasion() == occasion,
                (Fault::Socket(_), Target::Request) | (_, Target::Socket { .. }) => false,
                (_, Target::Request) => true,
            };
            if !concerned || !path.starts_with(&rule.on) {
                continue;
            }
            *seen += 1;
            if strike.is_some() || rule.times.is_some_and(|times| *struck >= times) {
                continue;
            }
            let (hit, at) = match rule.when {
                When::Always => (true, None),
                When::Every(n) => (*seen % n == 0, None),
                When::First(n) => (*seen <= n, None),
                When::After(n) => (*seen > n, None),
                When::Chance(p) => {
                    let uniform = hash(self.seed ^ number as u64, *seen as i64) >> 11;
                    ((uniform as f64) < p * (1_u64 << 53) as f64, None)
                }
                When::At(time) => (asked.is_some_and(|asked| asked.contains(time)), Some(time)),
                When::Period { ms } => match target {
                    Target::Socket { id, age_ms, .. } => {
                        let period = age_ms.div_euclid(ms.max(1));
                        (period > periods.insert(id, period).unwrap_or(0), None)
                    }
                    Target::Request => (false, None),
                },
            };
            if hit {
                *struck += 1;
                strike = Some(Strike { fault: rule.fault, at });
            }
        }
        strike
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(rule: &str, expected: &str) {
        let mut plan = FaultPlan::new(5, vec![rule.parse().unwrap()]);
        let struck: String = (0..8).map(|_| if plan.strike("/api/v3/klines", None).is_some() { 'x' } else { '.' }).collect();
        assert_eq!(struck, expected, "{rule}");
    }

    #[test]
    fn whens() {
        check("reset", "xxxxxxxx");
        check("reset every 3", "..x..x..");
        check("reset first 2", "xx......");
        check("reset after 5", ".....xxx");
        check("reset every 2 times 2", ".x.x....");
        check("reset on /api/v3/time", "........");
        check("reset chance 0", "........");
        check("reset chance 1", "xxxxxxxx");
    }

    #[test]
    fn chances_follow_the_seed() {
        let struck = |seed: u64| -> Vec<bool> {
            let mut plan = FaultPlan::new(seed, vec!["reset chance 0.3".parse().unwrap()]);
            (0..1_000).map(|_| plan.strike("/api/v3/klines", None).is_some()).collect()
        };
        assert_eq!(struck(1), struck(1));
        assert_ne!(struck(1), struck(2));
        let hits = struck(1).into_iter().filter(|hit| *hit).count();
        assert!((250..350).contains(&hits), "{hits}");
    }

    #[test]
    fn at_a_time() {
        let mut plan = FaultPlan::new(0, vec!["empty at 5000".parse().unwrap()]);
        let asked = |from: i64, to: i64| Some(TimeRange::new(Time::from_ms(from), Time::from_ms(to)));
        assert!(plan.strike("/api/v3/klines", asked(0, 5_000)).is_none());
        assert!(plan.strike("/api/v3/klines", None).is_none());
        let strike = plan.strike("/api/v3/klines", asked(5_000, 6_000)).unwrap();
        assert_eq!(strike, Strike { fault: Fault::Empty, at: Some(Time::from_ms(5_000)) });
    }

    #[test]
    fn sockets_have_moments_of_their_own() {
        let mut plan = FaultPlan::new(0, vec!["drop-socket every 7m".parse().unwrap(), "no-pong on /ws/v5".parse().unwrap()]);
        let mut frame =
            |id: u64, minutes: i64| plan.strike_socket("/ws", Occasion::Frame, (id, minutes * 60_000), None).is_some();
        let struck: Vec<i64> = (0..30).filter(|minute| frame(1, *minute)).collect();
        assert_eq!(struck, [7, 14, 21, 28]);
        assert!(!frame(2, 6) && frame(2, 16) && !frame(2, 20), "each socket has its own age");
        assert!(plan.strike("/ws", None).is_none() && plan.strike_socket("/ws", Occasion::Ping, (1, 0), None).is_none());
        assert_eq!(plan.strike_socket("/ws/v5/public", Occasion::Ping, (1, 0), None), Some(SocketFault::NoPong));
    }
}
