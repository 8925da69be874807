//! Which pane is under focus, and what stands over the others.

use super::State;
use crate::tui::action::Screen;
use crate::tui::layout::Pane;

/// Which pane is under focus, and what stands over the others.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Panes {
    /// The pane of the watch screen that is under focus.
    pub(crate) focus: Pane,
    /// Whether the pane under focus is wanted for the whole screen.
    pub(crate) maximised: bool,
    /// Whether the newest log lines stand over the foot of the screen.
    pub(crate) drawer: bool,
}

impl Default for Panes {
    fn default() -> Self {
        Self { focus: Pane::Symbols, maximised: false, drawer: false }
    }
}

impl State {
    /// Whether one pane has the whole screen.
    pub(crate) fn is_maximised(&self) -> bool {
        self.panes.maximised
            && match self.screen {
                Screen::Watch | Screen::Market => !self.snapshot.series.is_empty(),
                Screen::Chart => true,
                Screen::Coverage => self.coverage.detail.is_open,
                Screen::Log => self.log.detail.is_some(),
                Screen::Jobs => false,
            }
    }

    /// The pane of the watch screen that has all of it.
    pub(crate) fn whole_pane(&self) -> Option<Pane> {
        self.is_maximised().then_some(self.panes.focus)
    }
}
