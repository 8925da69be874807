//! The store: one SQLite file, one writer thread, a pool of read-only connections.
//!
//! Architecture invariants: imports `domain` alone, and alone names `rusqlite` and `r2d2`.
//! Coverage, gaps and the ingest log change in the transaction of the rows that they describe.
//! Nobody is told of a write before its COMMIT. A reader never holds a transaction between calls.

pub mod alerts;
pub mod candles;
pub mod check;
pub mod connection;
pub mod coverage;
pub mod deep;
pub mod error;
pub mod exchange_state;
pub mod funding;
pub mod gaps;
pub mod ingest_log;
pub mod instruments;
pub mod jobs;
pub mod lock;
pub mod migration;
pub mod open_interest;
pub mod page;
pub mod reader;
pub mod revisions;
mod rollup;
mod row;
pub mod rows;
pub mod runs;
pub mod series;
pub mod settings;
pub mod trades;
pub mod writer;

pub use error::StoreError;
pub use reader::Readers;
pub use rusqlite::Connection;
pub use writer::{Priority, Writer};

use std::path::{Path, PathBuf};

/// An open store: where it lies, its writer and its readers.
#[derive(Clone)]
pub struct Store {
    path: PathBuf,
    writer: Writer,
    readers: Readers,
}

impl Store {
    /// Opens the file, creating and migrating it where needed, and starts the writer thread.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let connection = connection::open_writer(path)?;
        let readers = Readers::open(path)?;
        Ok(Self { path: path.to_owned(), writer: Writer::start(connection)?, readers })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The one writer of this process.
    pub fn writer(&self) -> &Writer {
        &self.writer
    }

    /// The read-only pool.
    pub fn readers(&self) -> &Readers {
        &self.readers
    }

    /// Bytes of the file and its write-ahead log on the disk.
    pub fn bytes(&self) -> u64 {
        connection::bytes(&self.path)
    }
}
