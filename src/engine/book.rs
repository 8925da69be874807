//! What the engine knows of its series and jobs, in memory: the ledgers of the store, kept equal
//! to it by applying every acknowledged write, and what each series is up to.

#[cfg(test)]
mod order_tests;
#[cfg(test)]
mod tests;

use super::ingest::FetchError;
use super::planner::{Note, Owed, newest_page, owed, page_count};
use super::snapshot::{CoverageView, JobState};
use crate::domain::candle::Candle;
use crate::domain::gap::Gap;
use crate::domain::instrument::{ExchangeId, InstrumentStatus};
use crate::domain::range::{RangeSet, TimeRange};
use crate::domain::series::{JobId, Series, SeriesId};
use crate::domain::ticker::Ticker;
use crate::domain::time::Time;
use crate::exchange::jitter::Jitter;
use crate::exchange::retry::{Backoff, BackoffSettings};
use crate::store::jobs::Job;
use crate::store::page::PageOutcome;
use crate::store::{Connection, StoreError, candles, coverage, gaps};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// How long a job waits after an error that is to end it.
const FINAL_WAIT: Duration = Duration::from_secs(5);

/// Series and jobs.
#[derive(Debug, Default)]
pub(super) struct Book {
    pub(super) series: BTreeMap<SeriesId, Tracked>,
    pub(super) jobs: BTreeMap<JobId, Tasked>,
    /// Whose turn it was last among those behind the first.
    turn: Option<(i64, JobId)>,
    /// Whether the last page went to the first of the order.
    led: bool,
    /// The series whose forming candle a front end shows.
    watched: Option<SeriesId>,
    backoff: BackoffSettings,
}

/// A series with its ledgers.
#[derive(Debug)]
pub(super) struct Tracked {
    pub(super) series: Series,
    pub(super) stored: RangeSet,
    /// What a stream has told, or jumped over, and no request has confirmed.
    pub(super) unconfirmed: RangeSet,
    notes: Vec<Note>,
    /// Why it cannot be recorded at all.
    pub(super) stopped: Option<String>,
    /// The status of its instrument that the log has told of.
    pub(super) told: InstrumentStatus,
    /// Why it waits, since its last request failed.
    pub(super) waiting: Option<String>,
    pub(super) ticker: Option<(Ticker, Time)>,
    /// The candle that has not closed yet, while a front end watches the series.
    pub(super) forming: Option<Candle>,
    /// When that was seen, by the local clock.
    pub(super) forming_at: Option<Time>,
    pub(super) spark: Arc<[Option<f64>]>,
    /// The range for which the sparkline was read, and at which revision.
    pub(super) spark_of: Option<(TimeRange, u64)>,
    /// Whether this run has asked for the first candle already.
    pub(super) probed: bool,
    /// The first candle that the exchange has, once two answers agreed on it.
    pub(super) first_candle: Option<Time>,
    /// What its jobs have asked for and not been answered: no other job asks for it meanwhile.
    in_flight: RangeSet,
    pub(super) revision: u64,
    view: Option<(u64, TimeRange, CoverageView)>,
}

/// What the store's ledgers say of a series.
#[derive(Debug, Default)]
pub(super) struct Ledgers {
    pub(super) stored: RangeSet,
    pub(super) gaps: Vec<Gap>,
    /// Candles of a stream that no request has confirmed.
    pub(super) unconfirmed: RangeSet,
}

impl Ledgers {
    /// Reads them.
    pub(super) fn read(connection: &Connection, series: &Series) -> Result<Self, StoreError> {
        let width = series.interval.ms();
        let ever = TimeRange::new(Time::from_ms(i64::MIN), Time::from_ms(i64::MAX));
        let unconfirmed = candles::unconfirmed(connection, series.id, ever)?;
        Ok(Self {
            stored: coverage::all(connection, series.id)?,
            gaps: gaps::all(connection, series.id)?,
            unconfirmed: unconfirmed.into_iter().map(|open| TimeRange::new(open, open.plus_ms(width))).collect(),
        })
    }
}

/// A job.
#[derive(Debug)]
pub(super) struct Tasked {
    pub(super) job: Job,
    pub(super) note: Option<String>,
    /// Since when and until when it waits.
    wait: Option<TimeRange>,
    backoff: Backoff,
}

/// A page that is to be fetched.
#[derive(Debug, Clone)]
pub(super) struct Page {
    pub(super) job: JobId,
    pub(super) series: Series,
    pub(super) range: TimeRange,
}

/// What the scheduler is to do.
#[derive(Debug)]
pub(super) enum Next {
    Fetch(Page),
    /// Nothing is due; look again then, or when something changes.
    Idle(Option<Time>),
}

