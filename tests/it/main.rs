//! Integration tests, in one binary.

mod sim;
