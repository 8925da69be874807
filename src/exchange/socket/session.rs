//! One socket from its first subscription to its end.

use super::Shared;
use super::connect::Socket;
use super::news::{Cause, News};
use super::outlet::Key;
use crate::domain::time::Time;
use crate::exchange::pace::Pace;
use crate::exchange::port::Lane;
use crate::exchange::stream::{BadFrame, Heard, Roster, SocketLimits, StreamEvent, Subscription, stream_name};
use futures_util::{SinkExt as _, StreamExt as _};
use std::collections::{HashSet, VecDeque};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, mpsc, watch};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_tungstenite::tungstenite::{self, Message};

/// A socket whose subscriptions are sent and that says nothing for so long counts as standing: its
/// markets may be quiet.
const QUIET_START: Duration = Duration::from_secs(5);

/// Unreadable frames are told of at most once in this time.
const TOLD_EVERY: Duration = Duration::from_secs(10);

/// So many unreadable frames within that time end the socket.
const MOST_BAD: u32 = 20;

/// What is told of a frame over which the reader stumbles.
const EXCERPT_CHARS: usize = 120;

/// Long enough for a timer that must never fire.
const FAR: Duration = Duration::from_secs(365 * 86_400);

/// What a session tells while it runs.
#[derive(Debug, Default)]
pub(super) struct Signals {
    /// It delivers, or all it could do for that is done.
    pub(super) delivering: Notify,
    /// The exchange is about to close it.
    pub(super) leaving: Notify,
}

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct End {
    pub(super) cause: Cause,
    pub(super) detail: String,
    /// When it was last heard of, by the local clock.
    pub(super) since: Time,
}

/// A socket at work.
pub(super) struct Session {
    shared: Arc<Shared>,
    socket: Socket,
    wanted: watch::Receiver<Arc<[Subscription]>>,
    signals: Arc<Signals>,
    limits: SocketLimits,
    messages: Pace,
    outbox: VecDeque<String>,
    subscribed: Vec<Subscription>,
    refused: HashSet<Key>,
    /// What messages have subscribed to, by their numbers, the newest last.
    asked: VecDeque<(u64, Vec<Subscription>)>,
    roster: Roster,
    next_id: u64,
    heard_at: (Instant, Time),
    pinged_at: Instant,
    sent_at: Instant,
    is_leaving: bool,
    delivers: bool,
    bad: (Instant, u32),
}

enum Step {
    Follow(bool),
    Send,
    Frame(Option<Result<Message, tungstenite::Error>>),
    Ping,
    Silent,
    Quiet,
}

impl Session {
    pub(super) fn new(
        shared: Arc<Shared>,
        path: &str,
        socket: Socket,
        wanted: watch::Receiver<Arc<[Subscription]>>,
        signals: Arc<Signals>,
    ) -> Self {
        let limits = shared.protocol.limits(path);
        let (count, window) = limits.messages;
        let now = Instant::now();
        Self {
            messages: Pace::new(count, window, 0.0),
            heard_at: (now, shared.clock.now()),
            shared,
            socket,
            wanted,
            signals,
            limits,
            outbox: VecDeque::new(),
            subscribed: Vec::new(),
            refused: HashSet::new(),
            asked: VecDeque::new(),
            roster: Roster::default(),
            next_id: 1,
            pinged_at: now,
            sent_at: now,
            is_leaving: false,
            delivers: false,
            bad: (now, 0),
        }
    }

    /// Runs until the socket ends.
    pub(super) async fn run(mut self) -> End {
        self.follow();
        self.shared.outlet.resubscribed(&self.subscribed);
        loop {
            let silent_at = self.heard_at.0 + self.limits.silence;
            let ping_at = match self.limits.ping {
                Some(ping) => self.heard_at.0.max(self.pinged_at) + ping.idle,
                None => self.heard_at.0 + FAR,
            };
            let step = tokio::select! {
                biased;
                changed = self.wanted.changed() => Step::Follow(changed.is_ok()),
                () = self.messages.turn(Lane::Live), if !self.outbox.is_empty() => Step::Send,
                frame = self.socket.next() => Step::Frame(frame),
                () = sleep_until(silent_at) => Step::Silent,
                () = sleep_until(ping_at), if self.limits.ping.is_some() => Step::Ping,
                () = sleep_until(self.sent_at + QUIET_START), if !self.delivers && self.outbox.is_empty() => Step::Quiet,
            };
            let ended = match step {
                Step::Follow(true) => {
                    self.follow();
                    None
                }
                Step::Follow(false) => Some((Cause::Cut, "not wanted any more".into())),
                Step::Send => self.send().await,
                Step::Frame(frame) => self.frame(frame).await,
                Step::Ping => self.ping().await,
                Step::Silent => {
                    let silence = self.limits.silence.as_secs();
                    Some((Cause::Silent, format!("nothing for {silence} s, not even a sign of life")))
                }
                Step::Quiet => {
                    self.deliver();
                    None
                }
            };
            if let Some((cause, detail)) = ended {
                let cause = if self.is_leaving { Cause::Leaving } else { cause };
                return End { cause, detail, since: self.heard_at.1 };
            }
        }
    }

