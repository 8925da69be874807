use crate::domain::dataset::Dataset;
use crate::domain::instrument::ExchangeId;
use crate::domain::interval::Interval;
use crate::domain::series::{JobId, SeriesId};
use crate::domain::time::{DAY_MS, MINUTE_MS};
use crate::engine::command::{Command, Done, Since};
use crate::engine::query::Query;
use crate::engine::snapshot::{LogEntry, Mode, Snapshot};
use crate::tui::Exit;
use crate::tui::action::{Action, Screen};
use crate::tui::effect::{Effect, Slot};
use crate::tui::fixture::{NOW, act, answer, busy, empty, keys, log, state, text};
use crate::tui::state::State;
use crate::tui::state::dialog::Dialog;
use crate::tui::state::form::Stage;
use crate::tui::update::update;
use std::sync::Arc;

/// Effects other than reads after these keys.
fn check(state: &mut State, typed: &str, expected: &[Effect]) {
    assert_eq!(keys(state, typed), expected, "{typed}");
}

/// The one command that these keys send.
fn command(state: &mut State, typed: &str) -> Command {
    match keys(state, typed).as_slice() {
        [Effect::Command(_, command)] => command.clone(),
        other => panic!("{typed}: {other:?}"),
    }
}

fn error(state: &State) -> Option<&str> {
    match &state.dialog {
        Some(Dialog::Form(form)) => form.error.as_deref(),
        _ => None,
    }
}

#[test]
fn quitting_and_going_back() {
    check(&mut state(busy(), 80, 24), "q", &[Effect::Quit(Exit::Quit)]);
    check(&mut state(busy(), 80, 24), "a Ctrl-c", &[Effect::Quit(Exit::Quit)]);
    check(&mut state(empty(), 80, 24), "d", &[Effect::Quit(Exit::Demo)]);
    let mut state = state(busy(), 80, 24);
    check(&mut state, "2 ? Esc", &[]);
    assert_eq!(state.screen, Screen::Chart);
    check(&mut state, "Esc Esc", &[]);
    assert_eq!(state.screen, Screen::Watch);
}

#[test]
fn screens() {
    let mut state = state(busy(), 80, 24);
    for (typed, screen) in [
        ("Tab", Screen::Chart),
        ("Tab", Screen::Coverage),
        ("Tab", Screen::Jobs),
        ("5", Screen::Log),
        ("Tab", Screen::Market),
        ("Tab", Screen::Watch),
        ("Shift-Tab", Screen::Market),
        ("1 Enter", Screen::Chart),
    ] {
        check(&mut state, typed, &[]);
        assert_eq!(state.screen, screen, "{typed}");
    }
}

#[test]
fn adding_a_symbol() {
    let mut state = state(busy(), 80, 24);
    let added = command(&mut state, "a pepe Down Enter Tab Right Tab 30d Enter");
    assert_eq!(
        added,
        Command::Add {
            symbols: vec!["PEPE/USDT".into()],
            exchange: ExchangeId::Binance,
            datasets: vec![Dataset::Candles],
            interval: Interval::M3,
            since: Since::Last(30 * DAY_MS)
        }
    );
}

#[test]
fn a_refusal_keeps_the_dialog_and_its_text() {
    let mut state = state(busy(), 80, 24);
    let effects = keys(&mut state, "a btcusd Enter");
    let [Effect::Command(id, _)] = effects.as_slice() else { panic!("{effects:?}") };
    act(&mut state, Action::Outcome(*id, Err("binance does not list btcusd: did you mean BTC/USDT?".into())));
    assert_eq!(error(&state), Some("binance does not list btcusd: did you mean BTC/USDT?"));
    assert!(text(&state).contains("btcusd") && text(&state).contains("did you mean BTC/USDT?"));
    let added = command(&mut state, "t Enter");
    assert!(matches!(added, Command::Add { symbols, .. } if symbols == ["btcusdt"]));
}

#[test]
fn an_added_series_is_selected_when_it_comes() {
    let mut state = state(busy(), 80, 24);
    let effects = keys(&mut state, "a sol Enter");
    let [Effect::Command(id, _)] = effects.as_slice() else { panic!("{effects:?}") };
    let done = Done { message: "recording SOL/USDT 1m".into(), series: vec![SeriesId(9)], job: None };
    act(&mut state, Action::Outcome(*id, Ok(done)));
    assert!(state.dialog.is_none());
    assert_eq!(state.watch.key, Some(SeriesId(1)));
    let mut snapshot = busy();
    snapshot.series[3].id = SeriesId(9);
    act(&mut state, Action::Snapshot(Arc::new(snapshot)));
    assert_eq!(state.watch.key, Some(SeriesId(9)));
}

