//! The dialog that chooses indicators.

use super::hints::{self, Hint};
use super::{popup, row};
use crate::tui::action::Action;
use crate::tui::state::State;
use crate::tui::state::chart::Study;
use crate::tui::{format, layout};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget as _;

/// Columns of the whole box, and of the names.
const WIDTH: u16 = 52;
const NAME: usize = 13;

/// Where the box stands while it fits whole.
pub(super) fn place(body: Rect) -> Rect {
    layout::centred(body, WIDTH, Study::ALL.len() as u16 + 4)
}

/// The keys at its foot.
pub(super) fn keys() -> [Hint; 2] {
    [("Space".into(), "on, off", Some(Action::Submit)), ("Esc".into(), "close", Some(Action::Back))]
}

/// ```text
/// ╭ Indicators ──────────────────────────────────────╮
/// │ ▸ [x] SMA 20        simple moving average         │
/// │   [ ] EMA 20        exponential moving average    │
/// │                                                   │
/// │ Space on, off   Esc close                         │
/// ╰───────────────────────────────────────────────────╯
/// ```
pub(super) fn render(buf: &mut Buffer, body: Rect, state: &State, selected: usize) {
    let theme = &state.theme;
    let height = Study::ALL.len() as u16 + 4;
    let inner = popup::open(buf, body, state, "Indicators", (WIDTH, height));
    // Where the box is cut, the selected line is seen all the same.
    let top = (selected + 1).saturating_sub(inner.height.into());
    for (n, study) in Study::ALL.into_iter().enumerate().skip(top) {
        let (mark, style) = if n == selected { ("▸ ", theme.accent) } else { ("  ", theme.text) };
        let on = if state.chart.studies.has(study) { "[x] " } else { "[ ] " };
        let meaning = format::fit(study.meaning(), usize::from(inner.width).saturating_sub(NAME + 8));
        Line::from(vec![
            Span::styled(mark, theme.accent),
            Span::styled(on, theme.key),
            Span::styled(format::left(study.label(), NAME), style),
            Span::styled(format!("  {meaning}"), theme.dim),
        ])
        .render(row(inner, n - top), buf);
    }
    hints::line(&keys(), inner.width.into(), theme).render(row(inner, Study::ALL.len() + 1), buf);
}
