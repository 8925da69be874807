//! Kraken's past beyond its newest 720 candles, folded from trades.

use super::place::KRAKEN;
use super::world::World;
use marketdata_tui::domain::candle::{Candle, Source};
use marketdata_tui::domain::dataset::Dataset;
use marketdata_tui::domain::gap::GapReason;
use marketdata_tui::domain::interval::Interval;
use marketdata_tui::domain::range::TimeRange;
use marketdata_tui::domain::time::{DAY_MS, MINUTE_MS, Time};
use marketdata_tui::domain::trade::{Side, Trade};
use marketdata_tui::engine::command::Since;
use marketdata_tui::exchange::kraken::parse::TradeList;
use marketdata_tui::exchange::kraken::rebuild::{PAGE_ROWS, Progress, Rebuild};
use marketdata_tui::sim::{Venue, markets};
use marketdata_tui::store::candles;
use std::collections::BTreeMap;
use std::time::Duration;

#[tokio::test(start_paused = true)]
async fn three_days_are_rebuilt_from_trades() {
    let began = std::time::Instant::now();
    let mut world = World::new(KRAKEN, &[], Duration::from_secs(1)).await;
    let id = world.add(KRAKEN.busy, Dataset::Candles, Since::Last(3 * DAY_MS)).await;
    let from = world.rig.series(id).wanted_from;
    // The first look at the clock may have been moved on over the turn of a minute since.
    let to = from.plus_ms(3 * DAY_MS);
    let range = TimeRange::new(from, to);
    world.start().await;
    let owed = |world: &World| world.rig.gaps(id, range).iter().any(|gap| !gap.reason.is_explained());
    let start = world.rig.clock.now();
    world.until(Duration::from_secs(1_800), || !owed(&world)).await;
    let took = world.rig.clock.now().since(start) / 1_000;
    world.stop().await;
    let stored: BTreeMap<Time, Candle> = world.rig.stored(id, range).into_iter().map(|row| (row.open_time, row)).collect();
    let gaps = world.rig.gaps(id, range);
    let (mut from_trades, mut from_candles, mut quiet, mut agreed) = (0, 0, 0, 0);
    for candle in world.market(KRAKEN.busy).candles(Interval::M1, range) {
        let at = candle.open_time;
        let minute = TimeRange::new(at, at.plus_ms(MINUTE_MS));
        let origin = world.rig.store.readers().with(|connection| candles::origin(connection, id, minute)).unwrap();
        match (stored.get(&at), origin.and_then(|origin| origin.source)) {
            (Some(row), Some(Source::Trades)) => {
                assert_eq!(*row, candle, "trade counts and all");
                from_trades += 1;
            }
            (Some(row), _) => {
                assert_eq!(*row, KRAKEN.told(candle));
                from_candles += 1;
            }
            (None, _) => {
                assert_eq!(candle.trade_count, Some(0), "{}", at.iso());
                let gap = gaps.iter().find(|gap| gap.range.contains(at)).unwrap();
                assert!(gap.evidence.is_some(), "{gap:?}");
                match gap.reason {
                    GapReason::NoTrades => quiet += 1,
                    GapReason::NoCandle => agreed += 1,
                    _ => panic!("{gap:?}"),
                }
            }
        }
    }
    let trades = world.market(KRAKEN.busy).trades(TimeRange::new(from, to.plus_ms(-720 * MINUTE_MS))).len();
    let requests = world.rig.sim.request_count("/0/public/Trades");
    println!(
        "kraken history: {from_trades} candles from {trades} trades in {requests} requests, {from_candles} from OHLC ({} requests), {quiet} \
         quiet by proof, {agreed} by two answers; {took} s of the exchange's time; {:.1} s",
        world.rig.sim.request_count("/0/public/OHLC"),
        began.elapsed().as_secs_f64()
    );
    assert_eq!(from_trades + from_candles + quiet + agreed, 3 * 1_440);
    assert!(from_trades > 3_000 && quiet > 50, "{from_trades} {quiet}");
    // The numbers of the simulation's trades leap at midnight, and prove nothing there.
    assert!(agreed <= 6, "{agreed}");
    let least = (trades / PAGE_ROWS) as u64;
    assert!(requests >= least && requests <= least + 60, "{requests} requests for {least} full pages");
    assert_eq!(world.rig.check(), Vec::<String>::new());
}

/// A trade at a page's border comes twice, and one nanosecond holds many: who counts what comes has one
/// trade too many about once in a thousand, as three recorders of the same month had.
#[test]
fn what_is_told_twice_counts_once() {
    let market = markets::kraken(1).into_iter().find(|market| market.native() == KRAKEN.busy.native).unwrap();
    assert_eq!(market.venue(), Venue::Kraken);
    let from = Time::parse("2025-06-30T06:00:00Z", Time::EPOCH).unwrap();
    let range = TimeRange::new(from, from.plus_ms(6 * 60 * MINUTE_MS));
    // Bursts become one nanosecond each.
    let mut last = (0, 0);
    let trades: Vec<(i64, Trade)> = market
        .trades(TimeRange::new(from.plus_ms(-MINUTE_MS), range.to.plus_ms(10 * MINUTE_MS)))
        .iter()
        .map(|trade| {
            let ns = trade.time_ns;
            let at_once = ns - last.0 < 1_000_000 && ns.div_euclid(60_000_000_000) == last.1 / 60_000_000_000;
            last = (ns, if at_once { last.1 } else { ns });
            let ns = last.1;
            let side = if trade.taker_is_buyer { Side::Buy } else { Side::Sell };
            let told = Trade {
                id: trade.id,
                time: Time::from_ms(ns / 1_000_000),
                nanos: Some(u32::try_from(ns % 1_000_000).unwrap()),
                price: trade.price,
                size: trade.size,
                side,
                fills: None,
            };
            (ns, told)
        })
        .collect();
    let expected: Vec<Candle> =
        market.candles(Interval::M1, range).into_iter().filter(|candle| candle.trade_count != Some(0)).collect();
    // Each page repeats so many of the one before it, besides what lies at the cursor itself.
    for repeats in [0, 1, 7, 300] {
        let mut rebuild = Rebuild::new(Interval::M1, range);
        let (mut told, mut pages) = (0, 0);
        loop {
            let since = rebuild.since();
            let first = trades.partition_point(|(ns, _)| *ns < since).saturating_sub(repeats);
            let page = &trades[first..(first + PAGE_ROWS).min(trades.len())];
            let answer = TradeList { last: page.last().unwrap().0, rows: page.iter().map(|(_, trade)| Ok(*trade)).collect() };
            told += page.len();
            pages += 1;
            assert!(pages < 1_000, "it goes round in circles");
            if rebuild.take(answer, range.to.plus_ms(DAY_MS)).unwrap() != Progress::More {
                break;
            }
        }
        let candles: Vec<Candle> = rebuild.finish().rows.into_iter().map(Result::unwrap).collect();
        let counted: i64 = candles.iter().filter_map(|candle| candle.trade_count).sum();
        println!("{repeats} repeated at each border: {told} told in {pages} pages, {counted} counted");
        assert!(candles == expected, "{repeats}: {} and {} candles", candles.len(), expected.len());
    }
}
