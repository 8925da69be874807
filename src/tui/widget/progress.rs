//! A bar of eighths.

use ratatui::style::Style;
use ratatui::text::Span;

const LEFT: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/// `part` (0 to 1) of `columns`, as a filled and an empty span. It is full only when `part` is 1.
pub(crate) fn progress(part: f64, columns: usize, filled: Style, rest: Style) -> [Span<'static>; 2] {
    let most = columns * 8;
    let eighths = ((part.clamp(0.0, 1.0) * most as f64) as usize).min(most);
    let mut bar = "█".repeat(eighths / 8);
    bar.push_str(LEFT[eighths % 8]);
    let used = eighths.div_ceil(8);
    [Span::styled(bar, filled), Span::styled("░".repeat(columns - used), rest)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_and_ends() {
        let check = |part: f64, expected: &str| {
            let [bar, rest] = progress(part, 4, Style::new(), Style::new());
            assert_eq!(format!("{}{}", bar.content, rest.content), expected, "{part}");
        };
        check(0.0, "░░░░");
        check(0.5, "██░░");
        check(0.51, "██░░");
        check(0.999, "███▉");
        check(1.0, "████");
        check(f64::NAN, "░░░░");
        check(7.0, "████");
    }
}
