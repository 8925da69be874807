//! The market screen: its panes, and the reads that they need.

use crate::engine::query::{Reply, RowsData};
use crate::tui::action::{MarketMove, Move, Screen};
use crate::tui::effect::{Effect, Slot};
use crate::tui::state::State;
use crate::tui::state::form::Form;
use crate::tui::state::market::MarketPane;
use std::sync::Arc;

/// Scrolls the pane under focus.
pub(super) fn scroll(state: &mut State, to: Move) {
    let pane = state.market_focus();
    let Some(series) = state.market_series(pane).map(|series| series.id) else { return };
    let keys = state.market.keys(pane, series);
    let rows = state.market_rows();
    match pane {
        MarketPane::Tape => state.market.tape.go(to, &keys, rows),
        MarketPane::Funding => state.market.funding.go(to, &keys, rows),
        MarketPane::Interest => state.market.interest.go(to, &keys, rows),
    }
}

/// Does something to the screen.
pub(super) fn go(state: &mut State, to: MarketMove) {
    let pane = state.market_focus();
    let series = state.market_series(pane).map(|series| series.id);
    match to {
        MarketMove::NextPane => step(state, 1),
        MarketMove::NextSymbol => symbol(state, Move::Down),
        MarketMove::PreviousSymbol => symbol(state, Move::Up),
        MarketMove::Follow => {
            let keys = series.map_or_else(Vec::new, |series| state.market.keys(pane, series));
            match pane {
                MarketPane::Tape => state.market.tape.toggle_follow(&keys),
                MarketPane::Funding => state.market.funding.toggle_follow(&keys),
                MarketPane::Interest => state.market.interest.toggle_follow(&keys),
            }
        }
        MarketMove::Larger | MarketMove::Smaller => {
            state.market.focus = MarketPane::Tape;
            if let Some(series) = state.market_series(MarketPane::Tape).map(|series| series.id) {
                state.market.step_least(series, to == MarketMove::Larger);
            }
        }
        MarketMove::AllSizes => state.market.least = None,
    }
}

fn symbol(state: &mut State, to: Move) {
    let keys = state.row_keys();
    let rows = state.watch_rows();
    state.watch.go(to, &keys, rows);
    state.market.least = None;
}

/// The focus to the next pane.
fn step(state: &mut State, panes: usize) {
    let all = state.market_panes();
    if all.len() < 2 {
        return;
    }
    let at = all.iter().position(|pane| *pane == state.market_focus()).unwrap_or(0);
    state.market.focus = all[(at + panes) % all.len()];
}

/// `Tab` goes through the panes before it goes on to the next screen; whether there was one left.
pub(super) fn tab(state: &mut State, forward: bool) -> bool {
    let all = state.market_panes();
    let end = if forward { all.last() } else { all.first() };
    if state.screen != Screen::Market || end == Some(&state.market_focus()) || state.snapshot.series.is_empty() {
        return false;
    }
    step(state, if forward { 1 } else { all.len() - 1 });
    true
}

/// Asks for symbols, with the selected one and what its pane lacks filled in.
pub(super) fn add(state: &State) -> Form {
    let mut form = Form::add(&state.default_backfill, state.meant);
    if state.screen == Screen::Market
        && let Some(series) = state.series()
        && state.market_series(state.market_focus()).is_none()
    {
        form.propose(series.exchange, series.symbol.as_str(), &[state.market_focus().dataset()]);
    }
    form
}

/// Reads that the visible panes need.
pub(super) fn reads(state: &mut State) -> Vec<Effect> {
    if state.screen != Screen::Market {
        return Vec::new();
    }
    let Some(frame) = state.frame() else { return Vec::new() };
    let (now, frozen) = (state.now, state.held.is_some());
    let whole = Arc::clone(&state.whole);
    let mut effects = Vec::new();
    for (pane, _) in state.market_shown(frame.body) {
        let Some(id) = state.market_series(pane).map(|series| series.id) else { continue };
        let Some(series) = whole.series.iter().find(|series| series.id == id) else { continue };
        if let Some((generation, query)) = state.market.wanted(pane, series, now, frozen) {
            effects.push(Effect::Query { slot: slot(pane), generation, query });
        }
    }
    effects
}

const fn slot(pane: MarketPane) -> Slot {
    match pane {
        MarketPane::Tape => Slot::Tape,
        MarketPane::Funding => Slot::Funding,
        MarketPane::Interest => Slot::Interest,
    }
}

/// A read came back.
pub(super) fn loaded(state: &mut State, slot: Slot, generation: u64, reply: Result<Reply, String>) {
    let market = &mut state.market;
    match slot {
        Slot::Tape => {
            let found = rows(reply, |reply| if let Reply::Tape(data) = reply { Some(data) } else { None });
            market.tape.landed(generation, found);
        }
        Slot::Funding => {
            let found = rows(reply, |reply| if let Reply::Funding(data) = reply { Some(data) } else { None });
            market.funding.landed(generation, found);
        }
        _ => {
            let found = rows(reply, |reply| if let Reply::OpenInterest(data) = reply { Some(data) } else { None });
            market.interest.landed(generation, found);
        }
    }
}

fn rows<T>(reply: Result<Reply, String>, of: impl Fn(Reply) -> Option<RowsData<T>>) -> Result<RowsData<T>, String> {
    of(reply?).ok_or_else(|| "the store answered another question".into())
}
