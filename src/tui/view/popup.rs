//! Boxes above a screen.

use super::{Target, cover, framed, heading, row};
use crate::tui::format;
use crate::tui::layout;
use crate::tui::state::State;
use crate::tui::state::dialog::Confirm;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Widget as _};

/// A cleared box with a title in the middle of `body`; returns the inside.
pub(super) fn open(buf: &mut Buffer, body: Rect, state: &State, title: &str, size: (u16, u16)) -> Rect {
    let place = layout::centred(body, size.0, size.1);
    cover(buf, place, state.theme.popup);
    let inner = framed(buf, place, &state.theme, Block::bordered().title(heading(title, place, &state.theme)));
    Rect { x: inner.x + 1.min(inner.width), width: inner.width.saturating_sub(2), ..inner }
}

/// ```text
/// ╭ Stop recording BTC/USDT 1m? ────────────────────────╮
/// │ What is stored stays; add it again to go on.         │
/// │                                                      │
/// │ $ marketdata-tui remove BTC/USDT --interval 1m       │
/// │                              y yes   n no            │
/// ╰──────────────────────────────────────────────────────╯
/// ```
pub(super) fn confirm(buf: &mut Buffer, body: Rect, state: &State, confirm: &Confirm) {
    let theme = &state.theme;
    let inner = open(buf, body, state, &confirm.question, size(body, confirm));
    let mut lines = vec![Line::styled(format::fit(&confirm.consequence, inner.width.into()), theme.text), Line::default()];
    lines.extend(command_line(confirm.line.as_deref(), inner.width.into()).into_iter().map(|text| Line::styled(text, theme.dim)));
    for (n, line) in lines.into_iter().enumerate() {
        line.render(row(inner, n), buf);
    }
    let mut keys = Vec::new();
    for (key, words) in ANSWERS {
        keys.extend([Span::styled(key, theme.key), Span::styled(words, theme.dim)]);
    }
    let last = usize::from(inner.height).saturating_sub(1).max(1);
    Line::from(keys).right_aligned().render(row(inner, last), buf);
}

/// The two answers, at the lower right.
const ANSWERS: [(&str, &str); 2] = [("y", " yes    "), ("n", " no")];

fn size(body: Rect, confirm: &Confirm) -> (u16, u16) {
    let line = confirm.line.as_ref().map_or(0, |line| format::width(line) + 2);
    let width = format::width(&confirm.consequence).max(format::width(&confirm.question)).max(line.min(66)) + 6;
    let width = u16::try_from(width).unwrap_or(u16::MAX).min(body.width);
    let lines = command_line(confirm.line.as_deref(), usize::from(width).saturating_sub(4)).len();
    (width, 5 + u16::try_from(lines).unwrap_or(0))
}

/// The answer of a question at this cell, or that it is beside the box.
pub(super) fn answer_at(body: Rect, confirm: &Confirm, at: Position) -> Option<Target> {
    let (width, height) = size(body, confirm);
    let place = layout::centred(body, width, height);
    if !place.contains(at) {
        return Some(Target::Beside);
    }
    let inner = layout::inner(place);
    if at.y + 1 != inner.bottom() {
        return None;
    }
    // One column is left free at the right.
    let from_right = usize::from((inner.right() - 1).checked_sub(at.x + 1)?);
    let [yes, no] = ANSWERS.map(|(key, words)| format::width(key) + format::width(words));
    if from_right < no {
        Some(Target::Answer(false))
    } else if from_right < no + yes {
        Some(Target::Answer(true))
    } else {
        None
    }
}

/// `$ marketdata-tui …`, in as many lines as it needs.
pub(super) fn command_line(line: Option<&str>, width: usize) -> Vec<String> {
    line.map_or_else(Vec::new, |line| super::form::wrapped(&format!("$ {line}"), width))
}
