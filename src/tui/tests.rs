//! The screens as text at several sizes, the reducer by keys, and both under random input.

mod alerts;
mod away;
mod bare;
mod chart;
mod details;
mod dialogs;
mod keys;
mod map;
mod market;
mod matrix;
mod mouse;
mod narrow;
mod palette;
mod panes;
mod pixels;
mod random;
mod running;
mod screens;
mod themes;
mod watch;
