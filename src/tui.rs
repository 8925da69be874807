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
mod graphics;
mod input;
pub mod keymap;
mod layout;
mod notice;
mod pointer;
mod state;
mod terminal;
#[cfg(test)]
mod tests;
mod theme;
mod update;
mod view;
mod widget;
mod wrap;
mod zone;

pub use glyphs::Glyphs;
pub use graphics::Graphics;
pub use keymap::KeyOverride;
pub use state::State;
pub use theme::{Colors, Look, ThemeError, ThemeFile};
pub use view::draw;
pub use zone::Offset;

use crate::domain::instrument::ExchangeId;
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
    /// How far the clock on the wall is ahead of UTC at an instant.
    pub local_offset: Offset,
    /// What the add dialog proposes for the past: a length such as `30d`, or nothing.
    pub default_backfill: String,
    /// The exchange that is meant where a typed symbol names none.
    pub meant: ExchangeId,
    /// The same where a command line of its own is typed.
    pub usual: ExchangeId,
    /// Whether the welcome screen offers the built-in simulation.
    pub offer_demo: bool,
    /// Keys and themes.
    pub face: Face,
    /// What the terminal can print.
    pub glyphs: Glyphs,
    /// How pictures reach the terminal.
    pub graphics: Graphics,
    /// The store as the command lines in dialogs name it; nothing where the program takes it by itself.
    pub store_flag: Option<String>,
}

/// Keys and themes, found sound.
#[derive(Debug, Clone)]
pub struct Face {
    pub(crate) keys: Arc<keymap::Keymap>,
    pub(crate) themes: theme::Themes,
    /// What is wrong with themes that nobody asked for.
    pub(crate) notices: Vec<String>,
}

impl Face {
    /// Refuses a wanted theme that is not there or not sound, and changed keys that cannot be.
    pub fn new(look: &Look, keys: &[KeyOverride]) -> Result<Self, TuiError> {
        let keys = Arc::new(keymap::Keymap::changed(keys)?);
        let (themes, broken) = theme::Themes::new(look)?;
        Ok(Self { keys, themes, notices: broken.iter().map(|error| format!("theme: {error}")).collect() })
    }
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
    /// Two actions on one key, or a key or an action that does not exist.
    #[error("keys: {0}")]
    Keys(#[from] keymap::KeymapError),
    /// The wanted theme cannot be used.
    #[error("theme: {0}")]
    Theme(#[from] theme::ThemeError),
}

/// Takes the terminal over until the user quits, a termination signal comes or the terminal fails.
/// It is given back in every case, also on a panic.
pub async fn run(handle: Handle, services: Services) -> Result<Exit, TuiError> {
    let mut guard = terminal::Guard::enter()?;
    event::run(guard.terminal(), input::Input::open()?, handle, services).await
}
