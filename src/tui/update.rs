//! The reducer: what happens to the state when something happens, and what is to be done outside.
//! Pure: the same state and action always give the same.

mod alerts;
mod chart;
mod coverage;
mod dialog;
mod guide;
mod jobs;
mod log;
mod look;
mod market;
mod memory;
mod mouse;
mod news;
mod palette;
mod pane;
mod watch;

use super::action::{Action, Move, Screen};
use super::chord::Chord;
use super::effect::Effect;
use super::keymap::Context;
use super::state::State;
use super::state::dialog::{Confirm, Dialog};
use super::state::form::Form;
use super::state::list::Scroll;
use super::{Exit, layout};
use crate::domain::job::JobState;
use crate::engine::command::Command;
use crate::engine::snapshot::Mode;
use ratatui::layout::Rect;
use std::sync::Arc;

/// A key press: its action here, or a character for the line that is typed.
pub(crate) fn press(state: &mut State, chord: Chord) -> Vec<Effect> {
    state.memory.touched |= state.memory.kept.is_none();
    let typing = matches!(state.dialog, Some(Dialog::Form(_) | Dialog::Palette(_)))
        || log::is_typing(state)
        || state.context() == Context::Filter;
    if let Some(action) = state.action_of(chord) {
        return update(state, action);
    }
    if let Some(letter) = chord.text().filter(|_| typing) {
        return update(state, Action::Type(letter));
    }
    guide::silent(state, chord);
    Vec::new()
}

/// Whatever happened. Reads that the new state needs are among the effects.
pub(crate) fn update(state: &mut State, action: Action) -> Vec<Effect> {
    let mut effects = apply(state, action);
    state.follow_snapshot();
    alerts::look(state);
    effects.extend(chart::reads(state));
    effects.extend(coverage::reads(state));
    effects.extend(log::reads(state));
    effects.extend(market::reads(state));
    effects.extend(chart::watch(state));
    effects
}

