//! Remembering from run to run.

use crate::domain::time::SECOND_MS;
use crate::engine::command::Outcome;
use crate::engine::query::Reply;
use crate::tui::effect::{Effect, RequestId};
use crate::tui::state::State;

/// Between two writes.
const EVERY_MS: i64 = 5 * SECOND_MS;
/// After a write that failed.
const AFTER_FAILURE_MS: i64 = 60 * SECOND_MS;

/// What an earlier run remembered has been read, or cannot be.
pub(super) fn loaded(state: &mut State, reply: Result<Reply, String>) {
    if state.memory.kept.is_some() {
        return;
    }
    if let Ok(Reply::Remembered(Some(text))) = reply {
        state.restore(&text);
        state.follow_snapshot();
    }
    state.memory.kept = Some(state.remembered());
}

/// Keeps what has changed, now and then.
pub(super) fn tick(state: &mut State) -> Option<Effect> {
    // A clock that was set back must not silence it.
    let rests = state.now < state.memory.not_before && state.memory.not_before.since(state.now) <= AFTER_FAILURE_MS;
    if rests || state.memory.writing.is_some() {
        return None;
    }
    let command = state.memory_to_keep()?;
    let id = state.next_request();
    state.memory.writing = Some((id, state.remembered()));
    state.memory.not_before = state.now.plus_ms(EVERY_MS);
    Some(Effect::Command(id, command))
}

/// The answer to a write, which is nobody's business but ours; whether it was one.
pub(super) fn outcome(state: &mut State, id: RequestId, outcome: &Outcome) -> bool {
    let Some((_, text)) = state.memory.writing.take_if(|(own, _)| *own == id) else { return false };
    match outcome {
        Ok(_) => state.memory.kept = Some(text),
        Err(_) => state.memory.not_before = state.now.plus_ms(AFTER_FAILURE_MS),
    }
    true
}
