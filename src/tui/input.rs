//! What comes from the terminal, read on a thread of its own: crossterm's reader does not return from a
//! sequence that stops in its midst, nor from a terminal that has hung up, and the screen must go on.

use crossterm::event::Event;
use futures_util::Stream;
use std::io;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};
use tokio::sync::mpsc;

/// Events that may wait for the screen; the rest waits in the terminal.
const WAITING: usize = 256;

type Events = mpsc::Receiver<io::Result<Event>>;

/// The events of the thread while no screen takes them. A process has one terminal and therefore one such
/// thread: a second one would take keys from the first.
static UNUSED: Mutex<Option<Events>> = Mutex::new(None);

/// Keys, mouse gestures, pasted text and sizes, in the order in which they came. Ends where the terminal can no longer be read.
pub(super) struct Input {
    events: Option<Events>,
}

impl Input {
    /// Begins to read, or goes on where the screen before left off.
    pub(super) fn open() -> io::Result<Self> {
        let unused = UNUSED.lock().unwrap_or_else(PoisonError::into_inner).take();
        let events = unused.map_or_else(start, Ok)?;
        Ok(Self { events: Some(events) })
    }
}

impl Stream for Input {
    type Item = io::Result<Event>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.events.as_mut().map_or(Poll::Ready(None), |events| events.poll_recv(context))
    }
}

impl Drop for Input {
    fn drop(&mut self) {
        *UNUSED.lock().unwrap_or_else(PoisonError::into_inner) = self.events.take();
    }
}

/// The thread is never waited for: it ends with the process.
fn start() -> io::Result<Events> {
    let (sender, events) = mpsc::channel(WAITING);
    std::thread::Builder::new().name("input".into()).spawn(move || {
        loop {
            let event = crossterm::event::read();
            let failed = event.is_err();
            if sender.blocking_send(event).is_err() || failed {
                return;
            }
        }
    })?;
    Ok(events)
}
