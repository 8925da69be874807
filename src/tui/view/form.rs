//! Dialogs with fields.

use super::hints::{self, Hint};
use super::{Target, popup, row};
use crate::domain::price::to_f64;
use crate::engine::query::InstrumentHit;
use crate::tui::action::{Action, Edit};
use crate::tui::format;
use crate::tui::layout;
use crate::tui::state::State;
use crate::tui::state::form::{Field, Form, Purpose, Stage, Value};
use crate::tui::widget::input::input;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget as _;
use unicode_width::UnicodeWidthChar as _;

/// Columns of the labels.
const LABEL: usize = 10;
/// Columns of a suggestion's symbol, and of what is traded of it in 24 h: `1.23B FDUSD`.
const SYMBOL: usize = 15;
const VOLUME: usize = 11;
/// Columns of the whole box.
const WIDTH: u16 = 72;

/// ```text
/// ╭ Add symbols ─────────────────────────────────────╮
/// │ Symbols   btcu                                    │
/// │         ▸ BTC/USDT  binance  1.23B USDT  trading  │
/// │ Interval  ‹ 1m ›                                  │
/// │ Backfill  30d                                     │
/// │                                                   │
/// │ did you mean BTC/USDT?                            │
/// ╰───────────────────────────────────────────────────╯
/// ```
pub(super) fn render(buf: &mut Buffer, body: Rect, state: &State, form: &Form) {
    let (size, lines) = lines(body, state, form);
    let inner = popup::open(buf, body, state, &form.title(), size);
    for (n, (line, _)) in visible(lines, inner.height, form).into_iter().enumerate() {
        line.render(row(inner, n), buf);
    }
}

/// What stands under a cell.
pub(super) fn target_at(body: Rect, state: &State, form: &Form, at: Position) -> Target {
    let (size, lines) = lines(body, state, form);
    let place = layout::centred(body, size.0, size.1);
    if !place.contains(at) {
        return Target::Beside;
    }
    let inner = layout::inner(place);
    let line = usize::from(at.y.saturating_sub(inner.y));
    let found = visible(lines, inner.height, form).into_iter().nth(line).filter(|_| inner.contains(at));
    match found.and_then(|(_, part)| part) {
        Some(Part::Field(n)) => Target::Field(n),
        Some(Part::Suggestion(n)) => Target::Suggestion(n),
        Some(Part::Foot) => {
            let column = usize::from(at.x).checked_sub(usize::from(inner.x) + 1);
            let action = column
                .and_then(|column| hints::action_at(&keys(form, state)?, usize::from(inner.width).saturating_sub(2), column));
            action.map_or(Target::Dialog, Target::Hint)
        }
        None => Target::Dialog,
    }
}

/// What a line belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Field(usize),
    Suggestion(usize),
    /// What is wrong, or the keys.
    Foot,
}

