//! The command palette: everything that can be done here, found by a few letters of its name.

use super::input::Input;
use super::list::Selection;
use crate::tui::action::{Action, Edit, Move, Screen};
use nucleo_matcher::pattern::{AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

/// Everything that can be done, and what of it the typed letters mean.
#[derive(Debug, Clone)]
pub(crate) struct Palette {
    /// What is typed.
    pub(crate) input: Input,
    entries: Vec<Entry>,
    hits: Vec<Hit>,
    selection: Selection<usize>,
}

/// Something that can be done.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    /// In words.
    pub(crate) title: String,
    /// Its name in the config file; empty where it has none.
    pub(crate) name: &'static str,
    /// Its keys; empty where it has none.
    pub(crate) keys: String,
    /// The screen that it happens on, where that is not the present one.
    pub(crate) screen: Option<Screen>,
    /// What it does.
    pub(crate) action: Action,
}

/// An entry that the typed letters mean.
#[derive(Debug, Clone)]
struct Hit {
    entry: usize,
    /// Characters of the title that were typed, ascending.
    typed: Vec<u32>,
}

impl Palette {
    /// Over these entries.
    pub(crate) fn new(entries: Vec<Entry>) -> Self {
        let mut palette = Self { input: Input::default(), entries, hits: Vec::new(), selection: Selection::default() };
        palette.search();
        palette
    }

    /// Puts text into the line.
    pub(crate) fn insert(&mut self, text: &str) {
        self.input.insert(text);
        self.search();
    }

    /// Changes the line.
    pub(crate) fn edit(&mut self, edit: Edit) {
        let before = self.input.text().to_owned();
        self.input.edit(edit);
        if self.input.text() != before {
            self.search();
        }
    }

    /// Moves among the hits, of which `rows` are visible.
    pub(crate) fn go(&mut self, to: Move, rows: usize) {
        let keys: Vec<usize> = (0..self.hits.len()).collect();
        self.selection.go(to, &keys, rows);
    }

    /// Keeps the picked hit visible among `rows`.
    pub(crate) fn reveal(&mut self, rows: usize) {
        self.selection.reveal(rows);
    }

    /// Picks the hit of this row of the screen, where there is one.
    pub(crate) fn pick(&mut self, row: usize) -> bool {
        let at = self.selection.top + row;
        let there = at < self.hits.len();
        if there {
            self.selection.index = at;
        }
        there
    }

    /// The picked entry.
    pub(crate) fn picked(&self) -> Option<&Entry> {
        self.hits.get(self.selection.index).map(|hit| &self.entries[hit.entry])
    }

    /// Number of hits.
    pub(crate) fn len(&self) -> usize {
        self.hits.len()
    }

    /// The hits from the first visible one on: the entry, the typed characters of its title, and
    /// whether it is picked.
    pub(crate) fn visible(&self) -> impl Iterator<Item = (&Entry, &[u32], bool)> {
        let line = |(at, hit): (usize, &'_ Hit)| (at, hit.entry);
        self.hits.iter().enumerate().skip(self.selection.top).map(move |hit| {
            let (at, entry) = line(hit);
            (&self.entries[entry], hit.1.typed.as_slice(), at == self.selection.index)
        })
    }

    /// Finds anew; the best is picked. Letters in the title count for more than those in the name.
    fn search(&mut self) {
        let pattern = Pattern::new(self.input.text(), CaseMatching::Smart, Normalization::Smart, AtomKind::Fuzzy);
        let mut matcher = Matcher::new(Config::DEFAULT);
        let mut scored: Vec<(u32, Hit)> = Vec::new();
        for (entry, Entry { title, name, .. }) in self.entries.iter().enumerate() {
            let (mut buffer, mut typed) = (Vec::new(), Vec::new());
            let by_title = pattern.indices(Utf32Str::new(title, &mut buffer), &mut matcher, &mut typed);
            let by_name = pattern.score(Utf32Str::new(name, &mut buffer), &mut matcher);
            typed.sort_unstable();
            typed.dedup();
            if by_title.is_none() {
                // A pattern of several words leaves those that were found before one that was not.
                typed.clear();
            }
            if let Some(score) = by_title.map(|score| score + 1).max(by_name) {
                scored.push((score, Hit { entry, typed }));
            }
        }
        // Stable: of equals the order of the table decides.
        scored.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        self.hits = scored.into_iter().map(|(_, hit)| hit).collect();
        self.selection = Selection::default();
        self.selection.sync(&(0..self.hits.len()).collect::<Vec<_>>());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn palette() -> Palette {
        let entry = |title: &str, name: &'static str| Entry {
            title: title.into(),
            name,
            keys: String::new(),
            screen: None,
            action: Action::Quit,
        };
        Palette::new(vec![
            entry("add symbols", "add"),
            entry("zoom in", "zoom_in"),
            entry("zoom out", "zoom_out"),
            entry("half a screen back", "pan_left"),
            entry("theme: next", "next_theme"),
        ])
    }

    #[test]
    fn letters_find_titles_and_names() {
        let check = |typed: &str, expected: &[&str]| {
            let mut palette = palette();
            palette.insert(typed);
            let found: Vec<&str> = palette.visible().map(|(entry, ..)| entry.name).collect();
            assert_eq!(found, expected, "{typed}");
        };
        check("", &["add", "zoom_in", "zoom_out", "pan_left", "next_theme"]);
        check("zo", &["zoom_in", "zoom_out"]);
        check("zout", &["zoom_out"]);
        check("pan", &["pan_left"]);
        check("nxt thm", &["next_theme"]);
        check("xyzzy", &[]);
    }

    #[test]
    fn the_pick_follows_the_search() {
        let mut palette = palette();
        palette.go(Move::Last, 2);
        assert_eq!(palette.picked().map(|entry| entry.name), Some("next_theme"));
        palette.insert("zoom");
        assert_eq!(palette.picked().map(|entry| entry.name), Some("zoom_in"));
        assert_eq!(palette.visible().next().map(|(_, typed, picked)| (typed.to_vec(), picked)), Some((vec![0, 1, 2, 3], true)));
        palette.insert("qq");
        assert!(palette.picked().is_none());
        palette.edit(Edit::Word);
        assert!(palette.pick(4) && !palette.pick(5));
    }
}
