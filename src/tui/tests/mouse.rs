use crate::engine::command::Command;
use crate::tui::action::{Action, Screen};
use crate::tui::effect::Effect;
use crate::tui::fixture::{act, busy, keys, mouse, place, state, text, watched};
use crate::tui::glyphs::Glyphs;
use crate::tui::pointer::{Gesture, Pointer};
use crate::tui::state::State;
use crate::tui::state::dialog::Dialog;
use Gesture::{DoublePress, Drag, Press, Release, WheelDown, WheelUp};

fn point(state: &mut State, gesture: Gesture, column: u16, row: u16) -> Vec<Effect> {
    act(state, Action::Mouse(Pointer { gesture, column, row }))
}

#[test]
fn rows_tabs_and_hints_are_clicked() {
    let mut state = state(busy(), 120, 36);
    mouse(&mut state, Press, "PEPE/USDT");
    assert_eq!(state.watch.index, 2);
    mouse(&mut state, Press, "4 Jobs");
    assert_eq!(state.screen, Screen::Jobs);
    mouse(&mut state, Press, "SOL/USDT");
    assert_eq!(state.jobs.index, 2);
    mouse(&mut state, Press, "? help");
    assert!(matches!(state.dialog, Some(Dialog::Help(_))));
    point(&mut state, Press, 0, 5);
    assert!(state.dialog.is_none(), "a click beside the help closes it");
    mouse(&mut state, Press, "5 Log");
    let shown = state.log.filter.clone();
    mouse(&mut state, Press, "l level");
    assert_ne!(state.log.filter, shown);
    for name in ["1 Watch", "2 Chart"] {
        let (column, row) = place(&state, name);
        point(&mut state, Press, column - 1, row);
        assert_eq!(state.screen, Screen::Log, "beside {name}");
    }
}

#[test]
fn every_hint_and_tab_does_what_it_says_at_every_width() {
    for columns in 40..200 {
        let mut state = state(busy(), columns, 24);
        let bar = text(&state).lines().last().unwrap().to_owned();
        if bar.contains("a add") {
            mouse(&mut state, Press, "a add");
            assert!(matches!(state.dialog, Some(Dialog::Form(_))), "{columns}: {bar}");
            keys(&mut state, "Esc");
        }
        mouse(&mut state, Press, "? help");
        assert!(matches!(state.dialog, Some(Dialog::Help(_))), "{columns}: {bar}");
        keys(&mut state, "Esc p");
        let top = text(&state).lines().next().unwrap().to_owned();
        let words = if top.contains("4 Jobs") { "4 Jobs" } else { "4" };
        mouse(&mut state, Press, words);
        assert_eq!(state.screen, Screen::Jobs, "{columns}: {top}");
    }
}

#[test]
fn the_hints_inside_boxes_are_clicked() {
    let closes = |typed: &str, hint: &str| {
        for (columns, rows) in [(120, 36), (60, 15)] {
            let mut state = state(watched(), columns, rows);
            keys(&mut state, typed);
            assert!(state.dialog.is_some(), "{typed}");
            mouse(&mut state, Press, hint);
            assert!(state.dialog.is_none(), "{typed} {hint} at {columns}x{rows}");
        }
    };
    for typed in ["b", "e", "a", "2 @"] {
        closes(typed, "Esc close");
    }
    closes(",", "⏎ close");
    let mut state = state(busy(), 120, 36);
    keys(&mut state, "2 i");
    mouse(&mut state, Press, "Space on, off");
    assert!(text(&state).contains("[x] SMA 20"));
    mouse(&mut state, Press, "Esc close");
    keys(&mut state, "t j");
    mouse(&mut state, Press, "⏎ show");
    assert!(state.dialog.is_none());
    assert!(text(&state).contains("BTC/USDT  binance  3m"));
    keys(&mut state, "A");
    mouse(&mut state, Press, "Esc close");
    assert!(state.dialog.is_none());
    keys(&mut state, "3 j Home Enter");
    let effects = mouse(&mut state, Press, "b queues the plan");
    assert!(matches!(effects[..], [Effect::Command(_, Command::Backfill { .. })]), "{effects:?}");
    keys(&mut state, "Esc 1 b");
    mouse(&mut state, Press, "Tab next");
    assert!(matches!(&state.dialog, Some(Dialog::Form(form)) if form.focus == 1));
}

