//! The coverage map, the jobs and the log.

use crate::domain::range::TimeRange;
use crate::domain::series::{JobId, SeriesId};
use crate::domain::time::{DAY_MS, HOUR_MS, Time};
use crate::engine::command::{Command, Since};
use crate::engine::query::{CoverageCell, Query};
use crate::engine::snapshot::{JobState, LogEntry, LogLevel, Mode, Snapshot};
use crate::tui::action::{Action, Screen};
use crate::tui::effect::{Effect, Slot};
use crate::tui::fixture::{NOW, answer, busy, keys, log, state, text};
use crate::tui::state::State;
use crate::tui::update::{press, update};
use std::sync::Arc;

/// The cell under the cursor.
fn cell(state: &State) -> TimeRange {
    state.coverage.under_cursor(&state.snapshot.series)
}

fn time(text: &str) -> Time {
    Time::parse(text, Time::EPOCH).unwrap()
}

#[test]
fn the_cursor_of_the_map() {
    let mut state = state(busy(), 80, 24);
    let mut check = |typed: &str, series: i64, from: &str| {
        assert_eq!(keys(&mut state, typed), [], "{typed}");
        assert_eq!((state.coverage.rows.key, cell(&state).from), (Some(SeriesId(series)), time(from)), "{typed}");
        let columns = state.coverage_layout().unwrap().map.width;
        let (window, _) = state.coverage.window(&state.snapshot.series, columns);
        assert!(window.contains(&cell(&state).from), "{typed}");
    };
    check("3", 1, "2026-01-15");
    check("h Left j", 2, "2026-01-13");
    check("l l l l", 2, "2026-01-15");
    check("G", 4, "2026-01-15");
    check("g Home", 1, "2025-12-16");
    check("PgDn", 4, "2025-12-16");
    check("Ctrl-u H", 1, "2025-10-28");
    check("L End", 1, "2026-01-15");
    check("h -", 1, "2026-01-01");
    check("- h h", 1, "2025-11-01");
    check("0", 1, "2025-11-01");
    check("+ l", 1, "2025-11-01T01:00:00Z");
    check("End", 1, "2026-01-15T12:00:00Z");
    check("H H H H H H H H Home h h", 1, "2025-12-16T10:00:00Z");
    for _ in 0..10 {
        keys(&mut state, "- - - H H H H H H H H H H H H");
    }
    assert_eq!(cell(&state).from, time("2009-01-01"), "nothing was traded before");
}

#[test]
fn the_row_is_the_selected_symbol_of_every_screen() {
    let mut state = state(busy(), 80, 24);
    keys(&mut state, "j j 3");
    assert_eq!(state.coverage.rows.key, Some(SeriesId(3)));
    keys(&mut state, "k 1");
    assert_eq!(state.watch.key, Some(SeriesId(2)));
}

#[test]
fn the_map_keeps_its_own_order() {
    let mut state = state(busy(), 80, 24);
    let mut check = |typed: &str, series: i64, row: usize| {
        keys(&mut state, typed);
        assert_eq!((state.coverage.rows.key, state.coverage.rows.index), (Some(SeriesId(series)), row), "{typed}");
    };
    check("s s s S G f 3", 3, 2);
    check("k", 2, 1);
    check("j j", 4, 3);
    check("1 / b t c Enter 3", 1, 0);
    check("j", 2, 1);
}

#[test]
fn a_plan_is_shown_first_and_queued_then() {
    let mut state = state(busy(), 80, 24);
    assert_eq!(keys(&mut state, "3 h b"), []);
    assert!(text(&state).contains("Plan: fetch 60 candles in 1 request, weight 2"), "{}", text(&state));
    let effects = keys(&mut state, "b");
    let from = time("2026-01-14T00:30:00Z");
    let expected = Command::Backfill { series: SeriesId(1), since: Since::Time(from), to: Some(from.plus_ms(HOUR_MS)) };
    assert!(matches!(effects.as_slice(), [Effect::Command(_, command)] if *command == expected), "{effects:?}");
    keys(&mut state, "Esc");
    assert!(!state.coverage.detail.is_open && state.screen == Screen::Coverage);
    let effects = keys(&mut state, "Home h h h b b");
    let first = time("2025-12-13");
    let expected = Command::Backfill { series: SeriesId(1), since: Since::Time(first), to: Some(busy().series[0].wanted.from) };
    assert!(matches!(effects.as_slice(), [Effect::Command(_, command)] if *command == expected), "{effects:?}");
}