    /// Subscribes to what is new and unsubscribes from what is not wanted any more.
    fn follow(&mut self) {
        let wanted = self.wanted.borrow_and_update().to_vec();
        let gone: Vec<Subscription> = self.subscribed.iter().filter(|one| !wanted.contains(one)).cloned().collect();
        let new: Vec<Subscription> = wanted.iter().filter(|one| !self.subscribed.contains(one)).cloned().collect();
        let is_taken = |one: &&Subscription| !self.refused.contains(&Key::of(one));
        let gone_taken: Vec<Subscription> = gone.iter().filter(is_taken).cloned().collect();
        self.refused.retain(|key| wanted.iter().any(|one| Key::of(one) == *key));
        // Off with the old first: the limit of subscriptions holds at every moment.
        if !gone_taken.is_empty() {
            let messages = self.shared.protocol.unsubscribe(self.next_id, &gone_taken);
            self.next_id += messages.len() as u64;
            self.outbox.extend(messages);
        }
        if !new.is_empty() {
            self.shared.outlet.resubscribed(&new);
            self.subscribe(&new);
        }
        self.roster = wanted.iter().map(|one| &one.instrument).collect();
        self.subscribed = wanted;
    }

    /// Queues the messages that subscribe to these, and keeps which number stands for which of them.
    fn subscribe(&mut self, subscriptions: &[Subscription]) {
        let messages = self.shared.protocol.subscribe(self.next_id, subscriptions);
        let chunks = subscriptions.chunks(self.limits.per_message.max(1));
        for ((id, message), chunk) in (self.next_id..).zip(&messages).zip(chunks) {
            // An exchange that sorts them by channels first tells names in its refusals.
            if self.shared.protocol.subscribe(id, chunk) == [message.as_str()] {
                self.asked.push_back((id, chunk.to_vec()));
            }
        }
        self.next_id += messages.len() as u64;
        self.outbox.extend(messages);
        // More than this was answered long ago.
        let surplus = self.asked.len().saturating_sub(2 * self.limits.subscriptions);
        self.asked.drain(..surplus);
    }

    async fn send(&mut self) -> Option<(Cause, String)> {
        let text = self.outbox.pop_front()?;
        self.sent_at = Instant::now();
        self.put(text).await
    }

    async fn ping(&mut self) -> Option<(Cause, String)> {
        self.pinged_at = Instant::now();
        let ping = self.limits.ping?;
        self.put(ping.text.to_owned()).await
    }

    async fn put(&mut self, text: String) -> Option<(Cause, String)> {
        match timeout(self.shared.settings.send_timeout, self.socket.send(Message::text(text))).await {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some((Cause::Cut, error.to_string())),
            Err(_) => Some((Cause::Cut, "a message could not be sent in time".into())),
        }
    }

    async fn frame(&mut self, frame: Option<Result<Message, tungstenite::Error>>) -> Option<(Cause, String)> {
        let message = match frame {
            None => return Some((Cause::Cut, "the connection ended".into())),
            Some(Err(error)) => {
                return Some((cause_of(&error), error.to_string()));
            }
            Some(Ok(message)) => message,
        };
        self.heard_at = (Instant::now(), self.shared.clock.now());
        match message {
            Message::Text(text) => {
                self.shared.outlet.count_frame();
                match self.read(text.as_str()) {
                    Ok(heard) => self.hear(heard).await,
                    Err(bad) => return self.bad_frame(&bad).await,
                }
            }
            Message::Binary(_) => {
                let bad = BadFrame { what: "binary where text was expected".into(), excerpt: String::new() };
                return self.bad_frame(&bad).await;
            }
            Message::Close(close) => {
                let reason = close.map_or_else(String::new, |close| format!(" ({} {})", close.code, close.reason));
                return Some((Cause::Cut, format!("the exchange closed the socket{reason}")));
            }
            // Pings are answered by the library with the next write or read.
            Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
        }
        None
    }

