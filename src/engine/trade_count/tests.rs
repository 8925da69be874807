use super::*;
use crate::domain::candle::{Candle, Source};
use crate::domain::gap::Evidence;
use crate::domain::instrument::Scales;
use crate::domain::page::CheckedPage;
use crate::domain::price::Decimal;
use crate::domain::series::SeriesId;
use crate::domain::time::{MINUTE_MS, Time};
use crate::domain::trade::Side;
use crate::engine::answer::answer;
use crate::engine::core::Core;
use crate::engine::core::rig::{START, recorder, registered};
use crate::engine::plan::Terms;
use crate::engine::query::{FetchPlan, Query, Reply, Sureness};
use crate::exchange::port::TradesRequest;
use crate::store::answer::Answer;
use crate::store::page::{self, PageWrite};
use crate::store::rows::{self, RowsWrite};
use crate::store::{Priority, StoreError};

fn minutes(from: i64, to: i64) -> TimeRange {
    TimeRange::new(START.plus_ms(from * MINUTE_MS), START.plus_ms(to * MINUTE_MS))
}

fn evidence() -> Evidence {
    Evidence { endpoint: "test".into(), asked_at: START, answer: String::new() }
}

/// Stores candles of these minutes, each of so many executions.
async fn store_candles(core: &Core, id: SeriesId, of: TimeRange, executions: i64) {
    let series = core.book().series[&id].series.clone();
    let one = Decimal::ONE;
    let candle = |minute: i64| Candle {
        open_time: of.from.plus_ms(minute * MINUTE_MS),
        open: one,
        high: one,
        low: one,
        close: one,
        volume: one,
        quote_volume: None,
        trade_count: Some(executions),
        taker_buy_volume: None,
        taker_buy_quote_volume: None,
    };
    let page = CheckedPage { candles: (0..of.duration_ms() / MINUTE_MS).map(candle).collect(), ..CheckedPage::default() };
    let write = PageWrite {
        answer: carried(id, series.instrument.scales),
        interval: series.interval,
        range: of,
        page,
        quiet: Vec::new(),
    };
    core.store.writer().run(Priority::Live, move |connection| page::write(connection, &write)).await.unwrap();
}

fn carried(series: SeriesId, scales: Scales) -> Answer {
    Answer {
        series,
        scales,
        asked: evidence(),
        received_at: START,
        source: Source::Rest,
        not_trading_after: None,
        confirm_after_ms: 0,
        component: "backfill",
    }
}

/// Stores a trade every second of these minutes, each of so many fills.
async fn store_trades(core: &Core, id: SeriesId, of: TimeRange, fills: i64) {
    let scales = core.book().series[&id].series.instrument.scales;
    let trade = |second: i64| Trade {
        id: second,
        time: of.from.plus_ms(second * 1_000),
        nanos: None,
        price: Decimal::ONE,
        size: Decimal::ONE,
        side: Side::Buy,
        fills: Some(fills),
    };
    let write = RowsWrite {
        answer: carried(id, scales),
        rows: (0..of.duration_ms() / 1_000).map(trade).collect(),
        rejected: Vec::new(),
        covered: vec![of],
        missing: Vec::new(),
    };
    core.store.writer().run(Priority::Live, move |connection| rows::write(connection, &write)).await.unwrap();
}

async fn expected_of(core: &Core, id: SeriesId, due: TimeRange, daily: Option<u64>) -> Option<u64> {
    let series = core.book().series[&id].series.clone();
    let read = move |connection: &Connection| -> Result<Option<u64>, StoreError> {
        expected(connection, &series, &RangeSet::from(due), daily)
    };
    core.read(read).await.unwrap()
}

#[tokio::test]
async fn the_best_that_is_known_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let core = recorder(folder.path()).await;
    let of_trades = registered(&core, Dataset::Trades, Interval::M1).await;
    let ask = |due: TimeRange, daily: Option<u64>| expected_of(&core, of_trades, due, daily);
    assert_eq!(ask(minutes(0, 60), None).await, None, "nobody knows");
    assert_eq!(ask(minutes(0, 60), Some(2_400_000)).await, Some(100_000), "by the ticker's day");
    store_trades(&core, of_trades, minutes(0, 10), 4).await;
    assert_eq!(ask(minutes(10, 70), Some(2_400_000)).await, Some(3_600), "by the trades next to it");
    assert_eq!(ask(minutes(-60, 0), None).await, Some(3_600), "which may lie behind it");
    let of_candles = registered(&core, Dataset::Candles, Interval::M1).await;
    store_candles(&core, of_candles, minutes(60, 120), 500).await;
    // Each row stands for four executions.
    assert_eq!(ask(minutes(60, 120), None).await, Some(60 * 125), "by the candles of the range itself");
    assert_eq!(ask(minutes(120, 180), None).await, Some(60 * 125), "by those next to it");
    assert_eq!(ask(minutes(90, 150), None).await, Some(60 * 125), "by the half that is known");
    let month = TimeRange::new(START.plus_ms(-30 * DAY_MS), START.plus_ms(3 * HOUR_MS));
    let by_hours = ask(month, None).await.unwrap();
    let exact = 125 * month.duration_ms().unsigned_abs() / 60_000;
    assert!(by_hours.abs_diff(exact) <= exact / 1_000, "a wide range is summed by the hour: {by_hours} of {exact}");
}

#[tokio::test]
async fn the_plan_of_a_busy_pair_counts_its_requests() {
    let folder = tempfile::tempdir().unwrap();
    let core = recorder(folder.path()).await;
    let of_candles = registered(&core, Dataset::Candles, Interval::M1).await;
    let of_trades = registered(&core, Dataset::Trades, Interval::M1).await;
    store_candles(&core, of_candles, minutes(0, 1_440), 2_000).await;
    let terms = Terms {
        page_limit: 60,
        page_weight: 4,
        trades: Some(TradesRequest { rows: 1_000, weight: 4 }),
        budget: Some((0, 6_000)),
        ..Terms::unasked(&core.book().series[&of_trades].series)
    };
    let plan = |range: TimeRange| -> FetchPlan {
        let query = Query::Gaps { series: of_trades, range };
        let now = |_| -> Time { START.plus_ms(2 * DAY_MS) };
        match answer(&core.store, &query, &now, &|_| terms) {
            Ok(Reply::Gaps(gaps)) => gaps.plan.unwrap(),
            other => panic!("{other:?}"),
        }
    };
    let day = plan(minutes(0, 1_440));
    // 2.88 million executions; each hour has 120,000 of them.
    assert_eq!((day.candles, day.requests, day.weight, day.sureness), (1_440, 2_880, 11_520, Sureness::About));
    assert_eq!(day.eta_ms, Some((11_520 - 5_400) * 60_000 / 5_400));
    let hour = plan(minutes(0, 60));
    assert_eq!((hour.requests, hour.sureness), (120, Sureness::About));
}
