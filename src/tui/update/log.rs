//! The log screen: filters, the whole record, copying.

use crate::engine::query::{LogFilter, Reply};
use crate::engine::snapshot::{LogEntry, LogLevel};
use crate::tui::action::{Edit, LogAction, Screen};
use crate::tui::effect::{Effect, Slot};
use crate::tui::layout;
use crate::tui::state::State;
use crate::tui::state::input::Input;

/// What a key of the log screen does.
pub(super) fn act(state: &mut State, action: LogAction) -> Vec<Effect> {
    let newest = state.snapshot.log.clone();
    let entry = state.log.entry(&newest).cloned();
    let filter = state.log.filter.clone();
    match action {
        LogAction::Follow => state.log.toggle_follow(&newest),
        LogAction::Wrap => state.log.wrap = !state.log.wrap,
        LogAction::Level => state.log.set_filter(LogFilter { level: louder(filter.level), ..filter }),
        LogAction::Series => {
            let series = if filter.series.is_some() { None } else { entry.and_then(|entry| entry.series) };
            if series.is_none() && filter.series.is_none() {
                state.toast("this line concerns no symbol", false);
            }
            state.log.set_filter(LogFilter { series, ..filter });
        }
        LogAction::Component => {
            let component = if filter.component.is_some() { None } else { entry.map(|entry| entry.component) };
            state.log.set_filter(LogFilter { component, ..filter });
        }
        LogAction::Search => state.log.search = Some(Input::of(filter.text)),
        LogAction::Detail if state.log.detail.is_some() => state.log.detail = None,
        LogAction::Detail => state.log.detail = entry.map(|_| 0),
        LogAction::DetailDown => state.log.detail = state.log.detail.map(|top| top.saturating_add(1)),
        LogAction::DetailUp => state.log.detail = state.log.detail.map(|top| top.saturating_sub(1)),
        LogAction::Copy => {
            if let Some(entry) = entry {
                state.toast("sent to the terminal's clipboard", false);
                return vec![Effect::Copy(record(&entry))];
            }
        }
    }
    Vec::new()
}

fn louder(level: Option<LogLevel>) -> Option<LogLevel> {
    match level {
        None | Some(LogLevel::Info) => Some(LogLevel::Warn),
        Some(LogLevel::Warn) => Some(LogLevel::Error),
        Some(LogLevel::Error) => None,
    }
}

/// `2026-01-15T12:34:56Z WARN gaps BTC/USDT 1m message`
fn record(entry: &LogEntry) -> String {
    let series = entry.series.as_ref().map_or_else(String::new, |series| format!(" {series}"));
    format!("{} {} {}{series} {}", entry.at.iso(), entry.level.name(), entry.component, entry.message)
}

/// Whether letters go into the filter.
pub(super) fn is_typing(state: &State) -> bool {
    state.dialog.is_none() && state.screen == Screen::Log && state.log.search.is_some()
}

/// Puts text into the filter.
pub(super) fn insert(state: &mut State, text: &str) {
    typed(state, |input| input.insert(text));
}

/// Changes the filter.
pub(super) fn edit(state: &mut State, edit: Edit) {
    typed(state, |input| input.edit(edit));
}

fn typed(state: &mut State, change: impl FnOnce(&mut Input)) {
    if let Some(input) = &mut state.log.search {
        change(input);
        let text = input.text().to_owned();
        let filter = LogFilter { text, ..state.log.filter.clone() };
        state.log.set_filter(filter);
    }
}

/// Leaves the typed filter in force.
pub(super) fn submit(state: &mut State) {
    state.log.search = None;
}

/// Closes the record, else drops the typed filter, else all filters; `false` where nothing was open.
pub(super) fn back(state: &mut State) -> bool {
    let log = &mut state.log;
    if log.detail.take().is_some() {
        return true;
    }
    let typing = log.search.take().is_some();
    let filter = if typing { LogFilter { text: String::new(), ..log.filter.clone() } } else { LogFilter::default() };
    let open = log.filter.is_open();
    log.set_filter(filter);
    typing || !open
}

/// A read of older entries that the screen needs.
pub(super) fn reads(state: &mut State) -> Option<Effect> {
    if state.screen != Screen::Log {
        return None;
    }
    let rows = usize::from(layout::inner(state.frame()?.body).height);
    let newest = state.snapshot.log.clone();
    let (generation, query) = state.log.wanted(&newest, rows)?;
    Some(Effect::Query { slot: Slot::Log, generation, query })
}

/// A read of older entries came back.
pub(super) fn loaded(state: &mut State, generation: u64, reply: Result<Reply, String>) {
    let page = match reply {
        Ok(Reply::Log(page)) => Ok(page),
        Ok(_) => Err("the store answered another question".to_owned()),
        Err(error) => Err(error),
    };
    state.log.landed(generation, page);
}
