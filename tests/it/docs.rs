//! Holds the documents to the code: what they name exists, and what exists they name.

use clap::{CommandFactory as _, Parser as _};
use marketdata_tui::cli::Args;
use marketdata_tui::config::KEYS;
use marketdata_tui::store::migration::SCHEMA;
use marketdata_tui::tui::keymap;
use std::collections::BTreeSet;

const README: &str = include_str!("../../README.md");
const CHANGELOG: &str = include_str!("../../CHANGELOG.md");
const ARCHITECTURE: &str = include_str!("../../ARCHITECTURE.md");
const CONTRIBUTING: &str = include_str!("../../CONTRIBUTING.md");

#[test]
fn the_readme_lists_every_key_and_no_other() {
    let after = README.split_once("held equal by a test -->\n").expect("the mark before the keys").1;
    let tables = after.split_once("<!-- end of keys -->").expect("the mark behind the keys").0;
    assert_eq!(tables.trim(), keymap::markdown().unwrap().trim());
}

#[test]
fn the_readme_names_every_subcommand() {
    let shown: BTreeSet<String> = command_lines().into_iter().filter_map(|words| words.get(1).cloned()).collect();
    for command in Args::command().get_subcommands() {
        assert!(shown.contains(command.get_name()), "README shows no `marketdata-tui {}`", command.get_name());
    }
}

#[test]
fn the_readme_names_every_setting() {
    for key in KEYS {
        assert!(README.contains(&format!("| `{}` |", key.name)), "README does not name {}", key.name);
        if let Some(variable) = key.variable {
            assert!(README.contains(&format!("| `{variable}` |")), "README does not name {variable}");
        }
    }
    for argument in Args::command().get_arguments().filter(|argument| !argument.is_global_set() || argument.get_id() != "help") {
        let flag = format!("--{}", argument.get_long().expect("a global option has a long name"));
        assert!(["--help", "--version"].contains(&flag.as_str()) || README.contains(&flag), "README does not name {flag}");
    }
}

#[test]
fn every_command_line_parses() {
    let lines = command_lines();
    assert!(lines.len() > 20, "only {} found: is the form still `marketdata-tui ..`?", lines.len());
    for words in lines {
        if let Err(error) = Args::try_parse_from(&words) {
            panic!("{}: {error}", words.join(" "));
        }
    }
}

#[test]
fn the_readme_names_every_table_and_no_other() {
    let created: BTreeSet<&str> = SCHEMA
        .lines()
        .filter_map(|line| line.strip_prefix("CREATE TABLE ").or_else(|| line.strip_prefix("CREATE VIEW ")))
        .filter_map(|rest| rest.split([' ', '(']).next())
        .collect();
    let section = section("## The store in SQL");
    let named: BTreeSet<&str> = section
        .lines()
        .filter(|line| line.starts_with("| `"))
        .flat_map(|line| line.split('|').nth(1).unwrap_or_default().split('`').skip(1).step_by(2))
        .collect();
    assert_eq!(named, created);
}

/// The examples run on an empty store: every table and column in them exists.
#[test]
fn the_queries_of_the_readme_run() {
    let folder = tempfile::tempdir().unwrap();
    let store = marketdata_tui::store::Store::open(&folder.path().join("docs.sqlite")).unwrap();
    let section = section("## The store in SQL");
    let queries: Vec<&str> =
        section.split("```sql\n").skip(1).filter_map(|rest| Some(rest.split_once("```")?.0.trim())).collect();
    assert_eq!(queries.len(), 4);
    for query in queries {
        let ran = store.readers().with(|connection| Ok(connection.prepare(query)?.exists([])?));
        assert!(!ran.unwrap_or_else(|error| panic!("{query}: {error}")), "an empty store has no rows");
    }
}

#[test]
fn the_changelog_has_this_version() {
    let heading = format!("\n## [{}]", env!("CARGO_PKG_VERSION"));
    assert!(CHANGELOG.contains(&heading), "CHANGELOG has no heading{heading}");
}

#[test]
fn links_lead_to_files() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    for (name, text) in
        [("README", README), ("ARCHITECTURE", ARCHITECTURE), ("CONTRIBUTING", CONTRIBUTING), ("CHANGELOG", CHANGELOG)]
    {
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()).filter(|link| !link.contains("://")) {
            assert!(root.join(link).exists(), "{name} links to {link}");
        }
    }
}

/// The text from this heading to the next of its rank.
fn section(heading: &str) -> &'static str {
    let after = README.split_once(&format!("\n{heading}\n")).unwrap_or_else(|| panic!("no {heading}")).1;
    after.split("\n## ").next().unwrap_or(after)
}

/// Every `marketdata-tui ..` of the README as words: lines of code blocks, and code within text.
fn command_lines() -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for (at, block) in README.split("```").enumerate() {
        let candidates: Vec<&str> =
            if at % 2 == 1 { block.lines().collect() } else { block.split('`').skip(1).step_by(2).collect() };
        for candidate in candidates {
            let line = candidate.trim_start_matches("$ ").split(" #").next().unwrap_or_default().trim();
            let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
            let is_command = words.first().is_some_and(|word| word == "marketdata-tui");
            // The screen's first line starts with the program's name as well.
            if is_command && words.get(1).is_none_or(|word| !word.starts_with(|first: char| first.is_ascii_digit())) {
                found.push(words);
            }
        }
    }
    found
}
