//! One series with its ledgers, in memory.

use super::silent::Silent;
use crate::domain::candle::Candle;
use crate::domain::funding::FundingForecast;
use crate::domain::gap::Gap;
use crate::domain::instrument::InstrumentStatus;
use crate::domain::range::{RangeSet, TimeRange};
use crate::domain::series::Series;
use crate::domain::ticker::Ticker;
use crate::domain::time::{MINUTE_MS, Time};
use crate::engine::planner::{Note, Owed, owed};
use crate::engine::snapshot::{CoverageView, Loss};
use std::sync::Arc;

/// What falls out of the exchange's reach within this is not asked for any more: an answer that lacks it
/// already must not pass for one that tells of an empty step.
const EDGE_MS: i64 = MINUTE_MS;

/// A series with its ledgers.
#[derive(Debug)]
pub(in crate::engine) struct Tracked {
    pub(in crate::engine) series: Series,
    pub(in crate::engine) stored: RangeSet,
    /// What a stream has told, or jumped over, and no request has confirmed.
    pub(in crate::engine) unconfirmed: RangeSet,
    pub(super) notes: Vec<Note>,
    /// What one answer has held no row of.
    pub(in crate::engine) silent: Silent,
    /// Why it cannot be recorded at all.
    pub(in crate::engine) stopped: Option<String>,
    /// The status of its instrument that the log has told of.
    pub(in crate::engine) told: InstrumentStatus,
    /// Why it waits, since its last request failed.
    pub(in crate::engine) waiting: Option<String>,
    pub(in crate::engine) ticker: Option<(Ticker, Time)>,
    /// The coming funding of a perpetual and when it was heard.
    pub(in crate::engine) forecast: Option<(FundingForecast, Time)>,
    /// The candle that has not closed yet, while a front end watches the series.
    pub(in crate::engine) forming: Option<Candle>,
    /// When that was seen, by the local clock.
    pub(in crate::engine) forming_at: Option<Time>,
    pub(in crate::engine) spark: Arc<[Option<f64>]>,
    /// The range for which the sparkline was read, and at which revision.
    pub(in crate::engine) spark_of: Option<(TimeRange, u64)>,
    /// Whether this run has asked for the first candle already.
    pub(in crate::engine) probed: bool,
    /// The first candle that the exchange has, once two answers agreed on it.
    pub(in crate::engine) first_candle: Option<Time>,
    /// What its jobs have asked for and not been answered: no other job asks for it meanwhile.
    pub(super) in_flight: RangeSet,
    pub(in crate::engine) revision: u64,
    pub(super) view: Option<(u64, TimeRange, CoverageView)>,
}

impl Tracked {
    pub(in crate::engine) fn new(series: Series, stored: RangeSet, notes: Vec<Note>) -> Self {
        Self {
            series,
            stored,
            unconfirmed: RangeSet::new(),
            notes,
            silent: Silent::default(),
            stopped: None,
            told: InstrumentStatus::Trading,
            waiting: None,
            ticker: None,
            forecast: None,
            forming: None,
            forming_at: None,
            spark: Arc::new([]),
            spark_of: None,
            probed: false,
            first_candle: None,
            in_flight: RangeSet::new(),
            revision: 0,
            view: None,
        }
    }

    /// What of `range` is to be asked for; what the exchange serves no more is not.
    pub(in crate::engine) fn owed(&self, range: TimeRange, in_flight: &RangeSet, now: Time) -> Owed {
        let from = self.series.reach_from(now.plus_ms(EDGE_MS)).map_or(range.from, |reach| range.from.max(reach));
        owed(TimeRange::new(from, range.to), &self.stored, &self.notes, in_flight, now)
    }

    /// What of `range` is neither stored nor explained, whether it is due or rests.
    pub(in crate::engine) fn unaccounted(&self, range: TimeRange) -> RangeSet {
        let first = self.notes.partition_point(|note| note.range.to <= range.from);
        let inside = self.notes[first..].iter().take_while(|note| note.range.from < range.to);
        let explained: RangeSet = inside.filter(|note| note.explained).map(|note| note.range).collect();
        RangeSet::from(range).minus(&self.stored).minus(&explained)
    }

