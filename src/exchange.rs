//! Exchanges: one port, an adapter for each exchange behind it, and what all adapters share
//! (HTTP, rate budget, circuit breaker, retry).
//!
//! A call passes, in this order: the governor's gate (ordered silence, circuit breaker), the rate
//! budget, one HTTP attempt, and the books (latency, errors, what the exchange says of our use).
//!
//! Architecture invariant: imports `domain` alone; alone names `reqwest` and `serde_json`'s
//! parsing of payloads. Nothing here knows of the store.

pub mod binance;
pub mod binance_usdm;
pub mod circuit;
pub mod clock;
pub mod error;
pub mod governor;
pub mod health;
pub mod http;
pub mod jitter;
pub mod kraken;
mod listing;
pub mod okx;
pub mod pace;
pub mod page_of_candles;
mod payload;
pub mod port;
pub mod rate_limit;
pub mod response;
pub mod retry;
pub mod secret;
pub mod silence;
pub mod socket;
mod statistics;
pub mod stream;
#[cfg(test)]
mod test_server;
mod text;
