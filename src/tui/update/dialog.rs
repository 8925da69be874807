//! Dialogs: typing, choosing, confirming.

use super::{chart, look};
use crate::engine::command::{Command, ExportRequest, Outcome};
use crate::engine::query::{InstrumentHit, Query, Reply};
use crate::engine::snapshot::Mode;
use crate::tui::action::{Edit, Move};
use crate::tui::effect::{Effect, RequestId, Slot};
use crate::tui::state::State;
use crate::tui::state::chart::{Study, intervals};
use crate::tui::state::dialog::Dialog;
use crate::tui::state::form::{Form, Purpose, Request, Stage};
use crate::tui::state::list::step;

/// Suggestions at a time.
const SUGGESTIONS: usize = 6;

/// Puts text into the line that is typed.
pub(super) fn insert(state: &mut State, text: &str) -> Vec<Effect> {
    if let Some(Dialog::Palette(palette)) = &mut state.dialog {
        palette.insert(text);
        return Vec::new();
    }
    editing(state, |form| form.insert(text))
}

/// Changes the line that is typed.
pub(super) fn edit(state: &mut State, edit: Edit) -> Vec<Effect> {
    if let Some(Dialog::Palette(palette)) = &mut state.dialog {
        palette.edit(edit);
        return Vec::new();
    }
    let now = state.now;
    editing(state, |form| form.edit(edit, now))
}

/// Tab: the next field.
pub(super) fn next_field(state: &mut State) -> Vec<Effect> {
    editing(state, Form::next_field)
}

/// The field before.
pub(super) fn previous_field(state: &mut State) -> Vec<Effect> {
    editing(state, Form::previous_field)
}

/// Puts the focus on a field.
pub(super) fn focus(state: &mut State, field: usize) -> Vec<Effect> {
    editing(state, |form| form.focus_on(field))
}

/// Takes a suggestion.
pub(super) fn take(state: &mut State, suggestion: usize) -> Vec<Effect> {
    editing(state, |form| {
        form.picked = Some(suggestion);
        form.take_suggestion();
    })
}

/// Up and down: among suggestions, else among fields.
pub(super) fn go(state: &mut State, to: Move) -> Vec<Effect> {
    let rows = state.palette_rows();
    if let Some(Dialog::Palette(palette)) = &mut state.dialog {
        palette.go(to, rows);
        return Vec::new();
    }
    let intervals = state.charted().map_or(0, |series| intervals(series).len());
    let lines = match &mut state.dialog {
        Some(Dialog::Studies(line)) => Some((line, Study::ALL.len())),
        Some(Dialog::Intervals(line)) => Some((line, intervals)),
        _ => None,
    };
    if let Some((line, len)) = lines {
        *line = step(*line, to, len, len);
        return Vec::new();
    }
    editing(state, |form| match to {
        Move::Up | Move::PageUp | Move::First => form.previous(),
        Move::Down | Move::PageDown | Move::Last => form.next(),
    })
}

/// The command line that does what the dialog does, onto the clipboard.
pub(super) fn copy_line(state: &mut State) -> Vec<Effect> {
    let line = match &state.dialog {
        Some(Dialog::Form(form)) => form.line(state.now, &state.command_lines),
        Some(Dialog::Confirm(confirm)) => confirm.line.clone(),
        _ => None,
    };
    let Some(line) = line else {
        state.toast("there is no command line for this yet", true);
        return Vec::new();
    };
    state.toast("copied, where the terminal allows it (OSC 52)", false);
    vec![Effect::Copy(line)]
}

/// The add dialog was opened: asks what there is to choose from.
pub(super) fn opened(state: &State) -> Vec<Effect> {
    match &state.dialog {
        Some(Dialog::Form(_)) => vec![Effect::Query { slot: Slot::Listing, generation: 0, query: Query::InstrumentCount }],
        _ => Vec::new(),
    }
}

/// How many instruments there are to choose from; lists that are old or missing are fetched.
pub(super) fn counted(state: &mut State, reply: &Result<Reply, String>) -> Vec<Effect> {
    let Some(Dialog::Form(form)) = &mut state.dialog else { return Vec::new() };
    let &Ok(Reply::InstrumentCount(count)) = reply else { return Vec::new() };
    let first = form.listed.is_none();
    form.listed = Some(count);
    let is_first = first && form.is_add() && state.fetching_list.is_none();
    if !is_first || state.snapshot.mode == Mode::Observer {
        return Vec::new();
    }
    let id = state.next_request();
    state.fetching_list = Some(id);
    vec![Effect::Command(id, Command::RefreshInstruments)]
}

/// Asks what is traded of the suggestions, where that is not known: one request at a time, and once for
/// each text. An observer asks nothing.
pub(super) fn volumes_wanted(state: &mut State) -> Option<Effect> {
    if state.fetching_volumes.is_some() || state.snapshot.mode == Mode::Observer {
        return None;
    }
    let form = form(state)?;
    let needle = form.needle().filter(|_| form.priced != form.search)?.to_owned();
    if !form.suggestions.iter().any(InstrumentHit::lacks_volume) {
        return None;
    }
    form.priced = form.search;
    let id = state.next_request();
    state.fetching_volumes = Some(id);
    Some(Effect::Command(id, Command::Volumes { needle }))
}

