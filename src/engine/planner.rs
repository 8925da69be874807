//! What to ask for next: wanted minus stored minus settled, newest first. Pure.

use crate::domain::gap::{Gap, rests};
use crate::domain::interval::Interval;
use crate::domain::range::{RangeSet, TimeRange};
use crate::domain::time::Time;

/// A stored stretch of at most this many candles inside a page is asked for again where that saves
/// a request; a longer one is left alone.
const BRIDGE: i64 = 200;

/// What the planner needs to know of a noted gap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Note {
    /// Where.
    pub(super) range: TimeRange,
    /// Whether nothing is owed there.
    pub(super) explained: bool,
    /// Nothing is asked before this.
    pub(super) next_ask_at: Option<Time>,
}

impl From<&Gap> for Note {
    fn from(gap: &Gap) -> Self {
        Self { range: gap.range, explained: gap.reason.is_explained(), next_ask_at: gap.next_ask_at }
    }
}

impl Note {
    /// Whether it is left alone at `now`.
    pub(super) fn rests(&self, now: Time) -> bool {
        rests(self.explained, self.next_ask_at, now)
    }
}

/// What is to be asked for, and when more of it falls due.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Owed {
    /// Due now.
    pub(super) due: RangeSet,
    /// When an unconfirmed gap may be asked about for the second time; `None` where none waits.
    pub(super) next_due: Option<Time>,
}

/// What of `range` is owed at `now`. Explained gaps come up again when their time has come, but
/// nobody waits for that; unconfirmed ones are waited for.
pub(super) fn owed(range: TimeRange, stored: &RangeSet, notes: &[Note], in_flight: &RangeSet, now: Time) -> Owed {
    let mut resting = RangeSet::new();
    let mut next_due: Option<Time> = None;
    let first = notes.partition_point(|note| note.range.to <= range.from);
    for note in notes[first..].iter().take_while(|note| note.range.from < range.to).filter(|note| note.rests(now)) {
        resting.insert(note.range);
        if !note.explained && !stored.covers(note.range.intersect(range)) {
            next_due = match (next_due, note.next_ask_at) {
                (Some(known), Some(at)) => Some(known.min(at)),
                (known, at) => known.or(at),
            };
        }
    }
    Owed { due: RangeSet::from(range).minus(stored).minus(in_flight).minus(&resting), next_due }
}

/// The newest page of what is due: at most `limit` candles from its first to its last. It never
/// reaches across what is under way.
pub(super) fn newest_page(due: &RangeSet, in_flight: &RangeSet, interval: Interval, limit: usize) -> Option<TimeRange> {
    let newest = *due.ranges().last()?;
    let floor = newest.to.plus_ms(-(limit as i64) * interval.ms());
    let mut page = TimeRange::new(newest.from.max(floor), newest.to);
    for range in due.ranges().iter().rev().skip(1) {
        let bridge = TimeRange::new(range.to, page.from);
        let is_asked = in_flight.ranges().iter().any(|asked| asked.overlaps(bridge));
        if range.to <= floor || bridge.duration_ms() > BRIDGE * interval.ms() || is_asked {
            break;
        }
        page.from = range.from.max(floor);
    }
    Some(page)
}

/// The oldest page of what is due, for what is about to be lost: at most `limit` steps from its first to
/// its last. It never reaches across what is under way.
pub(super) fn oldest_page(due: &RangeSet, in_flight: &RangeSet, interval: Interval, limit: usize) -> Option<TimeRange> {
    let oldest = *due.ranges().first()?;
    let ceiling = oldest.from.plus_ms(limit as i64 * interval.ms());
    let mut page = TimeRange::new(oldest.from, oldest.to.min(ceiling));
    for range in due.ranges().iter().skip(1) {
        let bridge = TimeRange::new(page.to, range.from);
        let is_asked = in_flight.ranges().iter().any(|asked| asked.overlaps(bridge));
        if range.from >= ceiling || bridge.duration_ms() > BRIDGE * interval.ms() || is_asked {
            break;
        }
        page.to = range.to.min(ceiling);
    }
    Some(page)
}

