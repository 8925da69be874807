//! What the terminal can show and tell: samples to look at, since a terminal cannot be asked.

use crate::cli::args::Color;
use std::fmt::Write as _;
use std::io::{self, IsTerminal as _};

/// Lines of the report, each with its name.
pub(super) fn lines(color: Color) -> Vec<(&'static str, String)> {
    let env = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    report(color, io::stdout().is_terminal(), env)
}

fn report(color: Color, terminal: bool, env: impl Fn(&str) -> Option<String>) -> Vec<(&'static str, String)> {
    let variable = |name: &str| env(name).unwrap_or_else(|| "not set".into());
    let colored = match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => terminal && env("NO_COLOR").is_none(),
    };
    let kind = if terminal { "yes" } else { "no (output is redirected)" };
    let mut lines = vec![
        ("terminal", format!("{kind}, TERM {}, COLORTERM {}", variable("TERM"), variable("COLORTERM"))),
        ("locale", format!("LANG {}, LC_ALL {}", variable("LANG"), variable("LC_ALL"))),
        ("glyphs", "half blocks ▀▄█ eighths ▁▂▃▄▅▆▇█ ▏▎▍▌▋▊▉ lines │┃╽╿┄ frames ╭─╮╰╯├┤".to_owned()),
        ("", "hatching ╱╲ marks ▲▼▸●◐○◌✓✗ small figures 0.0₅734 braille ⠁⠃⡇⣿ wide 币安 (two columns each)".to_owned()),
        ("", "boxes, a ? or a shifted | at the end mean a font or a locale without them: |".to_owned()),
    ];
    if colored {
        lines.extend([("colours", sixteen()), ("", fixed()), ("", smooth())]);
    } else {
        let why = if color == Color::Never { "--color never" } else { "NO_COLOR is set, or output is redirected" };
        lines.push(("colours", format!("none shown: {why}")));
    }
    lines.push(("mouse", mouse(&env)));
    lines.push(("clipboard", clipboard(&env)));
    lines
}

const PLAIN: &str = "\x1b[0m";

/// The sixteen of the terminal's own palette.
fn sixteen() -> String {
    let mut text = String::from("16 ");
    for code in (40..48).chain(100..108) {
        // Writing to a string cannot fail.
        let _ = write!(text, "\x1b[{code}m  ");
    }
    format!("{text}{PLAIN} the terminal's own")
}

/// A walk through the 256 of xterm: reds to greens, and greys.
fn fixed() -> String {
    let mut text = String::from("256 ");
    for step in 0..6 {
        let _ = write!(text, "\x1b[48;5;{}m  ", 16 + 36 * (5 - step) + 6 * step);
    }
    for grey in (232..=255).step_by(3) {
        let _ = write!(text, "\x1b[48;5;{grey}m  ");
    }
    format!("{text}{PLAIN} six steps from red to green, then greys")
}

/// A gradient in 24 bits.
fn smooth() -> String {
    let mut text = String::from("24 bit ");
    for step in 0..32_u32 {
        let _ = write!(text, "\x1b[48;2;{};{};90m ", 246 - step * 6, 60 + step * 5);
    }
    format!("{text}{PLAIN} smooth where COLORTERM=truecolor is right")
}

fn mouse(env: &impl Fn(&str) -> Option<String>) -> String {
    let what = "the app asks for clicks, wheel and drags (modes 1000, 1002, 1003) in SGR coordinates (1006)";
    let note = if env("TMUX").is_some() {
        "; tmux passes them on with `set -g mouse on`"
    } else if env("STY").is_some() {
        "; screen passes them on with `mousetrack on`"
    } else if env("TERM").as_deref() == Some("linux") {
        "; the Linux console sends none"
    } else {
        ""
    };
    format!("{what}{note}; M in the app, or Shift while dragging, leaves selecting to the terminal")
}

fn clipboard(env: &impl Fn(&str) -> Option<String>) -> String {
    let note = if env("TMUX").is_some() { "; tmux passes it on with `set -s set-clipboard on`" } else { "" };
    format!("the app copies through the terminal (OSC 52), which some terminals have switched off{note}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(color: Color, terminal: bool, vars: &[(&str, &str)]) -> String {
        let env = |name: &str| vars.iter().find(|(var, _)| *var == name).map(|(_, value)| (*value).to_owned());
        report(color, terminal, env).into_iter().map(|(name, text)| [name, " ", &text, "\n"].concat()).collect()
    }

    #[test]
    fn colours_where_they_are_wanted() {
        let colored = |text: &str| text.contains("\x1b[48;2;");
        assert!(colored(&check(Color::Auto, true, &[])));
        assert!(!colored(&check(Color::Auto, false, &[])));
        assert!(!colored(&check(Color::Auto, true, &[("NO_COLOR", "1")])));
        assert!(!check(Color::Never, true, &[]).contains('\x1b'));
        assert!(colored(&check(Color::Always, false, &[("NO_COLOR", "1")])));
        let text = check(Color::Always, true, &[]);
        assert!(text.lines().all(|line| !line.contains('\x1b') || line.contains(PLAIN)), "no colour runs on");
    }

    #[test]
    fn multiplexers_have_their_own_settings() {
        assert!(check(Color::Auto, true, &[("TMUX", "/tmp/tmux-0")]).contains("set -g mouse on"));
        assert!(check(Color::Auto, true, &[("TERM", "linux")]).contains("console sends none"));
        assert!(!check(Color::Auto, true, &[("TERM", "xterm-256color")]).contains("tmux"));
    }
}
