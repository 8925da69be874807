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
    let feed = |trades: Vec<Trade>, from: i64, to: i64| {
        let (core, series) = (&core, &series);
        async move { store_trades(core, series, trades, TimeRange::new(at(from), at(to))).await.unwrap() }
    };
    // Heard from the middle of the first minute on.
    let first = feed(vec![trade(1, 30_000), trade(2, 70_000)], 20_000, 90_000).await;
    assert_eq!((first.stored, minutes(&core, id)), (2, vec![]), "no minute was heard whole yet");
    feed(vec![trade(3, 95_000)], 20_000, 130_000).await;
    assert_eq!(minutes(&core, id), [(1, 2)]);
    feed(vec![], 20_000, 181_000).await;
    assert_eq!(minutes(&core, id), [(1, 3)], "a minute without trades");
    // Number 4 never came: it may have been in any minute from the last trade to this one.
    feed(vec![trade(5, 310_000), trade(6, 310_000)], 20_000, 361_000).await;
    assert_eq!(minutes(&core, id), [(1, 3)]);
    // A frame was lost in the seventh minute, so the stream is heard anew from there.
    feed(vec![trade(7, 400_000), trade(8, 425_000)], 390_000, 482_000).await;
    assert_eq!(minutes(&core, id), [(1, 3), (7, 8)]);
    let bad = Trade { size: Decimal::ZERO, ..trade(10, 490_000) };
    let spoilt = feed(vec![trade(9, 485_000), bad], 390_000, 541_000).await;
    assert_eq!((spoilt.stored, minutes(&core, id)), (1, vec![(1, 3), (7, 8)]), "its minute stays owed");
    let again = feed(vec![trade(1, 30_000)], 20_000, 90_000).await;
    assert_eq!((again.stored, again.revised), (0, 0));
    let kept = core.read(move |connection| coverage::all(connection, id)).await.unwrap();
    assert_eq!(kept, core.book().series[&id].stored);
}
