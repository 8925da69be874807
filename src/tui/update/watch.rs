//! The watch table: sorting, filtering, favourites.

use crate::tui::action::{Edit, WatchMove};
use crate::tui::state::State;
use crate::tui::state::input::Input;
use crate::tui::state::watch::column::Column;

/// Changes the table.
pub(super) fn go(state: &mut State, to: WatchMove) {
    match to {
        WatchMove::Sort => {
            let shown: Vec<Column> = if state.table.compact {
                Column::ALL.to_vec()
            } else {
                state.watch_columns().into_iter().map(|(column, _)| column).collect()
            };
            state.table.sort_by_next(&shown);
        }
        WatchMove::Reverse => state.table.reversed = !state.table.reversed,
        WatchMove::Filter => state.table.typing = true,
        WatchMove::Favourite => {
            if let Some(series) = state.watch.key {
                state.table.toggle_favourite(series);
            }
        }
        WatchMove::NextPane => super::pane::next(state),
        WatchMove::Compact => state.table.compact = !state.table.compact,
    }
}

/// Puts text into the filter.
pub(super) fn insert(state: &mut State, text: &str) {
    state.table.filter.insert(text);
}

/// Changes the filter.
pub(super) fn edit(state: &mut State, edit: Edit) {
    state.table.filter.edit(edit);
}

/// Enter: the filter stays and keys are commands again.
pub(super) fn submit(state: &mut State) {
    state.table.typing = false;
}

/// Esc: all rows again; whether there was a filter.
pub(super) fn clear(state: &mut State) -> bool {
    let had = state.table.typing || !state.table.filter.text().is_empty();
    state.table.typing = false;
    state.table.filter = Input::default();
    had
}
