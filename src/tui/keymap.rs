//! Which key does what, where: one table for dispatch, hint bar, help and README.

mod name;
mod overrides;
mod table;

pub(crate) use name::name;
pub use overrides::KeyOverride;
pub(crate) use table::Binding;

use super::action::Action;
use super::chord::Chord;
use std::collections::HashMap;
use std::fmt::Write as _;

/// Where a key holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Context {
    /// On every screen, but not in dialogs.
    Everywhere,
    /// The watch screen without a symbol.
    Welcome,
    /// The watch screen.
    Watch,
    /// The chart screen.
    Chart,
    /// The coverage screen.
    Coverage,
    /// The jobs screen.
    Jobs,
    /// The log screen.
    Log,
    /// The market screen.
    Market,
    /// The text filter of the log, while it is typed.
    Search,
    /// A dialog in which text is typed.
    Form,
    /// A dialog that asks yes or no.
    Confirm,
    /// The list of keys.
    Help,
    /// The filter of the watch table, while it is typed.
    Filter,
    /// The list of alerts.
    Alerts,
    /// The command palette.
    Palette,
    /// The list of indicators.
    Studies,
    /// The list of intervals.
    Intervals,
}

impl Context {
    /// Every context, in the order of the documentation.
    pub(crate) const ALL: [Self; 17] = [
        Self::Everywhere,
        Self::Welcome,
        Self::Watch,
        Self::Chart,
        Self::Coverage,
        Self::Jobs,
        Self::Log,
        Self::Market,
        Self::Search,
        Self::Form,
        Self::Confirm,
        Self::Help,
        Self::Filter,
        Self::Alerts,
        Self::Palette,
        Self::Studies,
        Self::Intervals,
    ];

    /// For headings.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Everywhere => "Every screen",
            Self::Welcome => "First start",
            Self::Watch => "Watch",
            Self::Chart => "Chart",
            Self::Coverage => "Coverage",
            Self::Jobs => "Jobs",
            Self::Log => "Log",
            Self::Market => "Market",
            Self::Search => "Text filter of the log",
            Self::Form => "Dialogs",
            Self::Confirm => "Questions",
            Self::Help => "Help",
            Self::Filter => "Filter",
            Self::Alerts => "Alerts",
            Self::Palette => "Palette",
            Self::Studies => "Indicators",
            Self::Intervals => "Intervals",
        }
    }

    /// Whether the keys of [`Context::Everywhere`] hold here too.
    const fn is_screen(self) -> bool {
        matches!(self, Self::Welcome | Self::Watch | Self::Chart | Self::Coverage | Self::Jobs | Self::Log | Self::Market)
    }
}

/// A key table that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeymapError {
    /// A key that does not exist.
    #[error("`{0}` is not a key")]
    UnknownKey(String),
    /// Two actions on one key.
    #[error("{}`{key}` means both `{first}` and `{second}` on {context}", after(.origin))]
    Duplicate {
        /// `FILE:LINE` of the change that led to it; empty for the standard table.
        origin: String,
        /// The key.
        key: String,
        /// Where.
        context: &'static str,
        /// The action that has it.
        first: &'static str,
        /// The action that wants it.
        second: &'static str,
    },
    /// A change of a key that does not exist, or to one.
    #[error("{origin}: {problem}")]
    Override {
        /// `FILE:LINE`.
        origin: String,
        /// What is wrong and what is allowed.
        problem: String,
    },
}

fn after(origin: &str) -> String {
    if origin.is_empty() { String::new() } else { format!("{origin}: ") }
}

/// Keys that do a thing to either side, and what they do in a word or two.
#[derive(Debug, Clone)]
pub(crate) struct HintGroup {
    /// Never none.
    pub(crate) keys: Vec<(String, &'static Action)>,
    pub(crate) words: &'static str,
}

impl HintGroup {
    /// `[ ]`.
    pub(crate) fn keys_text(&self) -> String {
        self.keys.iter().map(|(key, _)| key.as_str()).collect::<Vec<_>>().join(" ")
    }
}

/// The table, ready for dispatch.
#[derive(Debug)]
pub(crate) struct Keymap {
    bindings: Vec<(&'static Binding, Vec<Chord>)>,
    index: HashMap<(Context, Chord), usize>,
}

impl Keymap {
    /// The keys that the documentation lists.
    pub(crate) fn standard() -> Result<Self, KeymapError> {
        Self::new(&table::TABLE, &[])
    }

    /// The standard keys, but for the changed ones.
    pub(crate) fn changed(overrides: &[KeyOverride]) -> Result<Self, KeymapError> {
        Self::new(&table::TABLE, overrides)
    }

