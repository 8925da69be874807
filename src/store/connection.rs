//! Opening the file: permissions, pragmas, migration.

use super::error::StoreError;
use super::migration;
use rusqlite::{Connection, OpenFlags};
use std::path::Path;
use std::time::Duration;

/// How long a write waits for another process.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Prepared statements that a connection keeps.
const STATEMENTS: usize = 64;

/// Opens the file for writing, creating it and its directory (owner-only) and migrating it.
pub fn open_writer(path: &Path) -> Result<Connection, StoreError> {
    prepare_file(path)?;
    let mut connection = Connection::open(path).map_err(|error| not_a_store(path, &error))?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // Before anything that writes: journal_mode changes the header even of a file that is not ours.
    connection.query_row("PRAGMA schema_version", [], |_| Ok(())).map_err(|error| not_a_store(path, &error))?;
    migration::recognise(&connection, path)?;
    // page_size only has effect before the first table.
    connection.execute_batch("PRAGMA page_size = 8192; PRAGMA journal_mode = WAL;").map_err(|error| not_a_store(path, &error))?;
    connection.execute_batch(
        "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 2000; PRAGMA journal_size_limit = 67108864;
         PRAGMA cache_size = -8192; PRAGMA mmap_size = 0; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY;",
    )?;
    migration::migrate(&mut connection, path)?;
    Ok(connection)
}

/// Flags of a reader: it can never write.
pub(super) fn reader_flags() -> OpenFlags {
    OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX
}

/// Settings of a reader.
pub(super) fn prepare_reader(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.execute_batch("PRAGMA cache_size = -4096; PRAGMA mmap_size = 0; PRAGMA query_only = ON;")
}

/// Bytes of the file and its write-ahead log.
pub(super) fn bytes(path: &Path) -> u64 {
    let size = |path: &Path| std::fs::metadata(path).map_or(0, |file| file.len());
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    size(path) + size(Path::new(&log))
}

fn not_a_store(path: &Path, error: &rusqlite::Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::NotADatabase | rusqlite::ErrorCode::DatabaseCorrupt) => {
            StoreError::NotAStore { path: path.to_owned(), cause: error.to_string() }
        }
        Some(rusqlite::ErrorCode::DiskFull | rusqlite::ErrorCode::DatabaseBusy) => StoreError::Sql(error.to_string()),
        _ => StoreError::File { path: path.to_owned(), cause: error.to_string() },
    }
}

/// Creates directory and file for their owner alone; SQLite gives its side files the same mode.
fn prepare_file(path: &Path) -> Result<(), StoreError> {
    let fail = |cause: std::io::Error| StoreError::File { path: path.to_owned(), cause: cause.to_string() };
    if let Some(directory) = path.parent().filter(|directory| !directory.as_os_str().is_empty() && !directory.exists()) {
        create_private_dir(directory).map_err(fail)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(fail)?;
    Ok(())
}

fn create_private_dir(directory: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)
}
