//! One recorder for one store: an advisory lock on a file beside it, which the system lets go of
//! however the process ends.

use super::error::StoreError;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Held for as long as this process records.
#[derive(Debug)]
pub struct Lock {
    file: File,
}

/// The answer to an attempt to take the lock.
#[derive(Debug)]
pub enum TakeLock {
    /// This process is the recorder.
    Taken(Lock),
    /// Another one is; its process id where it could be read.
    Held(Option<u32>),
}

impl Lock {
    /// Takes the lock of the store at `path`, or says who has it.
    pub fn take(path: &Path) -> Result<TakeLock, StoreError> {
        let lock_path = lock_path(path);
        let fail = |cause: std::io::Error| StoreError::File { path: lock_path.clone(), cause: cause.to_string() };
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&lock_path).map_err(fail)?;
        match try_lock(&file) {
            Ok(()) => {
                file.set_len(0).map_err(fail)?;
                file.rewind().map_err(fail)?;
                write!(file, "{}", std::process::id()).map_err(fail)?;
                Ok(TakeLock::Taken(Self { file }))
            }
            Err(TryLockError::WouldBlock) => {
                let mut text = String::new();
                // Where locks are mandatory the holder's id cannot be read; the lock still stands.
                let pid = file.read_to_string(&mut text).ok().and_then(|_| text.trim().parse().ok());
                Ok(TakeLock::Held(pid))
            }
            Err(TryLockError::Error(cause)) => Err(fail(cause)),
        }
    }

    /// Whether a recorder holds the lock of the store at `path` at this moment.
    pub fn is_held(path: &Path) -> bool {
        File::open(lock_path(path)).is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing lets go of it as well; a failure leaves nothing to mend.
        let _ = self.file.unlock();
    }
}

/// Attempts that lookers may thwart. Each look lasts microseconds.
const ATTEMPTS: usize = 4_000;

/// Of these so many follow each other at once. On a busy machine a looker may be put aside in the middle of
/// its look: the later ones give it time.
const AT_ONCE: usize = 1_000;

/// Takes the exclusive lock, past those who only look whether it is held: a look is a shared lock
/// for a moment. Only an exclusive one keeps a shared one out, and that is a recorder's.
fn try_lock(file: &File) -> Result<(), TryLockError> {
    for attempt in 0..ATTEMPTS {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => file.try_lock_shared()?,
            other => return other,
        }
        file.unlock().map_err(TryLockError::Error)?;
        if attempt < AT_ONCE {
            std::thread::yield_now();
        } else {
            std::thread::park_timeout(Duration::from_millis(1));
        }
    }
    Err(TryLockError::WouldBlock)
}

/// Beside the file itself, by whatever name or link it is opened: one store, one lock.
fn lock_path(path: &Path) -> PathBuf {
    super::connection::beside(path, ".lock")
}

#[cfg(test)]
mod tests {
    #[cfg(unix)]
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_store_has_one_lock_by_whatever_name_it_is_opened() {
        let folder = tempfile::tempdir().unwrap();
        let (real, link, up) =
            (folder.path().join("s.sqlite"), folder.path().join("link"), folder.path().join("sub/../s.sqlite"));
        std::fs::create_dir(folder.path().join("sub")).unwrap();
        std::fs::write(&real, "").unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        let TakeLock::Taken(lock) = Lock::take(&link).unwrap() else { panic!("nobody holds it") };
        for name in [&real, &link, &up] {
            assert!(Lock::is_held(name), "{}", name.display());
            assert!(matches!(Lock::take(name).unwrap(), TakeLock::Held(Some(pid)) if pid == std::process::id()));
        }
        drop(lock);
        assert!(!Lock::is_held(&real));
    }
}
