//! Folds the ledgers of a series into the cells of the coverage map. Pure.

use super::query::CellCoverage;
use crate::domain::gap::{Gap, GapReason};
use crate::domain::range::{RangeSet, TimeRange};
use crate::domain::time::Time;

/// Time by state in the cells between `edges`: what is stored counts wherever it lies, what is
/// missing only inside `wanted`. One pass over each ledger; `noted` is ascending.
/// What is queued is lost `reach_ms` after its time.
pub(super) fn cells(
    edges: &[Time],
    wanted: TimeRange,
    stored: &RangeSet,
    noted: &[Gap],
    reach_ms: Option<i64>,
) -> Vec<CellCoverage> {
    let mut cells = vec![CellCoverage::default(); edges.len().saturating_sub(1)];
    let (Some(first), Some(last)) = (edges.first(), edges.last()) else { return cells };
    let window = TimeRange::new(*first, *last);
    for range in stored.ranges() {
        spread(edges, *range, |at, ms| cells[at].stored_ms += ms);
    }
    let missing = RangeSet::from(wanted.intersect(window)).minus(stored);
    let mut unknown = missing.clone();
    let mut at = 0;
    let mut told: Vec<TimeRange> = Vec::new();
    for gap in noted {
        while missing.ranges().get(at).is_some_and(|range| range.to <= gap.range.from) {
            at += 1;
        }
        for range in missing.ranges()[at..].iter().take_while(|range| range.from < gap.range.to) {
            let part = range.intersect(gap.range);
            spread(edges, part, |cell, ms| cells[cell].missing_ms[gap.reason as usize] += ms);
            told.push(part);
        }
    }
    unknown = unknown.minus(&told.into_iter().collect());
    for range in unknown.ranges() {
        spread(edges, *range, |cell, ms| cells[cell].missing_ms[GapReason::NotFetched as usize] += ms);
    }
    if let Some(reach) = reach_ms {
        let explained: RangeSet = noted.iter().filter(|gap| gap.reason.is_explained()).map(|gap| gap.range).collect();
        for range in missing.minus(&explained).ranges() {
            spread(edges, *range, |cell, _| {
                let lost_at = range.from.max(edges[cell]).plus_ms(reach);
                cells[cell].lost_at = Some(cells[cell].lost_at.map_or(lost_at, |known| known.min(lost_at)));
            });
        }
    }
    cells
}

/// Calls `add` with each cell that `range` overlaps and the milliseconds they share.
fn spread(edges: &[Time], range: TimeRange, mut add: impl FnMut(usize, i64)) {
    let first = edges.partition_point(|edge| *edge <= range.from).saturating_sub(1);
    for (at, pair) in edges.windows(2).enumerate().skip(first) {
        if pair[0] >= range.to {
            break;
        }
        let shared = TimeRange::new(pair[0], pair[1]).intersect(range);
        if !shared.is_empty() {
            add(at, shared.duration_ms());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn range(from: i64, to: i64) -> TimeRange {
        TimeRange::new(Time::from_ms(from), Time::from_ms(to))
    }

    /// The oracle: each millisecond by itself.
    fn slow(edges: &[Time], wanted: TimeRange, stored: &RangeSet, noted: &[Gap], reach: i64) -> Vec<CellCoverage> {
        let mut cells = vec![CellCoverage::default(); edges.len() - 1];
        for (cell, pair) in cells.iter_mut().zip(edges.windows(2)) {
            for time in (pair[0].ms()..pair[1].ms()).map(Time::from_ms) {
                if stored.contains(time) {
                    cell.stored_ms += 1;
                } else if wanted.contains(time) {
                    let reason =
                        noted.iter().find(|gap| gap.range.contains(time)).map_or(GapReason::NotFetched, |gap| gap.reason);
                    cell.missing_ms[reason as usize] += 1;
                    if !reason.is_explained() {
                        cell.lost_at = cell.lost_at.or(Some(time.plus_ms(reach)));
                    }
                }
            }
        }
        cells
    }

    proptest! {
        #[test]
        fn every_instant_is_counted_once(
            steps in prop::collection::vec(1_i64..30, 1..12),
            (from, length) in (0_i64..120, 0_i64..200),
            held in prop::collection::vec((0_i64..200, 1_i64..40), 0..8),
            gaps in prop::collection::vec((0_i64..30, 1_i64..30, 0_usize..GapReason::ALL.len()), 0..8),
        ) {
            let mut edges = vec![Time::from_ms(10)];
            for step in steps {
                edges.push(edges[edges.len() - 1].plus_ms(step));
            }
            let stored: RangeSet = held.into_iter().map(|(from, length)| range(from, from + length)).collect();
            let mut end = 0;
            let noted: Vec<Gap> = gaps
                .into_iter()
                .map(|(skip, length, reason)| {
                    let start = end + skip;
                    end = start + length;
                    Gap::unasked(range(start, end), GapReason::ALL[reason])
                })
                .collect();
            let wanted = range(from, from + length);
            prop_assert_eq!(cells(&edges, wanted, &stored, &noted, Some(7)), slow(&edges, wanted, &stored, &noted, 7));
        }
    }

    #[test]
    fn no_cells_for_no_edges() {
        assert_eq!(cells(&[], range(0, 10), &RangeSet::new(), &[], None), []);
    }
}
