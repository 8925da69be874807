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
    /// Whether the config file names the theme: then no remembered one takes its place.
    pub theme_is_set: bool,
    /// Whether the config file names the colour of rising prices.
    pub up_is_set: bool,
    /// Themes that the user wrote.
    pub files: Vec<ThemeFile>,
}

impl Look {
    /// The default theme.
    pub fn plain(colors: Colors) -> Self {
        Self { colors, theme: "dark".into(), red_up: false, theme_is_set: false, up_is_set: false, files: Vec::new() }
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
    theme_is_set: bool,
    up_is_set: bool,
    /// The theme that was chosen on screen, in this run or before.
    by_hand: Option<String>,
    up_by_hand: Option<bool>,
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
        let themes = Self {
            all,
            at,
            colors: look.colors,
            red_up: look.red_up,
            theme_is_set: look.theme_is_set,
            up_is_set: look.up_is_set,
            by_hand: None,
            up_by_hand: None,
        };
        Ok((themes, broken))
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
        let at = at.min(self.all.len().saturating_sub(1));
        if at != self.at {
            self.at = at;
            self.by_hand = self.all.get(at).map(|scheme| scheme.name.clone().into_owned());
        }
    }

    /// Chooses the next, or the first after the last.
    pub(crate) fn next(&mut self) {
        self.choose((self.at + 1) % self.all.len().max(1));
    }

    /// Red for rising prices, or green.
    pub(crate) fn set_red_up(&mut self, red_up: bool) {
        if red_up != self.red_up {
            self.red_up = red_up;
            self.up_by_hand = Some(red_up);
        }
    }

    /// What was chosen on screen, to be remembered: the theme, and whether rising prices are red.
    pub(crate) fn by_hand(&self) -> (Option<&str>, Option<bool>) {
        (self.by_hand.as_deref(), self.up_by_hand)
    }

    /// Goes on with a theme that an earlier run chose, unless the config file or this run has chosen.
    pub(crate) fn restore(&mut self, name: &str) {
        let there = self.names().position(|known| known == name);
        if let Some(at) = there.filter(|_| self.by_hand.is_none()) {
            self.by_hand = Some(name.to_owned());
            self.at = if self.theme_is_set { self.at } else { at };
        }
    }

    /// The same for the colour of rising prices.
    pub(crate) fn restore_red_up(&mut self, red_up: bool) {
        if self.up_by_hand.is_none() {
            self.up_by_hand = Some(red_up);
            self.red_up = if self.up_is_set { self.red_up } else { red_up };
        }
    }

    /// For how long a choice holds, for the dialog that chooses.
    pub(crate) fn holds(&self) -> String {
        let set = match (self.theme_is_set, self.up_is_set) {
            (false, false) => return "Theme and colours are kept for the next run, the mouse until the app ends.".into(),
            (true, false) => "ui.theme",
            (false, true) => "ui.up_color",
            (true, true) => "ui.theme and ui.up_color",
        };
        format!("What the config file says of {set} holds again at the next start. The mouse is kept until the app ends.")
    }

    /// Whether the config file's theme holds again at the next start.
    pub(crate) const fn theme_gives_way(&self) -> bool {
        self.theme_is_set
    }

    /// The same for the colour of rising prices.
    pub(crate) const fn up_gives_way(&self) -> bool {
        self.up_is_set
    }

    /// The chosen theme, fitted to the terminal.
    pub(crate) fn theme(&self) -> Theme {
        let drawn = |scheme| Theme::drawn(scheme, self.colors, self.red_up);
        self.all.get(self.at).map_or_else(|| Theme::dark(self.colors), drawn)
    }
}
