//! The recorder: heartbeat, backfill, ingest, and the snapshot that screens draw.
//!
//! Architecture invariant: imports `domain`, `exchange` and `store`; knows no screen and no
//! command line. Front ends see `handle`, `command`, `snapshot` and `query`.

pub mod command;
pub mod handle;
pub mod query;
pub mod snapshot;
