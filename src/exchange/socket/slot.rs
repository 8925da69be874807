//! A socket's place: connects, connects anew, and lets a successor stand before the old one goes.

use super::news::{Cause, News};
use super::session::{End, Session, Signals};
use super::{Ask, Shared, SocketState, SocketView};
use crate::exchange::jitter::{Jitter, doubled};
use crate::exchange::port::Lane;
use crate::exchange::stream::Subscription;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until, timeout};

/// Most time before its end of life at which a socket is replaced.
const LONGEST_MARGIN: Duration = Duration::from_secs(1_800);

/// Between two attempts to replace a socket that still delivers.
const REPLACE_AGAIN: Duration = Duration::from_secs(30);

pub(super) struct Slot {
    shared: Arc<Shared>,
    path: String,
    wanted: watch::Receiver<Arc<[Subscription]>>,
    state: watch::Sender<SocketView>,
    asked: mpsc::Receiver<Ask>,
    jitter: Jitter,
}

/// A session and what it says.
struct Running {
    session: Pin<Box<dyn Future<Output = End> + Send>>,
    signals: Arc<Signals>,
    opened: Instant,
    took_ms: i64,
}

/// What happened to a running session.
enum Turn {
    Delivers,
    Ended(End),
    Replace,
    Cut(String),
}

impl Slot {
    pub(super) fn new(
        shared: Arc<Shared>,
        path: String,
        wanted: watch::Receiver<Arc<[Subscription]>>,
        state: watch::Sender<SocketView>,
        asked: mpsc::Receiver<Ask>,
    ) -> Self {
        Self { shared, path, wanted, state, asked, jitter: Jitter::from_entropy() }
    }

    /// Runs until its task is ended.
    pub(super) async fn run(mut self) {
        let mut failures = 0;
        loop {
            match open(&self.shared, &self.path, &self.wanted).await {
                Ok(running) => {
                    let (end, delivered) = self.keep(running).await;
                    failures = if delivered { 0 } else { failures + 1 };
                    self.turn_to(SocketState::Down);
                    let subscriptions = self.subscriptions();
                    let End { cause, detail, since } = end;
                    self.tell(News::Lost { since, cause, detail, subscriptions }).await;
                }
                Err(detail) => {
                    failures += 1;
                    self.turn_to(SocketState::Down);
                    self.tell(News::Failed { at: self.shared.clock.now(), detail, attempts: failures }).await;
                }
            }
            // The first attempt after a good connection comes soon, but not at once: a host that is
            // restarted refuses everybody in the same second.
            let settings = self.shared.settings.backoff;
            let wait = self.jitter.equal(doubled(settings.base, failures, settings.cap));
            tokio::time::sleep(wait).await;
            // Whoever asked for a new connection has it now.
            while self.asked.try_recv().is_ok() {}
        }
    }

    /// Keeps a session, and its successors, until one ends without; whether any of them delivered.
    async fn keep(&mut self, mut running: Running) -> (End, bool) {
        let mut delivered = false;
        let mut announced = false;
        let mut replace_at = self.replace_at(running.opened);
        loop {
            let turn = tokio::select! {
                biased;
                end = &mut running.session => Turn::Ended(end),
                () = running.signals.delivering.notified(), if !announced => Turn::Delivers,
                () = running.signals.leaving.notified() => Turn::Replace,
                Some(ask) = self.asked.recv() => match ask {
                    Ask::Replace => Turn::Replace,
                    Ask::Cut(why) => Turn::Cut(why),
                },
                () = sleep_until(replace_at.unwrap_or(running.opened)), if replace_at.is_some() => Turn::Replace,
            };
            match turn {
                Turn::Ended(end) => return (end, delivered),
                Turn::Delivers => {
                    (announced, delivered) = (true, true);
                    self.turn_to(SocketState::Live);
                    let subscriptions = self.subscriptions();
                    let (at, took_ms) = (self.shared.clock.now(), running.took_ms);
                    self.tell(News::Connected { at, subscriptions, took_ms }).await;
                }
                Turn::Cut(detail) => return (End { cause: Cause::Cut, detail, since: self.shared.clock.now() }, delivered),
                Turn::Replace => {
                    match self.replace(&mut running).await {
                        Ok(Some(successor)) => {
                            // Dropping the old one closes it.
                            running = successor;
                            announced = true;
                            delivered = true;
                            replace_at = self.replace_at(running.opened);
                        }
                        Ok(None) => replace_at = Some(Instant::now() + REPLACE_AGAIN),
                        Err(end) => return (end, delivered),
                    }
                }
            }
        }
    }

    /// A successor that delivers, while the old session goes on; `None` where it does not come up, and
    /// an error where the old one ended meanwhile.
    async fn replace(&self, old: &mut Running) -> Result<Option<Running>, End> {
        let successor = async {
            let mut next = open(&self.shared, &self.path, &self.wanted).await.ok()?;
            tokio::select! {
                biased;
                () = next.signals.delivering.notified() => Some(next),
                _ = &mut next.session => None,
                () = tokio::time::sleep(self.shared.settings.handover) => None,
            }
        };
        tokio::select! {
            biased;
            end = &mut old.session => Err(end),
            successor = successor => Ok(successor),
        }
    }

    /// When a socket opened then is replaced: a good while before the exchange cuts it, not all in one
    /// moment.
    fn replace_at(&mut self, opened: Instant) -> Option<Instant> {
        let lifetime = self.shared.protocol.limits(&self.path).lifetime?;
        let margin = (lifetime / 10).min(LONGEST_MARGIN);
        Some(opened + lifetime.saturating_sub(self.jitter.equal(margin)))
    }

    fn subscriptions(&self) -> Arc<[Subscription]> {
        Arc::clone(&self.wanted.borrow())
    }

    fn turn_to(&self, state: SocketState) {
        let since = self.shared.clock.now();
        self.state.send_if_modified(|view| {
            let turns = view.state != state;
            if turns {
                (view.state, view.since) = (state, since);
            }
            turns
        });
    }

    async fn tell(&self, news: News) {
        // Fails when nobody listens any more: the sockets are about to be closed.
        let _ = self.shared.news.send(news).await;
    }
}

/// A new session, within the exchange's limit of connections.
async fn open(shared: &Arc<Shared>, path: &str, wanted: &watch::Receiver<Arc<[Subscription]>>) -> Result<Running, String> {
    shared.connections(path).turn(Lane::Live).await;
    let opened = Instant::now();
    let sent = path.split('#').next().unwrap_or(path);
    let url = format!("{}{sent}", shared.protocol.base_url());
    let socket = timeout(shared.settings.connect_timeout, shared.dialer.dial(url))
        .await
        .unwrap_or_else(|_| Err("no connection in time".into()))?;
    let signals = Arc::new(Signals::default());
    let session = Session::new(Arc::clone(shared), path, socket, wanted.clone(), Arc::clone(&signals));
    let took_ms = i64::try_from(opened.elapsed().as_millis()).unwrap_or(i64::MAX);
    Ok(Running { session: Box::pin(session.run()), signals, opened, took_ms })
}
