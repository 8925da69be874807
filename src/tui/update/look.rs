//! How the screens look, changed while they are shown.

use crate::tui::effect::Effect;
use crate::tui::glyphs::Glyphs;
use crate::tui::graphics::Graphics;
use crate::tui::state::State;
use crate::tui::state::dialog::Dialog;
use crate::tui::state::form::{Form, Purpose};

/// Opens the settings.
pub(super) fn open(state: &mut State) {
    let names: Vec<String> = state.themes.names().map(ToOwned::to_owned).collect();
    let form = Form::settings(names.into_iter(), state.themes.chosen(), state.themes.red_up, state.mouse);
    state.dialog = Some(Dialog::Form(form));
}

/// The next theme, by name.
pub(super) fn next_theme(state: &mut State) {
    state.themes.next();
    shown(state);
}

/// The theme of this number.
pub(super) fn theme(state: &mut State, at: usize) {
    state.themes.choose(at);
    shown(state);
}

/// Red for rising prices, or green.
pub(super) fn swap_colors(state: &mut State) {
    state.themes.set_red_up(!state.themes.red_up);
    state.theme = state.themes.theme();
    let color = if state.themes.red_up { "red" } else { "green" };
    let until = if state.themes.up_gives_way() { "; ui.up_color of the config file holds again at the next start" } else { "" };
    state.toast(format!("rising prices are {color}{until}"), false);
}

/// Writes times in UTC, or by the clock on the wall.
pub(super) fn toggle_zone(state: &mut State) {
    state.zone.local = !state.zone.local;
    let words =
        if state.zone.local { "times are local now; candles and cells of days stay days of UTC" } else { "times are UTC now" };
    state.toast(words, false);
}

/// Takes the mouse, or leaves it to the terminal.
pub(super) fn toggle_mouse(state: &mut State) -> Vec<Effect> {
    state.mouse = !state.mouse;
    state.drag = None;
    let words =
        if state.mouse { "the mouse is the app's" } else { "the mouse is the terminal's: it selects text; M takes it back" };
    state.toast(words, false);
    vec![Effect::CaptureMouse(state.mouse)]
}

/// The chart in pixels, or in cells; says what is missing where it cannot be.
pub(super) fn toggle_pixels(state: &mut State) {
    if std::mem::take(&mut state.chart.pixels) {
        return;
    }
    let missing = match (state.graphics, state.glyphs, state.cell_pixels) {
        (Graphics::None(missing), ..) => missing,
        (_, Glyphs::Ascii, _) => "the locale is not UTF-8",
        (.., None) => "the terminal does not tell how many pixels its cells have",
        (.., Some(_)) => {
            state.chart.pixels = true;
            return;
        }
    };
    state.toast(format!("no pixels: {missing}"), true);
}

/// Back to cells.
pub(super) fn drop_pixels(state: &mut State, error: &str) {
    state.chart.pixels = false;
    state.toast(format!("no pixels: {error}"), true);
}

/// What the settings say holds at once.
pub(super) fn follow_settings(state: &mut State) -> Vec<Effect> {
    let Some(Dialog::Form(form)) = &state.dialog else { return Vec::new() };
    let (Purpose::Settings, &[theme, red_up, mouse]) = (&form.purpose, form.chosen().as_slice()) else { return Vec::new() };
    state.themes.choose(theme);
    state.themes.set_red_up(red_up == 1);
    state.theme = state.themes.theme();
    let mouse = mouse == 0;
    if mouse == state.mouse {
        return Vec::new();
    }
    state.mouse = mouse;
    vec![Effect::CaptureMouse(mouse)]
}

fn shown(state: &mut State) {
    state.theme = state.themes.theme();
    let name = state.themes.names().nth(state.themes.chosen()).unwrap_or_default().to_owned();
    let until = if state.themes.theme_gives_way() { "; ui.theme of the config file holds again at the next start" } else { "" };
    state.toast(format!("theme {name}{until}"), false);
}
