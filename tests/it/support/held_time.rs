//! Time that stands still until a test moves it, while sockets and threads go on.
//!
//! Tokio's paused clock jumps to the next timer whenever the runtime has nothing to do, and waiting
//! for a socket or for the store's writer thread looks just like that: timeouts would fire at once.
//! It does not jump while a blocking task runs. So one blocking task is kept waiting for as long as
//! the test lasts, and the test itself moves the clock, letting everything that is under way come to
//! its end in real time before each step.

use marketdata_tui::engine::Engine;
use marketdata_tui::exchange::port::Exchange;
use marketdata_tui::store::{Priority, Store};
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

/// Real time after which a condition is given up.
const PATIENCE: Duration = Duration::from_secs(60);

/// Holds the clock; call within `#[tokio::test(start_paused = true)]`.
pub(crate) struct HeldTime {
    _anchor: Sender<()>,
    store: Store,
}

impl HeldTime {
    /// From now on the clock moves by [`Self::advance`] alone.
    pub(crate) fn hold(store: &Store) -> Self {
        let (anchor, held) = channel::<()>();
        // Ends when the sender is dropped.
        tokio::task::spawn_blocking(move || held.recv());
        Self { _anchor: anchor, store: store.clone() }
    }

    /// Lets all that is under way come in: requests, reads and writes.
    pub(crate) async fn settle(&self, exchange: &dyn Exchange) {
        let began = std::time::Instant::now();
        let mut calm = 0;
        while calm < 3 {
            for _ in 0..20 {
                tokio::task::yield_now().await;
            }
            let _ = tokio::task::spawn_blocking(real_pause).await;
            // Behind all writes that wait or are being committed. An engine that was stopped has
            // closed the writer, and then nothing waits.
            let _ = self.store.writer().run(Priority::Backfill, |_| Ok(())).await;
            let busy = exchange.health().in_flight > 0 || self.store.readers().in_use().0 > 0;
            calm = if busy { 0 } else { calm + 1 };
            assert!(began.elapsed() < PATIENCE, "something is under way for ever");
        }
    }

    /// Moves the clock by `by` in steps of `step`, letting what falls due happen at each.
    pub(crate) async fn advance(&self, exchange: &dyn Exchange, by: Duration, step: Duration) {
        let mut left = by;
        while !left.is_zero() {
            let now = left.min(step);
            tokio::time::advance(now).await;
            self.settle(exchange).await;
            left -= now;
        }
    }

    /// Stops an engine while the clock moves on: what it waits for at the end may have a limit in time.
    pub(crate) async fn stop(&self, exchange: &dyn Exchange, engine: Engine) {
        let stopped = tokio::spawn(engine.stop());
        while !stopped.is_finished() {
            self.advance(exchange, Duration::from_millis(100), Duration::from_millis(100)).await;
        }
        stopped.await.unwrap();
    }

    /// Moves the clock until `done`, at most `limit` of its time.
    pub(crate) async fn until(&self, exchange: &dyn Exchange, limit: Duration, step: Duration, mut done: impl FnMut() -> bool) {
        let start = tokio::time::Instant::now();
        self.settle(exchange).await;
        while !done() {
            assert!(start.elapsed() <= limit, "not within {limit:?} of the test's time");
            self.advance(exchange, step, step).await;
        }
    }
}

/// Real time, off the runtime's thread, so that sockets and readers get theirs.
#[expect(clippy::disallowed_methods, reason = "tokio's sleep would wait for the clock that stands still")]
pub(crate) fn real_pause() {
    std::thread::sleep(Duration::from_micros(500));
}
