//! What comes from outside: the clock, snapshots, answers.

use crate::domain::time::Time;
use crate::engine::command::Outcome;
use crate::engine::query::Reply;
use crate::engine::snapshot::Snapshot;
use crate::tui::ExportDone;
use crate::tui::effect::{RequestId, Slot};
use crate::tui::format;
use crate::tui::state::State;
use crate::tui::state::dialog::Dialog;
use crate::tui::state::form::{Form, Stage};
use std::sync::Arc;

/// The clock moved on; it never goes back on screen.
pub(super) fn tick(state: &mut State, now: Time) {
    state.now = now;
    state.toasts.retain(|toast| now < toast.until);
}

/// A newer picture; a frozen screen keeps its own.
pub(super) fn snapshot(state: &mut State, snapshot: Arc<Snapshot>) {
    if state.held.is_some() {
        state.held = Some(snapshot);
    } else {
        take(state, snapshot);
    }
}

/// Shows a snapshot. Nothing is drawn where it says the same as the one before.
pub(super) fn take(state: &mut State, snapshot: Arc<Snapshot>) {
    state.now = state.now.max(snapshot.at);
    if says_the_same(&state.snapshot, &snapshot) {
        return;
    }
    if !state.log.follow {
        state.log.shift(gone(&state.snapshot, &snapshot));
    }
    state.dirty = true;
    state.snapshot = snapshot;
}

fn says_the_same(old: &Arc<Snapshot>, new: &Arc<Snapshot>) -> bool {
    Arc::ptr_eq(old, new)
        || (old.series == new.series
            && old.jobs == new.jobs
            && old.exchanges == new.exchanges
            && old.ingest == new.ingest
            && old.heartbeat == new.heartbeat
            && (Arc::ptr_eq(&old.log, &new.log) || old.log == new.log)
            && (old.mode, old.simulated, &old.store) == (new.mode, new.simulated, &new.store))
}

/// Log lines that have fallen out at the old end.
fn gone(old: &Snapshot, new: &Snapshot) -> usize {
    new.log.first().map_or(0, |first| old.log.iter().position(|line| line == first).unwrap_or(old.log.len()))
}

/// A read came back.
pub(super) fn loaded(state: &mut State, slot: Slot, generation: u64, reply: Result<Reply, String>) {
    let chart = match slot {
        Slot::Chart => &mut state.chart,
        Slot::Preview => &mut state.preview,
        Slot::Candle => {
            let found = match reply {
                Ok(Reply::Candle(found)) => Ok(found),
                Ok(Reply::Chart(_) | Reply::Instruments(_)) => Err("the store answered another question".into()),
                Err(error) => Err(error),
            };
            state.chart.provenance_landed(generation, found);
            return;
        }
        Slot::Suggest => {
            if let (Some(Dialog::Form(form)), Ok(Reply::Instruments(hits))) = (&mut state.dialog, reply)
                && form.search == generation
                && form.needle().is_some()
                && form.stage == Stage::Editing
            {
                form.suggestions = hits;
                form.picked = None;
            }
            return;
        }
    };
    match reply {
        Ok(Reply::Chart(data)) => chart.landed(generation, Ok(data)),
        Ok(Reply::Instruments(_) | Reply::Candle(_)) => {
            chart.landed(generation, Err("the store answered another question".into()));
        }
        Err(error) => chart.landed(generation, Err(error)),
    }
}

/// A command was answered: its dialog closes, or keeps what was typed and says what is wrong.
pub(super) fn outcome(state: &mut State, id: RequestId, outcome: Outcome) {
    let waiting = form_of(state, id).is_some();
    match outcome {
        Ok(done) => {
            if waiting {
                state.dialog = None;
            }
            state.watch.awaited = done.series.first().copied().filter(|_| waiting).or(state.watch.awaited);
            if !done.message.is_empty() {
                state.toast(done.message, false);
            }
        }
        Err(error) => match form_of(state, id) {
            Some(form) => {
                form.stage = Stage::Editing;
                form.error = Some(error);
            }
            None => state.toast(error, true),
        },
    }
}

/// An export is on its way.
pub(super) fn export_rows(state: &mut State, id: RequestId, rows: u64) {
    if let Some(form) = form_of(state, id) {
        form.stage = Stage::Busy(id, format!("{} rows written …", format::count(rows)));
    }
}

/// An export ended; where its dialog was closed, a toast tells.
pub(super) fn exported(state: &mut State, id: RequestId, result: Result<ExportDone, String>) {
    match (form_of(state, id), result) {
        (Some(form), Ok(done)) => {
            let mut lines = vec![format!("{} rows in {}", done.rows, done.path.display())];
            if let Some(line) = &form.equivalent {
                lines.extend(["The same from the command line:".to_owned(), line.clone()]);
            }
            form.stage = Stage::Done(lines);
        }
        (Some(form), Err(error)) => {
            form.stage = Stage::Editing;
            form.error = Some(error);
        }
        (None, Ok(done)) => state.toast(format!("exported {} rows to {}", done.rows, done.path.display()), false),
        (None, Err(error)) => state.toast(format!("export failed: {error}"), true),
    }
}

fn form_of(state: &mut State, id: RequestId) -> Option<&mut Form> {
    match &mut state.dialog {
        Some(Dialog::Form(form)) if form.awaits(id) => Some(form),
        _ => None,
    }
}