    /// When the oldest step that is owed of `range` falls out of the exchange's reach, and how many lie in
    /// one piece with it.
    pub(in crate::engine) fn loss(&self, range: TimeRange) -> Option<Loss> {
        let reach_ms = self.series.reach_ms?;
        let oldest = *self.unaccounted(range).ranges().first()?;
        let steps = self.series.interval.count(oldest).unsigned_abs();
        Some(Loss { at: self.series.lost_at(oldest.from)?, steps, reach_ms })
    }

    /// Puts what `gaps` say of `window` in the place of all notes there. Beyond it the notes stay:
    /// other answers, which may have come in since, have spoken of that.
    pub(in crate::engine) fn replace_notes(&mut self, window: TimeRange, gaps: &[Gap]) {
        let start = self.notes.partition_point(|note| note.range.to <= window.from);
        let end = self.notes.partition_point(|note| note.range.from < window.to).max(start);
        let cut = |note: Note, range: TimeRange| Note { range: note.range.intersect(range), ..note };
        let (past, future) =
            (TimeRange::new(Time::from_ms(i64::MIN), window.from), TimeRange::new(window.to, Time::from_ms(i64::MAX)));
        let before = self.notes[start..end].first().map(|note| cut(*note, past));
        let after = self.notes[start..end].last().map(|note| cut(*note, future));
        let inside = gaps.iter().map(|gap| cut(Note::from(gap), window));
        let notes: Vec<Note> = before.into_iter().chain(inside).chain(after).filter(|note| !note.range.is_empty()).collect();
        self.revision += u64::from(start != end || !notes.is_empty());
        self.notes.splice(start..end, notes);
    }

    pub(super) fn note_late(&mut self, window: TimeRange, ask_at: Time) {
        let noted: RangeSet = self.notes.iter().filter(|note| note.range.overlaps(window)).map(|note| note.range).collect();
        for late in RangeSet::from(window).minus(&self.stored).minus(&noted).ranges() {
            let at = self.notes.partition_point(|note| note.range < *late);
            self.notes.insert(at, Note { range: *late, explained: false, next_ask_at: Some(ask_at) });
        }
    }

    /// What of `window` is still due at `now`, and so was asked for in vain, rests until `ask_at`.
    pub(super) fn rest(&mut self, window: TimeRange, now: Time, ask_at: Time) {
        let (past, future) =
            (TimeRange::new(Time::from_ms(i64::MIN), window.from), TimeRange::new(window.to, Time::from_ms(i64::MAX)));
        let resting = |note: Note| {
            let next_ask_at = if note.rests(now) { note.next_ask_at } else { Some(ask_at) };
            let inside = Note { range: note.range.intersect(window), next_ask_at, ..note };
            let outside = [past, future].map(|side| Note { range: note.range.intersect(side), ..note });
            [outside[0], inside, outside[1]]
        };
        self.notes = self.notes.iter().flat_map(|note| resting(*note)).filter(|note| !note.range.is_empty()).collect();
        self.note_late(window, ask_at);
    }

    /// End of the newest stored candle.
    pub(in crate::engine) fn newest_end(&self) -> Option<Time> {
        self.stored.ranges().last().map(|range| range.to)
    }

    /// How much of `range` is stored, explained, owed.
    pub(in crate::engine) fn account(&self, range: TimeRange) -> CoverageView {
        let count =
            |set: &RangeSet| set.ranges().iter().map(|range| self.series.interval.count(*range)).sum::<i64>().unsigned_abs();
        let missing = RangeSet::from(range).minus(&self.stored);
        let queued = self.unaccounted(range);
        let (missing_count, queued_count) = (count(&missing), count(&queued));
        let wanted = self.series.interval.count(range).unsigned_abs();
        CoverageView {
            wanted,
            stored: wanted.saturating_sub(missing_count),
            explained: missing_count.saturating_sub(queued_count),
            queued: queued_count,
            gaps: u32::try_from(missing.ranges().len()).unwrap_or(u32::MAX),
        }
    }

    /// [`Self::account`] of the wanted range, worked out anew only after a change.
    pub(in crate::engine) fn coverage(&mut self, wanted: TimeRange) -> CoverageView {
        match self.view {
            Some((revision, range, view)) if revision == self.revision && range == wanted => view,
            _ => {
                let view = self.account(wanted);
                self.view = Some((self.revision, wanted, view));
                view
            }
        }
    }
}