impl Book {
    /// An empty book whose jobs wait by `backoff` after a failure.
    pub(super) fn new(backoff: BackoffSettings) -> Self {
        Self { backoff, ..Self::default() }
    }

    /// Series among these whose ledgers are to be read.
    pub(super) fn unknown<'a>(&self, series: &'a [Series]) -> impl Iterator<Item = &'a Series> {
        series.iter().filter(|series| !self.series.contains_key(&series.id))
    }

    /// Takes in what the store says of series and jobs. The ledgers of a series that is known stay:
    /// they are as new as the last acknowledged write, and what was read may be older. Returns
    /// whether more is wanted than before.
    pub(super) fn reload(&mut self, series: Vec<Series>, mut ledgers: BTreeMap<SeriesId, Ledgers>, jobs: Vec<Job>) -> bool {
        let mut known = std::mem::take(&mut self.series);
        let mut widened = false;
        for series in series {
            widened |= series.active
                && known.get(&series.id).is_none_or(|old| !old.series.active || series.wanted_from < old.series.wanted_from);
            let tracked = if let Some(old) = known.remove(&series.id) {
                Tracked {
                    stopped: if old.series.instrument == series.instrument { old.stopped } else { None },
                    revision: old.revision + 1,
                    view: None,
                    series,
                    ..old
                }
            } else {
                let Ledgers { stored, gaps, unconfirmed } = ledgers.remove(&series.id).unwrap_or_default();
                Tracked { unconfirmed, ..Tracked::new(series, stored, gaps.iter().map(Note::from).collect()) }
            };
            self.series.insert(tracked.series.id, tracked);
        }
        let mut former = std::mem::take(&mut self.jobs);
        for job in jobs {
            let tasked = match former.remove(&job.id) {
                Some(old) if old.job.state == job.state => Tasked { job, ..old },
                _ => Tasked::new(job, self.backoff),
            };
            self.jobs.insert(tasked.job.id, tasked);
        }
        widened
    }

    /// A failed job is tried again: what stopped its series may have passed.
    pub(super) fn take_up(&mut self, id: JobId) {
        let series = self.jobs.get(&id).map(|tasked| tasked.job.series);
        if let Some(tracked) = series.and_then(|series| self.series.get_mut(&series)) {
            tracked.stopped = None;
        }
    }

    /// Keeps the forming candle of this series, and of no other.
    pub(super) fn watch(&mut self, watched: Option<SeriesId>) {
        self.watched = watched;
        for tracked in self.series.values_mut().filter(|tracked| Some(tracked.series.id) != watched) {
            tracked.forming = None;
            tracked.forming_at = None;
        }
    }

    /// The watched series, where `exchange` records it.
    pub(super) fn watched(&self, exchange: ExchangeId) -> Option<&Series> {
        self.recording(exchange).map(|tracked| &tracked.series).find(|series| Some(series.id) == self.watched)
    }

    /// The newest look at the watched series. A look that has been overtaken by the next candle, or
    /// by the eye turning elsewhere, changes nothing.
    pub(super) fn see_forming(&mut self, id: SeriesId, forming: Option<Candle>, now: Time) {
        if let Some(tracked) = self.series.get_mut(&id).filter(|_| self.watched == Some(id))
            && let Some(candle) = forming
            && tracked.forming.is_none_or(|known| known.open_time <= candle.open_time)
        {
            tracked.forming = Some(candle);
            tracked.forming_at = Some(now);
        }
    }

    /// Running jobs in the order in which they are asked for a page: the first of the people's order
    /// gets every other page, the others take turns, so that none of them starves.
    fn turns(&self) -> Vec<(i64, JobId)> {
        let running = self.jobs.values().filter(|tasked| tasked.job.state == JobState::Running);
        let mut order: Vec<(i64, JobId)> = running.map(|tasked| (tasked.job.position, tasked.job.id)).collect();
        order.sort_unstable();
        if let [_, others @ ..] = order.as_mut_slice() {
            let split = self.turn.map_or(0, |turn| others.partition_point(|key| *key <= turn));
            others.rotate_left(split);
            if self.led {
                order.rotate_left(1);
            }
        }
        order
    }

    /// The next page, jobs taking [turns](Self::turns). `now` is the local time, `limit` how much one
    /// request for a series may ask for; `None`: nothing may be asked of it now.
    pub(super) fn next_page(&mut self, now: Time, limit: impl Fn(&Series) -> Option<usize>) -> Next {
        let first = self.first_job();
        let mut idle: Option<Time> = None;
        for (position, id) in self.turns() {
            let Some(tasked) = self.jobs.get_mut(&id).filter(|tasked| tasked.job.state == JobState::Running) else { continue };
            let Some(tracked) = self.series.get_mut(&tasked.job.series).filter(|tracked| tracked.stopped.is_none()) else {
                continue;
            };
            // Before its beginning only where the clock was set back: then the wait is over.
            if let Some(wait) = tasked.wait.filter(|wait| wait.contains(now)) {
                idle = Some(idle.map_or(wait.to, |known| known.min(wait.to)));
                continue;
            }
            let Some(limit) = limit(&tracked.series) else { continue };
            let owed = tracked.owed(tasked.job.range, &tracked.in_flight, now);
            if let Some(due) = owed.next_due {
                idle = Some(idle.map_or(due, |known| known.min(due)));
            }
            if let Some(range) = newest_page(&owed.due, &tracked.in_flight, tracked.series.interval, limit) {
                tracked.in_flight.insert(range);
                self.led = first == Some(id);
                if !self.led {
                    self.turn = Some((position, id));
                }
                return Next::Fetch(Page { job: id, series: tracked.series.clone(), range });
            }
        }
        Next::Idle(idle)
    }

    fn first_job(&self) -> Option<JobId> {
        let running = self.jobs.values().filter(|tasked| tasked.job.state == JobState::Running);
        running.min_by_key(|tasked| (tasked.job.position, tasked.job.id)).map(|tasked| tasked.job.id)
    }

    /// A page's request came back; `error` where it failed, and then its job waits.
    pub(super) fn page_done(&mut self, page: &Page, error: Option<&FetchError>, now: Time) {
        if let Some(tracked) = self.series.get_mut(&page.series.id) {
            tracked.in_flight.remove(page.range);
        }
        let Some(tasked) = self.jobs.get_mut(&page.job) else { return };
        match error {
            None => {
                tasked.backoff.reset();
                tasked.note = None;
            }
            Some(error) => {
                tasked.note = Some(error.to_string());
                // Pages of one wave fail together; the wait grows once for all of them.
                if tasked.wait.is_none_or(|wait| !wait.contains(now)) {
                    // One that is final ends the job; should that not be written, it does not spin.
                    let wait = error.wait(&mut tasked.backoff).unwrap_or(FINAL_WAIT);
                    tasked.wait = Some(TimeRange::new(now, now.plus_ms(i64::try_from(wait.as_millis()).unwrap_or(i64::MAX))));
                }
            }
        }
    }

    /// Running jobs whose range is stored or explained. What is under way is neither yet.
    pub(super) fn finished_jobs(&self, now: Time) -> Vec<JobId> {
        let done = |tasked: &&Tasked| {
            tasked.job.state == JobState::Running
                && self.series.get(&tasked.job.series).is_none_or(|tracked| {
                    let owed = tracked.owed(tasked.job.range, &RangeSet::new(), now);
                    owed.due.is_empty() && owed.next_due.is_none()
                })
        };
        self.jobs.values().filter(done).map(|tasked| tasked.job.id).collect()
    }

    /// Running jobs of series that cannot be recorded at all, with the reason.
    pub(super) fn hopeless_jobs(&self) -> Vec<(JobId, String)> {
        let running = self.jobs.values().filter(|tasked| tasked.job.state == JobState::Running);
        running.filter_map(|tasked| Some((tasked.job.id, self.series.get(&tasked.job.series)?.stopped.clone()?))).collect()
    }

    /// Pages still to be fetched, over all running jobs.
    pub(super) fn backlog(&self, now: Time, limit: impl Fn(&Series) -> usize) -> u64 {
        self.jobs
            .values()
            .filter(|tasked| tasked.job.state == JobState::Running)
            .filter_map(|tasked| self.series.get(&tasked.job.series).map(|tracked| (tasked, tracked)))
            .map(|(tasked, tracked)| {
                page_count(
                    &tracked.owed(tasked.job.range, &RangeSet::new(), now).due,
                    tracked.series.interval,
                    limit(&tracked.series),
                )
            })
            .sum()
    }

    /// Whether a series of this exchange is active, or a job of one unfinished.
    pub(super) fn uses(&self, exchange: ExchangeId) -> bool {
        let of = |id: &SeriesId| self.series.get(id).filter(|tracked| tracked.series.instrument.exchange == exchange);
        self.series.keys().any(|id| of(id).is_some_and(|tracked| tracked.series.active))
            || self.jobs.values().any(|tasked| !tasked.job.state.is_finished() && of(&tasked.job.series).is_some())
    }

    /// Active series of an exchange that can be recorded.
    pub(super) fn recording(&self, exchange: ExchangeId) -> impl Iterator<Item = &Tracked> {
        self.series.values().filter(move |tracked| {
            tracked.series.active
                && tracked.stopped.is_none()
                && tracked.series.instrument.exchange == exchange
                && tracked.series.instrument.status == InstrumentStatus::Trading
        })
    }

    /// Applies an acknowledged page. What it neither held nor lacked behind `settled` (by the
    /// exchange's clock) is late, not missing: it is asked for again at `ask_late_at`, not at once.
    pub(super) fn apply(&mut self, id: SeriesId, asked: TimeRange, outcome: &PageOutcome, settled: Time, ask_late_at: Time) {
        let Some(tracked) = self.series.get_mut(&id) else { return };
        for run in &outcome.held {
            tracked.stored.insert(*run);
            tracked.unconfirmed.remove(*run);
        }
        tracked.unconfirmed.remove(TimeRange::new(asked.from, asked.to.min(settled)));
        tracked.replace_notes(asked, &outcome.gaps);
        tracked.note_late(TimeRange::new(asked.from.max(settled), asked.to), ask_late_at);
        if outcome.stored + outcome.revised > 0 || !outcome.gaps.is_empty() {
            tracked.revision += 1;
        }
        tracked.waiting = None;
    }

    /// Applies an acknowledged candle of a stream. It waits for a request's word, and so does what lies
    /// between it and the newest one that was stored: the stream has jumped over that.
    pub(super) fn apply_streamed(&mut self, id: SeriesId, range: TimeRange, outcome: &PageOutcome) {
        let Some(tracked) = self.series.get_mut(&id) else { return };
        let newest = tracked.newest_end().map_or(range.from, |end| end.min(range.from));
        let waited = tracked.unconfirmed.clone();
        self.apply(id, range, outcome, range.from, range.to);
        let Some(tracked) = self.series.get_mut(&id) else { return };
        tracked.unconfirmed = waited;
        if outcome.stored > 0 || !outcome.disputed.is_empty() {
            tracked.unconfirmed.insert(TimeRange::new(newest, range.to));
        }
    }
}

