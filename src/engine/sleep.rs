//! Notices that the machine slept or the process was held: the wall clock has run on further than
//! the watcher waited.

use super::away::LEAST_MS;
use super::clock_watch;
use super::core::Core;
use super::mender;
use super::snapshot::{AwayCause, LogLevel};
use crate::domain::range::TimeRange;
use crate::domain::time::{Time, human_duration};
use std::sync::Arc;
use std::time::Duration;

/// Between two looks at the clock.
const EVERY: Duration = Duration::from_secs(10);

/// Watches until the recorder stops.
pub(super) async fn run(core: Arc<Core>) {
    let mut before = core.clock.now();
    loop {
        // A sleep counts time awake alone on Linux and macOS, so that it ends late by the wall clock.
        tokio::select! {
            biased;
            () = core.cancel.cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
        let now = core.clock.now();
        if let Some(absent) = absence(before, now) {
            woke(&core, absent).await;
        }
        before = now;
    }
}

/// The time that passed unseen between two looks, where it was long.
fn absence(before: Time, now: Time) -> Option<TimeRange> {
    let waited_ms = i64::try_from(EVERY.as_millis()).unwrap_or(0);
    (now.since(before) - waited_ms > LEAST_MS).then(|| TimeRange::new(before, now))
}

async fn woke(core: &Core, absent: TimeRange) {
    core.alerts.woke(absent.to);
    core.beat.raise();
    core.mend.raise();
    // Where the clock was set instead, its distance to the exchange's has changed.
    for exchange in core.exchanges.values().filter(|exchange| core.in_use(exchange.id())) {
        if let Err(error) = clock_watch::ensure(core, exchange).await {
            tracing::debug!(%error, "the exchange's clock was not measured; the last offset stays");
        }
    }
    core.away.begin(&core.book(), AwayCause::Asleep, absent, |id| core.offset_ms(id));
    let length = human_duration(absent.duration_ms());
    core.log(LogLevel::Warn, "heartbeat", None, format!("asleep for {length}, or the clock was set: catching up")).await;
    core.streams.slept(core, absent).await;
    for id in core.exchanges.keys() {
        if let Err(error) = mender::note_absence(core, *id, absent).await {
            tracing::warn!(%error, "the absence could not be noted");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::{HOUR_MS, SECOND_MS};
    use crate::engine::core::rig::{recorded, recorder};

    #[test]
    fn only_long_jumps_forward_are_absences() {
        let before = Time::from_ms(1_700_000_000_000);
        let check = |ms: i64, expected: bool| assert_eq!(absence(before, before.plus_ms(ms)).is_some(), expected, "{ms}");
        check(10 * SECOND_MS, false);
        check(130 * SECOND_MS, false);
        check(131 * SECOND_MS, true);
        check(8 * HOUR_MS, true);
        check(-8 * HOUR_MS, false);
    }

    #[tokio::test(start_paused = true)]
    async fn waking_up_is_noted_reported_and_mended() {
        let folder = tempfile::tempdir().unwrap();
        let core = Arc::new(recorder(folder.path()).await);
        let series = recorded(&core).await;
        let (mut beat, mut mend) = (core.beat.listen(), core.mend.listen());
        let watching = tokio::spawn(run(Arc::clone(&core)));
        tokio::task::yield_now().await;
        // The clock runs on by an hour within one wait, as it does over a sleep.
        tokio::time::advance(Duration::from_secs(3_600)).await;
        beat.heard().await;
        mend.heard().await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        let report = core.away.view(&core.book()).unwrap();
        assert_eq!((report.cause, report.series[0].id, report.total()), (AwayCause::Asleep, series, [60, 0, 60, 0]));
        watching.abort();
    }
}