type Lines = Vec<(Line<'static>, Option<Part>)>;

/// All lines, and the size of the box around them. The estimate and the command line are left out
/// where there is no room for them.
fn lines(body: Rect, state: &State, form: &Form) -> ((u16, u16), Lines) {
    let theme = &state.theme;
    let width = usize::from(WIDTH.min(body.width)).saturating_sub(4);
    let mut lines = match &form.stage {
        Stage::Done(lines) => done(lines, width, state),
        Stage::Editing | Stage::Busy(..) => fields(form, width, state),
    };
    let last = last_lines(form, width, state);
    let mut room = usize::from(body.height).saturating_sub(lines.len() + last.len() + 3);
    let mut offer = |text: Vec<String>, style: Style| {
        if !text.is_empty() && text.len() < room {
            room -= text.len() + 1;
            lines.push((Line::default(), None));
            lines.extend(text.into_iter().map(|text| (Line::styled(text, style), None)));
        }
    };
    if !matches!(form.stage, Stage::Done(_)) {
        let told = match form.purpose {
            Purpose::Settings => Some(state.themes.holds()),
            _ => form.estimate(&state.snapshot, &state.days, state.now),
        };
        offer(told.map_or_else(Vec::new, |text| wrapped(&text, width)), theme.text);
        let line = form.line(state.now, &state.command_lines);
        offer(popup::command_line(line.as_deref(), width), theme.dim);
    }
    lines.push((Line::default(), None));
    lines.extend(last.into_iter().map(|line| (line, Some(Part::Foot))));
    let height = u16::try_from(lines.len() + 2).unwrap_or(u16::MAX);
    ((WIDTH, height), lines)
}

/// The lines that a box of `height` shows. Where it is cut, blank ones go first; then those furthest from
/// the field that is typed in and the suggestion that is picked. The last lines stay.
fn visible(mut lines: Lines, height: u16, form: &Form) -> Lines {
    let height = usize::from(height);
    if lines.len() > height {
        lines.retain(|(line, _)| line.width() > 0);
    }
    if lines.len() <= height {
        return lines;
    }
    let foot = lines.iter().position(|(_, part)| *part == Some(Part::Foot)).unwrap_or(lines.len());
    let last = lines.split_off(foot);
    let room = height.saturating_sub(last.len());
    let line_of = |lines: &Lines, wanted: Part| lines.iter().position(|(_, part)| *part == Some(wanted));
    let focus = line_of(&lines, Part::Field(form.focus)).unwrap_or(0);
    lines.drain(..focus.min(lines.len().saturating_sub(room)));
    let picked = form.picked.and_then(|picked| line_of(&lines, Part::Suggestion(picked)));
    if let (Some(picked), Some(focus)) = (picked, line_of(&lines, Part::Field(form.focus))) {
        lines.drain(focus + 1..(focus + 1 + (picked + 1).saturating_sub(room)).min(picked.max(focus + 1)));
    }
    lines.truncate(room);
    lines.extend(last);
    lines.truncate(height);
    lines
}

fn fields(form: &Form, width: usize, state: &State) -> Lines {
    let mut lines = Vec::new();
    for (n, field) in form.fields.iter().enumerate() {
        let focused = n == form.focus && form.stage == Stage::Editing;
        lines.push((field_line(field, focused, width, state), Some(Part::Field(n))));
        if focused {
            let offered = suggestions(form, width, state).into_iter().chain(completions(form, width, state)).enumerate();
            lines.extend(offered.map(|(n, line)| (line, Some(Part::Suggestion(n)))));
            if n == 0 {
                lines.extend(absence(form, width, state).map(|line| (line, None)));
            }
        }
    }
    lines
}

/// Why nothing is suggested, where there is nothing to choose from.
fn absence(form: &Form, width: usize, state: &State) -> Option<Line<'static>> {
    if !form.is_add() || form.listed != Some(0) {
        return None;
    }
    let words = if state.fetching_list.is_some() {
        "no list of symbols yet: fetching it …"
    } else {
        "no list yet: adding a symbol fetches it"
    };
    Some(Line::styled(format::fit(&format!("{}{words}", " ".repeat(LABEL)), width), state.theme.warn))
}

/// Names in the folder of the path that is typed.
fn completions(form: &Form, width: usize, state: &State) -> Vec<Line<'static>> {
    if form.stage != Stage::Editing {
        return Vec::new();
    }
    let line = |(n, name): (usize, &str)| offer_line(name, form.picked == Some(n), width, state);
    form.completions().into_iter().enumerate().map(line).collect()
}

fn offer_line(text: &str, picked: bool, width: usize, state: &State) -> Line<'static> {
    let theme = &state.theme;
    Line::from(vec![
        Span::raw(" ".repeat(LABEL.saturating_sub(2))),
        Span::styled(if picked { "▸ " } else { "  " }, theme.accent),
        Span::styled(format::fit(text, width.saturating_sub(LABEL)), if picked { theme.accent } else { theme.text }),
    ])
}

fn field_line(field: &Field, focused: bool, width: usize, state: &State) -> Line<'static> {
    let theme = &state.theme;
    let mut spans = vec![Span::styled(format::left(field.label, LABEL), if focused { theme.accent } else { theme.dim })];
    let room = width.saturating_sub(LABEL);
    match &field.value {
        Value::Choice(..) => {
            // The marks stand outside the column of the values.
            let (open, close) = if focused { ("‹ ", " ›") } else { ("  ", "") };
            spans = vec![Span::styled(format::left(field.label, LABEL - 2), spans[0].style), Span::styled(open, theme.key)];
            spans.extend([Span::styled(field.get().to_owned(), theme.text), Span::styled(close, theme.key)]);
        }
        Value::Checks(checks) => {
            let whole: usize = checks.options().map(|(set, ..)| format::width(set.label()) + 6).sum();
            let (marks, gap) = if whole <= room + 2 { (["[ ] ", "[x] "], "  ") } else { (["○ ", "● "], " ") };
            for (set, on, under) in checks.options() {
                let style = if on { theme.text } else { theme.dim };
                let mark = if on { theme.accent } else { theme.dim };
                spans.push(Span::styled(marks[usize::from(on)], mark));
                spans.push(Span::styled(set.label(), if under && focused { theme.cursor } else { style }));
                spans.push(Span::raw(gap));
            }
        }
        Value::Text(line) if focused => {
            let (before, after) = line.parts();
            let typed = (format::width(line.text()) + 1).max(room.min(24)).min(room);
            let text = if line.is_offered() { theme.cursor } else { theme.input };
            spans.extend(input(before, after, typed, text, theme.cursor));
            let hint = format::fit_words(&field.hint, (room - typed).saturating_sub(2));
            spans.push(Span::styled(format!("  {hint}"), theme.dim));
        }
        Value::Text(_) if field.get().is_empty() => spans.push(Span::styled(format::fit(&field.hint, room), theme.dim)),
        Value::Text(_) => spans.push(Span::styled(format::fit(field.get(), room), theme.text)),
    }
    Line::from(spans)
}

