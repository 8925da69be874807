//! What the product speaks of: times, intervals, decimals, instruments, candles, trades, funding,
//! open interest, gaps.
//!
//! Pure: no I/O, no async, no clock. "Now" is always passed in.
//! Architecture invariant: this room imports nothing of the crate, and it alone names
//! `rust_decimal` and `chrono`.

pub mod aggregate;
pub mod alert;
pub mod candle;
pub mod dataset;
pub mod format;
pub mod from_trades;
pub mod funding;
pub mod gap;
pub mod indicator;
pub mod instrument;
pub mod interval;
pub mod job;
pub mod log;
pub mod open_interest;
pub mod page;
pub mod price;
pub mod range;
pub mod rows;
pub mod series;
pub mod ticker;
pub mod time;
pub mod trade;
