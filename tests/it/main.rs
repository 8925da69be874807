//! Integration tests, all in one binary.

// `cfg(test)` always holds here; it tells clippy that helper functions are test code as well.
#[cfg(test)]
mod binance_fixtures;
