//! What a terminal can print: Unicode, or ASCII alone.
//!
//! Screens are drawn in Unicode; for a poor terminal each cell is then put into ASCII, so that no
//! view needs to know, and columns stay where they are.

use ratatui::buffer::Buffer;

/// What a terminal can print.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Glyphs {
    /// Box drawing, blocks, braille.
    #[default]
    Unicode,
    /// The printable characters of ASCII.
    Ascii,
}

impl Glyphs {
    /// Keys as they can be read: ASCII has no sign for these two, so they are written out. That takes columns, so it
    /// is done before a line is laid out, and not cell by cell.
    pub(crate) fn keys(self, keys: &str) -> String {
        match self {
            Self::Unicode => keys.to_owned(),
            Self::Ascii => keys.replace('⏎', "Enter").replace('⌫', "Backspace"),
        }
    }

    /// By the locale (`LC_ALL`, else `LC_CTYPE`, else `LANG`) and `TERM`, read through `env`. A
    /// console of the Linux kernel has no braille in its font.
    pub fn detect(env: impl Fn(&str) -> Option<String>) -> Self {
        let given = |name: &&str| env(name).filter(|value| !value.is_empty());
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(given).unwrap_or_default().to_ascii_lowercase();
        let utf8 = locale.contains("utf-8") || locale.contains("utf8");
        let poor = given(&"TERM").is_some_and(|term| term == "linux" || term == "dumb");
        if utf8 && !poor { Self::Unicode } else { Self::Ascii }
    }
}

/// Puts every cell into ASCII.
pub(crate) fn to_ascii(buf: &mut Buffer) {
    let width = usize::from(buf.area.width).max(1);
    for row in buf.content.chunks_mut(width) {
        let mut symbols: Vec<char> = row.iter().map(|cell| cell.symbol().chars().next().unwrap_or(' ')).collect();
        if symbols.iter().all(char::is_ascii) {
            continue;
        }
        spell_out(&mut symbols);
        for (cell, symbol) in row.iter_mut().zip(symbols) {
            // A second character of the same cell combines with the first: ASCII has none.
            if !cell.symbol().is_ascii() || !cell.symbol().starts_with(symbol) {
                cell.set_char(ascii(symbol));
            }
        }
    }
}

/// Compact zeros in as many columns: `0.0₅734` is `7.34e-6`. A small figure put into ASCII by itself
/// would be another number.
fn spell_out(row: &mut [char]) {
    let mut at = 0;
    while at < row.len() {
        if !is_small(row[at]) {
            at += 1;
            continue;
        }
        let small = row[at..].iter().take_while(|c| is_small(**c)).count();
        let digits: Vec<char> = row[at + small..].iter().copied().take_while(char::is_ascii_digit).collect();
        let end = at + small + digits.len();
        let zeros = row[at..at + small].iter().fold(0_usize, |sum, c| sum * 10 + (*c as usize - '₀' as usize));
        if at >= 3 && row[at - 3..at] == ['0', '.', '0'] && !digits.is_empty() {
            let start = at - 3;
            let mut text: String = digits.iter().collect();
            let (pointed, whole) = (zeros + 1, zeros + digits.len());
            let with_point = format!("{}.{}e-{pointed}", &text[..1], &text[1..]);
            text = if text.len() > 1 && with_point.len() <= end - start { with_point } else { format!("{text}e-{whole}") };
            for (slot, c) in row[start..end].iter_mut().zip(format!("{text:>width$}", width = end - start).chars()) {
                *slot = c;
            }
        }
        at = end;
    }
}

fn is_small(c: char) -> bool {
    ('₀'..='₉').contains(&c)
}

