//! The store's file as others meet it: stores of earlier versions, the schema, files that are not
//! ours, and the view for people with a SQLite shell.

use crate::support::program::csv;
use crate::support::rig::{Rig, seen};
use crate::support::time;
use marketdata_tui::domain::gap::GapReason;
use marketdata_tui::domain::interval::Interval;
use marketdata_tui::domain::price::{Decimal, trimmed};
use marketdata_tui::domain::range::TimeRange;
use marketdata_tui::domain::series::Series;
use marketdata_tui::domain::time::Time;
use marketdata_tui::sim::{Fault, FaultRule, Market, SimClock, SimConfig, Simulation, When, markets};
use marketdata_tui::store::lock::{Lock, TakeLock};
use marketdata_tui::store::{Connection, Store, StoreError, candles, check, gaps, migration, revisions, series};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use tempfile::TempDir;

const NOW: &str = "2025-06-01T08:30:10Z";

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/store").join(name)
}

fn everything() -> TimeRange {
    TimeRange::new(Time::EPOCH, time("2100-01-01"))
}

/// A copy of the committed store, opened.
fn opened(name: &str) -> (TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::copy(fixture(name), &path).unwrap();
    let store = Store::open(&path).unwrap();
    (folder, store)
}

fn all_series(store: &Store) -> Vec<Series> {
    store.readers().with(series::all).unwrap()
}

/// Every candle of every series, under a line with its name.
fn written_out(store: &Store) -> String {
    let mut text = String::new();
    for series in all_series(store) {
        let rows = store
            .readers()
            .with(|connection| candles::read(connection, series.id, series.instrument.scales, everything()))
            .unwrap();
        let _ = write!(text, "{} {}\n{}", series.instrument.symbol, series.interval, csv(&rows));
    }
    text
}

/// Three minutes whose volumes need more digits than a cell's integer has.
fn wide_market(folder: &Path) -> Market {
    let file = folder.join("wide.csv");
    let rows = "open_time_ms,open,high,low,close,volume,close_time,quote_volume,trades,taker_buy_base,taker_buy_quote\n\
        1748766420000,0.00000123,0.00000125,0.00000121,0.00000124,9876543210987.12345678,1748766479999,12148147.5,7,1.5,0.00000185\n\
        1748766480000,0.00000124,0.00000124,0.00000124,0.00000124,0,1748766539999,0,0,0,0\n\
        1748766540000,0.00000124,0.00000131,0.00000124,0.0000013,92233720368.54775807,1748766599999,119903.8,3,92233720368.54775808,1\n";
    std::fs::write(&file, rows).unwrap();
    Market::recorded("WIDE", "USDT", Interval::M1, &file).unwrap()
}

/// A small store with all that a store can hold: an explained outage, exact text cells, a revision.
/// Returns what the exchange traded, as [`written_out`] would.
async fn make(path: &Path) -> String {
    let folder = tempfile::tempdir().unwrap();
    let mut traded = markets::demo(1);
    traded.push(wide_market(folder.path()));
    let clock = SimClock::From { at: time(NOW), speed: 0.0 };
    let sim = Simulation::start(SimConfig { clock, markets: traded, ..SimConfig::default() }).await.unwrap();
    let mut rig = Rig::on(sim);
    let to = time("2025-06-01T08:30:00Z");
    let wanted =
        [("OUT/USDT", "2025-06-01T01:40:00Z"), ("WIDE/USDT", "2025-06-01T08:27:00Z"), ("PEPE/USDT", "2025-06-01T08:20:00Z")];
    for (symbol, from) in wanted {
        let (_, job) = rig.want(symbol, Interval::M1, TimeRange::new(time(from), to)).await;
        if symbol == "PEPE/USDT" {
            let last = When::At(to.plus_ms(-60_000));
            rig.sim.set_faults(vec![FaultRule::always(Fault::RevisedRow).when(last).times(1)]);
        }
        rig.run(job).await;
    }
    rig.sim.advance_clock(60_000);
    rig.exchange.sync_clock().await.unwrap();
    rig.settings.records = true;
    let engine = rig.start().await;
    seen(&engine, "the revision", |snapshot| {
        let revised = snapshot.log.iter().any(|entry| entry.message.contains("changed the closed candle"));
        (revised && snapshot.series.iter().any(|series| series.last_candle_end == Some(to.plus_ms(60_000)))).then_some(())
    })
    .await;
    engine.stop().await;
    let connection = Connection::open(rig.path()).unwrap();
    connection.execute("VACUUM INTO ?1", [path.to_str().unwrap()]).unwrap();
    let mut traded = String::new();
    for (symbol, from) in [wanted[0], wanted[2], wanted[1]] {
        let market = rig.sim.markets().iter().find(|market| market.symbol() == symbol).unwrap();
        let rows = market.candles(Interval::M1, TimeRange::new(time(from), to.plus_ms(60_000)));
        let _ = write!(traded, "{symbol} 1m\n{}", csv(&rows));
    }
    traded
}

