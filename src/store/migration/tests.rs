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

fn v1() -> Connection {
    let connection = Connection::open_in_memory().unwrap();
    connection.execute_batch(V1).unwrap();
    connection.pragma_update(None, "application_id", APPLICATION_ID).unwrap();
    connection.pragma_update(None, "user_version", 1).unwrap();
    connection
}

#[test]
fn an_old_store_becomes_the_same_as_a_new_one() {
    let path = Path::new("store.sqlite");
    let mut old = v1();
    let changes_something = shape(&old);
    migrate(&mut old, path).unwrap();
    let mut new = Connection::open_in_memory().unwrap();
    migrate(&mut new, path).unwrap();
    assert_eq!(shape(&old), shape(&new));
    assert_ne!(shape(&old), changes_something);
    assert_eq!(versions(&old).unwrap(), (VERSION, APPLICATION_ID));
    assert_eq!(versions(&new).unwrap(), (VERSION, APPLICATION_ID));
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
