//! Text in lines of a given width.

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// `text` in lines of at most `columns`, broken at blanks where that leaves no line half empty.
/// Control characters become blanks. At least one line, which may be empty.
pub(crate) fn wrap(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(1);
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut used = 0;
    for c in text.chars().map(|c| if c.is_control() { ' ' } else { c }) {
        let width = c.width().unwrap_or(0);
        if used + width > columns && used > 0 {
            if c == ' ' {
                lines.push(std::mem::take(&mut line));
                used = 0;
                continue;
            }
            let rest = match line.rfind(' ') {
                Some(at) if line[..at].width() >= columns / 2 => {
                    let rest = line[at + 1..].to_owned();
                    line.truncate(at);
                    rest
                }
                _ => String::new(),
            };
            used = rest.width();
            lines.push(std::mem::replace(&mut line, rest));
        }
        line.push(c);
        used += width;
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        let check = |text: &str, columns: usize, expected: &[&str]| assert_eq!(wrap(text, columns), expected, "{text}");
        check("", 5, &[""]);
        check("one two three", 8, &["one two", "three"]);
        check("one two", 3, &["one", "two"]);
        check("/api/v3/klines?symbol=BTCUSDT", 10, &["/api/v3/kl", "ines?symbo", "l=BTCUSDT"]);
        check("a /api/v3/klines", 8, &["a /api/v", "3/klines"]);
        check("币安人生", 5, &["币安", "人生"]);
        check("a\nb", 9, &["a b"]);
        check("币", 0, &["币"]);
    }
}
