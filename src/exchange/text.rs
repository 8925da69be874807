//! Text of answers, made fit for one line of a log.

use super::error::ExchangeError;

/// Characters of an unreadable body that are shown.
pub(super) const EXCERPT_CHARS: usize = 200;
/// Characters of a rejected row that are kept.
pub(super) const PAYLOAD_CHARS: usize = 300;

/// The first characters, marked where something is left off. Control characters become blanks:
/// this text ends up on terminals.
pub(super) fn cut(text: &str, most: usize) -> String {
    let is_long = text.char_indices().nth(most).is_some();
    let kept = if is_long { most - 1 } else { most };
    let shown = text.chars().take(kept).map(|c| if c.is_control() { ' ' } else { c });
    shown.chain(is_long.then_some('…')).collect()
}

/// A body that is not what the interface promises.
pub(super) fn malformed(what: &str, text: &str) -> ExchangeError {
    if text.trim_start().starts_with('<') {
        // A captive portal, a proxy's page, a firewall's: its tags tell nobody anything.
        return ExchangeError::Malformed { what: "a web page and no data".into(), excerpt: plain(text) };
    }
    // serde quotes what it finds, at full length.
    ExchangeError::Malformed { what: cut(what, EXCERPT_CHARS), excerpt: cut(text, EXCERPT_CHARS) }
}

/// A body that is not JSON, as one short line: the text of an HTML page without its tags.
pub(super) fn plain(body: &str) -> String {
    let mut text = String::new();
    let mut inside_tag = false;
    for c in body.chars().take(4_000) {
        match c {
            '<' => inside_tag = true,
            '>' => {
                inside_tag = false;
                text.push(' ');
            }
            _ if !inside_tag => text.push(c),
            _ => {}
        }
    }
    cut(&text.split_whitespace().collect::<Vec<_>>().join(" "), 120)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_and_made_plain() {
        assert_eq!(cut("short", 5), "short");
        assert_eq!(cut("a\tlonger text", 8), "a longe…");
        let page = malformed("expected value", "\n<html><h1>Log in</h1></html>");
        assert_eq!(page.to_string(), "unreadable answer (a web page and no data): Log in");
        assert_eq!(plain("<html><h1>Just a\n moment</h1></html>"), "Just a moment");
    }
}
