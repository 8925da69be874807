//! The bottom line.

use crate::tui::action::Action;
use crate::tui::format;
use crate::tui::keymap::HintGroup;
use crate::tui::state::State;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget as _;

/// ```text
///  a add  ⏎ chart  b backfill  ? help          budget 12%  backlog 3 pages  written 4s ago
/// ```
/// The status is shortened first; then hints that do not fit whole are left out, the least useful
/// first and help last.
pub(super) fn render(buf: &mut Buffer, area: Rect, state: &State) {
    let status = status(state, area.width);
    let room = room(state, area.width);
    let used = u16::try_from(room).unwrap_or(area.width).min(area.width);
    hints(state, room).render(Rect { width: used, ..area }, buf);
    status.render(Rect { x: area.x + used, width: area.width - used, ..area }, buf);
}

/// With this many columns of hints the palette's is always among them.
const COMMANDS_FROM: usize = 56;

/// What the hint at this column does: the key that was hit, or the first of them.
pub(super) fn action_at(state: &State, area: Rect, column: u16) -> Option<Action> {
    let column = usize::from(column);
    let mut x = usize::from(area.x) + 1;
    for hint in shown_hints(state, room(state, area.width)) {
        let end = x + width(&hint);
        if (x..end).contains(&column) {
            let mut from = x;
            let hit = hint.keys.iter().find(|(key, _)| {
                let hit = (from..from + format::width(key)).contains(&column);
                from += format::width(key) + 1;
                hit
            });
            return hit.or(hint.keys.first()).map(|(_, action)| (*action).clone());
        }
        x = end + 2;
    }
    None
}

fn width(hint: &HintGroup) -> usize {
    format::width(&hint.keys_text()) + 1 + format::width(hint.words)
}

/// Columns that the status leaves to the hints.
fn room(state: &State, columns: u16) -> usize {
    usize::from(columns) - status(state, columns).width().min(usize::from(columns))
}

fn hints(state: &State, room: usize) -> Line<'static> {
    let mut spans = vec![Span::raw(" ")];
    for hint in shown_hints(state, room) {
        spans.push(Span::styled(hint.keys_text(), state.theme.key));
        spans.push(Span::styled(format!(" {}  ", hint.words), state.theme.dim));
    }
    Line::from(spans)
}

/// The hints that fit whole.
fn shown_hints(state: &State, room: usize) -> Vec<HintGroup> {
    // Where all is in sight nothing moves, and some dialogs have no command line to copy.
    let (moves, copies) = (state.scrolls(), state.has_line());
    let mut all = state.keys.hint_groups(state.context());
    for (key, _) in all.iter_mut().flat_map(|hint| &mut hint.keys) {
        *key = state.glyphs.keys(key);
    }
    all.retain(|hint| {
        let idle = |action: &Action| matches!(action, Action::Go(_)) && !moves || matches!(action, Action::CopyLine) && !copies;
        !hint.keys.iter().all(|(_, action)| idle(action))
    });
    let place = |wanted: &str| all.iter().position(|hint| hint.words == wanted);
    // Who knows these two finds everything else.
    let kept_first = [place("help"), place("commands").filter(|_| room >= COMMANDS_FROM)];
    let first = || kept_first.into_iter().flatten();
    let mut kept = vec![false; all.len()];
    let mut left = room.saturating_sub(1);
    for at in first().chain((0..all.len()).filter(|at| first().all(|kept| kept != *at))) {
        let width = width(&all[at]) + 2;
        if width > left {
            break;
        }
        left -= width;
        kept[at] = true;
    }
    all.into_iter().zip(kept).filter(|(_, kept)| *kept).map(|(hint, _)| hint).collect()
}

fn status(state: &State, columns: u16) -> Line<'static> {
    let (theme, snapshot) = (&state.theme, &state.snapshot);
    let (used, limit) = snapshot
        .exchanges
        .iter()
        .map(|exchange| (exchange.budget_used, exchange.budget_limit.max(1)))
        .max_by_key(|(used, limit)| u64::from(*used) * 1_000 / u64::from(*limit))
        .unwrap_or((0, 1));
    let budget = u64::from(used) * 100 / u64::from(limit);
    let ingest = &snapshot.ingest;
    let written = ingest.last_write_at.map(|at| format::age_of(at, state.now));
    let (long, middle, short) = (columns >= 120, columns >= 76, columns >= 56);
    let mut parts = Vec::new();
    let budget_style = if budget >= 90 { theme.warn } else { theme.dim };
    parts.push((if short { format!("budget {budget}%") } else { format!("{budget}%") }, budget_style));
    let backlog = format::count(ingest.backlog.into());
    if long {
        let pages = if ingest.backlog == 1 { "page" } else { "pages" };
        parts.push((format!("backlog {backlog} {pages}"), theme.dim));
    } else if middle {
        parts.push((format!("backlog {backlog}"), theme.dim));
    }
    parts.push(match written {
        Some(age) if long => (format!("written {age} ago"), theme.dim),
        Some(age) if short => (format!("written {age}"), theme.dim),
        Some(age) => (age, theme.dim),
        None if middle => ("nothing written yet".into(), theme.dim),
        None => ("-".into(), theme.dim),
    });
    let mut spans = Vec::new();
    for (text, style) in parts {
        spans.extend([Span::styled(text, style), Span::raw("  ")]);
    }
    if let Some(end) = spans.last_mut() {
        *end = Span::raw(" ");
    }
    Line::from(spans)
}
