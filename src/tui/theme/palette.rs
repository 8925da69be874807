//! The colours that a theme is made of.

use ratatui::style::Color;

/// A colour for each use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Palette {
    /// Of the whole screen; `Reset` leaves the terminal's own.
    pub(super) background: Color,
    pub(super) text: Color,
    pub(super) dim: Color,
    pub(super) border: Color,
    pub(super) accent: Color,
    /// Behind the selected row.
    pub(super) selection: Color,
    /// Behind dialogs.
    pub(super) popup: Color,
    /// Text on `accent`, `warn` and `text`.
    pub(super) paper: Color,
    pub(super) rising: Color,
    pub(super) falling: Color,
    pub(super) warn: Color,
    /// Gaps while the recorder was off.
    pub(super) off: Color,
}

/// Names in theme files.
pub(super) const NAMES: [&str; 12] =
    ["background", "text", "dim", "border", "accent", "selection", "popup", "paper", "rising", "falling", "warn", "off"];

impl Palette {
    /// The colour of this name.
    pub(super) fn get_mut(&mut self, name: &str) -> Option<&mut Color> {
        Some(match name {
            "background" => &mut self.background,
            "text" => &mut self.text,
            "dim" => &mut self.dim,
            "border" => &mut self.border,
            "accent" => &mut self.accent,
            "selection" => &mut self.selection,
            "popup" => &mut self.popup,
            "paper" => &mut self.paper,
            "rising" => &mut self.rising,
            "falling" => &mut self.falling,
            "warn" => &mut self.warn,
            "off" => &mut self.off,
            _ => return None,
        })
    }

    /// Each colour changed.
    pub(super) fn map(mut self, change: impl Fn(Color) -> Color) -> Self {
        for name in NAMES {
            if let Some(color) = self.get_mut(name) {
                *color = change(*color);
            }
        }
        self
    }
}
