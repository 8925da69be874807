//! Dialogs with fields.

use super::{popup, row};
use crate::tui::format;
use crate::tui::state::State;
use crate::tui::state::form::{Field, Form, Stage, Value};
use crate::tui::widget::input::input;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget as _;

/// Columns of the labels.
const LABEL: usize = 10;
/// Columns of the whole box.
const WIDTH: u16 = 72;

/// ```text
/// ╭ Add symbols ─────────────────────────────────────╮
/// │ Symbols   btcu                                    │
/// │         ▸ BTC/USDT  binance  trading              │
/// │ Interval  ‹ 1m ›                                  │
/// │ Backfill  30d                                     │
/// │                                                   │
/// │ did you mean BTC/USDT?                            │
/// ╰───────────────────────────────────────────────────╯
/// ```
pub(super) fn render(buf: &mut Buffer, body: Rect, state: &State, form: &Form) {
    let width = usize::from(WIDTH.min(body.width)).saturating_sub(4);
    let mut lines = match &form.stage {
        Stage::Done(lines) => done(lines, width, state),
        Stage::Editing | Stage::Busy(..) => fields(form, width, state),
    };
    lines.push(Line::default());
    lines.extend(last_lines(form, width, state));
    let height = u16::try_from(lines.len() + 2).unwrap_or(u16::MAX);
    let inner = popup::open(buf, body, state, &form.title(), (WIDTH, height));
    // Where the box is cut, its last lines tell what is wrong: the blank one goes first.
    if lines.len() > usize::from(inner.height) {
        lines.retain(|line| line.width() > 0);
    }
    let cut = lines.len().saturating_sub(inner.height.into());
    for (n, line) in lines.into_iter().skip(cut).enumerate() {
        line.render(row(inner, n), buf);
    }
}

fn fields(form: &Form, width: usize, state: &State) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    for (n, field) in form.fields.iter().enumerate() {
        let focused = n == form.focus && form.stage == Stage::Editing;
        lines.push(field_line(field, focused, width, state));
        if n == 0 && focused {
            lines.extend(suggestions(form, width, state));
        }
    }
    lines
}

fn field_line(field: &Field, focused: bool, width: usize, state: &State) -> Line<'static> {
    let theme = &state.theme;
    let mut spans = vec![Span::styled(format::left(field.label, LABEL), if focused { theme.accent } else { theme.dim })];
    let room = width.saturating_sub(LABEL);
    match &field.value {
        Value::Choice(..) => {
            let (open, close) = if focused { ("‹ ", " ›") } else { ("  ", "") };
            let arrows = Span::styled(open, theme.key);
            spans.extend([arrows, Span::styled(field.get().to_owned(), theme.text), Span::styled(close, theme.key)]);
        }
        Value::Text(line) if focused => {
            let (before, after) = line.parts();
            let typed = (format::width(line.text()) + 1).max(room.min(24)).min(room);
            spans.extend(input(before, after, typed, theme.input, theme.cursor));
            let hint = format::fit(&format!("  {}", field.hint), room - typed);
            spans.push(Span::styled(hint, theme.dim));
        }
        Value::Text(_) if field.get().is_empty() => spans.push(Span::styled(format::fit(&field.hint, room), theme.dim)),
        Value::Text(_) => spans.push(Span::styled(format::fit(field.get(), room), theme.text)),
    }
    Line::from(spans)
}

fn suggestions(form: &Form, width: usize, state: &State) -> Vec<Line<'static>> {
    let theme = &state.theme;
    let line = |(n, hit): (usize, &crate::engine::query::InstrumentHit)| {
        let picked = form.picked == Some(n);
        let mark = if picked { "▸ " } else { "  " };
        let note = if hit.recorded { "recorded already" } else { hit.status };
        let text = format!("{} {:<9} {note}", format::left(&hit.symbol, 16), hit.exchange);
        let style = if picked { theme.accent } else { theme.text };
        Line::from(vec![
            Span::raw(" ".repeat(LABEL.saturating_sub(2))),
            Span::styled(mark, theme.accent),
            Span::styled(format::fit(&text, width.saturating_sub(LABEL)), style),
        ])
    };
    form.suggestions.iter().enumerate().map(line).collect()
}

/// What is wrong, what is happening, or which keys go on.
fn last_lines(form: &Form, width: usize, state: &State) -> Vec<Line<'static>> {
    let theme = &state.theme;
    match (&form.stage, &form.error) {
        (Stage::Busy(_, words), _) => vec![Line::styled(format::fit(words, width), theme.accent)],
        (Stage::Editing, Some(error)) => wrapped(error, width).into_iter().map(|text| Line::styled(text, theme.error)).collect(),
        (other, _) => {
            let keys: &[(&str, &str)] = match other {
                Stage::Done(_) => &[("⏎", "close")],
                _ => &[("⏎", "ok"), ("Tab", "next"), ("Esc", "close")],
            };
            let span = |(key, words): &(&'static str, &'static str)| {
                [Span::styled(*key, theme.key), Span::styled(format!(" {words}   "), theme.dim)]
            };
            vec![Line::from(keys.iter().flat_map(span).collect::<Vec<_>>())]
        }
    }
}

fn done(lines: &[String], width: usize, state: &State) -> Vec<Line<'static>> {
    lines.iter().flat_map(|line| wrapped(line, width)).map(|text| Line::styled(text, state.theme.text)).collect()
}

/// Cut at blanks, so that a long command line can be read whole.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let Some(line) = lines.last_mut() else { break };
        if !line.is_empty() && format::width(line) + 1 + format::width(word) > width {
            lines.push(format::fit(word, width));
        } else {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(&format::fit(word, width));
        }
    }
    lines
}
