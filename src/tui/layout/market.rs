//! The market screen.

use super::{bottom, inner, split_right};
use crate::tui::state::market::MarketPane;
use ratatui::layout::Rect;

/// From this width and height on, all panes stand side by side.
const ALL_FROM: (u16, u16) = (110, 20);

/// Rows of a chart from which it says something.
const LEAST_CHART: u16 = 4;

/// The panes that are on screen.
///
/// ```text
/// ┌ trades ──────┐┌ funding ───────┐   all three: from 110 x 20
/// │              │└────────────────┘
/// │              │┌ open interest ─┐   else the one under focus
/// └──────────────┘└────────────────┘
/// ```
pub(crate) fn market(body: Rect, focus: MarketPane, whole: bool) -> Vec<(MarketPane, Rect)> {
    if whole || body.width < ALL_FROM.0 || body.height < ALL_FROM.1 {
        return vec![(focus, body)];
    }
    let (right, tape) = split_right(body, body.width * 11 / 20);
    let (funding, interest) = bottom(right, right.height / 2);
    vec![(MarketPane::Tape, tape), (MarketPane::Funding, funding), (MarketPane::Interest, interest)]
}

/// The parts of a pane.
///
/// ```text
/// words
/// chart, where there is room
/// heading
/// rows
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Parts {
    pub(crate) words: Rect,
    pub(crate) chart: Option<Rect>,
    pub(crate) heading: Rect,
    pub(crate) rows: Rect,
}

/// The parts of the pane in `place`.
pub(crate) fn parts(place: Rect, pane: MarketPane) -> Parts {
    let inside = inner(place);
    let inside = Rect { x: inside.x + 1.min(inside.width), width: inside.width.saturating_sub(2), ..inside };
    let lines = if pane == MarketPane::Tape { 1 } else { 2 };
    let (words, rest) = super::top(inside, lines);
    let chart_rows = match pane {
        MarketPane::Tape => 0,
        // Three rows at least stay to the table.
        MarketPane::Funding | MarketPane::Interest => rest.height.saturating_sub(4).min(rest.height / 2),
    };
    let (chart, rest) = if chart_rows >= LEAST_CHART { super::top(rest, chart_rows) } else { super::top(rest, 0) };
    let (heading, rows) = super::top(rest, 1);
    Parts { words, chart: (!chart.is_empty()).then_some(chart), heading, rows }
}
