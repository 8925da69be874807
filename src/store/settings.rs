//! What the app remembers of itself, and the signal by which processes tell each other of changes.

use super::error::StoreError;
use rusqlite::{Connection, OptionalExtension as _, params};

/// Grows whenever series or jobs change, so that a recorder notices what another process asked for.
const REGISTRY_REVISION: &str = "registry_revision";

/// Stands in a store whose data come from the built-in simulation.
const SIMULATED: &str = "simulated";

/// A remembered value.
pub fn get(connection: &Connection, key: &str) -> Result<Option<String>, StoreError> {
    Ok(connection
        .prepare_cached("SELECT value FROM app_settings WHERE key = ?1")?
        .query_row([key], |row| row.get(0))
        .optional()?)
}

/// Remembers a value.
pub fn set(connection: &Connection, key: &str, value: &str) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO app_settings (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        )?
        .execute(params![key, value])?;
    Ok(())
}

/// Remembers a front end's value; refuses a key that the store keeps for itself.
pub fn remember(connection: &Connection, key: &str, value: &str) -> Result<(), StoreError> {
    if [REGISTRY_REVISION, SIMULATED].contains(&key) {
        return Err(StoreError::Corrupt(format!("`{key}` is the store's own")));
    }
    set(connection, key, value)
}

/// The present registry revision.
pub fn registry_revision(connection: &Connection) -> Result<i64, StoreError> {
    Ok(get(connection, REGISTRY_REVISION)?.and_then(|text| text.parse().ok()).unwrap_or(0))
}

/// Tells the recorder, whichever process it is, that series or jobs changed.
pub fn registry_changed(connection: &Connection) -> Result<(), StoreError> {
    let next = registry_revision(connection)? + 1;
    set(connection, REGISTRY_REVISION, &next.to_string())
}

/// Whether the data of this store come from the built-in simulation.
pub fn is_simulated(connection: &Connection) -> Result<bool, StoreError> {
    Ok(get(connection, SIMULATED)?.is_some())
}

/// Refuses a store whose data are of the other sort than those that are to come: simulated and recorded
/// ones could never be told apart again. A store without a series is of no sort yet.
pub fn suits(connection: &Connection, simulated: bool) -> Result<(), StoreError> {
    let path = || connection.path().unwrap_or_default().into();
    match (is_simulated(connection)?, simulated) {
        (true, false) => Err(StoreError::Simulated { path: path() }),
        (false, true) if connection.query_row("SELECT EXISTS (SELECT 1 FROM series)", [], |row| row.get(0))? => {
            Err(StoreError::Recorded { path: path() })
        }
        _ => Ok(()),
    }
}

/// The same, and marks a store that is to hold simulated data.
pub fn claim(connection: &Connection, simulated: bool) -> Result<(), StoreError> {
    suits(connection, simulated)?;
    if simulated { set(connection, SIMULATED, "1") } else { Ok(()) }
}
