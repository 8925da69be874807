//! One key press with its modifiers, in one spelling however the terminal sent it.

use std::fmt;
use std::str::FromStr;

/// A key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Key {
    /// A character, as it came: `A` is Shift and a.
    Char(char),
    /// A function key.
    F(u8),
    /// A key with a name.
    Named(Named),
}

/// Keys with a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Named {
    Enter,
    Esc,
    Tab,
    Backspace,
    Delete,
    Up,
    Down,
    Left,
    Right,
    Home,
    End,
    PageUp,
    PageDown,
}

/// Named keys as they are written, and as they are shown.
const NAMED: [(Named, &str, &str); 13] = [
    (Named::Enter, "Enter", "⏎"),
    (Named::Esc, "Esc", "Esc"),
    (Named::Tab, "Tab", "Tab"),
    (Named::Backspace, "Backspace", "⌫"),
    (Named::Delete, "Del", "Del"),
    (Named::Up, "Up", "↑"),
    (Named::Down, "Down", "↓"),
    (Named::Left, "Left", "←"),
    (Named::Right, "Right", "→"),
    (Named::Home, "Home", "Home"),
    (Named::End, "End", "End"),
    (Named::PageUp, "PgUp", "PgUp"),
    (Named::PageDown, "PgDn", "PgDn"),
];

/// A key with its modifiers. A character carries its Shift in itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Chord {
    /// The key.
    pub(crate) key: Key,
    /// With Ctrl.
    pub(crate) ctrl: bool,
    /// With Alt.
    pub(crate) alt: bool,
    /// With Shift; never for characters.
    pub(crate) shift: bool,
}

impl Chord {
    /// Folds the ways in which terminals report the same press: Shift with a small letter, Shift
    /// with a capital and a bare capital are one; Ctrl has no capitals.
    pub(crate) fn new(key: Key, ctrl: bool, alt: bool, shift: bool) -> Self {
        match key {
            Key::Char(c) if ctrl => Self { key: Key::Char(c.to_ascii_lowercase()), ctrl, alt, shift: false },
            Key::Char(c) if shift => Self { key: Key::Char(c.to_ascii_uppercase()), ctrl, alt, shift: false },
            key => Self { key, ctrl, alt, shift: shift && !matches!(key, Key::Char(_)) },
        }
    }

    /// The character to insert where text is typed.
    pub(crate) fn text(self) -> Option<char> {
        match self.key {
            Key::Char(c) if !self.ctrl && !self.alt && !c.is_control() => Some(c),
            _ => None,
        }
    }
}

/// Text that names no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a key")]
pub(crate) struct ChordError(String);

impl FromStr for Chord {
    type Err = ChordError;

    /// Reads `q`, `Ctrl-c`, `Shift-Left`, `F1`, `Space`, `-`.
    fn from_str(text: &str) -> Result<Self, ChordError> {
        let (mut ctrl, mut alt, mut shift) = (false, false, false);
        let mut rest = text;
        loop {
            let (flag, tail) = if let Some(tail) = rest.strip_prefix("Ctrl-") {
                (&mut ctrl, tail)
            } else if let Some(tail) = rest.strip_prefix("Alt-") {
                (&mut alt, tail)
            } else if let Some(tail) = rest.strip_prefix("Shift-") {
                (&mut shift, tail)
            } else {
                break;
            };
            *flag = true;
            rest = tail;
        }
        let mut letters = rest.chars();
        let key = match (letters.next(), letters.next()) {
            (Some(c), None) => Key::Char(c),
            _ if rest == "Space" => Key::Char(' '),
            (Some('F'), Some(_)) => {
                Key::F(rest[1..].parse().ok().filter(|n| (1..=12).contains(n)).ok_or_else(|| ChordError(text.to_owned()))?)
            }
            _ => {
                let named = NAMED.iter().find(|(_, name, _)| *name == rest).ok_or_else(|| ChordError(text.to_owned()))?;
                Key::Named(named.0)
            }
        };
        Ok(Self::new(key, ctrl, alt, shift))
    }
}

impl fmt::Display for Chord {
    /// As people write it: `Ctrl-C`, `Shift-←`, `Space`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (on, name) in [(self.ctrl, "Ctrl-"), (self.alt, "Alt-"), (self.shift, "Shift-")] {
            if on {
                f.write_str(name)?;
            }
        }
        match self.key {
            Key::Char(' ') => f.write_str("Space"),
            Key::Char(c) if self.ctrl => write!(f, "{}", c.to_ascii_uppercase()),
            Key::Char(c) => write!(f, "{c}"),
            Key::F(n) => write!(f, "F{n}"),
            Key::Named(key) => {
                let shown = NAMED.iter().find(|(named, ..)| *named == key).map_or("", |(_, _, shown)| shown);
                f.write_str(shown)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_press_are_one() {
        let check = |text: &str, key: Key, ctrl: bool, shift: bool, shown: &str| {
            let chord: Chord = text.parse().unwrap();
            assert_eq!(chord, Chord::new(key, ctrl, false, shift), "{text}");
            assert_eq!(chord.to_string(), shown);
        };
        check("H", Key::Char('h'), false, true, "H");
        check("H", Key::Char('H'), false, true, "H");
        check("H", Key::Char('H'), false, false, "H");
        check("+", Key::Char('+'), false, true, "+");
        check("Ctrl-c", Key::Char('C'), true, true, "Ctrl-C");
        check("Shift-Left", Key::Named(Named::Left), false, true, "Shift-←");
        check("Space", Key::Char(' '), false, false, "Space");
        check("F1", Key::F(1), false, false, "F1");
        check("-", Key::Char('-'), false, false, "-");
        check("é", Key::Char('é'), false, false, "é");
        for wrong in ["", "Ctrl-", "F13", "Fx", "left", "ab"] {
            assert!(wrong.parse::<Chord>().is_err(), "{wrong}");
        }
    }
}
