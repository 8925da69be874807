use super::*;
use crate::domain::alert::Way;
use crate::domain::gap::Gap;
use crate::domain::price::parse_decimal;
use crate::domain::time::{MINUTE_MS, SECOND_MS};
use crate::engine::carry_out::carry_out;
use crate::engine::command::Command;
use crate::engine::core::rig::{START, recorded, recorder};
use crate::store::ingest_log;

fn crosses(level: &str) -> Condition {
    Condition::Crosses { level: parse_decimal(level).unwrap(), way: Way::Either }
}

fn command(series: SeriesId, condition: Condition) -> Command {
    Command::PutAlert { alert: None, series, condition, active: true }
}

/// What has fired, oldest first, once it is written.
async fn fired(core: &Core) -> Vec<String> {
    write(core).await;
    core.alerts.view().firings.iter().rev().map(|firing| firing.value.clone()).collect()
}

#[tokio::test]
async fn what_fires_is_written_told_and_logged() {
    let folder = tempfile::tempdir().unwrap();
    let core = Arc::new(recorder(folder.path()).await);
    let series = recorded(&core).await;
    let said = carry_out(&core, command(series, crosses("64000"))).await.unwrap();
    assert_eq!(said.message, "watching: price crosses 64000");
    let price = |text: &str, after: i64| core.alerts.price(series, parse_decimal(text).unwrap(), START.plus_ms(after));
    price("63999", 0);
    price("64010.50", 1_000);
    price("64020", 2_000);
    assert_eq!(fired(&core).await, ["64010.5"]);
    price("63000", 3_000);
    assert_eq!(fired(&core).await, ["64010.5", "63000"]);
    let (written, log) =
        core.read(|connection| Ok((alerts::firings(connection, 9)?, ingest_log::tail(connection, 0, 9)?))).await.unwrap();
    assert_eq!(written, core.alerts.view().firings);
    assert_eq!(log.last().unwrap().message, "price crosses 64000: 63000");
    assert_eq!(core.alerts.view().alerts[0].series, "BTC/USDT 1m");
}

#[tokio::test]
async fn silence_and_gaps_fire_while_the_series_is_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let core = Arc::new(recorder(folder.path()).await);
    let series = recorded(&core).await;
    for condition in [Condition::Silent { for_ms: MINUTE_MS }, Condition::GapFound] {
        carry_out(&core, command(series, condition)).await.unwrap();
    }
    let later = core.clock.now().plus_ms(MINUTE_MS + SECOND_MS);
    core.alerts.tick(&BTreeSet::new(), later);
    assert!(fired(&core).await.is_empty(), "nobody waits for a series that is not recorded");
    core.alerts.tick(&BTreeSet::from([series]), later);
    core.alerts.tick(&BTreeSet::from([series]), later.plus_ms(MINUTE_MS));
    assert_eq!(fired(&core).await.len(), 1);
    let range = TimeRange::new(START, START.plus_ms(5 * MINUTE_MS));
    let page = |reason| PageOutcome { gaps: vec![Gap::unasked(range, reason)], ..PageOutcome::default() };
    for queued in [GapReason::Unconfirmed, GapReason::FetchFailed, GapReason::BeforeListing] {
        core.alerts.page(series, true, &page(queued), later);
        assert_eq!(fired(&core).await.len(), 1, "{queued:?}");
    }
    core.alerts.page(series, true, &page(GapReason::NoCandle), later);
    core.alerts.page(series, false, &page(GapReason::BadRow), later);
    assert_eq!(fired(&core).await[1], format!("{} to {}", range.from.iso(), range.to.iso()));
    assert_eq!(fired(&core).await.len(), 2);
}

#[tokio::test]
async fn alerts_are_changed_kept_and_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let core = Arc::new(recorder(folder.path()).await);
    let series = recorded(&core).await;
    assert_eq!(carry_out(&core, command(series, crosses("0"))).await.unwrap_err(), "the price must be above zero");
    assert!(carry_out(&core, command(SeriesId(99), crosses("1"))).await.is_err());
    carry_out(&core, command(series, crosses("64000"))).await.unwrap();
    core.alerts.price(series, parse_decimal("63999").unwrap(), START);
    // Reading everything anew, as any command does, forgets nothing.
    core.reload().await.unwrap();
    core.alerts.price(series, parse_decimal("64001").unwrap(), START);
    assert_eq!(fired(&core).await, ["64001"]);
    let id = core.alerts.view().alerts[0].alert.id;
    let off = Command::PutAlert { alert: Some(id), series, condition: crosses("70000"), active: false };
    assert_eq!(carry_out(&core, off).await.unwrap().message, "switched off: price crosses 70000");
    assert_eq!(carry_out(&core, Command::DeleteAlert(id)).await.unwrap().message, "alert deleted");
    assert!(core.alerts.view().alerts.is_empty() && core.alerts.view().firings.is_empty());
    let gone = Command::PutAlert { alert: Some(id), series, condition: crosses("1"), active: true };
    assert_eq!(carry_out(&core, gone).await.unwrap_err(), "that alert was deleted");
}

#[tokio::test]
async fn a_front_end_may_keep_what_is_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let core = Arc::new(recorder(folder.path()).await);
    let remember = |key: &str| Command::Remember { key: key.into(), value: "screen=chart".into() };
    assert_eq!(carry_out(&core, remember("tui")).await.unwrap().message, "");
    assert!(carry_out(&core, remember("registry_revision")).await.is_err());
    let query = crate::engine::query::Query::Remembered { key: "tui".into() };
    let reply = crate::engine::answer::answer(&core.store, &query, &|_| START, &crate::engine::plan::Terms::unasked).unwrap();
    assert_eq!(reply, crate::engine::query::Reply::Remembered(Some("screen=chart".into())));
}
