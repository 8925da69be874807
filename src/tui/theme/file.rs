//! Themes that a person wrote: names and colours out of a file, with the line of what is wrong.

use super::ThemeError;
use super::builtin::{self, Scheme};
use super::colors::ansi16;
use super::palette::NAMES;
use ratatui::style::Color;
use std::str::FromStr as _;

/// A theme file, read but not yet understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThemeFile {
    /// The theme's name: the file's without its ending.
    pub name: String,
    /// The file, as messages show it.
    pub origin: String,
    /// What it says.
    pub entries: Result<Vec<ThemeEntry>, (usize, String)>,
}

/// `name`, `value`, and its line counted from 1.
pub(super) type ThemeEntry = (String, String, usize);

/// A theme out of its file. What the file leaves out is that of its `base`, or of the dark theme.
pub(super) fn read(file: &ThemeFile) -> Result<Scheme, ThemeError> {
    let wrong = |line: usize, problem: String| ThemeError::File { origin: file.origin.clone(), line, problem };
    let entries = file.entries.as_ref().map_err(|(line, problem)| wrong(*line, problem.clone()))?;
    let base = entries.iter().find(|(name, ..)| name == "base");
    let (mut full, mut ansi) = match base {
        None => builtin::DARK.palettes,
        Some((_, value, line)) => {
            let known = builtin::ALL.into_iter().filter(|scheme| scheme.palettes.is_some());
            let names: Vec<String> = known.clone().map(|scheme| scheme.name.into_owned()).collect();
            known
                .into_iter()
                .find(|scheme| scheme.name == *value)
                .ok_or_else(|| wrong(*line, format!("no theme `{value}` to start from: use {}", names.join(", "))))?
                .palettes
        }
    }
    .ok_or_else(|| wrong(1, "its base has no colours".into()))?;
    for (name, value, line) in entries.iter().filter(|(name, ..)| name != "base") {
        let place = full
            .get_mut(name)
            .ok_or_else(|| wrong(*line, format!("unknown colour name `{name}`: use base, {}", NAMES.join(", "))))?;
        let color = color(value).ok_or_else(|| {
            wrong(*line, format!("`{value}` is not a colour: use \"#rrggbb\", a name such as \"light red\", or \"default\""))
        })?;
        *place = color;
        if let Some(place) = ansi.get_mut(name) {
            *place = ansi16(color);
        }
    }
    Ok(Scheme { name: file.name.clone().into(), palettes: Some((full, ansi)) })
}

fn color(text: &str) -> Option<Color> {
    if text == "default" { Some(Color::Reset) } else { Color::from_str(text).ok() }
}
