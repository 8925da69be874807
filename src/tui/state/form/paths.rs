//! The file of an export: the name that it has by itself, and completion of the path that is typed.

use super::{Form, Purpose, Value};
use std::path::PathBuf;

/// Names that are offered at a time.
const OFFERED: usize = 6;

/// Names in the folder of the path that is typed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Folder {
    /// The folder as typed, up to its last `/`; nothing while none was asked for.
    pub(crate) asked: Option<String>,
    /// Number of the newest question.
    pub(crate) generation: u64,
    /// Its names, folders with a `/` at their end.
    pub(crate) names: Vec<String>,
}

impl Form {
    /// An empty file field stands for a name that follows interval and format.
    pub(super) fn hint_file(&mut self) {
        let default = self.default_file().display().to_string();
        if let Some(field) = self.fields.iter_mut().find(|field| field.label == "File") {
            field.hint = default;
        }
    }

    pub(super) fn default_file(&self) -> PathBuf {
        let Purpose::Export(subject) = &self.purpose else { return PathBuf::new() };
        let symbol: String = subject.symbol.chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect();
        PathBuf::from(format!("{symbol}-{}.{}", self.field("Interval"), self.field("Format")))
    }

    /// The path in the field that is typed in: its folder up to the last `/`, and the rest.
    pub(super) fn path(&self) -> Option<(&str, &str)> {
        let field = self.fields.get(self.focus).filter(|field| field.label == "File")?;
        let Value::Text(input) = &field.value else { return None };
        let text = input.text();
        Some(text.split_at(text.rfind('/').map_or(0, |at| at + 1)))
    }

    /// The folder of the path that is typed, where it is not the one whose names are known.
    pub(crate) fn unknown_folder(&mut self) -> Option<(u64, String)> {
        let folder = self.path()?.0.to_owned();
        if self.folder.asked.as_ref() == Some(&folder) {
            return None;
        }
        let generation = self.folder.generation + 1;
        self.folder = Folder { asked: Some(folder.clone()), generation, names: Vec::new() };
        Some((generation, folder))
    }

    /// Names that go on with what is typed; none before something is. Hidden ones want their dot.
    pub(crate) fn completions(&self) -> Vec<&str> {
        let Some((folder, rest)) = self.path() else { return Vec::new() };
        if folder.is_empty() && rest.is_empty() {
            return Vec::new();
        }
        let fits = |name: &&String| name.starts_with(rest) && *name != rest && (rest.starts_with('.') || !name.starts_with('.'));
        self.folder.names.iter().filter(fits).take(OFFERED).map(String::as_str).collect()
    }

    /// Puts in what all completions have in common; whether that is more than what is typed.
    pub(super) fn complete_path(&mut self) -> bool {
        let Some((folder, rest)) = self.path() else { return false };
        let offered = self.completions();
        let Some(first) = offered.first() else { return false };
        let common = |a: &str, b: &str| a.chars().zip(b.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum();
        let length = offered.iter().map(|name| common(first, name)).min().unwrap_or(0);
        if length <= rest.len() {
            return false;
        }
        let text = format!("{folder}{}", &first[..length]);
        self.set_path(text);
        true
    }

    /// Puts the completion of this number in; whether there is one.
    pub(super) fn take_path(&mut self, at: usize) -> bool {
        let Some((folder, _)) = self.path() else { return false };
        let Some(name) = self.completions().get(at).copied() else { return false };
        let text = format!("{folder}{name}");
        self.set_path(text);
        true
    }

    fn set_path(&mut self, text: String) {
        if let Some(field) = self.fields.get_mut(self.focus) {
            field.value = Value::Text(super::Input::of(text));
        }
        self.picked = None;
    }
}
