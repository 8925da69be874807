//! marketdata-tui: records crypto market data into one SQLite file and shows it in the terminal.

pub mod domain;
pub mod engine;
pub mod exchange;
pub mod tui;
