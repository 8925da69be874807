//! What to do first, where a key finds nothing to work on.

use crate::engine::snapshot::Mode;
use crate::tui::action::{Action, Screen, WatchMove};
use crate::tui::chord::Chord;
use crate::tui::keymap::Context;
use crate::tui::state::State;

/// Whether an action wants a symbol and nothing is recorded.
pub(super) fn lacks_symbol(state: &State, action: &Action) -> bool {
    let wants = matches!(
        action,
        Action::Open
            | Action::Remove
            | Action::Backfill
            | Action::Export
            | Action::Chart(_)
            | Action::Intervals
            | Action::Date
            | Action::Coverage(_)
            | Action::CoverageDetail
            | Action::CoverageQueue
            | Action::Market(_)
            | Action::Watch(WatchMove::Favourite | WatchMove::Filter)
    );
    // The map shows every series, the other screens one for a symbol.
    let mapped = matches!(action, Action::Coverage(_) | Action::CoverageDetail | Action::CoverageQueue);
    let recorded = if mapped { &state.whole.series } else { &state.snapshot.series };
    wants && state.dialog.is_none() && recorded.is_empty()
}

/// Says how to come by a symbol.
pub(super) fn no_symbol(state: &mut State) {
    let add = state.key_of("add");
    let words = match state.screen {
        _ if !state.snapshot.series.is_empty() => "select a symbol first".to_owned(),
        _ if state.snapshot.mode == Mode::Observer => "nothing recorded yet: another process records this store".to_owned(),
        Screen::Jobs | Screen::Log => format!("nothing recorded yet: 1, then {add} adds a symbol"),
        Screen::Watch | Screen::Chart | Screen::Coverage | Screen::Market => format!("nothing recorded yet: {add} adds a symbol"),
    };
    state.toast(words, true);
}

/// Says how to come by a job.
pub(super) fn no_job(state: &mut State) {
    if state.snapshot.series.is_empty() {
        no_symbol(state);
    } else {
        let words = format!("no backfill yet: {} on a symbol starts one", state.key_of("backfill"));
        state.toast(words, false);
    }
    state.dirty = true;
}

/// A key that does nothing here, but would with a symbol.
pub(super) fn silent(state: &mut State, chord: Chord) {
    let elsewhere = state.keys.action(Context::Watch, chord);
    if state.context() == Context::Welcome && elsewhere.is_some_and(|action| !matches!(action, Action::Go(_))) {
        no_symbol(state);
        state.dirty = true;
    }
}
