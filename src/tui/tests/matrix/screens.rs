//! The screens.

use super::scene::{aged, changed, failing, fresh, shown, stale, then, unreachable, waiting};
use super::{Case, Situation};
use crate::engine::snapshot::{LogEntry, Snapshot};
use crate::tui::action::{Action, Screen};
use crate::tui::fixture::{busy, empty, log, market};
use crate::tui::update::update;
use Situation::{Empty, Error, Loading, Normal, Stale};
use std::sync::Arc;

/// How a screen looks.
pub(super) fn of(screen: Screen, situation: Situation) -> Case {
    match (screen, situation) {
        (Screen::Watch, Empty) => shown(empty(), ""),
        (Screen::Watch, Loading) => waiting(fresh(), ""),
        (Screen::Watch, Normal) => shown(busy(), "j"),
        (Screen::Watch, Stale) => aged(busy(), ""),
        (Screen::Watch, Error) => shown(unreachable(), ""),
        (Screen::Chart, Empty) => shown(empty(), "2"),
        (Screen::Chart, Loading) => waiting(busy(), "2"),
        (Screen::Chart, Normal) => shown(busy(), "2"),
        (Screen::Chart, Stale) => aged(busy(), "2"),
        (Screen::Chart, Error) => failing(busy(), "2"),
        (Screen::Coverage, Empty) => shown(empty(), "3"),
        (Screen::Coverage, Loading) => waiting(busy(), "3 h"),
        (Screen::Coverage, Normal) => shown(busy(), "j 3 h"),
        // The old picture stays while the newest is read.
        (Screen::Coverage, Stale) => then(busy(), "3", |state, _| changed(state)),
        (Screen::Coverage, Error) => failing(busy(), "3 h"),
        (Screen::Jobs, Empty) => shown(empty(), "4"),
        (Screen::Jobs, Loading) => Case::Never("jobs come with the snapshot, which is there before the first frame"),
        (Screen::Jobs, Normal) => shown(busy(), "4"),
        (Screen::Jobs, Stale) => shown(stale(), "4"),
        (Screen::Jobs, Error) => shown(unreachable(), "4 j j"),
        (Screen::Log, Empty) => shown(empty(), "5"),
        (Screen::Log, Loading) => waiting(busy(), "5 g"),
        (Screen::Log, Normal) => shown(busy(), "5"),
        // One reads older lines while newer ones come.
        (Screen::Log, Stale) => then(busy(), "5 k k", |state, _| {
            let later: Vec<LogEntry> = log(40).iter().map(|entry| LogEntry { id: entry.id + 20, ..entry.clone() }).collect();
            update(state, Action::Snapshot(Arc::new(Snapshot { log: later.into(), ..busy() })));
        }),
        (Screen::Log, Error) => failing(busy(), "5 g"),
        (Screen::Market, Empty) => shown(busy(), "6"),
        (Screen::Market, Loading) => waiting(market(), "j 6"),
        (Screen::Market, Normal) => shown(market(), "j 6"),
        (Screen::Market, Stale) => aged(market(), "j 6"),
        (Screen::Market, Error) => failing(market(), "j 6"),
    }
}