#[test]
fn an_observer_queues_and_moves_nothing() {
    let mut state = state(Snapshot { mode: Mode::Observer, ..busy() }, 80, 24);
    assert_eq!(keys(&mut state, "3 h b b 4 J K r"), []);
    assert!(text(&state).contains("read-only"));
}

/// The map's reads among `effects`.
fn read(effects: &[Effect]) -> Option<(u64, Query)> {
    effects.iter().find_map(|effect| match effect {
        Effect::Query { slot: Slot::Coverage, generation, query } => Some((*generation, query.clone())),
        _ => None,
    })
}

#[test]
fn the_newest_map_wins_and_the_old_one_stays() {
    let mut state = state(busy(), 80, 24);
    keys(&mut state, "3");
    let zoom = |state: &mut State, key: &str| read(&press(state, key.parse().unwrap()));
    let (first, hours) = zoom(&mut state, "+").unwrap();
    let (_, months) = (zoom(&mut state, "-"), zoom(&mut state, "-"));
    let (second, months) = months.unwrap();
    assert_eq!(state.coverage.shown_cell(), CoverageCell::Day, "the old picture stays");
    update(&mut state, Action::Loaded { slot: Slot::Coverage, generation: first, reply: Ok(answer(&hours)) });
    assert_eq!(state.coverage.shown_cell(), CoverageCell::Day, "overtaken");
    update(&mut state, Action::Loaded { slot: Slot::Coverage, generation: second, reply: Ok(answer(&months)) });
    assert_eq!(state.coverage.shown_cell(), CoverageCell::Month);
}

#[test]
fn the_map_is_read_again_when_the_ledgers_change_and_not_otherwise() {
    let mut state = state(busy(), 80, 24);
    keys(&mut state, "3 Enter");
    assert_eq!(update(&mut state, Action::Tick(NOW.plus_ms(1_000))), []);
    let mut grown = busy();
    grown.series[0].revision += 1;
    let effects = update(&mut state, Action::Snapshot(Arc::new(grown)));
    assert_eq!(effects.len(), 2, "the map and the panel: {effects:?}");
    assert_eq!(update(&mut state, Action::Tick(NOW.plus_ms(2_000))), [], "one of each is under way");
}

#[test]
fn a_failed_read_is_told_and_the_map_stays() {
    let mut state = state(busy(), 120, 36);
    keys(&mut state, "3");
    let mut grown = busy();
    grown.series[0].revision += 1;
    let (generation, _) = read(&update(&mut state, Action::Snapshot(Arc::new(grown)))).unwrap();
    update(&mut state, Action::Loaded { slot: Slot::Coverage, generation, reply: Err("disk I/O error".into()) });
    let screen = text(&state);
    assert!(screen.contains("disk I/O error") && screen.contains("██████"), "{screen}");
}

#[test]
fn jobs_move_and_failed_ones_are_tried_again() {
    let mut state = state(busy(), 80, 24);
    let mut command = |typed: &str| match keys(&mut state, typed).as_slice() {
        [Effect::Command(_, command)] => Some(command.clone()),
        _ => None,
    };
    assert_eq!(command("4 j K"), Some(Command::Reorder { job: JobId(2), up: true }));
    assert_eq!(command("Shift-Down"), Some(Command::Reorder { job: JobId(2), up: false }));
    assert_eq!(command("r"), None, "it has not failed");
    assert_eq!(command("j r"), Some(Command::Resume(JobId(3))));
    assert_eq!(command("j K"), None, "it has ended");
    assert_eq!(busy().jobs[3].state, JobState::Done);
}

fn ids(state: &State) -> (i64, i64, usize) {
    let shown = state.log.shown(&state.snapshot.log);
    (shown[0].id, shown[shown.len() - 1].id, shown.len())
}

#[test]
fn scrolling_back_reads_older_lines() {
    let mut state = state(busy(), 80, 24);
    keys(&mut state, "5");
    assert_eq!(ids(&state), (960, 999, 40), "the snapshot's are enough");
    keys(&mut state, "PgUp PgUp");
    assert_eq!(ids(&state), (500, 999, 500), "older ones come in time");
    keys(&mut state, "g");
    assert_eq!((state.log.top, state.log.entry(&state.snapshot.log).map(|entry| entry.id)), (0, Some(500)));
    keys(&mut state, "G");
    assert!(state.log.is_following());
}

