use super::*;
use crate::domain::gap::{Gap, GapReason};
use crate::domain::instrument::{Instrument, Symbol, tests};
use crate::domain::log::LogLevel;
use crate::domain::time::{DAY_MS, HOUR_MS};
use crate::engine::query::CellCoverage;
use crate::store::Priority;
use crate::store::Store;

fn hours(from: i64, to: i64) -> TimeRange {
    TimeRange::new(Time::from_ms(from * HOUR_MS), Time::from_ms(to * HOUR_MS))
}

fn instrument(n: i64) -> Instrument {
    let base = format!("S{n}");
    Instrument { symbol: Symbol::spot(&base, "USDT"), native: format!("{base}USDT"), base, ..tests::instrument() }
}

/// A store of `count` series, wanted from hour 24 on; of the first, hours 24 to 30 are stored.
async fn store(folder: &tempfile::TempDir, count: i64) -> Store {
    let store = Store::open(&folder.path().join("store.sqlite")).unwrap();
    let write = move |connection: &Connection| {
        let list: Vec<Instrument> = (1..=count).map(instrument).collect();
        instruments::refresh(connection, ExchangeId::Binance, &list, Time::EPOCH)?;
        for instrument in list {
            let key = instruments::id(connection, ExchangeId::Binance, &instrument.native)?.unwrap();
            series::register(
                connection,
                key,
                crate::domain::dataset::Dataset::Candles,
                Interval::M1,
                Time::from_ms(DAY_MS),
                Time::EPOCH,
            )?;
        }
        connection.execute_batch("INSERT INTO coverage VALUES (1, 86400000, 108000000)")?;
        gaps::note(connection, SeriesId(1), hours(30, 31), |range| Gap::unasked(range, GapReason::NoCandle))?;
        for (n, level) in [LogLevel::Info, LogLevel::Warn, LogLevel::Info, LogLevel::Error].into_iter().enumerate() {
            ingest_log::append(connection, Time::EPOCH, level, "gaps", Some(SeriesId(1)), &format!("line {n}"))?;
        }
        Ok(())
    };
    store.writer().run(Priority::Live, write).await.unwrap();
    store
}

fn ask(store: &Store, query: &Query) -> Reply {
    answer(store, query, &|_| Time::from_ms(2 * DAY_MS + LATE_MS), &Terms::unasked).unwrap()
}

#[tokio::test]
async fn the_map_counts_what_the_ledgers_say() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder, 2).await;
    let range = hours(0, 72);
    let Reply::Coverage(data) = ask(&store, &Query::Coverage { range, cell: CoverageCell::Day }) else { panic!() };
    assert_eq!(data.edges, [0, 1, 2, 3].map(|day| Time::from_ms(day * DAY_MS)));
    let [(first, cells), (_, others)] = data.series.as_slice() else { panic!("{:?}", data.series) };
    let hour = |n: i64| n * HOUR_MS;
    assert_eq!(*first, SeriesId(1));
    assert_eq!(cells[0], CellCoverage::default(), "before the wanted range");
    assert_eq!(cells[1].stored_ms, hour(6));
    let missing: Vec<_> = cells[1].reasons().collect();
    assert_eq!(missing, [(GapReason::NoCandle, hour(1)), (GapReason::NotFetched, hour(17))]);
    assert_eq!(cells[2], CellCoverage::default(), "the future");
    assert_eq!(others[1].missing_ms(GapReason::NotFetched), hour(24));
}

#[tokio::test]
async fn gaps_come_with_a_plan() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder, 1).await;
    let gaps = |range: TimeRange| match ask(&store, &Query::Gaps { series: SeriesId(1), range }) {
        Reply::Gaps(gaps) => gaps,
        other => panic!("{other:?}"),
    };
    let inside = gaps(hours(24, 48));
    assert_eq!(inside.gaps.iter().map(|gap| gap.reason).collect::<Vec<_>>(), [GapReason::NoCandle, GapReason::NotFetched]);
    let plan = inside.plan.unwrap();
    assert_eq!((plan.range, plan.widens, plan.candles, plan.requests, plan.weight), (hours(31, 48), false, 1_020, 2, 4));
    assert_eq!(gaps(hours(24, 31)).plan, None, "nothing is owed");
    let before = gaps(hours(0, 24));
    assert!(before.gaps.is_empty() && before.wanted.is_empty());
    let plan = before.plan.unwrap();
    assert_eq!((plan.range, plan.widens, plan.candles), (hours(0, 24), true, 1_440));
    assert_eq!(gaps(hours(48, 60)).plan, None, "the future cannot be fetched");
}

#[tokio::test]
async fn the_log_is_read_page_by_page() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder, 1).await;
    let check = |before: Option<i64>, limit: usize, level: Option<LogLevel>, expected: (&[&str], bool)| {
        let filter = LogFilter { level, ..LogFilter::default() };
        let Reply::Log(page) = ask(&store, &Query::Log { before, limit, filter }) else { panic!() };
        let messages: Vec<&str> = page.entries.iter().map(|entry| entry.message.as_str()).collect();
        assert_eq!((messages.as_slice(), page.is_first), expected);
        assert!(page.entries.iter().all(|entry| entry.series.as_deref() == Some("S1/USDT 1m")));
    };
    check(None, 2, None, (&["line 2", "line 3"], false));
    check(Some(3), 2, None, (&["line 0", "line 1"], false));
    check(Some(3), 3, None, (&["line 0", "line 1"], true));
    check(None, 9, Some(LogLevel::Warn), (&["line 1", "line 3"], true));
}

/// Fifty fragmented series at four hundred cells: a screen never waits long for its map.
#[tokio::test]
async fn a_large_map_is_quick() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder, 50).await;
    let fragment = |connection: &Connection| {
        for id in 1..=50_i64 {
            let mut insert = connection.prepare_cached("INSERT OR REPLACE INTO coverage VALUES (?1, ?2, ?3)")?;
            for n in 0..400_i64 {
                insert.execute([id, (2 + n) * DAY_MS, (2 + n) * DAY_MS + HOUR_MS])?;
            }
        }
        Ok(())
    };
    store.writer().run(Priority::Live, fragment).await.unwrap();
    let query = Query::Coverage { range: hours(0, 400 * 24), cell: CoverageCell::Day };
    let began = std::time::Instant::now();
    let Ok(Reply::Coverage(data)) = answer(&store, &query, &|_| Time::from_ms(402 * DAY_MS), &Terms::unasked) else { panic!() };
    assert_eq!((data.series.len(), data.edges.len()), (50, 401));
    assert!(began.elapsed() < std::time::Duration::from_secs(2), "{:?} unoptimised", began.elapsed());
}
