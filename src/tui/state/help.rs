//! The keys of a screen as lines that fit the terminal.

use super::State;
use crate::tui::format;
use crate::tui::keymap::Context;
use crate::tui::layout;
use crate::tui::wrap::wrap;

/// Columns of the keys, at most.
const KEYS: usize = 18;

/// A line of the help.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum HelpLine {
    /// Between the screen's own keys and those of every screen.
    Blank,
    /// A heading.
    Heading(&'static str),
    /// Keys, filled to their column, and what they do; a description that is too long goes on below,
    /// where the keys are blanks.
    Keys(String, String),
}

impl State {
    /// The key that texts name for an action: [`Keymap::key_of`](crate::tui::keymap::Keymap::key_of) as this terminal
    /// can print it.
    pub(crate) fn key_of(&self, wanted: &'static str) -> String {
        self.glyphs.keys(&self.keys.key_of(wanted))
    }

    /// The help for this screen.
    pub(crate) fn help_text(&self) -> Vec<HelpLine> {
        let context = self.screen_context(self.screen);
        let written = |(of, keys, words): (_, String, _)| (of, self.glyphs.keys(&keys), words);
        let all: Vec<_> = self.keys.help(context).map(written).collect();
        let column = all.iter().map(|(_, keys, _)| format::width(keys)).max().unwrap_or(0).min(KEYS);
        // Two blanks before the keys and two behind them.
        let room = usize::from(layout::inner(layout::help(self.area, 0)).width).saturating_sub(column + 4).max(1);
        let mut lines = Vec::new();
        let mut own = true;
        for (of, keys, words) in all {
            if of == Context::Everywhere && std::mem::take(&mut own) && !lines.is_empty() {
                lines.extend([HelpLine::Blank, HelpLine::Heading(of.name())]);
            }
            let mut keys = format::left(&keys, column);
            for part in wrap(words, room) {
                lines.push(HelpLine::Keys(keys, part));
                keys = " ".repeat(column);
            }
        }
        lines
    }

    /// Whether there is more of the open list than its box shows.
    pub(crate) fn scrolls(&self) -> bool {
        use super::dialog::Dialog;
        match &self.dialog {
            Some(Dialog::Help(_)) => {
                let lines = self.help_text().len();
                lines > usize::from(layout::inner(layout::help(self.area, lines)).height)
            }
            Some(Dialog::Away(_)) => {
                let (lines, rows) = self.away_lines();
                lines > rows
            }
            _ => true,
        }
    }

    /// Whether what is open has a command line that does the same.
    pub(crate) fn has_line(&self) -> bool {
        use super::dialog::Dialog;
        match &self.dialog {
            Some(Dialog::Confirm(confirm)) => confirm.line.is_some(),
            Some(Dialog::Form(form)) => !form.has_no_line(),
            _ => false,
        }
    }
}
