//! The command palette.

use crate::tui::action::Action;
use crate::tui::state::State;
use crate::tui::state::dialog::Dialog;
use crate::tui::state::palette::{Entry, Palette};

/// Opens it over everything that the present screen can do.
pub(super) fn open(state: &mut State) {
    let context = state.screen_context(state.screen);
    let mut entries: Vec<Entry> = state
        .keys
        .actions(context)
        .filter(|(binding, _)| !matches!(binding.action, Action::Palette))
        .map(|(binding, keys)| Entry {
            title: binding.description.into(),
            name: crate::tui::keymap::name(&binding.action).unwrap_or_default(),
            keys,
            action: binding.action.clone(),
        })
        .collect();
    entries.extend(state.themes.names().enumerate().map(|(at, name)| Entry {
        title: format!("theme: {name}"),
        name: "",
        keys: String::new(),
        action: Action::Theme(at),
    }));
    state.dialog = Some(Dialog::Palette(Palette::new(entries)));
}
