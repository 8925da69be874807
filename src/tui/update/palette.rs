//! The command palette.

use crate::tui::action::{Action, Screen};
use crate::tui::effect::Effect;
use crate::tui::keymap::name;
use crate::tui::state::State;
use crate::tui::state::dialog::Dialog;
use crate::tui::state::palette::{Entry, Palette};

/// Opens it over everything that the present screen can do, and after it the others.
pub(super) fn open(state: &mut State) {
    let context = state.screen_context(state.screen);
    let mut entries: Vec<Entry> = state
        .keys
        .actions(context)
        .filter(|(binding, _)| !matches!(binding.action, Action::Palette))
        .map(|(binding, keys)| Entry {
            title: binding.description.into(),
            name: name(&binding.action).unwrap_or_default(),
            keys: state.glyphs.keys(&keys),
            screen: None,
            action: binding.action.clone(),
        })
        .collect();
    entries.extend(state.themes.names().enumerate().map(|(at, name)| Entry {
        title: format!("theme: {name}"),
        name: "",
        keys: String::new(),
        screen: None,
        action: Action::Theme(at),
    }));
    if !state.snapshot.series.is_empty() {
        for screen in Screen::ALL {
            elsewhere(state, screen, &mut entries);
        }
    }
    state.dialog = Some(Dialog::Palette(Palette::new(entries)));
}

/// What only another screen can do. Its keys are not told: here they may mean something else.
fn elsewhere(state: &State, screen: Screen, entries: &mut Vec<Entry>) {
    for (binding, _) in state.keys.actions(state.screen_context(screen)) {
        let Some(name) = name(&binding.action) else { continue };
        let is_move = matches!(binding.action, Action::Go(_) | Action::Palette);
        if !is_move && entries.iter().all(|entry| entry.name != name) {
            let title = format!("{}: {}", screen.name(), binding.description);
            entries.push(Entry { title, name, keys: String::new(), screen: Some(screen), action: binding.action.clone() });
        }
    }
}

/// Does what was picked, on its screen.
pub(super) fn run(state: &mut State, palette: &Palette) -> Vec<Effect> {
    let Some(entry) = palette.picked() else { return Vec::new() };
    if let Some(screen) = entry.screen {
        super::show(state, screen);
        state.follow_snapshot();
    }
    super::apply(state, entry.action.clone())
}
