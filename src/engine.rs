//! The recorder: heartbeat, backfill, ingest, and the snapshot that screens draw.
//!
//! Architecture invariant: imports `domain`, `exchange` and `store`; knows no screen and no
//! command line. Front ends see `handle`, `command`, `snapshot` and `query`.

mod alerts;
mod answer;
mod away;
mod backfill;
mod book;
mod carry_out;
mod cells;
mod clock_watch;
pub mod command;
mod core;
mod forecasts;
mod forming;
pub mod handle;
mod heartbeat;
mod ingest;
mod keeper;
mod listing;
mod losses;
mod mender;
mod mood;
pub mod observer;
mod plan;
mod planner;
mod price;
mod publisher;
pub mod query;
pub mod registry;
mod rows;
mod search;
pub mod settings;
mod signal;
mod sleep;
pub mod snapshot;
mod statistics;
mod stream;
pub mod supervisor;
mod tickers;
mod trade_count;
mod volumes;

pub use ingest::FetchError;
pub use price::price;
pub use supervisor::Engine;
