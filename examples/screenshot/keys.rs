//! Keys by name, as the bytes that a terminal sends for them.

/// The bytes of one word: a named key, `Ctrl-` with a letter, or the word's own characters.
pub(crate) fn bytes(word: &str) -> Vec<u8> {
    let named: &[u8] = match word {
        "Enter" => b"\r",
        "Esc" => b"\x1b",
        "Tab" => b"\t",
        "Space" => b" ",
        "Up" => b"\x1b[A",
        "Down" => b"\x1b[B",
        "Right" => b"\x1b[C",
        "Left" => b"\x1b[D",
        "Home" => b"\x1b[H",
        "End" => b"\x1b[F",
        "PgUp" => b"\x1b[5~",
        "PgDn" => b"\x1b[6~",
        _ => b"",
    };
    if !named.is_empty() {
        return named.to_vec();
    }
    match word.strip_prefix("Ctrl-").map(str::as_bytes) {
        Some([letter]) if letter.is_ascii_alphabetic() => vec![letter & 0x1f],
        _ => word.as_bytes().to_vec(),
    }
}
