//! The layers below the flags: environment, `.env`, config file.

use super::error::{ConfigError, Origin};
use super::key::{self, KEYS, Key, Kind};
use super::ui::{self, KeyOverride};
use super::{Dirs, Overrides};
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

/// A byte-order mark that some editors put in front.
const BOM: char = '\u{feff}';

/// Every layer, read once.
pub(super) struct Layers {
    overrides: Overrides,
    env: BTreeMap<&'static str, String>,
    dot_env: BTreeMap<&'static str, String>,
    dot_env_path: PathBuf,
    /// By name: the value as text, and its line.
    file: BTreeMap<&'static str, (String, usize)>,
    keys: Vec<KeyOverride>,
    file_path: PathBuf,
    file_is_there: bool,
}

impl Layers {
    pub(super) fn read(
        overrides: Overrides,
        env: impl Fn(&str) -> Option<String>,
        cwd: &Path,
        dirs: &Dirs,
    ) -> Result<Self, ConfigError> {
        let variables = KEYS.iter().filter_map(|key| key.variable);
        let dot_env_path = cwd.join(".env");
        let dot_env = match read(&dot_env_path)? {
            Some(text) => parse_dot_env(&text, &dot_env_path)?,
            None => BTreeMap::new(),
        };
        let file_path = super::file_path(overrides.config.as_deref(), cwd, || Ok(dirs.clone()))?;
        let text = read(&file_path)?;
        if text.is_none() && overrides.config.is_some() {
            let error = io::Error::new(io::ErrorKind::NotFound, "there is no such file");
            return Err(ConfigError::Read { path: file_path, error });
        }
        let (file, keys) = parse_file(text.as_deref().unwrap_or_default(), &file_path)?;
        Ok(Self {
            env: variables.filter_map(|name| Some((name, env(name)?))).collect(),
            dot_env,
            dot_env_path,
            file,
            keys,
            file_path,
            file_is_there: text.is_some(),
            overrides,
        })
    }

    /// The uppermost value of a setting. A variable that is set to nothing counts as not set, so
    /// that a copied `.env.example` changes nothing.
    pub(super) fn find(&self, name: &str) -> Option<(&'static str, String, Origin)> {
        let key = key::find(name)?;
        let flag = match key.name {
            "log.level" => self.overrides.log_level.as_ref().map(|text| (text, "--log-level")),
            "record.patience" => self.overrides.patience.as_ref().map(|text| (text, "--patience")),
            _ => None,
        };
        if let Some((text, flag)) = flag {
            return Some((key.name, text.clone(), Origin::Flag(flag)));
        }
        if let Some(variable) = key.variable {
            let set = |layer: &BTreeMap<&'static str, String>| layer.get(variable).filter(|text| !text.is_empty()).cloned();
            if let Some(text) = set(&self.env) {
                return Some((key.name, text, Origin::Env(variable)));
            }
            if let Some(text) = set(&self.dot_env) {
                return Some((key.name, text, Origin::DotEnv { path: self.dot_env_path.clone(), variable }));
            }
        }
        let (text, line) = self.file.get(key.name)?;
        Some((key.name, text.clone(), Origin::File { path: self.file_path.clone(), line: *line, key: key.name }))
    }

    /// `--db` as it is: a path need not be text.
    pub(super) fn db_flag(&self) -> Option<&Path> {
        self.overrides.db.as_deref()
    }

    /// The `[keys]` section of the config file.
    pub(super) fn keys(&self) -> &[KeyOverride] {
        &self.keys
    }

    pub(super) fn file(&self) -> (PathBuf, bool) {
        (self.file_path.clone(), self.file_is_there)
    }
}

fn read(path: &Path) -> Result<Option<String>, ConfigError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text.trim_start_matches(BOM).to_owned())),
        // A folder `.env`, such as a Python environment, is none of ours.
        Err(error) if error.kind() == io::ErrorKind::NotFound || path.is_dir() && path.ends_with(".env") => Ok(None),
        Err(error) => Err(ConfigError::Read { path: path.to_path_buf(), error }),
    }
}

