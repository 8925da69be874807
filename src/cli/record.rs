//! `record`: record without a screen.

use super::{Context, Exit, output};
use crate::engine::Engine;
use crate::store::lock::{Lock, TakeLock};
use anyhow::bail;

/// Records until SIGINT, SIGTERM or SIGHUP.
pub async fn run(context: &Context) -> anyhow::Result<Exit> {
    let store = context.store().await?;
    let _lock = match Lock::take(store.path())? {
        TakeLock::Taken(lock) => lock,
        TakeLock::Held(pid) => bail!(
            "another process{} records into {} already",
            pid.map_or_else(String::new, |pid| format!(" ({pid})")),
            store.path().display()
        ),
    };
    let exchanges = context.connect_all()?;
    // From here on a signal ends the recording in order.
    let stop = stop_signal();
    let engine = Engine::start(store.clone(), exchanges, context.clock, context.engine_settings(true)).await?;
    output::tell(&format!("recording into {} (process {}); stop with Ctrl-C", store.path().display(), std::process::id()));
    stop.await;
    output::tell("stopping: pages under way come in, then the store is closed");
    engine.stop().await;
    Ok(Exit::Done)
}

/// Completes at the first SIGINT, SIGTERM or SIGHUP. Listens from the moment it is called.
pub(crate) fn stop_signal() -> impl Future<Output = ()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut signals: Vec<_> = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()]
            .into_iter()
            .filter_map(|kind| signal(kind).ok())
            .collect();
        async move {
            let waits = signals.iter_mut().map(|signal| Box::pin(signal.recv()));
            futures_util::future::select_all(waits).await;
        }
    }
    #[cfg(not(unix))]
    async {
        // Without a handler the system's own end of the process is all there is.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
