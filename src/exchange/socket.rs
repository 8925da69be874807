//! Sockets of live streams, the same for every exchange: what is to be heard is spread over sockets,
//! each of which connects, subscribes, keeps alive, notices that it has died, and comes back.
//!
//! What is heard goes two ways. Of what is only ever looked at, the newest is kept and the rest
//! forgotten; what is to be stored waits in a bounded queue, and a full queue holds the socket itself
//! up. So neither memory nor a screen depends on how much an exchange sends.

mod cadence;
pub mod connect;
mod news;
pub mod outlet;
mod plan;
pub mod proxy;
mod session;
mod slot;

pub use connect::{Dial, Dialer, Socket};
pub use news::{Cause, News};
pub use outlet::{Final, Key, Latest, Outlet};

use super::clock::Clock;
use super::pace::Pace;
use super::retry::BackoffSettings;
use super::stream::{Protocol, Subscription};
use crate::domain::time::Time;
use plan::SlotId;
use slot::Slot;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::task::AbortHandle;

/// News that may wait.
const NEWS: usize = 256;

/// Bounds of every socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SocketSettings {
    /// Until the socket stands: TCP, proxy, TLS and the WebSocket's own handshake.
    pub connect_timeout: Duration,
    /// Until a message is sent.
    pub send_timeout: Duration,
    /// Until a socket that takes another's place has to deliver.
    pub handover: Duration,
    /// Waits between attempts.
    pub backoff: BackoffSettings,
    /// Most bytes of a frame.
    pub max_frame: usize,
    /// What is to be stored and may wait, over all sockets.
    pub queue: usize,
}

impl Default for SocketSettings {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            send_timeout: Duration::from_secs(10),
            handover: Duration::from_secs(30),
            backoff: BackoffSettings { base: Duration::from_millis(500), cap: Duration::from_secs(60) },
            max_frame: 4 << 20,
            queue: 1_024,
        }
    }
}

/// How a socket is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SocketState {
    /// On its way.
    Connecting,
    /// Delivers.
    Live,
    /// Does not, and is being tried again.
    Down,
}

/// How a socket is, and since when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SocketView {
    /// How.
    pub state: SocketState,
    /// Since when, by the local clock.
    pub since: Time,
    /// Subscriptions that it is to carry.
    pub subscriptions: usize,
}

/// Shared by the sockets of one exchange.
pub(in crate::exchange) struct Shared {
    protocol: Arc<dyn Protocol>,
    dialer: Arc<dyn Dial>,
    clock: Clock,
    settings: SocketSettings,
    outlet: Arc<Outlet>,
    news: mpsc::Sender<News>,
    /// The exchange counts connections by address, whatever their path.
    connections: Mutex<Option<Pace>>,
}

impl Shared {
    fn connections(&self, path: &str) -> Pace {
        let mut pace = self.connections.lock().unwrap_or_else(PoisonError::into_inner);
        pace.get_or_insert_with(|| {
            let (count, window) = self.protocol.limits(path).connections;
            Pace::new(count, window, 0.0)
        })
        .clone()
    }
}

/// What a socket's place is asked for from outside.
enum Ask {
    /// Another socket in the place of this one, which stays until that delivers.
    Replace,
    /// An end, and a new beginning.
    Cut(String),
}

struct Running {
    path: String,
    wanted: watch::Sender<Arc<[Subscription]>>,
    state: watch::Receiver<SocketView>,
    asks: mpsc::Sender<Ask>,
    task: AbortHandle,
}

/// The sockets of one exchange. Dropping it closes them.
pub struct Sockets {
    shared: Arc<Shared>,
    slots: Mutex<BTreeMap<SlotId, Running>>,
}

impl Sockets {
    /// No socket yet; what happens to them comes out of the receiver.
    pub fn new(
        protocol: Arc<dyn Protocol>,
        dialer: Arc<dyn Dial>,
        clock: Clock,
        settings: SocketSettings,
    ) -> (Self, mpsc::Receiver<News>, mpsc::Receiver<Final>) {
        let (news, told) = mpsc::channel(NEWS);
        let (outlet, finals) = Outlet::new(settings.queue, protocol.tells_closed());
        let shared = Shared { protocol, dialer, clock, settings, outlet: Arc::new(outlet), news, connections: Mutex::default() };
        (Self { shared: Arc::new(shared), slots: Mutex::default() }, told, finals)
    }

    /// What is heard.
    pub fn outlet(&self) -> &Arc<Outlet> {
        &self.shared.outlet
    }

    /// Hears these from now on, and nothing else. Sockets that stand stay; call within a runtime.
    pub fn want(&self, subscriptions: &[Subscription]) {
        let mut slots = self.slots();
        let present = slots.iter().map(|(id, running)| {
            let held = running.wanted.borrow().to_vec();
            (*id, running.path.clone(), held)
        });
        let plan = plan::plan(self.shared.protocol.as_ref(), present.collect(), subscriptions);
        slots.retain(|id, running| {
            let stays = plan.iter().any(|planned| planned.id == *id);
            if !stays {
                running.task.abort();
            }
            stays
        });
        for planned in plan {
            let wanted: Arc<[Subscription]> = planned.subscriptions.into();
            match slots.get(&planned.id) {
                Some(running) => {
                    running.wanted.send_if_modified(|held| {
                        let differs = *held != wanted;
                        *held = wanted;
                        differs
                    });
                }
                None => {
                    slots.insert(planned.id, self.start(planned.path, wanted));
                }
            }
        }
        self.shared.outlet.keep_only(subscriptions);
    }

    fn start(&self, path: String, subscriptions: Arc<[Subscription]>) -> Running {
        let view =
            SocketView { state: SocketState::Connecting, since: self.shared.clock.now(), subscriptions: subscriptions.len() };
        let (state, seen) = watch::channel(view);
        let (wanted, to_want) = watch::channel(subscriptions);
        let (asks, asked) = mpsc::channel(1);
        let slot = Slot::new(Arc::clone(&self.shared), path.clone(), to_want, state, asked);
        Running { path, wanted, state: seen, asks, task: tokio::spawn(slot.run()).abort_handle() }
    }

    /// Replaces the socket that is to carry this and does not, though it looks alive. It serves its
    /// other subscriptions until the new one does.
    pub fn renew(&self, subscription: &Subscription) {
        let slots = self.slots();
        let holds = |running: &&Running| running.wanted.borrow().contains(subscription);
        if let Some(running) = slots.values().find(holds) {
            // One request is enough: a second one finds the place taken.
            let _ = running.asks.try_send(Ask::Replace);
        }
    }

    /// What shares a socket with this, itself among it.
    pub fn beside(&self, subscription: &Subscription) -> Vec<Subscription> {
        let slots = self.slots();
        let held = slots.values().map(|running| running.wanted.borrow()).find(|wanted| wanted.contains(subscription));
        held.map(|wanted| wanted.to_vec()).unwrap_or_default()
    }

    /// Ends every connection and connects anew: they are dead without knowing it.
    pub fn cut_all(&self, why: &str) {
        for running in self.slots().values() {
            let _ = running.asks.try_send(Ask::Cut(why.to_owned()));
        }
    }

    /// How each socket is.
    pub fn views(&self) -> Vec<SocketView> {
        self.slots()
            .values()
            .map(|running| SocketView { subscriptions: running.wanted.borrow().len(), ..*running.state.borrow() })
            .collect()
    }

    fn slots(&self) -> MutexGuard<'_, BTreeMap<SlotId, Running>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Sockets {
    fn drop(&mut self) {
        for running in self.slots().values() {
            running.task.abort();
        }
    }
}

#[cfg(test)]
mod tests;
