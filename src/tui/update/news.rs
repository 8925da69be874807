//! What comes from outside: the clock, snapshots, answers.

use super::dialog;
use crate::domain::series::JobId;
use crate::domain::time::Time;
use crate::engine::command::Outcome;
use crate::engine::query::Reply;
use crate::engine::snapshot::Snapshot;
use crate::tui::ExportDone;
use crate::tui::effect::{Effect, RequestId, Slot};
use crate::tui::format;
use crate::tui::state::State;
use crate::tui::state::dialog::Dialog;
use crate::tui::state::form::{Form, Stage};
use std::sync::Arc;

/// The clock moved on; it never goes back on screen.
pub(super) fn tick(state: &mut State, now: Time) {
    state.now = now;
    state.toasts.retain(|toast| now < toast.until);
    state.table.calm(now);
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
    if says_the_same(&state.whole, &snapshot) {
        return;
    }
    state.whole = Arc::clone(&snapshot);
    let snapshot = snapshot.of_symbols();
    state.log.take(&state.snapshot.log, &snapshot.log);
    state.dirty = true;
    state.table.flash(&state.snapshot.series, &snapshot.series, state.now);
    state.snapshot = snapshot;
    state.report_absence();
}

fn says_the_same(old: &Arc<Snapshot>, new: &Arc<Snapshot>) -> bool {
    Arc::ptr_eq(old, new)
        || (old.series == new.series
            && old.jobs == new.jobs
            && old.exchanges == new.exchanges
            && old.ingest == new.ingest
            && old.alerts == new.alerts
            && old.away == new.away
            && old.heartbeat == new.heartbeat
            && (Arc::ptr_eq(&old.log, &new.log) || old.log == new.log)
            && (old.mode, old.simulated, &old.store) == (new.mode, new.simulated, &new.store))
}

/// A read came back.
pub(super) fn loaded(state: &mut State, slot: Slot, generation: u64, reply: Result<Reply, String>) -> Vec<Effect> {
    let chart = match slot {
        Slot::Chart => &mut state.chart,
        Slot::Preview => &mut state.preview,
        Slot::Coverage => {
            super::coverage::loaded(state, generation, reply);
            return Vec::new();
        }
        Slot::Gaps => {
            super::coverage::gaps_loaded(state, generation, reply);
            return Vec::new();
        }
        Slot::Log => {
            super::log::loaded(state, generation, reply);
            return Vec::new();
        }
        Slot::Tape | Slot::Funding | Slot::Interest => {
            super::market::loaded(state, slot, generation, reply);
            return Vec::new();
        }
        Slot::Memory => {
            super::memory::loaded(state, reply);
            return Vec::new();
        }
        Slot::Candle => {
            let found = match reply {
                Ok(Reply::Candle(found)) => Ok(found),
                Ok(_) => Err("the store answered another question".into()),
                Err(error) => Err(error),
            };
            state.chart.provenance_landed(generation, found);
            return Vec::new();
        }
        Slot::Suggest => {
            if let Ok(Reply::Instruments(hits)) = &reply {
                state.days.learn(hits);
            }
            if let (Some(Dialog::Form(form)), Ok(Reply::Instruments(hits))) = (&mut state.dialog, reply)
                && form.search == generation
                && form.needle().is_some()
                && form.stage == Stage::Editing
            {
                form.suggest(hits);
            }
            return dialog::volumes_wanted(state).into_iter().collect();
        }
        Slot::Listing => return dialog::counted(state, &reply),
    };
    match reply {
        Ok(Reply::Chart(data)) => chart.landed(generation, Ok(data)),
        Ok(_) => {
            chart.landed(generation, Err("the store answered another question".into()));
        }
        Err(error) => chart.landed(generation, Err(error)),
    }
    Vec::new()
}

/// A folder was listed.
pub(super) fn listed(state: &mut State, generation: u64, names: Vec<String>) {
    if let Some(Dialog::Form(form)) = &mut state.dialog
        && form.folder.generation == generation
    {
        form.folder.names = names;
    }
}

/// A command was answered: its dialog closes, or keeps what was typed and says what is wrong.
pub(super) fn outcome(state: &mut State, id: RequestId, outcome: Outcome) -> Vec<Effect> {
    if dialog::priced(state, id) {
        return dialog::after_prices(state, &outcome);
    }
    if dialog::fetched(state, id) {
        return dialog::after_fetch(state, outcome);
    }
    let waiting = form_of(state, id).is_some();
    match outcome {
        Ok(done) => {
            if waiting {
                state.dialog = state.dialog.take().as_ref().and_then(super::alerts::below);
            }
            state.watch.awaited = done.series.first().copied().filter(|_| waiting).or(state.watch.awaited);
            // A job that is new is what one looks for on the jobs screen.
            let known = |job: &JobId| state.snapshot.jobs.iter().any(|view| view.id == *job);
            state.jobs.awaited = done.job.filter(|job| !known(job)).or(state.jobs.awaited);
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
    Vec::new()
}

/// An export is on its way.
pub(super) fn export_rows(state: &mut State, id: RequestId, rows: u64) {
    if let Some(form) = form_of(state, id) {
        let words = match form.expected.filter(|expected| *expected > 0) {
            Some(expected) => {
                let percent = (rows.saturating_mul(100) / expected).min(99);
                format!("{} rows written of about {}, {percent} % …", format::count(rows), format::count(expected))
            }
            None => format!("{} rows written …", format::count(rows)),
        };
        form.stage = Stage::Busy(id, words);
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
