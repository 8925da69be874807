//! Colours and attributes, by what they mean.

use crate::domain::gap::GapReason;
use ratatui::style::{Color, Modifier, Style};

/// What a terminal can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colors {
    /// Attributes alone.
    Mono,
    /// The sixteen of its own palette.
    Ansi16,
    /// Any.
    Rgb,
}

impl Colors {
    /// By `NO_COLOR` (<https://no-color.org>: set and not empty), `TERM` and `COLORTERM`, read
    /// through `env`.
    pub fn detect(env: impl Fn(&str) -> Option<String>) -> Self {
        let given = |name: &str| env(name).filter(|value| !value.is_empty());
        if given("NO_COLOR").is_some() || given("TERM").is_some_and(|term| term == "dumb") {
            Self::Mono
        } else if given("COLORTERM").is_some_and(|value| value == "truecolor" || value == "24bit") {
            Self::Rgb
        } else {
            Self::Ansi16
        }
    }
}

/// A theme: a style for each meaning. Themes differ in values alone.
#[derive(Debug, Clone)]
pub(crate) struct Theme {
    pub(crate) text: Style,
    pub(crate) dim: Style,
    pub(crate) title: Style,
    pub(crate) border: Style,
    pub(crate) accent: Style,
    /// The selected row, over the row's own styles.
    pub(crate) selected: Style,
    pub(crate) tab: Style,
    pub(crate) active_tab: Style,
    pub(crate) key: Style,
    pub(crate) rising: Style,
    pub(crate) falling: Style,
    pub(crate) ok: Style,
    pub(crate) warn: Style,
    pub(crate) error: Style,
    pub(crate) axis: Style,
    pub(crate) volume: Style,
    pub(crate) last_price: Style,
    pub(crate) last_label: Style,
    pub(crate) simulated: Style,
    pub(crate) bar: Style,
    pub(crate) bar_rest: Style,
    pub(crate) input: Style,
    pub(crate) cursor: Style,
    pub(crate) popup: Style,
    explained: Style,
    unconfirmed: Style,
    failed: Style,
    off: Style,
    owed: Style,
}

impl Theme {
    /// Light on dark, within what the terminal can show.
    pub(crate) fn dark(colors: Colors) -> Self {
        match colors {
            Colors::Mono => Self::mono(),
            Colors::Ansi16 => Self::of(&ANSI),
            Colors::Rgb => Self::of(&RGB),
        }
    }

    /// The colour of a gap by its reason.
    pub(crate) const fn gap(&self, reason: GapReason) -> Style {
        match reason {
            GapReason::NoCandle | GapReason::BadRow | GapReason::BeforeListing | GapReason::NotTrading => self.explained,
            GapReason::Unconfirmed => self.unconfirmed,
            GapReason::FetchFailed => self.failed,
            GapReason::RecorderOff => self.off,
            GapReason::NotFetched => self.owed,
        }
    }

    fn of(palette: &Palette) -> Self {
        let fg = |color| Style::new().fg(color);
        Self {
            text: fg(palette.text),
            dim: fg(palette.dim),
            title: fg(palette.text).add_modifier(Modifier::BOLD),
            border: fg(palette.border),
            accent: fg(palette.accent),
            selected: Style::new().bg(palette.selection).add_modifier(Modifier::BOLD),
            tab: fg(palette.dim),
            active_tab: fg(palette.accent).add_modifier(Modifier::BOLD | Modifier::UNDERLINED),
            key: fg(palette.accent),
            rising: fg(palette.rising),
            falling: fg(palette.falling),
            ok: fg(palette.rising),
            warn: fg(palette.warn),
            error: fg(palette.falling),
            axis: fg(palette.dim),
            volume: fg(palette.border),
            last_price: fg(palette.accent),
            last_label: fg(palette.paper).bg(palette.accent),
            simulated: fg(palette.paper).bg(palette.warn).add_modifier(Modifier::BOLD),
            bar: fg(palette.accent),
            bar_rest: fg(palette.border),
            input: fg(palette.text).bg(palette.selection),
            cursor: fg(palette.paper).bg(palette.text),
            popup: fg(palette.text).bg(palette.popup),
            explained: fg(palette.border),
            unconfirmed: fg(palette.warn),
            failed: fg(palette.falling),
            off: fg(palette.off),
            owed: fg(palette.accent),
        }
    }

    fn mono() -> Self {
        let plain = Style::new();
        let (bold, dim) = (plain.add_modifier(Modifier::BOLD), plain.add_modifier(Modifier::DIM));
        let reversed = plain.add_modifier(Modifier::REVERSED);
        Self {
            text: plain,
            dim,
            title: bold,
            border: dim,
            accent: bold,
            selected: reversed,
            tab: plain,
            active_tab: bold.add_modifier(Modifier::UNDERLINED),
            key: bold,
            rising: plain,
            falling: plain,
            ok: plain,
            warn: bold,
            error: bold,
            axis: dim,
            volume: plain,
            last_price: plain,
            last_label: reversed,
            simulated: reversed,
            bar: plain,
            bar_rest: dim,
            input: plain.add_modifier(Modifier::UNDERLINED),
            cursor: reversed,
            popup: plain,
            explained: dim,
            unconfirmed: plain,
            failed: bold,
            off: plain,
            owed: plain,
        }
    }
}

struct Palette {
    text: Color,
    dim: Color,
    border: Color,
    accent: Color,
    selection: Color,
    popup: Color,
    paper: Color,
    rising: Color,
    falling: Color,
    warn: Color,
    off: Color,
}

const ANSI: Palette = Palette {
    text: Color::Reset,
    dim: Color::Gray,
    border: Color::DarkGray,
    accent: Color::Cyan,
    selection: Color::DarkGray,
    popup: Color::Reset,
    paper: Color::Black,
    rising: Color::Green,
    falling: Color::Red,
    warn: Color::Yellow,
    off: Color::Magenta,
};

/// Contrast of text, rising, falling and accent against the usual dark backgrounds is above 4.5:1.
const RGB: Palette = Palette {
    text: Color::Rgb(0xd7, 0xdc, 0xe4),
    dim: Color::Rgb(0x8a, 0x93, 0xa3),
    border: Color::Rgb(0x4a, 0x53, 0x63),
    accent: Color::Rgb(0x6c, 0xb6, 0xff),
    selection: Color::Rgb(0x26, 0x30, 0x40),
    popup: Color::Rgb(0x16, 0x1b, 0x24),
    paper: Color::Rgb(0x0e, 0x12, 0x18),
    rising: Color::Rgb(0x2e, 0xbd, 0x85),
    falling: Color::Rgb(0xf6, 0x5d, 0x6c),
    warn: Color::Rgb(0xe3, 0xb3, 0x41),
    off: Color::Rgb(0xb3, 0x92, 0xf0),
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn detection() {
        let check = |vars: &[(&str, &str)], expected: Colors| {
            let env = |name: &str| vars.iter().find(|(var, _)| *var == name).map(|(_, value)| (*value).to_owned());
            assert_eq!(Colors::detect(env), expected, "{vars:?}");
        };
        check(&[], Colors::Ansi16);
        check(&[("NO_COLOR", "1"), ("COLORTERM", "truecolor")], Colors::Mono);
        check(&[("NO_COLOR", ""), ("COLORTERM", "truecolor")], Colors::Rgb);
        check(&[("TERM", "dumb")], Colors::Mono);
        check(&[("TERM", "xterm-256color")], Colors::Ansi16);
    }
}
