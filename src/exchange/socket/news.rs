//! What happens to sockets.

use crate::domain::time::Time;
use crate::exchange::stream::Subscription;
use std::sync::Arc;

/// Why something was not heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// The connection ended, or could not be made.
    Cut,
    /// Nothing came on a socket that is never silent, or nothing of what was subscribed to.
    Silent,
    /// The exchange said that it would close the socket, and did before another one stood.
    Leaving,
    /// A frame could not be read.
    DroppedFrame,
    /// The exchange does not take the subscription.
    Refused,
    /// The machine slept.
    Slept,
}

impl Cause {
    /// For people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Cut => "cut off",
            Self::Silent => "silent",
            Self::Leaving => "closed by the exchange",
            Self::DroppedFrame => "unreadable",
            Self::Refused => "refused",
            Self::Slept => "slept",
        }
    }

    /// Its name in the store and in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cut => "cut",
            Self::Silent => "silent",
            Self::Leaving => "leaving",
            Self::DroppedFrame => "dropped_frame",
            Self::Refused => "refused",
            Self::Slept => "slept",
        }
    }
}

/// What happened; all times are local.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// A socket delivers.
    Connected {
        /// When it began to; what was to be told before that was not heard.
        at: Time,
        /// What it carries.
        subscriptions: Arc<[Subscription]>,
        /// How long connecting took, in milliseconds.
        took_ms: i64,
    },
    /// A socket does not deliver any more.
    Lost {
        /// When it was last heard of.
        since: Time,
        /// Why.
        cause: Cause,
        /// In words.
        detail: String,
        /// What it carried.
        subscriptions: Arc<[Subscription]>,
    },
    /// A socket could not be made; it is tried again.
    Failed {
        /// When.
        at: Time,
        /// In words.
        detail: String,
        /// How many attempts have failed in a row.
        attempts: u32,
    },
    /// A subscription is not taken.
    Refused {
        /// When.
        at: Time,
        /// The exchange's words.
        reason: String,
        /// Which, where the refusal tells it.
        subscriptions: Arc<[Subscription]>,
    },
    /// A frame could not be read.
    Dropped {
        /// When.
        at: Time,
        /// What is wrong with it.
        detail: String,
        /// What it may have told of.
        subscriptions: Arc<[Subscription]>,
    },
}
