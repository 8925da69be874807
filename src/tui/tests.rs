//! The screens as text at several sizes, the reducer by keys, and both under random input.

mod alerts;
mod away;
mod keys;
mod map;
mod random;
mod running;
mod screens;
mod watch;
