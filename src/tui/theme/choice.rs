//! Which theme is shown, and which come next.

use super::builtin::{self, Scheme};
use super::file::{self, ThemeFile};
use super::{Colors, Theme};

/// How the screens are to look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// What the terminal can show.
    pub colors: Colors,
    /// Name of the theme.
    pub theme: String,
    /// Whether rising prices are red and falling ones green.
    pub red_up: bool,
    /// Themes that the user wrote.
    pub files: Vec<ThemeFile>,
}

impl Look {
    /// The default theme.
    pub fn plain(colors: Colors) -> Self {
        Self { colors, theme: "dark".into(), red_up: false, files: Vec::new() }
    }
}

/// A theme that cannot be used; one line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ThemeError {
    /// None of that name.
    #[error("there is no theme `{name}`: use {known}, or write themes/{name}.toml beside the config file")]
    Unknown {
        /// As wanted.
        name: String,
        /// What there is.
        known: String,
    },
    /// A file that holds something else.
    #[error("{origin}:{line}: {problem}")]
    File {
        /// The file.
        origin: String,
        /// Counted from 1.
        line: usize,
        /// What is wrong and what is allowed.
        problem: String,
    },
}

/// The themes there are, and the chosen one.
#[derive(Debug, Clone)]
pub(crate) struct Themes {
    all: Vec<Scheme>,
    at: usize,
    colors: Colors,
    /// Whether rising prices are red.
    pub(crate) red_up: bool,
}

impl Themes {
    /// The built-in themes and those of files; a file replaces a built-in theme of its name. A
    /// broken file is an error where it is the wanted one, and a word to the user where not.
    pub(crate) fn new(look: &Look) -> Result<(Self, Vec<ThemeError>), ThemeError> {
        let mut all: Vec<Scheme> = builtin::ALL.into();
        let mut broken = Vec::new();
        for file in &look.files {
            match file::read(file) {
                Ok(scheme) => match all.iter_mut().find(|known| known.name == scheme.name) {
                    Some(known) => *known = scheme,
                    None => all.push(scheme),
                },
                Err(error) if file.name == look.theme => return Err(error),
                Err(error) => broken.push(error),
            }
        }
        let at = all.iter().position(|scheme| scheme.name == look.theme).ok_or_else(|| ThemeError::Unknown {
            name: look.theme.clone(),
            known: all.iter().map(|scheme| scheme.name.as_ref()).collect::<Vec<_>>().join(", "),
        })?;
        Ok((Self { all, at, colors: look.colors, red_up: look.red_up }, broken))
    }

    /// Names of the themes.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.all.iter().map(|scheme| scheme.name.as_ref())
    }

    /// Number of the chosen one.
    pub(crate) const fn chosen(&self) -> usize {
        self.at
    }

    /// Chooses the theme of this number, if there is one.
    pub(crate) fn choose(&mut self, at: usize) {
        self.at = at.min(self.all.len().saturating_sub(1));
    }

    /// Chooses the next, or the first after the last.
    pub(crate) fn next(&mut self) {
        self.at = (self.at + 1) % self.all.len().max(1);
    }

    /// The chosen theme, fitted to the terminal.
    pub(crate) fn theme(&self) -> Theme {
        let drawn = |scheme| Theme::drawn(scheme, self.colors, self.red_up);
        self.all.get(self.at).map_or_else(|| Theme::dark(self.colors), drawn)
    }
}
