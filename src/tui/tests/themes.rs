use crate::tui::action::Action;
use crate::tui::fixture::{act, busy, keys, state};

#[test]
fn themes_change_live() {
    let mut state = state(busy(), 80, 24);
    let before = state.theme.text;
    keys(&mut state, ": nexttheme Enter");
    assert_eq!(state.themes.chosen(), 1);
    assert_ne!(state.theme.text, before);
    assert!(crate::tui::fixture::text(&state).contains("✓ theme light"));
    act(&mut state, Action::Theme(0));
    act(&mut state, Action::SwapColors);
    assert!(state.themes.red_up);
}
