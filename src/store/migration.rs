//! Schema versions. Migrations are only ever added, never changed: a store of any older version
//! must open with every later program.

#[cfg(test)]
mod tests;

use super::error::StoreError;
use rusqlite::{Connection, TransactionBehavior};
use std::path::Path;

/// The schema of a new store, as `schema.sql` in the project's root.
pub const SCHEMA: &str = include_str!("../../schema.sql");

/// The schema version that this program writes.
pub const VERSION: i64 = 3;

/// `(version it leads to, SQL)`, ascending; version 1 is where stores began, so the list starts at 2.
const MIGRATIONS: &[(i64, &str)] = &[
    (2, include_str!("migrations/0002_alerts.sql")),
    (2, include_str!("migrations/0002_job_position.sql")),
    (3, include_str!("migrations/0003_datasets.sql")),
    (3, include_str!("migrations/0003_stream_losses.sql")),
];

/// Marks the file as ours ("mdt1"), so that another program's database is never touched.
const APPLICATION_ID: i64 = 0x6d64_7431;

/// Brings the store to [`VERSION`] in one transaction, or refuses it.
pub fn migrate(connection: &mut Connection, path: &Path) -> Result<(), StoreError> {
    let (version, application) = versions(connection)?;
    if version == VERSION && application == APPLICATION_ID {
        return Ok(());
    }
    // A table that others refer to may be built anew: that must neither fail nor delete their rows.
    // Within a transaction this setting could not be changed.
    connection.pragma_update(None, "foreign_keys", false)?;
    let outcome = upgrade(connection, path);
    connection.pragma_update(None, "foreign_keys", true)?;
    outcome
}

fn upgrade(connection: &mut Connection, path: &Path) -> Result<(), StoreError> {
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
    let dangling: i64 = transaction.query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |row| row.get(0))?;
    if dangling > 0 {
        return Err(StoreError::Corrupt(format!("{dangling} rows refer to rows that are not there")));
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

/// Refuses what cannot be read as it is: what [`recognise`] refuses, and an older schema. Only reads.
pub(super) fn is_present(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    if recognise(connection, path)? == 0 {
        return Err(StoreError::NotAStore { path: path.to_owned(), cause: "it is empty".into() });
    }
    let (found, _) = versions(connection)?;
    if found < VERSION {
        return Err(StoreError::Older { path: path.to_owned(), found, known: VERSION });
    }
    Ok(())
}

fn versions(connection: &Connection) -> Result<(i64, i64), StoreError> {
    let version = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let application = connection.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    Ok((version, application))
}
