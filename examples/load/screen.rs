//! The program in a pseudo terminal, and what it draws there.

use super::Failure;
use portable_pty::{Child, CommandBuilder, PtySize, native_pty_system};
use std::io::{Read as _, Write};
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

const SIZE: PtySize = PtySize { rows: 40, cols: 120, pixel_width: 0, pixel_height: 0 };
/// Written once with each frame that changes something: its colours are taken back.
const FRAME: &[u8] = b"\x1b[59m\x1b[0m";
/// Begins the row of the cursor in the watch table.
const CURSOR: &str = "│▸";
const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) struct Screen {
    child: Box<dyn Child + Send + Sync>,
    keyboard: Box<dyn Write + Send>,
    output: Receiver<(Instant, Vec<u8>)>,
    terminal: vt100::Parser,
    frames: u64,
    /// The end of what was written last: a mark may be cut in two.
    tail: Vec<u8>,
}

impl Screen {
    pub(crate) fn start(
        program: &Path,
        arguments: &[&str],
        folder: &Path,
        environment: &[(&'static str, String)],
    ) -> Result<Self, Failure> {
        let mut command = CommandBuilder::new(program);
        command.args(arguments);
        command.cwd(folder);
        command.env("TERM", "xterm-256color");
        for (name, value) in environment {
            command.env(name, value);
        }
        let pty = native_pty_system().openpty(SIZE)?;
        let child = pty.slave.spawn_command(command)?;
        // Kept open, it would hide the program's end from the reader.
        drop(pty.slave);
        let mut reader = pty.master.try_clone_reader()?;
        let (sender, output) = sync_channel(1_024);
        std::thread::Builder::new().name("pty".into()).spawn(move || {
            let mut bytes = [0; 16_384];
            while let Ok(count @ 1..) = reader.read(&mut bytes) {
                if sender.send((Instant::now(), bytes[..count].to_vec())).is_err() {
                    break;
                }
            }
        })?;
        let keyboard = pty.master.take_writer()?;
        let terminal = vt100::Parser::new(SIZE.rows, SIZE.cols, 0);
        Ok(Self { child, keyboard, output, terminal, frames: 0, tail: Vec::new() })
    }

    pub(crate) fn process_id(&self) -> Result<u32, Failure> {
        self.child.process_id().ok_or_else(|| "the program has ended".into())
    }

    /// Frames drawn so far.
    pub(crate) const fn frames(&self) -> u64 {
        self.frames
    }

    /// Takes in what is drawn for so long.
    pub(crate) fn watch_for(&mut self, time: Duration) -> Result<(), Failure> {
        let end = Instant::now() + time;
        while self.take_in(end)?.is_some() {}
        Ok(())
    }

    /// Moves the table's cursor and tells how long that took to be seen.
    pub(crate) fn move_cursor(&mut self, down: bool) -> Result<Duration, Failure> {
        let before = self.cursor();
        let pressed = Instant::now();
        self.keyboard.write_all(if down { b"j" } else { b"k" })?;
        self.keyboard.flush()?;
        while let Some(drawn) = self.take_in(pressed + PATIENCE)? {
            if self.cursor() != before {
                return Ok(drawn.saturating_duration_since(pressed));
            }
        }
        let text = self.terminal.screen().contents();
        Err(format!("a key was not answered within {PATIENCE:?}:\n{text}").into())
    }

    /// Ends the program as a person does, and then by force.
    pub(crate) fn leave(&mut self) {
        let _ = self.keyboard.write_all(b"q").and_then(|()| self.keyboard.flush());
        let _ = self.watch_for(PATIENCE);
        // It has ended by itself, as a rule.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Row of the cursor.
    fn cursor(&self) -> Option<usize> {
        self.terminal.screen().rows(0, SIZE.cols).position(|row| row.starts_with(CURSOR))
    }

    /// The next piece of what is drawn until `end`, and when it came.
    fn take_in(&mut self, end: Instant) -> Result<Option<Instant>, Failure> {
        match self.output.recv_timeout(end.saturating_duration_since(Instant::now())) {
            Ok((at, bytes)) => {
                self.terminal.process(&bytes);
                self.tail.extend_from_slice(&bytes);
                self.frames += self.tail.windows(FRAME.len()).filter(|part| *part == FRAME).count() as u64;
                let keep = self.tail.len().saturating_sub(FRAME.len() - 1);
                self.tail.drain(..keep);
                Ok(Some(at))
            }
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) => {
                Err(format!("the program ended:\n{}", self.terminal.screen().contents().trim_end()).into())
            }
        }
    }
}
