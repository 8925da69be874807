use super::*;
use crate::domain::candle::tests::candle;
use crate::domain::gap::{Evidence, GapReason};
use crate::domain::instrument::tests::instrument;
use crate::domain::instrument::{ExchangeId, Scales};
use crate::domain::page::Missing;
use crate::domain::series::SeriesId;
use crate::domain::time::MINUTE_MS;
use crate::store::{check, connection, gaps, instruments, series};

const GOOD: [&str; 5] = ["2", "3", "1", "2", "1"];

fn minutes(from: i64, to: i64) -> TimeRange {
    TimeRange::new(Time::from_ms(from * MINUTE_MS), Time::from_ms(to * MINUTE_MS))
}

/// A store with one series that wants everything from the epoch on.
fn store(folder: &std::path::Path) -> (Connection, SeriesId) {
    let connection = connection::open_writer(&folder.join("s.sqlite")).unwrap();
    instruments::refresh(&connection, ExchangeId::Binance, &[instrument()], Time::EPOCH).unwrap();
    let key = instruments::id(&connection, ExchangeId::Binance, "BTCUSDT").unwrap().unwrap();
    let id = series::register(&connection, key, crate::domain::dataset::Dataset::Candles, Interval::M1, Time::EPOCH, Time::EPOCH)
        .unwrap();
    (connection, id)
}

/// An answer for `range` that holds these minutes and lacks those, asked at `asked_at`.
fn answer(series: SeriesId, range: TimeRange, held: &[i64], lacking: &[TimeRange], asked_at: i64) -> PageWrite {
    PageWrite {
        answer: Answer {
            series,
            scales: Scales { price: 2, base: 8, quote: 8 },
            asked: Evidence { endpoint: "/klines".into(), asked_at: Time::from_ms(asked_at), answer: "short".into() },
            received_at: Time::from_ms(asked_at + 10),
            source: Source::Rest,
            not_trading_after: None,
            confirm_after_ms: 2_000,
            component: "test",
        },
        interval: Interval::M1,
        range,
        page: CheckedPage {
            candles: held.iter().map(|minute| candle(minute * MINUTE_MS, GOOD)).collect(),
            rejected: Vec::new(),
            missing: lacking.iter().map(|range| Missing { range: *range, bad_row: None }).collect(),
            forming: None,
        },
        quiet: Vec::new(),
    }
}

#[test]
fn an_answer_that_lacks_stored_candles_takes_nothing_away() {
    let folder = tempfile::tempdir().unwrap();
    let (connection, id) = store(folder.path());
    write(&connection, &answer(id, minutes(0, 3), &[0, 1, 2], &[], 0)).unwrap();
    let outcome = write(&connection, &answer(id, minutes(1, 5), &[], &[minutes(1, 5)], 1)).unwrap();
    assert_eq!(outcome.gaps.iter().map(|gap| gap.range).collect::<Vec<_>>(), [minutes(3, 5)]);
    let series = series::get(&connection, id).unwrap().unwrap();
    let checked = check::check(&connection, &series, Time::from_ms(5 * MINUTE_MS)).unwrap();
    assert_eq!((checked.stored, checked.explained, checked.queued, checked.faults), (3, 0, 2, vec![]));
}

#[test]
fn notes_of_failures_and_edges_leave_stored_candles_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (connection, id) = store(folder.path());
    write(&connection, &answer(id, minutes(2, 4), &[2, 3], &[], 0)).unwrap();
    gaps::note(&connection, id, minutes(0, 6), |range| Gap::unasked(range, GapReason::FetchFailed)).unwrap();
    let ranges = || gaps::all(&connection, id).unwrap().iter().map(|gap| gap.range).collect::<Vec<_>>();
    assert_eq!(ranges(), [minutes(0, 2), minutes(4, 6)]);
    gaps::explain(&connection, id, minutes(0, 3), |range| Gap::unasked(range, GapReason::BeforeListing)).unwrap();
    assert_eq!(ranges(), [minutes(0, 2), minutes(4, 6)]);
}

