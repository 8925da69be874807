//! The exchange's host and the one that stands in where it refuses this address.

use crate::exchange::http::HttpClient;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// How long the fallback stands in before the main host is tried again.
const STAND_IN: Duration = Duration::from_secs(3_600);

/// Main host and fallback.
#[derive(Debug)]
pub(in crate::exchange) struct Hosts {
    main: HttpClient,
    fallback: Option<HttpClient>,
    stands_in_until: Mutex<Option<Instant>>,
}

/// One of the two.
#[derive(Debug, Clone, Copy)]
pub(in crate::exchange) struct Host<'a> {
    pub(in crate::exchange) http: &'a HttpClient,
    pub(in crate::exchange) is_fallback: bool,
}

impl Hosts {
    pub(in crate::exchange) const fn new(main: HttpClient, fallback: Option<HttpClient>) -> Self {
        Self { main, fallback, stands_in_until: Mutex::new(None) }
    }

    /// The host to ask, and the one to ask where it refuses us.
    pub(in crate::exchange) fn order(&self) -> (Host<'_>, Option<Host<'_>>) {
        let main = Host { http: &self.main, is_fallback: false };
        match self.fallback.as_ref().map(|http| Host { http, is_fallback: true }) {
            Some(fallback) if self.stands_in() => (fallback, Some(main)),
            fallback => (main, fallback),
        }
    }

    /// The other host refused us and this one did not: it serves from now on.
    pub(in crate::exchange) fn prefer(&self, host: Host<'_>) {
        let until = host.is_fallback.then(|| Instant::now() + STAND_IN);
        let before = std::mem::replace(&mut *self.stands_in_until.lock().unwrap_or_else(PoisonError::into_inner), until);
        // Many requests under way may find out together, and each hour finds out again.
        if before.is_some() != until.is_some() {
            tracing::warn!(host = host.http.host(), "the other host refuses this address (HTTP 403 or 451): switched");
        }
    }

    fn stands_in(&self) -> bool {
        let until = *self.stands_in_until.lock().unwrap_or_else(PoisonError::into_inner);
        until.is_some_and(|until| Instant::now() < until)
    }
}
