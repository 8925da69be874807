//! From what was read to what stands in the columns of a plot.

use crate::domain::gap::Gap;
use crate::domain::range::TimeRange;
use crate::tui::state::chart::{Bar, Picture, Window};
use crate::tui::theme::Theme;
use crate::tui::widget::candlestick::Step;

/// Candles, gaps and blanks of a window, and the bars that they come from.
#[derive(Debug, Default)]
pub(super) struct Columns<'a> {
    /// What is drawn.
    pub(super) steps: Vec<Step>,
    /// As many: the bar of each, where it has one.
    pub(super) bars: Vec<Option<&'a Bar>>,
}

/// The columns of a window, oldest first.
pub(super) fn of<'a>(picture: &'a Picture, window: &Window, theme: &Theme) -> Columns<'a> {
    let count = (window.range.duration_ms() / window.step_ms.max(1)).max(0) as usize;
    let mut bars = picture.bars(window.range).iter().peekable();
    let mut gaps = picture.gaps(window.range);
    let mut columns = Columns { steps: Vec::with_capacity(count), bars: Vec::with_capacity(count) };
    for n in 0..count as i64 {
        let from = window.range.from.plus_ms(n * window.step_ms);
        let range = TimeRange::new(from, from.plus_ms(window.step_ms));
        while gaps.first().is_some_and(|gap| gap.range.to <= range.from) {
            gaps = &gaps[1..];
        }
        let missing = largest(gaps, range);
        // Bars before the step belong to a coarser picture that is about to be replaced.
        while bars.peek().is_some_and(|bar| bar.candle.open_time < range.from) {
            bars.next();
        }
        let bar = bars.next_if(|bar| range.contains(bar.candle.open_time));
        columns.steps.push(match (bar, missing) {
            (Some(bar), missing) => {
                let [open, high, low, close] = bar.drawn();
                let partial = missing.map(|gap| theme.gap(gap.reason));
                Step::Candle { open, high, low, close, rising: bar.is_rising(), partial }
            }
            (None, Some(gap)) => Step::Gap { style: theme.gap(gap.reason), explained: gap.reason.is_explained() },
            (None, None) => Step::Empty,
        });
        columns.bars.push(bar);
    }
    columns
}

/// The gap that holds most of `range`.
fn largest(gaps: &[Gap], range: TimeRange) -> Option<&Gap> {
    gaps.iter()
        .take_while(|gap| gap.range.from < range.to)
        .filter(|gap| gap.range.overlaps(range))
        .max_by_key(|gap| gap.range.intersect(range).duration_ms())
}
