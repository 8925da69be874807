use super::*;
use crate::domain::gap::{Evidence, GapReason};
use crate::domain::instrument::tests::instrument;
use crate::domain::instrument::{ExchangeId, Instrument};
use crate::domain::interval::Interval;
use crate::domain::price::parse_decimal;
use crate::domain::time::{MINUTE_MS, Time};
use crate::domain::trade::Side;
use crate::store::{check, connection, ingest_log, instruments, trades};

const SCALES: Scales = Scales { price: 2, base: 3, quote: 8 };

fn minutes(from: i64, to: i64) -> TimeRange {
    TimeRange::new(Time::from_ms(from * MINUTE_MS), Time::from_ms(to * MINUTE_MS))
}

fn store(folder: &std::path::Path, dataset: Dataset) -> (Connection, SeriesId) {
    let connection = connection::open_writer(&folder.join("s.sqlite")).unwrap();
    let instrument = Instrument { scales: SCALES, ..instrument() };
    instruments::refresh(&connection, ExchangeId::Binance, &[instrument], Time::EPOCH).unwrap();
    let key = instruments::id(&connection, ExchangeId::Binance, "BTCUSDT").unwrap().unwrap();
    let grid = dataset.grid().unwrap_or(Interval::M1);
    let id = series::register(&connection, key, dataset, grid, Time::EPOCH, Time::EPOCH).unwrap();
    (connection, id)
}

fn trade(id: i64, ms: i64, price: &str) -> Trade {
    let (price, size) = (parse_decimal(price).unwrap(), parse_decimal("0.5").unwrap());
    Trade { id, time: Time::from_ms(ms), nanos: Some(7), price, size, side: Side::Sell, fills: Some(3) }
}

fn page<T>(series: SeriesId, rows: Vec<T>, covered: Vec<TimeRange>, missing: Vec<TimeRange>) -> RowsWrite<T> {
    RowsWrite {
        answer: Answer {
            series,
            scales: SCALES,
            asked: Evidence { endpoint: "/trades".into(), asked_at: Time::from_ms(1), answer: "short".into() },
            received_at: Time::from_ms(20),
            source: Source::Rest,
            not_trading_after: None,
            confirm_after_ms: 2_000,
            component: "test",
        },
        rows,
        rejected: Vec::new(),
        covered,
        missing: missing.into_iter().map(|range| Missing { range, bad_row: None }).collect(),
    }
}

#[test]
fn a_time_told_in_more_detail_is_no_revision() {
    let folder = tempfile::tempdir().unwrap();
    let (connection, id) = store(folder.path(), Dataset::Trades);
    let place = Place::of(&connection, id, SCALES).unwrap().unwrap();
    let nanos = || Trade::read(&connection, place, minutes(0, 1)).unwrap()[0].nanos;
    let put = |nanos: Option<u32>, source: Source| {
        let mut told = page(id, vec![Trade { nanos, ..trade(1, 10, "100") }], Vec::new(), Vec::new());
        told.answer.source = source;
        write(&connection, &told).unwrap().revised
    };
    assert_eq!((put(Some(123_000), Source::Stream), nanos()), (0, Some(123_000)));
    assert_eq!((put(Some(123_456), Source::Rest), nanos()), (0, Some(123_456)));
    assert_eq!((put(Some(123_000), Source::Stream), nanos()), (0, Some(123_456)));
    assert_eq!((put(None, Source::Stream), nanos()), (0, Some(123_456)));
    assert_eq!((put(Some(124_000), Source::Rest), nanos()), (1, Some(124_000)), "another moment");
    assert_eq!(put(Some(124_001), Source::Rest), 0);
    assert_eq!(put(Some(124_002), Source::Rest), 1, "both to the nanosecond");
}

