//! Colours and attributes, by what they mean.

mod builtin;
mod choice;
mod colors;
mod file;
mod palette;

pub use choice::{Look, ThemeError};
pub use colors::Colors;
pub use file::ThemeFile;

pub(crate) use choice::Themes;
pub(crate) use colors::rgb;

use crate::domain::gap::GapReason;
use palette::Palette;
use ratatui::style::{Modifier, Style};

/// A theme: a style for each meaning. Themes differ in values alone.
#[derive(Debug, Clone)]
pub(crate) struct Theme {
    /// The empty screen, under everything.
    pub(crate) screen: Style,
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
        Self::drawn(&builtin::DARK, colors, false)
    }

    /// A theme within what the terminal can show; `red_up` paints rising prices in the colour of
    /// falling ones and the other way round, as is usual in East Asia.
    fn drawn(scheme: &builtin::Scheme, colors: Colors, red_up: bool) -> Self {
        let mut theme = match (&scheme.palettes, colors) {
            (None, _) | (_, Colors::Mono) => Self::mono(),
            (Some((_, ansi)), Colors::Ansi16) => Self::of(ansi),
            (Some((full, _)), Colors::Xterm256) => Self::of(&full.map(colors::xterm256)),
            (Some((full, _)), Colors::Rgb) => Self::of(full),
        };
        if red_up {
            // What is well and what has failed keep their colours: they say nothing of prices.
            std::mem::swap(&mut theme.rising, &mut theme.falling);
        }
        theme
    }

    /// The colour of a gap by its reason.
    pub(crate) const fn gap(&self, reason: GapReason) -> Style {
        match reason {
            GapReason::NoCandle
            | GapReason::BadRow
            | GapReason::BeforeListing
            | GapReason::NotTrading
            | GapReason::NoTrades
            | GapReason::Lost => self.explained,
            GapReason::Unconfirmed => self.unconfirmed,
            GapReason::FetchFailed => self.failed,
            GapReason::RecorderOff => self.off,
            GapReason::NotFetched => self.owed,
        }
    }

    fn of(palette: &Palette) -> Self {
        let fg = |color| Style::new().fg(color);
        Self {
            screen: fg(palette.text).bg(palette.background),
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
            screen: plain,
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

#[cfg(test)]
mod tests;
