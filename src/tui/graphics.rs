//! Which protocol for pictures the terminal speaks, by its name: a question to the terminal would
//! delay the first frame, and its answer would come between the keys.

/// How pictures reach the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Graphics {
    /// The kitty graphics protocol with Unicode placeholders
    /// (<https://sw.kovidgoyal.net/kitty/graphics-protocol/#unicode-placeholders>).
    Kitty,
    /// Sixels, as of the VT340.
    Sixel,
    /// Not at all; what is missing, for the user.
    None(&'static str),
}

impl Graphics {
    /// By the variables that terminals set, read through `env`. `TERM` goes first: it is set anew by
    /// each terminal, while the others are inherited from the one that another was started in.
    pub fn detect(env: impl Fn(&str) -> Option<String>) -> Self {
        let given = |name: &str| env(name).filter(|value| !value.is_empty());
        let term = given("TERM").unwrap_or_default();
        let program = given("TERM_PROGRAM").unwrap_or_default();
        let multiplexed = ["TMUX", "STY", "ZELLIJ"].into_iter().any(|name| given(name).is_some());
        if given("NO_COLOR").is_some() {
            // A placeholder names its picture by its colour.
            Self::None("colours are off (NO_COLOR)")
        } else if multiplexed || term.starts_with("screen") || term.starts_with("tmux") {
            Self::None("tmux, screen and zellij do not pass pictures on")
        } else if matches!(term.as_str(), "xterm-kitty" | "xterm-ghostty") {
            Self::Kitty
        } else if ["foot", "mlterm", "contour"].into_iter().any(|name| term.starts_with(name)) || term.contains("sixel") {
            Self::Sixel
        } else if program == "WezTerm" || given("WEZTERM_EXECUTABLE").is_some() {
            // It has no placeholders.
            Self::Sixel
        } else if program == "ghostty" || given("KITTY_WINDOW_ID").is_some() {
            Self::Kitty
        } else {
            Self::None("this terminal is not known to speak the kitty or the sixel protocol")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn detection() {
        let check = |vars: &[(&str, &str)], expected: Option<Graphics>| {
            let env = |name: &str| vars.iter().find(|(var, _)| *var == name).map(|(_, value)| (*value).to_owned());
            let found = Some(Graphics::detect(env)).filter(|found| !matches!(found, Graphics::None(_)));
            assert_eq!(found, expected, "{vars:?}");
        };
        check(&[], None);
        check(&[("TERM", "xterm-256color")], None);
        check(&[("TERM", "xterm-kitty")], Some(Graphics::Kitty));
        check(&[("TERM", "xterm-ghostty")], Some(Graphics::Kitty));
        check(&[("TERM", "xterm-256color"), ("KITTY_WINDOW_ID", "1")], Some(Graphics::Kitty));
        check(&[("TERM", "foot"), ("KITTY_WINDOW_ID", "1")], Some(Graphics::Sixel));
        check(&[("TERM", "xterm-256color"), ("TERM_PROGRAM", "WezTerm"), ("KITTY_WINDOW_ID", "1")], Some(Graphics::Sixel));
        check(&[("TERM", "xterm-kitty"), ("NO_COLOR", "1")], None);
        check(&[("TERM", "xterm-kitty"), ("NO_COLOR", "")], Some(Graphics::Kitty));
        check(&[("TERM", "tmux-256color"), ("KITTY_WINDOW_ID", "1")], None);
        check(&[("TERM", "xterm-kitty"), ("TMUX", "/run/tmux")], None);
    }
}
