use super::builtin::{self, Scheme};
use super::palette::{NAMES, Palette};
use super::*;
use ratatui::style::Color;

fn names() -> Vec<String> {
    builtin::ALL.into_iter().map(|scheme| scheme.name.into_owned()).collect()
}

fn full(name: &str) -> Palette {
    builtin::ALL.into_iter().find(|scheme| scheme.name == name).and_then(|scheme| scheme.palettes).unwrap().0
}

/// Relative luminance and contrast ratio of WCAG 2.1, sections "relative luminance" and "contrast ratio".
fn contrast(a: Color, b: Color) -> f64 {
    let luminance = |color| {
        let Color::Rgb(r, g, b) = color else { panic!("{color} is not fixed") };
        let linear = |value: u8| {
            let share = f64::from(value) / 255.0;
            if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
    };
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn everything_can_be_read() {
    let check = |name: &str, least: f64| {
        let palette = full(name);
        for (what, color) in [
            ("text", palette.text),
            ("dim", palette.dim),
            ("accent", palette.accent),
            ("rising", palette.rising),
            ("falling", palette.falling),
            ("warn", palette.warn),
            ("off", palette.off),
        ] {
            for (under, ground) in [("background", palette.background), ("popup", palette.popup)] {
                let ratio = contrast(color, ground);
                assert!(ratio >= least, "{name}: {what} on {under} is {ratio:.2}, below {least}");
            }
        }
        for (what, color) in [("text", palette.text), ("rising", palette.rising), ("falling", palette.falling)] {
            let ratio = contrast(color, palette.selection);
            assert!(ratio >= 4.0, "{name}: {what} on the selection is {ratio:.2}");
        }
        for ground in [palette.accent, palette.warn, palette.text] {
            assert!(contrast(palette.paper, ground) >= least, "{name}: paper");
        }
    };
    check("dark", 4.5);
    check("light", 4.5);
    check("color-blind", 4.5);
    check("high-contrast", 7.0);
}

/// The names in files reach every colour.
#[test]
fn names_are_whole() {
    let mut palette = full("dark");
    for name in NAMES {
        *palette.get_mut(name).unwrap() = Color::Indexed(99);
    }
    assert_eq!(palette, palette.map(|_| Color::Indexed(99)));
}

fn file(entries: &[(&str, &str, usize)]) -> ThemeFile {
    let entries = entries.iter().map(|(name, value, line)| ((*name).to_owned(), (*value).to_owned(), *line)).collect();
    ThemeFile { name: "mine".into(), origin: "themes/mine.toml".into(), entries: Ok(entries) }
}

fn look(theme: &str, files: Vec<ThemeFile>) -> Look {
    Look { theme: theme.into(), files, ..Look::plain(Colors::Rgb) }
}

#[test]
fn a_file_changes_what_it_names() {
    let mine = file(&[("base", "light", 1), ("rising", "#123456", 3), ("background", "default", 4), ("off", "light red", 5)]);
    let (themes, broken) = Themes::new(&look("mine", vec![mine])).unwrap();
    assert!(broken.is_empty());
    let theme = themes.theme();
    assert_eq!(theme.rising.fg, Some(Color::Rgb(0x12, 0x34, 0x56)));
    assert_eq!(theme.screen.bg, Some(Color::Reset));
    assert_eq!(theme.gap(GapReason::RecorderOff).fg, Some(Color::LightRed));
    assert_eq!(theme.falling.fg, Some(full("light").falling), "the rest is its base's");
    assert!(themes.names().eq(names().iter().map(String::as_str).chain(["mine"])));
}

#[test]
fn a_wrong_file_is_told_by_its_line() {
    let check = |entries: &[(&str, &str, usize)], expected: &str| {
        let refusal = Themes::new(&look("mine", vec![file(entries)])).map(|_| ()).unwrap_err().to_string();
        assert_eq!(refusal, expected);
        let (_, broken) = Themes::new(&look("dark", vec![file(entries)])).unwrap();
        assert_eq!(broken[0].to_string(), expected, "told, but no reason not to start");
    };
    check(
        &[("text", "#123", 2)],
        "themes/mine.toml:2: `#123` is not a colour: use \"#rrggbb\", a name such as \"light red\", or \"default\"",
    );
    check(
        &[("txet", "red", 7)],
        "themes/mine.toml:7: unknown colour name `txet`: use base, background, text, dim, border, accent, selection, popup, paper, \
         rising, falling, warn, off",
    );
    check(
        &[("base", "drak", 1)],
        "themes/mine.toml:1: no theme `drak` to start from: use dark, light, high-contrast, color-blind, 16-colors",
    );
    let unknown = Themes::new(&look("drak", Vec::new())).map(|_| ()).unwrap_err().to_string();
    assert!(unknown.starts_with("there is no theme `drak`: use dark, light, "), "{unknown}");
}

#[test]
fn themes_follow_each_other_and_red_may_rise() {
    let (mut themes, _) = Themes::new(&look("dark", Vec::new())).unwrap();
    let (rising, ok) = (themes.theme().rising, themes.theme().ok);
    themes.red_up = true;
    assert_eq!((themes.theme().falling, themes.theme().ok), (rising, ok));
    let count = themes.names().count();
    for _ in 0..count {
        themes.next();
    }
    assert_eq!(themes.chosen(), 0);
}

#[test]
fn terminals_get_what_they_can_show() {
    let kinds = |scheme: &Scheme, colors: Colors| {
        let theme = Theme::drawn(scheme, colors, false);
        [theme.text, theme.rising, theme.falling, theme.warn, theme.screen].into_iter().flat_map(|style| [style.fg, style.bg])
    };
    for scheme in builtin::ALL {
        assert!(kinds(&scheme, Colors::Mono).all(|color| color.is_none()), "{}", scheme.name);
        let plain = |color: Option<Color>| !matches!(color, Some(Color::Rgb(..) | Color::Indexed(_)));
        assert!(kinds(&scheme, Colors::Ansi16).all(plain), "{}", scheme.name);
        let fixed = |color: Option<Color>| !matches!(color, Some(Color::Rgb(..)));
        assert!(kinds(&scheme, Colors::Xterm256).all(fixed), "{}", scheme.name);
        if let Some((full, _)) = scheme.palettes {
            let coarse = full.map(super::colors::xterm256);
            assert_ne!(coarse.rising, coarse.falling);
            assert!(coarse.text != coarse.background || coarse.text == Color::Reset, "{}", scheme.name);
        }
    }
}
