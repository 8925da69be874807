//! marketdata-tui: records crypto market data into one SQLite file and shows it in the terminal.
//!
//! | room | what it does |
//! |---|---|
//! | [`domain`] | times, exact decimals, candles, gaps: pure |
//! | [`exchange`] | the port, the adapters behind it, rate budget, breaker, retry |
//! | [`store`] | one SQLite file: one writer, read-only readers |
//! | [`engine`] | heartbeat, backfill, ingest, mending, snapshots |
//! | [`export`] | CSV, JSON lines, Parquet |
//! | [`tui`] | the terminal app |
//! | [`cli`] | the subcommands |
//! | [`sim`] | a simulated exchange that speaks the real protocol |
//! | [`config`], [`telemetry`] | settings, log file |
//! | [`app`] | puts it all together |
//!
//! `ARCHITECTURE.md` has the rules between them.

pub mod app;
pub mod cli;
pub mod config;
pub mod domain;
pub mod engine;
pub mod exchange;
pub mod export;
pub mod sim;
pub mod store;
pub mod telemetry;
pub mod tui;
