use crate::domain::time::MINUTE_MS;
use crate::engine::command::Done;
use crate::engine::snapshot::{Block, BlockKind, Circuit, Snapshot, StreamMood};
use crate::tui::ExportDone;
use crate::tui::action::Action;
use crate::tui::effect::{Effect, RequestId};
use crate::tui::fixture::{NOW, act, busy, empty, keys, state, text};

#[test]
fn a_finished_export_shows_path_and_command_line() {
    let mut state = state(busy(), 80, 24);
    let effects = keys(&mut state, "e Enter");
    let [Effect::Export(id, request)] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!(request.path.to_str(), Some("BTC-USDT-1m.csv"));
    act(&mut state, Action::ExportRows(*id, 12_345));
    assert!(text(&state).contains("12k rows written"));
    act(&mut state, Action::Exported(*id, Ok(ExportDone { rows: 43_200, path: "/data/BTC-USDT-1m.csv".into() })));
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
    assert!(text(&state).contains("✓ recording BTC/USDT 1m"));
    act(&mut state, Action::Tick(NOW.plus_ms(60_000)));
    assert!(!text(&state).contains("recorder is busy"));
}

#[test]
fn small_terminals_say_what_they_need() {
    assert!(text(&state(busy(), 39, 10)).contains("needs 40x10, has 39x10"));
    assert!(text(&state(busy(), 12, 3)).contains("needs 40x10"));
    assert!(!text(&state(busy(), 40, 10)).contains("needs"));
}
