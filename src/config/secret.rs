//! A value that is never shown.

use std::fmt;

/// A key of an exchange. Neither `Debug` nor any message shows it.
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

    /// The value, for signing and headers only.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}