/// Our variables of a `.env` file; others belong to other programs. The first of a name wins.
fn parse_dot_env(text: &str, path: &Path) -> Result<BTreeMap<&'static str, String>, ConfigError> {
    let mut found = BTreeMap::new();
    for item in dotenvy::from_read_iter(text.as_bytes()) {
        let (name, value) = item.map_err(|error| {
            // Its own message repeats the line, which may hold a secret.
            let broken = match &error {
                dotenvy::Error::LineParse(line, _) => text.find(line.trim()).unwrap_or_default(),
                _ => 0,
            };
            let problem = "this is not NAME=value: values with spaces or $ stand in single quotes".to_owned();
            ConfigError::Syntax { path: path.to_path_buf(), line: line_at(text, broken), problem }
        })?;
        if let Some(variable) = KEYS.iter().filter_map(|key| key.variable).find(|variable| *variable == name) {
            found.entry(variable).or_insert(value);
        }
    }
    Ok(found)
}

type FileValues = (BTreeMap<&'static str, (String, usize)>, Vec<KeyOverride>);

fn parse_file(text: &str, path: &Path) -> Result<FileValues, ConfigError> {
    let table = DeTable::parse(text).map_err(|error| ConfigError::Syntax {
        path: path.to_path_buf(),
        line: line_at(text, error.span().map_or(0, |span| span.start)),
        problem: error.message().lines().collect::<Vec<_>>().join(" "),
    })?;
    let mut found = BTreeMap::new();
    let mut keys = Vec::new();
    for (name, value) in table.get_ref() {
        match value.get_ref() {
            // Its names are those of actions, which the terminal app knows.
            DeValue::Table(inner) if name.get_ref() == "keys" => keys = ui::keys(inner, text, path)?,
            _ => collect(name, value, "", text, path, &mut found)?,
        }
    }
    Ok((found, keys))
}

fn collect(
    name: &Spanned<DeString<'_>>,
    value: &Spanned<DeValue<'_>>,
    section: &str,
    text: &str,
    path: &Path,
    found: &mut BTreeMap<&'static str, (String, usize)>,
) -> Result<(), ConfigError> {
    let line = line_at(text, name.span().start);
    let refuse = |problem: String| ConfigError::Key { path: path.to_path_buf(), line, problem };
    let full = if section.is_empty() { name.get_ref().to_string() } else { format!("{section}.{}", name.get_ref()) };
    let is_section = KEYS.iter().any(|key| key.name.split_once('.').is_some_and(|(first, _)| first == full));
    if let (true, DeValue::Table(inner)) = (is_section, value.get_ref()) {
        return inner.iter().try_for_each(|(name, value)| collect(name, value, &full, text, path, found));
    }
    let Some(key) = key::find(&full) else { return Err(refuse(unknown(&full, value.get_ref()))) };
    found.insert(key.name, (as_text(key, value).map_err(refuse)?, line));
    Ok(())
}

fn as_text(key: &Key, value: &Spanned<DeValue<'_>>) -> Result<String, String> {
    match (key.kind, value.get_ref()) {
        (Kind::Text, DeValue::String(text)) => Ok(text.to_string()),
        (Kind::Number { .. }, DeValue::Integer(number)) => i64::from_str_radix(number.as_str(), number.radix())
            .map(|number| number.to_string())
            .map_err(|_| format!("{} is too large a number", key.name)),
        (Kind::Switch { .. }, DeValue::Boolean(value)) => Ok(value.to_string()),
        (Kind::Switch { .. }, _) => Err(format!("{} is true or false, without quotes", key.name)),
        (Kind::Text, _) => Err(format!("{} is text and stands in quotes", key.name)),
        (Kind::Number { least, most, .. }, _) => {
            Err(format!("{} is a whole number from {least} to {most}, without quotes", key.name))
        }
        (Kind::Secret, _) => {
            let variable = key.variable.unwrap_or_default();
            Err(format!("{} is not read from here: set {variable} in the environment or in .env", key.name))
        }
    }
}

fn unknown(name: &str, value: &DeValue<'_>) -> String {
    let shown = name.escape_debug();
    let what = if matches!(value, DeValue::Table(_)) { "section" } else { "key" };
    // A whole section is told by the first name in it.
    let inner = match value {
        DeValue::Table(table) => table.keys().next().map(|first| format!("{name}.{}", first.get_ref())),
        _ => None,
    };
    match key::nearest(inner.as_deref().unwrap_or(name)) {
        Some(near) => format!("unknown {what} `{shown}`: did you mean `{near}`?"),
        None => format!("unknown {what} `{shown}`: `marketdata-tui config show` lists every key"),
    }
}

/// The line, counted from 1, that holds this byte.
pub(super) fn line_at(text: &str, byte: usize) -> usize {
    text.bytes().take(byte).filter(|byte| *byte == b'\n').count() + 1
}
