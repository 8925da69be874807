//! The key table. Only keys that work are in it; the order is that of the help and of the hints.

use super::Context::{self, Chart, Confirm, Everywhere, Form, Help, Jobs, Log, Studies, Watch, Welcome};
use crate::tui::action::{Action, ChartMove, Edit, Move, Screen};

/// Keys that do one thing in one place.
#[derive(Debug)]
pub(crate) struct Binding {
    /// Where.
    pub(crate) context: Context,
    /// Which keys; the first is the one that hints show.
    pub(crate) chords: &'static [&'static str],
    /// What happens.
    pub(crate) action: Action,
    /// One or two words for the hint bar; empty where it is not shown there.
    pub(crate) hint: &'static str,
    /// One line for help and README.
    pub(crate) description: &'static str,
}

const fn on(
    context: Context,
    chords: &'static [&'static str],
    action: Action,
    hint: &'static str,
    description: &'static str,
) -> Binding {
    Binding { context, chords, action, hint, description }
}

#[rustfmt::skip]
pub(super) static TABLE: [Binding; 94] = [
    on(Watch, &["a"], Action::Add, "add", "add symbols"),
    on(Watch, &["Enter"], Action::Open, "chart", "open the chart of the selected symbol"),
    on(Watch, &["b"], Action::Backfill, "backfill", "fetch the past of the selected symbol"),
    on(Watch, &["e"], Action::Export, "export", "write candles of the selected symbol to a file"),
    on(Watch, &["d", "Del"], Action::Remove, "remove", "stop recording the selected symbol (asks; the data stays)"),
    on(Watch, &["Up", "k"], Action::Go(Move::Up), "", "symbol above"),
    on(Watch, &["Down", "j"], Action::Go(Move::Down), "", "symbol below"),
    on(Watch, &["PgUp", "Ctrl-u"], Action::Go(Move::PageUp), "", "a page up"),
    on(Watch, &["PgDn", "Ctrl-d"], Action::Go(Move::PageDown), "", "a page down"),
    on(Watch, &["Home", "g"], Action::Go(Move::First), "", "first symbol"),
    on(Watch, &["End", "G"], Action::Go(Move::Last), "", "last symbol"),

    on(Welcome, &["a"], Action::Add, "add a symbol", "add the first symbols"),
    on(Welcome, &["d"], Action::Demo, "demo", "try it on simulated data, without network"),

    on(Chart, &["["], Action::Chart(ChartMove::Shorter), "shorter", "next shorter interval"),
    on(Chart, &["]"], Action::Chart(ChartMove::Longer), "longer", "next longer interval"),
    on(Chart, &["+", "="], Action::Chart(ChartMove::ZoomIn), "zoom in", "zoom in"),
    on(Chart, &["-", "_"], Action::Chart(ChartMove::ZoomOut), "out", "zoom out"),
    on(Chart, &["0"], Action::Chart(ChartMove::ZoomReset), "", "reset the zoom"),
    on(Chart, &["c"], Action::Chart(ChartMove::Kind), "type", "candles, line, Heikin-Ashi, bars"),
    on(Chart, &["i"], Action::Studies, "indicators", "choose indicators"),
    on(Chart, &["m"], Action::Chart(ChartMove::Measure), "measure", "measure from the crosshair on; there again, end it"),
    on(Chart, &["@"], Action::Date, "date", "go to a date"),
    on(Chart, &["y"], Action::Chart(ChartMove::Scale), "", "price scale: linear, log, percent"),
    on(Chart, &["Left", "h"], Action::Chart(ChartMove::Earlier), "", "crosshair to the candle before (Esc hides it)"),
    on(Chart, &["Right", "l"], Action::Chart(ChartMove::Later), "", "crosshair to the next candle"),
    on(Chart, &["H", "Shift-Left", "PgUp"], Action::Chart(ChartMove::PanLeft), "pan", "half a screen back"),
    on(Chart, &["L", "Shift-Right", "PgDn"], Action::Chart(ChartMove::PanRight), "pan", "half a screen on"),
    on(Chart, &["Home", "g"], Action::Chart(ChartMove::First), "first", "first candle"),
    on(Chart, &["End", "G"], Action::Chart(ChartMove::Live), "live", "back to the newest candle"),
    on(Chart, &["v"], Action::Chart(ChartMove::Volume), "volume", "volume on, off"),
    on(Chart, &["Up", "k"], Action::Go(Move::Up), "", "symbol above"),
    on(Chart, &["Down", "j"], Action::Go(Move::Down), "", "symbol below"),
    on(Chart, &["a"], Action::Add, "", "add symbols"),
    on(Chart, &["b"], Action::Backfill, "backfill", "fetch the past of this symbol"),
    on(Chart, &["e"], Action::Export, "export", "write candles of this symbol to a file"),

    on(Jobs, &["Space"], Action::TogglePause, "pause, resume", "pause the selected job, or let it go on"),
    on(Jobs, &["x"], Action::Cancel, "cancel", "end the selected job (asks; what is stored stays)"),
    on(Jobs, &["Up", "k"], Action::Go(Move::Up), "", "job above"),
    on(Jobs, &["Down", "j"], Action::Go(Move::Down), "", "job below"),
    on(Jobs, &["PgUp", "Ctrl-u"], Action::Go(Move::PageUp), "", "a page up"),
    on(Jobs, &["PgDn", "Ctrl-d"], Action::Go(Move::PageDown), "", "a page down"),
    on(Jobs, &["Home", "g"], Action::Go(Move::First), "", "first job"),
    on(Jobs, &["End", "G"], Action::Go(Move::Last), "", "last job"),

    on(Log, &["Up", "k"], Action::Go(Move::Up), "up", "a line up"),
    on(Log, &["Down", "j"], Action::Go(Move::Down), "down", "a line down"),
    on(Log, &["f"], Action::Follow, "follow", "follow the newest line, or stay here"),
    on(Log, &["PgUp", "Ctrl-u"], Action::Go(Move::PageUp), "", "a page up"),
    on(Log, &["PgDn", "Ctrl-d"], Action::Go(Move::PageDown), "", "a page down"),
    on(Log, &["Home", "g"], Action::Go(Move::First), "oldest", "oldest line"),
    on(Log, &["End", "G"], Action::Go(Move::Last), "newest", "newest line, and follow"),

    on(Everywhere, &["?", "F1"], Action::Help, "help", "keys of this screen"),
    on(Everywhere, &["q", "Ctrl-c"], Action::Quit, "quit", "quit"),
    on(Everywhere, &["Esc"], Action::Back, "", "go back"),
    on(Everywhere, &["1"], Action::Show(Screen::Watch), "", "watch"),
    on(Everywhere, &["2"], Action::Show(Screen::Chart), "", "chart"),
    on(Everywhere, &["4"], Action::Show(Screen::Jobs), "", "jobs"),
    on(Everywhere, &["5"], Action::Show(Screen::Log), "", "log"),
    on(Everywhere, &["Tab"], Action::NextScreen, "", "next screen"),
    on(Everywhere, &["Shift-Tab"], Action::PreviousScreen, "", "screen before"),
    on(Everywhere, &["p"], Action::Freeze, "freeze", "freeze the screen (recording goes on)"),
    on(Everywhere, &["R"], Action::Refresh, "", "refresh now, and repaint"),

    on(Form, &["Enter"], Action::Submit, "ok", "take the suggestion; confirm"),
    on(Form, &["Tab"], Action::NextField, "next", "take the suggestion; next field"),
    on(Form, &["Shift-Tab"], Action::PreviousField, "", "field before"),
    on(Form, &["Down"], Action::Go(Move::Down), "", "next suggestion or field"),
    on(Form, &["Up"], Action::Go(Move::Up), "", "suggestion or field before"),
    on(Form, &["Left"], Action::Edit(Edit::Left), "", "cursor left; choice before"),
    on(Form, &["Right"], Action::Edit(Edit::Right), "", "cursor right; next choice"),
    on(Form, &["Home", "Ctrl-a"], Action::Edit(Edit::Start), "", "to the start"),
    on(Form, &["End", "Ctrl-e"], Action::Edit(Edit::End), "", "to the end"),
    on(Form, &["Backspace", "Ctrl-h"], Action::Edit(Edit::Backspace), "", "delete before the cursor"),
    on(Form, &["Del"], Action::Edit(Edit::Delete), "", "delete under the cursor"),
    on(Form, &["Ctrl-w"], Action::Edit(Edit::Word), "", "delete a word"),
    on(Form, &["Ctrl-u"], Action::Edit(Edit::Clear), "", "delete the line"),
    on(Form, &["Esc"], Action::Back, "close", "close"),
    on(Form, &["Ctrl-c"], Action::Quit, "", "quit the app"),

    on(Confirm, &["y", "Enter"], Action::Submit, "yes", "yes"),
    on(Confirm, &["n", "Esc"], Action::Back, "no", "no"),
    on(Confirm, &["Ctrl-c"], Action::Quit, "", "quit the app"),

    on(Help, &["Esc", "?", "F1", "q", "Enter"], Action::Back, "close", "close"),
    on(Help, &["Up", "k"], Action::Go(Move::Up), "up", "a line up"),
    on(Help, &["Down", "j"], Action::Go(Move::Down), "down", "a line down"),
    on(Help, &["PgUp", "Ctrl-u"], Action::Go(Move::PageUp), "", "a page up"),
    on(Help, &["PgDn", "Ctrl-d"], Action::Go(Move::PageDown), "", "a page down"),
    on(Help, &["Home", "g"], Action::Go(Move::First), "", "to the top"),
    on(Help, &["End", "G"], Action::Go(Move::Last), "", "to the end"),
    on(Help, &["Ctrl-c"], Action::Quit, "", "quit the app"),

    on(Studies, &["Space", "Enter"], Action::Submit, "on, off", "show the selected indicator, or hide it"),
    on(Studies, &["Up", "k"], Action::Go(Move::Up), "up", "indicator above"),
    on(Studies, &["Down", "j"], Action::Go(Move::Down), "down", "indicator below"),
    on(Studies, &["Home", "g"], Action::Go(Move::First), "", "first indicator"),
    on(Studies, &["End", "G"], Action::Go(Move::Last), "", "last indicator"),
    on(Studies, &["Esc", "i", "q"], Action::Back, "close", "close"),
    on(Studies, &["Ctrl-c"], Action::Quit, "", "quit the app"),
];
