//! The way out of a socket: messages become frames here, and here the faults strike.

use super::feeds::{Feeds, Said};
use super::frame::{self, Opcode};
use crate::domain::range::TimeRange;
use crate::domain::time::Time;
use crate::sim::fault::plan::Occasion;
use crate::sim::fault::{Fault, SocketFault};
use crate::sim::request_log::RequestLog;
use crate::sim::server::Shared;
use std::sync::Arc;
use std::time::Duration;

/// What becomes of the socket once everything written is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Open,
    /// Closed in order.
    Closed,
    /// The connection is cut without a word.
    Cut,
    /// Nothing is sent any more, and nothing is read.
    Frozen,
}

/// Frames on their way out.
#[derive(Debug)]
pub(super) struct Outbox {
    shared: Arc<Shared>,
    path: String,
    /// Number of this socket, and when it was opened.
    socket: (u64, Time),
    pub(super) bytes: Vec<u8>,
    /// So many blanks go between the bytes before and after this place: the rest of a huge frame.
    pub(super) blanks: Option<(usize, u64)>,
    /// A frame that waits for the next one to overtake it.
    held: Vec<u8>,
    pub(super) fate: Fate,
    /// An announced end: how long from now.
    pub(super) ends_in: Option<Duration>,
}

impl Outbox {
    pub(super) fn new(shared: Arc<Shared>, path: String, id: u64) -> Self {
        let socket = (id, shared.clock.now());
        Self { shared, path, socket, bytes: Vec::new(), blanks: None, held: Vec::new(), fate: Fate::Open, ends_in: None }
    }

    /// An answer to the client.
    pub(super) fn text(&mut self, text: &[u8]) {
        frame::put(&mut self.bytes, Opcode::Text, text);
    }

    pub(super) fn control(&mut self, opcode: Opcode, payload: &[u8]) {
        frame::put(&mut self.bytes, opcode, payload);
    }

    /// Says good-bye with a code.
    pub(super) fn close(&mut self, code: u16, reason: &str) {
        frame::close(&mut self.bytes, code, reason);
        self.fate = Fate::Closed;
    }

    /// The fault that strikes here, if one does; it is logged.
    pub(super) fn strike(&self, occasion: Occasion, now: Time, candle: Option<TimeRange>) -> Option<SocketFault> {
        let fault = self.shared.strike_socket(&self.path, occasion, self.socket, now, candle)?;
        self.shared.log(RequestLog {
            at: now,
            elapsed: self.shared.started.elapsed(),
            target: self.path.clone(),
            status: 101,
            fault: Some(Fault::Socket(fault).to_string()),
            weight: 0,
            used_weight: 0,
        });
        Some(fault)
    }

    /// A frame of market data, or what a fault makes of it.
    pub(super) fn data(&mut self, text: &[u8], said: Said, now: Time, goodbye: &[u8]) {
        if self.fate != Fate::Open {
            return;
        }
        if let Said::Closing(candle) = said
            && self.strike(Occasion::Closing, now, Some(candle)).is_some()
        {
            return;
        }
        match self.strike(Occasion::Frame, now, None) {
            Some(SocketFault::Drop) => self.fate = Fate::Cut,
            Some(SocketFault::Freeze) => self.fate = Fate::Frozen,
            // Reserved bits and an opcode that does not exist, and then nothing that makes sense.
            Some(SocketFault::Garbage) => self.bytes.extend((0..64_u8).map(|byte| 0xff ^ byte.wrapping_mul(37))),
            Some(SocketFault::InvalidUtf8) => {
                let half = text.len() / 2;
                self.text(&[&text[..half], b"\xc3\x28\xff", &text[half..]].concat());
            }
            Some(SocketFault::HugeFrame { bytes }) => {
                let length = bytes.max(text.len() as u64);
                frame::head(&mut self.bytes, Opcode::Text, length);
                self.bytes.extend_from_slice(text);
                self.blanks = Some((self.bytes.len(), length - text.len() as u64));
            }
            Some(SocketFault::Duplicate) => {
                self.text(text);
                self.text(text);
            }
            Some(SocketFault::Reordered) => {
                frame::put(&mut self.held, Opcode::Text, text);
                return;
            }
            Some(SocketFault::ShutdownNotice { ms }) => {
                self.text(text);
                self.text(goodbye);
                self.ends_in = Some(Duration::from_millis(ms));
            }
            // The others have occasions of their own.
            _ => self.text(text),
        }
        self.bytes.append(&mut self.held);
    }
}

/// A socket as its protocol sees it.
pub(super) struct Link {
    pub(super) outbox: Outbox,
    pub(super) feeds: Feeds,
    pub(super) shared: Arc<Shared>,
}

impl Link {
    pub(super) fn new(outbox: Outbox) -> Self {
        let shared = Arc::clone(&outbox.shared);
        Self { outbox, feeds: Feeds::new(shared.streams.burst > 0), shared }
    }

    pub(super) fn now(&self) -> Time {
        self.shared.clock.now()
    }

    /// What a fault makes of a subscription.
    pub(super) fn subscription_fault(&self) -> Option<SocketFault> {
        self.outbox.strike(Occasion::Subscription, self.now(), None)
    }
}
