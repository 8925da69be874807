use crate::domain::alert::{AlertId, Condition, Firing, Way};
use crate::domain::price::parse_decimal;
use crate::domain::series::SeriesId;
use crate::domain::time::{HOUR_MS, MINUTE_MS};
use crate::engine::command::{Command, Done};
use crate::engine::snapshot::{AlertsView, Mode, Snapshot};
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::fixture::{NOW, act, busy, keys, state, text, watched};
use crate::tui::notice::{Desktop, Notice};
use crate::tui::state::State;
use crate::tui::state::dialog::Dialog;
use std::sync::Arc;

fn command(state: &mut State, typed: &str) -> Command {
    match keys(state, typed).as_slice() {
        [Effect::Command(_, command)] => command.clone(),
        other => panic!("{typed}: {other:?}"),
    }
}

fn error(state: &State) -> &str {
    match &state.dialog {
        Some(Dialog::Form(form)) => form.error.as_deref().unwrap_or_default(),
        other => panic!("{other:?}"),
    }
}

/// The same recorder after one more firing.
fn fired(snapshot: &Snapshot, id: i64, alert: i64) -> Snapshot {
    let mut alerts = AlertsView::clone(&snapshot.alerts);
    alerts.firings.insert(0, Firing { id, alert: AlertId(alert), at: NOW, value: "64123.4".into() });
    Snapshot { alerts: Arc::new(alerts), ..snapshot.clone() }
}

#[test]
fn an_alert_is_added() {
    let mut state = state(busy(), 80, 24);
    let level = |text: &str, way| Condition::Crosses { level: parse_decimal(text).unwrap(), way };
    let put = |condition| Command::PutAlert { alert: None, series: SeriesId(1), condition, active: true };
    assert_eq!(command(&mut state, "A a Enter"), put(level("64080.1", Way::Up)), "the last price is proposed");
    let id = match &state.dialog {
        Some(Dialog::Form(form)) if matches!(form.stage, crate::tui::state::form::Stage::Busy(..)) => state_id(&state),
        other => panic!("{other:?}"),
    };
    act(&mut state, Action::Outcome(id, Ok(Done::said("watching"))));
    assert!(matches!(state.dialog, Some(Dialog::Alerts)), "back to the list");
    assert_eq!(command(&mut state, "a Right Right Tab Ctrl-u 70000 Enter"), put(level("70000", Way::Either)));
    let moves = Condition::Moves { percent: parse_decimal("2.5").unwrap(), window_ms: 4 * HOUR_MS };
    assert_eq!(command(&mut state, "Esc a Right Right Right Tab Ctrl-u 2.5% Tab Ctrl-u 4h Enter"), put(moves));
    let silent = Condition::Silent { for_ms: 5 * MINUTE_MS };
    assert_eq!(command(&mut state, "Esc a Left Left Enter"), put(silent));
    assert_eq!(command(&mut state, "Esc a Left Enter"), put(Condition::GapFound));
}

fn state_id(state: &State) -> crate::tui::effect::RequestId {
    match &state.dialog {
        Some(Dialog::Form(form)) => match form.stage {
            crate::tui::state::form::Stage::Busy(id, _) => id,
            ref other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_makes_no_sense_is_refused_where_it_stands() {
    let mut state = state(busy(), 80, 24);
    for (typed, expected) in [
        ("A a Tab Ctrl-u abc Enter", "`abc` is not a price: use 64000 or 0.00000734"),
        ("Ctrl-u 0 Enter", "the price must be above zero"),
        ("Esc a Right Right Right Tab Ctrl-u 5000 Enter", "the change must lie between 0.01 and 1000 percent"),
        ("Ctrl-u 5 Tab Ctrl-u 9d Enter", "the window must lie between 1m and 24h"),
        ("Esc a Left Left Tab Ctrl-u 1s Enter", "the silence must lie between 30s and 7d"),
        ("Ctrl-u soon Enter", "`soon` is not a length of time: use 90s, 30m, 12h, 60d, 2w or 1y"),
    ] {
        assert!(keys(&mut state, typed).is_empty(), "{typed}");
        assert_eq!(error(&state), expected, "{typed}");
    }
}

#[test]
fn alerts_are_changed_switched_and_deleted() {
    let mut state = state(watched(), 80, 24);
    let second = |condition, active| Command::PutAlert { alert: Some(AlertId(3)), series: SeriesId(2), condition, active };
    let moves = |percent: &str| Condition::Moves { percent: parse_decimal(percent).unwrap(), window_ms: HOUR_MS };
    assert_eq!(command(&mut state, "A j j Space"), second(moves("2.5"), true));
    assert_eq!(command(&mut state, "e Tab Ctrl-u 7 Enter"), second(moves("7"), false));
    assert!(keys(&mut state, "Esc d n").is_empty());
    assert!(matches!(state.dialog, Some(Dialog::Alerts)));
    assert_eq!(command(&mut state, "d y"), Command::DeleteAlert(AlertId(3)));
    assert!(matches!(state.dialog, Some(Dialog::Alerts)));
    keys(&mut state, "Esc");
    assert!(state.dialog.is_none());
}

#[test]
fn an_observer_looks_only() {
    let mut state = state(Snapshot { mode: Mode::Observer, ..watched() }, 80, 24);
    assert!(keys(&mut state, "A a Space d e").is_empty());
    assert!(matches!(state.dialog, Some(Dialog::Alerts)));
    assert!(state.toasts[0].text.starts_with("read-only"));
}

#[test]
fn a_firing_rings_once_and_is_counted_until_it_is_seen() {
    let mut state = state(watched(), 120, 36);
    assert_eq!(state.unseen_alerts(), 0, "what fired before the start does not ring");
    let next = fired(&watched(), 4, 1);
    let text_of_it = "BTC/USDT 1m price rises above 64000: 64123.4".to_owned();
    let notice = Notice { bell: true, desktop: Desktop::Off, text: text_of_it.clone() };
    assert_eq!(act(&mut state, Action::Snapshot(Arc::new(next.clone()))), [Effect::Notify(notice)]);
    assert!(act(&mut state, Action::Snapshot(Arc::new(next.clone()))).is_empty(), "told once");
    let screen = text(&state);
    assert!(screen.lines().next().unwrap().contains("⚑ 1"), "{screen}");
    assert!(screen.contains(&format!("⚑ {text_of_it}")), "{screen}");
    keys(&mut state, "A");
    assert_eq!(state.unseen_alerts(), 0);
    assert_eq!(keys(&mut state, "B N").len(), 1, "the desktop is tried at once");
    let effects = act(&mut state, Action::Snapshot(Arc::new(fired(&fired(&next, 5, 1), 6, 1))));
    let [Effect::Notify(notice)] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!((notice.bell, notice.desktop), (false, Desktop::Osc9));
    assert!(notice.text.ends_with("(and 1 more)"), "{}", notice.text);
    assert_eq!(state.unseen_alerts(), 0, "the list is open");
}

#[test]
fn a_frozen_screen_still_rings() {
    let mut state = state(watched(), 80, 24);
    keys(&mut state, "p");
    let effects = act(&mut state, Action::Snapshot(Arc::new(fired(&watched(), 4, 2))));
    assert!(matches!(effects.as_slice(), [Effect::Notify(_)]), "{effects:?}");
}

#[test]
fn firings_of_an_earlier_run_wait_to_be_seen() {
    let mut state = state(watched(), 80, 24);
    state.restore("alerts_seen=1");
    assert_eq!(state.unseen_alerts(), 2);
    keys(&mut state, "A");
    assert!(state.remembered().contains("alerts_seen=3"));
}
