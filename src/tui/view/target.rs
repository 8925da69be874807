//! What stands under a cell of the screen. It is asked of the same code that draws, so that what is
//! clicked is what is seen.

use super::{bar, form, popup, tabs};
use crate::tui::action::{Action, Screen};
use crate::tui::layout;
use crate::tui::state::State;
use crate::tui::state::chart::ChartState;
use crate::tui::state::dialog::Dialog;
use ratatui::layout::{Position, Rect};

/// What stands under a cell.
#[derive(Debug, Clone)]
pub(crate) enum Target {
    /// A tab of the top line.
    Tab(Screen),
    /// A hint of the bottom line.
    Hint(Action),
    /// A row of the symbols, counted from the first symbol.
    Symbol(usize),
    /// A row of the jobs.
    Job(usize),
    /// The lines of a list that only scrolls.
    Lines,
    /// The chart beside the symbols.
    Preview,
    /// The chart: column of its plot.
    Plot(u16),
    /// A visible row of the palette.
    Command(usize),
    /// A field of a dialog.
    Field(usize),
    /// A suggestion of a dialog.
    Suggestion(usize),
    /// A button of a question: yes or no.
    Answer(bool),
    /// The rest of a dialog.
    Dialog,
    /// Beside an open dialog.
    Beside,
    /// Nothing that can be clicked.
    Nothing,
}

/// What stands under this cell.
pub(crate) fn target(state: &State, column: u16, row: u16) -> Target {
    let at = Position::new(column, row);
    let Some(frame) = layout::frame(state.area) else { return Target::Nothing };
    if let Some(dialog) = &state.dialog {
        return match in_dialog(state, dialog, frame.body, at) {
            // The hints of the bottom line are those of the dialog.
            Target::Beside if frame.bar.contains(at) => hint(state, frame.bar, at),
            other => other,
        };
    }
    if frame.tabs.contains(at) {
        return tabs::screen_at(state, frame.tabs, column).map_or(Target::Nothing, Target::Tab);
    }
    if frame.bar.contains(at) {
        return hint(state, frame.bar, at);
    }
    match state.screen {
        Screen::Watch if state.snapshot.series.is_empty() => Target::Nothing,
        Screen::Watch => watch(state, frame.body, at),
        Screen::Chart => plot(state, &state.chart, frame.body, at).map_or(Target::Nothing, Target::Plot),
        Screen::Jobs => listed(frame.body, at, state.jobs.top, state.snapshot.jobs.len()).map_or(Target::Lines, Target::Job),
        Screen::Log => Target::Lines,
    }
}

fn hint(state: &State, bar: Rect, at: Position) -> Target {
    if bar.contains(at) { bar::action_at(state, bar, at.x).map_or(Target::Nothing, Target::Hint) } else { Target::Nothing }
}

fn watch(state: &State, body: Rect, at: Position) -> Target {
    let parts = layout::watch(body, state.is_fetching());
    if parts.table.contains(at) {
        return listed(parts.table, at, state.watch.top, state.snapshot.series.len()).map_or(Target::Lines, Target::Symbol);
    }
    if parts.preview.is_some_and(|area| area.contains(at)) { Target::Preview } else { Target::Nothing }
}

/// The item of a bordered list with a heading line.
fn listed(panel: Rect, at: Position, top: usize, len: usize) -> Option<usize> {
    let rows = layout::top(layout::inner(panel), 1).1;
    let item = top + usize::from(at.y.checked_sub(rows.y)?);
    (rows.contains(at) && item < len).then_some(item)
}

/// The column of a chart's plot, or of the volume below it.
fn plot(state: &State, chart: &ChartState, area: Rect, at: Position) -> Option<u16> {
    let series = state.series()?;
    let parts = layout::chart(layout::inner(area), chart.label_columns(series), chart.volume);
    let hit = parts.plot.contains(at) || parts.volume.is_some_and(|volume| volume.contains(at));
    hit.then(|| at.x - parts.plot.x)
}

fn in_dialog(state: &State, dialog: &Dialog, body: Rect, at: Position) -> Target {
    let beside = |place: Rect, inside: Target| if place.contains(at) { inside } else { Target::Beside };
    match dialog {
        Dialog::Help(_) => beside(layout::help(state.area, state.help_lines()), Target::Lines),
        Dialog::Palette(_) => {
            let place = layout::palette(body);
            let list = layout::palette_list(place);
            let inside = if list.contains(at) { Target::Command(usize::from(at.y - list.y)) } else { Target::Dialog };
            beside(place, inside)
        }
        Dialog::Confirm(question) => popup::answer_at(body, question, at).unwrap_or(Target::Dialog),
        Dialog::Form(dialog) => form::target_at(body, state, dialog, at),
    }
}
