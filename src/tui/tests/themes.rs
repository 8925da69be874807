//! One screen in each theme, its colours as text: a letter for each style, and what it stands for.

use crate::tui::action::Action;
use crate::tui::fixture::{act, busy, keys, state};
use crate::tui::state::State;
use crate::tui::theme::{Colors, Look, Themes};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::style::Style;
use std::fmt::Write as _;

fn styles(state: &State) -> String {
    let mut terminal = Terminal::new(TestBackend::new(state.area.width, state.area.height)).unwrap();
    terminal.draw(|frame| crate::tui::draw(frame, state)).unwrap();
    let buffer = terminal.backend().buffer();
    let mut known: Vec<Style> = Vec::new();
    let mut out = String::new();
    for y in 0..buffer.area.height {
        for x in 0..buffer.area.width {
            let style = buffer[(x, y)].style();
            let at = known.iter().position(|other| *other == style).unwrap_or_else(|| {
                known.push(style);
                known.len() - 1
            });
            out.push(char::from(b'a' + u8::try_from(at).unwrap()));
        }
        out.push('\n');
    }
    for (at, style) in known.iter().enumerate() {
        let letter = char::from(b'a' + u8::try_from(at).unwrap());
        let color = |color: Option<ratatui::style::Color>| color.map_or_else(String::new, |color| color.to_string());
        writeln!(out, "{letter}: {} on {} {:?}", color(style.fg), color(style.bg), style.add_modifier).unwrap();
    }
    out
}

fn check(name: &str, look: &Look) {
    let mut state = state(busy(), 60, 15);
    state.themes = Themes::new(look).unwrap().0;
    state.theme = state.themes.theme();
    keys(&mut state, "j");
    insta::assert_snapshot!(format!("theme_{name}"), styles(&state));
}

#[test]
fn each_theme() {
    for name in ["dark", "light", "high-contrast", "color-blind", "16-colors", "monochrome"] {
        check(name, &Look { theme: name.into(), ..Look::plain(Colors::Rgb) });
    }
}

#[test]
fn poorer_terminals() {
    check("light_in_256_colors", &Look { theme: "light".into(), ..Look::plain(Colors::Xterm256) });
    check("light_in_16_colors", &Look { theme: "light".into(), ..Look::plain(Colors::Ansi16) });
    check("red_up", &Look { red_up: true, ..Look::plain(Colors::Rgb) });
    check("no_color", &Look::plain(Colors::Mono));
}

#[test]
fn themes_change_live() {
    let mut state = state(busy(), 80, 24);
    let before = styles(&state);
    keys(&mut state, ": nexttheme Enter");
    assert_eq!(state.themes.chosen(), 1);
    assert_ne!(styles(&state), before);
    assert!(crate::tui::fixture::text(&state).contains("✓ theme light"));
    act(&mut state, Action::Theme(0));
    act(&mut state, Action::SwapColors);
    assert!(state.themes.red_up);
}
