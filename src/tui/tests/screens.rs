use crate::domain::time::MINUTE_MS;
use crate::engine::command::Done;
use crate::engine::snapshot::{Block, BlockKind, Circuit, Mode, Snapshot, StreamMood};
use crate::tui::ExportDone;
use crate::tui::action::Action;
use crate::tui::effect::{Effect, RequestId};
use crate::tui::fixture::{NOW, act, busy, empty, keys, state, text};

const SIZES: [(u16, u16); 4] = [(60, 15), (80, 24), (120, 36), (200, 50)];

/// The screen after `typed`, at every size.
fn check(name: &str, snapshot: &Snapshot, typed: &str) {
    for (columns, rows) in SIZES {
        let mut state = state(snapshot.clone(), columns, rows);
        keys(&mut state, typed);
        insta::assert_snapshot!(format!("{name}_{columns}x{rows}"), text(&state));
    }
}

#[test]
fn welcome() {
    check("welcome", &empty(), "");
}

#[test]
fn watch() {
    check("watch", &busy(), "j");
}

#[test]
fn chart() {
    check("chart", &busy(), "2");
}

#[test]
fn chart_zoomed_in() {
    check("chart_zoomed_in", &busy(), "2 j j + + H");
}

#[test]
fn chart_zoomed_out() {
    check("chart_zoomed_out", &busy(), "2 ] - - - - v");
}

#[test]
fn jobs() {
    check("jobs", &busy(), "4 j j");
}

#[test]
fn log() {
    check("log", &busy(), "5 k");
}

#[test]
fn help() {
    check("help", &busy(), "2 ?");
}

#[test]
fn add_dialog() {
    check("add", &busy(), "a btc Down");
}

#[test]
fn backfill_dialog() {
    check("backfill", &busy(), "b");
}

#[test]
fn export_dialog() {
    check("export", &busy(), "e");
}

#[test]
fn remove_dialog() {
    check("remove", &busy(), "d");
}

#[test]
fn simulated_observer_in_trouble() {
    let mut snapshot = Snapshot { mode: Mode::Observer, simulated: true, ..busy() };
    let exchange = &mut snapshot.exchanges[0];
    exchange.circuit = Circuit::Open { until: NOW.plus_ms(30_000) };
    exchange.last_error = Some((NOW.plus_ms(-9_000), "api.binance.com cannot be reached: connection refused".into()));
    check("trouble", &snapshot, "p a");
}

#[test]
fn a_finished_export_shows_path_and_command_line() {
    let mut state = state(busy(), 80, 24);
    let effects = keys(&mut state, "e Enter");
    let [Effect::Export(id, request)] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!(request.path.to_str(), Some("BTC-USDT-1m.csv"));
    act(&mut state, Action::ExportRows(*id, 12_345));
    assert!(text(&state).contains("12k rows written"));
    act(&mut state, Action::Exported(*id, Ok(ExportDone { rows: 43_200, path: "/data/BTC-USDT-1m.csv".into() })));
    insta::assert_snapshot!("export_done_80x24", text(&state));
    keys(&mut state, "Enter");
    assert!(state.dialog.is_none());
}

#[test]
fn states_of_an_exchange() {
    let check = |change: &dyn Fn(&mut Snapshot), expected: &str| {
        let mut snapshot = empty();
        change(&mut snapshot);
        let screen = text(&state(snapshot, 120, 20));
        assert!(screen.lines().next().is_some_and(|top| top.contains(expected)), "{expected}: {screen}");
    };
    let error = |ago: i64| Some((NOW.plus_ms(-ago), "cannot be reached".to_owned()));
    check(&|_| {}, "binance ● live");
    check(&|snapshot| snapshot.exchanges[0].fallback = true, "◐ live (fallback host)");
    check(
        &|snapshot| snapshot.exchanges[0].block = Some(Block { until: NOW.plus_ms(6 * MINUTE_MS), kind: BlockKind::Ban }),
        "○ banned until 12:40",
    );
    check(&|snapshot| snapshot.exchanges[0].last_error = error(100), "○ unreachable");
    check(&|snapshot| snapshot.exchanges[0].last_error = error(5_000), "◐ degraded");
    check(&|snapshot| snapshot.exchanges[0].last_ok_at = None, "◐ connecting");
    check(&|snapshot| snapshot.exchanges[0].circuit = Circuit::HalfOpen, "◐ trying again");
    check(&|snapshot| snapshot.series = busy().series, "binance ● live");
    for mood in [StreamMood::Off, StreamMood::Connecting, StreamMood::Down] {
        check(&|snapshot| snapshot.streams[0].mood = mood, "binance ● live");
        let records = |snapshot: &mut Snapshot| (snapshot.streams[0].mood, snapshot.series) = (mood, busy().series);
        check(&records, "binance ◐ REST only");
    }
}

#[test]
fn toasts_come_and_go() {
    let mut state = state(busy(), 80, 24);
    act(&mut state, Action::Outcome(RequestId(99), Ok(Done::said("recording BTC/USDT 1m"))));
    act(&mut state, Action::Outcome(RequestId(98), Err("the recorder is busy: try again in a moment".into())));
    insta::assert_snapshot!("toasts_80x24", text(&state));
    act(&mut state, Action::Tick(NOW.plus_ms(60_000)));
    assert!(!text(&state).contains("recorder is busy"));
}

#[test]
fn small_terminals_say_what_they_need() {
    assert!(text(&state(busy(), 39, 10)).contains("needs 40x10, has 39x10"));
    assert!(text(&state(busy(), 12, 3)).contains("needs 40x10"));
    assert!(!text(&state(busy(), 40, 10)).contains("needs"));
}
