//! Boxes above a screen.

use super::{framed, row};
use crate::tui::format;
use crate::tui::layout;
use crate::tui::state::State;
use crate::tui::state::dialog::Confirm;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear, Widget as _};

/// A cleared box with a title in the middle of `body`; returns the inside.
pub(super) fn open(buf: &mut Buffer, body: Rect, state: &State, title: &str, size: (u16, u16)) -> Rect {
    let place = layout::centred(body, size.0, size.1);
    Clear.render(place, buf);
    buf.set_style(place, state.theme.popup);
    let title = format::fit(&format!(" {title} "), usize::from(place.width).saturating_sub(4));
    let inner = framed(buf, place, &state.theme, Block::bordered().title(Line::styled(title, state.theme.title)));
    Rect { x: inner.x + 1.min(inner.width), width: inner.width.saturating_sub(2), ..inner }
}

/// ```text
/// ╭ Stop recording BTC/USDT 1m? ────────────────────────╮
/// │ What is stored stays; add it again to go on.         │
/// │                                                      │
/// │                              y yes   n no            │
/// ╰──────────────────────────────────────────────────────╯
/// ```
pub(super) fn confirm(buf: &mut Buffer, body: Rect, state: &State, confirm: &Confirm) {
    let theme = &state.theme;
    let width = format::width(&confirm.consequence).max(format::width(&confirm.question)) + 6;
    let inner = open(buf, body, state, &confirm.question, (u16::try_from(width).unwrap_or(u16::MAX), 5));
    Line::styled(format::fit(&confirm.consequence, inner.width.into()), theme.text).render(row(inner, 0), buf);
    let keys = vec![
        Span::styled("y", theme.key),
        Span::styled(" yes    ", theme.dim),
        Span::styled("n", theme.key),
        Span::styled(" no", theme.dim),
    ];
    Line::from(keys).right_aligned().render(row(inner, 2), buf);
}