#[test]
fn the_way_back_to_the_newest_is_clicked() {
    let mut state = state(busy(), 120, 36);
    keys(&mut state, "2 H H");
    assert!(!state.chart.is_live());
    mouse(&mut state, Press, "LIVE ▸");
    assert!(state.chart.is_live());
    keys(&mut state, "5 k k k");
    assert!(!state.log.is_following());
    mouse(&mut state, Press, "End follows");
    assert!(state.log.is_following());
    keys(&mut state, "Enter");
    assert!(matches!(mouse(&mut state, Press, "y copies")[..], [Effect::Copy(_)]));
    keys(&mut state, "Esc `");
    mouse(&mut state, Press, "closes");
    assert!(!state.panes.drawer);
}

#[test]
fn a_double_click_opens_the_chart() {
    let mut state = state(busy(), 120, 36);
    mouse(&mut state, Press, "ETH/USDT");
    mouse(&mut state, DoublePress, "ETH/USDT");
    assert_eq!((state.screen, state.watch.index), (Screen::Chart, 1));
}

#[test]
fn the_wheel_scrolls_lists() {
    let mut state = state(busy(), 80, 24);
    mouse(&mut state, WheelDown, "BTC/USDT");
    assert_eq!(state.watch.index, 1);
    keys(&mut state, "5 g");
    mouse(&mut state, WheelDown, "INFO");
    assert!(!state.log.is_following(), "three lines behind the first");
    act(&mut state, Action::Resize(80, 15));
    keys(&mut state, "?");
    mouse(&mut state, WheelDown, "Keys: Log");
    assert!(matches!(&state.dialog, Some(Dialog::Help(scroll)) if scroll.top == 3));
}

/// What the chart shows.
fn range(state: &State) -> (i64, i64, i64) {
    let series = &state.snapshot.series[0];
    let range = state.chart.visible(series).unwrap();
    (range.from.ms(), range.to.ms(), range.duration_ms())
}

#[test]
fn the_wheel_zooms_at_the_pointer() {
    let mut state = state(busy(), 121, 36);
    keys(&mut state, "2 H H");
    let left = crate::tui::layout::inner(state.frame().unwrap().body).x;
    let columns = state.chart.window(&state.snapshot.series[0], 1).cells;
    assert_eq!(columns, 2);
    for column in [left + 10, left + 50, left + 90] {
        let moment = |state: &State, column: u16| {
            let (from, to, _) = range(state);
            let window = state.chart.window(&state.snapshot.series[0], 1);
            let steps = (to - from) / window.step_ms;
            // Columns from the right edge of the plot.
            let width = steps * i64::from(window.cells);
            let from_right = (width - 1 - i64::from(column - left)) / i64::from(window.cells);
            (to - from_right * window.step_ms, window.step_ms)
        };
        let (before, _) = moment(&state, column);
        point(&mut state, WheelUp, column, 10);
        let (after, step) = moment(&state, column);
        assert!((before - after).abs() <= 2 * step, "{column}: {before} {after}");
        point(&mut state, WheelDown, column, 10);
        assert!((moment(&state, column).0 - before).abs() <= 4 * step, "and back");
    }
    keys(&mut state, "End");
    for _ in 0..30 {
        point(&mut state, WheelDown, left + 80, 10);
    }
    assert!(state.chart.is_live(), "out to everything ends at the present");
}

