//! Candles of half-row precision, and gaps between them.

use super::put;
use super::scale::Scale;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::widgets::Widget;

/// What stands in one step of the time axis.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Step {
    /// Nothing: the present's own place, or time that nobody wants.
    Empty,
    /// A candle.
    Candle {
        open: f64,
        high: f64,
        low: f64,
        close: f64,
        /// Closed at or above its open.
        rising: bool,
        /// In the colour of what is missing inside it, where something is.
        partial: Option<Style>,
    },
    /// Missing candles, in the colour of the reason; explained ones lean the other way.
    Gap { style: Style, explained: bool },
}

/// How candles are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Bodies and wicks.
    Candles,
    /// A stroke with the open at its left and the close at its right.
    Bars,
    /// Not at all: a line is drawn beside them; gaps are.
    Hidden,
}

/// Candles side by side, the last at the right edge.
///
/// ```text
///   rising   │ ┏┻┓    falling  │ ███    gap  ╱╱╱  queued
///            ┃ ┃ ┃             █ ███         ╲╲╲  explained
///            ╵ ┗┳┛             │ ▀▀▀
/// ```
#[derive(Debug)]
pub(crate) struct Candlesticks<'a> {
    /// Oldest first.
    pub(crate) steps: &'a [Step],
    /// Columns per step: one, or an even number with a blank at its end.
    pub(crate) cells: u16,
    pub(crate) shape: Shape,
    pub(crate) scale: Scale,
    pub(crate) rising: Style,
    pub(crate) falling: Style,
}

impl Widget for Candlesticks<'_> {
    fn render(self, area: Rect, buf: &mut Buffer) {
        let body = body_columns(self.cells);
        for (x, step) in places(self.steps, self.cells, area) {
            match *step {
                Step::Empty => {}
                Step::Gap { style, explained } => {
                    for dx in 0..i32::from(self.cells) {
                        for y in area.top()..area.bottom() {
                            put(buf, area, x + dx, i32::from(y), hatch(explained), style);
                        }
                    }
                }
                Step::Candle { open, high, low, close, rising, partial } => {
                    let halves = Halves {
                        high: self.scale.clipped_half_row(high),
                        top: self.scale.clipped_half_row(open.max(close)),
                        bottom: self.scale.clipped_half_row(open.min(close)),
                        low: self.scale.clipped_half_row(low),
                    };
                    let style = if rising { self.rising } else { self.falling };
                    if let Some(style) = partial {
                        put(buf, area, x + body / 2, i32::from(area.bottom()) - 1, '╱', style);
                    }
                    if self.shape == Shape::Hidden {
                        continue;
                    }
                    if self.shape == Shape::Bars {
                        let [open, close] = [open, close].map(|price| self.scale.clipped_half_row(price) / 2);
                        stroke(buf, area, x, body, halves, [open, close], style);
                    } else if body == 1 {
                        narrow(buf, area, x, halves, rising, style);
                    } else if rising {
                        hollow(buf, area, x, body, halves, style);
                    } else {
                        filled(buf, area, x, body, halves, style);
                    }
                }
            }
        }
    }
}

/// Columns of a candle's body.
pub(crate) const fn body_columns(cells: u16) -> i32 {
    if cells <= 1 { 1 } else { cells as i32 - 1 }
}

/// Steps with their left columns; the last one ends at the right edge, the first may be cut.
pub(crate) fn places<T>(steps: &[T], cells: u16, area: Rect) -> impl Iterator<Item = (i32, &T)> {
    let from = i32::from(area.right()) - steps.len() as i32 * i32::from(cells);
    steps.iter().enumerate().map(move |(n, step)| (from + n as i32 * i32::from(cells), step))
}

const fn hatch(explained: bool) -> char {
    if explained { '╲' } else { '╱' }
}

/// Half rows from the top, each inclusive.
#[derive(Clone, Copy)]
struct Halves {
    high: i32,
    top: i32,
    bottom: i32,
    low: i32,
}