    /// What a frame says. One over which the reader stumbles is unreadable, and ends nothing.
    fn read(&self, text: &str) -> Result<Vec<Heard>, BadFrame> {
        let read = AssertUnwindSafe(|| self.shared.protocol.read(text, &self.roster));
        std::panic::catch_unwind(read).unwrap_or_else(|_| {
            Err(BadFrame { what: "reading it panicked".into(), excerpt: text.chars().take(EXCERPT_CHARS).collect() })
        })
    }

    async fn hear(&mut self, heard: Vec<Heard>) {
        let mut delivers = false;
        for one in &heard {
            match &one.event {
                StreamEvent::Refused { name: None, id: Some(id), reason } => self.refuse_message(*id, reason).await,
                StreamEvent::Refused { name, reason, .. } => self.refuse(name.as_deref(), reason).await,
                StreamEvent::Leaving => {
                    self.is_leaving = true;
                    self.signals.leaving.notify_one();
                }
                StreamEvent::Acknowledged | StreamEvent::Beat => {}
                _ => delivers = true,
            }
        }
        self.shared.outlet.take(heard).await;
        if delivers {
            self.deliver();
        }
    }

    fn deliver(&mut self) {
        if !std::mem::replace(&mut self.delivers, true) {
            self.signals.delivering.notify_one();
        }
    }

    /// A message is refused as a whole, whoever of it is meant: its halves are asked for by themselves, until the
    /// one that is refused alone is found. The others flow after a few messages, and not after a silence.
    async fn refuse_message(&mut self, id: u64, reason: &str) {
        let Some(at) = self.asked.iter().position(|(asked, _)| *asked == id) else { return self.refuse(None, reason).await };
        let of = self.asked.remove(at).map_or_else(Vec::new, |(_, of)| of);
        let still: Vec<Subscription> = of.into_iter().filter(|one| self.subscribed.contains(one)).collect();
        match still.as_slice() {
            [] => {}
            [one] => self.refuse_these(vec![one.clone()].into(), reason).await,
            several => {
                let (first, second) = several.split_at(several.len() / 2);
                self.subscribe(first);
                self.subscribe(second);
            }
        }
    }

    async fn refuse(&mut self, name: Option<&str>, reason: &str) {
        let named = |one: &&Subscription| name.is_some_and(|name| stream_name(&one.instrument) == name);
        self.refuse_these(self.subscribed.iter().filter(named).cloned().collect(), reason).await;
    }

    async fn refuse_these(&mut self, meant: Arc<[Subscription]>, reason: &str) {
        self.refused.extend(meant.iter().map(Key::of));
        let news = News::Refused { at: self.shared.clock.now(), reason: reason.to_owned(), subscriptions: meant };
        tell(&self.shared.news, news).await;
    }

    /// One unreadable frame is a dropped frame; many are a broken socket.
    async fn bad_frame(&mut self, bad: &BadFrame) -> Option<(Cause, String)> {
        let now = Instant::now();
        let (began, count) = &mut self.bad;
        if *count == 0 || now.duration_since(*began) >= TOLD_EVERY {
            (*began, *count) = (now, 1);
            let at = self.shared.clock.now();
            let subscriptions = affected(&self.subscribed, &bad.excerpt);
            tell(&self.shared.news, News::Dropped { at, detail: bad.to_string(), subscriptions }).await;
            return None;
        }
        *count += 1;
        (*count >= MOST_BAD).then(|| (Cause::DroppedFrame, format!("{count} unreadable frames, the last: {bad}")))
    }
}

async fn tell(to: &mpsc::Sender<News>, news: News) {
    // Fails when nobody listens any more: the sockets are about to be closed.
    let _ = to.send(news).await;
}

/// A connection that ends is cut; what breaks the rules of frames was a frame that is lost.
fn cause_of(error: &tungstenite::Error) -> Cause {
    use tungstenite::Error::{Capacity, Protocol, Utf8};
    match error {
        Protocol(tungstenite::error::ProtocolError::ResetWithoutClosingHandshake) => Cause::Cut,
        Protocol(_) | Utf8(_) | Capacity(_) => Cause::DroppedFrame,
        _ => Cause::Cut,
    }
}

/// What an unreadable frame may have told of: whom its beginning names, and everybody where it names
/// nobody.
fn affected(subscribed: &[Subscription], excerpt: &str) -> Arc<[Subscription]> {
    let excerpt = excerpt.to_lowercase();
    let is_named = |one: &&Subscription| excerpt.contains(&stream_name(&one.instrument).to_lowercase());
    let named: Arc<[Subscription]> = subscribed.iter().filter(is_named).cloned().collect();
    if named.is_empty() { subscribed.into() } else { named }
}
