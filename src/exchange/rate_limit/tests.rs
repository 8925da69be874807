use super::*;
use crate::exchange::jitter::Jitter;
use std::collections::BTreeMap;

const SETTINGS: BudgetSettings = BudgetSettings { weight: 100, requests: 1_000, live_share: 0.1 };

/// A budget at ten seconds into a minute, with a guard of 250 ms.
fn budget(settings: BudgetSettings) -> RateBudget {
    let budget = RateBudget::new(settings, Clock::starting_at(Time::from_ms(1_700_000_050_000)));
    budget.set_offset(0, 0);
    budget
}

/// Milliseconds of the minute at present.
fn in_minute(budget: &RateBudget) -> i64 {
    budget.now().ms().rem_euclid(MINUTE_MS)
}

#[tokio::test(start_paused = true)]
async fn bursts_then_waits_for_the_next_minute() {
    let budget = budget(SETTINGS);
    assert_eq!(in_minute(&budget), 10_000);
    for _ in 0..10 {
        budget.acquire(10, Lane::Live).await.answered(None);
    }
    assert_eq!((in_minute(&budget), budget.used_and_limit()), (10_000, (100, 100)));
    budget.acquire(10, Lane::Live).await.answered(None);
    assert_eq!((in_minute(&budget), budget.used_and_limit()), (250, (10, 100)));
}

#[tokio::test(start_paused = true)]
async fn backfill_leaves_the_live_share() {
    let budget = budget(SETTINGS);
    budget.acquire(90, Lane::Backfill).await.answered(None);
    let late = tokio::spawn({
        let budget = budget.clone();
        async move {
            budget.acquire(2, Lane::Backfill).await.answered(None);
            in_minute(&budget)
        }
    });
    tokio::task::yield_now().await;
    budget.acquire(10, Lane::Live).await.answered(None);
    assert_eq!(in_minute(&budget), 10_000, "live does not queue behind backfill");
    assert_eq!(late.await.unwrap(), 250);
}

