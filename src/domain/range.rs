//! Half-open time ranges `[from, to)` and sets of them: the arithmetic of coverage and gaps.

use super::time::Time;

/// `[from, to)` in UTC; empty where `to <= from`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TimeRange {
    /// First instant inside.
    pub from: Time,
    /// First instant after.
    pub to: Time,
}

impl TimeRange {
    /// `[from, to)`.
    pub const fn new(from: Time, to: Time) -> Self {
        Self { from, to }
    }

    /// Whether nothing lies inside.
    pub fn is_empty(self) -> bool {
        self.to <= self.from
    }

    /// Its length in milliseconds; 0 when empty.
    pub fn duration_ms(self) -> i64 {
        self.to.since(self.from).max(0)
    }

    /// Whether `time` lies inside.
    pub fn contains(self, time: Time) -> bool {
        self.from <= time && time < self.to
    }

    /// What both hold; may be empty.
    #[must_use]
    pub fn intersect(self, other: Self) -> Self {
        Self::new(self.from.max(other.from), self.to.min(other.to))
    }

    /// Whether the two share an instant.
    pub fn overlaps(self, other: Self) -> bool {
        !self.intersect(other).is_empty()
    }
}

/// A set of instants as ascending ranges that neither overlap nor touch.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RangeSet {
    ranges: Vec<TimeRange>,
}

impl RangeSet {
    /// The empty set.
    pub const fn new() -> Self {
        Self { ranges: Vec::new() }
    }

    /// Its ranges, ascending, apart from each other.
    pub fn ranges(&self) -> &[TimeRange] {
        &self.ranges
    }

    /// Whether it holds nothing.
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// Whether `time` is in the set.
    pub fn contains(&self, time: Time) -> bool {
        let after = self.ranges.partition_point(|range| range.from <= time);
        after > 0 && self.ranges[after - 1].contains(time)
    }

    /// Whether all of `range` is in the set.
    pub fn covers(&self, range: TimeRange) -> bool {
        let after = self.ranges.partition_point(|held| held.from <= range.from);
        range.is_empty() || after > 0 && range.to <= self.ranges[after - 1].to
    }

    /// Adds a range, joining what it overlaps or touches.
    pub fn insert(&mut self, range: TimeRange) {
        if range.is_empty() {
            return;
        }
        let start = self.ranges.partition_point(|held| held.to < range.from);
        let end = self.ranges.partition_point(|held| held.from <= range.to);
        let joined =
            self.ranges[start..end].iter().fold(range, |sum, held| TimeRange::new(sum.from.min(held.from), sum.to.max(held.to)));
        self.ranges.splice(start..end, [joined]);
    }

    /// Takes a range out.
    pub fn remove(&mut self, range: TimeRange) {
        if range.is_empty() {
            return;
        }
        let start = self.ranges.partition_point(|held| held.to <= range.from);
        let end = self.ranges.partition_point(|held| held.from < range.to);
        let kept: Vec<TimeRange> = self.ranges[start..end]
            .iter()
            .flat_map(|held| {
                [TimeRange::new(held.from, held.to.min(range.from)), TimeRange::new(held.from.max(range.to), held.to)]
            })
            .filter(|piece| !piece.is_empty())
            .collect();
        self.ranges.splice(start..end, kept);
    }

    /// What is here and not in `other`.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        let mut left = Vec::with_capacity(self.ranges.len());
        let mut cuts = other.ranges.iter().copied().peekable();
        for &range in &self.ranges {
            let mut rest = range;
            while let Some(&cut) = cuts.peek() {
                if cut.to <= rest.from {
                    cuts.next();
                    continue;
                }
                if cut.from >= rest.to {
                    break;
                }
                if cut.from > rest.from {
                    left.push(TimeRange::new(rest.from, cut.from));
                }
                rest.from = cut.to;
                if rest.is_empty() {
                    break;
                }
                cuts.next();
            }
            if !rest.is_empty() {
                left.push(rest);
            }
        }
        Self { ranges: left }
    }

    /// What lies inside `window`.
    #[must_use]
    pub fn within(&self, window: TimeRange) -> Self {
        Self { ranges: self.ranges.iter().map(|range| range.intersect(window)).filter(|range| !range.is_empty()).collect() }
    }
}

impl From<TimeRange> for RangeSet {
    fn from(range: TimeRange) -> Self {
        Self { ranges: if range.is_empty() { Vec::new() } else { vec![range] } }
    }
}

impl FromIterator<TimeRange> for RangeSet {
    fn from_iter<I: IntoIterator<Item = TimeRange>>(ranges: I) -> Self {
        let mut set = Self::new();
        for range in ranges {
            set.insert(range);
        }
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn range(from: i64, to: i64) -> TimeRange {
        TimeRange::new(Time::from_ms(from), Time::from_ms(to))
    }

    /// The oracle: the set as a bitmap of 64 instants.
    fn bitmap(set: &RangeSet) -> Vec<bool> {
        (0..64).map(|ms| set.ranges().iter().any(|held| held.contains(Time::from_ms(ms)))).collect()
    }

    fn well_formed(set: &RangeSet) -> bool {
        set.ranges().iter().all(|held| !held.is_empty()) && set.ranges().windows(2).all(|pair| pair[0].to < pair[1].from)
    }

    fn ranges() -> impl Strategy<Value = Vec<(i64, i64)>> {
        prop::collection::vec((0_i64..64, 0_i64..64), 0..8)
    }

    proptest! {
        #[test]
        fn behaves_like_a_bitmap(adds in ranges(), cuts in ranges(), others in ranges()) {
            let mut set: RangeSet = adds.iter().map(|&(from, to)| range(from, to)).collect();
            let mut expected: Vec<bool> = (0..64).map(|ms| adds.iter().any(|&(from, to)| from <= ms && ms < to)).collect();
            prop_assert_eq!(bitmap(&set), expected.clone());
            for &(from, to) in &cuts {
                set.remove(range(from, to));
                for ms in from..to { expected[ms as usize] = false; }
            }
            prop_assert!(well_formed(&set));
            prop_assert_eq!(bitmap(&set), expected.clone());
            let other: RangeSet = others.iter().map(|&(from, to)| range(from, to)).collect();
            let difference = set.minus(&other);
            prop_assert!(well_formed(&difference));
            let minus: Vec<bool> = expected.iter().zip(bitmap(&other)).map(|(have, cut)| *have && !cut).collect();
            prop_assert_eq!(bitmap(&difference), minus);
            for ms in 0..64 { prop_assert_eq!(set.contains(Time::from_ms(ms)), expected[ms as usize]); }
            for from in 0..64 {
                for to in 0..64 {
                    let all = (from..to).all(|ms| expected[ms as usize]);
                    prop_assert_eq!(set.covers(range(from, to)), all);
                }
            }
            let held: i64 = set.ranges().iter().map(|range| range.duration_ms()).sum();
            prop_assert_eq!(held, expected.iter().filter(|held| **held).count() as i64);
        }
    }
}