fn suggestions(form: &Form, width: usize, state: &State) -> Vec<Line<'static>> {
    // No wider than the names that stand there.
    let exchange = form.suggestions.iter().map(|hit| hit.exchange.len() + 1).max().unwrap_or_default();
    let line = |(n, hit): (usize, &InstrumentHit)| {
        let note = if hit.recorded { "recorded" } else { hit.status };
        let volume = hit.volume_24h.map(|volume| format!("{} {}", format::amount(to_f64(volume)), hit.quote));
        let volume = format::right(&volume.unwrap_or_default(), VOLUME);
        let text = format!("{} {:<exchange$}{volume}  {note}", format::left(&hit.symbol, SYMBOL), hit.exchange);
        offer_line(&text, form.picked == Some(n), width, state)
    };
    form.suggestions.iter().enumerate().map(line).collect()
}

/// What is wrong, what is happening, or which keys go on.
fn last_lines(form: &Form, width: usize, state: &State) -> Vec<Line<'static>> {
    let theme = &state.theme;
    match (&form.stage, &form.error) {
        (Stage::Busy(_, words), _) => vec![Line::styled(format::fit(words, width), theme.accent)],
        (Stage::Editing, Some(error)) => wrapped(error, width).into_iter().map(|text| Line::styled(text, theme.error)).collect(),
        _ => keys(form, state).map(|keys| hints::line(&keys, width, theme)).into_iter().collect(),
    }
}

/// The keys at its foot; none while something else is told there.
fn keys(form: &Form, state: &State) -> Option<Vec<Hint>> {
    let hint = |key: &str, words: &'static str, action: Action| (state.glyphs.keys(key), words, Some(action));
    let pair = |key: &str, words: &'static str| (key.to_owned(), words, None);
    let (next, close) = (hint("Tab", "next", Action::NextField), hint("Esc", "close", Action::Back));
    Some(match (&form.stage, &form.error) {
        (Stage::Busy(..), _) | (Stage::Editing, Some(_)) => return None,
        (Stage::Done(_), _) => vec![hint("⏎", "close", Action::Submit), hint("Ctrl-Y", "copy command line", Action::CopyLine)],
        _ if form.purpose == Purpose::Settings => {
            vec![hint("←→", "change", Action::Edit(Edit::Right)), next, hint("⏎", "close", Action::Submit)]
        }
        _ => {
            let mut keys = vec![hint("⏎", "ok", Action::Submit), next, close];
            if form.is_at_date() {
                keys.push(pair("PgUp PgDn", "turn"));
            }
            if !form.has_no_line() {
                keys.push(hint("Ctrl-Y", if form.is_at_date() { "copy" } else { "copy command line" }, Action::CopyLine));
            }
            keys
        }
    })
}

fn done(lines: &[String], width: usize, state: &State) -> Lines {
    lines.iter().flat_map(|line| wrapped(line, width)).map(|text| (Line::styled(text, state.theme.text), None)).collect()
}

/// Cut at blanks, and inside words that are longer than a line: a long command line or path can be
/// read whole.
pub(super) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let Some(line) = lines.last_mut() else { break };
        if !line.is_empty() && format::width(line) + 1 + format::width(word) > width {
            lines.push(String::new());
        } else if !line.is_empty() {
            line.push(' ');
        }
        for letter in word.chars() {
            let Some(line) = lines.last_mut() else { break };
            if format::width(line) + letter.width().unwrap_or(0) > width && !line.is_empty() {
                lines.push(letter.to_string());
            } else {
                line.push(letter);
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_words_are_cut_and_nothing_is_left_out() {
        let check = |text: &str, width: usize, expected: &[&str]| assert_eq!(wrapped(text, width), expected, "{text}");
        check("export -o file", 10, &["export -o", "file"]);
        check("in /a/long/path.csv now", 8, &["in", "/a/long/", "path.csv", "now"]);
        check("币安人生", 5, &["币安", "人生"]);
        check("", 5, &[""]);
        check("ab", 0, &["a", "b"]);
    }
}
