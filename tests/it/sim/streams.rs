//! The exchange's WebSockets, with an ordinary client.

mod binance;
mod client;
mod faults;
