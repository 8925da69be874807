//! Symbols that are recorded without candles.

use crate::domain::dataset::Dataset;
use crate::domain::series::SeriesId;
use crate::engine::command::Command;
use crate::engine::snapshot::Snapshot;
use crate::tui::action::Screen;
use crate::tui::effect::{Effect, Slot};
use crate::tui::fixture::{keys, market, mouse, state, text};
use crate::tui::pointer::Gesture::Press;
use crate::tui::state::State;
use crate::tui::state::market::MarketPane;

/// [`market`], its perpetual with trades, funding and open interest alone.
fn bare() -> Snapshot {
    let mut snapshot = market();
    snapshot.series.retain(|series| series.id != SeriesId(5));
    snapshot
}

/// Its row of the watch screen.
fn row(state: &State) -> String {
    let screen = text(state);
    let line = screen.lines().skip(2).find(|line| line.contains("BTC/USDT:USDT")).unwrap_or_else(|| panic!("no row\n{screen}"));
    line.split('│').nth(1).unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_symbol_without_candles_has_one_row_with_dashes() {
    let state = state(bare(), 160, 40);
    let rows = state.snapshot.series.iter().filter(|series| series.symbol.as_str() == "BTC/USDT:USDT");
    assert_eq!(rows.map(|series| series.id).collect::<Vec<_>>(), [SeriesId(6)], "its first dataset stands for it");
    let row = row(&state);
    assert!(row.contains("BTC/USDT:USDT binance - 64079.9 ▲ 1.25%"), "trades have no interval: {row}");
    assert!(row.ends_with("- - - - live"), "{row}");
}

#[test]
fn it_is_selected_and_the_market_screen_shows_it() {
    let mut state = state(bare(), 120, 36);
    keys(&mut state, "G k k k k");
    while state.series().is_some_and(|series| series.dataset == Dataset::Candles) {
        let at = state.watch.index;
        keys(&mut state, "j");
        assert_ne!(state.watch.index, at, "its row can be reached");
    }
    let message = "BTC/USDT:USDT is recorded without";
    assert!(text(&state).contains(message), "{}", text(&state));
    keys(&mut state, "6");
    assert_eq!(state.screen, Screen::Market);
    assert_eq!(state.market_series(MarketPane::Tape).map(|series| series.id), Some(SeriesId(6)));
    assert!(text(&state).contains("12:34:55.500"), "{}", text(&state));
}

#[test]
fn nothing_asks_for_candles_that_are_not_recorded() {
    let mut state = state(bare(), 120, 36);
    keys(&mut state, "/ usdt:usdt Enter");
    assert_eq!(state.series().map(|series| series.id), Some(SeriesId(6)));
    for typed in ["2", "+", "[", "]", "Left", "D", "i", "Esc", "g", "y", "1", "2"] {
        let effects = keys(&mut state, typed);
        let reads = effects.iter().any(|effect| matches!(effect, Effect::Query { slot: Slot::Chart | Slot::Preview, .. }));
        assert!(!reads, "{typed}: {effects:?}");
        assert!(state.dialog.is_none() || typed != "D", "{typed} opens nothing");
    }
    assert!(text(&state).contains("is recorded without candles"), "{}", text(&state));
    mouse(&mut state, Press, "is recorded without candles");
    assert_eq!(state.drag.map(|_| ()), None);
    keys(&mut state, "e");
    assert!(state.dialog.is_none());
    assert!(text(&state).contains("there are no candles to export"), "{}", text(&state));
}

#[test]
fn its_dialogs_name_the_dataset() {
    let mut state = state(bare(), 120, 36);
    keys(&mut state, "/ usdt:usdt Enter b");
    assert!(text(&state).contains("Backfill BTC/USDT:USDT trades"), "{}", text(&state));
    assert!(text(&state).contains("backfill BTC/USDT:USDT --last 30d --dataset trades"), "{}", text(&state));
    assert!(!text(&state).contains("candles:"), "trades are not counted as candles: {}", text(&state));
    keys(&mut state, "Esc d");
    assert!(text(&state).contains("remove BTC/USDT:USDT --dataset trades"), "{}", text(&state));
    let sent = keys(&mut state, "y");
    assert!(matches!(sent.as_slice(), [Effect::Command(_, Command::Remove { series: SeriesId(6) })]), "{sent:?}");
}

#[test]
fn where_no_symbol_has_candles_the_first_screen_is_the_table() {
    let mut only = bare();
    only.series.retain(|series| series.dataset == Dataset::Funding);
    let mut state = state(only, 100, 30);
    assert!(row(&state).starts_with("▸ BTC/USDT:USDT"), "{}", text(&state));
    keys(&mut state, "s S s S c c 3 4 5 6 Tab 2");
    assert!(text(&state).contains("is recorded without candles"), "{}", text(&state));
}

#[test]
fn the_engine_is_told_what_is_looked_at() {
    let mut only = bare();
    only.series.retain(|series| series.dataset == Dataset::Funding);
    let mut state = state(only, 100, 30);
    for (typed, expected) in [("1", Some(SeriesId(7))), ("5", None), ("6", Some(SeriesId(7))), ("3", None)] {
        keys(&mut state, typed);
        assert_eq!(state.watched, expected, "{typed}");
    }
}
