use super::*;
use crate::exchange::health::Circuit;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// Ten seconds into a minute.
const START: i64 = 1_700_000_050_000;

fn governor() -> Arc<Governor> {
    let settings = GovernorSettings {
        budget: BudgetSettings { weight: 100, requests: 1_000, live_share: 0.1 },
        circuit: CircuitSettings::default(),
    };
    let governor = Governor::new(settings, Clock::starting_at(Time::from_ms(START)), Jitter::seeded(1));
    governor.budget().set_offset(0, 0);
    Arc::new(governor)
}

fn refused(refusal: Refusal) -> Attempt<()> {
    Attempt { result: Err(refusal), used_weight: None }
}

async fn send(governor: &Governor, attempt: Attempt<()>) -> Result<(), ExchangeError> {
    governor.send(None, 1, Lane::Live, || std::future::ready(attempt)).await
}

fn ok() -> Attempt<()> {
    Attempt { result: Ok(()), used_weight: Some(1) }
}

fn outage() -> Attempt<()> {
    refused(Refusal::Failed(ExchangeError::Server { status: 502, message: String::new() }))
}

#[tokio::test(start_paused = true)]
async fn nothing_is_sent_from_the_first_429_to_its_end() {
    let governor = governor();
    let error = send(&governor, refused(Refusal::RateLimited(Some(Duration::from_secs(23))))).await.unwrap_err();
    let until = Time::from_ms(START + 23_250);
    assert_eq!(error, ExchangeError::RateLimited { until, wait: Duration::from_millis(23_250) });
    tokio::time::advance(Duration::from_millis(23_249)).await;
    let sent = AtomicU32::new(0);
    for lane in [Lane::Live, Lane::Backfill] {
        let result = governor
            .send(None, 1, lane, || {
                sent.fetch_add(1, Ordering::Relaxed);
                std::future::ready(ok())
            })
            .await;
        assert_eq!(result, Err(ExchangeError::RateLimited { until, wait: Duration::from_millis(1) }));
    }
    assert_eq!(sent.load(Ordering::Relaxed), 0);
    assert_eq!(governor.health(ExchangeId::Binance, String::new(), false).block.map(|block| block.until), Some(until));
    tokio::time::advance(Duration::from_millis(1)).await;
    assert_eq!(send(&governor, ok()).await, Ok(()));
    assert_eq!(governor.health(ExchangeId::Binance, String::new(), false).block, None);
}

#[tokio::test(start_paused = true)]
async fn without_retry_after_a_limit_lasts_to_the_next_minute() {
    let governor = governor();
    let error = send(&governor, refused(Refusal::RateLimited(None))).await.unwrap_err();
    assert!(matches!(error, ExchangeError::RateLimited { wait, .. } if wait == Duration::from_millis(50_000 + 250 + 250)));
}

#[tokio::test(start_paused = true)]
async fn a_429_ends_the_wait_for_the_budget() {
    let governor = governor();
    let long = tokio::spawn({
        let governor = Arc::clone(&governor);
        async move {
            governor
                .send(None, 90, Lane::Live, || async {
                    tokio::time::sleep(Duration::from_secs(3)).await;
                    refused(Refusal::Banned(Some(Duration::from_secs(600))))
                })
                .await
        }
    });
    tokio::task::yield_now().await;
    let waiting = tokio::spawn({
        let governor = Arc::clone(&governor);
        async move { (governor.send(None, 50, Lane::Live, || std::future::ready(ok())).await, Instant::now()) }
    });
    let started = Instant::now();
    assert!(long.await.unwrap().is_err());
    let (result, ended) = waiting.await.unwrap();
    assert!(matches!(result, Err(ExchangeError::Banned { .. })), "{result:?}");
    assert_eq!(ended - started, Duration::from_secs(3));
    assert_eq!(governor.budget().used_and_limit().0, 90);
}

#[tokio::test(start_paused = true)]
async fn a_ban_of_an_earlier_run_is_held() {
    let governor = governor();
    governor.restore_block(Block { until: Time::from_ms(START - 1), kind: BlockKind::Ban });
    assert_eq!(send(&governor, ok()).await, Ok(()));
    governor.restore_block(Block { until: Time::from_ms(START + 60_000), kind: BlockKind::Ban });
    assert!(matches!(send(&governor, ok()).await, Err(ExchangeError::Banned { .. })));
}

#[tokio::test(start_paused = true)]
async fn opens_probes_and_closes() {
    let governor = governor();
    for _ in 0..8 {
        assert!(matches!(send(&governor, outage()).await, Err(ExchangeError::Server { .. })));
    }
    let Err(ExchangeError::CircuitOpen { wait, .. }) = send(&governor, ok()).await else { panic!("not open") };
    tokio::time::advance(wait).await;
    let (release, released) = tokio::sync::oneshot::channel::<()>();
    let probe = tokio::spawn({
        let governor = Arc::clone(&governor);
        async move {
            governor
                .send(None, 1, Lane::Live, || async {
                    released.await.unwrap();
                    ok()
                })
                .await
        }
    });
    tokio::task::yield_now().await;
    assert_eq!(governor.health(ExchangeId::Binance, String::new(), false).circuit, Circuit::HalfOpen);
    assert!(matches!(send(&governor, ok()).await, Err(ExchangeError::CircuitOpen { .. })));
    release.send(()).unwrap();
    assert_eq!(probe.await.unwrap(), Ok(()));
    let health = governor.health(ExchangeId::Binance, String::new(), false);
    assert_eq!((health.circuit, health.requests, health.in_flight), (Circuit::Closed, 9, 0));
    assert_eq!(health.errors, [("server", 8)]);
}

#[tokio::test(start_paused = true)]
async fn a_dropped_request_gives_its_place_back() {
    let governor = governor();
    let task = tokio::spawn({
        let governor = Arc::clone(&governor);
        async move { governor.send(None, 1, Lane::Live, std::future::pending::<Attempt<()>>).await }
    });
    tokio::task::yield_now().await;
    assert_eq!(governor.health(ExchangeId::Binance, String::new(), false).in_flight, 1);
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    assert_eq!(governor.health(ExchangeId::Binance, String::new(), false).in_flight, 0);
}