#[derive(Clone, Copy, PartialEq)]
enum Half {
    Empty,
    Wick,
    Body,
}

impl Halves {
    fn at(self, half: i32) -> Half {
        if (self.top..=self.bottom).contains(&half) {
            Half::Body
        } else if (self.high..=self.low).contains(&half) {
            Half::Wick
        } else {
            Half::Empty
        }
    }

    fn rows(self) -> std::ops::RangeInclusive<i32> {
        self.high / 2..=self.low / 2
    }

    fn of_row(self, row: i32) -> (Half, Half) {
        (self.at(row * 2), self.at(row * 2 + 1))
    }
}

/// One column: a rising body is a heavy line, a falling one is a block.
fn narrow(buf: &mut Buffer, area: Rect, x: i32, halves: Halves, rising: bool, style: Style) {
    use Half::{Body, Empty, Wick};
    for row in halves.rows() {
        let symbol = match (halves.of_row(row), rising) {
            ((Empty, Empty), _) => continue,
            ((Wick, Wick), _) => '│',
            ((Wick, Empty), _) => '╵',
            ((Empty, Wick), _) => '╷',
            ((Body, Body), true) => '┃',
            ((Body, Wick), true) => '╿',
            ((Wick, Body), true) => '╽',
            ((Body, Empty), true) => '╹',
            ((Empty, Body), true) => '╻',
            ((Body, Body), false) => '█',
            ((Body, _), false) => '▀',
            ((_, Body), false) => '▄',
        };
        put(buf, area, x, i32::from(area.top()) + row, symbol, style);
    }
}

/// Several columns, rising: a frame.
fn hollow(buf: &mut Buffer, area: Rect, x: i32, body: i32, halves: Halves, style: Style) {
    let (top, bottom) = (halves.top / 2, halves.bottom / 2);
    let (above, below) = (halves.high / 2 < top, halves.low / 2 > bottom);
    let middle = x + body / 2;
    let y = |row: i32| i32::from(area.top()) + row;
    wicks(buf, area, middle, halves, style);
    if top == bottom {
        for dx in 0..body {
            let symbol = match (x + dx == middle, above, below) {
                (true, true, true) => '╋',
                (true, true, false) => '┻',
                (true, false, true) => '┳',
                _ => '━',
            };
            put(buf, area, x + dx, y(top), symbol, style);
        }
        return;
    }
    for dx in 0..body {
        let (upper, side, lower) = match dx {
            0 => ('┏', '┃', '┗'),
            _ if dx == body - 1 => ('┓', '┃', '┛'),
            _ if x + dx == middle => (if above { '┻' } else { '━' }, ' ', if below { '┳' } else { '━' }),
            _ => ('━', ' ', '━'),
        };
        put(buf, area, x + dx, y(top), upper, style);
        put(buf, area, x + dx, y(bottom), lower, style);
        for row in top + 1..bottom {
            put(buf, area, x + dx, y(row), side, style);
        }
    }
}

/// Several columns, falling: a block.
fn filled(buf: &mut Buffer, area: Rect, x: i32, body: i32, halves: Halves, style: Style) {
    wicks(buf, area, x + body / 2, halves, style);
    for row in halves.top / 2..=halves.bottom / 2 {
        let symbol = match halves.of_row(row) {
            (Half::Body, Half::Body) => '█',
            (Half::Body, _) => '▀',
            _ => '▄',
        };
        for dx in 0..body {
            put(buf, area, x + dx, i32::from(area.top()) + row, symbol, style);
        }
    }
}

