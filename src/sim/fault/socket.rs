//! What can go wrong with a WebSocket.

use super::plan::Occasion;
use std::fmt;

/// One way for a socket to be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SocketFault {
    /// The connection is cut in the place of a frame.
    Drop,
    /// From this frame on nothing is sent, and nothing is read.
    Freeze,
    /// Bytes that are no frame, in the place of one.
    Garbage,
    /// A text frame that is no UTF-8.
    InvalidUtf8,
    /// A frame followed by blanks.
    HugeFrame {
        /// Size of its payload.
        bytes: u64,
    },
    /// A frame twice.
    Duplicate,
    /// A frame that comes after the next one.
    Reordered,
    /// The last frame of a candle is left out. With `at TIME` that of the candle of this time.
    SkippedClose,
    /// A ping of the client that is not answered.
    NoPong,
    /// A subscription that is refused.
    RefusedSubscription,
    /// A subscription that is acknowledged and stays silent, as on the old USD-M address.
    SilentSubscription,
    /// The exchange announces the end of the socket, and keeps its word.
    ShutdownNotice {
        /// How long afterwards.
        ms: u64,
    },
    /// A handshake that is answered with a status: 403, 429 or 503.
    RefusedHandshake {
        /// The status.
        status: u16,
    },
    /// A handshake that takes long.
    SlowHandshake {
        /// How long.
        ms: u64,
    },
}

impl SocketFault {
    /// Every kind with its usual arguments.
    pub const ALL: [Self; 14] = [
        Self::Drop,
        Self::Freeze,
        Self::Garbage,
        Self::InvalidUtf8,
        Self::HugeFrame { bytes: 100_000_000 },
        Self::Duplicate,
        Self::Reordered,
        Self::SkippedClose,
        Self::NoPong,
        Self::RefusedSubscription,
        Self::SilentSubscription,
        Self::ShutdownNotice { ms: 10_000 },
        Self::RefusedHandshake { status: 503 },
        Self::SlowHandshake { ms: 5_000 },
    ];

    /// Its name in rules and in the request log.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Drop => "drop-socket",
            Self::Freeze => "freeze-socket",
            Self::Garbage => "garbage-frame",
            Self::InvalidUtf8 => "invalid-utf8",
            Self::HugeFrame { .. } => "huge-frame",
            Self::Duplicate => "duplicate-frame",
            Self::Reordered => "reordered-frame",
            Self::SkippedClose => "skipped-close",
            Self::NoPong => "no-pong",
            Self::RefusedSubscription => "refused-subscription",
            Self::SilentSubscription => "silent-subscription",
            Self::ShutdownNotice { .. } => "shutdown-notice",
            Self::RefusedHandshake { .. } => "refused-handshake",
            Self::SlowHandshake { .. } => "slow-handshake",
        }
    }

    /// The kind of this name with its usual arguments.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fault| fault.name() == name)
    }

    /// What a rule about it counts.
    pub(in crate::sim) const fn occasion(self) -> Occasion {
        match self {
            Self::RefusedHandshake { .. } | Self::SlowHandshake { .. } => Occasion::Handshake,
            Self::RefusedSubscription | Self::SilentSubscription => Occasion::Subscription,
            Self::NoPong => Occasion::Ping,
            Self::SkippedClose => Occasion::Closing,
            _ => Occasion::Frame,
        }
    }

    /// Sets an argument; `None` where it has none of this name, or the value is none for it.
    pub(super) fn set(&mut self, key: &str, value: &str) -> Option<()> {
        match (key, self) {
            ("ms", Self::ShutdownNotice { ms } | Self::SlowHandshake { ms }) => *ms = value.parse().ok()?,
            ("bytes", Self::HugeFrame { bytes }) => *bytes = value.parse().ok()?,
            ("status", Self::RefusedHandshake { status }) => {
                *status = value.parse().ok().filter(|status| [403, 429, 503].contains(status))?;
            }
            _ => return None,
        }
        Some(())
    }
}

impl fmt::Display for SocketFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        match self {
            Self::HugeFrame { bytes } => write!(f, " bytes={bytes}"),
            Self::ShutdownNotice { ms } | Self::SlowHandshake { ms } => write!(f, " ms={ms}"),
            Self::RefusedHandshake { status } => write!(f, " status={status}"),
            _ => Ok(()),
        }
    }
}
