//! The report of an absence as lines that scroll.

use super::State;
use crate::tui::layout;

impl State {
    /// Lines of the report, and how many are visible.
    pub(crate) fn away_lines(&self) -> (usize, usize) {
        let away = self.snapshot.away.as_ref();
        let series = away.map_or(0, |away| away.series.len());
        let until = usize::from(away.is_some_and(|away| series > 0 && away.mendable_until().is_some()));
        // The range, the totals, the deadline; and with a blank and a heading the series.
        let lines = 2 + until + if series > 0 { 2 + series } else { 0 };
        (lines, usize::from(layout::inner(layout::away(self.area, lines)).height))
    }
}
