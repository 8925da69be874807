use crate::domain::time::HOUR_MS;
use crate::engine::snapshot::{AwayCause, AwayReport};
use crate::tui::action::Action;
use crate::tui::fixture::{NOW, act, busy, keys, returned, state, text};
use crate::tui::state::State;
use crate::tui::state::dialog::Dialog;
use std::sync::Arc;

#[test]
fn it_is_shown_once_and_follows_the_mending() {
    let mut state = state(returned(AwayCause::Off, 0), 80, 24);
    assert!(text(&state).contains("2360 candles missed: 0 mended, 2360 still to be fetched"), "{}", text(&state));
    act(&mut state, Action::Snapshot(Arc::new(returned(AwayCause::Off, 5))));
    assert!(text(&state).contains("1180 mended, 1180 still to be fetched"));
    keys(&mut state, "Esc");
    act(&mut state, Action::Snapshot(Arc::new(returned(AwayCause::Off, 10))));
    assert!(state.dialog.is_none(), "once");
    keys(&mut state, "W");
    assert!(text(&state).contains("2358 mended, 2 lost: the exchange has none"), "{}", text(&state));
}

#[test]
fn a_sleep_during_the_run_is_told_without_closing_what_is_open() {
    let mut state = state(busy(), 80, 24);
    keys(&mut state, "W");
    assert!(state.dialog.is_none() && state.toasts.len() == 1);
    keys(&mut state, "b");
    act(&mut state, Action::Snapshot(Arc::new(returned(AwayCause::Asleep, 0))));
    assert!(matches!(state.dialog, Some(Dialog::Form(_))));
    assert!(text(&state).contains("W tells what was missed"), "{}", text(&state));
    keys(&mut state, "Esc W");
    assert!(text(&state).contains("The machine slept from Jan 15 02:34"), "{}", text(&state));
}

#[test]
fn what_can_be_mended_for_a_while_only_is_told() {
    let mut snapshot = returned(AwayCause::Off, 4);
    let mut report = AwayReport::clone(snapshot.away.as_ref().unwrap());
    report.series[1].mendable_until = Some(NOW.plus_ms(76 * HOUR_MS));
    report.series[2].mendable_until = Some(NOW.plus_ms(90 * HOUR_MS));
    snapshot.away = Some(Arc::new(report));
    let shown = |state: &State| text(state).contains("Still mendable until Jan 18 16:34: 3d 04h left");
    let mut state = state(snapshot, 80, 24);
    assert!(shown(&state), "{}", text(&state));
    assert!(text(&state).contains("币安人生/USDT 1m  "), "the box has room for it: {}", text(&state));
    act(&mut state, Action::Tick(NOW.plus_ms(80 * HOUR_MS)));
    assert!(text(&state).contains("no longer serves is being lost"), "{}", text(&state));
}

#[test]
fn long_reports_scroll() {
    let mut state = state(returned(AwayCause::Off, 1), 60, 10);
    let before = text(&state);
    assert!(before.contains("↓ more"), "{before}");
    keys(&mut state, "G");
    assert!(text(&state).contains("币安人生/USDT"), "{}", text(&state));
}
