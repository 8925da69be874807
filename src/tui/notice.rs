//! Bell and desktop notifications, as control sequences that the terminal understands.

/// How the desktop is told. No terminal says which of them it knows, and some know both: the user chooses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Desktop {
    /// Not at all.
    #[default]
    Off,
    /// `OSC 9 ; text`: `iTerm2`, `kitty`, `WezTerm`, Windows Terminal, Ghostty.
    Osc9,
    /// `OSC 777 ; notify ; title ; text`: `foot`, `urxvt`, `WezTerm`, Ghostty.
    Osc777,
}

impl Desktop {
    /// Every way, in the order in which they are offered.
    pub(crate) const ALL: [Self; 3] = [Self::Off, Self::Osc9, Self::Osc777];

    /// Its name.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Osc9 => "osc9",
            Self::Osc777 => "osc777",
        }
    }

    /// The way after this one.
    pub(crate) const fn next(self) -> Self {
        match self {
            Self::Off => Self::Osc9,
            Self::Osc9 => Self::Osc777,
            Self::Osc777 => Self::Off,
        }
    }
}

/// Something to draw attention to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Notice {
    /// Whether the bell rings.
    pub(crate) bell: bool,
    /// How the desktop is told.
    pub(crate) desktop: Desktop,
    /// One line.
    pub(crate) text: String,
}

/// Longest text that is sent, in characters.
const LONGEST: usize = 200;
/// Who speaks. It also keeps a text that starts with a number from being read as a subcommand of OSC 9.
const TITLE: &str = "marketdata-tui";
/// Ends an OSC: unlike BEL it rings no bell where the OSC itself is unknown.
const END: &str = "\x1b\\";

impl Notice {
    /// What is sent to the terminal; text from outside cannot break out of it.
    pub(crate) fn sequence(&self) -> String {
        let text: String = self.text.chars().filter(|c| !c.is_control()).take(LONGEST).collect();
        let osc = match self.desktop {
            Desktop::Off => String::new(),
            Desktop::Osc9 => format!("\x1b]9;{TITLE}: {text}{END}"),
            Desktop::Osc777 => format!("\x1b]777;notify;{TITLE};{}{END}", text.replace(';', ",")),
        };
        format!("{}{osc}", if self.bell { "\x07" } else { "" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequences() {
        let check = |bell: bool, desktop: Desktop, text: &str, expected: &str| {
            assert_eq!(Notice { bell, desktop, text: text.into() }.sequence(), expected);
        };
        check(true, Desktop::Off, "x", "\x07");
        check(false, Desktop::Off, "x", "");
        check(true, Desktop::Osc9, "BTC/USDT 64000", "\x07\x1b]9;marketdata-tui: BTC/USDT 64000\x1b\\");
        check(false, Desktop::Osc777, "a;b", "\x1b]777;notify;marketdata-tui;a,b\x1b\\");
        check(false, Desktop::Osc9, "a\x1b\\\x07\u{9c}\nb", "\x1b]9;marketdata-tui: a\\b\x1b\\");
    }

    #[test]
    fn long_texts_are_cut() {
        let notice = Notice { bell: false, desktop: Desktop::Osc9, text: "x".repeat(5_000) };
        assert!(notice.sequence().len() < LONGEST + 40);
    }
}
