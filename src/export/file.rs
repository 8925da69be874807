//! A file that appears whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write};
use std::path::{Path, PathBuf};

/// A file being written beside its target under a temporary name. [`commit`](Self::commit) puts it
/// in the target's place; dropped without it, it leaves nothing behind and the target untouched.
#[derive(Debug)]
pub struct TargetFile {
    /// `None` once committed.
    file: Option<File>,
    temporary: PathBuf,
    target: PathBuf,
}

/// Why a target cannot be written, in one line for a person.
#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    /// It names a folder.
    #[error("`{}` is a folder: name a file in it", .0.display())]
    Folder(PathBuf),
    /// A device or a pipe, which must not be renamed over.
    #[error("`{}` is not a regular file: leave out -o and redirect the output instead", .0.display())]
    NotRegular(PathBuf),
    /// A SQLite database or its log: recorded data is not written over.
    #[error("`{}` is a database: name another file", .0.display())]
    Database(PathBuf),
    /// The folder is missing.
    #[error("there is no folder `{}`: create it first", .0.display())]
    NoFolder(PathBuf),
    /// The folder refuses new files, or the target itself is read-only.
    #[error("no permission to write `{}`", .0.display())]
    Permission(PathBuf),
    /// Anything else, such as a full disk.
    #[error("cannot write `{}`: {error}", .path.display())]
    Io {
        /// The target.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
}

/// Temporary names that are tried: another export of the same file may be under way.
const ATTEMPTS: u32 = 100;

/// How a SQLite database begins, and how its write-ahead log does, in either byte order of its sums.
const DATABASE: [&[u8]; 3] = [b"SQLite format 3\0", &[0x37, 0x7f, 0x06, 0x82], &[0x37, 0x7f, 0x06, 0x83]];

/// Whether the file begins as a database does; one that cannot be read is none that we know of.
fn is_database(path: &Path) -> bool {
    let mut start = Vec::new();
    let read = File::open(path).and_then(|file| file.take(16).read_to_end(&mut start));
    read.is_ok() && DATABASE.iter().any(|magic| start.starts_with(magic))
}

impl TargetFile {
    /// Opens a temporary file beside `target`, which may exist already.
    pub fn create(target: &Path) -> Result<Self, TargetError> {
        let named = target.to_path_buf();
        let refuse = |error: io::Error| TargetError::from_io(&named, error);
        let existing = match fs::metadata(target) {
            Ok(metadata) if metadata.is_dir() => return Err(TargetError::Folder(named)),
            Ok(metadata) if !metadata.is_file() => return Err(TargetError::NotRegular(named)),
            Ok(_) if is_database(target) => return Err(TargetError::Database(named)),
            Ok(metadata) if metadata.permissions().readonly() => return Err(TargetError::Permission(named)),
            Ok(metadata) => Some(metadata),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(refuse(error)),
        };
        // A link stays a link: the file that it names is replaced.
        let target = if existing.is_some() { fs::canonicalize(target).map_err(refuse)? } else { named.clone() };
        let Some(name) = target.file_name() else { return Err(TargetError::Folder(named)) };
        let folder = folder_of(&target);
        if !folder.is_dir() {
            return Err(TargetError::NoFolder(folder.to_path_buf()));
        }
        for attempt in 0..ATTEMPTS {
            let mut temporary_name = std::ffi::OsString::from(".");
            temporary_name.push(name);
            temporary_name.push(format!(".{}-{attempt}.part", std::process::id()));
            let temporary = folder.join(temporary_name);
            match OpenOptions::new().write(true).create_new(true).open(&temporary) {
                Ok(file) => {
                    let made = Self { file: Some(file), temporary, target };
                    if let Some(metadata) = existing {
                        fs::set_permissions(&made.temporary, metadata.permissions()).map_err(refuse)?;
                    }
                    return Ok(made);
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(refuse(error)),
            }
        }
        Err(refuse(io::Error::from(io::ErrorKind::AlreadyExists)))
    }

    /// Makes the bytes durable and the file visible under its name.
    pub fn commit(mut self) -> Result<(), TargetError> {
        let refuse = |error: io::Error| TargetError::from_io(&self.target, error);
        let Some(file) = &self.file else { return Ok(()) };
        file.sync_all().map_err(refuse)?;
        fs::rename(&self.temporary, &self.target).map_err(refuse)?;
        // Renamed: nothing is left for `drop` to remove.
        self.file = None;
        sync_folder(folder_of(&self.target));
        Ok(())
    }

    fn open(&mut self) -> io::Result<&mut File> {
        self.file.as_mut().ok_or_else(|| io::Error::other("the file is finished"))
    }
}

impl Write for TargetFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.open()?.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.open()?.flush()
    }
}

impl Drop for TargetFile {
    fn drop(&mut self) {
        if let Some(file) = self.file.take() {
            // Closed first: Windows removes no open file. A failure has no one left to tell.
            drop(file);
            let _ = fs::remove_file(&self.temporary);
        }
    }
}

impl TargetError {
    fn from_io(path: &Path, error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::NoFolder(folder_of(path).to_path_buf()),
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Self::Permission(path.to_path_buf()),
            _ => Self::Io { path: path.to_path_buf(), error },
        }
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."))
}

/// Makes the rename itself durable where the system lets a folder be synced. The file is whole
/// either way, so a refusal is no failure.
fn sync_folder(folder: &Path) {
    if cfg!(unix) {
        let _ = File::open(folder).and_then(|handle| handle.sync_all());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn appears_whole() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("out.csv");
        fs::write(&target, "old").unwrap();
        let mut file = TargetFile::create(&target).unwrap();
        file.write_all(b"new").unwrap();
        assert_eq!(fs::read_to_string(&target).unwrap(), "old");
        file.commit().unwrap();
        assert_eq!(fs::read_to_string(&target).unwrap(), "new");
        assert_eq!(names(folder.path()), ["out.csv"]);
    }

    #[test]
    fn leaves_nothing_when_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("out.csv");
        let mut first = TargetFile::create(&target).unwrap();
        let second = TargetFile::create(&target).unwrap();
        first.write_all(b"half").unwrap();
        assert_eq!(names(folder.path()).len(), 2);
        drop((first, second));
        assert!(names(folder.path()).is_empty());
    }

    #[test]
    fn refusals() {
        let folder = tempfile::tempdir().unwrap();
        let check = |path: &Path, expected: &str| {
            let told = TargetFile::create(path).unwrap_err().to_string();
            assert!(told.contains(expected) && !told.contains('\n'), "{told}");
        };
        check(folder.path(), "is a folder");
        check(&folder.path().join("none/out.csv"), "there is no folder");
        check(&folder.path().join(".."), "is a folder");
        if cfg!(unix) {
            check(Path::new("/dev/null"), "not a regular file");
        }
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        check(&file.join("out.csv"), "out.csv");
        let mut permissions = fs::metadata(&file).unwrap().permissions();
        permissions.set_readonly(true);
        fs::set_permissions(&file, permissions).unwrap();
        check(&file, "no permission");
    }

    #[cfg(unix)]
    #[test]
    fn follows_links_and_keeps_permissions() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let (real, link) = (folder.path().join("real.csv"), folder.path().join("link.csv"));
        fs::write(&real, "old").unwrap();
        fs::set_permissions(&real, fs::Permissions::from_mode(0o600)).unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        let mut file = TargetFile::create(&link).unwrap();
        file.write_all(b"new").unwrap();
        file.commit().unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&real).unwrap(), "new");
        assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
