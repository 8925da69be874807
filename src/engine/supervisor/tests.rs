use super::*;
use crate::domain::alert::Condition;
use crate::domain::time::{HOUR_MS, MINUTE_MS, Time};
use crate::engine::command::Command;
use crate::engine::core::rig::{START, recorded, recorder};
use crate::engine::query::{Query, Reply};
use std::path::Path;

/// A recorder that starts at `now` and reaches no exchange.
async fn start(folder: &Path, now: Time) -> Engine {
    let store = Store::open(&folder.join("store.sqlite")).unwrap();
    Engine::start(store, Vec::new(), Clock::starting_at(now), EngineSettings::default()).await.unwrap()
}

#[tokio::test]
async fn a_second_run_knows_what_the_first_left() {
    let folder = tempfile::tempdir().unwrap();
    let prepared = recorder(folder.path()).await;
    let series = recorded(&prepared).await;
    assert!(prepared.store.writer().close(DEADLINE));

    let first = start(folder.path(), START).await;
    assert_eq!(first.handle().snapshots().borrow().away, None, "there was no run before");
    let alert = Command::PutAlert { alert: None, series, condition: Condition::GapFound, active: true };
    first.handle().run(alert).await.unwrap();
    let remember = Command::Remember { key: "tui".into(), value: "screen=chart".into() };
    first.handle().run(remember).await.unwrap();
    first.stop().await;

    let second = start(folder.path(), START.plus_ms(HOUR_MS)).await;
    let snapshot = Arc::clone(&second.handle().snapshots().borrow());
    let away = snapshot.away.as_ref().unwrap();
    assert_eq!((away.cause, away.total()), (AwayCause::Off, [60, 0, 60, 0]), "the very first snapshot tells");
    assert!(away.range.duration_ms() > 59 * MINUTE_MS);
    assert_eq!(snapshot.alerts.alerts[0].series, "BTC/USDT 1m");
    let reply = second.handle().query(Query::Remembered { key: "tui".into() }).await;
    assert_eq!(reply, Ok(Reply::Remembered(Some("screen=chart".into()))));
    second.stop().await;

    let third = start(folder.path(), START.plus_ms(HOUR_MS + MINUTE_MS)).await;
    assert_eq!(third.handle().snapshots().borrow().away, None, "a restart is no absence");
    third.stop().await;
}
