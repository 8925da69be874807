//! The terminal while we hold it: entered once, given back on every way out.

mod quiet;

use super::TuiError;
use crossterm::clipboard::CopyToClipboard;
use crossterm::cursor::{Hide, Show};
use crossterm::event::{DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture};
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};
use crossterm::{execute, tty::IsTty};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use std::io::{self, BufWriter, Stdout, Write as _};
use std::mem::ManuallyDrop;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread::ThreadId;

use quiet::Quiet;

/// Output is collected into one write per frame, so that a frame never shows half.
pub(crate) type Screen = Quiet<CrosstermBackend<BufWriter<Stdout>>>;

/// Raw mode, the alternate screen, the mouse and the hidden cursor; dropped, it undoes them.
pub(crate) struct Guard {
    /// Never dropped: ratatui's own farewell panics where standard error is gone with the terminal.
    terminal: ManuallyDrop<Terminal<Screen>>,
}

/// Whether the terminal is in our hands.
static HELD: AtomicBool = AtomicBool::new(false);
/// Panics of other threads: told after the screen is given back, lest they tear it.
static UNTOLD: Mutex<Vec<String>> = Mutex::new(Vec::new());

impl Guard {
    /// Takes the terminal over.
    pub(crate) fn enter() -> Result<Self, TuiError> {
        if !io::stdout().is_tty() || !io::stdin().is_tty() {
            return Err(TuiError::NotATerminal);
        }
        install_panic_hook(std::thread::current().id());
        HELD.store(true, Ordering::SeqCst);
        let entered = enable_raw_mode()
            .and_then(|()| execute!(io::stdout(), EnterAlternateScreen, EnableBracketedPaste, EnableMouseCapture, Hide))
            .and_then(|()| Terminal::new(Quiet::new(CrosstermBackend::new(BufWriter::with_capacity(64 * 1024, io::stdout())))));
        match entered {
            Ok(terminal) => Ok(Self { terminal: ManuallyDrop::new(terminal) }),
            Err(error) => {
                restore();
                Err(error.into())
            }
        }
    }

    /// What is drawn on.
    pub(crate) fn terminal(&mut self) -> &mut Terminal<Screen> {
        &mut self.terminal
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        restore();
        let untold = std::mem::take(&mut *UNTOLD.lock().unwrap_or_else(PoisonError::into_inner));
        for message in untold {
            // With standard error gone as well there is nobody left to tell.
            let _ = writeln!(io::stderr(), "{message}");
        }
    }
}

/// Sends a control sequence that draws nothing, between two frames; nothing where the terminal is
/// not in our hands.
pub(crate) fn send(sequence: &str) -> io::Result<()> {
    if !HELD.load(Ordering::SeqCst) {
        return Ok(());
    }
    let mut out = io::stdout().lock();
    out.write_all(sequence.as_bytes())?;
    out.flush()
}

/// Asks the terminal to put text on the clipboard (OSC 52); nothing where it is not in our hands.
pub(crate) fn copy(text: &str) -> io::Result<()> {
    if HELD.load(Ordering::SeqCst) { execute!(io::stdout(), CopyToClipboard::to_clipboard_from(text)) } else { Ok(()) }
}

/// Takes the mouse, or leaves it to the terminal; nothing where the terminal is not in our hands.
pub(crate) fn capture_mouse(on: bool) -> io::Result<()> {
    match (HELD.load(Ordering::SeqCst), on) {
        (false, _) => Ok(()),
        (true, true) => execute!(io::stdout(), EnableMouseCapture),
        (true, false) => execute!(io::stdout(), DisableMouseCapture),
    }
}

/// Whether the terminal that we hold has hung up.
pub(crate) fn is_gone() -> bool {
    HELD.load(Ordering::SeqCst) && !io::stdout().is_tty()
}

/// Pixels of a cell, across and down, as the kernel was told by the terminal; nothing where it was
/// not, or where the terminal is not in our hands.
pub(crate) fn cell_pixels() -> Option<(u16, u16)> {
    let size = HELD.load(Ordering::SeqCst).then(crossterm::terminal::window_size)?.ok()?;
    let cell = (size.width.checked_div(size.columns)?, size.height.checked_div(size.rows)?);
    (cell.0 > 0 && cell.1 > 0).then_some(cell)
}

/// Gives the terminal back; harmless when repeated.
fn restore() {
    if HELD.swap(false, Ordering::SeqCst) {
        // Each step is tried: a terminal that has hung up fails them all, and must not stop the drain.
        let _ = disable_raw_mode();
        let _ = execute!(io::stdout(), DisableMouseCapture, DisableBracketedPaste, LeaveAlternateScreen, Show);
    }
}

/// On the screen's own thread a panic gives the terminal back before it is told; on another thread
/// the screen goes on, and the panic is told at the end.
fn install_panic_hook(screen: ThreadId) {
    static INSTALLED: AtomicBool = AtomicBool::new(false);
    if INSTALLED.swap(true, Ordering::SeqCst) {
        return;
    }
    let tell = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if HELD.load(Ordering::SeqCst) && std::thread::current().id() != screen {
            UNTOLD.lock().unwrap_or_else(PoisonError::into_inner).push(panic.to_string());
            return;
        }
        restore();
        tell(panic);
    }));
}