fn apply(state: &mut State, action: Action) -> Vec<Effect> {
    if let Action::Mouse(pointer) = action {
        return mouse::point(state, pointer);
    }
    if !matches!(action, Action::Snapshot(_)) {
        state.dirty = true;
    }
    if guide::lacks_symbol(state, &action) {
        guide::no_symbol(state);
        return Vec::new();
    }
    match action {
        Action::Tick(now) => {
            news::tick(state, now);
            return memory::tick(state).into_iter().collect();
        }
        Action::Snapshot(snapshot) => {
            let effects = alerts::ring(state, &snapshot);
            news::snapshot(state, snapshot);
            return effects;
        }
        Action::Resize(columns, rows) => state.area = Rect::new(0, 0, columns, rows),
        Action::Outcome(id, outcome) if memory::outcome(state, id, &outcome) => {}
        Action::Loaded { slot, generation, reply } => return news::loaded(state, slot, generation, reply),
        Action::Outcome(id, outcome) => return news::outcome(state, id, outcome),
        Action::ExportRows(id, rows) => news::export_rows(state, id, rows),
        Action::Exported(id, result) => news::exported(state, id, result),
        Action::Type(letter) if log::is_typing(state) => log::insert(state, letter.encode_utf8(&mut [0; 4])),
        Action::Paste(text) if log::is_typing(state) => log::insert(state, &text),
        Action::Edit(edit) if log::is_typing(state) => log::edit(state, edit),
        Action::Submit if log::is_typing(state) => log::submit(state),
        Action::Type(letter) if state.context() == Context::Filter => watch::insert(state, letter.encode_utf8(&mut [0; 4])),
        Action::Paste(text) if state.context() == Context::Filter => watch::insert(state, &text),
        Action::Edit(edit) if state.context() == Context::Filter => watch::edit(state, edit),
        Action::Submit if state.context() == Context::Filter => watch::submit(state),
        Action::Type(letter) => return dialog::insert(state, letter.encode_utf8(&mut [0; 4])),
        Action::Paste(text) => return dialog::insert(state, &text),
        Action::Edit(edit) => return dialog::edit(state, edit),
        Action::Submit => return dialog::submit(state),
        Action::NextField => return dialog::next_field(state),
        Action::PreviousField => return dialog::previous_field(state),
        Action::Listed { generation, names } => news::listed(state, generation, names),
        Action::CopyLine => return dialog::copy_line(state),
        Action::Palette => palette::open(state),
        Action::Settings => look::open(state),
        Action::NextTheme => look::next_theme(state),
        Action::Theme(at) => look::theme(state, at),
        Action::SwapColors => look::swap_colors(state),
        Action::ToggleZone => look::toggle_zone(state),
        Action::ToggleMouse => return look::toggle_mouse(state),
        // Taken care of above: a gesture that changes nothing draws nothing.
        Action::Mouse(_) => {}
        Action::Quit => return vec![Effect::Quit(Exit::Quit)],
        Action::Demo if state.offer_demo => return vec![Effect::Quit(Exit::Demo)],
        Action::Demo => state.toast("this is the simulation already", false),
        Action::Help => state.dialog = Some(Dialog::Help(Scroll::default())),
        Action::Back => back(state),
        Action::Show(screen) => show(state, screen),
        Action::NextScreen => step_screen(state, true),
        Action::PreviousScreen => step_screen(state, false),
        Action::Refresh => return refresh(state),
        Action::Freeze => freeze(state),
        Action::Go(to) => return go(state, to),
        Action::Open => show(state, Screen::Chart),
        Action::Add => {
            open_form(state, |state| Some(market::add(state)));
            return dialog::opened(state);
        }
        Action::Backfill => open_form(state, |state| state.series().map(Form::backfill)),
        Action::Export => export(state),
        Action::Remove => remove(state),
        Action::Chart(to) => chart::go(state, to),
        Action::Intervals => chart::ask_interval(state),
        Action::Maximise => pane::maximise(state),
        Action::Drawer => state.panes.drawer = !state.panes.drawer,
        Action::Studies => state.dialog = Some(Dialog::Studies(0)),
        Action::Date => chart::ask_date(state),
        Action::TogglePixels => look::toggle_pixels(state),
        Action::CellPixels(pixels) => state.cell_pixels = pixels,
        Action::PixelsFailed(error) => look::drop_pixels(state, &error),
        Action::TogglePause => return toggle_pause(state),
        Action::Cancel => cancel(state),
        Action::Reorder(up) => return jobs::reorder(state, up),
        Action::Retry => return jobs::retry(state),
        Action::Coverage(to) => coverage::go(state, to),
        Action::CoverageDetail => coverage::toggle_detail(state),
        Action::CoverageQueue => return coverage::queue(state),
        Action::Log(action) => return log::act(state, action),
        Action::Watch(to) => watch::go(state, to),
        Action::Market(to) => market::go(state, to),
        Action::Alert(to) => return alerts::go(state, to),
        Action::Away if state.snapshot.away.is_some() => state.dialog = Some(Dialog::Away(Scroll::default())),
        Action::Away if state.snapshot.first_run => {
            state.toast("this is the first run on this store: nobody recorded before it", false);
        }
        Action::Away => state.toast("nothing was missed before this run", false),
    }
    Vec::new()
}

fn back(state: &mut State) {
    if let Some(closed) = state.dialog.take() {
        state.dialog = alerts::below(&closed);
        return;
    }
    if std::mem::take(&mut state.panes.drawer) || pane::restore(state) {
        return;
    }
    let closed = match state.screen {
        Screen::Chart => state.chart.clear_crosshair(),
        Screen::Watch => {
            watch::clear(state);
            true
        }
        Screen::Coverage => std::mem::take(&mut state.coverage.detail.is_open),
        Screen::Log => log::back(state),
        Screen::Jobs | Screen::Market => false,
    };
    if !closed {
        show(state, Screen::Watch);
    }
}

fn show(state: &mut State, screen: Screen) {
    state.panes.maximised &= state.screen == screen;
    state.screen = screen;
}

/// To the next screen or the one before, past the panes of the market screen.
fn step_screen(state: &mut State, forward: bool) {
    if market::tab(state, forward) {
        return;
    }
    let steps = if forward { 1 } else { Screen::ALL.len() - 1 };
    let at = Screen::ALL.iter().position(|screen| *screen == state.screen).unwrap_or(0);
    show(state, Screen::ALL[(at + steps) % Screen::ALL.len()]);
}

fn refresh(state: &mut State) -> Vec<Effect> {
    state.coverage.read_again();
    state.market.read_again();
    state.log.error = None;
    if state.snapshot.mode == Mode::Observer {
        return vec![Effect::Repaint];
    }
    vec![Effect::Repaint, Effect::Command(state.next_request(), Command::Refresh)]
}

fn freeze(state: &mut State) {
    state.held = match state.held.take() {
        None => Some(Arc::clone(&state.whole)),
        Some(newest) => {
            news::take(state, newest);
            None
        }
    };
}

