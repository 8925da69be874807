//! What can go wrong with the store.

use std::path::{Path, PathBuf};

/// A failed read or write. Nothing of the failed write is kept.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// The file or its directory cannot be used.
    #[error("{}: {cause}", .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// In the system's words.
        cause: String,
    },
    /// It is no file.
    #[error("{} is {kind}", .path.display())]
    NotAFile {
        /// Which.
        path: PathBuf,
        /// What it is, and what to do.
        kind: &'static str,
    },
    /// SQLite finds the file damaged.
    #[error(
        "{name} is damaged ({cause}): put it aside, and a copy of before in its place; what can be read of it `sqlite3 FILE .recover` writes out"
    )]
    Damaged {
        /// Its path, or `the store` where that is not known.
        name: String,
        /// What SQLite says.
        cause: String,
    },
    /// The file is a database of something else, or none.
    #[error("{} is not a store of marketdata-tui: {cause}", .path.display())]
    NotAStore {
        /// Which.
        path: PathBuf,
        /// What SQLite says.
        cause: String,
    },
    /// A newer version of the program wrote it.
    #[error("{} was written by a newer version (schema {found}; this one knows {known}): update marketdata-tui", .path.display())]
    Newer {
        /// Which.
        path: PathBuf,
        /// Its schema version.
        found: i64,
        /// Ours.
        known: i64,
    },
    /// An older version wrote it, and it is only to be read.
    #[error(
        "{} was written by an earlier version (schema {found}; this one reads {known}): `marketdata-tui record` brings it \
         up to date when it starts",
        .path.display()
    )]
    Older {
        /// Which.
        path: PathBuf,
        /// Its schema version.
        found: i64,
        /// Ours.
        known: i64,
    },
    /// It holds simulated data, and real ones were to be written.
    #[error(
        "{0} holds simulated data: open it with `marketdata-tui demo --db {0}`, or name another file with --db to record",
        .path.display()
    )]
    Simulated {
        /// Which.
        path: PathBuf,
    },
    /// It holds recorded data, and simulated ones were to be written.
    #[error(
        "{} holds data that are not marked as simulated: name another file with --db for the demo, or delete this one \
         if an earlier version's demo wrote it",
        .path.display()
    )]
    Recorded {
        /// Which.
        path: PathBuf,
    },
    /// The disk is full; what was not written stays queued.
    #[error("the disk is full: make room on it")]
    DiskFull,
    /// Another process holds the file longer than the time-out.
    #[error("the store is busy: another process is writing")]
    Busy,
    /// Any other failure of SQLite.
    #[error("{0}")]
    Sql(String),
    /// A cell holds what no version of the program writes.
    #[error("the store holds an unreadable value: {0}")]
    Corrupt(String),
    /// The writer has stopped.
    #[error("the store is closed")]
    Closed,
}

impl StoreError {
    /// The same with the file's name, where it tells none.
    pub(super) fn at(self, path: &Path) -> Self {
        match self {
            Self::Sql(cause) => Self::File { path: path.to_owned(), cause },
            Self::Damaged { cause, .. } => Self::Damaged { name: path.display().to_string(), cause },
            other => other,
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull) => Self::DiskFull,
            Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked) => Self::Busy,
            Some(rusqlite::ErrorCode::DatabaseCorrupt) => Self::Damaged { name: "the store".into(), cause: error.to_string() },
            _ => Self::Sql(match error {
                // Its display repeats the whole statement.
                rusqlite::Error::SqlInputError { msg, .. } => msg,
                other => other.to_string(),
            }),
        }
    }
}

impl From<r2d2::Error> for StoreError {
    fn from(error: r2d2::Error) -> Self {
        Self::Sql(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Store, series};
    use std::time::Duration;

    #[test]
    fn a_damaged_file_is_told_with_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.sqlite");
        let store = Store::open(&path).unwrap();
        assert!(store.writer().close(Duration::from_secs(30)));
        drop(store);
        let mut bytes = std::fs::read(&path).unwrap();
        bytes[8_192..].fill(0xA5);
        std::fs::write(&path, bytes).unwrap();
        let connection = rusqlite::Connection::open(&path).unwrap();
        let error = series::all(&connection).unwrap_err();
        assert!(matches!(error, StoreError::Damaged { .. }) && error.to_string().contains(".recover"), "{error}");
    }
}