/// Whether this is the answer to the fetch of volumes.
pub(super) fn priced(state: &mut State, id: RequestId) -> bool {
    state.fetching_volumes.take_if(|own| *own == id).is_some()
}

/// Volumes have been fetched: looks again for what is typed. Where they cannot be, their place stays
/// empty and nothing else is lost.
pub(super) fn after_prices(state: &mut State, outcome: &Outcome) -> Vec<Effect> {
    let Some(form) = form(state).filter(|_| outcome.is_ok()) else { return Vec::new() };
    let Some(needle) = form.needle().map(ToOwned::to_owned) else { return Vec::new() };
    let asked = form.priced == form.search;
    form.search += 1;
    if asked {
        form.priced = form.search;
    }
    vec![suggest(form.search, needle)]
}

/// Whether this is the answer to the fetch of the instrument list.
pub(super) fn fetched(state: &mut State, id: RequestId) -> bool {
    state.fetching_list.take_if(|own| *own == id).is_some()
}

/// The instrument list has been fetched: looks again for what is typed.
pub(super) fn after_fetch(state: &mut State, outcome: Outcome) -> Vec<Effect> {
    let Some(Dialog::Form(form)) = &mut state.dialog else { return Vec::new() };
    if !form.is_add() {
        return Vec::new();
    }
    if let Err(error) = outcome {
        form.error = Some(format!("the list of instruments cannot be fetched: {error}"));
        return Vec::new();
    }
    let count = Effect::Query { slot: Slot::Listing, generation: 0, query: Query::InstrumentCount };
    let mut effects = vec![count];
    if let Some(needle) = form.needle().map(ToOwned::to_owned) {
        form.search += 1;
        effects.push(suggest(form.search, needle));
    }
    effects
}

/// Enter: takes the picked suggestion, closes what is done, else sends what is asked for.
pub(super) fn submit(state: &mut State) -> Vec<Effect> {
    match state.dialog.take() {
        Some(closed @ Dialog::Confirm(_)) => {
            state.dialog = super::alerts::below(&closed);
            let Dialog::Confirm(confirm) = closed else { return Vec::new() };
            vec![Effect::Command(state.next_request(), confirm.command)]
        }
        Some(Dialog::Form(form)) if form.purpose == Purpose::Settings => Vec::new(),
        Some(Dialog::Form(form)) => submit_form(state, form),
        Some(Dialog::Palette(palette)) => super::palette::run(state, &palette),
        Some(Dialog::Studies(line)) => {
            chart::toggle_study(state, line);
            state.dialog = Some(Dialog::Studies(line));
            Vec::new()
        }
        Some(Dialog::Intervals(line)) => {
            chart::pick_interval(state, line);
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
            if form.picked.is_some() {
                state.dialog = Some(Dialog::Form(form));
                return editing(state, |form| {
                    form.take_suggestion();
                });
            }
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
    state.dialog = Some(Dialog::Form(form));
    effects
}

fn send_command(state: &mut State, form: &mut Form, command: Command) -> Effect {
    let id = state.next_request();
    let words = match command {
        Command::Add { .. } => "asking the exchange …",
        Command::Backfill { .. } => "planning …",
        _ => "saving …",
    };
    form.suggestions.clear();
    form.stage = Stage::Busy(id, words.into());
    Effect::Command(id, command)
}

fn send_export(state: &mut State, form: &mut Form, export: ExportRequest) -> Effect {
    let id = state.next_request();
    form.suggestions.clear();
    form.stage = Stage::Busy(id, "writing …".into());
    form.expected = form.expected_rows(&state.snapshot, state.now);
    form.equivalent = form.line(state.now, &state.command_lines);
    Effect::Export(id, export)
}

fn form(state: &mut State) -> Option<&mut Form> {
    match &mut state.dialog {
        Some(Dialog::Form(form)) if form.stage == Stage::Editing => Some(form),
        _ => None,
    }
}

/// Changes the form, searches for what resembles the changed word, lists the folder of the changed
/// path, and lets changed settings hold.
fn editing(state: &mut State, change: impl FnOnce(&mut Form)) -> Vec<Effect> {
    let Some(form) = form(state) else { return Vec::new() };
    let before = form.needle().map(ToOwned::to_owned);
    change(form);
    let mut effects = Vec::new();
    if let Some((generation, folder)) = form.unknown_folder() {
        form.picked = None;
        effects.push(Effect::List { generation, folder });
    }
    let needle = form.needle().map(ToOwned::to_owned);
    if needle != before {
        form.picked = None;
        form.search += 1;
        match needle {
            None => form.suggestions.clear(),
            Some(needle) => effects.push(suggest(form.search, needle)),
        }
    }
    effects.extend(look::follow_settings(state));
    effects
}

fn suggest(generation: u64, needle: String) -> Effect {
    Effect::Query { slot: Slot::Suggest, generation, query: Query::Instruments { needle, limit: SUGGESTIONS } }
}