/// What is recorded today reads as it was traded. With `WRITE_STORE_FIXTURE` set the store stays
/// as the fixture of a new schema version; one that is there is never written again.
#[tokio::test]
async fn a_store_made_today_reads_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("today.sqlite");
    let traded = make(&path).await;
    let fixture = fixture(&format!("v{}.sqlite", migration::VERSION));
    if std::env::var_os("WRITE_STORE_FIXTURE").is_some() && !fixture.exists() {
        std::fs::copy(&path, fixture).unwrap();
    }
    assert_eq!(written_out(&Store::open(&path).unwrap()), traded);
}

/// Every candle of the committed stores.
fn committed() -> String {
    std::fs::read_to_string(fixture("v1.csv")).unwrap()
}

#[test]
fn stores_of_earlier_versions_open_and_read_the_same() {
    for name in ["v1.sqlite", "v2.sqlite"] {
        opens_and_reads_the_same(name);
    }
}

fn opens_and_reads_the_same(name: &str) {
    let (_folder, store) = opened(name);
    assert!(std::fs::metadata(fixture(name)).unwrap().len() < 300_000);
    assert_eq!(written_out(&store), committed());
    let now = time("2025-06-01T08:31:10Z");
    store
        .readers()
        .with(|connection| {
            assert_eq!(check::integrity(connection)?, Vec::<String>::new());
            let list = series::all(connection)?;
            let names: Vec<&str> = list.iter().map(|series| series.instrument.symbol.as_str()).collect();
            assert_eq!(names, ["OUT/USDT", "PEPE/USDT", "WIDE/USDT"]);
            for series in &list {
                let report = check::check(connection, series, now)?;
                assert_eq!(report.faults, Vec::<String>::new());
                assert_eq!(report.wanted_candles, report.stored + report.explained + report.queued);
            }
            let outage = gaps::all(connection, list[0].id)?;
            assert_eq!((outage.len(), outage[0].range, outage[0].reason), (1, markets::OUTAGE, GapReason::NoCandle));
            assert!(outage[0].asked_count == 2 && outage[0].evidence.is_some());
            let revised = revisions::all(connection, list[1].id)?;
            assert!(revised.iter().any(|revision| revision.field == "close"), "{revised:?}");
            assert!(revised.iter().all(|revision| revision.open_time == time("2025-06-01T08:29:00Z")));
            Ok(())
        })
        .unwrap();
}

