//! What stands under a cell of the screen. It is asked of the same code that draws, so that what is
//! clicked is what is seen.

use super::{bar, form, hints, popup, tabs};
use crate::tui::action::{Action, ChartMove, LogAction, Move, Screen};
use crate::tui::layout::{self, Pane};
use crate::tui::state::State;
use crate::tui::state::chart::Study;
use crate::tui::state::dialog::Dialog;
use crate::tui::state::market::MarketPane;
use crate::tui::state::watch::cells;
use crate::tui::state::watch::column::{Column, GAP};
use crate::tui::widget::scale::Scale;
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
    /// A row of the coverage map and the column of its cells, where one of them was hit.
    Cell(usize, Option<u16>),
    /// A line of the indicators.
    Study(usize),
    /// A row of the list of alerts.
    Alert(usize),
    /// A pane of the market screen.
    MarketPane(MarketPane),
    /// A pane of the watch screen beside the symbols.
    Pane(Pane),
    /// The head of a column of the symbols.
    Head(Column),
    /// A line of the intervals.
    Interval(usize),
    /// The price axis of the chart: its scale, and the row of it.
    PriceAxis(Scale, u16),
    /// The times under the chart.
    TimeAxis,
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
    if state.panes.drawer && layout::drawer(frame.body).contains(at) {
        return if ends_line(layout::drawer(frame.body), at, 10) { Target::Hint(Action::Drawer) } else { Target::Nothing };
    }
    if let Some((action, _)) = way_back(state).filter(|(_, columns)| ends_line(frame.body, at, *columns)) {
        return Target::Hint(action);
    }
    match state.screen {
        Screen::Watch if state.snapshot.series.is_empty() => Target::Nothing,
        Screen::Watch => watch(state, frame.body, at),
        Screen::Chart => chart(state, frame.body, at).unwrap_or(Target::Nothing),
        Screen::Coverage => map(state, at),
        Screen::Jobs => listed(frame.body, at, state.jobs.top, state.snapshot.jobs.len()).map_or(Target::Lines, Target::Job),
        Screen::Log if state.log.detail.is_some() && at.y + 1 == frame.body.bottom() && at.x + 11 >= frame.body.right() => {
            Target::Hint(Action::Log(LogAction::Copy))
        }
        Screen::Log => Target::Lines,
        Screen::Market => market(state, frame.body, at),
    }
}

/// Whether a cell is among the last `columns` of a box's title.
const fn ends_line(place: Rect, at: Position, columns: u16) -> bool {
    at.y == place.y && at.x + columns + 1 >= place.right() && at.x + 1 < place.right()
}

/// Back to the newest of what is scrolled, and how many columns at the end of the screen's title offer it.
fn way_back(state: &State) -> Option<(Action, u16)> {
    match state.screen {
        Screen::Chart if !state.chart.is_live() && state.chart.error.is_none() => Some((Action::Chart(ChartMove::Live), 8)),
        Screen::Log if !state.log.is_following() => Some((Action::Go(Move::Last), 23)),
        _ => None,
    }
}

/// The pane at a cell; in the title of one that stands alone, the name of another.
fn market(state: &State, body: Rect, at: Position) -> Target {
    let shown = state.market_shown(body);
    if shown.len() == 1
        && at.y == body.y
        && let Some(pane) = super::market::named_at(state, body, at.x)
    {
        return Target::MarketPane(pane);
    }
    shown.into_iter().find(|(_, place)| place.contains(at)).map_or(Target::Nothing, |(pane, _)| Target::MarketPane(pane))
}

fn hint(state: &State, bar: Rect, at: Position) -> Target {
    if bar.contains(at) { bar::action_at(state, bar, at.x).map_or(Target::Nothing, Target::Hint) } else { Target::Nothing }
}

fn watch(state: &State, body: Rect, at: Position) -> Target {
    let parts = layout::watch(body, state.is_fetching(), state.whole_pane());
    if parts.table.contains(at) {
        let rows = state.table.order().len();
        let hit = if state.table.compact {
            compact(state, layout::inner(parts.table), at).filter(|row| *row < rows)
        } else {
            if let Some(column) = head(state, parts.table, at) {
                return Target::Head(column);
            }
            listed(parts.table, at, state.watch.top, rows)
        };
        return hit.map_or(Target::Lines, Target::Symbol);
    }
    let under = Pane::ALL.into_iter().find(|pane| parts.place(*pane).is_some_and(|place| place.contains(at)));
    under.map_or(Target::Nothing, Target::Pane)
}

/// The row of the compact form: cells go down first, then right.
fn compact(state: &State, inner: Rect, at: Position) -> Option<usize> {
    let (abreast, width) = cells(&state.snapshot.series, inner.width);
    let (across, down) = (usize::from(at.x.checked_sub(inner.x)?) / width, usize::from(at.y.checked_sub(inner.y)?));
    let rows = usize::from(inner.height);
    (inner.contains(at) && across < abreast).then_some(state.watch.top + across * rows + down)
}

