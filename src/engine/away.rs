//! Follows what was missed in the last absence: mended, still to be fetched, or lost.

use super::book::Book;
use super::snapshot::{AwayCause, AwayReport, AwaySeries};
use crate::domain::instrument::ExchangeId;
use crate::domain::range::{RangeSet, TimeRange};
use crate::domain::series::SeriesId;
use crate::domain::time::MINUTE_MS;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A shorter absence is a restart, and not worth a report.
pub(super) const LEAST_MS: i64 = 2 * MINUTE_MS;

/// The last absence, where there was one.
#[derive(Debug, Default)]
pub(super) struct Away {
    last: Mutex<Option<Absence>>,
}

#[derive(Debug)]
struct Absence {
    cause: AwayCause,
    range: TimeRange,
    /// What was not stored when the recorder came back.
    missed: Vec<(SeriesId, RangeSet)>,
    /// The report, and the revisions of the ledgers that it was drawn from.
    report: Option<(Vec<u64>, Arc<AwayReport>)>,
}

impl Away {
    /// Notes an absence that has just ended, unless it was short or nothing is recorded. `offset_ms`
    /// tells what an exchange's clock is ahead of the local one.
    pub(super) fn begin(&self, book: &Book, cause: AwayCause, range: TimeRange, offset_ms: impl Fn(ExchangeId) -> i64) {
        if range.duration_ms() <= LEAST_MS || !book.series.values().any(|tracked| tracked.series.active) {
            return;
        }
        let missed = book
            .series
            .values()
            .filter(|tracked| tracked.series.active)
            .map(|tracked| {
                let interval = tracked.series.interval;
                let offset_ms = offset_ms(tracked.series.instrument.exchange);
                let from = interval.floor(range.from.plus_ms(offset_ms)).max(tracked.series.wanted_from);
                let window = TimeRange::new(from, interval.floor(range.to.plus_ms(offset_ms)).max(from));
                (tracked.series.id, RangeSet::from(window).minus(&tracked.stored))
            })
            .filter(|(_, missed)| !missed.is_empty())
            .collect();
        *self.lock() = Some(Absence { cause, range, missed, report: None });
    }

    /// The present report; drawn anew only where a ledger that it tells of has changed.
    pub(super) fn view(&self, book: &Book) -> Option<Arc<AwayReport>> {
        let mut last = self.lock();
        let absence = last.as_mut()?;
        let revisions: Vec<u64> =
            absence.missed.iter().map(|(id, _)| book.series.get(id).map_or(u64::MAX, |tracked| tracked.revision)).collect();
        if let Some((_, report)) = absence.report.as_ref().filter(|(of, _)| *of == revisions) {
            return Some(Arc::clone(report));
        }
        let mut series: Vec<AwaySeries> = absence.missed.iter().filter_map(|(id, missed)| account(book, *id, missed)).collect();
        series.sort_by(|a, b| a.name.cmp(&b.name));
        let report = Arc::new(AwayReport { cause: absence.cause, range: absence.range, series });
        absence.report = Some((revisions, Arc::clone(&report)));
        Some(report)
    }

    fn lock(&self) -> MutexGuard<'_, Option<Absence>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `None` where the series was removed since.
fn account(book: &Book, id: SeriesId, missed: &RangeSet) -> Option<AwaySeries> {
    let tracked = book.series.get(&id).filter(|tracked| tracked.series.active)?;
    let mendable_until = missed.ranges().iter().filter_map(|range| tracked.loss(*range)).map(|loss| loss.at).min();
    let start = AwaySeries { id, name: tracked.series.name(), missed: 0, mended: 0, mendable: 0, lost: 0, mendable_until };
    Some(missed.ranges().iter().map(|range| tracked.account(*range)).fold(start, |sum, part| AwaySeries {
        missed: sum.missed + part.wanted,
        mended: sum.mended + part.stored,
        mendable: sum.mendable + part.queued,
        lost: sum.lost + part.explained,
        ..sum
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::gap::{Gap, GapReason};
    use crate::domain::series::tests::series;
    use crate::domain::time::Time;
    use crate::engine::book::Ledgers;
    use std::collections::BTreeMap;

    fn minutes(from: i64, to: i64) -> TimeRange {
        TimeRange::new(Time::from_ms(from * MINUTE_MS), Time::from_ms(to * MINUTE_MS))
    }

    fn book(stored: RangeSet) -> Book {
        let mut book = Book::default();
        book.reload(vec![series(1)], BTreeMap::from([(SeriesId(1), Ledgers { stored, ..Ledgers::default() })]), Vec::new());
        book
    }

    #[test]
    fn what_was_missed_is_mended_mendable_or_lost() {
        let mut book = book(RangeSet::from(minutes(0, 100)));
        let away = Away::default();
        assert_eq!(away.view(&book), None);
        let half = TimeRange::new(Time::from_ms(99 * MINUTE_MS + 30_000), Time::from_ms(110 * MINUTE_MS + 30_000));
        away.begin(&book, AwayCause::Off, half, |_| 0);
        assert_eq!(away.view(&book).unwrap().total(), [10, 0, 10, 0]);
        let tracked = book.series.get_mut(&SeriesId(1)).unwrap();
        tracked.stored.insert(minutes(100, 107));
        tracked.replace_notes(minutes(107, 108), &[Gap::unasked(minutes(107, 108), GapReason::NoCandle)]);
        let report = away.view(&book).unwrap();
        assert_eq!((report.total(), report.series[0].name.as_str()), ([10, 7, 2, 1], "BTC/USDT 1m"));
        assert!(Arc::ptr_eq(&report, &away.view(&book).unwrap()), "drawn once");
    }

    #[test]
    fn short_absences_and_empty_stores_make_no_report() {
        let away = Away::default();
        away.begin(&book(RangeSet::new()), AwayCause::Asleep, minutes(0, 2), |_| 0);
        away.begin(&Book::default(), AwayCause::Off, minutes(0, 100), |_| 0);
        assert_eq!(away.view(&Book::default()), None);
    }
}
