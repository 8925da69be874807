use crate::tui::action::Action;
use crate::tui::fixture::{act, busy, keys, state, text};
use crate::tui::glyphs::Glyphs;
use crate::tui::graphics::Graphics;
use crate::tui::state::State;
use crate::tui::view::pixels;
use crate::tui::widget::candlestick::{Shape, Step};
use std::sync::Arc;

/// The chart on a terminal that shows pictures.
fn able() -> State {
    let mut state = state(busy(), 120, 36);
    state.graphics = Graphics::Kitty;
    act(&mut state, Action::CellPixels(Some((8, 16))));
    keys(&mut state, "2");
    state
}

#[test]
fn they_are_switched_on_and_off() {
    let mut state = able();
    assert_eq!(pixels(&state), None, "off by default");
    let cells = text(&state);
    keys(&mut state, "x");
    let (area, scene) = pixels(&state).unwrap();
    assert_eq!((scene.size, scene.cell), ((area.width, area.height), (8, 16)));
    assert_eq!(area.intersection(state.frame().unwrap().body), area);
    assert_eq!(text(&state), cells, "the cells under it stay");
    keys(&mut state, "x");
    assert_eq!((pixels(&state), state.toasts.len()), (None, 0));
    keys(&mut state, ": pixels Enter");
    assert!(pixels(&state).is_some(), "by the palette");
}

#[test]
fn what_is_missing_is_told() {
    let check = |change: &dyn Fn(&mut State), expected: &str| {
        let mut state = able();
        change(&mut state);
        keys(&mut state, "x");
        assert_eq!(pixels(&state), None);
        assert!(text(&state).contains(expected), "{}", text(&state));
    };
    check(&|state| state.graphics = Graphics::None("it is a typewriter"), "no pixels: it is a typewriter");
    check(&|state| state.cell_pixels = None, "no pixels: the terminal does not tell how many pixels");
    check(&|state| state.glyphs = Glyphs::Ascii, "no pixels: the locale is not UTF-8");
    let mut state = able();
    keys(&mut state, "x");
    act(&mut state, Action::PixelsFailed("no ink".into()));
    assert!(!state.chart.pixels && text(&state).contains("no pixels: no ink"));
}

#[test]
fn nothing_that_opens_is_covered() {
    let mut state = able();
    keys(&mut state, "x");
    for (open, close) in [("?", "Esc"), (":", "Esc"), ("i", "Esc"), ("@", "Esc"), ("A", "Esc"), ("1", "2"), ("5", "2")] {
        keys(&mut state, open);
        assert_eq!(pixels(&state), None, "{open}");
        keys(&mut state, close);
        assert!(pixels(&state).is_some(), "{open} {close}");
    }
    state.toast("a word", false);
    assert_eq!(pixels(&state), None);
    state.toasts.clear();
    act(&mut state, Action::Resize(400, 36));
    assert_eq!(pixels(&state), None, "more columns than placeholders can count");
    act(&mut state, Action::Resize(30, 8));
    assert_eq!(pixels(&state), None);
}

#[test]
fn the_picture_is_that_of_the_cells() {
    let mut state = able();
    keys(&mut state, "x");
    let scene = |state: &State| pixels(state).unwrap().1;
    let plain = scene(&state);
    assert_eq!((plain.cells, plain.shape, plain.lines.len(), plain.uprights.len()), (2, Shape::Candles, 0, 0));
    let candles = plain.steps.iter().filter(|step| matches!(step, Step::Candle { .. })).count();
    let gaps = plain.steps.iter().filter(|step| matches!(step, Step::Gap { .. })).count();
    assert!(candles > 10 && gaps > 0, "{candles} {gaps}");
    act(&mut state, Action::Snapshot(Arc::new(busy())));
    let next = state.now.plus_ms(1_000);
    act(&mut state, Action::Tick(next));
    assert_eq!(scene(&state), plain, "nothing new, nothing to encode");
    keys(&mut state, "h m h");
    assert_eq!((scene(&state).uprights.len(), scene(&state).mark.is_some()), (2, true));
    keys(&mut state, "Esc i Space j j Space Esc c");
    let lined = scene(&state);
    assert_eq!((lined.shape, lined.lines.len()), (Shape::Hidden, 5));
    assert_eq!(lined.lines[0].1.len(), lined.steps.len());
    keys(&mut state, "c c -");
    assert_eq!((scene(&state).shape, scene(&state).cells), (Shape::Bars, 1));
}
