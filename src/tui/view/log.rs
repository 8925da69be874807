//! The ingest log: a screen of its own, and the last lines below the watch table.

use super::{cover, framed, heading, panel, row};
use crate::engine::query::LogFilter;
use crate::engine::snapshot::{LogEntry, LogLevel};
use crate::tui::format;
use crate::tui::state::State;
use crate::tui::state::log::{COMPONENT, COMPONENT_FROM, indent};
use crate::tui::widget::input::input;
use crate::tui::wrap::wrap;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Widget as _};

/// ```text
/// ╭ Log 200, WARN and louder, "lacking" ───────────────────── following ╮
/// │ 12:34:05 INFO  heartbeat  BTC/USDT 1m  3 of 3 series, 182 ms           │
/// ╰ /lacking ────────────────────────────────────────────────────────────╯
/// ```
/// The line under the cursor stands out; the whole record opens over the lower half.
pub(super) fn render(buf: &mut Buffer, area: Rect, state: &State) {
    let (theme, log) = (&state.theme, &state.log);
    let shown = log.shown(&state.snapshot.log);
    let mut block =
        Block::bordered().title(heading(&title(&log.filter, shown.len()), area, theme)).title(whereabouts(state).right_aligned());
    if let Some(search) = &log.search {
        let (before, after) = search.parts();
        let room = usize::from(area.width).saturating_sub(6).min(40);
        let mut spans = vec![Span::styled(" /", theme.key)];
        spans.extend(input(before, after, room, theme.input, theme.cursor));
        spans.push(Span::raw(" "));
        block = block.title_bottom(Line::from(spans));
    }
    let inner = framed(buf, area, theme, block);
    if shown.is_empty() {
        let text = if log.filter.is_open() { "Nothing has happened yet." } else { "No line passes the filter: Esc drops it." };
        Line::styled(format::fit(text, inner.width.into()), theme.dim)
            .centered()
            .render(row(inner, usize::from(inner.height) / 2), buf);
    }
    let cursor = log.index(&shown);
    let mut at = 0;
    for (n, entry) in shown.iter().enumerate().skip(log.top) {
        if at >= usize::from(inner.height) {
            break;
        }
        let lines = log.lines(entry, inner.width);
        for (part, text) in lines.iter().enumerate() {
            let place = row(inner, at);
            if part == 0 {
                line(entry, text.clone(), state, inner.width).render(place, buf);
            } else {
                let indent = indent(entry, inner.width).min(usize::from(inner.width).saturating_sub(13)) as u16;
                let rest = Rect { x: place.x + indent.min(place.width), width: place.width - indent.min(place.width), ..place };
                Line::styled(text.clone(), message_style(entry, state)).render(rest, buf);
            }
            if n == cursor && !log.is_following() {
                buf.set_style(place, theme.selected);
            }
            at += 1;
        }
    }
    if let (Some(top), Some(entry)) = (log.detail, shown.get(cursor)) {
        record(buf, area, state, entry, top);
    }
}

/// `Log 200, WARN and louder, ETH/USDT 1m, gaps, "lacking"`
fn title(filter: &LogFilter, lines: usize) -> String {
    let level = filter.level.map(|level| match level {
        LogLevel::Error => "errors".to_owned(),
        level => format!("{} and louder", level.name()),
    });
    let text = Some(&filter.text).filter(|text| !text.is_empty()).map(|text| format!("\"{text}\""));
    let parts = [Some(format!("Log {lines}")), level, filter.series.clone(), filter.component.clone(), text];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn whereabouts(state: &State) -> Line<'static> {
    let (theme, log) = (&state.theme, &state.log);
    if let Some(error) = &log.error {
        return Line::styled(format!(" {} ", format::fit(error, 40)), theme.error);
    }
    let loading = if log.is_loading() { " reading …" } else { "" };
    if log.is_following() {
        Line::styled(format!("{loading} following "), theme.dim)
    } else {
        Line::styled(format!("{loading} scrolled: End follows "), theme.warn)
    }
}

