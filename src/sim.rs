//! A simulated Binance spot exchange that speaks the real REST protocol on loopback: for `demo`, for
//! end-to-end tests and for benchmarks.
//!
//! ```no_run
//! # async fn example() -> std::io::Result<()> {
//! use marketdata_tui::sim::{SimConfig, Simulation};
//! let exchange = Simulation::start(SimConfig::default()).await?;
//! println!("{}/api/v3/klines?symbol=BTCUSDT&interval=1m", exchange.url());
//! # Ok(())
//! # }
//! ```
//!
//! What differs from the exchange, on purpose: no `1s` candles; `timeZone` other than UTC and
//! microsecond times are not served; the weight budget follows real time even where the exchange's
//! clock does not; all clients count as one address.
//!
//! Architecture invariant: this room imports `domain` alone.

mod binance;
mod clock;
mod connection;
mod day;
mod delivery;
mod fault;
mod generator;
mod interval;
mod json;
mod kraken;
mod limits;
mod market;
pub mod markets;
mod noise;
mod okx;
mod query;
mod recorded;
mod reply;
mod request;
mod request_log;
mod rest;
mod row;
mod server;
mod split;
mod stream;
mod trade;
mod usdm;
mod venue;

pub use clock::SimClock;
pub use fault::{Fault, FaultParseError, FaultRule, SocketFault, When};
pub use generator::Character;
pub use limits::{Limits, VenueLimits};
pub use market::{Market, SimFunding, SimOpenInterest, TradeCursor};
pub use recorded::RecordedError;
pub use request_log::RequestLog;
pub use server::{SimConfig, Simulation};
pub use stream::{Pings, StreamSettings};
pub use trade::SimTrade;
pub use venue::{Perpetual, Venue};
