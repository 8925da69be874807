//! The program in a pseudo terminal of its own.

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::io::{Read as _, Write};
use std::path::Path;
use std::process::Command;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};
use vt100::MouseProtocolMode;

/// A screen that does not come within this time does not come. Long, because a busy machine is no failure.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// An exchange that nobody answers for: the port is reserved and closed.
pub(super) const NOBODY: &str = "http://127.0.0.1:1";

/// A process that does not outlive the test, however that ends.
struct Running(Box<dyn Child + Send + Sync>);

impl Drop for Running {
    fn drop(&mut self) {
        // Most have ended by themselves.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The program in a terminal of its own, with a home of its own.
pub(super) struct App {
    child: Running,
    master: Box<dyn MasterPty + Send>,
    keyboard: Box<dyn Write + Send>,
    output: Receiver<Vec<u8>>,
    pub(super) screen: vt100::Parser,
    /// Everything that was written.
    pub(super) bytes: Vec<u8>,
    _home: tempfile::TempDir,
}

impl App {
    pub(super) fn start(args: &[&str], columns: u16, rows: u16) -> Self {
        Self::start_in(args, PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }, "xterm-256color")
    }

    /// In a terminal of this kind.
    pub(super) fn start_in(args: &[&str], size: PtySize, term: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        let mut command = program(home.path());
        command.args(args);
        command.env("TERM", term);
        let PtySize { rows, cols: columns, .. } = size;
        let pty = native_pty_system().openpty(size).unwrap();
        let child = Running(pty.slave.spawn_command(command).unwrap());
        drop(pty.slave);
        let mut reader = pty.master.try_clone_reader().unwrap();
        let (send, output) = sync_channel(1_024);
        std::thread::spawn(move || {
            let mut buffer = [0_u8; 8_192];
            while let Ok(count) = reader.read(&mut buffer) {
                if count == 0 || send.send(buffer[..count].to_vec()).is_err() {
                    break;
                }
            }
        });
        let keyboard = pty.master.take_writer().unwrap();
        Self {
            child,
            master: pty.master,
            keyboard,
            output,
            screen: vt100::Parser::new(rows, columns, 0),
            bytes: Vec::new(),
            _home: home,
        }
    }

    /// Takes in what was drawn until `done` holds for the screen's text.
    pub(super) fn until(&mut self, what: &str, done: impl Fn(&str) -> bool) -> String {
        let began = Instant::now();
        loop {
            let text = self.screen.screen().contents();
            if done(&text) {
                return text;
            }
            let left = PATIENCE.checked_sub(began.elapsed()).unwrap_or_else(|| panic!("no {what} on the screen:\n{text}"));
            match self.output.recv_timeout(left.min(Duration::from_millis(100))) {
                Ok(bytes) => self.take_in(&bytes),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => panic!("the program ended before {what}:\n{text}"),
            }
        }
    }

    pub(super) fn see(&mut self, text: &str) -> String {
        self.until(text, |screen| screen.contains(text))
    }

    pub(super) fn press(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).unwrap();
        self.keyboard.flush().unwrap();
    }

    pub(super) fn resize(&mut self, columns: u16, rows: u16) {
        self.screen.screen_mut().set_size(rows, columns);
        self.master.resize(PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }).unwrap();
    }

    pub(super) fn signal(&self, name: &str) {
        let pid = self.child.0.process_id().unwrap().to_string();
        assert!(Command::new("kill").args([&format!("-{name}"), &pid]).status().unwrap().success());
    }

    /// How often this was written.
    pub(super) fn count(&self, sequence: &str) -> usize {
        self.bytes.windows(sequence.len()).filter(|part| *part == sequence.as_bytes()).count()
    }

    /// Takes in what is drawn in this time.
    pub(super) fn idle(&mut self, time: Duration) {
        if let Ok(bytes) = self.output.recv_timeout(time) {
            self.take_in(&bytes);
        }
    }

    /// Waits for the end. The terminal must be as it was: main screen, cursor shown,
    /// mouse and paste reports off.
    pub(super) fn end(mut self) -> u32 {
        self.leave()
    }

    pub(super) fn leave(&mut self) -> u32 {
        let began = Instant::now();
        loop {
            match self.output.recv_timeout(Duration::from_millis(100)) {
                Ok(bytes) => self.take_in(&bytes),
                Err(RecvTimeoutError::Timeout) => assert!(began.elapsed() < PATIENCE, "it did not end"),
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        let code = self.child.0.wait().unwrap().exit_code();
        let screen = self.screen.screen();
        assert!(!screen.alternate_screen(), "the alternate screen was left on");
        assert!(!screen.hide_cursor(), "the cursor was left hidden");
        assert!(!screen.bracketed_paste(), "bracketed paste was left on");
        assert_eq!(screen.mouse_protocol_mode(), MouseProtocolMode::None, "the mouse was left on");
        code
    }

    /// Closes the window: the terminal is gone, and nobody reads what is drawn. Returns the exit code.
    pub(super) fn hang_up(self) -> u32 {
        let Self { mut child, master, keyboard, output, .. } = self;
        // The thread that reads holds the terminal too, and lets go of it with the next bytes that nobody wants.
        drop(output);
        let before = master.get_size().unwrap();
        master.resize(PtySize { rows: before.rows + 1, ..before }).unwrap();
        drop((master, keyboard));
        let began = Instant::now();
        loop {
            if let Some(status) = child.0.try_wait().unwrap() {
                return status.exit_code();
            }
            assert!(began.elapsed() < PATIENCE, "it goes on without a terminal");
            std::thread::park_timeout(Duration::from_millis(50));
        }
    }

    fn take_in(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        self.screen.process(bytes);
    }
}

fn program(home: &Path) -> CommandBuilder {
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_marketdata-tui"));
    command.cwd(home);
    for (variable, folder) in
        [("HOME", ""), ("XDG_CONFIG_HOME", "config"), ("XDG_DATA_HOME", "data"), ("XDG_STATE_HOME", "state")]
    {
        command.env(variable, home.join(folder));
    }
    for variable in ["DB_PATH", "LOG_DIR", "LOG_LEVEL", "LOG_FORMAT", "BACKFILL_MINUTES", "NO_COLOR"] {
        command.env_remove(variable);
    }
    for variable in crate::support::program::REST_URLS {
        command.env(variable, NOBODY);
    }
    command
}