/// A stroke from high to low, with the rows of open and close marked.
fn stroke(buf: &mut Buffer, area: Rect, x: i32, body: i32, halves: Halves, [open, close]: [i32; 2], style: Style) {
    let y = |row: i32| i32::from(area.top()) + row;
    let middle = x + body / 2;
    for row in halves.rows() {
        let symbol = match (row == open, row == close) {
            (true, true) => '┼',
            (true, false) => '┤',
            (false, true) => '├',
            // The body of a candle is but stroke here.
            (false, false) => match halves.of_row(row) {
                (_, Half::Empty) => '╵',
                (Half::Empty, _) => '╷',
                _ => '│',
            },
        };
        put(buf, area, middle, y(row), symbol, style);
    }
    for dx in x..middle {
        put(buf, area, dx, y(open), '─', style);
    }
    for dx in middle + 1..x + body {
        put(buf, area, dx, y(close), '─', style);
    }
}

fn wicks(buf: &mut Buffer, area: Rect, x: i32, halves: Halves, style: Style) {
    for row in halves.rows() {
        let symbol = match halves.of_row(row) {
            (Half::Wick, Half::Empty) => '╵',
            (Half::Empty, Half::Wick) => '╷',
            _ => '│',
        };
        put(buf, area, x, i32::from(area.top()) + row, symbol, style);
    }
}

#[cfg(test)]
mod tests {
    use super::super::scale::Measure;
    use super::*;

    fn candle([open, high, low, close]: [f64; 4]) -> Step {
        Step::Candle { open, high, low, close, rising: close >= open, partial: None }
    }

    fn draw(steps: &[Step], cells: u16, rows: u16) -> Vec<String> {
        draw_as(Shape::Candles, steps, cells, rows)
    }

    fn draw_as(shape: Shape, steps: &[Step], cells: u16, rows: u16) -> Vec<String> {
        let area = Rect::new(0, 0, steps.len() as u16 * cells, rows);
        let mut buf = Buffer::empty(area);
        let scale = Scale::fit([0.0, 10.0].into_iter(), rows, Measure::Linear).unwrap();
        Candlesticks { steps, cells, shape, scale, rising: Style::new(), falling: Style::new() }.render(area, &mut buf);
        (0..rows).map(|y| (0..area.width).map(|x| buf[(x, y)].symbol()).collect::<String>().trim_end().to_owned()).collect()
    }

    #[test]
    fn rising_and_falling_differ_by_shape() {
        let steps = [candle([3.0, 9.0, 1.0, 7.0]), candle([7.0, 9.0, 1.0, 3.0])];
        assert_eq!(draw(&steps, 1, 5), ["╷╷", "╽▄", "┃█", "╿▀", "╵╵"].map(str::to_owned).to_vec());
        assert_eq!(draw(&steps, 4, 5), [" ╷   ╷", "┏┻┓ ▄▄▄", "┃ ┃ ███", "┗┳┛ ▀▀▀", " ╵   ╵"].map(str::to_owned).to_vec());
    }

    #[test]
    fn bars_open_at_their_left_and_close_at_their_right() {
        let steps = [candle([3.0, 9.0, 1.0, 7.0]), candle([7.0, 9.0, 1.0, 3.0])];
        assert_eq!(draw_as(Shape::Bars, &steps, 1, 5), ["╷╷", "├┤", "││", "┤├", "╵╵"].map(str::to_owned).to_vec());
        assert_eq!(
            draw_as(Shape::Bars, &steps, 4, 5),
            [" ╷   ╷", " ├─ ─┤", " │   │", "─┤   ├─", " ╵   ╵"].map(str::to_owned).to_vec()
        );
        assert_eq!(draw_as(Shape::Hidden, &steps, 1, 2), ["", ""]);
    }

    #[test]
    fn flat_candles_and_gaps_are_visible() {
        let gap = |explained| Step::Gap { style: Style::new(), explained };
        let steps = [candle([5.0; 4]), gap(false), gap(true), Step::Empty, candle([5.0, 9.0, 5.0, 5.0])];
        assert_eq!(draw(&steps, 1, 3), [" ╱╲ │", "╻╱╲ ╽", " ╱╲"].map(str::to_owned).to_vec());
    }
}
