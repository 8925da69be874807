//! An indicator under a chart.

use super::braille::{Dots, PER_CELL};
use super::candlestick::{body_columns, places};
use super::scale::{Measure, Scale};
use super::{print, put_behind};
use crate::tui::format;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;
use ratatui::widgets::Widget;

/// Lines and columns over the steps of a chart, the last at the right edge; a heading parts it from
/// what is above, and its ends are written at its right.
///
/// ```text
/// ─ RSI 14  53.20 ─────────────────────────
/// ⠤⠤⣀⣀⡠⠔⠊⠉⠑⠒⠤⠤⣀  ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄     │ 70
/// ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄      │ 30
/// ```
#[derive(Debug)]
pub(crate) struct Pane<'a> {
    pub(crate) heading: Line<'static>,
    /// Oldest first; `None` where there is no value.
    pub(crate) lines: &'a [(Vec<Option<f64>>, Style)],
    /// Columns from zero on.
    pub(crate) columns: Option<(Vec<Option<f64>>, Style)>,
    /// Values that are marked across.
    pub(crate) guides: &'a [f64],
    /// The ends; those of the values where there are none.
    pub(crate) ends: Option<(f64, f64)>,
    /// Columns of the screen per step.
    pub(crate) cells: u16,
    /// Columns of the labels and the stroke before them.
    pub(crate) label: u16,
    pub(crate) style: Style,
}

impl Widget for Pane<'_> {
    fn render(self, area: Rect, buf: &mut Buffer) {
        if area.height == 0 {
            return;
        }
        let plot = Rect { y: area.y + 1, height: area.height - 1, width: area.width.saturating_sub(self.label), ..area };
        let values = || {
            let columns = self.columns.iter().flat_map(|(values, _)| values);
            self.lines.iter().flat_map(|(values, _)| values).chain(columns).flatten().copied()
        };
        let zero = self.columns.as_ref().map(|_| 0.0);
        let scale = match self.ends {
            Some((low, high)) => Some(Scale::between(low, high, plot.height)),
            None => Scale::fit(values().chain(zero.filter(|_| values().next().is_some())), plot.height, Measure::Linear),
        };
        if let Some(scale) = scale.filter(|_| plot.height > 0) {
            self.draw(buf, plot, scale);
        }
        for x in area.left()..area.right() {
            print(buf, area, x, area.y, "─", self.style);
        }
        let heading = Rect { x: area.x + 1.min(area.width), width: area.width.saturating_sub(2), height: 1, ..area };
        self.heading.render(heading, buf);
    }
}

impl Pane<'_> {
    fn draw(&self, buf: &mut Buffer, plot: Rect, scale: Scale) {
        let x_of = |x: i32| (x - i32::from(plot.x) + body_columns(self.cells) / 2) * i32::from(PER_CELL.0);
        let y_of = |value: f64| scale.place(value, PER_CELL.1).min(f64::from(plot.height * PER_CELL.1) - 1.0);
        if let Some((values, style)) = &self.columns {
            let mut dots = Dots::new(plot);
            for (x, value) in places(values, self.cells, plot) {
                if let Some(value) = value {
                    dots.column(x_of(x), y_of(*value), y_of(0.0));
                }
            }
            dots.draw(buf, *style);
        }
        for (values, style) in self.lines {
            let mut dots = Dots::new(plot);
            dots.line(places(values, self.cells, plot).map(|(x, value)| value.map(|value| (x_of(x), y_of(value)))));
            dots.draw(buf, *style);
        }
        for guide in self.guides {
            if let Some(row) = scale.row(*guide) {
                for x in plot.left()..plot.right() {
                    put_behind(buf, plot, x.into(), (plot.y + row).into(), '┄', self.style);
                }
            }
        }
        self.labels(buf, plot, scale);
    }

    fn labels(&self, buf: &mut Buffer, plot: Rect, scale: Scale) {
        let axis = Rect { x: plot.right(), width: self.label, ..plot };
        for y in plot.top()..plot.bottom() {
            print(buf, axis, axis.x, y, "│", self.style);
        }
        let columns = usize::from(self.label.saturating_sub(2));
        let ticks = if self.guides.is_empty() { scale.ticks(MOST_DECIMALS) } else { self.guides.to_vec() };
        let mut free = plot.bottom();
        for tick in ticks {
            let Some(y) = scale.row(tick).map(|row| plot.y + row).filter(|y| *y < free) else { continue };
            free = y;
            let text = format::right(&short(tick), columns);
            print(buf, axis, axis.x, y, &format!("├ {text}"), self.style);
        }
    }
}

/// Decimals beyond which a tick cannot be printed.
const MOST_DECIMALS: u32 = 12;

/// A value of an indicator in few columns.
pub(crate) fn short(value: f64) -> String {
    match value.abs() {
        0.0 => "0".into(),
        v if v < 0.001 => format::price_f64(value, significant(v)),
        v if v < 1.0 => format!("{value:.4}"),
        v if v < 1_000.0 => format!("{value:.2}"),
        _ => format::amount(value),
    }
}

/// Decimals that show three figures.
fn significant(magnitude: f64) -> u32 {
    (2.0 - magnitude.log10().floor()).clamp(0.0, 15.0) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_short() {
        let check = |value: f64, expected: &str| assert_eq!(short(value), expected);
        check(0.0, "0");
        check(70.0, "70.00");
        check(-1_234.5, "-1.23k");
        check(0.25, "0.2500");
        check(0.000_000_123, "0.0₆123");
        check(-0.000_000_123, "-0.0₆123");
    }

    #[test]
    fn lines_columns_and_labels() {
        let area = Rect::new(0, 0, 12, 4);
        let mut buf = Buffer::empty(area);
        let line = (vec![Some(0.0), Some(50.0), None, Some(100.0)], Style::new());
        Pane {
            heading: Line::raw(" RSI "),
            lines: &[line],
            columns: None,
            guides: &[30.0, 70.0],
            ends: Some((0.0, 100.0)),
            cells: 1,
            label: 8,
            style: Style::new(),
        }
        .render(area, &mut buf);
        let text: Vec<String> = (0..4).map(|y| (0..12).map(|x| buf[(x, y)].symbol()).collect()).collect();
        assert_eq!(text, ["─ RSI ──────", "┄┄┄⠁├  70.00", " ⡄  │       ", "⡜┄┄┄├  30.00"]);
    }
}
