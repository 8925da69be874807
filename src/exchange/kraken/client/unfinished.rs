//! Candles in the making whose call failed on its way.

use crate::domain::interval::Interval;
use crate::domain::range::TimeRange;
use crate::exchange::kraken::rebuild::Rebuild;
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

/// How many are kept: more calls than are under way at a time.
const MOST: usize = 64;

/// Pair, width and range of a call.
pub(super) type Key = (String, Interval, TimeRange);

/// What failed calls had folded, newest last. Trades never change, so that it does not age.
#[derive(Debug, Default)]
pub(super) struct Unfinished(Mutex<VecDeque<(Key, Rebuild)>>);

impl Unfinished {
    /// What is there of this range; it is handed over.
    pub(super) fn take(&self, key: &Key) -> Option<Rebuild> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = kept.iter().position(|(other, _)| other == key)?;
        kept.remove(at).map(|(_, rebuild)| rebuild)
    }

    /// Keeps it for the next call of this range; the oldest of too many is given up.
    pub(super) fn keep(&self, key: Key, rebuild: Rebuild) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|(other, _)| *other != key);
        kept.push_back((key, rebuild));
        while kept.len() > MOST {
            kept.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Time;

    #[test]
    fn is_handed_over_once_and_the_oldest_given_up() {
        let unfinished = Unfinished::default();
        let range = |at: i64| TimeRange::new(Time::from_ms(at), Time::from_ms(at + 60_000));
        let key = |at: i64| ("X".to_owned(), Interval::M1, range(at));
        for at in 0..=MOST as i64 {
            unfinished.keep(key(at), Rebuild::new(Interval::M1, range(at)));
        }
        assert!(unfinished.take(&key(0)).is_none());
        assert!(unfinished.take(&("Y".to_owned(), Interval::M1, range(1))).is_none());
        assert!(unfinished.take(&key(1)).is_some() && unfinished.take(&key(1)).is_none());
    }
}
