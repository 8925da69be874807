//! Answers without any row: that nothing happened is believed when a second, separate one says so too.

use crate::domain::range::{RangeSet, TimeRange};
use crate::domain::time::Time;
use std::collections::VecDeque;

/// Ranges that are remembered of a series, and more than the pages of a minute's budget: a range that is forgotten
/// before its second answer has to be asked for a third time.
const MOST: usize = 4_096;

/// What one answer each has held no row of, and when that was asked.
#[derive(Debug, Default)]
pub(in crate::engine) struct Silent(VecDeque<(TimeRange, Time)>);

impl Silent {
    /// Notes that an answer that was asked for at `at` holds no row of `range`. Returns the part of which an
    /// answer that was asked for at least `apart_ms` away from it said the same.
    pub(in crate::engine) fn hear(&mut self, range: TimeRange, at: Time, apart_ms: i64) -> RangeSet {
        let is_apart = |then: Time| at.since(then).saturating_abs() >= apart_ms;
        let (mut agreed, mut fresh) = (RangeSet::new(), RangeSet::from(range));
        for (silent, then) in self.0.iter().filter(|(silent, _)| silent.overlaps(range)) {
            fresh.remove(*silent);
            if is_apart(*then) {
                agreed.insert(silent.intersect(range));
            }
        }
        self.0.extend(fresh.ranges().iter().map(|range| (*range, at)));
        self.0.drain(..self.0.len().saturating_sub(MOST));
        agreed
    }

    /// An answer held rows of `range`.
    pub(in crate::engine) fn forget(&mut self, range: TimeRange) {
        if self.0.is_empty() || range.is_empty() {
            return;
        }
        let left = |(silent, at): &(TimeRange, Time)| {
            let rest = RangeSet::from(*silent).minus(&RangeSet::from(range));
            rest.ranges().iter().map(|range| (*range, *at)).collect::<Vec<_>>()
        };
        self.0 = self.0.iter().flat_map(left).collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(from: i64, to: i64) -> TimeRange {
        TimeRange::new(Time::from_ms(from), Time::from_ms(to))
    }

    #[test]
    fn a_second_answer_apart_from_the_first_is_believed() {
        let mut silent = Silent::default();
        let mut hear = |from: i64, to: i64, at: i64| silent.hear(range(from, to), Time::from_ms(at), 10).ranges().to_vec();
        assert_eq!(hear(0, 100, 1_000), []);
        assert_eq!(hear(0, 100, 1_009), [], "two requests of one moment are one witness");
        assert_eq!(hear(50, 150, 1_010), [range(50, 100)]);
        assert_eq!(hear(60, 110, 1_019), [range(60, 100)], "a step may be agreed on in parts");
        assert_eq!(hear(100, 150, 900), [range(100, 150)], "the clock was set back");
        silent.forget(range(10, 20));
        assert_eq!(silent.hear(range(0, 50), Time::from_ms(2_000), 10).ranges(), [range(0, 10), range(20, 50)]);
    }

    #[test]
    fn memory_has_an_end() {
        let mut silent = Silent::default();
        for at in 0..MOST as i64 + 744 {
            silent.hear(range(at * 10, at * 10 + 5), Time::from_ms(at), 10_000);
        }
        assert_eq!(silent.0.len(), MOST);
        assert_eq!(silent.0[0].0, range(7_440, 7_445));
    }
}
