//! The themes that come with the program.

use super::palette::Palette;
use ratatui::style::Color;

/// A theme before it is fitted to a terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Scheme {
    /// Its name in the settings.
    pub(super) name: std::borrow::Cow<'static, str>,
    /// For terminals of many colours, and for those of sixteen; nothing: attributes alone.
    pub(super) palettes: Option<(Palette, Palette)>,
}

const fn rgb(hex: u32) -> Color {
    Color::Rgb((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
}

const fn scheme(name: &'static str, full: Palette, ansi: Palette) -> Scheme {
    Scheme { name: std::borrow::Cow::Borrowed(name), palettes: Some((full, ansi)) }
}

/// The themes, in the order in which they follow each other.
pub(super) const ALL: [Scheme; 6] = [
    DARK,
    scheme("light", LIGHT, LIGHT_16),
    scheme("high-contrast", HIGH_CONTRAST, HIGH_CONTRAST_16),
    scheme("color-blind", COLOR_BLIND, COLOR_BLIND_16),
    scheme("16-colors", ANSI, ANSI),
    Scheme { name: std::borrow::Cow::Borrowed("monochrome"), palettes: None },
];

/// The theme where nothing is chosen.
pub(super) const DARK: Scheme = scheme("dark", DARK_FULL, ANSI);

const DARK_FULL: Palette = Palette {
    background: rgb(0x0e_1218),
    text: rgb(0xd7_dce4),
    dim: rgb(0x8a_93a3),
    border: rgb(0x4a_5363),
    accent: rgb(0x6c_b6ff),
    selection: rgb(0x26_3040),
    popup: rgb(0x16_1b24),
    paper: rgb(0x0e_1218),
    rising: rgb(0x2e_bd85),
    falling: rgb(0xf6_5d6c),
    warn: rgb(0xe3_b341),
    off: rgb(0xb3_92f0),
};

/// The terminal's own colours, on its own background.
const ANSI: Palette = Palette {
    background: Color::Reset,
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

const LIGHT: Palette = Palette {
    background: rgb(0xfb_fbfd),
    text: rgb(0x1f_2430),
    dim: rgb(0x5a_6273),
    border: rgb(0xa3_abba),
    accent: rgb(0x0b_57c4),
    selection: rgb(0xdc_e7f7),
    popup: rgb(0xef_f2f7),
    paper: rgb(0xff_ffff),
    rising: rgb(0x0b_6b47),
    falling: rgb(0xb4_1f31),
    warn: rgb(0x7a_5200),
    off: rgb(0x6f_3fb5),
};

/// Bright variants would vanish on white.
const LIGHT_16: Palette = Palette {
    background: Color::White,
    text: Color::Black,
    dim: Color::DarkGray,
    border: Color::Gray,
    accent: Color::Blue,
    selection: Color::Gray,
    popup: Color::White,
    paper: Color::White,
    rising: Color::Green,
    falling: Color::Red,
    warn: Color::Magenta,
    off: Color::Blue,
};

const HIGH_CONTRAST: Palette = Palette {
    background: rgb(0x00_0000),
    text: rgb(0xff_ffff),
    dim: rgb(0xd0_d0d0),
    border: rgb(0xa8_a8a8),
    accent: rgb(0x5f_f5ff),
    selection: rgb(0x00_3a70),
    popup: rgb(0x00_0000),
    paper: rgb(0x00_0000),
    rising: rgb(0x3d_ff8f),
    falling: rgb(0xff_8a8a),
    warn: rgb(0xff_e14d),
    off: rgb(0xe0_b8ff),
};

const HIGH_CONTRAST_16: Palette = Palette {
    background: Color::Black,
    text: Color::White,
    dim: Color::White,
    border: Color::Gray,
    accent: Color::LightCyan,
    selection: Color::Blue,
    popup: Color::Black,
    paper: Color::Black,
    rising: Color::LightGreen,
    falling: Color::LightRed,
    warn: Color::LightYellow,
    off: Color::LightMagenta,
};

/// Sky blue and orange of Okabe and Ito's set, which every kind of colour blindness tells apart
/// (<https://jfly.uni-koeln.de/color/>); warnings in its yellow, the recorder's own gaps in its
/// reddish purple.
const COLOR_BLIND: Palette = Palette {
    rising: rgb(0x56_b4e9),
    falling: rgb(0xe6_9f00),
    warn: rgb(0xf0_e442),
    off: rgb(0xcc_79a7),
    accent: rgb(0xd7_dce4),
    ..DARK_FULL
};

const COLOR_BLIND_16: Palette =
    Palette { rising: Color::LightBlue, falling: Color::Yellow, warn: Color::LightYellow, accent: Color::White, ..ANSI };