#[test]
fn rows_come_once_and_changes_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let (connection, id) = store(folder.path(), Dataset::Trades);
    // Beyond the scale of the price: kept as exact text.
    let rows = vec![trade(1, 10, "100.25"), trade(2, 10, "100.123456"), trade(3, 70_000, "99")];
    let first = page(id, rows.clone(), vec![minutes(0, 3)], Vec::new());
    assert_eq!(write(&connection, &first).unwrap().stored, 3);
    let again = write(&connection, &first).unwrap();
    assert_eq!((again.stored, again.revised), (0, 0));
    let place = Place::of(&connection, id, SCALES).unwrap().unwrap();
    assert_eq!(Trade::read(&connection, place, minutes(0, 3)).unwrap(), rows);
    assert_eq!(Trade::read(&connection, place, minutes(0, 1)).unwrap(), rows[..2]);
    let all = TimeRange::new(Time::from_ms(10), Time::from_ms(70_001));
    assert_eq!((Trade::bounds(&connection, place).unwrap(), Funding::bounds(&connection, place).unwrap()), (Some(all), None));
    assert_eq!(trades::newest(&connection, place, 2).unwrap(), rows[1..]);
    let changed = page(id, vec![trade(3, 70_000, "98.5")], vec![minutes(1, 2)], Vec::new());
    assert_eq!(write(&connection, &changed).unwrap().revised, 1);
    let told: (String, String, String, i64) = connection
        .query_row("SELECT field, old_value, new_value, trade_id FROM revisions", [], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })
        .unwrap();
    assert_eq!(told, ("price".into(), "99".into(), "98.5".into(), 3));
    let seen: Vec<String> = connection
        .prepare("SELECT time || ' ' || price || ' ' || size || ' ' || side FROM trades_view ORDER BY trade_id")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    assert_eq!(
        seen,
        [
            "1970-01-01T00:00:00.010000007Z 100.25 0.500 sell",
            "1970-01-01T00:00:00.010000007Z 100.123456 0.500 sell",
            "1970-01-01T00:01:10.000000007Z 98.50 0.500 sell"
        ]
    );
    let series = series::get(&connection, id).unwrap().unwrap();
    let check = check::check(&connection, &series, Time::from_ms(4 * MINUTE_MS)).unwrap();
    assert_eq!((check.stored, check.queued, check.faults.len()), (3, 1, 0), "an empty minute is covered");
    series::purge(&connection, id).unwrap();
    assert_eq!(connection.query_row("SELECT count(*) FROM trades", [], |row| row.get::<_, i64>(0)).unwrap(), 0);
}

#[test]
fn a_number_that_is_given_again_takes_no_earlier_trade_away() {
    let folder = tempfile::tempdir().unwrap();
    let (connection, id) = store(folder.path(), Dataset::Trades);
    let former = vec![trade(1, 10, "100"), trade(2, 60_010, "101")];
    write(&connection, &page(id, former.clone(), vec![minutes(0, 2)], Vec::new())).unwrap();
    let anew = vec![trade(1, 600_000, "5"), trade(7, 600_500, "6"), trade(2, 720_000, "7"), trade(8, 790_000, "8")];
    let outcome = write(&connection, &page(id, anew.clone(), vec![minutes(10, 14)], Vec::new())).unwrap();
    let place = Place::of(&connection, id, SCALES).unwrap().unwrap();
    assert_eq!(Trade::read(&connection, place, minutes(0, 2)).unwrap(), former);
    assert_eq!(Trade::read(&connection, place, minutes(10, 14)).unwrap(), [anew[1], anew[3]]);
    assert_eq!((outcome.stored, outcome.revised), (2, 0));
    assert_eq!(outcome.strangers, [anew[0].time, anew[2].time]);
    assert_eq!(outcome.held, [minutes(11, 12), minutes(13, 14)]);
    let reasons = |outcome: &PageOutcome| outcome.gaps.iter().map(|gap| (gap.range, gap.reason)).collect::<Vec<_>>();
    assert_eq!(reasons(&outcome), [(minutes(10, 11), GapReason::Unconfirmed), (minutes(12, 13), GapReason::Unconfirmed)]);
    let mut again = page(id, anew, vec![minutes(10, 14)], Vec::new());
    again.answer.asked.asked_at = Time::from_ms(9_000);
    let outcome = write(&connection, &again).unwrap();
    assert_eq!(reasons(&outcome), [(minutes(10, 11), GapReason::BadRow), (minutes(12, 13), GapReason::BadRow)]);
    let evidence = &outcome.gaps[0].evidence.as_ref().unwrap().answer;
    assert!(evidence.starts_with("its number stands for the trade of 1970-01-01T00:00:00.010Z: "), "{evidence}");
    let moved = page(id, vec![trade(2, 59_990, "101")], Vec::new(), Vec::new());
    assert_eq!(write(&connection, &moved).unwrap().revised, 1, "a time that was put right is a revision");
    write(&connection, &page(id, vec![trade(1, 900_000, "5")], vec![minutes(15, 16)], Vec::new())).unwrap();
    let log = ingest_log::tail(&connection, 0, 100).unwrap();
    let told: Vec<&str> = log.iter().filter_map(|entry| entry.message.split_once(", first: ")).map(|(count, _)| count).collect();
    assert_eq!(told, ["rejected 2 rows", "rejected 2 rows", "rejected 1 row"]);
}

