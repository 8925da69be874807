use super::*;
use crate::domain::interval::Interval;
use crate::domain::series::tests::series;
use crate::domain::time::MINUTE_MS;

fn minutes(from: i64, to: i64) -> TimeRange {
    TimeRange::new(Time::from_ms(from * MINUTE_MS), Time::from_ms(to * MINUTE_MS))
}

fn job(id: i64, position: i64, state: JobState) -> Job {
    let (range, now) = (minutes(0, 100_000), Time::EPOCH);
    Job { id: JobId(id), series: SeriesId(id), range, state, note: None, created_at: now, finished_at: None, position }
}

fn book(jobs: Vec<Job>) -> Book {
    let mut book = Book::default();
    book.reload((1..=4).map(series).collect(), BTreeMap::new(), jobs);
    book
}

fn turns(book: &mut Book, pages: usize) -> Vec<i64> {
    let page = |book: &mut Book| match book.next_page(Time::EPOCH, |_| Some(1_000)) {
        Next::Fetch(page) => page.job.0,
        Next::Idle(_) => 0,
    };
    (0..pages).map(|_| page(book)).collect()
}

#[test]
fn the_first_gets_every_other_page_and_nobody_starves() {
    let running = |id, position| job(id, position, JobState::Running);
    assert_eq!(turns(&mut book(vec![running(1, 1)]), 3), [1, 1, 1]);
    assert_eq!(turns(&mut book(vec![running(1, 1), running(2, 2)]), 4), [1, 2, 1, 2]);
    let mut book = book(vec![running(1, 3), running(2, 1), running(3, 2), running(4, 4)]);
    assert_eq!(turns(&mut book, 8), [2, 3, 2, 1, 2, 4, 2, 3]);
    let mut jobs = vec![running(1, 1), running(2, 2), running(3, 3), running(4, 4)];
    jobs[0].state = JobState::Paused;
    book.reload((1..=4).map(series).collect(), BTreeMap::new(), jobs);
    assert_eq!(turns(&mut book, 4), [2, 3, 2, 4], "the order that holds now");
}

#[test]
fn a_failed_job_that_is_tried_again_gets_pages_though_its_series_was_stopped() {
    let mut book = book(vec![job(1, 1, JobState::Failed)]);
    book.series.get_mut(&SeriesId(1)).unwrap().stopped = Some("unknown symbol".into());
    assert_eq!(turns(&mut book, 1), [0]);
    book.take_up(JobId(1));
    book.reload((1..=4).map(series).collect(), BTreeMap::new(), vec![job(1, 1, JobState::Running)]);
    assert_eq!(turns(&mut book, 1), [1]);
}

#[test]
fn pages_under_way_are_not_asked_for_again_after_a_pause() {
    let mut book = book(vec![job(1, 1, JobState::Running)]);
    let Next::Fetch(first) = book.next_page(Time::EPOCH, |_| Some(1_000)) else { panic!() };
    for state in [JobState::Paused, JobState::Running] {
        book.reload((1..=4).map(series).collect(), BTreeMap::new(), vec![job(1, 1, state)]);
    }
    let Next::Fetch(second) = book.next_page(Time::EPOCH, |_| Some(1_000)) else { panic!() };
    assert!(!first.range.overlaps(second.range));
}

#[test]
fn jobs_are_shown_in_the_order_of_their_turns_with_their_share_of_the_budget() {
    let running = |id, position| job(id, position, JobState::Running);
    let mut ended = job(4, 1, JobState::Done);
    ended.finished_at = Some(Time::EPOCH);
    let book = book(vec![running(1, 3), running(2, 2), job(3, 4, JobState::Paused), ended]);
    // Ten pages a minute.
    let terms = crate::engine::plan::Terms {
        page_limit: 1_000,
        page_weight: 9,
        trades: None,
        daily_trades: None,
        budget: Some((0, 100)),
        latency_ms: 0,
        at_once: 1,
    };
    let views = crate::engine::observer::job_views(&book, Time::EPOCH, |_| 1e9, |_| terms);
    let seen: Vec<_> = views.iter().map(|view| (view.id.0, view.eta_ms)).collect();
    // A hundred pages at half of ten a minute, after a minute's worth at once.
    let half = Some(19 * MINUTE_MS);
    assert_eq!(seen, [(2, half), (1, half), (3, None), (4, None)]);
}

/// A job whose series is served for two days back; all of its range is owed.
fn perishable(id: i64, position: i64, hours_left: i64, now: Time) -> (Series, Job) {
    let reach = 2 * DAY_MS;
    let of = Series { reach_ms: Some(reach), ..series(id) };
    let from = Interval::M1.ceil(now.plus_ms(hours_left * 60 * MINUTE_MS - reach));
    let range = TimeRange::new(from, from.plus_ms(10_000 * MINUTE_MS));
    (of, Job { range, ..job(id, position, JobState::Running) })
}

#[test]
fn what_is_lost_first_goes_first_and_from_its_old_end() {
    let now = Time::from_ms(1_000_000 * MINUTE_MS);
    let (near, near_job) = perishable(3, 3, 2, now);
    let (far, far_job) = perishable(4, 4, 20, now);
    let (calm, calm_job) = perishable(2, 2, 40, now);
    let usual = Job { range: minutes(0, 1_000_000), ..job(1, 1, JobState::Running) };
    let mut book = Book::default();
    book.reload(vec![series(1), calm, near, far], BTreeMap::new(), vec![usual, calm_job.clone(), near_job.clone(), far_job]);
    let mut pages = Vec::new();
    for _ in 0..8 {
        let Next::Fetch(page) = book.next_page(now, |_| Some(100)) else { panic!("nothing is due") };
        pages.push(page);
    }
    let order: Vec<i64> = pages.iter().map(|page| page.job.0).collect();
    assert_eq!(order, [3, 3, 3, 1, 3, 3, 3, 2], "one page of four is left to the others");
    assert_eq!(pages[0].range.from, near_job.range.from, "the oldest goes first");
    assert_eq!(pages[1].range.from, pages[0].range.to);
    assert_eq!(pages[7].range.to, calm_job.range.to, "with time to spare the newest goes first, as ever");
}

#[test]
fn what_is_out_of_reach_is_not_asked_for_and_holds_up_no_job() {
    let now = Time::from_ms(1_000_000 * MINUTE_MS);
    let of = Series { reach_ms: Some(60 * MINUTE_MS), ..series(1) };
    let range = TimeRange::new(now.plus_ms(-90 * MINUTE_MS), now.plus_ms(-50 * MINUTE_MS));
    let mut book = Book::default();
    book.reload(vec![of], BTreeMap::new(), vec![Job { range, ..job(1, 1, JobState::Running) }]);
    let Next::Fetch(page) = book.next_page(now, |_| Some(1_000)) else { panic!("nothing is due") };
    assert_eq!(page.range, TimeRange::new(now.plus_ms(-59 * MINUTE_MS), range.to), "a minute before its end it is left alone");
    let loss = book.series[&SeriesId(1)].loss(range).unwrap();
    assert_eq!((loss.at, loss.steps), (now.plus_ms(-30 * MINUTE_MS), 40));
    let later = now.plus_ms(11 * MINUTE_MS);
    assert_eq!(book.finished_jobs(later), [JobId(1)], "nothing of it can be had any more");
}
