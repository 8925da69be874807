//! Alerts: the list, and being told when one fires.

use crate::engine::command::Command;
use crate::engine::snapshot::Snapshot;
use crate::tui::action::AlertMove;
use crate::tui::effect::Effect;
use crate::tui::notice::Notice;
use crate::tui::state::State;
use crate::tui::state::dialog::{Confirm, Dialog};
use crate::tui::state::form::{Form, Purpose};

/// Toasts for one snapshot's firings, at most; the badge counts all.
const TOASTS: usize = 3;

/// Changes the list of alerts.
pub(super) fn go(state: &mut State, to: AlertMove) -> Vec<Effect> {
    match to {
        AlertMove::Open => state.dialog = Some(Dialog::Alerts),
        AlertMove::Bell => state.alerts.bell = !state.alerts.bell,
        AlertMove::Desktop => {
            state.alerts.desktop = state.alerts.desktop.next();
            // Told at once, so that one sees whether the terminal understands.
            let words = "alerts will be told like this";
            return vec![Effect::Notify(Notice { bell: false, desktop: state.alerts.desktop, text: words.into() })];
        }
        AlertMove::Add => match state.series().map(Form::alert) {
            _ if !super::is_recorder(state) => {}
            Some(form) => state.dialog = Some(Dialog::Form(form)),
            None => super::guide::no_symbol(state),
        },
        AlertMove::Edit | AlertMove::Delete | AlertMove::Toggle => return with_selected(state, to),
    }
    Vec::new()
}

fn with_selected(state: &mut State, to: AlertMove) -> Vec<Effect> {
    let Some(view) = state.alert().cloned() else { return Vec::new() };
    if !super::is_recorder(state) {
        return Vec::new();
    }
    let alert = view.alert.clone();
    match to {
        AlertMove::Edit => state.dialog = Some(Dialog::Form(Form::change_alert(&view))),
        AlertMove::Delete => {
            let name = format!("{}: {}", view.series, alert.condition.words());
            state.dialog = Some(Dialog::Confirm(Confirm::delete_alert(alert.id, &name)));
        }
        _ => {
            let command = Command::PutAlert {
                alert: Some(alert.id),
                series: alert.series,
                condition: alert.condition,
                active: !alert.active,
            };
            return vec![Effect::Command(state.next_request(), command)];
        }
    }
    Vec::new()
}

/// What opens again when this dialog closes: the list, below what was opened from it.
pub(super) fn below(dialog: &Dialog) -> Option<Dialog> {
    match dialog {
        Dialog::Form(Form { purpose: Purpose::Alert(_), .. })
        | Dialog::Confirm(Confirm { command: Command::DeleteAlert(_), .. }) => Some(Dialog::Alerts),
        _ => None,
    }
}

/// Tells of what has fired since the last snapshot, also while the screen is frozen.
pub(super) fn ring(state: &mut State, snapshot: &Snapshot) -> Vec<Effect> {
    let alerts = &snapshot.alerts;
    let told = state.alerts.told;
    state.alerts.told = told.max(alerts.newest());
    let lines: Vec<String> = alerts
        .firings
        .iter()
        .take_while(|firing| firing.id > told)
        .filter_map(|firing| {
            let view = alerts.of(firing)?;
            Some(format!("{} {}: {}", view.series, view.alert.condition.words(), firing.value))
        })
        .collect();
    if lines.is_empty() {
        return Vec::new();
    }
    state.dirty = true;
    for line in lines.iter().take(TOASTS).rev() {
        state.toast_alert(line.clone());
    }
    let text = match lines.as_slice() {
        [only] => only.clone(),
        [newest, older @ ..] => format!("{newest} (and {} more)", older.len()),
        [] => String::new(),
    };
    vec![Effect::Notify(Notice { bell: state.alerts.bell, desktop: state.alerts.desktop, text })]
}

/// While the list is open, what it shows counts as seen.
pub(super) fn look(state: &mut State) {
    if matches!(state.dialog, Some(Dialog::Alerts)) {
        state.alerts.seen = state.alerts.seen.max(state.snapshot.alerts.newest());
    }
}
