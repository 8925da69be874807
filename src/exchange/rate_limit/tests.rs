use super::*;
use std::sync::atomic::{AtomicU32, Ordering};

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

/// An exchange that counts by its own clock at a random instant between sending and answering, and
/// whose clock is off by as much as the guard allows: it must never count more than its limit.
#[tokio::test(start_paused = true)]
async fn never_more_than_the_exchange_allows() {
    for skew in [-250, -100, 0, 100, 250] {
        let budget = budget(SETTINGS);
        let counted: Arc<Mutex<std::collections::BTreeMap<i64, u32>>> = Arc::default();
        let asked = Arc::new(AtomicU32::new(0));
        let mut tasks = Vec::new();
        for task in 0_u64..16 {
            let (budget, counted, asked) = (budget.clone(), Arc::clone(&counted), Arc::clone(&asked));
            tasks.push(tokio::spawn(async move {
                let mut jitter = crate::exchange::jitter::Jitter::seeded(task);
                for at in 0..60 {
                    let permit = budget.acquire(2, if at % 5 == 0 { Lane::Live } else { Lane::Backfill }).await;
                    tokio::time::sleep(jitter.up_to(Duration::from_secs(3))).await;
                    let minute = (budget.now().ms() + skew).div_euclid(MINUTE_MS);
                    *counted.lock().unwrap().entry(minute).or_default() += 2;
                    asked.fetch_add(1, Ordering::Relaxed);
                    tokio::time::sleep(jitter.up_to(Duration::from_secs(3))).await;
                    if at % 11 == 0 { drop(permit) } else { permit.answered(None) }
                }
            }));
        }
        for task in tasks {
            task.await.unwrap();
        }
        let counted = counted.lock().unwrap();
        assert!(counted.values().all(|weight| *weight <= 100), "skew {skew}: {counted:?}");
        assert_eq!(asked.load(Ordering::Relaxed), 960);
        assert!(counted.len() < 30, "and it is not idle either: {counted:?}");
    }
}
