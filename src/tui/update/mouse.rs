//! The mouse: what is under it decides what a gesture does.

use super::{apply, dialog};
use crate::tui::action::{Action, AlertMove, ChartMove, Move, Screen};
use crate::tui::effect::Effect;
use crate::tui::layout::Pane;
use crate::tui::pointer::{Gesture, Pointer};
use crate::tui::state::State;
use crate::tui::state::dialog::Dialog;
use crate::tui::view::{Target, price_scale, target};
use std::sync::Arc;

/// Rows that one notch of the wheel scrolls.
const NOTCH: usize = 3;

/// Does what a gesture means; one that means nothing draws nothing.
pub(super) fn point(state: &mut State, pointer: Pointer) -> Vec<Effect> {
    if !state.mouse {
        return Vec::new();
    }
    match pointer.gesture {
        Gesture::Release => {
            state.drag = None;
            return Vec::new();
        }
        Gesture::Drag => {
            drag(state, pointer.column, pointer.row);
            return Vec::new();
        }
        _ => {}
    }
    let under = target(state, pointer.column, pointer.row);
    let effects = match pointer.gesture {
        Gesture::Press => press(state, under, pointer),
        Gesture::DoublePress => double(state, under, pointer),
        Gesture::WheelUp => wheel(state, &under, true),
        Gesture::WheelDown => wheel(state, &under, false),
        Gesture::Hover => hover(state, &under),
        Gesture::Drag | Gesture::Release => None,
    };
    state.dirty |= effects.is_some();
    effects.unwrap_or_default()
}

fn press(state: &mut State, under: Target, Pointer { column, row, .. }: Pointer) -> Option<Vec<Effect>> {
    Some(match under {
        Target::Tab(screen) => apply(state, Action::Show(screen)),
        Target::Hint(action) => apply(state, action),
        Target::Symbol(row) => {
            state.panes.focus = Pane::Symbols;
            let keys = state.row_keys();
            state.watch.select(row, &keys);
            Vec::new()
        }
        Target::Cell(row, column) => {
            let keys: Vec<_> = state.whole.series.iter().map(|series| series.id).collect();
            state.coverage.rows.select(row, &keys);
            let map = state.coverage_layout()?.map;
            if let Some(column) = column {
                let series = Arc::clone(&state.whole);
                state.coverage.point(&series.series, map.width, column);
            }
            Vec::new()
        }
        Target::Study(line) => {
            super::chart::toggle_study(state, line);
            state.dialog = Some(Dialog::Studies(line));
            Vec::new()
        }
        Target::Interval(line) => {
            state.dialog = Some(Dialog::Intervals(line));
            dialog::submit(state)
        }
        Target::Head(column) => {
            state.table.sort_by(column);
            Vec::new()
        }
        Target::MarketPane(pane) => {
            state.market.focus = pane;
            Vec::new()
        }
        Target::Pane(pane) => {
            state.panes.focus = pane;
            Vec::new()
        }
        Target::Alert(row) => {
            let keys: Vec<_> = state.snapshot.alerts.alerts.iter().map(|view| view.alert.id).collect();
            state.alerts.list.select(row, &keys);
            Vec::new()
        }
        Target::Job(row) => {
            let keys: Vec<_> = state.snapshot.jobs.iter().map(|job| job.id).collect();
            state.jobs.select(row, &keys);
            Vec::new()
        }
        Target::Plot(_) => {
            let series = state.snapshot.series.get(state.charted_row()?)?;
            // A price axis that fits the candles does so wherever they are dragged.
            let scale = state.chart.prices.and_then(|_| price_scale(state));
            state.drag = Some((state.chart.grab(series, column), scale.map(|scale| (scale, row))));
            Vec::new()
        }
        Target::Command(row) => {
            let Some(Dialog::Palette(palette)) = &mut state.dialog else { return None };
            if !palette.pick(row) {
                return None;
            }
            dialog::submit(state)
        }
        Target::Field(field) => dialog::focus(state, field),
        Target::Suggestion(at) => dialog::take(state, at),
        Target::Answer(true) => apply(state, Action::Submit),
        Target::Answer(false) => apply(state, Action::Back),
        // What was typed into a form, or asked, is not lost by a slip of the mouse.
        Target::Beside
            if matches!(
                state.dialog,
                Some(
                    Dialog::Help(_)
                        | Dialog::Palette(_)
                        | Dialog::Alerts
                        | Dialog::Away(_)
                        | Dialog::Studies(_)
                        | Dialog::Intervals(_)
                )
            ) =>
        {
            apply(state, Action::Back)
        }
        Target::PriceAxis(..) | Target::TimeAxis | Target::Lines | Target::Dialog | Target::Beside | Target::Nothing => {
            return None;
        }
    })
}