#[test]
fn dragging_pans_with_the_pointer() {
    let mut state = state(busy(), 120, 36);
    keys(&mut state, "2");
    let (_, to, _) = range(&state);
    point(&mut state, Press, 40, 10);
    point(&mut state, Drag, 60, 12);
    assert_eq!(range(&state).1, to - 10 * 60_000, "20 columns are 10 candles");
    assert!(text(&state).contains("LIVE ▸"));
    point(&mut state, Drag, 40, 12);
    assert!(state.chart.is_live(), "back where it began");
    point(&mut state, Drag, 0, 12);
    assert!(state.chart.is_live(), "no further than the present");
    point(&mut state, Drag, 80, 12);
    point(&mut state, Release, 80, 12);
    let (_, held, _) = range(&state);
    point(&mut state, Drag, 100, 12);
    assert_eq!(range(&state).1, held, "let go");
    point(&mut state, DoublePress, 40, 10);
    assert!(state.chart.is_live());
}

#[test]
fn dialogs_are_clicked() {
    let mut state = state(busy(), 120, 36);
    keys(&mut state, "d");
    let (column, row) = place(&state, "y yes");
    let sent = point(&mut state, Press, column, row);
    assert!(matches!(sent.as_slice(), [Effect::Command(_, Command::Remove { .. })]), "{sent:?}");
    keys(&mut state, "d");
    let (column, row) = place(&state, "n no");
    assert_eq!(point(&mut state, Press, column, row), []);
    assert!(state.dialog.is_none());
    keys(&mut state, "a");
    point(&mut state, Press, 0, 1);
    assert!(state.dialog.is_some(), "what was typed is not lost by a slip");
    keys(&mut state, "pep");
    mouse(&mut state, Press, "PEPE/USDT       binance");
    mouse(&mut state, Press, "Interval");
    keys(&mut state, "Right");
    let sent = keys(&mut state, "Enter");
    assert!(
        matches!(sent.as_slice(), [Effect::Command(_, Command::Add { symbols, interval, .. })]
            if symbols == &["PEPE/USDT"] && interval.name() == "3m"),
        "{sent:?}"
    );
    keys(&mut state, "Esc : theme");
    mouse(&mut state, Press, "theme: light");
    assert!(state.dialog.is_none());
    assert_eq!(state.themes.chosen(), 1);
}

#[test]
fn the_mouse_can_be_left_to_the_terminal() {
    let mut state = state(busy(), 120, 36);
    assert_eq!(keys(&mut state, "M"), [Effect::CaptureMouse(false)]);
    assert!(text(&state).contains(" MOUSE OFF "));
    mouse(&mut state, Press, "PEPE/USDT");
    assert_eq!(state.watch.index, 0);
    assert_eq!(keys(&mut state, "M"), [Effect::CaptureMouse(true)]);
    mouse(&mut state, Press, "PEPE/USDT");
    assert_eq!(state.watch.index, 2);
}

#[test]
fn what_means_nothing_draws_nothing() {
    let mut state = state(busy(), 120, 36);
    state.dirty = false;
    point(&mut state, Press, 119, 35);
    point(&mut state, Release, 3, 3);
    point(&mut state, Drag, 3, 3);
    point(&mut state, WheelUp, 60, 30);
    assert!(!state.dirty);
}

/// `<` names no key. Where a key is written out the rest of its line makes room, also for the mouse.
#[test]
fn enter_is_written_out_in_ascii() {
    let mut state = state(busy(), 120, 36);
    state.glyphs = Glyphs::Ascii;
    for (typed, expected) in
        [("1", "Enter chart"), ("?", "Enter"), ("Esc 1 a", "Enter ok  Tab next"), ("Esc 2 t", "Enter show  Esc close")]
    {
        keys(&mut state, typed);
        let shown = text(&state);
        assert!(shown.contains(expected) && !shown.contains("< chart") && !shown.contains("< ok"), "{typed}: {shown}");
    }
    mouse(&mut state, Press, "Esc close");
    assert!(state.dialog.is_none(), "{}", text(&state));
}
