//! The jobs screen: order and retry.

use crate::domain::job::JobState;
use crate::engine::command::Command;
use crate::tui::effect::Effect;
use crate::tui::state::State;

/// Puts the selected job one place forward, or back.
pub(super) fn reorder(state: &mut State, up: bool) -> Vec<Effect> {
    let Some((job, finished)) = state.job().map(|job| (job.id, job.state.is_finished())) else {
        super::guide::no_job(state);
        return Vec::new();
    };
    if !super::is_recorder(state) {
        return Vec::new();
    }
    if finished {
        state.toast("a job that has ended has no turn", false);
        return Vec::new();
    }
    vec![Effect::Command(state.next_request(), Command::Reorder { job, up })]
}

/// Tries the selected job again, if it has failed.
pub(super) fn retry(state: &mut State) -> Vec<Effect> {
    let Some((job, now)) = state.job().map(|job| (job.id, job.state)) else {
        super::guide::no_job(state);
        return Vec::new();
    };
    if !super::is_recorder(state) {
        return Vec::new();
    }
    if now != JobState::Failed {
        state.toast(format!("only a failed job is tried again; this one is {}", now.name()), false);
        return Vec::new();
    }
    vec![Effect::Command(state.next_request(), Command::Resume(job))]
}
