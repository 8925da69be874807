//! The list of intervals to pick one from.

use super::hints::{self, Hint};
use super::{popup, row};
use crate::domain::interval::Interval;
use crate::tui::action::Action;
use crate::tui::layout;
use crate::tui::state::State;
use crate::tui::{format, state::chart};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget as _;

/// Columns of the whole box, and of the names.
const WIDTH: u16 = 44;
const NAME: usize = 4;

/// The intervals in it.
pub(super) fn choices(state: &State) -> Vec<Interval> {
    state.charted().map_or_else(Vec::new, chart::intervals)
}

/// Where the box stands.
pub(super) fn place(body: Rect, state: &State) -> Rect {
    layout::centred(body, WIDTH, choices(state).len() as u16 + 4)
}

/// The first visible line: where the box is cut, the selected one is seen all the same.
pub(super) const fn top(selected: usize, rows: u16) -> usize {
    (selected + 1).saturating_sub(rows as usize)
}

/// The keys at its foot.
pub(super) fn keys(state: &State) -> [Hint; 2] {
    [(state.glyphs.keys("⏎"), "show", Some(Action::Submit)), ("Esc".into(), "close", Some(Action::Back))]
}

/// ```text
/// ╭ Interval of BTC/USDT ────────────────────╮
/// │   1m    as it is recorded                 │
/// │ ▸ 5m    5 candles in one                  │
/// │                                           │
/// │ ⏎ show   Esc close                        │
/// ╰───────────────────────────────────────────╯
/// ```
pub(super) fn render(buf: &mut Buffer, body: Rect, state: &State, selected: usize) {
    let theme = &state.theme;
    let Some(series) = state.charted() else { return };
    let choices = choices(state);
    let place = place(body, state);
    let title = format!("Interval of {}", series.symbol);
    let inner = popup::open(buf, body, state, &title, (place.width, place.height));
    let top = top(selected, inner.height);
    for (n, interval) in choices.iter().enumerate().skip(top) {
        let (mark, style) = if n == selected { ("▸ ", theme.accent) } else { ("  ", theme.text) };
        let folded = interval.ms() / series.interval.ms().max(1);
        let words = if folded > 1 { format!("{folded} candles in one") } else { "as it is recorded".into() };
        Line::from(vec![
            Span::styled(mark, theme.accent),
            Span::styled(format::left(interval.name(), NAME), style),
            Span::styled(format!("  {words}"), theme.dim),
            Span::styled(if *interval == state.chart.interval { "  shown" } else { "" }, theme.ok),
        ])
        .render(row(inner, n - top), buf);
    }
    hints::line(&keys(state), inner.width.into(), theme).render(row(inner, choices.len() + 1), buf);
}