/// ```text
/// ╭ Record 1234 ──────────────────────────────────╮
/// │ 2026-01-15 12:34:05.123 UTC  WARN              │
/// │ gaps  ETH/USDT 1m                              │
/// │ 3 minutes lacking in one answer: asked again   │
/// ╰────────────────────────────────────── y copies ╯
/// ```
fn record(buf: &mut Buffer, area: Rect, state: &State, entry: &LogEntry, top: usize) {
    let theme = &state.theme;
    let columns = area.width.saturating_sub(4);
    let series = entry.series.clone().unwrap_or_default();
    let mut lines = vec![
        Line::from(vec![
            Span::styled(
                format!("{} {}  ", state.zone.format(entry.at, "%Y-%m-%d %H:%M:%S%.3f"), state.zone.label()),
                theme.text,
            ),
            Span::styled(entry.level.name(), level_style(entry, state)),
        ]),
        Line::from(vec![Span::styled(format!("{}  ", entry.component), theme.dim), Span::styled(series, theme.accent)]),
    ];
    lines.extend(wrap(&entry.message, columns.into()).into_iter().map(|text| Line::styled(text, message_style(entry, state))));
    let whole = if state.is_maximised() { area.height } else { 0 };
    let height = u16::try_from(lines.len() + 2).unwrap_or(u16::MAX).max(whole).min(area.height);
    let place = Rect { y: area.y + area.height - height, height, ..area };
    cover(buf, place, theme.screen);
    let rows = usize::from(height.saturating_sub(2));
    let top = top.min(lines.len().saturating_sub(rows));
    let more = lines.len() - top - rows.min(lines.len() - top);
    let foot = if more > 0 { format!(" J ↓ {more} more  y copies ") } else { " y copies ".to_owned() };
    let block = Block::bordered()
        .title(heading(&format!("Record {}", entry.id), place, theme))
        .title_bottom(Line::styled(foot, theme.dim).right_aligned());
    let inner = framed(buf, place, theme, block);
    let inner = Rect { x: inner.x + 1.min(inner.width), width: inner.width.saturating_sub(2), ..inner };
    for (n, line) in lines.into_iter().skip(top).take(rows).enumerate() {
        line.render(row(inner, n), buf);
    }
}

/// The newest lines over the foot of any screen.
pub(super) fn render_drawer(buf: &mut Buffer, area: Rect, state: &State) {
    cover(buf, area, state.theme.popup);
    render_tail(buf, area, state);
    let words = format!(" {} closes ", state.key_of("log_drawer"));
    let top = Rect { x: area.x + 1.min(area.width), width: area.width.saturating_sub(2), ..row(area, 0) };
    if top.width as usize > words.len() + 6 {
        Line::styled(words, state.theme.dim).right_aligned().render(top, buf);
    }
}

/// The newest lines.
pub(super) fn render_tail(buf: &mut Buffer, area: Rect, state: &State) {
    let inner = panel(buf, area, &state.theme, "Log");
    let lines = &state.snapshot.log;
    for (n, entry) in lines.iter().skip(lines.len().saturating_sub(inner.height.into())).enumerate() {
        let room = usize::from(inner.width).saturating_sub(indent(entry, inner.width) + 1);
        line(entry, format::fit(&entry.message, room), state, inner.width).render(row(inner, n), buf);
    }
}

fn line(entry: &LogEntry, message: String, state: &State, columns: u16) -> Line<'static> {
    let theme = &state.theme;
    let mut spans = vec![
        Span::styled(format!(" {} ", state.zone.clock(entry.at)), theme.dim),
        Span::styled(format!("{:<5} ", entry.level.name()), level_style(entry, state)),
    ];
    if columns >= COMPONENT_FROM {
        spans.push(Span::styled(format!("{} ", format::left(&entry.component, COMPONENT)), theme.dim));
    }
    if let Some(series) = &entry.series {
        spans.push(Span::styled(format!("{series}  "), theme.accent));
    }
    spans.push(Span::styled(message, message_style(entry, state)));
    Line::from(spans)
}

const fn level_style(entry: &LogEntry, state: &State) -> Style {
    match entry.level {
        LogLevel::Info => state.theme.dim,
        LogLevel::Warn => state.theme.warn,
        LogLevel::Error => state.theme.error,
    }
}

const fn message_style(entry: &LogEntry, state: &State) -> Style {
    match entry.level {
        LogLevel::Error => state.theme.error,
        LogLevel::Info | LogLevel::Warn => state.theme.text,
    }
}
