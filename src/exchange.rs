//! Exchanges: one port, an adapter for each exchange behind it, and what all adapters share
//! (HTTP, rate budget, circuit breaker, retry).
//!
//! Architecture invariant: imports `domain` alone; alone names `reqwest` and `serde_json`'s
//! parsing of payloads. Nothing here knows of the store.

pub mod clock;
pub mod error;
pub mod health;
pub mod jitter;
pub mod port;
pub mod retry;
