//! The keys of a screen, from the key table.

use super::{framed, row};
use crate::tui::format;
use crate::tui::keymap::Context;
use crate::tui::layout;
use crate::tui::state::State;
use crate::tui::state::list::Scroll;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear, Widget as _};

/// Columns of the keys.
const KEYS: usize = 18;

/// ```text
/// ╭ Keys: Chart ────────────────────────────╮
/// │  + =          zoom in                    │
/// │                                          │
/// │ Every screen                             │
/// │  ? F1         keys of this screen        │
/// ╰─────────────────────────────────────────╯
/// ```
pub(super) fn render(buf: &mut Buffer, area: Rect, state: &State, scroll: Scroll) {
    let theme = &state.theme;
    let place = layout::help(area, state.help_lines());
    Clear.render(place, buf);
    buf.set_style(place, theme.popup);
    let context = state.screen_context(state.screen);
    let lines = lines(state, context);
    let mut block = Block::bordered().title(Line::styled(format!(" Keys: {} ", context.name()), theme.title));
    let rows = usize::from(layout::inner(place).height);
    let top = scroll.top.min(lines.len().saturating_sub(rows));
    if top + rows < lines.len() {
        block = block.title_bottom(Line::styled(" ↓ more ", theme.warn).right_aligned());
    }
    let inner = framed(buf, place, theme, block);
    for (n, line) in lines.into_iter().skip(top).take(rows).enumerate() {
        line.render(row(inner, n), buf);
    }
}

fn lines(state: &State, context: Context) -> Vec<Line<'static>> {
    let theme = &state.theme;
    let mut lines = Vec::new();
    for (of, keys, words) in state.keys.help(context) {
        if of == Context::Everywhere && lines.iter().all(|line: &Line| line.width() > 0) && !lines.is_empty() {
            lines.push(Line::default());
            lines.push(Line::styled(format!(" {}", of.name()), theme.title));
        }
        lines.push(Line::from(vec![
            Span::styled(format!("  {} ", format::left(&keys, KEYS)), theme.key),
            Span::styled(words, theme.text),
        ]));
    }
    lines
}
