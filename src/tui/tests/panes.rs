//! Clocks, intervals, maximised panes, the log drawer, and the axes under the mouse.

use crate::domain::interval::Interval;
use crate::domain::time::HOUR_MS;
use crate::engine::snapshot::Snapshot;
use crate::tui::action::{Action, Screen};
use crate::tui::fixture::{act, busy, empty, keys, mouse, place, state, text};
use crate::tui::layout::Pane;
use crate::tui::pointer::{Gesture, Pointer};
use crate::tui::state::State;
use crate::tui::state::dialog::Dialog;
use crate::tui::state::watch::column::Column;
use crate::tui::zone::Zone;
use Gesture::{DoublePress, Press, WheelDown, WheelUp};

fn abroad(snapshot: Snapshot, columns: u16, rows: u16) -> State {
    let mut state = state(snapshot, columns, rows);
    state.zone = Zone::new(|_| HOUR_MS * 11 / 2);
    state
}

#[test]
fn both_clocks_are_told_apart_at_every_width_and_one_is_remembered() {
    for columns in (40..160).step_by(3) {
        let mut state = abroad(busy(), columns, 24);
        assert!(text(&state).contains("12:34:56"), "{columns}");
        keys(&mut state, "u");
        assert!(text(&state).lines().next().unwrap().contains("18:04:56 local"), "{columns}");
    }
    let mut before = abroad(busy(), 80, 24);
    keys(&mut before, "u");
    let mut after = abroad(busy(), 80, 24);
    after.restore(&before.remembered());
    assert!(after.zone.local);
    keys(&mut before, "u");
    after.restore(&before.remembered());
    assert!(!after.zone.local);
}

#[test]
fn intervals_are_picked_from_a_list() {
    let mut state = state(busy(), 80, 24);
    keys(&mut state, "j t G k Enter");
    assert_eq!((state.screen, state.chart.interval), (Screen::Chart, Interval::D1));
    assert!(state.dialog.is_none());
    keys(&mut state, "t");
    assert!(matches!(state.dialog, Some(Dialog::Intervals(10))), "it opens at the one that is shown");
    mouse(&mut state, Press, "3m ");
    assert_eq!((state.chart.interval, state.dialog.is_none()), (Interval::M3, true));
    keys(&mut state, "t g Esc");
    assert_eq!(state.chart.interval, Interval::M3, "Esc picks none");
    let mut wide = busy();
    wide.series[0].interval = Interval::H1;
    let mut state = crate::tui::fixture::state(wide, 80, 24);
    keys(&mut state, "2 t g Enter");
    assert_eq!(state.chart.interval, Interval::H1, "none is finer than what is recorded");
    let mut state = crate::tui::fixture::state(empty(), 80, 24);
    keys(&mut state, "2 t");
    assert!(state.dialog.is_none());
    assert_eq!(state.toasts.len(), 1);
}

#[test]
fn a_pane_takes_the_whole_screen_and_gives_it_back() {
    let mut state = state(busy(), 120, 36);
    let before = text(&state);
    for typed in ["z z", "z Esc", "w w w w"] {
        keys(&mut state, typed);
        assert_eq!(text(&state), before, "{typed}");
    }
    keys(&mut state, "z 2");
    assert!(!state.is_maximised(), "another screen has all of its panes");
    keys(&mut state, "4 z");
    assert!(!state.is_maximised());
    assert_eq!(state.toasts.last().map(|toast| toast.text.as_str()), Some("this list has the screen already"));
}

#[test]
fn the_focus_goes_to_the_pane_that_is_clicked() {
    let mut state = state(busy(), 120, 36);
    mouse(&mut state, Press, "╭ Log");
    assert_eq!(state.panes.focus, Pane::Log);
    keys(&mut state, "z");
    assert_eq!(text(&state).lines().filter(|line| line.contains(" INFO ")).count(), 24);
    keys(&mut state, "Esc");
    mouse(&mut state, Press, "PEPE/USDT");
    assert_eq!(state.panes.focus, Pane::Symbols);
    for (title, screen) in [("╭ Log", Screen::Log), ("╭ Backfill", Screen::Jobs)] {
        keys(&mut state, "1");
        mouse(&mut state, DoublePress, title);
        assert_eq!(state.screen, screen, "its own screen");
    }
    let mut narrow = crate::tui::fixture::state(busy(), 60, 15);
    keys(&mut narrow, "w");
    assert_eq!(narrow.panes.focus, Pane::Symbols);
    assert_eq!(narrow.toasts.last().map(|toast| toast.text.as_str()), Some("there is room for one pane only"));
}

