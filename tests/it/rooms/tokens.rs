//! Rust source as words and signs, without comments and literals: all that paths need.

/// A word or a sign, and the line that it stands in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) text: String,
    pub(super) line: usize,
}

pub(super) fn tokens(source: &str) -> Vec<Token> {
    let mut scanner = Scanner { chars: source.chars().collect(), at: 0, line: 1 };
    let mut found = Vec::new();
    while let Some(c) = scanner.peek(0) {
        let line = scanner.line;
        let text = if c == '/' && scanner.peek(1) == Some('/') {
            scanner.skip_while(|c| c != '\n');
            continue;
        } else if c == '/' && scanner.peek(1) == Some('*') {
            scanner.skip_block_comment();
            continue;
        } else if c == '"' {
            scanner.skip_string();
            continue;
        } else if c == '\'' {
            scanner.skip_char_or_lifetime();
            continue;
        } else if c.is_alphanumeric() || c == '_' {
            let word = scanner.take_while(|c| c.is_alphanumeric() || c == '_');
            if matches!(word.as_str(), "r" | "b" | "br" | "c" | "cr") && scanner.skip_prefixed_literal(&word) {
                continue;
            }
            word
        } else if c == ':' && scanner.peek(1) == Some(':') {
            scanner.advance();
            scanner.advance();
            "::".to_owned()
        } else if matches!(c, '-' | '=') && scanner.peek(1) == Some('>') {
            // One sign, so that its `>` is not taken for the end of a type.
            scanner.advance();
            scanner.advance();
            "->".to_owned()
        } else {
            scanner.advance();
            if c.is_whitespace() {
                continue;
            }
            c.to_string()
        };
        found.push(Token { text, line });
    }
    found
}

struct Scanner {
    chars: Vec<char>,
    at: usize,
    line: usize,
}

impl Scanner {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    fn advance(&mut self) {
        self.line += usize::from(self.peek(0) == Some('\n'));
        self.at += 1;
    }

    fn skip_while(&mut self, wanted: impl Fn(char) -> bool) {
        while self.peek(0).is_some_and(&wanted) {
            self.advance();
        }
    }

    fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> String {
        let start = self.at;
        self.skip_while(wanted);
        self.chars[start..self.at].iter().collect()
    }

    fn skip_block_comment(&mut self) {
        let mut depth = 0_u32;
        while let Some(c) = self.peek(0) {
            let step = match (c, self.peek(1)) {
                ('/', Some('*')) => 1,
                ('*', Some('/')) => -1,
                _ => 0,
            };
            self.advance();
            if step != 0 {
                self.advance();
                depth = depth.saturating_add_signed(step);
                if depth == 0 {
                    return;
                }
            }
        }
    }

    fn skip_string(&mut self) {
        self.advance();
        while let Some(c) = self.peek(0) {
            self.advance();
            match c {
                '\\' => self.advance(),
                '"' => return,
                _ => {}
            }
        }
    }

    fn skip_char_or_lifetime(&mut self) {
        self.advance();
        match (self.peek(0), self.peek(1)) {
            (Some('\\'), _) => {
                self.advance();
                self.advance();
                self.skip_while(|c| c != '\'');
                self.advance();
            }
            (Some(_), Some('\'')) => {
                self.advance();
                self.advance();
            }
            _ => self.skip_while(|c| c.is_alphanumeric() || c == '_'),
        }
    }

    /// After the prefix of a literal; false where it was a word after all, or a raw name.
    fn skip_prefixed_literal(&mut self, prefix: &str) -> bool {
        let hashes = self.chars[self.at..].iter().take_while(|c| **c == '#').count();
        match self.peek(hashes) {
            Some('"') if prefix.ends_with('r') => {
                (0..=hashes).for_each(|_| self.advance());
                while self.peek(0).is_some() {
                    let closes = self.peek(0) == Some('"') && (1..=hashes).all(|ahead| self.peek(ahead) == Some('#'));
                    self.advance();
                    if closes {
                        (0..hashes).for_each(|_| self.advance());
                        return true;
                    }
                }
                true
            }
            Some('"') if hashes == 0 => {
                self.skip_string();
                true
            }
            Some('\'') if hashes == 0 && prefix == "b" => {
                self.skip_char_or_lifetime();
                true
            }
            _ => false,
        }
    }
}
