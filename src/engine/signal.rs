//! A call that every task hears which listens: each exchange has tasks of its own.

use tokio::sync::watch;

/// What is called. Calls are not counted: several before a listener looks are one.
#[derive(Debug)]
pub(super) struct Signal(watch::Sender<()>);

/// Who hears it, from the moment it was made.
#[derive(Debug)]
pub(super) struct Listener(watch::Receiver<()>);

impl Default for Signal {
    fn default() -> Self {
        Self(watch::Sender::new(()))
    }
}

impl Signal {
    /// Calls.
    pub(super) fn raise(&self) {
        self.0.send_replace(());
    }

    /// Hears what is called from now on.
    pub(super) fn listen(&self) -> Listener {
        Listener(self.0.subscribe())
    }
}

impl Listener {
    /// Waits for a call. Cancel-safe.
    pub(super) async fn heard(&mut self) {
        // The signal lives as long as the recorder; where it has gone there is nothing more to hear.
        if self.0.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt as _;

    #[test]
    fn all_who_listen_hear_it_once() {
        let signal = Signal::default();
        signal.raise();
        let (mut one, mut other) = (signal.listen(), signal.listen());
        assert!(one.heard().now_or_never().is_none(), "that was before");
        signal.raise();
        signal.raise();
        for listener in [&mut one, &mut other] {
            assert!(listener.heard().now_or_never().is_some());
            assert!(listener.heard().now_or_never().is_none());
        }
    }
}
