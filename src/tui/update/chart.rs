//! Charts: moving them, and the reads that they need.

use crate::domain::range::TimeRange;
use crate::tui::action::{ChartMove, Screen};
use crate::tui::effect::{Effect, Slot};
use crate::tui::layout;
use crate::tui::state::State;
use crate::tui::state::chart::ChartState;

/// Moves the chart screen.
pub(super) fn go(state: &mut State, to: ChartMove) {
    if let Some(series) = state.row().and_then(|row| state.snapshot.series.get(row)) {
        state.chart.show(series, true);
        state.chart.go(to, series);
    }
}

/// What the chart of the selected series shows: the chart screen's, else the preview's.
pub(super) fn visible(state: &State) -> Option<TimeRange> {
    let series = state.series()?;
    let charts = match state.screen {
        Screen::Watch => [&state.preview, &state.chart],
        _ => [&state.chart, &state.preview],
    };
    charts.into_iter().find_map(|chart| chart.visible(series))
}

/// Reads that the visible charts need.
pub(super) fn reads(state: &mut State) -> Option<Effect> {
    let frozen = state.held.is_some();
    let (slot, area) = match state.screen {
        Screen::Watch => (Slot::Preview, state.watch_layout()?.preview?),
        Screen::Chart => (Slot::Chart, state.frame()?.body),
        Screen::Coverage | Screen::Jobs | Screen::Log => return None,
    };
    let series = state.snapshot.series.get(state.row()?)?;
    let chart = match slot {
        Slot::Preview => &mut state.preview,
        _ => &mut state.chart,
    };
    chart.show(series, slot == Slot::Chart);
    let columns = plot_columns(chart, series, area);
    let (generation, query) = chart.wanted(series, columns, frozen)?;
    Some(Effect::Query { slot, generation, query })
}

fn plot_columns(chart: &ChartState, series: &crate::engine::snapshot::SeriesView, area: ratatui::layout::Rect) -> u16 {
    layout::chart(layout::inner(area), chart.label_columns(series), chart.volume).plot.width
}
