//! Runs a program in a pseudo terminal and proves that it draws, obeys `q` and ends well.
//!
//! `first_frame PROGRAM [ARG..]` waits up to ten seconds for the word `SIMULATED` on the screen,
//! prints how long that took, types `q`, and expects exit code 0. The program gets a home of its own,
//! so that nobody's store or settings are touched.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command-line check speaks through both")]

use portable_pty::{Child, CommandBuilder, PtySize, native_pty_system};
use std::ffi::OsString;
use std::io::{Read, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

const WORD: &str = "SIMULATED";
const PATIENCE: Duration = Duration::from_secs(10);
const SIZE: PtySize = PtySize { rows: 40, cols: 120, pixel_width: 0, pixel_height: 0 };

type Failure = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    let words: Vec<OsString> = std::env::args_os().skip(1).collect();
    let Some((program, arguments)) = words.split_first() else {
        eprintln!("usage: first_frame PROGRAM [ARG..]");
        return ExitCode::from(2);
    };
    match check(Path::new(program), arguments) {
        Ok(first_frame) => {
            println!("first frame after {} ms; left with `q` and exit code 0", first_frame.as_millis());
            ExitCode::SUCCESS
        }
        Err(failure) => {
            eprintln!("first_frame: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn check(program: &Path, arguments: &[OsString]) -> Result<Duration, Failure> {
    let program = program.canonicalize().map_err(|error| format!("{}: {error}", program.display()))?;
    let home = tempfile::tempdir()?;
    let mut command = CommandBuilder::new(program);
    command.args(arguments);
    command.cwd(home.path());
    command.env("TERM", "xterm-256color");
    for (variable, folder) in [
        ("HOME", ""),
        ("XDG_CONFIG_HOME", "config"),
        ("XDG_DATA_HOME", "data"),
        ("XDG_STATE_HOME", "state"),
        ("XDG_CACHE_HOME", "cache"),
    ] {
        command.env(variable, home.path().join(folder));
    }
    for variable in ["DB_PATH", "LOG_DIR", "LOG_LEVEL", "LOG_FORMAT", "BACKFILL_MINUTES"] {
        command.env_remove(variable);
    }

    let pty = native_pty_system().openpty(SIZE)?;
    let started = Instant::now();
    let mut child = pty.slave.spawn_command(command)?;
    // Kept open, it would hide the program's end from the reader.
    drop(pty.slave);
    let output = read_along(pty.master.try_clone_reader()?)?;
    let mut keyboard = pty.master.take_writer()?;
    let mut screen = vt100::Parser::new(SIZE.rows, SIZE.cols, 0);

    let outcome = drive(&mut screen, &output, &mut keyboard, child.as_mut(), started);
    if outcome.is_err() {
        // It may have ended by itself already.
        let _ = child.kill();
        let _ = child.wait();
        eprintln!("{}", screen.screen().contents().trim_end());
    }
    outcome
}

fn drive(
    screen: &mut vt100::Parser,
    output: &Receiver<Vec<u8>>,
    keyboard: &mut dyn Write,
    child: &mut (dyn Child + Send + Sync),
    started: Instant,
) -> Result<Duration, Failure> {
    while !screen.screen().contents().contains(WORD) {
        let left =
            PATIENCE.checked_sub(started.elapsed()).ok_or_else(|| format!("no {WORD} on the screen after {PATIENCE:?}"))?;
        match output.recv_timeout(left) {
            Ok(bytes) => screen.process(&bytes),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Err(format!("it ended without drawing {WORD}").into()),
        }
    }
    let first_frame = started.elapsed();

    keyboard.write_all(b"q")?;
    keyboard.flush()?;
    let asked = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            let code = status.exit_code();
            return if code == 0 { Ok(first_frame) } else { Err(format!("it left with exit code {code}").into()) };
        }
        if asked.elapsed() > PATIENCE {
            return Err(format!("`q` did not end it within {PATIENCE:?}").into());
        }
        match output.recv_timeout(Duration::from_millis(20)) {
            Ok(bytes) => screen.process(&bytes),
            Err(RecvTimeoutError::Timeout) => {}
            // Its terminal is closed: only the exit is left to wait for.
            Err(RecvTimeoutError::Disconnected) => {
                let code = child.wait()?.exit_code();
                return if code == 0 { Ok(first_frame) } else { Err(format!("it left with exit code {code}").into()) };
            }
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
