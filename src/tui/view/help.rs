//! The keys of a screen, from the key table.

use super::{cover, framed, row};
use crate::tui::layout;
use crate::tui::state::State;
use crate::tui::state::help::HelpLine;
use crate::tui::state::list::Scroll;
use crate::tui::theme::Theme;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Widget as _};

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
    let lines = state.help_text();
    let place = layout::help(area, lines.len());
    cover(buf, place, theme.popup);
    let context = state.screen_context(state.screen);
    let mut block = Block::bordered().title(Line::styled(format!(" Keys: {} ", context.name()), theme.title));
    let rows = usize::from(layout::inner(place).height);
    let top = scroll.top.min(lines.len().saturating_sub(rows));
    if top + rows < lines.len() {
        block = block.title_bottom(Line::styled(" ↓ more ", theme.warn).right_aligned());
    }
    let inner = framed(buf, place, theme, block);
    for (n, line) in lines.into_iter().skip(top).take(rows).enumerate() {
        styled(line, theme).render(row(inner, n), buf);
    }
}

fn styled(line: HelpLine, theme: &Theme) -> Line<'static> {
    match line {
        HelpLine::Blank => Line::default(),
        HelpLine::Heading(words) => Line::styled(format!(" {words}"), theme.title),
        HelpLine::Keys(keys, words) => {
            Line::from(vec![Span::styled(format!("  {keys}  "), theme.key), Span::styled(words, theme.text)])
        }
    }
}
