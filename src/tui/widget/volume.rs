//! Volume bars under a chart.

use super::candlestick::{body_columns, places};
use super::put;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::widgets::Widget;

/// Eighths of a cell, from the bottom.
pub(crate) const EIGHTHS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Bars that stand on the bottom, the last at the right edge; the largest fills the height.
#[derive(Debug)]
pub(crate) struct Volume<'a> {
    /// Oldest first; `None` where there is none.
    pub(crate) values: &'a [Option<f64>],
    /// Columns per bar.
    pub(crate) cells: u16,
    pub(crate) style: Style,
}

impl Widget for Volume<'_> {
    fn render(self, area: Rect, buf: &mut Buffer) {
        let most = self.values.iter().flatten().copied().fold(0.0, f64::max);
        if most <= 0.0 {
            return;
        }
        for (x, value) in places(self.values, self.cells, area) {
            let Some(value) = value.filter(|value| *value > 0.0) else { continue };
            // Whatever traded is seen.
            let eighths = ((value / most * f64::from(area.height) * 8.0).round() as i32).max(1);
            for row in 0..i32::from(area.height) {
                let fill = (eighths - row * 8).clamp(0, 8);
                if fill > 0 {
                    for dx in 0..body_columns(self.cells) {
                        put(buf, area, x + dx, i32::from(area.bottom()) - 1 - row, EIGHTHS[fill as usize], self.style);
                    }
                }
            }
        }
    }
}