#[test]
fn one_clear_line_for_what_is_wrong() {
    let check = |typed: &str, expected: &str| {
        let mut state = state(busy(), 80, 24);
        assert_eq!(keys(&mut state, typed), [], "{typed}");
        assert_eq!(error(&state), Some(expected), "{typed}");
    };
    check("a Enter", "type a symbol such as BTC/USDT");
    check("a btc Tab Tab soon Enter", "`soon` is neither a length (30d, 12h) nor a date (2025-01-31)");
    check("b Ctrl-u 2099-01-01 Enter", "that lies in the future");
    check("b Tab yesterday Enter", "`yesterday` is not a date: use 2025-01-31, 2025-01-31T12:00:00Z or now");
    check("b Tab 2020-01-01 Enter", "the range is empty: it ends before it starts");
    check("e Tab Ctrl-u listing Enter", "an export needs a date or a length such as 30d");
}

#[test]
fn backfill_remove_and_jobs() {
    let mut state = state(busy(), 80, 24);
    assert_eq!(
        command(&mut state, "j b Enter"),
        Command::Backfill { series: SeriesId(2), since: Since::Last(30 * DAY_MS), to: None }
    );
    check(&mut state, "Esc d n", &[]);
    assert_eq!(command(&mut state, "Del y"), Command::Remove { series: SeriesId(2) });
    assert_eq!(command(&mut state, "4 Space"), Command::Pause(JobId(1)));
    assert_eq!(command(&mut state, "j Space"), Command::Resume(JobId(2)));
    assert_eq!(command(&mut state, "x Enter"), Command::Cancel(JobId(2)));
    check(&mut state, "G Space x", &[]);
    assert_eq!(state.toasts.last().map(|toast| toast.text.as_str()), Some("this job is done"));
}

#[test]
fn an_observer_changes_nothing() {
    let mut state = state(Snapshot { mode: Mode::Observer, ..busy() }, 80, 24);
    check(&mut state, "a b d 4 Space x", &[]);
    assert!(state.dialog.is_none());
    check(&mut state, "R", &[Effect::Repaint]);
    check(&mut state, "1 e", &[]);
    assert!(state.dialog.is_some(), "an export only reads");
}

#[test]
fn a_frozen_screen_keeps_its_picture() {
    let mut state = state(busy(), 80, 24);
    check(&mut state, "p", &[]);
    act(&mut state, Action::Snapshot(Arc::new(empty())));
    assert_eq!(state.snapshot.series.len(), 4);
    check(&mut state, "p", &[]);
    assert_eq!(state.snapshot.series.len(), 0);
}

#[test]
fn nothing_is_drawn_for_the_same_news() {
    let mut state = state(busy(), 80, 24);
    state.dirty = false;
    act(&mut state, Action::Snapshot(Arc::new(Snapshot { at: NOW.plus_ms(100), ..busy() })));
    assert!(!state.dirty);
    let mut other = busy();
    other.ingest.candles += 1;
    act(&mut state, Action::Snapshot(Arc::new(other)));
    assert!(state.dirty);
}

#[test]
fn a_log_that_is_read_stays_in_place() {
    let mut state = state(busy(), 80, 24);
    check(&mut state, "5 g j", &[]);
    let line = |state: &State| state.log.shown(&state.snapshot.log)[state.log.top].clone();
    let seen = line(&state);
    let newer = log(3).iter().cloned().zip(1_000..).map(|(entry, id)| LogEntry { id, ..entry }).collect::<Vec<_>>();
    let longer: Vec<_> = busy().log.iter().skip(30).cloned().chain(newer).collect();
    act(&mut state, Action::Snapshot(Arc::new(Snapshot { log: longer.into(), ..busy() })));
    assert_eq!(line(&state), seen);
    check(&mut state, "G", &[]);
    assert!(state.log.is_following());
}

/// Reads of the chart among `effects`.
fn read(effects: &[Effect]) -> Option<(u64, Query)> {
    effects.iter().find_map(|effect| match effect {
        Effect::Query { slot: Slot::Chart, generation, query } => Some((*generation, query.clone())),
        _ => None,
    })
}

