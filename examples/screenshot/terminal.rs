//! The program in a pseudo terminal.

use crate::{Failure, keys};
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::ffi::OsString;
use std::io::{Read, Write};
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

/// What does not come within this time does not come.
const PATIENCE: Duration = Duration::from_secs(60);
/// Between two keys: an escape that is followed at once would be read as another key.
const BETWEEN_KEYS: Duration = Duration::from_millis(60);
/// After the last key, for what it draws.
const AFTER_KEYS: Duration = Duration::from_millis(400);

/// The program, its screen and its keyboard; it is killed when this is dropped before [`Terminal::end`].
pub(crate) struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    keyboard: Box<dyn Write + Send>,
    output: Receiver<Vec<u8>>,
    screen: vt100::Parser,
    /// Kept open as long as the program runs.
    _master: Box<dyn MasterPty + Send>,
    _home: tempfile::TempDir,
}

impl Terminal {
    /// Starts the program in a terminal of full colours.
    pub(crate) fn start(program: &Path, arguments: &[OsString], columns: u16, rows: u16) -> Result<Self, Failure> {
        let home = tempfile::tempdir()?;
        let mut command = CommandBuilder::new(program);
        command.args(arguments);
        command.cwd(home.path());
        command.env("TERM", "xterm-256color");
        command.env("COLORTERM", "truecolor");
        command.env("LC_ALL", "C.UTF-8");
        for (variable, folder) in [
            ("HOME", ""),
            ("XDG_CONFIG_HOME", "config"),
            ("XDG_DATA_HOME", "data"),
            ("XDG_STATE_HOME", "state"),
            ("XDG_CACHE_HOME", "cache"),
        ] {
            command.env(variable, home.path().join(folder));
        }
        for variable in ["DB_PATH", "LOG_DIR", "LOG_LEVEL", "LOG_FORMAT", "BACKFILL_MINUTES", "NO_COLOR"] {
            command.env_remove(variable);
        }
        let pty = native_pty_system().openpty(PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 })?;
        let child = pty.slave.spawn_command(command)?;
        // Kept open, it would hide the program's end from the reader.
        drop(pty.slave);
        Ok(Self {
            child,
            keyboard: pty.master.take_writer()?,
            output: read_along(pty.master.try_clone_reader()?)?,
            screen: vt100::Parser::new(rows, columns, 0),
            _master: pty.master,
            _home: home,
        })
    }

    pub(crate) fn screen(&self) -> &vt100::Screen {
        self.screen.screen()
    }

    /// Until a text is on the screen, or no longer there.
    pub(crate) fn wait(&mut self, text: &str, there: bool) -> Result<(), Failure> {
        let began = Instant::now();
        while self.screen().contents().contains(text) != there {
            if began.elapsed() > PATIENCE {
                let not = if there { "not" } else { "still" };
                return Err(format!("`{text}` is {not} on the screen:\n{}", self.screen().contents().trim_end()).into());
            }
            self.rest(Duration::from_millis(20))?;
        }
        Ok(())
    }

    /// Types words, with a pause after each.
    pub(crate) fn press(&mut self, words: &str) -> Result<(), Failure> {
        for word in words.split_whitespace() {
            self.keyboard.write_all(&keys::bytes(word))?;
            self.keyboard.flush()?;
            self.rest(BETWEEN_KEYS)?;
        }
        self.rest(AFTER_KEYS)
    }

    /// Takes in what is drawn for so long.
    pub(crate) fn rest(&mut self, time: Duration) -> Result<(), Failure> {
        let began = Instant::now();
        while let Some(left) = time.checked_sub(began.elapsed()) {
            match self.output.recv_timeout(left) {
                Ok(bytes) => self.screen.process(&bytes),
                Err(RecvTimeoutError::Timeout) => break,
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(format!("the program has ended:\n{}", self.screen().contents().trim_end()).into());
                }
            }
        }
        Ok(())
    }

    /// Asks the program to end, and kills it where it does not.
    pub(crate) fn end(mut self) -> Result<(), Failure> {
        self.keyboard.write_all(&keys::bytes("Ctrl-C"))?;
        self.keyboard.flush()?;
        let asked = Instant::now();
        while self.child.try_wait()?.is_none() && asked.elapsed() < Duration::from_secs(10) {
            // Its output has to be taken, or it could not end; the picture is drawn already.
            let _ = self.output.recv_timeout(Duration::from_millis(20));
        }
        Ok(())
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            // It may end by itself at this moment.
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// Reads on a thread of its own, because a pseudo terminal's reads cannot time out.
fn read_along(mut reader: Box<dyn Read + Send>) -> Result<Receiver<Vec<u8>>, Failure> {
    let (sender, receiver) = sync_channel(64);
    std::thread::Builder::new().name("pty".into()).spawn(move || {
        let mut bytes = [0; 16_384];
        // An error is how Linux tells that the other side is closed.
        while let Ok(count @ 1..) = reader.read(&mut bytes) {
            if sender.send(bytes[..count].to_vec()).is_err() {
                break;
            }
        }
    })?;
    Ok(receiver)
}
