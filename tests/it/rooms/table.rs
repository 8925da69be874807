//! The rules, read from ARCHITECTURE.md.

use std::collections::{BTreeMap, BTreeSet};

const EVERY_ROOM: &str = "every room";
const BUT: &str = "every room but ";
const TESTS: &str = "tests of ";

/// The tables of the section "Rooms".
#[derive(Debug, Default)]
pub(super) struct Table {
    imports: BTreeMap<String, BTreeSet<String>>,
    names: BTreeMap<String, BTreeSet<String>>,
    /// What a room's test modules may name besides.
    test_names: BTreeMap<String, BTreeSet<String>>,
    /// Crates that all rooms but some may name.
    free: Vec<(BTreeSet<String>, BTreeSet<String>)>,
    /// What parts of `tui` never see.
    hidden: BTreeMap<String, BTreeSet<String>>,
}

impl Table {
    pub(super) fn read(markdown: &str) -> Self {
        let section = markdown.split("\n## ").find(|part| part.starts_with("Rooms\n")).expect("a section `## Rooms`");
        let (rooms, inside) = section.split_once("\n### Inside tui\n").expect("a part `### Inside tui`");
        let mut table = Self::default();
        for row in rows(rooms) {
            let [who, imports, names] = row.as_slice() else { panic!("a row of three cells: {row:?}") };
            if who == EVERY_ROOM {
                table.free.push((BTreeSet::new(), words(names)));
            } else if let Some(but) = who.strip_prefix(BUT) {
                table.free.push((words(but), words(names)));
            } else if let Some(room) = who.strip_prefix(TESTS) {
                table.test_names.insert(room.to_owned(), words(names));
            } else {
                for room in words(who) {
                    table.imports.insert(room.clone(), words(imports));
                    table.names.insert(room, words(names));
                }
            }
        }
        for row in rows(inside) {
            let [parts, never] = row.as_slice() else { panic!("a row of two cells: {row:?}") };
            for part in words(parts) {
                table.hidden.entry(part).or_default().extend(words(never));
            }
        }
        assert!(table.imports.len() > 1 && !table.hidden.is_empty(), "the tables are not where they were");
        table
    }

    pub(super) fn has(&self, room: &str) -> bool {
        self.imports.contains_key(room)
    }

    /// `path` starts with the other room.
    pub(super) fn may_import(&self, room: &str, path: &[String]) -> bool {
        let Some(allowed) = self.imports.get(room) else { return false };
        let whole = path.first().is_some_and(|other| allowed.contains(other));
        let part = path.get(1).is_some_and(|inner| allowed.contains(&format!("{}::{inner}", path[0])));
        allowed.contains(EVERY_ROOM) || whole || part
    }

    pub(super) fn imports_of(&self, room: &str) -> String {
        self.imports.get(room).map_or_else(
            || "nothing: it has no row".to_owned(),
            |allowed| if allowed.is_empty() { "nothing".to_owned() } else { listed(allowed) },
        )
    }

    pub(super) fn may_name(&self, room: &str, name: &str) -> bool {
        self.names.get(room).is_some_and(|names| names.contains(name))
            || self.free.iter().any(|(but, names)| names.contains(name) && !but.contains(room))
    }

    pub(super) fn tests_may_name(&self, room: &str, name: &str) -> bool {
        self.test_names.get(room).is_some_and(|names| names.contains(name))
    }

    pub(super) fn owners_of(&self, name: &str) -> String {
        let owners: BTreeSet<String> =
            self.names.iter().filter(|(_, names)| names.contains(name)).map(|(room, _)| room.clone()).collect();
        match self.free.iter().find(|(_, names)| names.contains(name)) {
            Some((but, _)) => format!("every room may, but {}", listed(but)),
            None if owners.is_empty() => "no room may".to_owned(),
            None => format!("{} alone may", listed(&owners)),
        }
    }

    /// The name in `path`, of `tui` or of the engine, that this part of `tui` must not see.
    pub(super) fn hidden_from(&self, part: &str, path: &[String]) -> Option<String> {
        let inner = path.get(1).filter(|_| matches!(path[0].as_str(), "tui" | "engine"))?;
        self.hidden.get(part)?.get(inner).cloned()
    }
}

/// The cells of every row below a table's head.
fn rows(markdown: &str) -> impl Iterator<Item = Vec<String>> {
    let is_rule = |line: &&str| line.starts_with("|--");
    let lines = markdown.lines().map(str::trim).filter(|line| line.starts_with('|'));
    lines
        .skip_while(move |line| !is_rule(line))
        .skip(1)
        .map(|line| line.trim_matches('|').split('|').map(|cell| cell.replace('`', "").trim().to_owned()).collect())
}

fn words(cell: &str) -> BTreeSet<String> {
    cell.split(',').map(str::trim).filter(|word| !word.is_empty() && *word != "nothing").map(str::to_owned).collect()
}

fn listed(words: &BTreeSet<String>) -> String {
    words.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}