#[test]
fn the_log_stands_over_the_foot_of_any_screen() {
    let mut state = state(busy(), 120, 36);
    for screen in ["1", "2", "3", "4", "5"] {
        keys(&mut state, screen);
        let before = text(&state);
        keys(&mut state, "`");
        assert!(text(&state).contains(" ` closes "), "{screen}");
        keys(&mut state, "`");
        assert_eq!(text(&state), before, "{screen}");
        keys(&mut state, "` Esc");
        assert_eq!(text(&state), before, "{screen}");
    }
    keys(&mut state, "2 `");
    let (column, row) = place(&state, " INFO ");
    let visible = state.chart.visible(&state.snapshot.series[0]);
    act(&mut state, Action::Mouse(Pointer { gesture: WheelUp, column, row }));
    assert_eq!(state.chart.visible(&state.snapshot.series[0]), visible, "what lies below is not under the pointer");
    assert_eq!(state.painted(), None);
}

/// A cell of the price axis, and one of the times.
fn axes(state: &State) -> [(u16, u16); 2] {
    let (column, row) = place(state, "├");
    let bottom = state.frame().unwrap().body.bottom() - 2;
    [(column, row), (20, bottom)]
}

#[test]
fn the_wheel_scales_the_price_axis_and_a_double_click_fits_it_again() {
    let mut state = state(busy(), 120, 36);
    keys(&mut state, "2");
    let fitted = text(&state);
    let [(column, row), times] = axes(&state);
    let point = |state: &mut State, gesture: Gesture, (column, row): (u16, u16)| {
        act(state, Action::Mouse(Pointer { gesture, column, row }));
    };
    for _ in 0..3 {
        point(&mut state, WheelUp, (column, row));
    }
    let ends = state.chart.prices.unwrap();
    keys(&mut state, "H");
    assert_eq!(state.chart.prices, Some(ends), "it stays while the chart pans");
    keys(&mut state, "End");
    let label = |state: &State| place(state, "▸ 64080.10").1;
    let before = label(&state);
    point(&mut state, Press, (40, 10));
    point(&mut state, Gesture::Drag, (40, 14));
    assert_eq!(label(&state), before + 4, "what was grabbed follows, up and down too");
    point(&mut state, Gesture::Release, (40, 14));
    point(&mut state, DoublePress, (column, row));
    assert_eq!(text(&state), fitted);
    point(&mut state, Press, (40, 10));
    point(&mut state, Gesture::Drag, (40, 14));
    point(&mut state, Gesture::Release, (40, 14));
    assert_eq!(text(&state), fitted, "an axis that fits stays fitted");
    point(&mut state, WheelDown, (column, row));
    assert_ne!(text(&state), fitted);
    keys(&mut state, "+");
    point(&mut state, DoublePress, times);
    assert!(state.chart.prices.is_some(), "the time axis is another one");
    keys(&mut state, "0");
    assert_eq!(text(&state), fitted);
    point(&mut state, WheelUp, times);
    assert_ne!(text(&state), fitted);
    point(&mut state, DoublePress, times);
    assert_eq!(text(&state), fitted);
    point(&mut state, WheelUp, (column, row));
    keys(&mut state, "j");
    assert_eq!(state.chart.prices, None, "another symbol has other prices");
}

#[test]
fn a_click_on_a_head_sorts_by_its_column() {
    let mut state = state(busy(), 120, 36);
    mouse(&mut state, Press, "24h");
    assert_eq!((state.table.sort, state.table.reversed), (Column::Change, false));
    mouse(&mut state, Press, "24h▼");
    assert_eq!((state.table.sort, state.table.reversed), (Column::Change, true));
    assert!(text(&state).contains("24h▲"));
    mouse(&mut state, Press, "24h▲");
    assert!(!state.table.reversed);
    mouse(&mut state, Press, "2h");
    assert_eq!(state.table.sort, Column::Change, "a sparkline has no order");
    let mut seen = Vec::new();
    let (_, row) = place(&state, "Symbol ");
    for column in 0..70 {
        act(&mut state, Action::Mouse(Pointer { gesture: Press, column, row }));
        seen.push(state.table.sort);
    }
    seen.dedup();
    let shown: Vec<Column> = state.watch_columns().into_iter().map(|(column, _)| column).collect();
    assert!(shown.iter().filter(|column| **column != Column::Spark).all(|column| seen.contains(column)), "{seen:?} of {shown:?}");
}
