//! The one integration-test binary: a module for each subject, linked once.

// `cfg(test)` always holds here; it tells clippy that helper functions are test code as well.
#[cfg(test)]
mod adversity;
#[cfg(test)]
mod ahead;
#[cfg(test)]
mod binance_fixtures;
#[cfg(test)]
mod command_line;
#[cfg(test)]
mod datasets;
#[cfg(test)]
mod docs;
#[cfg(test)]
mod endurance;
#[cfg(test)]
mod engine;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod forming;
#[cfg(test)]
mod indicators;
#[cfg(test)]
mod kill;
#[cfg(test)]
mod kraken_fixtures;
#[cfg(test)]
mod kraken_rebuild;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod listing;
#[cfg(test)]
mod mistakes;
#[cfg(test)]
mod okx_fixtures;
#[cfg(test)]
mod price;
#[cfg(test)]
mod pty;
#[cfg(test)]
mod recorded;
#[cfg(test)]
mod replay;
#[cfg(test)]
mod rooms;
#[cfg(test)]
mod sim;
#[cfg(test)]
mod simulated;
#[cfg(test)]
mod store;
#[cfg(test)]
mod streams;
#[cfg(test)]
mod support;
#[cfg(test)]
mod tls;
#[cfg(test)]
mod usdm_fixtures;