    /// Refuses unknown keys and keys with two meanings in one place.
    fn new(table: &'static [Binding], overrides: &[KeyOverride]) -> Result<Self, KeymapError> {
        overrides::check(table, overrides)?;
        let mut keymap = Self { bindings: Vec::new(), index: HashMap::new() };
        let mut origins: Vec<&str> = Vec::new();
        for binding in table {
            let (chords, origin) = overrides::chords(binding, overrides)?;
            for chord in &chords {
                let holder = |context| keymap.index.get(&(context, *chord)).copied();
                let elsewhere = match binding.context {
                    Context::Everywhere => Context::ALL.into_iter().filter(|other| other.is_screen()).find_map(holder),
                    own if own.is_screen() => holder(Context::Everywhere),
                    _ => None,
                };
                if let Some(at) = holder(binding.context).or(elsewhere) {
                    let (first, _) = keymap.bindings[at];
                    return Err(KeymapError::Duplicate {
                        origin: if origin.is_empty() { origins[at] } else { origin }.to_owned(),
                        key: chord.to_string(),
                        context: if first.context == Context::Everywhere { binding } else { first }.context.name(),
                        first: first.name(),
                        second: binding.name(),
                    });
                }
                keymap.index.insert((binding.context, *chord), keymap.bindings.len());
            }
            keymap.bindings.push((binding, chords));
            origins.push(origin);
        }
        Ok(keymap)
    }

    /// What `chord` does in `context`.
    pub(crate) fn action(&self, context: Context, chord: Chord) -> Option<&'static Action> {
        let own = self.index.get(&(context, chord));
        let everywhere = || context.is_screen().then(|| self.index.get(&(Context::Everywhere, chord))).flatten();
        own.or_else(everywhere).map(|at| &self.bindings[*at].0.action)
    }

    /// Key, short words and action of what can be done in `context`, the most useful first.
    pub(crate) fn hints(&self, context: Context) -> impl Iterator<Item = (String, &'static str, &'static Action)> {
        self.lines(context)
            .filter(|(binding, _)| !binding.hint.is_empty())
            .filter_map(|(binding, chords)| Some((chords.first()?.to_string(), binding.hint, &binding.action)))
    }

    /// The same, neighbours with the same words together: `[ ] interval`.
    pub(crate) fn hint_groups(&self, context: Context) -> Vec<HintGroup> {
        let mut groups: Vec<HintGroup> = Vec::new();
        for (key, words, action) in self.hints(context) {
            match groups.last_mut().filter(|group| group.words == words) {
                Some(group) => group.keys.push((key, action)),
                None => groups.push(HintGroup { keys: vec![(key, action)], words }),
            }
        }
        groups
    }

    /// The key that texts name for an action; where the user has taken all its keys away, its name.
    pub(crate) fn key_of(&self, wanted: &'static str) -> String {
        let found = self.bindings.iter().find(|(binding, _)| name(&binding.action) == Some(wanted));
        found.and_then(|(_, chords)| chords.first()).map_or_else(|| wanted.to_owned(), ToString::to_string)
    }

    /// Everything that can be done in `context`, with its keys, also what has none.
    pub(crate) fn actions(&self, context: Context) -> impl Iterator<Item = (&'static Binding, String)> {
        self.lines(context).map(|(binding, chords)| (*binding, shown(chords)))
    }

    /// Keys and what they do in `context`: its own, and on a screen those of every screen.
    pub(crate) fn help(&self, context: Context) -> impl Iterator<Item = (Context, String, &'static str)> {
        self.lines(context)
            .filter(|(_, chords)| !chords.is_empty())
            .map(|(binding, chords)| (binding.context, shown(chords), binding.description))
    }

    fn lines(&self, context: Context) -> impl Iterator<Item = &(&'static Binding, Vec<Chord>)> {
        let of = move |wanted: Context| self.bindings.iter().filter(move |(binding, _)| binding.context == wanted);
        of(context).chain(of(Context::Everywhere).filter(move |_| context.is_screen()))
    }
}

fn shown(chords: &[Chord]) -> String {
    chords.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

/// The keys of every screen as Markdown tables, for the README.
pub fn markdown() -> Result<String, KeymapError> {
    let keymap = Keymap::standard()?;
    let mut text = String::new();
    for context in Context::ALL {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "**{}**\n\n| key | does |\n|---|---|", context.name());
        for (binding, chords) in
            keymap.bindings.iter().filter(|(binding, chords)| binding.context == context && !chords.is_empty())
        {
            let keys: Vec<String> = chords.iter().map(code).collect();
            let _ = writeln!(text, "| {} | {} |", keys.join(" "), binding.description);
        }
        text.push('\n');
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    Ok(text)
}

fn code(chord: &Chord) -> String {
    match chord.to_string().as_str() {
        "`" => "`` ` ``".into(),
        "|" => "`\\|`".into(),
        key => format!("`{key}`"),
    }
}

#[cfg(test)]
mod tests;
