//! Opening the file: permissions, pragmas, migration.

use super::error::StoreError;
use super::migration;
use rusqlite::{Connection, OpenFlags};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a write waits for another process.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Prepared statements that a connection keeps.
const STATEMENTS: usize = 64;

/// Opens the file for writing, creating it and its directory (owner-only) and migrating it.
pub fn open_writer(path: &Path) -> Result<Connection, StoreError> {
    must_be_a_file(path)?;
    prepare_file(path)?;
    prepared(path).map_err(|error| error.at(path))
}

fn prepared(path: &Path) -> Result<Connection, StoreError> {
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
    OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI
}

/// The name by which a store opens for readers alone, once it has been looked at. Readers share their marks in
/// files beside it; where those cannot be made nobody writes either, and then the file is opened as one that
/// stays as it is.
pub(super) fn readable(path: &Path) -> Result<PathBuf, StoreError> {
    must_be_a_file(path)?;
    let look = |name: &Path| -> Result<Connection, rusqlite::Error> {
        let connection = Connection::open_with_flags(name, reader_flags())?;
        prepare_reader(&connection)?;
        connection.query_row("PRAGMA schema_version", [], |_| Ok(()))?;
        Ok(connection)
    };
    let (name, connection) = match look(path) {
        Ok(connection) => (path.to_owned(), connection),
        Err(error) => {
            let code = error.sqlite_error_code();
            let is_barred = matches!(code, Some(rusqlite::ErrorCode::CannotOpen | rusqlite::ErrorCode::ReadOnly));
            if !is_barred || !path.is_file() {
                return Err(not_a_store(path, &error));
            }
            if std::fs::metadata(log_path(path)).is_ok_and(|log| log.len() > 0) {
                let cause = "its last writer did not end in order; it can be read where its folder may be written".into();
                return Err(StoreError::File { path: path.to_owned(), cause });
            }
            let name = unchanging(path);
            let connection = look(&name).map_err(|error| not_a_store(path, &error))?;
            (name, connection)
        }
    };
    migration::is_present(&connection, path).map_err(|error| error.at(path))?;
    Ok(name)
}

/// The file as a URI that promises it will not change.
fn unchanging(path: &Path) -> PathBuf {
    let mut uri = String::from("file:");
    for c in path.to_string_lossy().chars() {
        match c {
            '%' => uri.push_str("%25"),
            '?' => uri.push_str("%3f"),
            '#' => uri.push_str("%23"),
            c => uri.push(c),
        }
    }
    PathBuf::from(uri + "?immutable=1")
}

fn log_path(path: &Path) -> PathBuf {
    beside(path, "-wal")
}

/// A file that belongs to the store at `path`. It lies beside the store itself, as SQLite's own do, and not beside
/// a link to it: one store has one of each, by whatever name it is opened.
pub(super) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned()).into_os_string();
    name.push(ending);
    PathBuf::from(name)
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
    size(path) + size(&log_path(path))
}

fn not_a_store(path: &Path, error: &rusqlite::Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::NotADatabase) => StoreError::NotAStore { path: path.to_owned(), cause: error.to_string() },
        Some(rusqlite::ErrorCode::DatabaseCorrupt) => {
            StoreError::Damaged { name: path.display().to_string(), cause: error.to_string() }
        }
        Some(rusqlite::ErrorCode::DiskFull | rusqlite::ErrorCode::DatabaseBusy) => StoreError::Sql(error.to_string()),
        _ => StoreError::File { path: path.to_owned(), cause: error.to_string() },
    }
}

/// Refuses what is there and no regular file: a folder is no store, and a pipe would never answer.
fn must_be_a_file(path: &Path) -> Result<(), StoreError> {
    let kind = match std::fs::metadata(path) {
        Ok(there) if there.is_dir() => "a folder: name a file in it",
        Ok(there) if !there.is_file() => "a device or a pipe: name a regular file",
        _ => return Ok(()),
    };
    Err(StoreError::NotAFile { path: path.to_owned(), kind })
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;

    #[test]
    fn a_file_that_nobody_may_change_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("50% of #1?.sqlite");
        let store = Store::open(&path).unwrap();
        assert!(store.writer().close(Duration::from_secs(30)));
        drop(store);
        let readers = crate::store::Readers::open(&unchanging(&path)).unwrap();
        assert_eq!(readers.with(crate::store::series::all).unwrap(), []);
        assert_eq!(readable(&path).unwrap(), path, "as it is, where marks can be shared");
    }

    #[test]
    fn what_cannot_be_read_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        assert!(matches!(readable(&at("absent")), Err(StoreError::File { .. })));
        assert!(matches!(readable(folder.path()), Err(StoreError::NotAFile { .. })));
        assert!(matches!(open_writer(folder.path()), Err(StoreError::NotAFile { .. })));
        std::fs::write(at("empty"), "").unwrap();
        assert!(matches!(readable(&at("empty")), Err(StoreError::NotAStore { .. })));
        std::fs::write(at("notes"), "not a database, but notes\n".repeat(100)).unwrap();
        assert!(matches!(readable(&at("notes")), Err(StoreError::NotAStore { .. })));
        drop(Store::open(&at("old")).unwrap());
        Connection::open(at("old")).unwrap().pragma_update(None, "user_version", 2).unwrap();
        assert!(matches!(readable(&at("old")), Err(StoreError::Older { found: 2, .. })));
        // What a migration fails of is told in a line with the file's name, without its statements.
        let failed = open_writer(&at("old")).unwrap_err().to_string();
        assert!(failed.contains("old: ") && !failed.contains("CREATE"), "{failed}");
    }
}
