//! Hours of live candles with a socket that is cut every seven minutes and a recorder that is off for
//! twenty: every minute is there in the end, and every loss is in the ledger.

use super::place::{BINANCE, KRAKEN, OKX_SPOT, OKX_SWAP, Place, USDM};
use super::world::World;
use crate::support::account::Account;
use marketdata_tui::domain::dataset::Dataset;
use marketdata_tui::domain::gap::GapReason;
use marketdata_tui::domain::interval::Interval;
use marketdata_tui::domain::range::TimeRange;
use marketdata_tui::domain::time::{MINUTE_MS, Time};
use marketdata_tui::engine::command::Since;
use marketdata_tui::engine::snapshot::AwayCause;
use marketdata_tui::store::streams::Loss;
use std::time::Duration;

const STEP: Duration = Duration::from_secs(2);

/// Minutes in which the recorder is off.
const OFF: u64 = 20;

/// Simulated hours: one with `ENDURANCE=hour`, five with `ENDURANCE=full`, and none without. Simulated time
/// runs ahead of real sockets here, so that a machine that is busy with other things looks like an exchange
/// that is silent; it needs one to itself.
fn hours() -> Option<u64> {
    match std::env::var("ENDURANCE").as_deref() {
        Ok("hour") => Some(1),
        Ok("full") => Some(5),
        _ => None,
    }
}

async fn endures(place: Place) {
    let Some(hours) = hours() else {
        println!("skipped: set ENDURANCE=hour, or full for five hours, on a machine that does nothing else");
        return;
    };
    let began = std::time::Instant::now();
    let mut world = World::new(place, &["drop-socket every 7m"], STEP).await;
    let pairs = [place.busy, place.quiet];
    let mut ids = Vec::new();
    for pair in pairs {
        ids.push(world.add(pair, Dataset::Candles, Since::Now).await);
    }
    let half = (hours * 60 - OFF) / 2;
    world.start().await;
    world.minutes(half).await;
    world.stop().await;
    let off = world.rig.clock.now();
    world.minutes(OFF).await;
    // The exchange takes its time, so that what is owed can be looked at before it is fetched.
    world.rig.sim.set_latency(Duration::from_secs(3));
    world.start().await;
    let mut told = [0, 0];
    world
        .creep(|| {
            for (told, id) in told.iter_mut().zip(&ids) {
                let gaps = world.gaps(*id);
                let off = gaps.iter().filter(|gap| gap.reason == GapReason::RecorderOff);
                *told = off.map(|gap| Interval::M1.count(gap.range)).sum();
            }
            told.iter().all(|minutes| *minutes > 0)
        })
        .await;
    // What a stream brings of the past at its start may have come in before the look.
    assert!(told.iter().all(|minutes| (1..=21).contains(minutes)), "{}: {told:?} minutes told as off", place.name);
    world.rig.sim.set_latency(Duration::ZERO);
    world.creep(|| world.rig.exchange.health().in_flight == 0).await;
    world.minutes(half).await;
    let away = world.engine().handle().snapshots().borrow().away.clone().unwrap();
    assert_eq!(away.cause, AwayCause::Off);
    assert!(away.range.from.since(off).abs() < 10_000, "{}: {away:?}", place.name);
    let [missed, mended, mendable, lost] = away.total();
    assert!((38..=42).contains(&missed) && mended == missed && (mendable, lost) == (0, 0), "{}: {away:?}", place.name);
    world.stop().await;
    held_to_the_market(&world, &ids, hours, began);
}

fn held_to_the_market(world: &World, ids: &[marketdata_tui::domain::series::SeriesId], hours: u64, began: std::time::Instant) {
    let place = world.place;
    let (cuts, losses) = (world.cuts(place.candles_at), world.losses());
    let mut from_streams = Vec::new();
    let mut minutes = 0;
    for (id, pair) in ids.iter().zip([place.busy, place.quiet]) {
        let range = world.rig.series(*id).wanted(world.rig.exchange.now());
        let count = usize::try_from(Interval::M1.count(range)).unwrap();
        minutes = count;
        // The last minute may not have been asked for yet.
        let range = TimeRange::new(range.from, range.to.plus_ms(-MINUTE_MS));
        let account = world.account(*id, pair, range);
        assert_eq!(account, Account::whole(count - 1), "{} {}", place.name, pair.symbol);
        assert_eq!(world.differing_lines(*id, pair, range), [], "{} {}", place.name, pair.symbol);
        let settled = TimeRange::new(range.from, range.to.plus_ms(-2 * MINUTE_MS));
        let sources = world.sources(*id, settled);
        assert!(
            sources.keys().all(|source| ["rest", "confirmed"].contains(source)),
            "{} {}: {sources:?}",
            place.name,
            pair.symbol
        );
        from_streams.push(sources.get("confirmed").copied().unwrap_or(0));
    }
    assert_eq!(world.rig.check(), Vec::<String>::new(), "{}", place.name);
    // Every cut of a socket that carried candles is a row for each series.
    for cut in &cuts {
        for id in ids {
            let is_it = |loss: &&Loss| loss.series == *id && loss.cause == "cut" && near(loss.from, cut.at);
            let row = losses.iter().find(is_it);
            assert!(row.is_some(), "{}: no row of the cut at {} for {id:?}: {losses:#?}", place.name, cut.at.iso());
        }
    }
    assert!(losses.iter().all(|loss| loss.mended.is_some() && loss.to.is_some()), "{}: {losses:#?}", place.name);
    let by = |part: &str| losses.iter().filter(|loss| loss.mended.as_ref().is_some_and(|(_, how)| how.contains(part))).count();
    println!(
        "{:<12} {minutes} minutes of 2 symbols, {} cuts ({} of candles), {} losses ({} by REST, {} nothing missed, {} at a stop), \
         {} requests; by stream first: {} busy, {} quiet; {:.1} s",
        place.name,
        world.cuts("/").len(),
        cuts.len(),
        losses.len(),
        by("by REST"),
        by("nothing was missed"),
        by("stopped"),
        world.requests(),
        from_streams[0],
        from_streams[1],
        began.elapsed().as_secs_f64()
    );
    assert!(cuts.len() as u64 >= hours * 60 / 9 - 3, "{}: {} cuts", place.name, cuts.len());
    // A beat a minute and symbol, and no more than one look at a quiet market's price.
    assert!(world.requests() as u64 <= 8 * 60 * hours, "{}: {} requests", place.name, world.requests());
    let foreign: Vec<_> = losses.iter().filter(|loss| loss.cause != "cut").collect();
    assert!(foreign.is_empty(), "{}: {foreign:#?}", place.name);
    assert_eq!(losses.len(), cuts.len() * ids.len(), "{}", place.name);
    assert!(from_streams[0] * 2 > minutes, "{}: only {from_streams:?} minutes came by stream", place.name);
}

fn near(a: Time, b: Time) -> bool {
    a.since(b).abs() <= 15_000
}

#[tokio::test(start_paused = true)]
async fn binance_endures() {
    endures(BINANCE).await;
}

#[tokio::test(start_paused = true)]
async fn binance_usdm_endures() {
    endures(USDM).await;
}

#[tokio::test(start_paused = true)]
async fn okx_spot_endures() {
    endures(OKX_SPOT).await;
}

#[tokio::test(start_paused = true)]
async fn okx_swaps_endure() {
    endures(OKX_SWAP).await;
}

#[tokio::test(start_paused = true)]
async fn kraken_endures() {
    endures(KRAKEN).await;
}
