//! Charts: moving them, and the reads that they need.

use crate::domain::interval::Interval;
use crate::domain::range::TimeRange;
use crate::domain::time::Time;
use crate::engine::snapshot::{Mode, SeriesView};
use crate::tui::action::{ChartMove, Screen};
use crate::tui::effect::{Effect, Slot};
use crate::tui::layout;
use crate::tui::state::State;
use crate::tui::state::chart::{ChartState, Study, intervals};
use crate::tui::state::dialog::Dialog;
use crate::tui::state::form::Form;
use crate::tui::state::market::MarketPane;
use ratatui::layout::Rect;

/// Moves the chart screen.
pub(super) fn go(state: &mut State, to: ChartMove) {
    if let Some(series) = state.charted_row().and_then(|row| state.snapshot.series.get(row)) {
        state.chart.show(series, true);
        state.chart.go(to, series);
    }
}

/// What the chart of the selected series shows, and at which width: the chart screen's, else the preview's.
pub(super) fn seen(state: &State) -> Option<(TimeRange, Interval)> {
    let series = state.charted()?;
    let charts = match state.screen {
        Screen::Watch => [&state.preview, &state.chart],
        _ => [&state.chart, &state.preview],
    };
    charts.into_iter().find_map(|chart| Some((chart.visible(series)?, chart.interval)))
}

/// Asks for a date to go to.
pub(super) fn ask_date(state: &mut State) {
    if let Some(series) = state.charted_row().and_then(|row| state.snapshot.series.get(row)) {
        state.chart.show(series, true);
        state.dialog = Some(Dialog::Form(Form::date(state.chart.dates(series))));
    }
}

/// Opens the list of intervals, at the one that is shown.
pub(super) fn ask_interval(state: &mut State) {
    let Some(series) = state.charted_row().and_then(|row| state.snapshot.series.get(row)) else {
        super::guide::no_symbol(state);
        return;
    };
    state.chart.show(series, true);
    let at = intervals(series).iter().position(|interval| *interval == state.chart.interval);
    state.dialog = Some(Dialog::Intervals(at.unwrap_or(0)));
}

/// Shows the chart at the interval of this line.
pub(super) fn pick_interval(state: &mut State, line: usize) {
    if let Some(series) = state.charted_row().and_then(|row| state.snapshot.series.get(row))
        && let Some(interval) = intervals(series).get(line)
    {
        state.chart.show(series, true);
        state.chart.set_interval(*interval, series);
        super::show(state, Screen::Chart);
    }
}

/// Puts the crosshair on a time.
pub(super) fn go_to(state: &mut State, time: Time) {
    if let Some(series) = state.charted_row().and_then(|row| state.snapshot.series.get(row)) {
        state.chart.show(series, true);
        state.chart.go_to(time, series);
    }
}

/// Shows or hides the indicator on this line of the dialog.
pub(super) fn toggle_study(state: &mut State, line: usize) {
    if let Some(study) = Study::ALL.get(line) {
        state.chart.studies.toggle(*study);
    }
}

/// Reads that the visible charts need.
pub(super) fn reads(state: &mut State) -> Vec<Effect> {
    let mut effects = Vec::new();
    let frozen = state.held.is_some();
    let Some((slot, area)) = visible(state) else { return effects };
    let Some(series) = state.charted_row().and_then(|row| state.snapshot.series.get(row)) else { return effects };
    let chart = if slot == Slot::Preview { &mut state.preview } else { &mut state.chart };
    chart.show(series, slot == Slot::Chart);
    let columns = plot_columns(chart, series, area);
    if let Some((generation, query)) = chart.wanted(series, columns, frozen) {
        effects.push(Effect::Query { slot, generation, query });
    }
    if slot == Slot::Chart
        && let Some((generation, query)) = chart.provenance_wanted(series)
    {
        effects.push(Effect::Query { slot: Slot::Candle, generation, query });
    }
    effects
}

/// Tells the engine what is looked at, when that changes: the series whose forming candle is on screen, or one without
/// candles whose market is.
pub(super) fn watch(state: &mut State) -> Option<Effect> {
    let bare = || state.series().filter(|series| !series.has_candles());
    let watched = match state.screen {
        // Its forming candle is not on screen.
        Screen::Market => MarketPane::ALL.into_iter().find_map(|pane| state.market_series(pane)),
        Screen::Watch => bare().or_else(|| visible(state).and_then(|_| state.charted())),
        _ => visible(state).and_then(|_| state.series()),
    };
    let watched = watched.map(|series| series.id);
    if state.snapshot.mode == Mode::Observer || watched == state.watched {
        return None;
    }
    state.watched = watched;
    Some(Effect::Watch(watched))
}

/// The chart that is on screen, and where.
fn visible(state: &State) -> Option<(Slot, Rect)> {
    match state.screen {
        Screen::Watch => Some((Slot::Preview, state.watch_layout()?.preview?)),
        Screen::Chart => Some((Slot::Chart, state.frame()?.body)),
        Screen::Coverage | Screen::Jobs | Screen::Log | Screen::Market => None,
    }
}

fn plot_columns(chart: &ChartState, series: &SeriesView, area: Rect) -> u16 {
    layout::chart(layout::inner(area), chart.label_columns(series), layout::ChartWants::default()).plot.width
}
