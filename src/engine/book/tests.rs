use super::*;
use crate::domain::gap::GapReason;
use crate::domain::interval::Interval;
use crate::domain::series::tests::series;
use crate::domain::time::MINUTE_MS;
use crate::store::StoreError;

const NOW: Time = Time::from_ms(10_000_000 * MINUTE_MS);

fn minutes(from: i64, to: i64) -> TimeRange {
    TimeRange::new(Time::from_ms(from * MINUTE_MS), Time::from_ms(to * MINUTE_MS))
}

fn job(id: i64, range: TimeRange, state: JobState) -> Job {
    Job { id: JobId(id), series: SeriesId(1), range, state, note: None, created_at: NOW, finished_at: None, position: id }
}

fn book(jobs: Vec<Job>) -> Book {
    let mut book = Book::default();
    book.reload(vec![series(1)], BTreeMap::new(), jobs);
    book
}

fn pages(book: &mut Book) -> Vec<Page> {
    std::iter::from_fn(|| match book.next_page(NOW, |_| Some(1_000)) {
        Next::Fetch(page) => Some(page),
        Next::Idle(_) => None,
    })
    .collect()
}

/// The page came back and held everything.
fn held(book: &mut Book, page: &Page) {
    let outcome = PageOutcome { held: vec![page.range], ..PageOutcome::default() };
    book.apply(SeriesId(1), page.range, &outcome, NOW, NOW);
    book.page_done(page, None, NOW);
}

fn gap(range: TimeRange, reason: GapReason) -> Gap {
    Gap { next_ask_at: Some(NOW.plus_ms(1)), asked_count: 1, ..Gap::unasked(range, reason) }
}

fn notes(tracked: &Tracked) -> Vec<(i64, i64)> {
    tracked.notes.iter().map(|note| (note.range.from.ms() / MINUTE_MS, note.range.to.ms() / MINUTE_MS)).collect()
}

#[test]
fn jobs_that_overlap_ask_for_nothing_twice() {
    let mut book = book(vec![job(1, minutes(0, 3_000), JobState::Running), job(2, minutes(2_000, 4_000), JobState::Running)]);
    let asked = pages(&mut book);
    let candles: i64 = asked.iter().map(|page| Interval::M1.count(page.range)).sum();
    let all: RangeSet = asked.iter().map(|page| page.range).collect();
    assert_eq!((candles, all.ranges()), (4_000, &[minutes(0, 4_000)][..]));
    assert!(book.finished_jobs(NOW).is_empty(), "what is under way for one is not there for the other");
    for page in &asked {
        held(&mut book, page);
    }
    assert_eq!(book.finished_jobs(NOW), [JobId(1), JobId(2)]);
}

#[test]
fn a_job_that_was_held_and_let_go_knows_what_is_under_way() {
    let mut book = book(vec![job(1, minutes(0, 1_000), JobState::Running)]);
    let asked = pages(&mut book);
    book.reload(vec![series(1)], BTreeMap::new(), vec![job(1, minutes(0, 1_000), JobState::Paused)]);
    book.reload(vec![series(1)], BTreeMap::new(), vec![job(1, minutes(0, 1_000), JobState::Running)]);
    assert!(pages(&mut book).is_empty());
    book.page_done(&asked[0], Some(&StoreError::Busy.into()), NOW);
    assert!(pages(&mut book).is_empty(), "a failure makes it wait");
    assert!(matches!(book.next_page(NOW.plus_ms(60_000), |_| Some(1_000)), Next::Fetch(_)));
}

#[test]
fn a_clock_that_is_set_back_ends_a_wait() {
    let mut book = book(vec![job(1, minutes(0, 1_000), JobState::Running)]);
    let asked = pages(&mut book);
    book.page_done(&asked[0], Some(&StoreError::Busy.into()), NOW);
    assert!(matches!(book.next_page(NOW.plus_ms(-3_600_000), |_| Some(1_000)), Next::Fetch(_)));
}