fn schema(connection: &Connection) -> Vec<String> {
    let mut statement = connection.prepare("SELECT sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY name").unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

/// A new store is what `schema.sql` says, to the letter; an old one is of the same version. That the
/// two are of one shape is held beside the migrations.
#[test]
fn every_store_has_the_schema_of_the_file() {
    let plain = Connection::open_in_memory().unwrap();
    plain.execute_batch(&std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/schema.sql")).unwrap()).unwrap();
    let expected = schema(&plain);
    assert!(expected.len() > 15);
    let folder = tempfile::tempdir().unwrap();
    let fresh = Store::open(&folder.path().join("fresh.sqlite")).unwrap();
    assert_eq!(fresh.readers().with(|connection| Ok(schema(connection))).unwrap(), expected);
    let (_old_folder, old) = opened("v1.sqlite");
    for store in [fresh, old] {
        let version: i64 =
            store.readers().with(|connection| Ok(connection.query_row("PRAGMA user_version", [], |row| row.get(0))?)).unwrap();
        assert_eq!(version, migration::VERSION);
    }
}

/// Refused, and the same bytes as before with nothing beside them.
fn refused(path: &Path, check: impl Fn(&StoreError) -> bool) {
    let before = std::fs::read(path).unwrap();
    let error = Store::open(path).err().unwrap();
    assert!(check(&error), "{error}");
    assert!(error.to_string().contains(path.to_str().unwrap()), "names the file: {error}");
    assert!(std::fs::read(path).unwrap() == before, "left untouched");
    let beside = std::fs::read_dir(path.parent().unwrap()).unwrap().count();
    assert_eq!(beside, 1, "and nothing put beside it");
}

#[test]
fn what_is_not_ours_is_left_alone() {
    let folder = || tempfile::tempdir().unwrap();
    let newer = folder();
    let path = newer.path().join("newer.sqlite");
    std::fs::copy(fixture("v1.sqlite"), &path).unwrap();
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    refused(&path, |error| matches!(error, StoreError::Newer { found: 99, known: migration::VERSION, .. }));

    let foreign = folder();
    let path = foreign.path().join("foreign.sqlite");
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE notes (text TEXT); INSERT INTO notes VALUES ('mine')").unwrap();
    refused(&path, |error| matches!(error, StoreError::NotAStore { .. }));

    // Empty, but marked by another program.
    let marked = folder();
    let path = marked.path().join("marked.sqlite");
    Connection::open(&path).unwrap().pragma_update(None, "application_id", 0x1234).unwrap();
    refused(&path, |error| matches!(error, StoreError::NotAStore { .. }));

    let text = folder();
    let path = text.path().join("text.sqlite");
    std::fs::write(&path, "no database at all, and longer than a header of a hundred bytes ".repeat(4)).unwrap();
    refused(&path, |error| matches!(error, StoreError::NotAStore { .. }));
}

/// `candles_view` prints integer cells and text cells alike, with the very numbers of the export.
#[test]
fn the_view_prints_what_the_export_says() {
    let (_folder, store) = opened("v1.sqlite");
    let columns = "open, high, low, close, volume, quote_volume, trade_count, taker_buy_volume, taker_buy_quote_volume";
    let mut kinds: Vec<String> = Vec::new();
    for series in all_series(&store) {
        let (rows, viewed, types) = store
            .readers()
            .with(|connection| {
                let rows = candles::read(connection, series.id, series.instrument.scales, everything())?;
                let sql = format!(
                    "SELECT open_time, {columns}, symbol, interval, time FROM candles_view WHERE series_id = ?1 ORDER BY 1"
                );
                let mut statement = connection.prepare(&sql)?;
                let mut viewed = Vec::new();
                let mut lines = statement.query([series.id.0])?;
                while let Some(line) = lines.next()? {
                    let mut cells = vec![line.get::<_, i64>(0)?.to_string()];
                    for column in 1..10 {
                        let text: String = if column == 7 { line.get::<_, i64>(7)?.to_string() } else { line.get(column)? };
                        cells.push(trimmed(Decimal::from_str_exact(&text).unwrap()));
                    }
                    assert_eq!(line.get::<_, String>(10)?, series.instrument.symbol.as_str());
                    assert_eq!(line.get::<_, String>(11)?, series.interval.name());
                    assert_eq!(line.get::<_, String>(12)?, Time::from_ms(line.get(0)?).iso());
                    viewed.push(cells.join(","));
                }
                let sql = "SELECT DISTINCT typeof(volume) || ' ' || typeof(taker_buy_volume) FROM candles WHERE series_id = ?1";
                let mut statement = connection.prepare(sql)?;
                let types = statement.query_map([series.id.0], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?;
                Ok((rows, viewed, types))
            })
            .unwrap();
        let export: Vec<String> = csv(&rows).lines().skip(1).map(str::to_owned).collect();
        assert!(!export.is_empty());
        assert_eq!(viewed, export, "{}", series.instrument.symbol);
        kinds.extend(types);
    }
    for kind in ["integer integer", "text integer", "integer text"] {
        assert!(kinds.iter().any(|found| found == kind), "{kind} is tested: {kinds:?}");
    }
}

/// `status` and `list` look at the lock all the time; a look must never pass for a recorder.
#[test]
fn looking_at_the_lock_never_takes_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.sqlite");
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    Lock::is_held(&path);
                }
            });
        }
        let refused = (0..500).filter(|_| !matches!(Lock::take(&path).unwrap(), TakeLock::Taken(_))).count();
        stop.store(true, Ordering::Relaxed);
        assert_eq!(refused, 0);
    });
}