fn go(state: &mut State, to: Move) -> Vec<Effect> {
    let table_rows = state.watch_rows();
    let body_rows = state.frame().map_or(1, |frame| usize::from(layout::list_rows(frame.body)));
    let help_lines = state.help_text().len();
    let help_rows = usize::from(layout::inner(layout::help(state.area, help_lines)).height);
    if let Some(Dialog::Help(scroll)) = &mut state.dialog {
        scroll.go(to, help_lines, help_rows);
        return Vec::new();
    }
    let (away_lines, away_rows) = state.away_lines();
    if let Some(Dialog::Away(scroll)) = &mut state.dialog {
        scroll.go(to, away_lines, away_rows);
        return Vec::new();
    }
    if matches!(state.dialog, Some(Dialog::Alerts)) {
        let keys: Vec<_> = state.snapshot.alerts.alerts.iter().map(|view| view.alert.id).collect();
        let rows = state.alert_rows();
        state.alerts.list.go(to, &keys, rows);
        return Vec::new();
    }
    if state.dialog.is_some() {
        return dialog::go(state, to);
    }
    match state.screen {
        Screen::Watch | Screen::Chart => {
            let keys = state.row_keys();
            state.watch.go(to, &keys, table_rows);
        }
        Screen::Jobs => {
            let keys: Vec<_> = state.snapshot.jobs.iter().map(|job| job.id).collect();
            state.jobs.go(to, &keys, body_rows);
        }
        Screen::Coverage => {
            let keys: Vec<_> = state.whole.series.iter().map(|series| series.id).collect();
            let rows = state.map_rows();
            state.coverage.rows.go(to, &keys, rows);
            // A row that stands for no symbol of the table selects none.
            let shown = state.coverage.rows.key.filter(|id| state.snapshot.series.iter().any(|series| series.id == *id));
            state.watch.awaited = shown.or(state.watch.awaited);
        }
        Screen::Log => {
            let rows = state.log_rows();
            let newest = Arc::clone(&state.snapshot.log);
            state.log.go(to, &newest, rows);
        }
        Screen::Market => market::scroll(state, to),
    }
    Vec::new()
}

/// Opens a form, unless this process only shows what another one records.
fn open_form(state: &mut State, form: impl FnOnce(&State) -> Option<Form>) {
    if !is_recorder(state) {
        return;
    }
    match form(state) {
        Some(form) => state.dialog = Some(Dialog::Form(form)),
        None => guide::no_symbol(state),
    }
}

/// An export reads only: an observer may.
fn export(state: &mut State) {
    if state.series().is_some_and(|series| !series.has_candles()) {
        state.toast("there are no candles to export; the command line's export has --dataset", true);
        return;
    }
    let chart = chart::seen(state);
    match state.series().map(|series| Form::export(series, chart, state.now)) {
        Some(form) => state.dialog = Some(Dialog::Form(form)),
        None => guide::no_symbol(state),
    }
}

fn remove(state: &mut State) {
    if is_recorder(state)
        && let Some(series) = state.series()
    {
        let name = series.name();
        let line = state.command_lines.remove(series.symbol.as_str(), series.exchange, (series.dataset, series.interval));
        state.dialog = Some(Dialog::Confirm(Confirm::remove(series.id, &name).with_line(line)));
    }
}

fn toggle_pause(state: &mut State) -> Vec<Effect> {
    if !is_recorder(state) {
        return Vec::new();
    }
    let Some(job) = state.job() else {
        guide::no_job(state);
        return Vec::new();
    };
    let command = match job.state {
        JobState::Running => Command::Pause(job.id),
        JobState::Paused | JobState::Failed => Command::Resume(job.id),
        ended @ (JobState::Done | JobState::Cancelled) => {
            state.toast(format!("this job is {}", ended.name()), false);
            return Vec::new();
        }
    };
    vec![Effect::Command(state.next_request(), command)]
}

fn cancel(state: &mut State) {
    if !is_recorder(state) {
        return;
    }
    let Some(job) = state.job() else {
        guide::no_job(state);
        return;
    };
    if job.state.is_finished() && job.state != JobState::Failed {
        let text = format!("this job is {}", job.state.name());
        state.toast(text, false);
    } else {
        let name = job.name();
        state.dialog = Some(Dialog::Confirm(Confirm::cancel(job.id, &name)));
    }
}

/// Whether commands may be given; says so where not.
fn is_recorder(state: &mut State) -> bool {
    let recorder = state.snapshot.mode == Mode::Recorder;
    if !recorder {
        state.toast("read-only: another process records this store", true);
    }
    recorder
}