fn map(state: &State, at: Position) -> Target {
    let Some(parts) = state.coverage_layout() else { return Target::Nothing };
    if let Some(detail) = parts.detail.filter(|detail| detail.contains(at)) {
        let queues = at.y + 1 == detail.bottom() && (detail.x + 1..detail.x + 19).contains(&at.x);
        return if queues { Target::Hint(Action::CoverageQueue) } else { Target::Lines };
    }
    let Some(row) = at.y.checked_sub(parts.map.y).map(|row| state.coverage.rows.top + usize::from(row)) else {
        return Target::Lines;
    };
    if row >= state.whole.series.len() {
        return Target::Lines;
    }
    if parts.map.contains(at) {
        Target::Cell(row, Some(at.x - parts.map.x))
    } else if parts.names.contains(at) {
        Target::Cell(row, None)
    } else {
        Target::Lines
    }
}

/// The item of a bordered list with a heading line.
fn listed(panel: Rect, at: Position, top: usize, len: usize) -> Option<usize> {
    let rows = layout::top(layout::inner(panel), 1).1;
    let item = top + usize::from(at.y.checked_sub(rows.y)?);
    (rows.contains(at) && item < len).then_some(item)
}

/// A part of the chart; the volume counts for the plot above it.
fn chart(state: &State, area: Rect, at: Position) -> Option<Target> {
    let parts = super::chart::parts(area, state, &state.chart, state.charted()?);
    if parts.plot.contains(at) || parts.volume.is_some_and(|volume| volume.contains(at)) {
        Some(Target::Plot(at.x - parts.plot.x))
    } else if parts.axis.contains(at) {
        Some(Target::PriceAxis(super::chart::shown_scale(area, state)?, at.y - parts.axis.y))
    } else {
        parts.times.contains(at).then_some(Target::TimeAxis)
    }
}

/// The head of a column that rows can be sorted by.
fn head(state: &State, panel: Rect, at: Position) -> Option<Column> {
    let line = layout::top(layout::inner(panel), 1).0;
    let x = usize::from(at.x.checked_sub(line.x)?).checked_sub(2)?;
    let mut end = 0;
    let under = state.watch_columns().into_iter().find(|(_, width)| {
        end += width + GAP;
        x < end
    });
    under.map(|(column, _)| column).filter(|column| line.contains(at) && *column != Column::Spark)
}

fn in_dialog(state: &State, dialog: &Dialog, body: Rect, at: Position) -> Target {
    let beside = |place: Rect, inside: Target| if place.contains(at) { inside } else { Target::Beside };
    // The keys stand in the last line of a box, a column away from its border.
    let foot = |place: Rect, keys: &[hints::Hint], inside: Target| {
        let inner = layout::inner(place);
        let column = at.x.checked_sub(inner.x + 1).filter(|_| inner.contains(at) && at.y + 1 == inner.bottom());
        let action = column.and_then(|column| hints::action_at(keys, usize::from(inner.width).saturating_sub(2), column.into()));
        // Where a box is cut an item may stand there.
        beside(place, action.filter(|_| matches!(inside, Target::Dialog)).map_or(inside, Target::Hint))
    };
    match dialog {
        Dialog::Help(_) => beside(layout::help(state.area, state.help_text().len()), Target::Lines),
        Dialog::Studies(_) => {
            let place = super::studies::place(body);
            let item = at.y.checked_sub(layout::inner(place).y).map(usize::from).filter(|item| *item < Study::ALL.len());
            let inside = item.filter(|_| layout::inner(place).contains(at)).map_or(Target::Dialog, Target::Study);
            foot(place, &super::studies::keys(), inside)
        }
        Dialog::Intervals(selected) => {
            let place = super::intervals::place(body, state);
            let rows = layout::inner(place);
            let top = super::intervals::top(*selected, rows.height);
            let item = at.y.checked_sub(rows.y).map(|row| top + usize::from(row)).filter(|_| rows.contains(at));
            let item = item.filter(|item| *item < super::intervals::choices(state).len());
            foot(place, &super::intervals::keys(state), item.map_or(Target::Dialog, Target::Interval))
        }
        Dialog::Away(_) => beside(layout::away(state.area, state.away_lines().0), Target::Lines),
        Dialog::Alerts => {
            let place = layout::alerts(state.area, state.alert_lines().0);
            let rows = layout::inner(place);
            let item = usize::from(at.y.saturating_sub(rows.y)) + state.alerts.list.top;
            let is_listed = rows.contains(at) && usize::from(at.y - rows.y) < state.alert_rows();
            let inside =
                if is_listed && item < state.snapshot.alerts.alerts.len() { Target::Alert(item) } else { Target::Dialog };
            foot(place, &super::alerts::keys(state), inside)
        }
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
