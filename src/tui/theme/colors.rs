//! What a terminal can show, and the nearest that it can.

use ratatui::style::Color;

/// What a terminal can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colors {
    /// Attributes alone.
    Mono,
    /// The sixteen of its own palette.
    Ansi16,
    /// The 256 of xterm.
    Xterm256,
    /// Any.
    Rgb,
}

impl Colors {
    /// By `NO_COLOR` (<https://no-color.org>: set and not empty), `COLORTERM` and `TERM`, read
    /// through `env`.
    pub fn detect(env: impl Fn(&str) -> Option<String>) -> Self {
        let given = |name: &str| env(name).filter(|value| !value.is_empty());
        let term = given("TERM").unwrap_or_default();
        let direct = given("COLORTERM").is_some_and(|value| value == "truecolor" || value == "24bit");
        if given("NO_COLOR").is_some() || term == "dumb" {
            Self::Mono
        } else if direct || term.ends_with("-direct") {
            Self::Rgb
        } else if term.contains("256color") {
            Self::Xterm256
        } else {
            Self::Ansi16
        }
    }
}

/// The levels of a channel in the 6x6x6 cube at 16 to 231.
const LEVELS: [u8; 6] = [0, 95, 135, 175, 215, 255];

/// The nearest of xterm's fixed colours, 16 to 255, by distance in RGB. The first sixteen are left
/// out: every terminal has its own.
pub(super) fn xterm256(color: Color) -> Color {
    let Color::Rgb(r, g, b) = color else { return color };
    let level = |value: u8| (0..6).min_by_key(|at: &usize| value.abs_diff(LEVELS[*at])).unwrap_or(0);
    let cube = [r, g, b].map(level);
    let in_cube = (16 + 36 * cube[0] + 6 * cube[1] + cube[2], cube.map(|at| LEVELS[at]));
    // Greys at 232 to 255: 8, 18, .. 238.
    let mean = (i32::from(r) + i32::from(g) + i32::from(b)) / 3;
    let step = ((mean - 3) / 10).clamp(0, 23) as u8;
    let grey = (232 + usize::from(step), [8 + 10 * step; 3]);
    let far = |to: [u8; 3]| distance([r, g, b], to);
    let index = if far(grey.1) < far(in_cube.1) { grey.0 } else { in_cube.0 };
    Color::Indexed(index as u8)
}

/// The sixteen as xterm shows them.
const ANSI: [(Color, [u8; 3]); 16] = [
    (Color::Black, [0, 0, 0]),
    (Color::Red, [205, 0, 0]),
    (Color::Green, [0, 205, 0]),
    (Color::Yellow, [205, 205, 0]),
    (Color::Blue, [0, 0, 238]),
    (Color::Magenta, [205, 0, 205]),
    (Color::Cyan, [0, 205, 205]),
    (Color::Gray, [229, 229, 229]),
    (Color::DarkGray, [127, 127, 127]),
    (Color::LightRed, [255, 0, 0]),
    (Color::LightGreen, [0, 255, 0]),
    (Color::LightYellow, [255, 255, 0]),
    (Color::LightBlue, [92, 92, 255]),
    (Color::LightMagenta, [255, 0, 255]),
    (Color::LightCyan, [0, 255, 255]),
    (Color::White, [255, 255, 255]),
];

/// The nearest of the sixteen, as xterm shows them.
pub(super) fn ansi16(color: Color) -> Color {
    let Color::Rgb(r, g, b) = color else { return color };
    ANSI.into_iter().min_by_key(|(_, shown)| distance([r, g, b], *shown)).map_or(Color::Reset, |(name, _)| name)
}

/// Red, green and blue of a colour, as xterm shows it; nothing for the terminal's own.
pub(crate) fn rgb(color: Color) -> Option<[u8; 3]> {
    match color {
        Color::Reset => None,
        Color::Rgb(r, g, b) => Some([r, g, b]),
        Color::Indexed(index @ 232..) => Some([8 + 10 * (index - 232); 3]),
        Color::Indexed(index @ 16..) => {
            let cube = index - 16;
            Some([cube / 36, cube / 6 % 6, cube % 6].map(|at| LEVELS[usize::from(at)]))
        }
        // The first sixteen in their usual order: black to light grey, then the bright ones.
        Color::Indexed(index) => ANSI.get(usize::from(index)).map(|(_, shown)| *shown),
        named => ANSI.into_iter().find(|(name, _)| *name == named).map(|(_, shown)| shown),
    }
}

fn distance(a: [u8; 3], b: [u8; 3]) -> u32 {
    a.into_iter().zip(b).map(|(a, b)| u32::from(a.abs_diff(b)).pow(2)).sum()
}

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
        check(&[("TERM", "xterm-256color")], Colors::Xterm256);
        check(&[("TERM", "xterm-256color"), ("COLORTERM", "24bit")], Colors::Rgb);
        check(&[("TERM", "xterm-direct")], Colors::Rgb);
        check(&[("TERM", "linux")], Colors::Ansi16);
    }

    #[test]
    fn nearest() {
        let check = |rgb: (u8, u8, u8), fixed: u8, named: Color| {
            let color = Color::Rgb(rgb.0, rgb.1, rgb.2);
            assert_eq!((xterm256(color), ansi16(color)), (Color::Indexed(fixed), named), "{rgb:?}");
        };
        check((0, 0, 0), 16, Color::Black);
        check((255, 255, 255), 231, Color::White);
        check((255, 0, 0), 196, Color::LightRed);
        check((95, 135, 175), 67, Color::DarkGray);
        check((128, 128, 128), 244, Color::DarkGray);
        check((8, 8, 8), 232, Color::Black);
        check((238, 238, 238), 255, Color::Gray);
        assert_eq!(xterm256(Color::Reset), Color::Reset);
        assert_eq!(ansi16(Color::Indexed(7)), Color::Indexed(7));
    }

    #[test]
    fn as_xterm_shows_them() {
        let check = |color: Color, expected: Option<[u8; 3]>| assert_eq!(super::rgb(color), expected, "{color:?}");
        check(Color::Reset, None);
        check(Color::Rgb(1, 2, 3), Some([1, 2, 3]));
        check(Color::Indexed(67), Some([95, 135, 175]));
        check(Color::Indexed(232), Some([8, 8, 8]));
        check(Color::Indexed(9), Some([255, 0, 0]));
        check(Color::LightRed, Some([255, 0, 0]));
    }

    #[test]
    fn no_fixed_colour_is_nearer() {
        let shown = |index: u8| super::rgb(Color::Indexed(index)).unwrap();
        for n in 0..4_096_u32 {
            let rgb = [n & 15, n >> 4 & 15, n >> 8].map(|nibble| (nibble * 17) as u8);
            let Color::Indexed(found) = xterm256(Color::Rgb(rgb[0], rgb[1], rgb[2])) else { panic!("{rgb:?}") };
            let best = (16..=255).map(|index| distance(rgb, shown(index))).min().unwrap();
            assert_eq!(distance(rgb, shown(found)), best, "{rgb:?} -> {found}");
        }
    }
}
