//! The one integration-test binary: a module for each subject, linked once.

#[cfg(test)]
mod rooms;
