//! What the engine knows of its series and jobs, in memory: the ledgers of the store, kept equal
//! to it by applying every acknowledged write, and what each series is up to.

#[cfg(test)]
mod order_tests;
mod silent;
#[cfg(test)]
mod tests;
mod tracked;

pub(super) use tracked::Tracked;

use super::ingest::FetchError;
use super::planner::{Note, newest_page, oldest_page, page_count};
use super::snapshot::JobState;
use crate::domain::candle::Candle;
use crate::domain::dataset::Dataset;
use crate::domain::gap::Gap;
use crate::domain::instrument::{ExchangeId, Instrument, InstrumentStatus};
use crate::domain::range::{RangeSet, TimeRange};
use crate::domain::series::{JobId, Series, SeriesId};
use crate::domain::time::{DAY_MS, Time};
use crate::exchange::jitter::Jitter;
use crate::exchange::retry::{Backoff, BackoffSettings};
use crate::store::jobs::Job;
use crate::store::page::PageOutcome;
use crate::store::{Connection, StoreError, candles, coverage, gaps};
use std::collections::BTreeMap;
use std::time::Duration;

/// What is lost within this goes before all else, and the oldest of it first.
const HURRY_MS: i64 = DAY_MS;

/// Of so many pages one is left to the usual order, whatever is about to be lost: nobody starves.
const HURRIED: u32 = 4;

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
    /// Pages in a row that went to what is about to be lost.
    hurried: u32,
    /// The series whose forming candle a front end shows.
    watched: Option<SeriesId>,
    backoff: BackoffSettings,
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
        let watched = |series: &&Series| Some(series.id) == self.watched && series.dataset == Dataset::Candles;
        self.recording(exchange).map(|tracked| &tracked.series).find(watched)
    }

    /// Whether a front end looks at this market, whatever of it.
    pub(super) fn looks_at(&self, instrument: &Instrument) -> bool {
        let watched = self.watched.and_then(|id| self.series.get(&id)).map(|tracked| &tracked.series.instrument);
        watched.is_some_and(|watched| (watched.exchange, &watched.native) == (instrument.exchange, &instrument.native))
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

    /// Running jobs whose oldest due step is about to fall out of the exchange's reach, the first to lose
    /// one first.
    fn perishing(&self, now: Time) -> Vec<(i64, JobId)> {
        let mut jobs: Vec<(Time, i64, JobId)> = self
            .jobs
            .values()
            .filter(|tasked| tasked.job.state == JobState::Running)
            .filter_map(|tasked| {
                let tracked = self.series.get(&tasked.job.series).filter(|tracked| tracked.series.reach_ms.is_some())?;
                let due = tracked.owed(tasked.job.range, &tracked.in_flight, now).due;
                let lost_at = tracked.series.lost_at(due.ranges().first()?.from)?;
                (lost_at.since(now) <= HURRY_MS).then_some((lost_at, tasked.job.position, tasked.job.id))
            })
            .collect();
        jobs.sort_unstable();
        jobs.into_iter().map(|(_, position, id)| (position, id)).collect()
    }

    /// The next page, jobs taking [turns](Self::turns), but three pages of four go to what is about to
    /// be lost. `now` is the local time, `limit` how much one
    /// request for a series may ask for; `None`: nothing may be asked of it now.
    pub(super) fn next_page(&mut self, now: Time, limit: impl Fn(&Series) -> Option<usize>) -> Next {
        let first = self.first_job();
        let mut idle: Option<Time> = None;
        let hurried = if self.hurried + 1 < HURRIED { self.perishing(now) } else { Vec::new() };
        let hurry = hurried.len();
        for (at, (position, id)) in hurried.into_iter().chain(self.turns()).enumerate() {
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
            let perishes = owed
                .due
                .ranges()
                .first()
                .and_then(|oldest| tracked.series.lost_at(oldest.from))
                .is_some_and(|lost_at| lost_at.since(now) <= HURRY_MS);
            let page = if perishes { oldest_page } else { newest_page };
            if let Some(range) = page(&owed.due, &tracked.in_flight, tracked.series.interval, limit) {
                tracked.in_flight.insert(range);
                if at < hurry {
                    self.hurried += 1;
                    return Next::Fetch(Page { job: id, series: tracked.series.clone(), range });
                }
                self.hurried = 0;
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

    /// Whoever asked for pages has ended: none is under way.
    pub(super) fn forget_pages(&mut self) {
        for tracked in self.series.values_mut() {
            tracked.in_flight = RangeSet::new();
        }
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

    /// What its pages have not decided on is late, and rests until then.
    pub(super) fn rest_until(&mut self, id: SeriesId, undecided: &RangeSet, now: Time, ask_at: Time) {
        if let Some(tracked) = self.series.get_mut(&id) {
            undecided.ranges().iter().for_each(|range| tracked.rest(*range, now, ask_at));
        }
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

impl Tasked {
    fn new(job: Job, backoff: BackoffSettings) -> Self {
        Self { note: job.note.clone(), wait: None, backoff: Backoff::new(backoff, Jitter::from_entropy()), job }
    }
}
