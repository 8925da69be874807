//! Holds the table of rooms in ARCHITECTURE.md and the source to each other.
//!
//! Every `use`, every path that starts with `crate` or leaves a module by `super`, and every name of
//! a third-party crate is an edge; an edge that the table does not have is a failure. Change the table
//! first.

mod edges;
mod table;
mod tokens;

use edges::{Edge, Target};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use table::Table;

/// A file of more lines is a reason to think about a split.
const MANY_LINES: usize = 400;
/// A file of more lines fails.
const TOO_MANY_LINES: usize = 700;

#[test]
fn every_edge_stands_in_the_table() {
    let table = Table::read(&text(&root().join("ARCHITECTURE.md")));
    let crates = dependencies(&text(&root().join("Cargo.toml")));
    let sources: Vec<(String, String)> = sources().iter().map(|path| (name(path), text(path))).collect();
    let found: Vec<String> = violations(&table, &crates, &sources);
    assert!(found.is_empty(), "\n{}\nthe table is in ARCHITECTURE.md, section Rooms\n", found.join("\n"));
}

#[test]
fn every_room_stands_in_the_table() {
    let table = Table::read(&text(&root().join("ARCHITECTURE.md")));
    let without: Vec<String> =
        sources().iter().map(|path| room_of(&name(path))).filter(|room| room != "lib" && !table.has(room)).collect();
    assert!(without.is_empty(), "no row in ARCHITECTURE.md, section Rooms, for: {without:?}");
}

#[test]
fn files_stay_small() {
    let mut lines: Vec<(usize, String)> = sources().iter().map(|path| (text(path).lines().count(), name(path))).collect();
    lines.retain(|(count, _)| *count > MANY_LINES);
    lines.sort_by(|a, b| b.cmp(a));
    for (count, file) in &lines {
        println!("{file}: {count} lines: is that one subject?");
    }
    lines.retain(|(count, _)| *count > TOO_MANY_LINES);
    assert!(lines.is_empty(), "more than {TOO_MANY_LINES} lines, split them: {lines:?}");
}

/// The checker itself must be able to fail.
#[test]
fn edges_are_found() {
    let rules = "\
# A\n## Rooms\n\n| room | may import | may name |\n|---|---|---|\n\
| `domain` | nothing | `chrono` |\n| `store` | `domain` | `rusqlite` |\n| `engine` | `domain`, `store` | |\n\
| `tui` | `domain`, `engine::query` | `ratatui` |\n| `app`, `main` | every room | `anyhow` |\n| tests of `store` | | `ratatui` |\n\
| every room | | `thiserror` |\n| every room but `domain` | | `tokio` |\n\n\
### Inside tui\n\n| part | never sees |\n|---|---|\n| `view` | `effect`, `handle` |\n## Next\n| `x` | `y` | `z` |\n";
    let table = Table::read(rules);
    let crates = dependencies(
        "[dependencies]\nchrono = \"1\"\nrusqlite = { version = \"1\" }\nratatui = \"1\"\ntokio = \"1\"\nthiserror = \"2\"\nanyhow = \"1\"\n\
         toml-edit = \"1\"\n[dev-dependencies]\nproptest = \"1\"\ntokio = \"1\"\n[lib]\nname = \"marketdata_tui\"\n",
    );
    let check = |file: &str, source: &str, expected: &[&str]| {
        let found = violations(&table, &crates, &[(file.to_owned(), source.to_owned())]);
        assert_eq!(found.len(), expected.len(), "{file}: {source}: {found:?}");
        for (told, wanted) in found.iter().zip(expected) {
            assert!(told.starts_with(wanted), "{told}");
        }
    };
    check("src/store.rs", "use crate::domain::time::Time;\nuse rusqlite::Row;\nuse std::fmt;", &[]);
    check("src/domain/time.rs", "use crate::store::row;", &["src/domain/time.rs:1: domain -> store (crate::store::row)"]);
    check(
        "src/store/row.rs",
        "\nfn f() { crate::engine::run(); }",
        &["src/store/row.rs:2: store -> engine (crate::engine::run)"],
    );
    check(
        "src/store/row.rs",
        "use super::super::engine::{a, b::C};",
        &["src/store/row.rs:1: store -> engine", "src/store/row.rs:1: store -> engine"],
    );
    check("src/store/row.rs", "mod inner { use super::super::Writer; }", &[]);
    check("src/store/row.rs", "use chrono::Utc;", &["src/store/row.rs:1: store names chrono"]);
    check("src/store/row.rs", "fn f() -> ::chrono::Utc {}", &["src/store/row.rs:1: store names chrono"]);
    check("src/store/row.rs", "use toml_edit::Item;", &["src/store/row.rs:1: store names toml_edit"]);
    check(
        "src/store/row.rs",
        "// use chrono::Utc;\n/* crate::engine::x /* */ */ const S: &str = r#\"chrono::Utc \" crate::tui\"#; fn f<'a>(c: char) { c == '\"'; }",
        &[],
    );
    check("src/store/row.rs", "mod chrono;\nuse chrono::Local;", &[]);
    check("src/store/row.rs", "use proptest::x;", &["src/store/row.rs:1: store names proptest"]);
    check("src/store/row.rs", "#[cfg(test)]\nmod tests { use proptest::x; use super::super::super::domain::Time; }", &[]);
    check("src/store/row.rs", "#[cfg(test)]\nmod tests { use crate::tui::x; }", &["src/store/row.rs:2: store -> tui"]);
    check("src/store/row.rs", "#[cfg(test)]\nmod tests { use ratatui::x; }", &[]);
    check("src/store/row.rs", "use ratatui::x;", &["src/store/row.rs:1: store names ratatui: tui alone may"]);
    check("src/domain/time.rs", "#[tokio::test]\nfn x() {}", &["src/domain/time.rs:1: domain names tokio"]);
    check("src/domain/time.rs", "#[derive(thiserror::Error)]\nstruct X;", &[]);
    check("src/tui/state.rs", "use crate::engine::query::Query;", &[]);
    check("src/tui/state.rs", "use crate::engine::ingest;", &["src/tui/state.rs:1: tui -> engine (crate::engine::ingest)"]);
    check("src/tui/state.rs", "use super::effect::Effect;", &[]);
    check("src/tui/view/chart.rs", "use super::super::effect::Effect;", &["src/tui/view/chart.rs:1: tui/view sees effect"]);
    check("src/tui/view.rs", "use crate::tui::{effect, theme};", &["src/tui/view.rs:1: tui/view sees effect"]);
    check("src/main.rs", "use marketdata_tui::app; fn main() -> anyhow::Result<()> {}", &[]);
    check("src/cellar.rs", "use crate::domain::x;", &["src/cellar.rs:1: cellar -> domain"]);
    let outside = [
        ("src/store.rs".to_owned(), "#[cfg(test)]\nmod checks;".to_owned()),
        ("src/store/checks.rs".to_owned(), "use proptest::x;".to_owned()),
    ];
    assert!(violations(&table, &crates, &outside).is_empty());
}

