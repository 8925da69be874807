//! Characters that are drawn and not printed: boxes, blocks, braille.
//!
//! Glyphs of a font leave seams between cells where the font's line is not as high as ours; lines
//! and rectangles meet.

use crate::svg::{HEIGHT, WIDTH};
use std::fmt::Write as _;

/// How a character is drawn.
pub(crate) enum Shape {
    /// Filled: a part of a path, from the cell's corner.
    Filled(String),
    /// The whole cell, so many quarters towards the character's colour.
    Shade(u8),
    /// Lines of a path, thin or thick.
    Lines { thin: String, thick: String },
}

/// The shape of a character in the cell at (`x`, `y`); `None` where a font prints it.
pub(crate) fn of(c: char, x: f32, y: f32) -> Option<Shape> {
    let code = c as u32;
    let rect = |left: f32, top: f32, width: f32, height: f32| Some(Shape::Filled(rectangle(x + left, y + top, width, height)));
    match c {
        '▀' => rect(0.0, 0.0, WIDTH, HEIGHT / 2.0),
        // U+2581 to U+2588: so many eighths from below.
        '▁'..='█' => {
            let height = HEIGHT * (code - 0x2580) as f32 / 8.0;
            rect(0.0, HEIGHT - height, WIDTH, height)
        }
        // U+2589 to U+258F: seven eighths to one, from the left.
        '▉'..='▏' => rect(0.0, 0.0, WIDTH * (0x2590 - code) as f32 / 8.0, HEIGHT),
        '▐' => rect(WIDTH / 2.0, 0.0, WIDTH / 2.0, HEIGHT),
        '░' | '▒' | '▓' => Some(Shape::Shade((code - 0x2590) as u8)),
        '\u{2800}'..='\u{28ff}' => Some(Shape::Filled(dots(code - 0x2800, x, y))),
        _ => lines(c, x, y),
    }
}

/// A closed rectangle as a part of a path.
pub(crate) fn rectangle(x: f32, y: f32, width: f32, height: f32) -> String {
    format!("M{x} {y}h{width}v{height}h-{width}z")
}

/// Bits 0 to 2 are the left column's upper three dots, 3 to 5 the right one's, 6 and 7 the lowest row.
fn dots(mask: u32, x: f32, y: f32) -> String {
    const PLACES: [(f32, f32); 8] =
        [(0.0, 0.0), (0.0, 1.0), (0.0, 2.0), (1.0, 0.0), (1.0, 1.0), (1.0, 2.0), (0.0, 3.0), (1.0, 3.0)];
    const SIZE: f32 = 2.5;
    PLACES.iter().enumerate().filter(|(bit, _)| mask & (1 << bit) != 0).fold(String::new(), |path, (_, (column, row))| {
        let left = x + WIDTH * (column * 2.0 + 1.0) / 4.0 - SIZE / 2.0;
        let top = y + HEIGHT * (row * 2.0 + 1.0) / 8.0 - SIZE / 2.0;
        path + &rectangle(left, top, SIZE, SIZE)
    })
}

fn lines(c: char, x: f32, y: f32) -> Option<Shape> {
    let (middle, centre, right, bottom) = (x + WIDTH / 2.0, y + HEIGHT / 2.0, x + WIDTH, y + HEIGHT);
    // Arms from the middle: up, right, down, left; 1 is thin, 2 thick.
    let arms = match c {
        '─' => [0, 1, 0, 1],
        '━' => [0, 2, 0, 2],
        '│' => [1, 0, 1, 0],
        '┃' => [2, 0, 2, 0],
        '╵' => [1, 0, 0, 0],
        '╷' => [0, 0, 1, 0],
        '╹' => [2, 0, 0, 0],
        '╻' => [0, 0, 2, 0],
        '╽' => [1, 0, 2, 0],
        '╿' => [2, 0, 1, 0],
        '┌' => [0, 1, 1, 0],
        '┐' => [0, 0, 1, 1],
        '└' => [1, 1, 0, 0],
        '┘' => [1, 0, 0, 1],
        '├' => [1, 1, 1, 0],
        '┤' => [1, 0, 1, 1],
        '┬' => [0, 1, 1, 1],
        '┴' => [1, 1, 0, 1],
        '┼' => [1, 1, 1, 1],
        '┏' => [0, 2, 2, 0],
        '┓' => [0, 0, 2, 2],
        '┗' => [2, 2, 0, 0],
        '┛' => [2, 0, 0, 2],
        '┳' => [0, 2, 2, 2],
        '┻' => [2, 2, 0, 2],
        '╋' => [2, 2, 2, 2],
        _ => {
            let thin = match c {
                '╭' => format!("M{middle} {bottom}V{}Q{middle} {centre} {right} {centre}", centre + WIDTH / 2.0),
                '╮' => format!("M{middle} {bottom}V{}Q{middle} {centre} {x} {centre}", centre + WIDTH / 2.0),
                '╰' => format!("M{middle} {y}V{}Q{middle} {centre} {right} {centre}", centre - WIDTH / 2.0),
                '╯' => format!("M{middle} {y}V{}Q{middle} {centre} {x} {centre}", centre - WIDTH / 2.0),
                '╱' => format!("M{x} {bottom}L{right} {y}"),
                '╲' => format!("M{x} {y}L{right} {bottom}"),
                '┄' => dashes(3, |start, length| format!("M{} {centre}h{}", x + start * WIDTH, length * WIDTH)),
                '┈' => dashes(4, |start, length| format!("M{} {centre}h{}", x + start * WIDTH, length * WIDTH)),
                '┊' => dashes(4, |start, length| format!("M{middle} {}v{}", y + start * HEIGHT, length * HEIGHT)),
                _ => return None,
            };
            return Some(Shape::Lines { thin, thick: String::new() });
        }
    };
    let (mut thin, mut thick) = (String::new(), String::new());
    let ends = [format!("V{y}"), format!("H{right}"), format!("V{bottom}"), format!("H{x}")];
    for (weight, path) in [(1, &mut thin), (2, &mut thick)] {
        let of_weight = |arm: usize| arms[arm] == weight;
        // Through lines in one piece.
        if of_weight(0) && of_weight(2) {
            let _ = write!(path, "M{middle} {y}{}", ends[2]);
        }
        if of_weight(1) && of_weight(3) {
            let _ = write!(path, "M{x} {centre}{}", ends[1]);
        }
        for (arm, end) in ends.iter().enumerate() {
            if of_weight(arm) && !of_weight((arm + 2) % 4) {
                let _ = write!(path, "M{middle} {centre}{end}");
            }
        }
    }
    Some(Shape::Lines { thin, thick })
}

/// So many dashes in one cell, with a gap of half a dash's place around each: start and length as parts.
fn dashes(count: u8, dash: impl Fn(f32, f32) -> String) -> String {
    let place = 1.0 / f32::from(count);
    (0..count).map(|at| dash(place * (f32::from(at) + 0.25), place / 2.0)).collect()
}
