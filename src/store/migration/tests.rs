use super::*;

/// The schema as version 1 wrote it; never changed.
const V1: &str = include_str!("../../../tests/fixtures/store/v1.sql");

/// What makes a schema: its objects, and of tables their columns, keys and references.
fn shape(connection: &Connection) -> Vec<String> {
    let list = |sql: &str| -> Vec<String> {
        let mut statement = connection.prepare(sql).unwrap();
        let columns = statement.column_count();
        let rows = statement.query_map([], |row| {
            let cells = (0..columns).map(|at| row.get::<_, rusqlite::types::Value>(at).map(|cell| format!("{cell:?}")));
            cells.collect::<Result<Vec<_>, _>>().map(|cells| cells.join(" "))
        });
        rows.unwrap().collect::<Result<_, _>>().unwrap()
    };
    let mut shape = list("SELECT type, name, tbl_name FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY type, name");
    for pragma in ["table_xinfo", "foreign_key_list", "index_list"] {
        shape.extend(list(&format!(
            "SELECT '{pragma}', s.name, p.* FROM sqlite_schema s, pragma_{pragma}(s.name) p WHERE s.type = 'table' ORDER BY 2, 3"
        )));
    }
    shape.extend(list(
        "SELECT s.name, p.* FROM sqlite_schema s, pragma_index_xinfo(s.name) p WHERE s.type = 'index' ORDER BY s.name, p.seqno",
    ));
    shape
}

/// The same of version 2.
const V2: &str = include_str!("../../../tests/fixtures/store/v2.sql");

fn old(version: i64, schema: &str) -> Connection {
    let connection = Connection::open_in_memory().unwrap();
    connection.execute_batch(schema).unwrap();
    connection.pragma_update(None, "application_id", APPLICATION_ID).unwrap();
    connection.pragma_update(None, "user_version", version).unwrap();
    connection
}

fn v1() -> Connection {
    old(1, V1)
}

#[test]
fn an_old_store_becomes_the_same_as_a_new_one() {
    let path = Path::new("store.sqlite");
    for mut old in [v1(), old(2, V2)] {
        let changes_something = shape(&old);
        migrate(&mut old, path).unwrap();
        let mut new = Connection::open_in_memory().unwrap();
        migrate(&mut new, path).unwrap();
        assert_eq!(shape(&old), shape(&new));
        assert_ne!(shape(&old), changes_something);
        assert_eq!(versions(&old).unwrap(), (VERSION, APPLICATION_ID));
        assert_eq!(versions(&new).unwrap(), (VERSION, APPLICATION_ID));
    }
}

/// The table of series is built anew: what refers to it stays, and no number is given twice.
#[test]
fn what_refers_to_series_outlives_their_new_table() {
    let mut store = old(2, V2);
    store
        .execute_batch(
            "PRAGMA foreign_keys = ON;
             INSERT INTO instruments VALUES (1, 'binance', 'BTC/USDT', 'BTCUSDT', 'BTC', 'USDT', 'trading', 2, 2, 8, 8, 0);
             INSERT INTO series VALUES (7, 1, 60000, 1, 0, NULL, 0), (9, 1, 300000, 1, 0, NULL, 0);
             DELETE FROM series WHERE id = 9;
             INSERT INTO alerts VALUES (3, 7, 'gap_found', NULL, NULL, 1, 0);
             INSERT INTO backfill_jobs VALUES (2, 7, 0, 60000, 'done', NULL, 0, 0, 0);",
        )
        .unwrap();
    migrate(&mut store, Path::new("store.sqlite")).unwrap();
    let count = |sql: &str| store.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(count("SELECT count(*) FROM alerts JOIN series ON series.id = series_id"), 1);
    assert_eq!(count("SELECT count(*) FROM backfill_jobs JOIN series ON series.id = series_id"), 1);
    assert_eq!(count("SELECT count(*) FROM series WHERE dataset = 'candles' AND id = 7"), 1);
    assert_eq!(count("PRAGMA foreign_keys"), 1);
    store
        .execute("INSERT INTO series (instrument_id, dataset, interval_ms, active, wanted_from, created_at) VALUES (1, 'trades', 60000, 1, 0, 0)", [])
        .unwrap();
    assert_eq!(store.last_insert_rowid(), 10);
    store.execute("DELETE FROM series WHERE id = 7", []).unwrap_err();
}

