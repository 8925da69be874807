//! The screens as text at several sizes, the reducer by keys, and both under random input.

mod chart;
mod keys;
mod random;
mod running;
mod screens;