#[test]
fn a_page_of_a_deleted_series_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (connection, id) = store(folder.path());
    series::purge(&connection, id).unwrap();
    let outcome = write(&connection, &answer(id, minutes(0, 3), &[0, 1], &[minutes(2, 3)], 0)).unwrap();
    gaps::note(&connection, id, minutes(0, 6), |range| Gap::unasked(range, GapReason::FetchFailed)).unwrap();
    assert_eq!(outcome, PageOutcome::default());
    for table in ["candles", "rollups", "coverage", "gaps", "ingest_log"] {
        let rows: i64 = connection.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap();
        assert_eq!(rows, 0, "{table}");
    }
}

#[test]
fn candles_tell_where_they_came_from() {
    let folder = tempfile::tempdir().unwrap();
    let (connection, id) = store(folder.path());
    write(&connection, &answer(id, minutes(0, 3), &[0, 1, 2], &[], 0)).unwrap();
    let mut changed = answer(id, minutes(1, 2), &[], &[], 5_000);
    changed.page.candles = vec![candle(MINUTE_MS, ["2", "4", "1", "2", "1.5"])];
    write(&connection, &changed).unwrap();
    let origin = |range| crate::store::candles::origin(&connection, id, range).unwrap();
    let of = |candles, from: i64, to: i64| {
        let fetched_at = (Time::from_ms(from), Time::from_ms(to));
        Some(crate::store::candles::Origin { candles, source: Some(Source::Rest), fetched_at })
    };
    assert_eq!(origin(minutes(0, 1)), of(1, 10, 10));
    assert_eq!(origin(minutes(0, 9)), of(3, 10, 5_010));
    assert_eq!(origin(minutes(3, 9)), None);
    let revised = |range, limit| -> Vec<(String, Option<String>, Option<String>)> {
        let found = crate::store::revisions::within(&connection, id, range, limit).unwrap();
        found.into_iter().map(|revision| (revision.field, revision.old_value, revision.new_value)).collect()
    };
    let text = |text: &str| Some(text.to_owned());
    let both = [("high".to_owned(), text("3"), text("4")), ("volume".to_owned(), text("1"), text("1.5"))];
    assert_eq!(revised(minutes(1, 2), 100), both);
    assert_eq!(revised(minutes(0, 9), 1), both[1..], "the newest");
    assert_eq!(revised(minutes(2, 9), 100), []);
}

#[test]
fn a_candle_of_a_stream_is_confirmed_by_a_request_and_never_decides_against_one() {
    let folder = tempfile::tempdir().unwrap();
    let (connection, id) = store(folder.path());
    let range = minutes(0, 3);
    let put = |held: &[(i64, [&str; 5])], source: Source| {
        let mut page = answer(id, range, &[], &[], 10 * MINUTE_MS);
        page.page.candles = held.iter().map(|(minute, values)| candle(minute * MINUTE_MS, *values)).collect();
        page.answer.source = source;
        write(&connection, &page).unwrap()
    };
    let other = ["2", "3", "1", "2", "7"];
    assert_eq!(put(&[(0, GOOD), (1, GOOD)], Source::Stream).stored, 2);
    assert_eq!(candles::unconfirmed(&connection, id, range).unwrap(), [Time::EPOCH, Time::from_ms(MINUTE_MS)]);
    let late = put(&[(0, GOOD), (1, other)], Source::Stream);
    assert_eq!((late.stored, late.revised, late.disputed), (0, 0, vec![Time::from_ms(MINUTE_MS)]));

    let asked = put(&[(0, GOOD), (1, other), (2, GOOD)], Source::Rest);
    assert_eq!((asked.stored, asked.revised, asked.confirmed), (1, 1, 1));
    assert_eq!(candles::unconfirmed(&connection, id, range).unwrap(), []);
    let origin = |minute| candles::origin(&connection, id, minutes(minute, minute + 1)).unwrap().unwrap().source;
    assert_eq!([origin(0), origin(1), origin(2)], [Source::Confirmed, Source::Rest, Source::Rest].map(Some));
    assert_eq!(put(&[(2, other)], Source::Stream).disputed, [Time::from_ms(2 * MINUTE_MS)]);
    assert_eq!(put(&[(2, GOOD)], Source::Rest).revised, 0);
    let plan: String = connection
        .query_row(
            "EXPLAIN QUERY PLAN SELECT open_time FROM candles WHERE source = 1 AND series_id = ?1 AND open_time >= ?2",
            [0, 0],
            |row| row.get(3),
        )
        .unwrap();
    assert!(plan.contains("candles_unconfirmed"), "{plan}");
}

