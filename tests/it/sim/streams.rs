//! The exchange's WebSocket connections, with an ordinary client.

mod binance;
mod client;
mod faults;
mod kraken;
mod load;
mod okx;
mod usdm;