/// Names of the manifest's dependencies as Rust writes them, and whether only tests have them.
struct Crates {
    all: BTreeSet<String>,
    normal: BTreeSet<String>,
}

fn violations(table: &Table, crates: &Crates, sources: &[(String, String)]) -> Vec<String> {
    let files: Vec<edges::File> = sources.iter().map(|(name, text)| edges::File::parse(name, text, &crates.all)).collect();
    let test_modules: BTreeSet<Vec<String>> = files.iter().flat_map(|file| file.test_modules.iter().cloned()).collect();
    let mut found = Vec::new();
    for file in &files {
        let room = room_of(&file.name);
        for edge in &file.edges {
            let in_test = (1..=edge.module.len()).any(|length| test_modules.contains(&edge.module[..length]));
            if let Some(rule) = broken_rule(table, crates, &room, file, edge, in_test) {
                found.push(format!("{}:{}: {rule}", file.name, edge.line));
            }
        }
    }
    found.dedup();
    found
}

fn broken_rule(table: &Table, crates: &Crates, room: &str, file: &edges::File, edge: &Edge, in_test: bool) -> Option<String> {
    match &edge.target {
        // The root only puts the rooms side by side.
        Target::Own(_) if room == "lib" => None,
        Target::Own(path) => {
            let other = path.first()?;
            let part = file.module.get(1).filter(|_| room == "tui");
            if let Some(part) = part
                && let Some(hidden) = table.hidden_from(part, path)
            {
                return Some(format!("tui/{part} sees {hidden} (crate::{}): {part} never does", path.join("::")));
            }
            (other != room && !table.may_import(room, path))
                .then(|| format!("{room} -> {other} (crate::{}): {room} may import {}", path.join("::"), table.imports_of(room)))
        }
        Target::Crate(name) => {
            let for_tests = in_test && (!crates.normal.contains(name) || table.tests_may_name(room, name));
            let may = table.may_name(room, name) || for_tests;
            (!may).then(|| format!("{room} names {name}: {}", table.owners_of(name)))
        }
    }
}

/// `src/store/row.rs` and `src/store.rs` belong to `store`.
fn room_of(file: &str) -> String {
    file.trim_start_matches("src/").trim_end_matches(".rs").split('/').next().unwrap_or_default().to_owned()
}

fn dependencies(manifest: &str) -> Crates {
    let mut crates = Crates { all: BTreeSet::new(), normal: BTreeSet::new() };
    let mut section = "";
    for line in manifest.lines().map(str::trim) {
        if line.starts_with('[') {
            section = line;
        } else if let Some((name, _)) = line.split_once('=')
            && matches!(section, "[dependencies]" | "[dev-dependencies]")
            && !name.starts_with('#')
        {
            let name = name.trim().replace('-', "_");
            if section == "[dependencies]" {
                crates.normal.insert(name.clone());
            }
            crates.all.insert(name);
        }
    }
    crates
}

fn sources() -> Vec<PathBuf> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    walk(&root().join("src"), &mut found);
    found.sort();
    assert!(!found.is_empty());
    found
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn name(path: &Path) -> String {
    let parts = path.strip_prefix(root()).unwrap().components();
    parts.map(|part| part.as_os_str().to_string_lossy().into_owned()).collect::<Vec<_>>().join("/")
}

fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
