use super::*;
use crate::domain::instrument::{Instrument, InstrumentKind, Scales, Symbol};
use crate::domain::interval::Interval;
use crate::domain::time::MINUTE_MS;

fn minutes(from: i64, to: i64) -> TimeRange {
    TimeRange::new(Time::from_ms(from * MINUTE_MS), Time::from_ms(to * MINUTE_MS))
}

fn series(id: i64) -> Series {
    let instrument = Instrument {
        exchange: ExchangeId::Binance,
        symbol: Symbol::from_stored(format!("S{id}/USDT")),
        native: format!("S{id}USDT"),
        base: format!("S{id}"),
        quote: "USDT".into(),
        kind: InstrumentKind::Spot,
        stream_name: None,
        status: InstrumentStatus::Trading,
        price_decimals: 2,
        scales: Scales { price: 8, base: 8, quote: 8 },
    };
    Series {
        id: SeriesId(id),
        instrument: Arc::new(instrument),
        dataset: crate::domain::dataset::Dataset::Candles,
        interval: Interval::M1,
        active: true,
        wanted_from: Time::EPOCH,
        wanted_to: None,
    }
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
    let terms =
        crate::engine::plan::Terms { page_limit: 1_000, page_weight: 9, budget: Some((0, 100)), latency_ms: 0, at_once: 1 };
    let views = crate::engine::observer::job_views(&book, Time::EPOCH, |_| 1e9, |_| terms);
    let seen: Vec<_> = views.iter().map(|view| (view.id.0, view.eta_ms)).collect();
    // A hundred pages at half of ten a minute, after a minute's worth at once.
    let half = Some(19 * MINUTE_MS);
    assert_eq!(seen, [(2, half), (1, half), (3, None), (4, None)]);
}