#[test]
fn filters_of_the_log() {
    let mut state = state(busy(), 80, 24);
    let mut check = |typed: &str, expected: &dyn Fn(&LogEntry) -> bool| {
        keys(&mut state, typed);
        let shown = state.log.shown(&state.snapshot.log);
        assert!(!shown.is_empty() && shown.iter().all(|entry| expected(entry)), "{typed}");
        assert!(shown.len() >= 20, "{typed}: the screen is filled from the store");
    };
    check("5", &|_| true);
    check("l", &|entry| entry.level >= LogLevel::Warn);
    check("l", &|entry| entry.level == LogLevel::Error);
    check("l", &|_| true);
    check("/ LACK", &|entry| entry.message.contains("lacking"));
}

#[test]
fn the_typed_filter() {
    let mut state = state(busy(), 80, 24);
    keys(&mut state, "5 / lack");
    assert_eq!(state.log.filter.text, "lack");
    assert!(text(&state).contains("/lack"));
    keys(&mut state, "ingq");
    assert!(text(&state).contains("No line passes the filter"));
    keys(&mut state, "Backspace Enter q");
    let mut state = state_after("5 / lacking Enter k s");
    assert_eq!((state.log.filter.text.as_str(), state.log.filter.series.as_deref()), ("lacking", Some("ETH/USDT 1m")));
    keys(&mut state, "c");
    assert_eq!(state.log.filter.component.as_deref(), Some("gaps"));
    keys(&mut state, "Esc");
    assert!(state.log.filter.is_open() && state.screen == Screen::Log, "Esc drops the filters first");
    keys(&mut state, "Esc");
    assert_eq!(state.screen, Screen::Watch);
    let state = state_after("5 / xyz Esc");
    assert!(state.log.filter.is_open() && state.screen == Screen::Log);
}

fn state_after(typed: &str) -> State {
    let mut state = state(busy(), 80, 24);
    keys(&mut state, typed);
    state
}

#[test]
fn a_record_is_shown_whole_and_copied() {
    let mut state = state(busy(), 80, 24);
    let effects = keys(&mut state, "5 k k k k Enter y");
    let [Effect::Copy(copied)] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!(copied, "2026-01-15T12:34:21Z WARN gaps ETH/USDT 1m 3 minutes lacking in one answer: asked again");
    assert!(text(&state).contains("Record 995"));
    keys(&mut state, "Esc");
    assert!(state.log.detail.is_none() && state.screen == Screen::Log);
}

#[test]
fn wrapped_lines_are_whole() {
    let mut entries = log(3).to_vec();
    entries[1].message = "word ".repeat(60);
    let mut state = state(Snapshot { log: entries.into(), ..busy() }, 60, 30);
    keys(&mut state, "5");
    let words = |state: &State| text(state).matches("word").count();
    assert!(words(&state) < 10);
    keys(&mut state, "w");
    assert_eq!(words(&state), 60);
}

#[test]
fn lines_that_were_never_seen_are_read_from_the_store() {
    let mut state = state(busy(), 80, 24);
    keys(&mut state, "5 g");
    let later: Vec<LogEntry> = log(40).iter().map(|entry| LogEntry { id: entry.id + 1_000, ..entry.clone() }).collect();
    let effects = update(&mut state, Action::Snapshot(Arc::new(Snapshot { log: later.into(), ..busy() })));
    let read = effects
        .iter()
        .any(|effect| matches!(effect, Effect::Query { slot: Slot::Log, query: Query::Log { before: Some(1_960), .. }, .. }));
    assert!(read, "{effects:?}");
}

#[test]
fn the_window_of_days_ends_with_today() {
    let mut state = state(busy(), 80, 24);
    keys(&mut state, "3");
    let (window, width) = state.coverage.window(&state.snapshot.series, 10);
    assert_eq!((window.len(), window[10].since(window[0]), width), (11, 10 * DAY_MS, 1));
    assert_eq!(window[10], time("2026-01-16"));
    let (window, width) = state.coverage.window(&state.snapshot.series, 100);
    assert_eq!((window.len(), width), (34, 3), "cells grow where all that is wanted fits");
}

#[test]
fn a_job_of_a_symbol_that_two_exchanges_have_names_its_exchange_once() {
    use crate::domain::instrument::ExchangeId;
    let mut snapshot = busy();
    (snapshot.series[1].exchange, snapshot.jobs[0].exchange) = (ExchangeId::Okx, ExchangeId::Okx);
    snapshot.jobs[0].series = snapshot.series[1].id;
    let name = |snapshot: &Snapshot| {
        let state = state(snapshot.clone(), 120, 36);
        state.job_name(&snapshot.jobs[0])
    };
    assert_eq!(name(&snapshot), "okx:ETH/USDT 1m");
    snapshot.series[0].symbol = snapshot.series[1].symbol.clone();
    assert_eq!(name(&snapshot), "okx:ETH/USDT 1m");
}
