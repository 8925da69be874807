//! Prices at the right edge of a chart.

use super::scale::Scale;
use super::{print, put};
use crate::tui::format;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::widgets::Widget;

/// A line with round labels, and the last price over them.
///
/// ```text
/// ├ 64120.00
/// │
/// ▸ 64080.10
/// ```
#[derive(Debug)]
pub(crate) struct PriceAxis {
    pub(crate) scale: Scale,
    pub(crate) decimals: u32,
    /// The last price, where it is shown.
    pub(crate) last: Option<f64>,
    /// The price under the crosshair.
    pub(crate) cursor: Option<f64>,
    pub(crate) style: Style,
    pub(crate) last_style: Style,
    pub(crate) cursor_style: Style,
}

impl Widget for PriceAxis {
    fn render(self, area: Rect, buf: &mut Buffer) {
        for y in area.top()..area.bottom() {
            put(buf, area, i32::from(area.x), i32::from(y), '│', self.style);
        }
        let columns = usize::from(area.width.saturating_sub(2));
        let mut label = |price: f64, mark: char, style: Style| {
            let Some(row) = self.scale.row(price) else { return };
            let y = area.top() + row;
            put(buf, area, i32::from(area.x), i32::from(y), mark, style);
            let text = format::right(&self.scale.label(price, self.decimals), columns);
            print(buf, area, area.x + 1, y, &format!(" {text}"), style);
        };
        for tick in self.scale.ticks(self.decimals) {
            label(tick, '├', self.style);
        }
        if let Some(last) = self.last {
            label(last, '▸', self.last_style);
        }
        if let Some(cursor) = self.cursor {
            label(cursor, '▸', self.cursor_style);
        }
    }
}
