//! What Kraken's answers mean before their content: the envelope, and every refusal as a typed
//! error. Pure.

use super::wire::Envelope;
use crate::domain::time::{SECOND_MS, Time};
use crate::exchange::error::ExchangeError;
use crate::exchange::governor::Refusal;
use crate::exchange::jitter::doubled;
use crate::exchange::payload::part;
use crate::exchange::response::Response;
use crate::exchange::text::{cut, malformed, plain};
use std::time::Duration;

/// First wait where Kraken says "too many" without saying how long; it doubles with each one in a row.
const FIRST_WAIT: Duration = Duration::from_secs(3);
/// Longest such wait.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// An answer of any status; nearly all refusals come with 200.
#[derive(Debug, Clone, Copy)]
pub struct Reply<'a> {
    /// As it came.
    pub response: Response<'a>,
    /// Refusals for too many requests in a row before it.
    pub strikes: u32,
}

impl<'a> Reply<'a> {
    /// The result's JSON, or what is in its place.
    pub fn result(&self) -> Result<&'a str, Refusal> {
        let envelope = std::str::from_utf8(self.response.body).map_err(|error| error.to_string()).and_then(part::<Envelope<'_>>);
        let envelope = match envelope {
            Ok(envelope) => envelope,
            Err(error) => return Err(self.bare(&error)),
        };
        if let Some(error) = envelope.error.iter().find(|error| !error.starts_with('W')) {
            return Err(self.refusal(error));
        }
        if !self.response.is_success() {
            return Err(self.bare("an envelope without an error"));
        }
        for warning in &envelope.error {
            tracing::warn!(warning = cut(warning, 200), native = self.response.native, "kraken warns");
        }
        envelope.result.map(serde_json::value::RawValue::get).ok_or_else(|| malformed("no result", &self.text()).into())
    }

    /// An answer that is no envelope.
    fn bare(&self, error: &str) -> Refusal {
        match self.response.status {
            200..300 => malformed(error, &self.text()).into(),
            429 => Refusal::RateLimited(Some(self.wait())),
            _ => self.response.by_status(plain(&self.text())).into(),
        }
    }

    /// An error of the list, such as `EQuery:Unknown asset pair`.
    fn refusal(&self, error: &str) -> Refusal {
        let (category, text) = error.split_once(':').unwrap_or((error, ""));
        let text = text.trim();
        let message = cut(error, 300);
        match (category, text) {
            ("EService", _) if text.starts_with("Throttled") => Refusal::RateLimited(Some(self.throttled(text))),
            (_, "Temporary lockout") => Refusal::Banned(None),
            ("EAPI", "Rate limit exceeded") | ("EGeneral", "Too many requests") => Refusal::RateLimited(Some(self.wait())),
            ("EService", _) if text.starts_with("Market in ") => ExchangeError::Maintenance(message).into(),
            ("EService" | "EDatabase", _) => self.response.server(message).into(),
            ("EGeneral", _) if text.starts_with("Internal error") => self.response.server(message).into(),
            ("EQuery", "Unknown asset pair" | "Invalid asset pair" | "Unknown asset") => {
                self.response.unknown_symbol(message).into()
            }
            // Kraken's errors have no numbers.
            _ if self.response.is_success() => ExchangeError::BadRequest { code: 0, message }.into(),
            _ => self.bare(error),
        }
    }

    /// How long to be silent where nothing is said.
    fn wait(&self) -> Duration {
        self.response.retry_after().unwrap_or_else(|| doubled(FIRST_WAIT, self.strikes, LONGEST_WAIT))
    }

    /// Until the second that `Throttled: <seconds since the epoch>` names has passed.
    fn throttled(&self, text: &str) -> Duration {
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        let until = digits.parse::<i64>().ok().map(|seconds| Time::from_ms(seconds.saturating_add(1).saturating_mul(SECOND_MS)));
        until.map_or_else(|| self.wait(), |until| Duration::from_millis(until.since(self.response.now).max(0).unsigned_abs()))
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(self.response.body).into_owned()
    }
}

#[cfg(test)]
mod tests;
