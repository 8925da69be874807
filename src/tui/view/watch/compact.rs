//! The table as short cells, several side by side.

use crate::engine::snapshot::SeriesView;
use crate::tui::format;
use crate::tui::state::State;
use crate::tui::state::watch::column::{self, Column};
use crate::tui::state::watch::{cell_parts, cells};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget as _;

/// ```text
/// │▸★BTC/USDT  64080.10 ▲ 1.24%    ETH/USDT   3120.55 ▼ 0.31% │
/// ```
/// Cells go down first, then right.
pub(super) fn render(buf: &mut Buffer, inner: Rect, state: &State) {
    let series = &state.snapshot.series;
    let (abreast, width) = cells(series, inner.width);
    let rows = usize::from(inner.height);
    let parts: Vec<(Column, usize)> = cell_parts(series).iter().map(|column| (*column, column.width(series))).collect();
    let shown = state.table.order().iter().enumerate().skip(state.watch.top).take(abreast * rows);
    for (n, one) in shown.filter_map(|(n, row)| Some((n, series.get(*row)?))) {
        let at = n - state.watch.top;
        let (x, y) = (at / rows * width, at % rows);
        let left = u16::try_from(x).unwrap_or(u16::MAX).min(inner.width);
        let room = usize::from(inner.width - left).min(width.saturating_sub(1));
        let place = Rect { x: inner.x + left, y: inner.y + y as u16, width: room as u16, height: 1 };
        cell(one, n == state.watch.index, &parts, state).render(place, buf);
        if n == state.watch.index {
            buf.set_style(place, state.theme.selected);
        }
    }
}

fn cell(series: &SeriesView, selected: bool, parts: &[(Column, usize)], state: &State) -> Line<'static> {
    let gap = Span::raw(" ".repeat(column::GAP - 1));
    let mut spans = super::mark(series, selected, state);
    for (part, width) in parts {
        spans.extend(super::cell(*part, *width, series, state));
        spans.push(gap.clone());
    }
    if series.coverage.queued > 0 {
        spans.push(Span::styled(format::fit("◌", 1), state.theme.warn));
    }
    Line::from(spans)
}
