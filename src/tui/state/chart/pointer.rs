//! The chart under the mouse: zoom that keeps the moment under the pointer, and dragging.

use super::{ChartState, Edge, Window, ZOOM, newest, picture};
use crate::domain::range::TimeRange;
use crate::domain::time::Time;
use crate::engine::snapshot::SeriesView;

/// A drag under way: where it began, and the end of what was visible then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Drag {
    column: u16,
    to: Time,
}

impl ChartState {
    /// What is visible, once it has been drawn.
    pub(crate) fn visible(&self, series: &SeriesView) -> Option<TimeRange> {
        (self.columns > 0 && self.series == Some(series.id)).then(|| self.window_of(series, self.interval, self.columns).range)
    }

    /// Zooms a step; the moment at `column` of the plot stays where it is, as far as the present
    /// and the first candle let it.
    pub(crate) fn zoom_at(&mut self, series: &SeriesView, column: u16, closer: bool) {
        let before = self.window_of(series, self.interval, self.columns);
        let moment = before.range.to.plus_ms(-steps_to(&before, self.columns, column) * before.step_ms);
        self.zoom = if closer { self.zoom.saturating_sub(1) } else { (self.zoom + 1).min(ZOOM.len() - 1) };
        let after = self.window_of(series, self.interval, self.columns);
        if after.step_ms != before.step_ms || after.cells != before.cells {
            let to = moment.plus_ms(steps_to(&after, self.columns, column) * after.step_ms);
            self.show_until(series, to);
        }
    }

    /// Opening of the candle that `column` of the plot stands for, where one is there.
    pub(crate) fn time_at(&self, series: &SeriesView, column: u16) -> Option<Time> {
        let window = self.window_of(series, self.interval, self.columns);
        let from = window.range.to.plus_ms(-(steps_to(&window, self.columns, column) + 1) * window.step_ms);
        let picture = self.picture.as_ref().filter(|picture| picture.series == series.id)?;
        picture.bars(TimeRange::new(from, from.plus_ms(window.step_ms))).first().map(|bar| bar.candle.open_time)
    }

    /// A drag begins at `column` of the screen.
    pub(crate) fn grab(&self, series: &SeriesView, column: u16) -> Drag {
        Drag { column, to: self.window_of(series, self.interval, self.columns).range.to }
    }

    /// The mouse was dragged to `column`: what was under it follows.
    pub(crate) fn drag(&mut self, series: &SeriesView, drag: Drag, column: u16) {
        let window = self.window_of(series, self.interval, self.columns);
        let moved = i64::from(column) - i64::from(drag.column);
        self.show_until(series, drag.to.plus_ms(-(moved / i64::from(window.cells.max(1))) * window.step_ms));
    }

    /// Puts the right edge at `to`, no further than the first candle and the present.
    fn show_until(&mut self, series: &SeriesView, to: Time) {
        // The pan keeps the bounds; it needs an edge to go out from.
        self.edge = Edge::At(picture::ceil(self.interval, 1, newest(series, self.interval)));
        let window = self.window_of(series, self.interval, self.columns);
        self.pan(series, window, to.since(window.range.to));
    }
}

/// Steps from the right edge of a plot to `column`.
fn steps_to(window: &Window, columns: u16, column: u16) -> i64 {
    i64::from(columns.saturating_sub(column.saturating_add(1)) / window.cells.max(1))
}