#[test]
fn the_newest_read_wins_and_the_old_picture_stays() {
    let mut state = state(busy(), 80, 24);
    keys(&mut state, "2");
    assert!(state.chart.picture.is_some());
    let longer = Action::Chart(crate::tui::action::ChartMove::Longer);
    let (first, query) = read(&update(&mut state, longer.clone())).unwrap();
    let (second, wider) = read(&update(&mut state, longer)).unwrap();
    let interval = |state: &State| state.chart.picture.as_ref().map(crate::tui::state::chart::Picture::interval);
    assert_eq!(interval(&state), Some(Interval::M1));
    update(&mut state, Action::Loaded { slot: Slot::Chart, generation: first, reply: Ok(answer(&query)) });
    assert_eq!(interval(&state), Some(Interval::M1), "overtaken");
    update(&mut state, Action::Loaded { slot: Slot::Chart, generation: second, reply: Ok(answer(&wider)) });
    assert_eq!(interval(&state), Some(Interval::M15));
}

#[test]
fn charts_read_again_when_candles_change_and_not_otherwise() {
    let mut state = state(busy(), 80, 24);
    keys(&mut state, "2");
    assert_eq!(read(&update(&mut state, Action::Tick(NOW.plus_ms(1_000)))), None);
    keys(&mut state, "h h l");
    let mut grown = busy();
    grown.series[0].revision += 1;
    assert!(read(&update(&mut state, Action::Snapshot(Arc::new(grown.clone())))).is_some());
    assert_eq!(read(&update(&mut state, Action::Tick(NOW.plus_ms(2_000)))), None, "one is under way");
}

#[test]
fn panning() {
    let mut state = state(busy(), 80, 24);
    check(&mut state, "2 H", &[]);
    assert!(!state.chart.is_live());
    assert!(text(&state).contains("LIVE ▸"));
    let before = text(&state);
    let mut later = busy();
    later.series[0].revision += 1;
    later.series[0].last_candle_end = later.series[0].last_candle_end.map(|end| end.plus_ms(MINUTE_MS));
    act(&mut state, Action::Snapshot(Arc::new(later)));
    assert_eq!(text(&state), before, "the view stays while data comes in");
    check(&mut state, "L", &[]);
    check(&mut state, "L", &[]);
    assert!(state.chart.is_live());
    check(&mut state, "Home", &[]);
    let first = state.chart.window(&state.snapshot.series[0].clone(), 60).range.from;
    check(&mut state, "H H", &[]);
    assert_eq!(state.chart.window(&state.snapshot.series[0].clone(), 60).range.from, first, "no further than the first candle");
    check(&mut state, "End", &[]);
    assert!(state.chart.is_live());
}

#[test]
fn exports_in_the_background_end_in_a_toast() {
    let mut state = state(busy(), 80, 24);
    let effects = keys(&mut state, "e Enter");
    let [Effect::Export(id, _)] = effects.as_slice() else { panic!("{effects:?}") };
    assert!(matches!(&state.dialog, Some(Dialog::Form(form)) if matches!(form.stage, Stage::Busy(..))));
    keys(&mut state, "Esc");
    act(&mut state, Action::Exported(*id, Err("disk full".into())));
    assert_eq!(state.toasts.last().map(|toast| toast.text.as_str()), Some("export failed: disk full"));
}

#[test]
fn an_outage_is_read_though_no_candle_came() {
    let mut state = state(busy(), 80, 24);
    keys(&mut state, "2");
    let mut later = busy();
    later.series[0].coverage.queued += 1;
    assert!(read(&update(&mut state, Action::Snapshot(Arc::new(later)))).is_some());
}

#[test]
fn intervals_that_the_series_cannot_fold_to_are_left_out() {
    let mut snapshot = busy();
    snapshot.series[0].interval = Interval::M15;
    let mut state = state(snapshot, 80, 24);
    keys(&mut state, "2 [ [");
    assert_eq!(state.chart.interval, Interval::M15);
    keys(&mut state, "] ] ] ]");
    assert_eq!(state.chart.interval, Interval::D1);
    keys(&mut state, "j");
    assert_eq!(state.chart.interval, Interval::D1, "the interval stays on the chart screen");
    keys(&mut state, "[ [ [ [ [ [");
    assert_eq!(state.chart.interval, Interval::M1);
}
