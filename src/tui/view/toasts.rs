//! Words at the lower right that vanish by themselves.

use super::cover;
use crate::tui::format;
use crate::tui::state::State;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget as _;

/// ```text
///                          ✓ recording BTC/USDT 1m
///        ✗ the recorder is busy: try again in a moment
/// ```
pub(super) fn render(buf: &mut Buffer, body: Rect, state: &State) {
    let theme = &state.theme;
    for (n, toast) in state.toasts.iter().rev().enumerate() {
        let room = usize::from(body.width).saturating_sub(8);
        let text = format::fit(&toast.text, room);
        let width = u16::try_from(format::width(&text) + 4).unwrap_or(body.width).min(body.width);
        let Some(y) = u16::try_from(n + 2).ok().and_then(|up| body.bottom().checked_sub(up)).filter(|y| *y > body.y) else {
            return;
        };
        let place = Rect { x: body.right().saturating_sub(width + 2).max(body.x), y, width, height: 1 };
        cover(buf, place, theme.popup);
        let (mark, style) = if toast.alert {
            ("⚑", theme.warn)
        } else if toast.failed {
            ("✗", theme.error)
        } else {
            ("✓", theme.ok)
        };
        Line::from(vec![Span::styled(format!(" {mark} "), style), Span::styled(format!("{text} "), theme.text)])
            .render(place, buf);
    }
}
