//! What opens above a screen.

use super::scene::{failing, happens, request, scene, shown, then, waiting};
use super::{Case, Situation};
use crate::engine::query::Reply;
use crate::engine::snapshot::{AwayCause, AwayReport, Snapshot};
use crate::tui::action::{Action, Screen};
use crate::tui::effect::{Effect, Slot};
use crate::tui::fixture::{busy, empty, returned, watched};
use crate::tui::state::State;
use crate::tui::state::dialog::Dialog;
use crate::tui::state::form::Purpose;
use Case::Never;
use Situation::{Empty, Error, Loading, Normal, Stale};
use std::sync::Arc;

/// An enumeration that knows all of its values.
macro_rules! every {
    ($(#[$meta:meta])* enum $name:ident { $($value:ident),+ $(,)? }) => {
        $(#[$meta])*
        pub(super) enum $name { $($value),+ }

        impl $name {
            pub(super) const ALL: [Self; [$(Self::$value),+].len()] = [$(Self::$value),+];
        }
    };
}

every! {
    /// Everything that opens above a screen.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    enum Popup {
        Add,
        Backfill,
        Export,
        Date,
        Settings,
        AlertForm,
        Alerts,
        Question,
        Palette,
        Indicators,
        Intervals,
        Help,
        Away,
        Drawer,
        Detail,
        Record,
    }
}

impl Popup {
    /// What is open.
    pub(super) fn open(state: &State) -> Option<Self> {
        Some(match &state.dialog {
            Some(Dialog::Help(_)) => Self::Help,
            Some(Dialog::Confirm(_)) => Self::Question,
            Some(Dialog::Form(form)) => match form.purpose {
                Purpose::Add(_) => Self::Add,
                Purpose::Backfill(_) => Self::Backfill,
                Purpose::Export(_) => Self::Export,
                Purpose::Alert(_) => Self::AlertForm,
                Purpose::Settings => Self::Settings,
                Purpose::Date(_) => Self::Date,
            },
            Some(Dialog::Alerts) => Self::Alerts,
            Some(Dialog::Away(_)) => Self::Away,
            Some(Dialog::Palette(_)) => Self::Palette,
            Some(Dialog::Studies(_)) => Self::Indicators,
            Some(Dialog::Intervals(_)) => Self::Intervals,
            None if state.panes.drawer => Self::Drawer,
            None if state.screen == Screen::Coverage && state.coverage.detail.is_open => Self::Detail,
            None if state.screen == Screen::Log && state.log.detail.is_some() => Self::Record,
            None => return None,
        })
    }
}

const FILLED_AT_ONCE: Case = Never("it is made of what is on screen already: nothing is read for it");
const NO_AGE: Case = Never("what it shows does not grow old");
const CANNOT_FAIL: Case = Never("nothing is asked of the engine or the store for it");
const OF_SOMETHING: Case = Never("it opens on something that is there, or not at all");

/// How it looks.
pub(super) fn of(popup: Popup, situation: Situation) -> Case {
    match (popup, situation) {
        (Popup::Add, Empty) => shown(empty(), "a"),
        (Popup::Add, Loading) => scene(empty(), "a").unread().then(|state, _| no_list(state)).case(),
        (Popup::Add, Normal) => shown(busy(), "a btc Down"),
        (Popup::Add, Error) => scene(empty(), "a")
            .unread()
            .then(|state, _| {
                no_list(state);
                let id = state.fetching_list.unwrap();
                happens(state, Action::Outcome(id, Err("binance does not answer".into())));
            })
            .case(),
        (Popup::Backfill, Loading) => shown(busy(), "b Enter"),
        (Popup::Backfill, Normal) => shown(busy(), "b"),
        (Popup::Backfill, Error) => then(busy(), "b Enter", refused),
        (Popup::Export, Loading) => {
            then(busy(), "e Enter", |state, left| happens(state, Action::ExportRows(request(left), 12_345)))
        }
        (Popup::Export, Normal) => shown(busy(), "e"),
        (Popup::Export, Error) => then(busy(), "e Enter", |state, left| {
            happens(state, Action::Exported(request(left), Err("BTC-USDT-1m.csv cannot be written: the disk is full".into())));
        }),
        (Popup::Date, Empty) => shown(busy(), "2 @"),
        (Popup::Date, Normal) => shown(busy(), "2 @ 26m"),
        (Popup::Date, Error) => shown(busy(), "2 @ 2020-01-01 Enter"),
        (Popup::Settings, Normal) => shown(busy(), ", Right"),
        (Popup::AlertForm, Loading) => shown(watched(), "A a Enter"),
        (Popup::AlertForm, Normal) => shown(watched(), "A a Right Right Right"),
        (Popup::AlertForm, Error) => shown(watched(), "A a Tab Ctrl-u x Enter"),
        (Popup::Alerts, Empty) => shown(busy(), "A"),
        (Popup::Alerts, Normal) => shown(watched(), "A j N"),
        (Popup::Question, Normal) => shown(busy(), "d"),
        (Popup::Palette, Empty) => shown(busy(), "2 : zzzz"),
        (Popup::Palette, Normal) => shown(busy(), "2 :"),
        (Popup::Indicators, Normal) => shown(busy(), "2 i j Space"),
        (Popup::Intervals, Normal) => shown(busy(), "2 t j j"),
        (Popup::Help, Empty) => shown(empty(), "?"),
        (Popup::Help, Normal) => shown(busy(), "2 ?"),
        (Popup::Away, Empty) => shown(nothing_missed(), ""),
        (Popup::Away, Loading) => shown(returned(AwayCause::Off, 4), ""),
        (Popup::Away, Normal) => shown(returned(AwayCause::Asleep, 10), ""),
        (Popup::Drawer, Empty) => shown(empty(), "`"),
        (Popup::Drawer, Normal) => shown(busy(), "2 `"),
        (Popup::Detail, Empty) => shown(busy(), "j j j 3 Left Enter"),
        (Popup::Detail, Loading) => waiting(busy(), "3 Left Enter"),
        (Popup::Detail, Normal) => shown(busy(), "3 Left Left Enter"),
        (Popup::Detail, Error) => failing(busy(), "3 Left Enter"),
        (Popup::Record, Normal) => shown(busy(), "5 k k k k Enter"),

        (Popup::Date | Popup::Palette | Popup::Indicators | Popup::Intervals | Popup::Help | Popup::Question, Loading) => {
            FILLED_AT_ONCE
        }
        (Popup::Settings | Popup::Alerts | Popup::Drawer | Popup::Record, Loading) => FILLED_AT_ONCE,
        (Popup::Backfill | Popup::Export | Popup::AlertForm | Popup::Question | Popup::Record, Empty) => OF_SOMETHING,
        (Popup::Settings | Popup::Indicators | Popup::Intervals, Empty) => Never("its choices are part of the program"),
        (Popup::Question, Error) => Never("it is closed by the answer: what follows is told by a toast"),
        (Popup::Detail, Stale) => Never("a cell that moved on is read again, and is loading until then"),
        (
            Popup::Settings
            | Popup::Palette
            | Popup::Indicators
            | Popup::Intervals
            | Popup::Help
            | Popup::Alerts
            | Popup::Away
            | Popup::Drawer
            | Popup::Record,
            Error,
        ) => CANNOT_FAIL,
        (_, Stale) => NO_AGE,
    }
}

/// The store has no list of instruments: it is being fetched.
fn no_list(state: &mut State) {
    happens(state, Action::Loaded { slot: Slot::Listing, generation: 0, reply: Ok(Reply::InstrumentCount(0)) });
}

/// The engine says no.
fn refused(state: &mut State, left: &[Effect]) {
    let reason = "the recorder is busy: try again in a moment";
    happens(state, Action::Outcome(request(left), Err(reason.into())));
}

fn nothing_missed() -> Snapshot {
    let mut snapshot = returned(AwayCause::Off, 0);
    let away = snapshot.away.as_ref().map(|away| AwayReport { series: Vec::new(), ..AwayReport::clone(away) });
    snapshot.away = away.map(Arc::new);
    snapshot
}
