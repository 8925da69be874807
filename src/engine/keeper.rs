//! Parts of the recorder that must not end before it does. One that panics is told of in the log and begins
//! anew: an end that nobody sees would be minutes that nobody records.

use super::core::Core;
use super::snapshot::LogLevel;
use crate::store::writer::panic_text;
use futures_util::FutureExt as _;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

/// Before the next beginning: what panics at once must not spin.
const PAUSE: Duration = Duration::from_secs(5);

/// Runs a part until it ends by itself or the recorder stops. What parts share is sound after a panic: see
/// [`Core::book`].
pub(super) async fn keep<F: Future<Output = ()>>(core: Arc<Core>, name: &'static str, begin: impl Fn() -> F) {
    loop {
        let Err(panic) = AssertUnwindSafe(begin()).catch_unwind().await else { return };
        let message = format!("{name} panicked and begins anew: {}", panic_text(&*panic));
        core.log(LogLevel::Error, "recorder", None, message).await;
        tokio::select! {
            biased;
            () = core.cancel.cancelled() => return,
            () = tokio::time::sleep(PAUSE) => {}
        }
    }
}
