//! Keys at the foot of a box, which can be clicked.

use crate::tui::action::Action;
use crate::tui::format;
use crate::tui::theme::Theme;
use ratatui::text::{Line, Span};

/// A key, what it does in a word or two, and the action; none where it takes two keys.
pub(super) type Hint = (String, &'static str, Option<Action>);

/// Blanks behind a hint.
const GAP: usize = 2;

/// ` ⏎ ok  Tab next  Esc close `: as many as `width` holds whole.
pub(super) fn line(hints: &[Hint], width: usize, theme: &Theme) -> Line<'static> {
    let mut spans = Vec::new();
    for (key, words, _) in fitting(hints, width) {
        spans.extend([Span::styled(key.clone(), theme.key), Span::styled(format!(" {words}{}", " ".repeat(GAP)), theme.dim)]);
    }
    Line::from(spans)
}

/// What the hint at this column of the line does.
pub(super) fn action_at(hints: &[Hint], width: usize, column: usize) -> Option<Action> {
    let mut from = 0;
    for hint in fitting(hints, width) {
        let end = from + width_of(hint);
        if (from..end).contains(&column) {
            return hint.2.clone();
        }
        from = end + GAP;
    }
    None
}

fn fitting(hints: &[Hint], width: usize) -> impl Iterator<Item = &Hint> {
    let mut end = 0;
    hints.iter().take_while(move |hint| {
        end += width_of(hint);
        let fits = end <= width;
        end += GAP;
        fits
    })
}

fn width_of((key, words, _): &Hint) -> usize {
    format::width(key) + 1 + format::width(words)
}
