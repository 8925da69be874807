//! What fills the screen: one pane for all of it, and the log's newest lines over its foot.

use crate::tui::action::Screen;
use crate::tui::layout::Pane;
use crate::tui::state::State;

/// The pane under focus gets the whole screen, or gives it back.
pub(super) fn maximise(state: &mut State) {
    if restore(state) {
        return;
    }
    state.panes.maximised = true;
    if state.is_maximised() {
        return;
    }
    state.panes.maximised = false;
    let words = match state.screen {
        Screen::Coverage => "the map has the screen already; Enter opens details, and those can be maximised",
        Screen::Log => "the log has the screen already; Enter opens a record, and that can be maximised",
        Screen::Watch | Screen::Market => "nothing is recorded yet",
        Screen::Chart | Screen::Jobs => "this list has the screen already",
    };
    state.toast(words, false);
}

/// Every pane in its place again; whether one had the screen.
pub(super) fn restore(state: &mut State) -> bool {
    let had = state.is_maximised();
    state.panes.maximised = false;
    had
}

/// The focus goes to the next pane of the watch screen.
pub(super) fn next(state: &mut State) {
    let shown: Vec<Pane> = match state.watch_layout() {
        // With one alone on the screen the focus goes through all of them.
        Some(_) if state.is_maximised() => Pane::ALL.to_vec(),
        Some(watch) => Pane::ALL.into_iter().filter(|pane| watch.place(*pane).is_some()).collect(),
        None => return,
    };
    let at = shown.iter().position(|pane| *pane == state.panes.focus);
    state.panes.focus = at.and_then(|at| shown.get((at + 1) % shown.len())).copied().unwrap_or(Pane::Symbols);
    if shown.len() == 1 {
        state.toast("there is room for one pane only", false);
    }
}
