use super::*;
use crate::domain::interval::Interval;
use crate::domain::price::Decimal;
use crate::domain::series::SeriesId;
use crate::domain::trade::Side;
use crate::engine::core::rig::{START, recorder, registered};

fn at(ms: i64) -> Time {
    START.plus_ms(ms)
}

fn trade(id: i64, ms: i64) -> Trade {
    let (price, size) = (Decimal::ONE, Decimal::ONE);
    Trade { id, time: at(ms), nanos: None, price, size, side: Side::Buy, fills: Some(1) }
}

fn minutes(core: &Core, id: SeriesId) -> Vec<(i64, i64)> {
    let book = core.book();
    let stored = &book.series[&id].stored;
    stored.ranges().iter().map(|range| (range.from.since(START) / MINUTE_MS, range.to.since(START) / MINUTE_MS)).collect()
}

#[tokio::test]
async fn live_trades_cover_a_minute_only_when_none_can_be_missing() {
    let folder = tempfile::tempdir().unwrap();
    let core = recorder(folder.path()).await;
    let id = registered(&core, Dataset::Trades, Interval::M1).await;
    let series = core.book().series[&id].series.clone();
    let feed = |trades: Vec<Trade>| {
        let (core, series) = (&core, &series);
        async move { store_trades(core, series, trades).await.unwrap() }
    };
    let first = feed(vec![trade(1, 30_000), trade(2, 70_000)]).await;
    assert_eq!((first.stored, minutes(&core, id)), (2, vec![]), "nobody knows what came before number 1");
    feed(vec![trade(3, 95_000)]).await;
    assert_eq!(minutes(&core, id), [], "the second minute is not over");
    feed(vec![trade(4, 120_500)]).await;
    assert_eq!(minutes(&core, id), [], "a trade of its end may come a moment late");
    feed(vec![trade(5, 130_000)]).await;
    assert_eq!(minutes(&core, id), [(1, 2)]);
    feed(vec![trade(6, 250_000)]).await;
    assert_eq!(minutes(&core, id), [(1, 4)], "with a minute without trades");
    // Number 7 never came: it may have been in any minute from the last trade to this one.
    feed(vec![trade(8, 310_000), trade(9, 430_000)]).await;
    assert_eq!(minutes(&core, id), [(1, 4), (6, 7)]);
    // It comes after all, and in between a request may have brought it as well.
    feed(vec![trade(7, 300_000)]).await;
    assert_eq!(minutes(&core, id), [(1, 7)]);
    let bad = Trade { size: Decimal::ZERO, ..trade(11, 490_000) };
    let spoilt = feed(vec![trade(10, 485_000), bad, trade(12, 550_000)]).await;
    assert_eq!((spoilt.stored, minutes(&core, id)), (2, vec![(1, 8)]), "its minute stays owed, and the one before is whole");
    let again = feed(vec![trade(1, 30_000)]).await;
    assert_eq!((again.stored, again.revised), (0, 0));
    let kept = core.read(move |connection| coverage::all(connection, id)).await.unwrap();
    assert_eq!(kept, core.book().series[&id].stored);
    let anew = feed(vec![trade(13, 600_000), trade(2, 630_000), trade(14, 700_000)]).await;
    assert_eq!((anew.stored, anew.revised), (2, 0), "a number that is given again takes no earlier trade away");
    assert_eq!(minutes(&core, id), [(1, 8)], "and its minute stays owed");
}

#[tokio::test]
async fn a_busy_market_needs_no_request() {
    let folder = tempfile::tempdir().unwrap();
    let core = recorder(folder.path()).await;
    let id = registered(&core, Dataset::Trades, Interval::M1).await;
    let series = core.book().series[&id].series.clone();
    for first in [0, 180_000, 360_000] {
        // A trade every 300 ms: the one before a minute is a moment older than it.
        let trades = (0..600).map(|at| trade((first + at * 300) / 300, first + at * 300)).collect();
        store_trades(&core, &series, trades).await.unwrap();
    }
    assert_eq!(minutes(&core, id), [(1, 8)], "and the ninth is not over");
}
