//! The one integration-test binary: a module for each subject, linked once.

#[cfg(test)]
mod binance_fixtures;
#[cfg(test)]
mod rooms;
#[cfg(test)]
mod sim;