#[test]
fn rows_outlive_the_migration_and_a_second_one_changes_nothing() {
    let path = Path::new("store.sqlite");
    let mut store = v1();
    store.execute("INSERT INTO app_settings (key, value) VALUES ('tui', 'screen=chart')", []).unwrap();
    migrate(&mut store, path).unwrap();
    let before = shape(&store);
    migrate(&mut store, path).unwrap();
    assert_eq!(shape(&store), before);
    let value: String = store.query_row("SELECT value FROM app_settings WHERE key = 'tui'", [], |row| row.get(0)).unwrap();
    assert_eq!(value, "screen=chart");
}

#[test]
fn stores_of_others_and_of_the_future_are_refused() {
    let path = Path::new("store.sqlite");
    let mut newer = v1();
    newer.pragma_update(None, "user_version", VERSION + 1).unwrap();
    assert!(matches!(migrate(&mut newer, path), Err(StoreError::Newer { .. })));
    let mut other = Connection::open_in_memory().unwrap();
    other.execute_batch("CREATE TABLE notes (text TEXT)").unwrap();
    assert!(matches!(migrate(&mut other, path), Err(StoreError::NotAStore { .. })));
}

#[test]
fn migrations_ascend_to_the_present() {
    assert!(MIGRATIONS.is_sorted_by_key(|(leads_to, _)| *leads_to));
    assert_eq!(MIGRATIONS.last().map(|(leads_to, _)| *leads_to), Some(VERSION));
}

#[test]
fn jobs_of_an_old_store_keep_the_order_in_which_they_were_asked_for() {
    let mut store = v1();
    store
        .execute_batch(
            "INSERT INTO instruments VALUES (1, 'binance', 'BTC/USDT', 'BTCUSDT', 'BTC', 'USDT', 'trading', 2, 8, 8, 8, 0);
             INSERT INTO series VALUES (1, 1, 60000, 1, 0, NULL, 0);
             INSERT INTO backfill_jobs VALUES (7, 1, 0, 60000, 'running', NULL, 0, NULL), (9, 1, 0, 60000, 'done', NULL, 0, 1);",
        )
        .unwrap();
    migrate(&mut store, Path::new("store.sqlite")).unwrap();
    let mut jobs = store.prepare("SELECT id, position FROM backfill_jobs ORDER BY id").unwrap();
    let order: Vec<(i64, i64)> =
        jobs.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().collect::<Result<_, _>>().unwrap();
    assert_eq!(order, [(7, 7), (9, 9)]);
}

/// The shape says nothing of what a column accepts.
#[test]
fn old_stores_take_the_reasons_that_were_added() {
    for mut old in [v1(), old(2, V2)] {
        old.execute_batch(
            "INSERT INTO gaps (series_id, from_time, to_time, reason, asked_count) VALUES (1, 0, 5, 'no_candle', 2)",
        )
        .unwrap();
        migrate(&mut old, Path::new("store.sqlite")).unwrap();
        for (from, reason) in [(10, "lost"), (20, "no_trades")] {
            let sql = format!(
                "INSERT INTO gaps (series_id, from_time, to_time, reason, asked_count) VALUES (1, {from}, 15 + {from}, '{reason}', 0)"
            );
            old.execute_batch(&sql).unwrap();
        }
        let count: i64 = old.query_row("SELECT count(*) FROM gaps", [], |row| row.get(0)).unwrap();
        assert_eq!(count, 3, "what was noted before is still there");
    }
}
