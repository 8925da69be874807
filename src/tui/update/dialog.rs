//! Dialogs: typing, choosing, confirming.

use super::chart;
use crate::engine::command::{Command, ExportRequest};
use crate::engine::query::Query;
use crate::tui::action::{Edit, Move};
use crate::tui::effect::{Effect, Slot};
use crate::tui::state::State;
use crate::tui::state::chart::Study;
use crate::tui::state::dialog::Dialog;
use crate::tui::state::form::{Form, Request, Stage};

/// Suggestions at a time.
const SUGGESTIONS: usize = 6;

/// Puts text into the line that is typed.
pub(super) fn insert(state: &mut State, text: &str) -> Vec<Effect> {
    editing(state, |form| form.insert(text))
}

/// Changes the line that is typed.
pub(super) fn edit(state: &mut State, edit: Edit) -> Vec<Effect> {
    editing(state, |form| form.edit(edit))
}

/// Tab: the next field.
pub(super) fn next_field(state: &mut State) {
    if let Some(form) = form(state) {
        form.next_field();
    }
}

/// The field before.
pub(super) fn previous_field(state: &mut State) {
    if let Some(form) = form(state) {
        form.previous_field();
    }
}

/// Up and down: among suggestions, else among fields.
pub(super) fn go(state: &mut State, to: Move) {
    if let Some(Dialog::Studies(line)) = &mut state.dialog {
        let last = Study::ALL.len() - 1;
        *line = match to {
            Move::Up => line.saturating_sub(1),
            Move::Down => (*line + 1).min(last),
            Move::PageUp | Move::First => 0,
            Move::PageDown | Move::Last => last,
        };
        return;
    }
    if let Some(form) = form(state) {
        match to {
            Move::Up | Move::PageUp | Move::First => form.previous(),
            Move::Down | Move::PageDown | Move::Last => form.next(),
        }
    }
}

/// Enter: takes the picked suggestion, closes what is done, else sends what is asked for.
pub(super) fn submit(state: &mut State) -> Vec<Effect> {
    match state.dialog.take() {
        Some(Dialog::Confirm(confirm)) => vec![Effect::Command(state.next_request(), confirm.command)],
        Some(Dialog::Form(form)) => submit_form(state, form),
        Some(Dialog::Studies(line)) => {
            chart::toggle_study(state, line);
            state.dialog = Some(Dialog::Studies(line));
            Vec::new()
        }
        other => {
            state.dialog = other;
            Vec::new()
        }
    }
}

fn submit_form(state: &mut State, mut form: Form) -> Vec<Effect> {
    let mut effects = Vec::new();
    match form.stage {
        Stage::Done(_) => return effects,
        Stage::Busy(..) => {}
        Stage::Editing => {
            if !form.take_suggestion() {
                match form.request(state.now) {
                    Ok(Request::Show(time)) => {
                        chart::go_to(state, time);
                        return effects;
                    }
                    Ok(Request::Command(command)) => effects.push(send_command(state, &mut form, command)),
                    Ok(Request::Export(export)) => effects.push(send_export(state, &mut form, export)),
                    Err((field, error)) => {
                        form.focus = field;
                        form.error = Some(error);
                    }
                }
            }
        }
    }
    state.dialog = Some(Dialog::Form(form));
    effects
}

fn send_command(state: &mut State, form: &mut Form, command: Command) -> Effect {
    let id = state.next_request();
    let words = if matches!(command, Command::Add { .. }) { "asking the exchange …" } else { "planning …" };
    form.suggestions.clear();
    form.stage = Stage::Busy(id, words.into());
    Effect::Command(id, command)
}

fn send_export(state: &mut State, form: &mut Form, export: ExportRequest) -> Effect {
    let id = state.next_request();
    form.suggestions.clear();
    form.stage = Stage::Busy(id, "writing …".into());
    form.equivalent = Some(form.command_line(&export));
    Effect::Export(id, export)
}

fn form(state: &mut State) -> Option<&mut Form> {
    match &mut state.dialog {
        Some(Dialog::Form(form)) if form.stage == Stage::Editing => Some(form),
        _ => None,
    }
}

/// Changes the form and searches for what resembles the changed word.
fn editing(state: &mut State, change: impl FnOnce(&mut Form)) -> Vec<Effect> {
    let Some(form) = form(state) else { return Vec::new() };
    let before = form.needle().map(ToOwned::to_owned);
    change(form);
    let needle = form.needle().map(ToOwned::to_owned);
    if needle == before {
        return Vec::new();
    }
    form.picked = None;
    form.search += 1;
    match needle {
        None => {
            form.suggestions.clear();
            Vec::new()
        }
        Some(needle) => {
            let query = Query::Instruments { needle, limit: SUGGESTIONS };
            vec![Effect::Query { slot: Slot::Suggest, generation: form.search, query }]
        }
    }
}
