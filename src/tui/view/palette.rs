//! The command palette.

use super::{cover, framed, row};
use crate::tui::format;
use crate::tui::layout;
use crate::tui::state::State;
use crate::tui::state::palette::{Entry, Palette};
use crate::tui::widget::input::input;
use crate::tui::wrap::wrap;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Widget as _};

/// From this width on, an action's name in the config file stands beside it.
const NAMES_FROM: usize = 60;
/// Columns of names.
const NAME: usize = 16;

/// ```text
/// ╭ Commands: Chart ───────────────────────────────────── 3 ╮
/// │ zoom_                                                    │
/// │                                                          │
/// │▸ zoom in                             zoom_in         + = │
/// │  zoom out                            zoom_out        - _ │
/// │  what is known of this cell, with evidence; close it     │   the picked line, where it is cut
/// ╰──────────────────────────────────────────────────────────╯
/// ```
pub(super) fn render(buf: &mut Buffer, body: Rect, state: &State, palette: &Palette) {
    let theme = &state.theme;
    let place = layout::palette(body);
    cover(buf, place, theme.popup);
    let context = state.screen_context(state.screen);
    let block = Block::bordered()
        .title(Line::styled(format!(" Commands: {} ", context.name()), theme.title))
        .title(Line::styled(format!(" {} ", palette.len()), theme.dim).right_aligned());
    let inner = framed(buf, place, theme, block);
    let line = Rect { x: inner.x + 1.min(inner.width), width: inner.width.saturating_sub(2), ..inner };
    let (before, after) = palette.input.parts();
    Line::from(input(before, after, line.width.into(), theme.input, theme.cursor)).render(row(line, 0), buf);
    let list = layout::palette_list(place);
    if palette.len() == 0 {
        Line::styled("  Nothing of that name can be done here.", theme.dim).render(row(list, 0), buf);
    }
    let keys = palette.visible().map(|(entry, ..)| format::width(&entry.keys)).max().unwrap_or(0);
    let foot = layout::palette_foot(place);
    let cut = |entry: &&Entry| format::width(&entry.title) > room(entry, list.width.into(), keys);
    if let Some(entry) = palette.picked().filter(cut) {
        for (n, text) in wrap(&entry.title, foot.width.into()).into_iter().enumerate() {
            Line::styled(text, theme.dim).render(row(foot, n), buf);
        }
    }
    for (n, (entry, typed, picked)) in palette.visible().take(list.height.into()).enumerate() {
        entry_line(entry, (typed, picked), (list.width.into(), keys), state).render(row(list, n), buf);
        if picked {
            buf.set_style(row(list, n), theme.selected);
        }
    }
}

/// Columns of a title in a line of `columns`.
fn room(entry: &Entry, columns: usize, keys: usize) -> usize {
    columns.saturating_sub(4 + keys.min(columns / 3) + format::width(&name(entry, columns)))
}

fn name(entry: &Entry, columns: usize) -> String {
    if columns >= NAMES_FROM { format!("{} ", format::left(entry.name, NAME)) } else { String::new() }
}

/// A line of `columns`, the last of which hold the keys.
fn entry_line(entry: &Entry, (typed, picked): (&[u32], bool), (columns, keys): (usize, usize), state: &State) -> Line<'static> {
    let theme = &state.theme;
    let title = format::left(&entry.title, room(entry, columns, keys));
    let keys = format::right(&entry.keys, keys.min(columns / 3));
    let name = name(entry, columns);
    let mut spans = vec![Span::styled(if picked { "▸ " } else { "  " }, theme.accent)];
    spans.extend(title.chars().enumerate().map(|(at, letter)| {
        let hit = u32::try_from(at).is_ok_and(|at| typed.binary_search(&at).is_ok());
        Span::styled(letter.to_string(), if hit { marked(theme.accent) } else { theme.text })
    }));
    spans.extend([Span::raw(" "), Span::styled(name, theme.dim), Span::styled(keys, theme.key), Span::raw(" ")]);
    Line::from(spans)
}

fn marked(style: Style) -> Style {
    style.add_modifier(Modifier::BOLD | Modifier::UNDERLINED)
}
