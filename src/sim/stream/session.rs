//! One socket from its handshake to its end.

use super::feeds::Said;
use super::frame::{Inbox, Incoming, Opcode, Violation};
use super::link::{Fate, Link};
use super::settings::Pings;
use crate::domain::time::{HOUR_MS, Time};
use crate::sim::fault::plan::Occasion;
use std::collections::VecDeque;
use std::io;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until, timeout};

/// What an exchange does with a socket.
pub(super) trait Protocol: Send {
    /// First frames, and subscriptions that the address names.
    fn opened(&mut self, link: &mut Link);

    /// A message of the client.
    fn received(&mut self, text: &str, link: &mut Link);

    /// Writes market data in the envelope that this exchange puts around it.
    fn wrap(&self, key: &str, payload: &[u8], out: &mut Vec<u8>);

    /// Announces the end of the socket.
    fn goodbye(&self, now: Time) -> Vec<u8>;

    /// What the exchange asks of the client and grants it.
    fn habits(&self, link: &Link) -> Habits;
}

/// How an exchange keeps its sockets, in real time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Habits {
    /// It pings, and wants pongs.
    pub(super) pings: Option<Pings>,
    /// Text that is sent again and again while anything is subscribed.
    pub(super) heartbeat: Option<(&'static str, Duration)>,
    /// A socket on which nothing went either way for this long is closed.
    pub(super) idle: Option<Idle>,
    /// Frames of a client within one second, of any kind.
    pub(super) messages_per_second: usize,
    /// What a client that sends more is told, where it is not thrown out.
    pub(super) too_many: Option<&'static str>,
}

/// When a silent socket is closed, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Idle {
    pub(super) after: Duration,
    pub(super) code: u16,
    pub(super) reason: &'static str,
}

/// The clock may be moved by this much and everything between is sent.
const LONGEST_CATCH_UP_MS: i64 = HOUR_MS;
/// Frames go out when this much has come together, or nothing more is due.
const FULL: usize = 64 * 1_024;
/// Frames that are sent again for load come in bundles this far apart.
const BURST_STEP: Duration = Duration::from_millis(5);
/// How long a frozen socket is held.
const LONGEST_FREEZE: Duration = Duration::from_secs(3_600);

pub(super) struct Session {
    socket: TcpStream,
    inbox: Inbox,
    protocol: Box<dyn Protocol>,
    habits: Habits,
    link: Link,
    moved: watch::Receiver<()>,
    /// Up to here market data has been sent.
    told: Time,
    opened: Instant,
    /// When anything last went either way.
    heard: Instant,
    /// When the last ping went out, and whether its pong is still owed.
    pinged: Instant,
    pong_owed: bool,
    beat: Instant,
    burst_paid: Instant,
    ends: Option<Instant>,
    /// When the client's newest frames came.
    arrivals: VecDeque<Instant>,
}

impl Session {
    pub(super) fn new(socket: TcpStream, early: Vec<u8>, protocol: Box<dyn Protocol>, link: Link) -> Self {
        let (now, moved) = (Instant::now(), link.shared.clock.watch());
        Self {
            socket,
            inbox: Inbox::new(early),
            habits: protocol.habits(&link),
            protocol,
            moved,
            told: link.now(),
            link,
            opened: now,
            heard: now,
            pinged: now,
            pong_owed: false,
            beat: now,
            burst_paid: now,
            ends: None,
            arrivals: VecDeque::new(),
        }
    }

    pub(super) async fn run(mut self) -> io::Result<()> {
        self.protocol.opened(&mut self.link);
        loop {
            self.read();
            self.tell().await?;
            self.keep();
            self.flush().await?;
            match self.link.outbox.fate {
                Fate::Open => {}
                Fate::Closed => return self.leave().await,
                Fate::Cut => return self.socket.set_zero_linger(),
                Fate::Frozen => {
                    sleep(LONGEST_FREEZE).await;
                    return Ok(());
                }
            }
            let due = self.link.feeds.due().unwrap_or(Time::from_ms(i64::MAX));
            let wake = self.wake();
            let clock = &self.link.shared.clock;
            tokio::select! {
                read = self.socket.read_buf(&mut self.inbox.bytes) => {
                    if read? == 0 {
                        return Ok(());
                    }
                }
                () = clock.reached(due, &mut self.moved) => {}
                () = sleep_until(wake) => {}
            }
        }
    }

    /// Hears what the client has sent.
    fn read(&mut self) {
        while self.link.outbox.fate == Fate::Open {
            let incoming = match self.inbox.take() {
                Ok(Some(incoming)) => incoming,
                Ok(None) => return,
                Err(Violation(code)) => return self.link.outbox.close(code, ""),
            };
            self.heard = Instant::now();
            if self.is_flooded() {
                match self.habits.too_many {
                    Some(told) => self.link.outbox.text(told.as_bytes()),
                    None => self.link.outbox.close(1_008, "Too many requests"),
                }
                continue;
            }
            match incoming {
                Incoming::Text(text) => self.protocol.received(&text, &mut self.link),
                Incoming::Binary => self.link.outbox.close(1_003, ""),
                Incoming::Ping(payload) => {
                    if self.link.outbox.strike(Occasion::Ping, self.link.now(), None).is_none() {
                        self.link.outbox.control(Opcode::Pong, &payload);
                    }
                }
                Incoming::Pong => self.pong_owed = false,
                Incoming::Close => self.link.outbox.close(1_000, ""),
            }
        }
    }