/// The nearest character of ASCII.
fn ascii(c: char) -> char {
    match c {
        ' '..='~' => c,
        '│' | '╵' | '╷' | '▏' | '▎' | '▍' => '|',
        // Rising bodies; falling ones are blocks.
        '┃' | '╿' | '╽' | '╹' | '╻' => 'I',
        '█' | '▀' | '▄' | '▅' | '▆' | '▇' | '▌' | '▋' | '▊' | '▉' => '#',
        '▁' | '▂' => '_',
        '▃' | '━' => '=',
        '▓' => '%',
        '─' | '┄' | '┈' | '–' => '-',
        '┊' | '░' => ':',
        '┏' | '┓' | '┗' | '┛' | '┻' | '┳' | '╋' | '├' | '┤' | '┼' | '╭' | '╮' | '╰' | '╯' | '✓' => {
            '+'
        }
        '╱' => '/',
        '╲' => '\\',
        '▸' | '→' | '›' | '≥' => '>',
        '‹' | '←' => '<',
        '▲' | '↑' => '^',
        '▼' | '↓' => 'v',
        '●' | '◆' | '★' => '*',
        '○' => 'O',
        '◐' | '◌' | '◇' => 'o',
        '·' => '.',
        '…' => '~',
        'Δ' => 'd',
        '×' => 'x',
        '⚠' | '⚑' | '✗' => '!',
        '⠀'..='⣿' => dots(c as u32 - 0x2800),
        _ => '?',
    }
}

/// A line of braille dots by where in the cell it runs.
fn dots(mask: u32) -> char {
    let (upper, lower) = (mask & 0b0001_1011 != 0, mask & 0b1110_0100 != 0);
    match (upper, lower) {
        (true, true) => '*',
        (true, false) => '\'',
        (false, true) => '.',
        (false, false) => ' ',
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    #[test]
    fn detection() {
        let check = |vars: &[(&str, &str)], expected: Glyphs| {
            let env = |name: &str| vars.iter().find(|(var, _)| *var == name).map(|(_, value)| (*value).to_owned());
            assert_eq!(Glyphs::detect(env), expected, "{vars:?}");
        };
        check(&[], Glyphs::Ascii);
        check(&[("LANG", "en_GB.UTF-8"), ("TERM", "xterm-256color")], Glyphs::Unicode);
        check(&[("LANG", "en_GB.UTF-8"), ("TERM", "linux")], Glyphs::Ascii);
        check(&[("LC_ALL", "C"), ("LANG", "en_GB.UTF-8")], Glyphs::Ascii);
        check(&[("LC_ALL", ""), ("LC_CTYPE", "C.utf8"), ("LANG", "C")], Glyphs::Unicode);
    }

    #[test]
    fn numbers_stay_the_same() {
        let check = |text: &str, expected: &str| {
            let columns = text.chars().count() as u16;
            let mut buf = Buffer::empty(Rect::new(0, 0, columns, 1));
            buf.set_string(0, 0, text, Style::new());
            to_ascii(&mut buf);
            let shown: String = (0..columns).map(|x| buf[(x, 0)].symbol()).collect();
            assert_eq!(shown, expected);
        };
        check("0.0₅734 │ 0.0₄1", "7.34e-6 |  1e-5");
        check("-0.0₉734", "-734e-12");
        check("0.0₁₂123", "1.23e-13");
        check("╭ é ╮", "+ ? +");
        check("plain", "plain");
    }

    #[test]
    fn each_kind_of_a_cell_of_the_map_keeps_a_shape_of_its_own() {
        use crate::tui::state::coverage::CellState;
        let mut shapes: Vec<char> = CellState::LEGEND.into_iter().map(|state| ascii(state.glyph())).collect();
        // The cursor on a full cell.
        shapes.push(ascii('░'));
        let all = shapes.len();
        shapes.sort_unstable();
        shapes.dedup();
        assert_eq!(shapes.len(), all, "{shapes:?}");
        assert_ne!(ascii('✓'), ascii('✗'));
    }

    #[test]
    fn wide_characters_keep_their_columns() {
        let mut buf = Buffer::empty(Rect::new(0, 0, 6, 1));
        buf.set_string(0, 0, "币a│", Style::new());
        to_ascii(&mut buf);
        let shown: String = (0..6).map(|x| buf[(x, 0)].symbol()).collect();
        assert_eq!(shown, "? a|  ");
    }
}
