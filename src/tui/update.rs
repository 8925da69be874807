//! The reducer: what happens to the state when something happens, and what is to be done outside.
//! Pure: the same state and action always give the same.

mod chart;
mod dialog;
mod news;

use super::action::{Action, Move, Screen};
use super::chord::Chord;
use super::effect::Effect;
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
    let typing = matches!(state.dialog, Some(Dialog::Form(_)));
    match state.action_of(chord) {
        Some(action) => update(state, action),
        None => match chord.text().filter(|_| typing) {
            Some(letter) => update(state, Action::Type(letter)),
            None => Vec::new(),
        },
    }
}

/// Whatever happened. Reads that the new state needs are among the effects.
pub(crate) fn update(state: &mut State, action: Action) -> Vec<Effect> {
    let mut effects = apply(state, action);
    state.follow_snapshot();
    effects.extend(chart::reads(state));
    effects.extend(chart::watch(state));
    effects
}

fn apply(state: &mut State, action: Action) -> Vec<Effect> {
    if !matches!(action, Action::Snapshot(_)) {
        state.dirty = true;
    }
    match action {
        Action::Tick(now) => news::tick(state, now),
        Action::Snapshot(snapshot) => news::snapshot(state, snapshot),
        Action::Resize(columns, rows) => state.area = Rect::new(0, 0, columns, rows),
        Action::Loaded { slot, generation, reply } => news::loaded(state, slot, generation, reply),
        Action::Outcome(id, outcome) => news::outcome(state, id, outcome),
        Action::ExportRows(id, rows) => news::export_rows(state, id, rows),
        Action::Exported(id, result) => news::exported(state, id, result),
        Action::Type(letter) => return dialog::insert(state, letter.encode_utf8(&mut [0; 4])),
        Action::Paste(text) => return dialog::insert(state, &text),
        Action::Edit(edit) => return dialog::edit(state, edit),
        Action::Submit => return dialog::submit(state),
        Action::NextField => dialog::next_field(state),
        Action::PreviousField => dialog::previous_field(state),
        Action::Quit => return vec![Effect::Quit(Exit::Quit)],
        Action::Demo if state.offer_demo => return vec![Effect::Quit(Exit::Demo)],
        Action::Demo => state.toast("this is the simulation already", false),
        Action::Help => state.dialog = Some(Dialog::Help(Scroll::default())),
        Action::Back => back(state),
        Action::Show(screen) => show(state, screen),
        Action::NextScreen => step_screen(state, 1),
        Action::PreviousScreen => step_screen(state, Screen::ALL.len() - 1),
        Action::Refresh => return refresh(state),
        Action::Freeze => freeze(state),
        Action::Go(to) => go(state, to),
        Action::Open => show(state, Screen::Chart),
        Action::Add => {
            let backfill = state.default_backfill.clone();
            open_form(state, |_| Some(Form::add(&backfill)));
        }
        Action::Backfill => open_form(state, |state| state.series().map(Form::backfill)),
        Action::Export => export(state),
        Action::Remove => remove(state),
        Action::Chart(to) => chart::go(state, to),
        Action::Studies => state.dialog = Some(Dialog::Studies(0)),
        Action::Date => chart::ask_date(state),
        Action::TogglePause => return toggle_pause(state),
        Action::Cancel => cancel(state),
        Action::Follow => state.log.follow = !state.log.follow,
    }
    Vec::new()
}

fn back(state: &mut State) {
    if state.dialog.take().is_some() || state.screen == Screen::Chart && state.chart.clear_crosshair() {
        return;
    }
    if state.screen != Screen::Watch {
        show(state, Screen::Watch);
    }
}

fn show(state: &mut State, screen: Screen) {
    state.screen = screen;
}

fn step_screen(state: &mut State, steps: usize) {
    let at = Screen::ALL.iter().position(|screen| *screen == state.screen).unwrap_or(0);
    show(state, Screen::ALL[(at + steps) % Screen::ALL.len()]);
}

fn refresh(state: &mut State) -> Vec<Effect> {
    if state.snapshot.mode == Mode::Observer {
        return vec![Effect::Repaint];
    }
    vec![Effect::Repaint, Effect::Command(state.next_request(), Command::Refresh)]
}

fn freeze(state: &mut State) {
    state.held = match state.held.take() {
        None => Some(Arc::clone(&state.snapshot)),
        Some(newest) => {
            news::take(state, newest);
            None
        }
    };
}

fn go(state: &mut State, to: Move) {
    let table_rows = state.watch_layout().map_or(1, |watch| usize::from(layout::list_rows(watch.table)));
    let body_rows = state.frame().map_or(1, |frame| usize::from(layout::list_rows(frame.body)));
    let help_lines = state.help_lines();
    let help_rows = usize::from(layout::inner(layout::help(state.area, help_lines)).height);
    if let Some(Dialog::Help(scroll)) = &mut state.dialog {
        scroll.go(to, help_lines, help_rows);
        return;
    }
    if state.dialog.is_some() {
        dialog::go(state, to);
        return;
    }
    match state.screen {
        Screen::Watch | Screen::Chart => {
            let keys: Vec<_> = state.snapshot.series.iter().map(|series| series.id).collect();
            state.watch.go(to, &keys, table_rows);
        }
        Screen::Jobs => {
            let keys: Vec<_> = state.snapshot.jobs.iter().map(|job| job.id).collect();
            state.jobs.go(to, &keys, body_rows);
        }
        Screen::Log => {
            let rows = state.log_rows();
            state.log.go(to, state.snapshot.log.len(), rows);
        }
    }
}

/// Opens a form, unless this process only shows what another one records.
fn open_form(state: &mut State, form: impl FnOnce(&State) -> Option<Form>) {
    if is_recorder(state)
        && let Some(form) = form(state)
    {
        state.dialog = Some(Dialog::Form(form));
    }
}

/// An export reads only: an observer may.
fn export(state: &mut State) {
    if let Some(form) = state.series().map(|series| Form::export(series, state.now)) {
        state.dialog = Some(Dialog::Form(form));
    }
}

fn remove(state: &mut State) {
    if is_recorder(state)
        && let Some(series) = state.series()
    {
        let name = format!("{} {}", series.symbol, series.interval);
        state.dialog = Some(Dialog::Confirm(Confirm::remove(series.id, &name)));
    }
}

fn toggle_pause(state: &mut State) -> Vec<Effect> {
    if !is_recorder(state) {
        return Vec::new();
    }
    let Some(job) = state.job() else { return Vec::new() };
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
    let Some(job) = state.job() else { return };
    if job.state.is_finished() && job.state != JobState::Failed {
        let text = format!("this job is {}", job.state.name());
        state.toast(text, false);
    } else {
        let name = format!("{} {}", job.symbol, job.interval);
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