    /// Counts a frame of the client; whether it is one too many within a second.
    fn is_flooded(&mut self) -> bool {
        let now = Instant::now();
        while self.arrivals.front().is_some_and(|first| now.duration_since(*first) >= Duration::from_secs(1)) {
            self.arrivals.pop_front();
        }
        self.arrivals.push_back(now);
        self.link.shared.streams.limits && self.arrivals.len() > self.habits.messages_per_second
    }

    /// Sends all market data that is due.
    async fn tell(&mut self) -> io::Result<()> {
        let now = self.link.now();
        let passed = now.since(self.told);
        if !(0..=LONGEST_CATCH_UP_MS).contains(&passed) {
            self.link.feeds.begin(now);
        }
        self.told = now;
        let mut wrapped = Vec::with_capacity(512);
        loop {
            let (protocol, outbox) = (&self.protocol, &mut self.link.outbox);
            let fired = self.link.feeds.fire(now, |key, payload, said, due| {
                wrapped.clear();
                protocol.wrap(key, payload, &mut wrapped);
                outbox.data(&wrapped, said, due, &protocol.goodbye(due));
            });
            if !fired || outbox.fate != Fate::Open {
                return Ok(());
            }
            if outbox.bytes.len() > FULL || outbox.blanks.is_some() {
                self.flush().await?;
            }
        }
    }

    /// Pings, beats, repeats, and ends what has lasted too long.
    fn keep(&mut self) {
        let now = Instant::now();
        let link = &mut self.link;
        if let Some(ends_in) = link.outbox.ends_in.take() {
            self.ends = Some(now + ends_in);
        }
        let spent = now.duration_since(self.opened) >= link.shared.streams.life;
        if spent || self.ends.is_some_and(|ends| now >= ends) {
            return link.outbox.close(1_001, "");
        }
        if let Some(pings) = self.habits.pings {
            if self.pong_owed && now.duration_since(self.pinged) >= pings.within {
                link.outbox.fate = Fate::Cut;
            } else if !self.pong_owed && now.duration_since(self.pinged) >= pings.every {
                link.outbox.control(Opcode::Ping, link.shared.clock.now().ms().to_string().as_bytes());
                (self.pinged, self.pong_owed) = (now, true);
            }
        }
        if let Some((text, every)) = self.habits.heartbeat
            && now.duration_since(self.beat) >= every
        {
            self.beat = now;
            if link.feeds.len() > 0 {
                link.outbox.text(text.as_bytes());
            }
        }
        if let Some(idle) = self.habits.idle
            && link.shared.streams.limits
            && now.duration_since(self.heard) >= idle.after
        {
            link.outbox.close(idle.code, idle.reason);
        }
        let burst = link.shared.streams.burst;
        if burst > 0 {
            let owed = (now.duration_since(self.burst_paid).as_secs_f64() * f64::from(burst)) as u64;
            self.burst_paid += Duration::from_secs_f64(owed as f64 / f64::from(burst));
            let (protocol, outbox, now) = (&self.protocol, &mut link.outbox, link.shared.clock.now());
            let mut wrapped = Vec::with_capacity(512);
            link.feeds.repeat(owed.min(burst.into()), |key, payload| {
                wrapped.clear();
                protocol.wrap(key, payload, &mut wrapped);
                outbox.data(&wrapped, Said::Frame, now, &protocol.goodbye(now));
            });
        }
    }

    /// When there is something to keep next.
    fn wake(&self) -> Instant {
        let settings = &self.link.shared.streams;
        let mut wake = self.opened + settings.life;
        let mut sooner = |at: Instant| wake = wake.min(at);
        self.ends.into_iter().for_each(&mut sooner);
        if let Some(pings) = self.habits.pings {
            sooner(self.pinged + if self.pong_owed { pings.within } else { pings.every });
        }
        if let Some((_, every)) = self.habits.heartbeat {
            sooner(self.beat + every);
        }
        if let Some(idle) = self.habits.idle.filter(|_| settings.limits) {
            sooner(self.heard + idle.after);
        }
        if settings.burst > 0 {
            sooner(self.burst_paid + BURST_STEP);
        }
        wake
    }

    async fn flush(&mut self) -> io::Result<()> {
        const BLANKS: [u8; 16 * 1_024] = [b' '; 16 * 1_024];
        let outbox = &mut self.link.outbox;
        if outbox.bytes.is_empty() {
            return Ok(());
        }
        self.heard = Instant::now();
        let (at, mut left) = outbox.blanks.take().unwrap_or((outbox.bytes.len(), 0));
        self.socket.write_all(&outbox.bytes[..at]).await?;
        while left > 0 {
            let piece = usize::try_from(left).unwrap_or(usize::MAX).min(BLANKS.len());
            self.socket.write_all(&BLANKS[..piece]).await?;
            left -= piece as u64;
        }
        self.socket.write_all(&outbox.bytes[at..]).await?;
        outbox.bytes.clear();
        Ok(())
    }

    /// Closes, and lets the client read it before the connection goes.
    async fn leave(&mut self) -> io::Result<()> {
        self.socket.shutdown().await?;
        let mut sink = [0; 1_024];
        let gone = async { while matches!(self.socket.read(&mut sink).await, Ok(read) if read > 0) {} };
        // Either end is the end.
        let _ = timeout(Duration::from_secs(5), gone).await;
        Ok(())
    }
}
