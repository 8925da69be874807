//! A line that is being typed.

use crate::tui::format::width;
use ratatui::style::Style;
use ratatui::text::Span;
use unicode_width::UnicodeWidthChar as _;

/// The text around the cursor in exactly `columns`; the line scrolls so that the cursor is seen.
pub(crate) fn input(before: &str, after: &str, columns: usize, text: Style, cursor: Style) -> Vec<Span<'static>> {
    if columns == 0 {
        return Vec::new();
    }
    let mut under = after.chars();
    let at = under.next().unwrap_or(' ');
    let at_width = at.width().unwrap_or(0).max(1);
    // Of what stands before the cursor, the end that fits.
    let room = columns.saturating_sub(at_width);
    let mut start = before.len();
    let mut used = 0;
    for (index, c) in before.char_indices().rev() {
        let next = c.width().unwrap_or(0);
        if used + next > room {
            break;
        }
        used += next;
        start = index;
    }
    let mut rest = String::new();
    let mut left = columns.saturating_sub(used + at_width);
    for c in under {
        let next = c.width().unwrap_or(0);
        if next > left {
            break;
        }
        rest.push(c);
        left -= next;
    }
    rest.extend(std::iter::repeat_n(' ', left));
    let shown = if width(&at.to_string()) > columns { " ".repeat(columns) } else { at.to_string() };
    vec![Span::styled(before[start..].to_owned(), text), Span::styled(shown, cursor), Span::styled(rest, text)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cursor_is_seen() {
        let check = |before: &str, after: &str, columns: usize, expected: [&str; 3]| {
            let spans = input(before, after, columns, Style::new(), Style::new());
            let texts: Vec<&str> = spans.iter().map(|span| span.content.as_ref()).collect();
            assert_eq!(texts, expected);
        };
        check("BTC", "", 6, ["BTC", " ", "  "]);
        check("BTC/USDT", "", 4, ["SDT", " ", ""]);
        check("B", "TC/USDT", 4, ["B", "T", "C/"]);
        check("币安", "人生", 5, ["安", "人", " "]);
        check("", "", 1, ["", " ", ""]);
    }
}