fn double(state: &mut State, under: Target, pointer: Pointer) -> Option<Vec<Effect>> {
    match under {
        Target::Symbol(_) | Target::Pane(Pane::Chart) => Some(apply(state, Action::Open)),
        Target::Pane(Pane::Backfill) => Some(apply(state, Action::Show(Screen::Jobs))),
        Target::Pane(Pane::Log) => Some(apply(state, Action::Show(Screen::Log))),
        Target::Cell(..) => Some(apply(state, Action::CoverageDetail)),
        Target::Alert(_) => Some(apply(state, Action::Alert(AlertMove::Edit))),
        Target::PriceAxis(..) => {
            state.chart.prices = None;
            Some(Vec::new())
        }
        Target::TimeAxis => {
            let series = state.snapshot.series.get(state.charted_row()?)?;
            state.chart.reset_zoom(series);
            Some(Vec::new())
        }
        Target::Plot(_) => Some(apply(state, Action::Chart(ChartMove::Live))),
        other => press(state, other, pointer),
    }
}

fn wheel(state: &mut State, under: &Target, up: bool) -> Option<Vec<Effect>> {
    match *under {
        Target::Plot(column) => {
            let series = state.snapshot.series.get(state.charted_row()?)?;
            state.chart.zoom_at(series, column, up);
            Some(Vec::new())
        }
        Target::TimeAxis => Some(apply(state, Action::Chart(if up { ChartMove::ZoomIn } else { ChartMove::ZoomOut }))),
        Target::PriceAxis(scale, row) => {
            state.chart.prices = Some(scale.zoomed(row, up)?);
            Some(Vec::new())
        }
        Target::MarketPane(pane) => {
            state.market.focus = pane;
            Some(apply(state, Action::Go(if up { Move::Up } else { Move::Down })))
        }
        Target::Head(_)
        | Target::Interval(_)
        | Target::Symbol(_)
        | Target::Job(_)
        | Target::Cell(..)
        | Target::Alert(_)
        | Target::Lines
        | Target::Command(_) => {
            let to = if up { Move::Up } else { Move::Down };
            let steps = if state.dialog.is_none() && state.screen != Screen::Log { 1 } else { NOTCH };
            Some((0..steps).flat_map(|_| apply(state, Action::Go(to))).collect())
        }
        _ => None,
    }
}

/// Over a chart the crosshair follows; anywhere else nothing is drawn.
fn hover(state: &mut State, under: &Target) -> Option<Vec<Effect>> {
    let Target::Plot(column) = *under else { return None };
    let series = state.snapshot.series.get(state.charted_row()?)?;
    state.chart.hover(series, column).then(Vec::new)
}

fn drag(state: &mut State, column: u16, row: u16) {
    let grabbed = state.drag.filter(|_| state.screen == Screen::Chart && state.dialog.is_none());
    let Some(((drag, prices), series)) = grabbed.zip(state.charted_row().and_then(|row| state.snapshot.series.get(row))) else {
        return;
    };
    state.chart.drag(series, drag, column);
    if let Some((scale, from)) = prices {
        state.chart.prices = scale.moved(i32::from(row) - i32::from(from)).or(state.chart.prices);
    }
    state.dirty = true;
}
