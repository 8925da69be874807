//! Integration tests, all in one binary.

mod binance_fixtures;
