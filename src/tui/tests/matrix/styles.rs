//! Each screen in each theme: its text, a letter for each cell's styles, and what the letters stand for.
//!
//! A letter stands for one style in every theme at once: a cell whose style changes in any theme
//! changes the picture.

use super::scene::{Scene, scene};
use super::{Case, Situation, screens};
use crate::tui::action::Screen;
use crate::tui::fixture::{busy, text};
use crate::tui::state::State;
use crate::tui::theme::{Colors, Look};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier, Style};
use std::fmt::Write as _;

const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

fn buffer(state: &State) -> Buffer {
    let mut terminal = Terminal::new(TestBackend::new(state.area.width, state.area.height)).unwrap();
    terminal.draw(|frame| crate::tui::draw(frame, state)).unwrap();
    terminal.backend().buffer().clone()
}

/// `#c8ccd4 on #101216 bold`
fn words(style: Style) -> String {
    let color = |color: Option<Color>| color.unwrap_or(Color::Reset).to_string().to_lowercase();
    let mut words = color(style.fg);
    if style.bg.unwrap_or(Color::Reset) != Color::Reset {
        write!(words, " on {}", color(style.bg)).unwrap();
    }
    for (modifier, name) in
        [(Modifier::BOLD, "bold"), (Modifier::DIM, "dim"), (Modifier::UNDERLINED, "underlined"), (Modifier::REVERSED, "reversed")]
    {
        if style.add_modifier.contains(modifier) {
            write!(words, " {name}").unwrap();
        }
    }
    words
}

/// Text, map and legend of a scene in these looks.
fn map(make: impl Fn(Look) -> Box<Scene>, looks: &[(&str, Look)], (columns, rows): (u16, u16)) -> String {
    let states: Vec<State> = looks.iter().map(|(_, look)| make(look.clone()).state(columns, rows)).collect();
    let buffers: Vec<Buffer> = states.iter().map(buffer).collect();
    let mut known: Vec<Vec<Style>> = Vec::new();
    let mut out = text(&states[0]);
    for (y, x) in (0..rows).flat_map(|y| (0..columns).map(move |x| (y, x))) {
        let styles: Vec<Style> = buffers.iter().map(|buffer| buffer[(x, y)].style()).collect();
        let at = known.iter().position(|other| *other == styles).unwrap_or_else(|| {
            known.push(styles);
            known.len() - 1
        });
        if x == 0 {
            out.push('\n');
        }
        out.push(char::from(LETTERS[at]));
    }
    out.push('\n');
    for (at, styles) in known.iter().enumerate() {
        writeln!(out, "\n{}", char::from(LETTERS[at])).unwrap();
        for ((name, _), style) in looks.iter().zip(styles) {
            writeln!(out, "  {name:<14} {}", words(*style)).unwrap();
        }
    }
    out
}

#[test]
fn each_screen_in_each_theme() {
    let looks = ["dark", "light", "high-contrast", "color-blind", "16-colors", "monochrome"]
        .map(|name| (name, Look { theme: name.into(), ..Look::plain(Colors::Rgb) }));
    for screen in Screen::ALL {
        let make = |look: Look| match screens::of(screen, Situation::Normal) {
            Case::Shown(scene) => Box::new(scene.looking(look)),
            Case::Never(reason) => panic!("{reason}"),
        };
        let name = format!("themes_{}", screen.name().to_lowercase());
        insta::assert_snapshot!(name, map(make, &looks, (120, 36)));
    }
}

#[test]
fn poorer_terminals_and_other_habits() {
    let light = |colors: Colors| Look { theme: "light".into(), ..Look::plain(colors) };
    let looks = [
        ("256 colors", light(Colors::Xterm256)),
        ("16 colors", light(Colors::Ansi16)),
        ("no color", Look::plain(Colors::Mono)),
        ("red up", Look { red_up: true, ..Look::plain(Colors::Rgb) }),
    ];
    insta::assert_snapshot!("themes_poorer", map(|look| Box::new(scene(busy(), "j").looking(look)), &looks, (60, 15)));
}
