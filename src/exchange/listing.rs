//! What the adapters do alike with a list of instruments.

use super::error::ExchangeError;

/// Reads a list, which may be megabytes, where no other task of the runtime waits for it.
pub(super) async fn aside<T: Send + 'static>(
    read: impl FnOnce() -> Result<T, ExchangeError> + Send + 'static,
) -> Result<T, ExchangeError> {
    tokio::task::spawn_blocking(read).await.unwrap_or_else(|error| {
        Err(ExchangeError::Malformed { what: "the instrument list could not be read".into(), excerpt: error.to_string() })
    })
}

/// Tells of those that cannot be read.
pub(super) fn left_out(unreadable: &[String]) {
    if let Some(first) = unreadable.first() {
        tracing::warn!(count = unreadable.len(), first, "instruments left out of the list");
    }
}
