//! The coverage screen: its reads, and queueing what its plan says.

use crate::engine::command::{Command, Since};
use crate::engine::query::Reply;
use crate::tui::action::{CoverageMove, Screen};
use crate::tui::effect::{Effect, Slot};
use crate::tui::state::State;
use std::sync::Arc;

/// Moves the map.
pub(super) fn go(state: &mut State, to: CoverageMove) {
    let snapshot = Arc::clone(&state.whole);
    let selected = state.coverage.rows.key.and_then(|id| snapshot.series.iter().find(|series| series.id == id));
    state.coverage.go(to, &snapshot.series, selected);
}

/// Reads that the visible map and its panel need.
pub(super) fn reads(state: &mut State) -> Vec<Effect> {
    if state.screen != Screen::Coverage || state.whole.series.is_empty() {
        return Vec::new();
    }
    let Some(parts) = state.coverage_layout() else { return Vec::new() };
    let frozen = state.held.is_some();
    let snapshot = Arc::clone(&state.whole);
    let mut effects = Vec::new();
    let columns = parts.map.width;
    if columns > 0
        && let Some((generation, query)) = state.coverage.wanted(&snapshot.series, columns, frozen)
    {
        effects.push(Effect::Query { slot: Slot::Coverage, generation, query });
    }
    let cell = state.coverage.under_cursor(&snapshot.series);
    let selected = state.coverage.rows.key.and_then(|id| snapshot.series.iter().find(|series| series.id == id));
    if state.coverage.detail.is_open
        && let Some(series) = selected
        && let Some((generation, query)) = state.coverage.detail.wanted(series, cell, frozen)
    {
        effects.push(Effect::Query { slot: Slot::Gaps, generation, query });
    }
    effects
}

/// A read of the map came back.
pub(super) fn loaded(state: &mut State, generation: u64, reply: Result<Reply, String>) {
    let data = match reply {
        Ok(Reply::Coverage(data)) => Ok(data),
        Ok(_) => Err("the store answered another question".to_owned()),
        Err(error) => Err(error),
    };
    state.coverage.landed(generation, data);
}

/// A read of the gaps of a cell came back.
pub(super) fn gaps_loaded(state: &mut State, generation: u64, reply: Result<Reply, String>) {
    let data = match reply {
        Ok(Reply::Gaps(data)) => Ok(data),
        Ok(_) => Err("the store answered another question".to_owned()),
        Err(error) => Err(error),
    };
    state.coverage.detail.landed(generation, data);
}

/// Opens or closes the panel.
pub(super) fn toggle_detail(state: &mut State) {
    if !state.whole.series.is_empty() {
        state.coverage.detail.is_open = !state.coverage.detail.is_open;
    }
}

/// Queues the plan of the cell under the cursor; the first press shows what it costs.
pub(super) fn queue(state: &mut State) -> Vec<Effect> {
    let Some(series) = state.coverage.rows.key else { return Vec::new() };
    let cell = state.coverage.under_cursor(&state.whole.series);
    let detail = &mut state.coverage.detail;
    if !detail.is_open {
        detail.is_open = true;
        return Vec::new();
    }
    if detail.of(series, cell).is_none() {
        state.toast("the plan is being read", false);
        return Vec::new();
    }
    let Some(plan) = detail.plan(series, cell) else {
        state.toast("nothing is to be fetched here", false);
        return Vec::new();
    };
    if !super::is_recorder(state) {
        return Vec::new();
    }
    let command = Command::Backfill { series, since: Since::Time(plan.range.from), to: Some(plan.range.to) };
    vec![Effect::Command(state.next_request(), command)]
}
