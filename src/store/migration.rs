//! Schema versions. Migrations are only ever added, never changed: a store of any older version
//! must open with every later program.

use super::error::StoreError;
use rusqlite::{Connection, TransactionBehavior};
use std::path::Path;

/// The schema of a new store, as `schema.sql` in the project's root.
pub const SCHEMA: &str = include_str!("../../schema.sql");

/// The schema version that this program writes.
pub const VERSION: i64 = 2;

/// `(version it leads to, SQL)`; version 1 is where stores began, so the list starts at 2.
const MIGRATIONS: &[(i64, &str)] = &[(2, include_str!("migrations/0002_job_position.sql"))];

/// Marks the file as ours ("mdt1"), so that another program's database is never touched.
const APPLICATION_ID: i64 = 0x6d64_7431;

/// Brings the store to [`VERSION`] in one transaction, or refuses it.
pub fn migrate(connection: &mut Connection, path: &Path) -> Result<(), StoreError> {
    let (version, application) = versions(connection)?;
    if version == VERSION && application == APPLICATION_ID {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process may have migrated while this one waited for the lock.
    let (version, _) = versions(&transaction)?;
    let tables = recognise(&transaction, path)?;
    if tables == 0 {
        transaction.execute_batch(SCHEMA)?;
    } else {
        for (_, sql) in MIGRATIONS.iter().filter(|(leads_to, _)| *leads_to > version) {
            transaction.execute_batch(sql)?;
        }
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", VERSION)?;
    transaction.commit()?;
    Ok(())
}

/// Refuses a file that another program or a later version has written; returns how many tables,
/// indexes and views it holds. Only reads.
pub(super) fn recognise(connection: &Connection, path: &Path) -> Result<i64, StoreError> {
    let (version, application) = versions(connection)?;
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if application != APPLICATION_ID && (application != 0 || tables > 0) {
        return Err(StoreError::NotAStore { path: path.to_owned(), cause: "it holds other tables".into() });
    }
    if version > VERSION {
        return Err(StoreError::Newer { path: path.to_owned(), found: version, known: VERSION });
    }
    Ok(tables)
}

fn versions(connection: &Connection) -> Result<(i64, i64), StoreError> {
    let version = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let application = connection.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    Ok((version, application))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A store as version 1 made it.
    const VERSION_1: &str = include_str!("../../tests/fixtures/store/version1.sql");

    /// Tables with their columns, indexes and views: whatever `ALTER TABLE` leaves of their text.
    fn shape(connection: &Connection) -> Vec<String> {
        let rows = |sql: &str| {
            let mut statement = connection.prepare(sql).unwrap();
            let rows = statement.query_map([], |row| row.get::<_, String>(0)).unwrap();
            rows.map(Result::unwrap).collect::<Vec<_>>()
        };
        let mut shape = rows(
            "SELECT t.name || '.' || c.name || ' ' || c.type || ' ' || c.\"notnull\" || ' ' || coalesce(c.dflt_value, '') || ' ' || c.pk
             FROM pragma_table_list AS t JOIN pragma_table_xinfo(t.name) AS c WHERE t.schema = 'main' ORDER BY t.name, c.cid",
        );
        shape.extend(rows("SELECT name || ' ' || strict || wr FROM pragma_table_list WHERE schema = 'main' ORDER BY name"));
        shape.extend(rows("SELECT name || ' ' || coalesce(sql, '') FROM sqlite_schema WHERE type <> 'table' ORDER BY name"));
        shape
    }

    #[test]
    fn a_migrated_store_is_shaped_as_a_new_one_and_keeps_its_rows() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.sqlite");
        let mut old = Connection::open(&path).unwrap();
        old.execute_batch(VERSION_1).unwrap();
        old.execute_batch(
            "PRAGMA application_id = 0x6d647431; PRAGMA user_version = 1;
             INSERT INTO instruments VALUES (1, 'binance', 'BTC/USDT', 'BTCUSDT', 'BTC', 'USDT', 'trading', 2, 8, 8, 8, 0);
             INSERT INTO series VALUES (1, 1, 60000, 1, 0, NULL, 0);
             INSERT INTO backfill_jobs VALUES (7, 1, 0, 60000, 'running', NULL, 0, NULL), (9, 1, 0, 60000, 'done', NULL, 0, 1);",
        )
        .unwrap();
        migrate(&mut old, &path).unwrap();
        let mut new = Connection::open_in_memory().unwrap();
        migrate(&mut new, &path).unwrap();
        assert_eq!(shape(&old), shape(&new));
        assert_eq!(versions(&old).unwrap(), (VERSION, APPLICATION_ID));
        let order: Vec<(i64, i64)> = old
            .prepare("SELECT id, position FROM backfill_jobs ORDER BY id")
            .unwrap()
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        assert_eq!(order, [(7, 7), (9, 9)]);
    }
}
