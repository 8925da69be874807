//! Pieces that views are made of. They know numbers, texts and styles, and nothing of the recorder.

pub(crate) mod braille;
pub(crate) mod candlestick;
pub(crate) mod input;
pub(crate) mod pane;
pub(crate) mod pixels;
pub(crate) mod price_axis;
pub(crate) mod progress;
pub(crate) mod scale;
pub(crate) mod sparkline;
pub(crate) mod time_axis;
pub(crate) mod volume;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// Sets one cell, if it lies inside `area` and the buffer.
pub(crate) fn put(buf: &mut Buffer, area: Rect, x: i32, y: i32, symbol: char, style: Style) {
    let (Ok(x), Ok(y)) = (u16::try_from(x), u16::try_from(y)) else { return };
    if area.contains((x, y).into())
        && let Some(cell) = buf.cell_mut((x, y))
    {
        cell.set_char(symbol).set_style(style);
    }
}

/// Sets one cell, if nothing stands there yet.
pub(crate) fn put_behind(buf: &mut Buffer, area: Rect, x: i32, y: i32, symbol: char, style: Style) {
    let (Ok(column), Ok(row)) = (u16::try_from(x), u16::try_from(y)) else { return };
    if buf.cell((column, row)).is_some_and(|cell| cell.symbol() == " ") {
        put(buf, area, x, y, symbol, style);
    }
}

/// Writes text from `x` on, cut at the right edge of `area`.
pub(crate) fn print(buf: &mut Buffer, area: Rect, x: u16, y: u16, text: &str, style: Style) {
    let area = area.intersection(buf.area);
    if area.contains((x, y).into()) {
        buf.set_stringn(x, y, text, usize::from(area.right() - x), style);
    }
}
