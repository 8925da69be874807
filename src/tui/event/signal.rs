//! Signals that end the app the same way as its own key does.

use std::io;

/// Waits for an end from outside.
pub(super) struct Stop {
    #[cfg(unix)]
    signals: [tokio::signal::unix::Signal; 3],
}

impl Stop {
    /// From here on such signals no longer kill the process at once.
    #[cfg(unix)]
    pub(super) fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { signals: [signal(SignalKind::terminate())?, signal(SignalKind::hangup())?, signal(SignalKind::interrupt())?] })
    }

    /// Ends when one comes.
    #[cfg(unix)]
    pub(super) async fn wait(&mut self) {
        let [terminate, hangup, interrupt] = &mut self.signals;
        tokio::select! {
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
            _ = interrupt.recv() => {}
        }
    }

    /// Elsewhere Ctrl-C comes as a key, and closing the window ends the input.
    #[cfg(not(unix))]
    #[expect(clippy::unnecessary_wraps, reason = "one signature on every system")]
    pub(super) fn listen() -> io::Result<Self> {
        Ok(Self {})
    }

    /// Never ends.
    #[cfg(not(unix))]
    pub(super) async fn wait(&mut self) {
        std::future::pending().await
    }
}
