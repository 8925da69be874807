//! Settings of the terminal app: its keys and its themes as they are written. What the names in
//! them mean is the terminal app's to say.

use super::error::ConfigError;
use super::layers::line_at;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Most theme files that are read.
const MOST_THEMES: usize = 100;
/// Largest theme file that is read, in bytes.
const LARGEST: u64 = 64 * 1024;

/// How the terminal app looks and listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UiSettings {
    /// Name of the theme.
    pub theme: String,
    /// Whether rising prices are red.
    pub red_up: bool,
    /// Changed keys.
    pub keys: Vec<KeyOverride>,
}

/// The keys of an action in the config file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyOverride {
    /// The action's name.
    pub action: String,
    /// Its keys, as written.
    pub chords: Vec<String>,
    /// `FILE:LINE`.
    pub origin: String,
}

/// A theme file, read but not yet understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThemeText {
    /// The file's name without its ending.
    pub name: String,
    /// The file.
    pub path: PathBuf,
    /// Names, values and lines in the file's order; or the line of what is wrong, and what that is.
    pub entries: Result<Vec<ThemeEntry>, ThemeProblem>,
}

/// A name, its value, and its line counted from 1.
pub type ThemeEntry = (String, String, usize);

/// A line counted from 1, and what is wrong there.
pub type ThemeProblem = (usize, String);

/// The theme files in the folder `themes` of `config`, by name. A file that cannot be read is
/// among them with its error.
pub fn themes(config: &Path) -> Vec<ThemeText> {
    let Ok(files) = fs::read_dir(config.join("themes")) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = files
        .filter_map(|file| Some(file.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|ending| ending == "toml"))
        .collect();
    paths.sort();
    paths
        .into_iter()
        .take(MOST_THEMES)
        .filter_map(|path| {
            let name = path.file_stem()?.to_str()?.to_owned();
            let entries = read(&path).map_err(|error| (1, error.to_string())).and_then(|text| entries(&text));
            Some(ThemeText { name, path, entries })
        })
        .collect()
}

fn read(path: &Path) -> io::Result<String> {
    if fs::metadata(path)?.len() > LARGEST {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "a theme is not that large"));
    }
    fs::read_to_string(path)
}

fn entries(text: &str) -> Result<Vec<ThemeEntry>, ThemeProblem> {
    let table = DeTable::parse(text).map_err(|error| {
        let line = line_at(text, error.span().map_or(0, |span| span.start));
        (line, error.message().lines().collect::<Vec<_>>().join(" "))
    })?;
    let mut found = Vec::new();
    for (name, value) in table.get_ref() {
        let line = line_at(text, name.span().start);
        let DeValue::String(value) = value.get_ref() else {
            return Err((line, format!("{} is a colour in quotes", name.get_ref().escape_debug())));
        };
        found.push((name.get_ref().to_string(), value.to_string(), line));
    }
    found.sort_by_key(|(.., line)| *line);
    Ok(found)
}

/// The `[keys]` section, in the file's order.
pub(super) fn keys(table: &DeTable<'_>, text: &str, path: &Path) -> Result<Vec<KeyOverride>, ConfigError> {
    let mut found = Vec::new();
    for (name, value) in table {
        let action = name.get_ref().to_string();
        let refuse = |value: &Spanned<DeValue<'_>>| ConfigError::Key {
            path: path.to_path_buf(),
            line: line_at(text, value.span().start),
            problem: format!("keys.{} is a key in quotes, or a list of them: \"n\" or [\"x\", \"Del\"]", action.escape_debug()),
        };
        let chords = match value.get_ref() {
            DeValue::String(chord) => vec![chord.to_string()],
            DeValue::Array(list) => list
                .iter()
                .map(|item| match item.get_ref() {
                    DeValue::String(chord) => Ok(chord.to_string()),
                    _ => Err(refuse(item)),
                })
                .collect::<Result<_, _>>()?,
            _ => return Err(refuse(value)),
        };
        let line = line_at(text, name.span().start);
        found.push((line, KeyOverride { action, chords, origin: format!("{}:{line}", path.display()) }));
    }
    found.sort_by_key(|(line, _)| *line);
    Ok(found.into_iter().map(|(_, key)| key).collect())
}
