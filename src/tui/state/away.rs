//! The report of an absence as lines that scroll.

use super::State;
use crate::tui::layout;

impl State {
    /// Lines of the report, and how many are visible.
    pub(crate) fn away_lines(&self) -> (usize, usize) {
        let series = self.snapshot.away.as_ref().map_or(0, |away| away.series.len());
        // The range, the totals; and with a blank and a heading the series.
        let lines = 2 + if series > 0 { 2 + series } else { 0 };
        (lines, usize::from(layout::inner(layout::away(self.area, lines)).height))
    }
}
