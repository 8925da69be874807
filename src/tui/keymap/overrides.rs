//! Keys that the user changed.

use super::table::Binding;
use super::{Context, KeymapError};
use crate::tui::action::Action;
use crate::tui::chord::Chord;
use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};

/// Other keys for an action, on every screen that has it. Keys inside dialogs are fixed: most of
/// them are letters that one types there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyOverride {
    /// The action's name, such as `add`.
    pub action: String,
    /// Its keys, such as `n` or `Ctrl-Left`; none: the palette alone offers it.
    pub chords: Vec<String>,
    /// `FILE:LINE`, for messages.
    pub origin: String,
}

/// Always quits, whatever `quit` is changed to: a screen without a way out is a trap.
const ALWAYS_QUITS: &str = "Ctrl-c";

/// Refuses actions that the table does not have.
pub(super) fn check(table: &[Binding], overrides: &[KeyOverride]) -> Result<(), KeymapError> {
    for change in overrides {
        if !table.iter().any(|binding| concerns(change, binding)) {
            let near = nearest(&change.action, table)
                .map_or_else(|| "the palette (`:`) lists every action".to_owned(), |near| format!("did you mean `{near}`?"));
            let problem = format!("there is no action `{}`: {near}", change.action.escape_debug());
            return Err(KeymapError::Override { origin: change.origin.clone(), problem });
        }
    }
    Ok(())
}

/// The keys of a binding, and where they come from: empty for the standard table.
pub(super) fn chords<'a>(binding: &Binding, overrides: &'a [KeyOverride]) -> Result<(Vec<Chord>, &'a str), KeymapError> {
    let Some(change) = overrides.iter().find(|change| concerns(change, binding)) else {
        let chords: Result<Vec<Chord>, _> = binding.chords.iter().map(|text| text.parse::<Chord>()).collect();
        return Ok((chords.map_err(|_| KeymapError::UnknownKey(binding.chords.join(" ")))?, ""));
    };
    let kept = matches!(binding.action, Action::Quit).then_some(ALWAYS_QUITS);
    let mut chords: Vec<Chord> = Vec::new();
    for text in change.chords.iter().map(String::as_str).chain(kept) {
        let chord = text.parse::<Chord>().map_err(|error| KeymapError::Override {
            origin: change.origin.clone(),
            problem: format!("{error}: `{}` takes keys such as n, Ctrl-n, Shift-Left, F5 or Space", change.action),
        })?;
        if !chords.contains(&chord) {
            chords.push(chord);
        }
    }
    Ok((chords, &change.origin))
}

fn concerns(change: &KeyOverride, binding: &Binding) -> bool {
    let on_screens = binding.context == Context::Everywhere || binding.context.is_screen();
    on_screens && super::name(&binding.action) == Some(change.action.as_str())
}

/// The action whose name holds the letters of `wanted` best.
fn nearest(wanted: &str, table: &[Binding]) -> Option<&'static str> {
    let names = table.iter().filter_map(|binding| super::name(&binding.action));
    let mut matcher = nucleo_matcher::Matcher::new(nucleo_matcher::Config::DEFAULT);
    // Either may be the shorter one: `zoom` for `zoom_in`, `adds` for `add`.
    let mut found = Pattern::parse(wanted, CaseMatching::Ignore, Normalization::Smart).match_list(names.clone(), &mut matcher);
    if found.is_empty() {
        found = names
            .filter(|name| {
                let pattern = Pattern::parse(name, CaseMatching::Ignore, Normalization::Smart);
                !pattern.match_list([wanted], &mut matcher).is_empty()
            })
            .map(|name| (name, name.len() as u32))
            .collect();
        found.sort_by_key(|(_, length)| std::cmp::Reverse(*length));
    }
    found.first().map(|(name, _)| *name)
}
