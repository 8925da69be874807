//! Whether an exchange's trouble, or its end, is worth a line in the log.

use crate::domain::time::Time;

/// Trouble, and service after it, are told of once they have lasted this long: a request that fails
/// now and then is neither, and must not fill the log.
const LASTING_MS: i64 = 5_000;

/// What was said of an exchange last.
#[derive(Debug, Default)]
pub(super) struct Mood {
    is_said: bool,
    changed_at: Option<Time>,
}

impl Mood {
    /// Whether that it `is_troubled` is news. What the exchange or the breaker has ordered is told
    /// of at once.
    pub(super) fn is_news(&mut self, is_troubled: bool, is_ordered: bool, now: Time) -> bool {
        if is_troubled == self.is_said {
            self.changed_at = None;
            return false;
        }
        let since = *self.changed_at.get_or_insert(now);
        let lasts = now < since || now.since(since) >= LASTING_MS || is_troubled && is_ordered;
        if lasts {
            *self = Self { is_said: is_troubled, changed_at: None };
        }
        lasts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_now_and_then_is_no_news() {
        let mut mood = Mood::default();
        let said = (0..600).filter(|step| mood.is_news(step % 3 == 0, false, Time::from_ms(step * 1_000))).count();
        assert_eq!(said, 0);
    }

    #[test]
    fn lasting_trouble_and_its_end_are_told_once() {
        let mut mood = Mood::default();
        let said: Vec<i64> =
            (0..60).filter(|step| mood.is_news((10..40).contains(step), false, Time::from_ms(step * 1_000))).collect();
        assert_eq!(said, [15, 45]);
        assert!(mood.is_news(true, true, Time::from_ms(100_000)), "an order is told of at once");
        assert!(!mood.is_news(true, true, Time::from_ms(101_000)));
    }
}
