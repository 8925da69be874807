//! Which key does what, where: one table for dispatch, hint bar, help and README.

mod table;

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
    /// The jobs screen.
    Jobs,
    /// The log screen.
    Log,
    /// A dialog in which text is typed.
    Form,
    /// A dialog that asks yes or no.
    Confirm,
    /// The list of keys.
    Help,
    /// The list of indicators.
    Studies,
}

impl Context {
    /// Every context, in the order of the documentation.
    pub(crate) const ALL: [Self; 10] = [
        Self::Everywhere,
        Self::Welcome,
        Self::Watch,
        Self::Chart,
        Self::Jobs,
        Self::Log,
        Self::Form,
        Self::Confirm,
        Self::Help,
        Self::Studies,
    ];

    /// For headings.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Everywhere => "Every screen",
            Self::Welcome => "First start",
            Self::Watch => "Watch",
            Self::Chart => "Chart",
            Self::Jobs => "Jobs",
            Self::Log => "Log",
            Self::Form => "Dialogs",
            Self::Confirm => "Questions",
            Self::Help => "Help",
            Self::Studies => "Indicators",
        }
    }

    /// Whether the keys of [`Context::Everywhere`] hold here too.
    const fn is_screen(self) -> bool {
        matches!(self, Self::Welcome | Self::Watch | Self::Chart | Self::Jobs | Self::Log)
    }
}

/// A key table that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeymapError {
    /// A key that does not exist.
    #[error("`{0}` is not a key")]
    UnknownKey(String),
    /// Two actions on one key.
    #[error("{key} has two meanings on {context}")]
    Duplicate {
        /// The key.
        key: String,
        /// Where.
        context: &'static str,
    },
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
        Self::new(&table::TABLE)
    }

    /// Refuses unknown keys and keys with two meanings in one place.
    fn new(table: &'static [Binding]) -> Result<Self, KeymapError> {
        let mut keymap = Self { bindings: Vec::new(), index: HashMap::new() };
        for binding in table {
            let chords: Result<Vec<Chord>, _> = binding.chords.iter().map(|text| text.parse::<Chord>()).collect();
            let chords = chords.map_err(|_| KeymapError::UnknownKey(binding.chords.join(" ")))?;
            for chord in &chords {
                let taken = |context| keymap.index.contains_key(&(context, *chord));
                let clash = match binding.context {
                    Context::Everywhere => Context::ALL.into_iter().filter(|other| other.is_screen()).any(taken),
                    own => own.is_screen() && taken(Context::Everywhere),
                };
                if clash || taken(binding.context) {
                    return Err(KeymapError::Duplicate { key: chord.to_string(), context: binding.context.name() });
                }
                keymap.index.insert((binding.context, *chord), keymap.bindings.len());
            }
            keymap.bindings.push((binding, chords));
        }
        Ok(keymap)
    }

    /// What `chord` does in `context`.
    pub(crate) fn action(&self, context: Context, chord: Chord) -> Option<&'static Action> {
        let own = self.index.get(&(context, chord));
        let everywhere = || context.is_screen().then(|| self.index.get(&(Context::Everywhere, chord))).flatten();
        own.or_else(everywhere).map(|at| &self.bindings[*at].0.action)
    }

    /// Key and short words of what can be done in `context`, the most useful first.
    pub(crate) fn hints(&self, context: Context) -> impl Iterator<Item = (String, &'static str)> {
        self.lines(context)
            .filter(|(binding, _)| !binding.hint.is_empty())
            .filter_map(|(binding, chords)| Some((chords.first()?.to_string(), binding.hint)))
    }

    /// Keys and what they do in `context`: its own, and on a screen those of every screen.
    pub(crate) fn help(&self, context: Context) -> impl Iterator<Item = (Context, String, &'static str)> {
        self.lines(context).map(|(binding, chords)| (binding.context, shown(chords), binding.description))
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
        for (binding, chords) in keymap.bindings.iter().filter(|(binding, _)| binding.context == context) {
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
mod tests {
    use super::*;

    const fn binding(context: Context, chords: &'static [&'static str]) -> Binding {
        Binding { context, chords, action: Action::Quit, hint: "", description: "quit" }
    }

    #[test]
    fn the_standard_table_is_sound() {
        let keymap = Keymap::standard().unwrap();
        for (binding, chords) in &keymap.bindings {
            assert!(!chords.is_empty() && !binding.description.is_empty());
            assert!(binding.description.chars().next().is_some_and(char::is_lowercase), "{}", binding.description);
        }
    }

    #[test]
    fn two_meanings_are_refused() {
        static SAME: [Binding; 2] = [binding(Context::Watch, &["a", "b"]), binding(Context::Watch, &["b"])];
        static SHADOW: [Binding; 2] = [binding(Context::Watch, &["a"]), binding(Context::Everywhere, &["a"])];
        static APART: [Binding; 2] = [binding(Context::Watch, &["a"]), binding(Context::Chart, &["a"])];
        static UNKNOWN: [Binding; 1] = [binding(Context::Watch, &["Hyper-a"])];
        assert!(matches!(Keymap::new(&SAME), Err(KeymapError::Duplicate { .. })));
        assert!(matches!(Keymap::new(&SHADOW), Err(KeymapError::Duplicate { .. })));
        assert!(Keymap::new(&APART).is_ok());
        assert!(matches!(Keymap::new(&UNKNOWN), Err(KeymapError::UnknownKey(_))));
    }

    #[test]
    fn the_documentation_lists_every_binding() {
        let text = markdown().unwrap();
        for binding in &table::TABLE {
            assert!(text.contains(binding.description), "{}", binding.description);
        }
        assert!(text.contains("| `q` `Ctrl-C` | quit |"), "{text}");
    }
}
