//! marketdata-tui: records crypto market data into one SQLite file and shows it in the terminal.

pub mod config;
pub mod domain;
pub mod engine;
pub mod exchange;
pub mod export;
pub mod sim;
pub mod store;
pub mod telemetry;
