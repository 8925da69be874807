//! Text that must never be seen.

use std::fmt;

/// A key of an exchange. Neither `Debug` nor any message shows it, and there is no `Display`.
///
/// There is no way to read it back either: every endpoint in use is public and takes none.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes visible ASCII, which is what may stand in an HTTP header; the message of a refusal
    /// repeats nothing of the value.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let text = text.trim_matches([' ', '\t']);
        if text.bytes().all(|byte| byte.is_ascii_graphic()) && !text.is_empty() {
            Ok(Self(text.to_owned()))
        } else {
            Err("a key consists of visible ASCII characters, without spaces, line breaks or control characters")
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing() {
        assert_eq!(format!("{:?}", Secret::parse(" abc123 ")), "Ok(Secret(..))");
        assert!(Secret::parse("  ").is_err());
        assert!(!Secret::parse("abc\n123").unwrap_err().contains("abc"));
    }
}