impl Tracked {
    fn new(series: Series, stored: RangeSet, notes: Vec<Note>) -> Self {
        Self {
            series,
            stored,
            unconfirmed: RangeSet::new(),
            notes,
            stopped: None,
            told: InstrumentStatus::Trading,
            waiting: None,
            ticker: None,
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

    /// What of `range` is to be asked for.
    pub(super) fn owed(&self, range: TimeRange, in_flight: &RangeSet, now: Time) -> Owed {
        owed(range, &self.stored, &self.notes, in_flight, now)
    }

    /// Puts what `gaps` say of `window` in the place of all notes there. Beyond it the notes stay:
    /// other answers, which may have come in since, have spoken of that.
    pub(super) fn replace_notes(&mut self, window: TimeRange, gaps: &[Gap]) {
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

    fn note_late(&mut self, window: TimeRange, ask_at: Time) {
        let noted: RangeSet = self.notes.iter().filter(|note| note.range.overlaps(window)).map(|note| note.range).collect();
        for late in RangeSet::from(window).minus(&self.stored).minus(&noted).ranges() {
            let at = self.notes.partition_point(|note| note.range < *late);
            self.notes.insert(at, Note { range: *late, explained: false, next_ask_at: Some(ask_at) });
        }
    }

    /// What of `range` is neither stored nor explained.
    pub(super) fn unaccounted(&self, range: TimeRange) -> RangeSet {
        let explained: RangeSet = self.notes.iter().filter(|note| note.explained).map(|note| note.range).collect();
        RangeSet::from(range).minus(&self.stored).minus(&explained)
    }

    /// Beginning of what waits for a request's word.
    pub(super) fn oldest_unconfirmed(&self) -> Option<Time> {
        self.unconfirmed.ranges().first().map(|range| range.from)
    }

    /// End of the newest stored candle.
    pub(super) fn newest_end(&self) -> Option<Time> {
        self.stored.ranges().last().map(|range| range.to)
    }

    /// How much of `range` is stored, explained, owed.
    pub(super) fn account(&self, range: TimeRange) -> CoverageView {
        let count =
            |set: &RangeSet| set.ranges().iter().map(|range| self.series.interval.count(*range)).sum::<i64>().unsigned_abs();
        let missing = RangeSet::from(range).minus(&self.stored);
        let first = self.notes.partition_point(|note| note.range.to <= range.from);
        let inside = self.notes[first..].iter().take_while(|note| note.range.from < range.to);
        let explained: RangeSet = inside.filter(|note| note.explained).map(|note| note.range).collect();
        let queued = missing.minus(&explained);
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
    pub(super) fn coverage(&mut self, wanted: TimeRange) -> CoverageView {
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

impl Tasked {
    fn new(job: Job, backoff: BackoffSettings) -> Self {
        Self { note: job.note.clone(), wait: None, backoff: Backoff::new(backoff, Jitter::from_entropy()), job }
    }
}
