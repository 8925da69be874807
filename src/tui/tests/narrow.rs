//! What the narrowest terminals keep.

use crate::engine::snapshot::Snapshot;
use crate::tui::action::{Action, Screen};
use crate::tui::fixture::{act, busy, keys, state, text};

/// Simulated, on four exchanges: the most that the top line has to say.
fn crowded() -> Snapshot {
    let mut snapshot = busy();
    snapshot.simulated = true;
    snapshot.exchanges = vec![snapshot.exchanges[0].clone(); 4];
    snapshot
}

#[test]
fn the_top_line_names_the_screen_at_every_width() {
    for columns in 40..160 {
        for screen in Screen::ALL {
            let mut state = state(crowded(), columns, 12);
            act(&mut state, Action::Show(screen));
            let top = text(&state).lines().next().unwrap().to_owned();
            assert!(top.contains(&format!("{} {}", screen.number(), screen.name())), "{columns}: {top}");
            assert!(top.contains("SIMULATED"), "{columns}: {top}");
        }
    }
}

#[test]
fn what_is_typed_stays_in_sight_with_its_suggestions() {
    for rows in 10..24 {
        let mut state = state(busy(), 40, rows);
        keys(&mut state, "a btc");
        let screen = text(&state);
        assert!(screen.contains("Symbols   btc"), "{rows}: {screen}");
        assert!(screen.contains("⏎ ok"), "{rows}: {screen}");
        keys(&mut state, "Down Down Down");
        let screen = text(&state);
        assert!(screen.contains("Symbols   btc") && screen.contains("▸ "), "{rows}: {screen}");
    }
}

#[test]
fn the_map_keeps_its_rows_for_series() {
    let mut state = state(busy(), 40, 12);
    keys(&mut state, "3");
    let screen = text(&state);
    for symbol in ["BTC/USDT 1m", "ETH/USDT 1m", "PEPE/US… 1m"] {
        assert!(screen.contains(symbol), "{screen}");
    }
}

#[test]
fn a_detail_takes_no_more_rows_than_it_has_lines() {
    let mut state = state(busy(), 120, 36);
    keys(&mut state, "3 Enter");
    let screen = text(&state);
    let after = screen.lines().skip_while(|line| !line.starts_with("╭ BTC/USDT 1m, ")).skip(1);
    let blank = after.take_while(|line| line.starts_with('│')).filter(|line| line.trim_matches(['│', ' ']).is_empty()).count();
    assert!(blank <= 2, "{screen}");
}

#[test]
fn the_palette_lists_commands_on_most_of_its_rows() {
    let mut state = state(busy(), 40, 12);
    keys(&mut state, ":");
    let screen = text(&state);
    let listed = screen
        .lines()
        .filter(|line| line.starts_with("│  ") || line.starts_with("│▸ "))
        .filter(|line| line.trim_matches(['│', ' ']).len() > 2);
    assert!(listed.count() >= 6, "{screen}");
}
