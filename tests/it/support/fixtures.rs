//! What the tests of recorded answers and frames share, whichever exchange gave them.

use super::shared;
use marketdata_tui::domain::price::{Decimal, parse_decimal};
use marketdata_tui::domain::time::Time;
use marketdata_tui::exchange::error::ExchangeError;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The folder of an exchange's recordings, where they are.
pub(crate) fn folder(exchange: &str) -> Option<PathBuf> {
    shared("fixtures").map(|fixtures| fixtures.join(exchange))
}

pub(crate) fn decimal(text: &str) -> Decimal {
    parse_decimal(text).unwrap()
}

pub(crate) fn at(ms: i64) -> Time {
    Time::from_ms(ms)
}

pub(crate) fn is_malformed<T>(result: &Result<T, ExchangeError>) -> bool {
    matches!(result, Err(ExchangeError::Malformed { .. }))
}

/// The files of a folder by their names.
pub(crate) fn files(folder: &Path) -> BTreeSet<String> {
    std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// Holds each body against what it must become.
pub(crate) fn check_bodies<'a>(folder: &Path, checks: impl IntoIterator<Item = (&'a str, fn(&[u8]))>) {
    for (name, check) in checks {
        println!("{name}");
        check(&std::fs::read(folder.join(name)).unwrap());
    }
}

/// The same of lines of text.
pub(crate) fn check_frames<'a>(folder: &Path, checks: impl IntoIterator<Item = (&'a str, fn(&str))>) {
    for (name, check) in checks {
        println!("{name}");
        check(&std::fs::read_to_string(folder.join(name)).unwrap());
    }
}

/// Whether these are the files of the folder, each named once.
pub(crate) fn check_names<'a>(folder: &Path, names: impl IntoIterator<Item = &'a str>) {
    let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
    let unique: BTreeSet<String> = names.iter().cloned().collect();
    assert_eq!(unique.len(), names.len(), "a file is named twice");
    assert_eq!(files(folder), unique);
}