#[test]
fn of_streamed_candles_the_log_tells_those_that_came_late() {
    let folder = tempfile::tempdir().unwrap();
    let (connection, id) = store(folder.path());
    let put = |minute: i64, source: Source, after_ms: i64| {
        let mut page = answer(id, minutes(minute, minute + 1), &[minute], &[], (minute + 1) * MINUTE_MS);
        page.answer.source = source;
        page.answer.received_at = page.answer.asked.asked_at.plus_ms(after_ms);
        assert_eq!(write(&connection, &page).unwrap().stored, 1);
    };
    put(0, Source::Stream, LATE_MS);
    put(1, Source::Stream, LATE_MS + 1_000);
    put(2, Source::Rest, 10);
    let mut told = connection.prepare("SELECT message FROM ingest_log ORDER BY id").unwrap();
    let told: Vec<String> = told.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let expected = [
        "stored the candle of 1970-01-01T00:01:00Z, 11s after its end",
        "stored 1 candle, asked for 1970-01-01T00:02:00Z to 1970-01-01T00:03:00Z, 10 ms",
    ];
    assert_eq!(told, expected);
}

#[test]
fn what_is_proven_to_be_quiet_is_explained_at_once_and_a_candle_goes_before_it() {
    let folder = tempfile::tempdir().unwrap();
    let (connection, id) = store(folder.path());
    let mut page = answer(id, minutes(0, 6), &[0, 3], &[minutes(1, 3), minutes(4, 6)], 1);
    page.quiet = vec![(minutes(1, 4), "trades 7 and 8".into())];
    let outcome = write(&connection, &page).unwrap();
    let told: Vec<_> = outcome.gaps.iter().map(|gap| (gap.range, gap.reason)).collect();
    assert_eq!(told, [(minutes(1, 3), GapReason::NoTrades), (minutes(4, 6), GapReason::Unconfirmed)]);
    assert_eq!(outcome.gaps[0].evidence.as_ref().unwrap().answer, "trades 7 and 8");
    let late = answer(id, minutes(1, 3), &[1, 2], &[], 9);
    assert_eq!(write(&connection, &late).unwrap().gaps, [], "and where a candle comes after all, it is stored");
}

#[test]
fn what_is_lost_leaves_rows_and_explanations_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (connection, id) = store(folder.path());
    let mut page = answer(id, minutes(0, 10), &[0, 1], &[minutes(2, 10)], 1);
    page.quiet = vec![(minutes(4, 6), "trades 7 and 8".into())];
    write(&connection, &page).unwrap();
    let make = |range: TimeRange, known: Option<&Gap>| Gap {
        asked_count: known.map_or(0, |gap| gap.asked_count),
        ..Gap::unasked(range, GapReason::Lost)
    };
    let after = gaps::lose(&connection, id, minutes(0, 12), make).unwrap();
    let shape = |gaps: &[Gap]| gaps.iter().map(|gap| (gap.range, gap.reason, gap.asked_count)).collect::<Vec<_>>();
    let expected = [
        (minutes(2, 4), GapReason::Lost, 1),
        (minutes(4, 6), GapReason::NoTrades, 1),
        (minutes(6, 10), GapReason::Lost, 1),
        (minutes(10, 12), GapReason::Lost, 0),
    ];
    assert_eq!(shape(&after), expected);
    assert_eq!(shape(&gaps::all(&connection, id).unwrap()), expected);
    // Of a noted gap that reaches beyond the window the rest is owed as before.
    let next = answer(id, minutes(20, 30), &[], &[minutes(20, 30)], 1);
    write(&connection, &next).unwrap();
    let after = gaps::lose(&connection, id, minutes(12, 25), make).unwrap();
    let told = [
        (minutes(12, 20), GapReason::Lost, 0),
        (minutes(20, 25), GapReason::Lost, 1),
        (minutes(25, 30), GapReason::Unconfirmed, 1),
    ];
    assert_eq!(shape(&after), told);
}
