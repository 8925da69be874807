//! What a file refers to: paths inside the crate, resolved to its root, and third-party crates.

use super::tokens::{Token, tokens};
use std::collections::BTreeSet;

/// Our own name, as the binary sees the library.
const OWN_CRATE: &str = "marketdata_tui";

/// A file and what it refers to.
#[derive(Debug)]
pub(super) struct File {
    pub(super) name: String,
    /// Its module, from the crate's root.
    pub(super) module: Vec<String>,
    pub(super) edges: Vec<Edge>,
    /// Modules that it declares for tests alone.
    pub(super) test_modules: Vec<Vec<String>>,
}

#[derive(Debug)]
pub(super) struct Edge {
    pub(super) line: usize,
    /// The innermost module around it.
    pub(super) module: Vec<String>,
    pub(super) target: Target,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// A path of this crate, from its root.
    Own(Vec<String>),
    Crate(String),
}

impl File {
    pub(super) fn parse(name: &str, source: &str, crates: &BTreeSet<String>) -> Self {
        let module = module_of(name);
        let mut walk = Walk {
            tokens: tokens(source),
            at: 0,
            depth: 0,
            inline: Vec::new(),
            file: Self { name: name.to_owned(), module, edges: Vec::new(), test_modules: Vec::new() },
            crates,
        };
        walk.run();
        walk.file
    }
}

fn module_of(file: &str) -> Vec<String> {
    let path = file.trim_start_matches("src/").trim_end_matches(".rs");
    path.split('/').filter(|part| *part != "lib").map(str::to_owned).collect()
}

struct Walk<'a> {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
    /// Open inline modules, and the depth of their braces.
    inline: Vec<(String, usize)>,
    file: File,
    crates: &'a BTreeSet<String>,
}

impl Walk<'_> {
    fn run(&mut self) {
        let children = self.children();
        while self.at < self.tokens.len() {
            match self.word(0) {
                "{" => self.depth += 1,
                "}" => self.close(),
                "mod" if is_name(self.word(1)) => self.module(),
                "use" if !matches!(self.word(1), "<" | "") => {
                    self.at += 1;
                    let leading = usize::from(self.word(0) == "::");
                    self.at += leading;
                    self.use_tree(&Vec::new(), &children, leading > 0);
                    continue;
                }
                word if is_name(word) && self.word(1) == "::" && self.starts_a_path() => {
                    let rooted = self.at > 0 && self.word_before(1) == "::";
                    let (path, line) = (self.plain_path(), self.tokens[self.at].line);
                    self.add(&path, line, &children, rooted);
                    self.at += 2 * path.len() - 1;
                    continue;
                }
                _ => {}
            }
            self.at += 1;
        }
    }

    /// Modules that the file declares: their names hide crates of the same name.
    fn children(&self) -> BTreeSet<String> {
        self.tokens
            .windows(3)
            .filter(|three| three[0].text == "mod" && matches!(three[2].text.as_str(), ";" | "{"))
            .map(|three| three[1].text.clone())
            .collect()
    }

    fn close(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        if self.inline.last().is_some_and(|(_, depth)| *depth == self.depth) {
            self.inline.pop();
        }
    }

    fn module(&mut self) {
        let name = self.word(1).to_owned();
        let mut path = self.here();
        path.push(name.clone());
        if self.is_for_tests() {
            self.file.test_modules.push(path);
        }
        if self.word(2) == "{" {
            self.inline.push((name, self.depth));
        }
        self.at += 1;
    }

    /// Whether `#[cfg(test)]` stands among the attributes before this `mod`.
    fn is_for_tests(&self) -> bool {
        let start = self.tokens[..self.at]
            .iter()
            .rposition(|token| matches!(token.text.as_str(), ";" | "{" | "}"))
            .map_or(0, |at| at + 1);
        let words: Vec<&str> = self.tokens[start..self.at].iter().map(|token| token.text.as_str()).collect();
        words.windows(4).any(|four| four == ["cfg", "(", "test", ")"])
    }

    /// One branch of a `use`, from here to its `,`, `}` or `;`, which is left standing.
    fn use_tree(&mut self, before: &[String], children: &BTreeSet<String>, rooted: bool) {
        let line = self.tokens.get(self.at).map_or(0, |token| token.line);
        let mut path = before.to_vec();
        loop {
            match self.word(0) {
                "{" => {
                    self.at += 1;
                    while !matches!(self.word(0), "}" | "") {
                        self.use_tree(&path, children, rooted);
                        self.at += usize::from(self.word(0) == ",");
                    }
                    self.at += 1;
                    return;
                }
                "," | "}" | ";" | "" => break,
                "as" => self.at += 2,
                "::" => self.at += 1,
                word => {
                    path.push(word.to_owned());
                    self.at += 1;
                }
            }
        }
        self.add(&path, line, children, rooted);
    }

    fn plain_path(&self) -> Vec<String> {
        let mut path = vec![self.word(0).to_owned()];
        while self.word(2 * path.len() - 1) == "::" && is_name(self.word(2 * path.len())) {
            path.push(self.word(2 * path.len()).to_owned());
        }
        path
    }

    /// Not in the middle of another path; `::name` is a path's start too.
    fn starts_a_path(&self) -> bool {
        let before = self.word_before(1);
        before != "::" || !(is_name(self.word_before(2)) || self.word_before(2) == ">")
    }

    fn add(&mut self, path: &[String], line: usize, children: &BTreeSet<String>, rooted: bool) {
        let Some(first) = path.first() else { return };
        let here = self.here();
        let target = match first.as_str() {
            "crate" | OWN_CRATE => Target::Own(path[1..].to_vec()),
            "self" | "super" => {
                let mut resolved = here.clone();
                let mut rest = path;
                while let Some((step, after)) = rest.split_first().filter(|(step, _)| matches!(step.as_str(), "self" | "super")) {
                    if step == "super" {
                        resolved.pop();
                    }
                    rest = after;
                }
                resolved.extend_from_slice(rest);
                Target::Own(resolved)
            }
            name if self.crates.contains(name) && (rooted || !children.contains(name)) => Target::Crate(name.to_owned()),
            _ => return,
        };
        self.file.edges.push(Edge { line, module: here, target });
    }

    fn here(&self) -> Vec<String> {
        self.file.module.iter().cloned().chain(self.inline.iter().map(|(name, _)| name.clone())).collect()
    }

    fn word(&self, ahead: usize) -> &str {
        self.tokens.get(self.at + ahead).map_or("", |token| token.text.as_str())
    }

    fn word_before(&self, back: usize) -> &str {
        self.at.checked_sub(back).and_then(|at| self.tokens.get(at)).map_or("", |token| token.text.as_str())
    }
}

fn is_name(word: &str) -> bool {
    word.chars().next().is_some_and(|c| c.is_alphabetic() || c == '_')
}
