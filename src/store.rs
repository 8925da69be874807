//! The store: one SQLite file, one writer thread, a pool of read-only connections.
//!
//! Architecture invariants: imports `domain` alone, and alone names `rusqlite` and `r2d2`.
//! Coverage, gaps and the ingest log change in the transaction of the rows that they describe.
//! Nobody is told of a write before its COMMIT. A reader never holds a transaction between calls.

pub mod alerts;
pub mod answer;
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
pub mod streams;
pub mod trades;
pub mod writer;

pub use error::StoreError;
pub use reader::Readers;
pub use rusqlite::Connection;
pub use writer::{Priority, Writer};

use std::ops::Deref;
use std::path::{Path, PathBuf};

/// A store that is read alone: where it lies, and its readers. It works on a file and in a folder that
/// nobody may write.
#[derive(Clone)]
pub struct View {
    path: PathBuf,
    readers: Readers,
}

impl View {
    /// Opens a store of this program's schema; neither creates nor migrates it.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let readers = Readers::open(&connection::readable(path)?)?;
        Ok(Self { path: path.to_owned(), readers })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
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

/// An open store: a view with a writer.
#[derive(Clone)]
pub struct Store {
    view: View,
    writer: Writer,
}

impl Store {
    /// Opens the file, creating and migrating it where needed, and starts the writer thread.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let connection = connection::open_writer(path)?;
        let readers = Readers::open(path)?;
        Ok(Self { view: View { path: path.to_owned(), readers }, writer: Writer::start(connection)? })
    }

    /// The one writer of this process.
    pub fn writer(&self) -> &Writer {
        &self.writer
    }
}

impl Deref for Store {
    type Target = View;

    fn deref(&self) -> &View {
        &self.view
    }
}
