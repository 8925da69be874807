//! A log file for each UTC day, of which the newest are kept.
//!
//! Written here rather than taken from a library because a rotation that fails must not print to
//! the terminal: it would land in the middle of the screen.

use crate::domain::time::{DAY_MS, Time};
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Files that are kept, today's among them.
const KEEP: usize = 7;
const PREFIX: &str = "marketdata-tui.";
const ENDING: &str = ".log";

/// Appends to the file of the day; several processes may append to the same.
#[derive(Debug)]
pub(super) struct DailyFile {
    dir: PathBuf,
    day: i64,
    file: File,
}

impl DailyFile {
    pub(super) fn open(dir: &Path, now: Time) -> io::Result<Self> {
        create_private(dir)?;
        let file = open(dir, now)?;
        prune(dir);
        Ok(Self { dir: dir.to_path_buf(), day: day_of(now), file })
    }

    /// Writes to the file of `now`'s day. Where that cannot be opened, the old one goes on.
    pub(super) fn write_at(&mut self, now: Time, bytes: &[u8]) -> io::Result<usize> {
        let day = day_of(now);
        if day != self.day
            && let Ok(file) = open(&self.dir, now)
        {
            self.file = file;
            self.day = day;
            prune(&self.dir);
        }
        self.file.write(bytes)
    }

    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

fn day_of(now: Time) -> i64 {
    now.ms().div_euclid(DAY_MS)
}

/// Logs name symbols and paths: nobody else's business.
fn create_private(dir: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

fn open(dir: &Path, now: Time) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(dir.join(format!("{PREFIX}{}{ENDING}", now.format("%Y-%m-%d"))))
}

/// Removes the oldest of our files; a folder that cannot be read is left as it is.
fn prune(dir: &Path) {
    let Ok(entries) = fs::read_dir(dir) else { return };
    let mut ours: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).filter(|path| is_ours(path)).collect();
    ours.sort();
    let excess = ours.len().saturating_sub(KEEP);
    for old in &ours[..excess] {
        // Another process may have removed it already.
        let _ = fs::remove_file(old);
    }
}

fn is_ours(path: &Path) -> bool {
    path.file_name()
        .and_then(|name| name.to_str())
        .and_then(|name| name.strip_prefix(PREFIX)?.strip_suffix(ENDING))
        .is_some_and(|date| date.len() == 10 && date.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(dir: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_a_day_and_seven_of_them() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("marketdata-tui.notes.log"), "mine").unwrap();
        let start = Time::from_ms(1_738_281_600_000);
        let mut log = DailyFile::open(dir.path(), start).unwrap();
        for day in 0..10 {
            log.write_at(start.plus_ms(day * DAY_MS), b"first\n").unwrap();
            log.write_at(start.plus_ms(day * DAY_MS + DAY_MS - 1), b"last\n").unwrap();
        }
        let names = names(dir.path());
        assert_eq!(names.len(), KEEP + 1);
        assert_eq!(names[0], "marketdata-tui.2025-02-03.log");
        assert_eq!(names[KEEP], "marketdata-tui.notes.log", "only our own files are removed");
        assert_eq!(fs::read_to_string(dir.path().join(&names[0])).unwrap(), "first\nlast\n");
    }

    #[cfg(unix)]
    #[test]
    fn for_the_owner_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        let log_dir = dir.path().join("a/b");
        DailyFile::open(&log_dir, Time::EPOCH).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&dir.path().join("a")), 0o700);
        assert_eq!(mode(&log_dir), 0o700);
        assert_eq!(mode(&log_dir.join("marketdata-tui.1970-01-01.log")), 0o600);
    }
}
