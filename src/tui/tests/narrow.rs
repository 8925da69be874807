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
