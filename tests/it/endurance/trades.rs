//! An hour of trades by stream and by request, with a socket that is cut every seven minutes: each is
//! stored once, and adds up to the candles.

use super::place::{BINANCE, KRAKEN, OKX_SPOT, OKX_SWAP, Place, USDM};
use super::world::World;
use marketdata_tui::domain::dataset::Dataset;
use marketdata_tui::domain::interval::Interval;
use marketdata_tui::domain::range::TimeRange;
use marketdata_tui::domain::time::MINUTE_MS;
use marketdata_tui::domain::trade::{Side, Trade};
use marketdata_tui::engine::command::Since;
use marketdata_tui::store::deep;
use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

async fn stores_every_trade_once(place: Place) {
    let began = std::time::Instant::now();
    let mut world = World::new(place, &["drop-socket every 7m"], Duration::from_secs(2)).await;
    let candles = world.add(place.traded, Dataset::Candles, Since::Now).await;
    let id = world.add(place.traded, Dataset::Trades, Since::Now).await;
    world.start().await;
    world.minutes(61).await;
    world.stop().await;
    let wanted = world.rig.series(id).wanted(world.rig.exchange.now());
    let range = TimeRange::new(wanted.from, wanted.to.plus_ms(-3 * MINUTE_MS));
    let owed: Vec<_> = world.rig.gaps(id, range).into_iter().filter(|gap| !gap.reason.is_explained()).collect();
    assert_eq!(owed, [], "{}", place.name);
    let key = |side: Side| side == Side::Buy;
    let stored: Vec<_> = world.rows::<Trade>(id, range);
    let stored: Vec<_> = stored.iter().map(|trade| (trade.id, trade.time, trade.price, trade.size, key(trade.side))).collect();
    let truth = world.market(place.traded).trades(range);
    let truth: Vec<_> =
        truth.iter().map(|trade| (trade.id, trade.time(), trade.price, trade.size, trade.taker_is_buyer)).collect();
    let known: HashMap<i64, _> = truth.iter().map(|trade| (trade.0, trade)).collect();
    let foreign: Vec<_> = stored.iter().filter(|trade| known.get(&trade.0) != Some(trade)).take(3).collect();
    assert!(foreign.is_empty(), "{}: {foreign:?}, for the first {:?}", place.name, known.get(&foreign[0].0));
    assert_eq!(stored.len(), truth.len(), "{}", place.name);
    assert!(stored == truth, "{}: their order", place.name);
    let series = world.rig.series(id);
    let compared = world.rig.store.readers().with(|connection| deep::compare_candles(connection, &series)).unwrap().unwrap();
    assert_eq!(compared.told, [], "{}", place.name);
    let minutes = Interval::M1.count(range).unsigned_abs();
    assert!(compared.different == 0 && compared.compared >= minutes, "{}: {compared:?}", place.name);
    assert_eq!(world.rig.check(), Vec::<String>::new(), "{}", place.name);
    let cuts = world.cuts(place.trades_at).len();
    let requests: Vec<_> =
        world.rig.sim.requests().into_iter().filter(|log| log.path().to_ascii_lowercase().contains("trades")).collect();
    let asked: BTreeSet<_> = requests.iter().map(|log| Interval::M1.floor(log.at)).collect();
    let losses = world.losses();
    assert!(losses.iter().all(|loss| loss.mended.is_some()), "{losses:#?}");
    for of in [candles, id] {
        assert!(losses.iter().filter(|loss| loss.series == of).count() >= 6, "{}: {losses:#?}", place.name);
    }
    let by_stream = world.by_stream(id, range);
    println!(
        "{:<12} {minutes} minutes, {} trades, {by_stream} by stream, {cuts} cuts, {} losses, {} requests, {} of them for trades, \
         {} minutes equal to their candles; {:.1} s",
        place.name,
        stored.len(),
        losses.len(),
        world.requests(),
        requests.len(),
        compared.compared,
        began.elapsed().as_secs_f64()
    );
    // Where trades come every second, the minutes around a cut are asked for and no others.
    if stored.len() > 60 * 60 {
        assert!(asked.len() <= 2 * cuts + 4, "{}: asked for in {} minutes, {cuts} cuts", place.name, asked.len());
    }
    assert!(by_stream * 2 > stored.len(), "{}: {by_stream} trades by stream", place.name);
}

#[tokio::test(start_paused = true)]
async fn of_binance() {
    stores_every_trade_once(BINANCE).await;
}

#[tokio::test(start_paused = true)]
async fn of_binance_usdm() {
    stores_every_trade_once(USDM).await;
}

#[tokio::test(start_paused = true)]
async fn of_okx_spot() {
    stores_every_trade_once(OKX_SPOT).await;
}

#[tokio::test(start_paused = true)]
async fn of_okx_swaps() {
    stores_every_trade_once(OKX_SWAP).await;
}

#[tokio::test(start_paused = true)]
async fn of_kraken() {
    stores_every_trade_once(KRAKEN).await;
}
