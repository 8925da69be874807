//! Three days of funding and open interest, most of them fetched and nine hours recorded.

use super::place::{OKX_SWAP, Place, USDM};
use super::world::World;
use marketdata_tui::domain::dataset::Dataset;
use marketdata_tui::domain::funding::Funding;
use marketdata_tui::domain::open_interest::OpenInterest;
use marketdata_tui::domain::range::TimeRange;
use marketdata_tui::domain::time::{HOUR_MS, MINUTE_MS};
use marketdata_tui::engine::command::Since;
use std::time::Duration;

const RECORDED_HOURS: i64 = 9;

/// Open interest is published late: what is younger is not there yet.
const LATE_MS: i64 = 25 * MINUTE_MS;

async fn three_days(place: Place) {
    let began = std::time::Instant::now();
    let mut world = World::new(place, &[], Duration::from_secs(30)).await;
    let since = Since::Last((72 - RECORDED_HOURS) * HOUR_MS);
    let funding = world.add(place.busy, Dataset::Funding, since).await;
    let interest = world.add(place.busy, Dataset::OpenInterest, since).await;
    world.start().await;
    world.minutes(RECORDED_HOURS.unsigned_abs() * 60).await;
    world.stop().await;
    let until = world.rig.exchange.now().plus_ms(-LATE_MS);
    let range = |id| {
        let series = world.rig.series(id);
        TimeRange::new(series.wanted_from, series.interval.floor(until))
    };
    for (name, id) in [("funding", funding), ("open interest", interest)] {
        assert!(range(id).duration_ms() > 70 * HOUR_MS, "{} {name}: {:?}", place.name, range(id));
        let owed = world.rig.gaps(id, range(id));
        assert_eq!(owed, [], "{} {name}", place.name);
    }
    let market = world.market(place.busy);
    let stored = world.rows::<Funding>(funding, range(funding));
    let truth = market.funding(range(funding));
    let rate = |at: usize| (stored[at].time, stored[at].rate);
    assert_eq!(stored.len(), truth.len(), "{}", place.name);
    for (at, settled) in truth.iter().enumerate() {
        assert_eq!(rate(at), (settled.time, settled.rate), "{}", place.name);
        assert!(stored[at].mark_price.is_none_or(|price| price == settled.mark_price), "{}", place.name);
    }
    let with_mark = stored.iter().filter(|row| row.mark_price.is_some()).count();
    let amounts = world.rows::<OpenInterest>(interest, range(interest));
    let moments = market.open_interest(range(interest));
    assert_eq!(amounts.len(), moments.len(), "{}", place.name);
    for (row, moment) in amounts.iter().zip(&moments) {
        assert_eq!((row.time, row.amount), (moment.time, moment.amount), "{}", place.name);
        assert!(row.value.is_none_or(|value| value == moment.value), "{}: {row:?} {moment:?}", place.name);
    }
    assert_eq!(world.rig.check(), Vec::<String>::new(), "{}", place.name);
    let count = |part: &str| world.rig.sim.requests().iter().filter(|log| log.path().contains(part)).count();
    println!(
        "{:<12} {} settlements ({with_mark} with their mark price), {} values of open interest; requests: {} in all, {} for funding, \
         {} for open interest; {:.1} s",
        place.name,
        stored.len(),
        amounts.len(),
        world.requests(),
        count("unding"),
        count("pen"),
        began.elapsed().as_secs_f64()
    );
    assert!(stored.len() >= 8 && amounts.len() >= 70 * 12, "{} {}", stored.len(), amounts.len());
}

#[tokio::test(start_paused = true)]
async fn of_binance_usdm() {
    three_days(USDM).await;
}

#[tokio::test(start_paused = true)]
async fn of_okx() {
    three_days(OKX_SWAP).await;
}
