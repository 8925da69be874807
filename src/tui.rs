//! The terminal app: keys in, screens out, everything else through the engine's handle.
//!
//! ```text
//! crossterm + snapshots + replies -> event -> keymap -> Action -> update(&mut State) -> Vec<Effect>
//!                                                                     State -> view -> widget -> terminal
//! ```
//! Architecture invariant: imports `domain` and the engine's `handle`, `command`, `snapshot` and
//! `query`. Inside, `view` and `widget` never see `effect`, `event` or `handle`; `state` never sees
//! `view`; `update` and `view` are pure: no clock, no I/O, no lock, no await.

mod action;
mod chord;
mod effect;
mod event;
#[cfg(test)]
mod fixture;
mod format;
mod glyphs;
pub mod keymap;
mod layout;
mod state;
mod terminal;
#[cfg(test)]
mod tests;
mod theme;
mod update;
mod view;
mod widget;

pub use glyphs::Glyphs;
pub use state::State;
pub use theme::Colors;
pub use view::draw;

use crate::domain::time::Time;
use crate::engine::command::ExportRequest;
use crate::engine::handle::Handle;
use std::path::PathBuf;
use std::sync::Arc;

/// Writes an export; blocks, and reports the rows written so far now and then.
pub type ExportFn = dyn Fn(ExportRequest, &dyn Fn(u64)) -> Result<ExportDone, String> + Send + Sync;

/// What the app lends to the screens, beside the engine's handle.
#[derive(Clone)]
pub struct Services {
    /// Writes an export; runs on a blocking thread.
    pub export: Arc<ExportFn>,
    /// The local clock.
    pub now: Arc<dyn Fn() -> Time + Send + Sync>,
    /// What the add dialog proposes for the past: a length such as `30d`, or nothing.
    pub default_backfill: String,
    /// Whether the welcome screen offers the built-in simulation.
    pub offer_demo: bool,
    /// What the terminal can show.
    pub colors: Colors,
    /// What the terminal can print.
    pub glyphs: Glyphs,
}

/// A finished export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportDone {
    /// Rows written.
    pub rows: u64,
    /// The file.
    pub path: PathBuf,
}

/// Why the app ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// The user, a signal or the terminal ended it.
    Quit,
    /// The user asked for the simulation: the caller starts anew on it.
    Demo,
}

/// The terminal failed.
#[derive(Debug, thiserror::Error)]
pub enum TuiError {
    /// Standard output or input is no terminal.
    #[error("this is no terminal: run `marketdata-tui record` to record without a screen")]
    NotATerminal,
    /// It could not be read or written.
    #[error("the terminal failed")]
    Terminal(#[from] std::io::Error),
    /// Two actions on one key, or a key that does not exist.
    #[error("the key table is wrong: {0}")]
    Keys(#[from] keymap::KeymapError),
}

/// Takes the terminal over until the user quits, a termination signal comes or the terminal fails.
/// It is given back in every case, also on a panic.
pub async fn run(handle: Handle, services: Services) -> Result<Exit, TuiError> {
    let keys = Arc::new(keymap::Keymap::standard()?);
    let mut guard = terminal::Guard::enter()?;
    let input = crossterm::event::EventStream::new();
    event::run(guard.terminal(), input, handle, services, keys).await
}