/// Pages that `due` still takes.
pub(super) fn page_count(due: &RangeSet, interval: Interval, limit: usize) -> u64 {
    let width = interval.ms() * limit as i64;
    due.ranges()
        .iter()
        .map(|range| range.duration_ms().div_euclid(width) + i64::from(range.duration_ms() % width > 0))
        .sum::<i64>()
        .unsigned_abs()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::MINUTE_MS;
    use proptest::prelude::*;

    fn minutes(from: i64, to: i64) -> TimeRange {
        TimeRange::new(Time::from_ms(from * MINUTE_MS), Time::from_ms(to * MINUTE_MS))
    }

    fn pages(mut due: RangeSet, limit: usize) -> Vec<(i64, i64)> {
        let mut pages = Vec::new();
        while let Some(page) = newest_page(&due, &RangeSet::new(), Interval::M1, limit) {
            due.remove(page);
            pages.push((page.from.ms() / MINUTE_MS, page.to.ms() / MINUTE_MS));
        }
        pages
    }

    #[test]
    fn newest_first_and_the_same_cut_after_a_restart() {
        let all = RangeSet::from(minutes(0, 2_500));
        assert_eq!(pages(all.clone(), 1_000), [(1_500, 2_500), (500, 1_500), (0, 500)]);
        // The middle page was lost in a kill: the same page is asked for again, and no other.
        let mut held = all.clone();
        held.remove(minutes(500, 1_500));
        assert_eq!(pages(all.minus(&held), 1_000), [(500, 1_500)]);
    }

    #[test]
    fn scattered_gaps_share_a_request() {
        let due: RangeSet = (0..10).map(|n| minutes(n * 50, n * 50 + 2)).collect();
        assert_eq!(pages(due, 1_000), [(0, 452)]);
        let far: RangeSet = [minutes(0, 2), minutes(500, 502)].into_iter().collect();
        assert_eq!(pages(far, 1_000), [(500, 502), (0, 2)]);
        let apart: RangeSet = [minutes(0, 10), minutes(20, 30)].into_iter().collect();
        let page = newest_page(&apart, &RangeSet::from(minutes(10, 20)), Interval::M1, 1_000);
        assert_eq!(page, Some(minutes(20, 30)), "what lies between is under way");
    }

    #[test]
    fn what_perishes_is_taken_from_its_old_end() {
        let page = |due: &RangeSet, in_flight: &RangeSet, limit| oldest_page(due, in_flight, Interval::M1, limit);
        let all = RangeSet::from(minutes(0, 2_500));
        assert_eq!(page(&all, &RangeSet::new(), 1_000), Some(minutes(0, 1_000)));
        let apart: RangeSet = [minutes(0, 10), minutes(20, 30), minutes(500, 510)].into_iter().collect();
        assert_eq!(page(&apart, &RangeSet::new(), 1_000), Some(minutes(0, 30)));
        assert_eq!(page(&apart, &RangeSet::new(), 25), Some(minutes(0, 25)));
        assert_eq!(page(&apart, &RangeSet::from(minutes(10, 20)), 1_000), Some(minutes(0, 10)));
        assert_eq!(page(&RangeSet::new(), &RangeSet::new(), 1_000), None);
    }

    #[test]
    fn explained_gaps_rest_and_unconfirmed_ones_are_waited_for() {
        let note = |from, to, explained, next: Option<i64>| Note {
            range: minutes(from, to),
            explained,
            next_ask_at: next.map(Time::from_ms),
        };
        let notes =
            [note(0, 10, true, Some(500)), note(20, 30, false, Some(90)), note(40, 50, false, None), note(60, 70, true, None)];
        let at = |now: i64| owed(minutes(0, 80), &RangeSet::new(), &notes, &RangeSet::new(), Time::from_ms(now));
        assert_eq!(at(10).next_due, Some(Time::from_ms(90)));
        assert!(at(10).due.contains(minutes(45, 46).from), "a failed request is due at once");
        assert!(!at(10).due.contains(minutes(5, 6).from));
        assert!(at(100).due.contains(minutes(25, 26).from) && at(100).next_due.is_none());
        assert!(at(600).due.contains(minutes(5, 6).from), "explained gaps are asked about again");
        assert!(!at(600).due.contains(minutes(65, 66).from));
    }

    proptest! {
        #[test]
        fn pages_cover_all_that_is_due(ranges in prop::collection::vec((0_i64..5_000, 1_i64..1_500), 1..12)) {
            let due: RangeSet = ranges.iter().map(|&(from, length)| minutes(from, from + length)).collect();
            let mut left = due.clone();
            let mut asked = 0_u64;
            while let Some(page) = newest_page(&left, &RangeSet::new(), Interval::M1, 1_000) {
                prop_assert!(Interval::M1.count(page) <= 1_000 && !page.is_empty());
                left.remove(page);
                asked += 1;
            }
            prop_assert!(asked <= page_count(&due, Interval::M1, 1_000));
        }
    }
}