#[test]
fn a_step_without_open_interest_is_a_gap_and_coverage_is_held_to_the_rows() {
    let folder = tempfile::tempdir().unwrap();
    let (connection, id) = store(folder.path(), Dataset::OpenInterest);
    let row = |minute: i64| OpenInterest {
        time: Time::from_ms(minute * MINUTE_MS),
        amount: parse_decimal("12345678901234567890.12345678").unwrap(),
        value: None,
    };
    let first = page(id, vec![row(0), row(10)], vec![minutes(0, 5), minutes(10, 15)], vec![minutes(5, 10)]);
    let outcome = write(&connection, &first).unwrap();
    assert_eq!(
        outcome.gaps.iter().map(|gap| (gap.range, gap.reason)).collect::<Vec<_>>(),
        [(minutes(5, 10), GapReason::Unconfirmed)]
    );
    let place = Place::of(&connection, id, SCALES).unwrap().unwrap();
    assert_eq!(OpenInterest::read(&connection, place, minutes(0, 20)).unwrap(), [row(0), row(10)]);
    let series = series::get(&connection, id).unwrap().unwrap();
    let faults = || check::check(&connection, &series, Time::from_ms(15 * MINUTE_MS)).unwrap().faults;
    assert_eq!(faults(), Vec::<String>::new());
    connection.execute("DELETE FROM open_interest WHERE time = 0", []).unwrap();
    assert_eq!(faults(), ["coverage differs from the rows: 0 ranges stored and not noted, 1 noted and not stored"]);
    check::rebuild(&connection).unwrap();
    assert_eq!(faults(), Vec::<String>::new());
}

#[test]
fn funding_may_be_negative_and_is_kept_to_the_last_digit() {
    let folder = tempfile::tempdir().unwrap();
    let (connection, id) = store(folder.path(), Dataset::Funding);
    let rate = parse_decimal("-0.0000123456789012345678").unwrap();
    let row = Funding { time: Time::from_ms(3), rate, mark_price: parse_decimal("64000.12").ok() };
    write(&connection, &page(id, vec![row], vec![minutes(0, 60)], Vec::new())).unwrap();
    let place = Place::of(&connection, id, SCALES).unwrap().unwrap();
    assert_eq!(Funding::read(&connection, place, minutes(0, 60)).unwrap(), [row]);
    let seen: (String, String) =
        connection.query_row("SELECT time, rate FROM funding_view", [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    assert_eq!(seen, ("1970-01-01T00:00:00.003Z".into(), "-0.0000123456789012345678".into()));
}
