//! A line of text that is being typed.

use crate::tui::action::Edit;

/// Longest line that is taken.
const LONGEST: usize = 400;

/// A line and its cursor.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Input {
    text: String,
    /// Byte position, always between characters.
    cursor: usize,
    /// Whether what is typed first takes the place of the whole line.
    offered: bool,
}

impl Input {
    /// A line with the cursor at its end.
    pub(crate) fn of(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { cursor: text.len(), text, offered: false }
    }

    /// A line that was not typed but offered: whatever is typed first replaces it, while moving the
    /// cursor in it or deleting from it keeps it.
    pub(crate) fn offer(text: impl Into<String>) -> Self {
        let line = Self::of(text);
        Self { offered: !line.text.is_empty(), ..line }
    }

    /// Whether what is typed next replaces the line.
    pub(crate) const fn is_offered(&self) -> bool {
        self.offered
    }

    /// What is typed.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// What stands before the cursor, and from it on.
    pub(crate) fn parts(&self) -> (&str, &str) {
        self.text.split_at(self.cursor)
    }

    /// Inserts at the cursor; line ends in pasted text become blanks, other control characters go.
    pub(crate) fn insert(&mut self, text: &str) {
        if std::mem::take(&mut self.offered) {
            *self = Self::default();
        }
        for c in text.chars() {
            let c = if matches!(c, '\n' | '\r' | '\t') { ' ' } else { c };
            if !c.is_control() && self.text.len() + c.len_utf8() <= LONGEST {
                self.text.insert(self.cursor, c);
                self.cursor += c.len_utf8();
            }
        }
    }

    /// Changes the line.
    pub(crate) fn edit(&mut self, edit: Edit) {
        self.offered = false;
        let before = self.text[..self.cursor].char_indices().next_back().map_or(0, |(at, _)| at);
        let after = self.text[self.cursor..].chars().next().map_or(self.cursor, |c| self.cursor + c.len_utf8());
        match edit {
            Edit::Left => self.cursor = before,
            Edit::Right => self.cursor = after,
            Edit::Start => self.cursor = 0,
            Edit::End => self.cursor = self.text.len(),
            Edit::Backspace => self.cut(before),
            Edit::Delete => drop(self.text.drain(self.cursor..after)),
            Edit::Word => {
                let kept = self.text[..self.cursor].trim_end();
                let start = kept.char_indices().rev().find(|(_, c)| c.is_whitespace()).map_or(0, |(at, c)| at + c.len_utf8());
                self.cut(start);
            }
            Edit::Clear => *self = Self::default(),
            // Only forms have calendar fields.
            Edit::More | Edit::Less => {}
        }
    }

    /// Byte position of the cursor.
    pub(crate) const fn cursor(&self) -> usize {
        self.cursor
    }

    /// Another text with the cursor at the same place, as far as there is one.
    pub(crate) fn replace(&mut self, text: String) {
        let mut cursor = self.cursor.min(text.len());
        while !text.is_char_boundary(cursor) {
            cursor -= 1;
        }
        *self = Self { text, cursor, offered: false };
    }

    /// The word under the cursor, between blanks and commas.
    pub(crate) fn word(&self) -> &str {
        &self.text[self.word_range()]
    }

    /// Puts another word in the place of the one under the cursor; the cursor goes to its end.
    pub(crate) fn replace_word(&mut self, word: &str) {
        let range = self.word_range();
        self.cursor = range.start + word.len();
        self.offered = false;
        self.text.replace_range(range, word);
    }

    fn word_range(&self) -> std::ops::Range<usize> {
        let parts = |c: char| c == ' ' || c == ',';
        let (before, after) = self.parts();
        // Both separators are one byte long.
        let start = before.rfind(parts).map_or(0, |at| at + 1);
        let end = after.find(parts).map_or(self.text.len(), |at| self.cursor + at);
        start..end
    }

    fn cut(&mut self, start: usize) {
        self.text.drain(start..self.cursor);
        self.cursor = start;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits() {
        let check = |start: &str, edits: &[Edit], expected: (&str, &str)| {
            let mut input = Input::of(start);
            for edit in edits {
                input.edit(*edit);
            }
            assert_eq!(input.parts(), expected, "{start} {edits:?}");
        };
        check("btc", &[Edit::Left, Edit::Backspace], ("b", "c"));
        check("btc", &[Edit::Start, Edit::Delete, Edit::Left], ("", "tc"));
        check("é币", &[Edit::Left, Edit::Delete], ("é", ""));
        check("btc eth ", &[Edit::Word], ("btc ", ""));
        check("btc", &[Edit::Right, Edit::Delete, Edit::Word, Edit::Word, Edit::Backspace], ("", ""));
        check("btc", &[Edit::Clear], ("", ""));
    }

    #[test]
    fn what_is_typed_replaces_an_offer() {
        let check = |edits: &[Edit], expected: &str| {
            let mut input = Input::offer("30d");
            for edit in edits {
                input.edit(*edit);
            }
            input.insert("7");
            input.insert("h");
            assert_eq!(input.text(), expected, "{edits:?}");
        };
        check(&[], "7h");
        check(&[Edit::End], "30d7h");
        check(&[Edit::Backspace], "307h");
    }

    #[test]
    fn the_word_under_the_cursor_is_replaced() {
        let check = |left: &str, right: &str, word: &str, expected: (&str, &str)| {
            let mut input = Input::of(left);
            input.text.push_str(right);
            assert_eq!(input.word(), word);
            input.replace_word("BTC/USDT");
            assert_eq!(input.parts(), expected, "{left}|{right}");
        };
        check("bt", "", "bt", ("BTC/USDT", ""));
        check("eth,b", "tc sol", "btc", ("eth,BTC/USDT", " sol"));
        check("eth ", "", "", ("eth BTC/USDT", ""));
        check("", "b eth", "b", ("BTC/USDT", " eth"));
    }

    #[test]
    fn pasted_lines_become_one() {
        let mut input = Input::default();
        input.insert("btc\neth\u{1b}\u{7}\r");
        assert_eq!(input.text(), "btc eth ");
        input.insert(&"x".repeat(1_000));
        assert_eq!(input.text().len(), LONGEST);
    }
}