#[test]
fn jobs_of_a_stopped_series_are_hopeless() {
    let mut book = book(vec![job(1, minutes(0, 10), JobState::Running), job(2, minutes(0, 5), JobState::Paused)]);
    assert!(book.hopeless_jobs().is_empty());
    book.series.get_mut(&SeriesId(1)).unwrap().stopped = Some("unknown".into());
    assert!(pages(&mut book).is_empty());
    assert_eq!(book.hopeless_jobs(), [(JobId(1), "unknown".to_owned())]);
}

#[test]
fn notes_beyond_an_answer_stay_as_they_are() {
    let mut tracked = Tracked::new(series(1), RangeSet::new(), Vec::new());
    tracked.replace_notes(minutes(0, 100), &[gap(minutes(10, 90), GapReason::NoCandle)]);
    tracked.replace_notes(minutes(40, 50), &[gap(minutes(45, 50), GapReason::Unconfirmed)]);
    assert_eq!(notes(&tracked), [(10, 40), (45, 50), (50, 90)]);
    // The store's gap reaches into what another answer has spoken of since.
    tracked.replace_notes(minutes(100, 120), &[gap(minutes(60, 110), GapReason::Unconfirmed)]);
    assert_eq!(notes(&tracked), [(10, 40), (45, 50), (50, 90), (100, 110)]);
    tracked.replace_notes(minutes(0, 200), &[]);
    assert!(notes(&tracked).is_empty());
}

#[test]
fn nobody_waits_for_a_note_over_stored_candles() {
    let mut book = book(vec![job(1, minutes(0, 10), JobState::Running)]);
    let tracked = book.series.get_mut(&SeriesId(1)).unwrap();
    tracked.stored.insert(minutes(0, 10));
    tracked.replace_notes(minutes(0, 10), &[gap(minutes(3, 4), GapReason::Unconfirmed)]);
    assert_eq!(book.finished_jobs(NOW), [JobId(1)]);
}

#[test]
fn a_job_whose_end_is_not_written_yet_does_not_spin() {
    let mut book = book(vec![job(1, minutes(0, 1_000), JobState::Running)]);
    let asked = pages(&mut book);
    let error = crate::exchange::error::ExchangeError::UnknownInterval;
    book.page_done(&asked[0], Some(&error.into()), NOW);
    assert!(matches!(book.next_page(NOW, |_| Some(1_000)), Next::Idle(Some(_))));
}

#[test]
fn what_was_asked_for_in_vain_a_second_time_rests_again() {
    let mut book = book(vec![job(1, minutes(0, 10), JobState::Running)]);
    let due = |book: &Book, now: Time| book.series[&SeriesId(1)].owed(minutes(0, 10), &RangeSet::new(), now).due;
    let tracked = book.series.get_mut(&SeriesId(1)).unwrap();
    tracked.replace_notes(minutes(0, 3), &[Gap::unasked(minutes(0, 3), GapReason::FetchFailed)]);
    tracked.replace_notes(minutes(3, 4), &[gap(minutes(3, 4), GapReason::NoCandle)]);
    tracked.replace_notes(minutes(4, 5), &[gap(minutes(4, 5), GapReason::Unconfirmed)]);
    book.rest_until(SeriesId(1), &minutes(0, 10).into(), NOW, NOW.plus_ms(30_000));
    let open = due(&book, NOW.plus_ms(29_999));
    assert_eq!(open.ranges(), [minutes(3, 5)], "what an answer has decided on keeps its own time");
    let later = NOW.plus_ms(30_000);
    let open = due(&book, later);
    assert_eq!(open.ranges(), [minutes(0, 10)]);
    book.rest_until(SeriesId(1), &minutes(2, 8).into(), later, later.plus_ms(30_000));
    let open = due(&book, later);
    assert_eq!(open.ranges(), [minutes(0, 2), minutes(8, 10)], "or it would be asked for at once, and without end");
    let explained = book.series[&SeriesId(1)].notes.iter().filter(|note| note.explained).map(|note| note.range);
    assert_eq!(explained.collect::<Vec<_>>(), [minutes(3, 4)]);
}
