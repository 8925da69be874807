//! An answer over HTTP, and what it says by its status alone, whichever exchange gave it. Pure.

use super::error::ExchangeError;
use super::http::{Answer, HttpClient};
use super::silence::parse_retry_after;
use crate::domain::time::Time;
use std::time::Duration;

/// An answer of any status.
#[derive(Debug, Clone, Copy)]
pub struct Response<'a> {
    /// Host that gave it.
    pub host: &'a str,
    /// HTTP status; OKX and Kraken refuse with 200 mostly.
    pub status: u16,
    /// `Retry-After`; Cloudflare in front of an exchange may send it as well.
    pub retry_after: Option<&'a str>,
    /// JSON of the exchange, HTML of what stands in front of it, or nothing.
    pub body: &'a [u8],
    /// Native symbol that was asked for; empty where there was none.
    pub native: &'a str,
    /// The exchange's present time: bans and throttles end by its clock.
    pub now: Time,
}

impl<'a> Response<'a> {
    pub(super) fn new(http: &'a HttpClient, answer: &'a Answer, native: &'a str, now: Time) -> Self {
        let retry_after = answer.header("retry-after");
        Self { host: http.host(), status: answer.status, retry_after, body: &answer.body, native, now }
    }

    pub(super) const fn is_success(&self) -> bool {
        matches!(self.status, 200..300)
    }

    /// How long to be silent, where it is said.
    pub(super) fn retry_after(&self) -> Option<Duration> {
        self.retry_after.and_then(|text| parse_retry_after(text, self.now))
    }

    /// What a refusal without a code of the exchange means.
    pub(super) fn by_status(&self, message: String) -> ExchangeError {
        match self.status {
            403 | 451 => self.blocked(message),
            // 408: the exchange gave up waiting for our request. 520 to 527: Cloudflare could not reach it.
            408 | 500.. => self.server(message),
            status => ExchangeError::BadRequest { code: i64::from(status), message },
        }
    }

    pub(super) fn blocked(&self, message: String) -> ExchangeError {
        ExchangeError::Blocked { host: self.host.to_owned(), status: self.status, message }
    }

    pub(super) const fn server(&self, message: String) -> ExchangeError {
        ExchangeError::Server { status: self.status, message }
    }

    pub(super) fn unknown_symbol(&self, message: String) -> ExchangeError {
        ExchangeError::UnknownSymbol(if self.native.is_empty() { message } else { self.native.to_owned() })
    }
}

/// What a request brought, and when it was under way by the local clock.
#[derive(Debug)]
pub(super) struct Answered<T> {
    /// When it was sent.
    pub(super) asked_at: Time,
    /// When the whole answer was there.
    pub(super) received_at: Time,
    pub(super) value: T,
}
