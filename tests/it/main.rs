//! Integration tests, in one binary.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "functions that only tests call are not seen as tests"
)]

mod sim;
