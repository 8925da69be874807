//! The ingest log: a screen of its own, and the last lines below the watch table.

use super::{framed, heading, panel, row};
use crate::engine::snapshot::{LogEntry, LogLevel};
use crate::tui::format;
use crate::tui::state::State;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Widget as _};

/// ```text
/// ╭ Log 200 ────────────────────────────────────────────────── following ╮
/// │ 12:34:05 INFO  heartbeat  BTC/USDT 1m  3 of 3 series, 182 ms           │
/// ╰──────────────────────────────────────────────────────────────────────╯
/// ```
pub(super) fn render(buf: &mut Buffer, area: Rect, state: &State) {
    let theme = &state.theme;
    let lines = &state.snapshot.log;
    let where_at = if state.log.follow { " following " } else { " scrolled: End follows " };
    let style = if state.log.follow { theme.dim } else { theme.warn };
    let block = Block::bordered()
        .title(heading(&format!("Log {}", lines.len()), area, theme))
        .title(Line::styled(where_at, style).right_aligned());
    let inner = framed(buf, area, theme, block);
    if lines.is_empty() {
        Line::styled("Nothing has happened yet.", theme.dim).centered().render(row(inner, usize::from(inner.height) / 2), buf);
    }
    for (n, entry) in lines.iter().skip(state.log.top).take(inner.height.into()).enumerate() {
        line(entry, state, inner.width).render(row(inner, n), buf);
    }
}

/// The newest lines.
pub(super) fn render_tail(buf: &mut Buffer, area: Rect, state: &State) {
    let inner = panel(buf, area, &state.theme, "Log");
    let lines = &state.snapshot.log;
    for (n, entry) in lines.iter().skip(lines.len().saturating_sub(inner.height.into())).enumerate() {
        line(entry, state, inner.width).render(row(inner, n), buf);
    }
}

fn line(entry: &LogEntry, state: &State, columns: u16) -> Line<'static> {
    let theme = &state.theme;
    let level = match entry.level {
        LogLevel::Info => theme.dim,
        LogLevel::Warn => theme.warn,
        LogLevel::Error => theme.error,
    };
    let mut spans = vec![
        Span::styled(format!(" {} ", entry.at.clock()), theme.dim),
        Span::styled(format!("{:<5} ", entry.level.name()), level),
    ];
    if columns >= 50 {
        spans.push(Span::styled(format!("{} ", format::left(&entry.component, 9)), theme.dim));
    }
    if let Some(series) = &entry.series {
        spans.push(Span::styled(format!("{series}  "), theme.accent));
    }
    let used: usize = spans.iter().map(Span::width).sum();
    let room = usize::from(columns).saturating_sub(used + 1);
    spans.push(Span::styled(
        format::fit(&entry.message, room),
        if entry.level == LogLevel::Error { theme.error } else { theme.text },
    ));
    Line::from(spans)
}