#[tokio::test(start_paused = true)]
async fn leaves_in_the_order_of_coming() {
    let budget = budget(SETTINGS);
    budget.acquire(100, Lane::Live).await.answered(None);
    let order = Arc::new(Mutex::new(Vec::new()));
    let mut waiting = Vec::new();
    for (at, weight) in [(0, 60), (1, 60), (2, 1), (3, 1)] {
        let (budget, order) = (budget.clone(), Arc::clone(&order));
        waiting.push(tokio::spawn(async move {
            budget.acquire(weight, Lane::Live).await.answered(None);
            order.lock().unwrap().push(at);
        }));
        tokio::task::yield_now().await;
    }
    for task in waiting {
        task.await.unwrap();
    }
    assert_eq!(*order.lock().unwrap(), [0, 1, 2, 3], "a light request does not overtake a heavy one");
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_wait_charges_nothing_and_frees_the_queue() {
    let budget = budget(SETTINGS);
    budget.acquire(100, Lane::Live).await.answered(None);
    let waiting = tokio::spawn({
        let budget = budget.clone();
        async move { budget.acquire(100, Lane::Live).await.answered(None) }
    });
    tokio::task::yield_now().await;
    waiting.abort();
    assert!(waiting.await.unwrap_err().is_cancelled());
    budget.acquire(100, Lane::Live).await.answered(None);
    assert_eq!((in_minute(&budget), budget.used_and_limit().0), (250, 100));
}

#[tokio::test(start_paused = true)]
async fn new_limits_hold_at_once() {
    let budget = budget(SETTINGS);
    budget.acquire(50, Lane::Live).await.answered(None);
    budget.set_limits(Some(40), None);
    let waiting = tokio::spawn({
        let budget = budget.clone();
        async move {
            budget.acquire(10, Lane::Live).await.answered(None);
            in_minute(&budget)
        }
    });
    tokio::task::yield_now().await;
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert!(!waiting.is_finished(), "a lower limit binds");
    budget.set_limits(Some(60), None);
    assert_eq!(waiting.await.unwrap(), 15_000, "a higher one wakes who waits");
}

#[tokio::test(start_paused = true)]
async fn the_exchanges_count_binds() {
    let budget = budget(SETTINGS);
    budget.acquire(2, Lane::Live).await.answered(Some(99));
    budget.acquire(2, Lane::Live).await.answered(Some(2));
    assert_eq!((in_minute(&budget), budget.used_and_limit().0), (250, 2));
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_was_wrong_forgives_nothing() {
    let budget = RateBudget::new(SETTINGS, Clock::starting_at(Time::from_ms(1_700_000_050_000)));
    budget.acquire(100, Lane::Live).await.answered(None);
    // The local clock is ten minutes behind: the exchange has counted this in its present minute.
    budget.set_offset(600_000, 10);
    budget.acquire(10, Lane::Live).await.answered(None);
    let waited_to = budget.now().ms();
    assert_eq!(waited_to, 1_700_000_050_000 + 600_000 + 2 * MINUTE_MS - 10_000 + 260, "that minute and the next");
    budget.set_offset(600_200, 10);
    assert_eq!(budget.used_and_limit().0, 10, "within the guard nothing has to be charged again");
}

#[tokio::test(start_paused = true)]
async fn raw_requests_are_bounded_over_five_minutes() {
    let budget = budget(BudgetSettings { requests: 3, ..SETTINGS });
    let start = budget.now();
    for _ in 0..4 {
        budget.acquire(1, Lane::Live).await.answered(None);
    }
    let five = 5 * MINUTE_MS;
    assert_eq!(budget.now().ms(), (start.ms() / five + 1) * five + 250);
}

#[tokio::test(start_paused = true)]
async fn unused_charges_come_back() {
    let budget = budget(SETTINGS);
    budget.acquire(100, Lane::Live).await.unused();
    budget.acquire(100, Lane::Live).await.answered(None);
    assert_eq!(in_minute(&budget), 10_000);
}

/// An exchange that counts by its own clock, at a random instant between sending and answering, what
/// 60 tasks ask for from `start_ms` of a minute on. Its clock is `skew_ms` ahead of our estimate.
async fn counted_by_the_exchange(skew_ms: i64, start_ms: i64, latency: Duration) -> BTreeMap<i64, u32> {
    let budget = RateBudget::new(SETTINGS, Clock::starting_at(Time::from_ms(1_700_000_040_000 + start_ms)));
    budget.set_offset(0, 0);
    let counted: Arc<Mutex<BTreeMap<i64, u32>>> = Arc::default();
    let mut tasks = Vec::new();
    for task in 0_u64..60 {
        let (budget, counted) = (budget.clone(), Arc::clone(&counted));
        tasks.push(tokio::spawn(async move {
            let mut jitter = Jitter::seeded(task);
            for at in 0..3 {
                let permit = budget.acquire(2, if at == 1 { Lane::Backfill } else { Lane::Live }).await;
                tokio::time::sleep(jitter.up_to(latency)).await;
                let minute = (budget.now().ms() + skew_ms).div_euclid(MINUTE_MS);
                *counted.lock().unwrap().entry(minute).or_default() += 2;
                tokio::time::sleep(jitter.up_to(latency)).await;
                if task % 11 == 0 { drop(permit) } else { permit.answered(None) }
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    let counted = counted.lock().unwrap();
    assert_eq!(counted.values().sum::<u32>(), 360);
    counted.clone()
}

#[tokio::test(start_paused = true)]
async fn never_more_than_the_exchange_allows() {
    for skew in [-250, -120, 0, 120, 249] {
        for start in [10_000, 59_000, 59_500, 59_700, 59_800, 59_950] {
            for latency in [20, 200, 4_000] {
                let counted = counted_by_the_exchange(skew, start, Duration::from_millis(latency)).await;
                let case = format!("skew {skew} start {start} latency {latency}: {counted:?}");
                assert!(counted.values().all(|weight| *weight <= 100), "{case}");
                assert!(counted.len() <= 8, "idle: {case}");
            }
        }
    }
}
