//! Names in a folder, for the path that is typed.

use std::fs;
use std::path::{Path, PathBuf};

/// Most entries of a folder that are looked at.
const LOOKED_AT: usize = 5_000;
/// Most names that are handed on.
const MOST: usize = 1_000;

/// Names in `folder`, sorted, folders with a `/` at their end; empty is the working directory.
/// Those that are not text are left out: they cannot be typed.
pub(super) fn names(folder: &str) -> Vec<String> {
    let folder = if folder.is_empty() { PathBuf::from(".") } else { at_home(Path::new(folder)) };
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<String> = entries
        .take(LOOKED_AT)
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let name = entry.file_name().into_string().ok().filter(|name| !name.chars().any(char::is_control))?;
            Some(if entry.path().is_dir() { format!("{name}/") } else { name })
        })
        .collect();
    names.sort();
    names.truncate(MOST);
    names
}

/// The path with a leading `~/` filled in, as a shell would.
pub(super) fn at_home(path: &Path) -> PathBuf {
    match (path.strip_prefix("~"), std::env::home_dir()) {
        (Ok(rest), Some(home)) => home.join(rest),
        _ => path.to_path_buf(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_a_folder() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("b")).unwrap();
        fs::write(folder.path().join("a.csv"), "").unwrap();
        assert_eq!(names(&folder.path().display().to_string()), ["a.csv", "b/"]);
        assert!(names(&folder.path().join("absent").display().to_string()).is_empty());
    }

    #[test]
    fn home() {
        let home = std::env::home_dir().unwrap();
        assert_eq!(at_home(Path::new("~/x.csv")), home.join("x.csv"));
        assert_eq!(at_home(Path::new("~x/y")), Path::new("~x/y"));
        assert_eq!(at_home(Path::new("x")), Path::new("x"));
    }
}
