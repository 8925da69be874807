//! The whole app on the built-in simulated exchange: no network, a store of its own.

use crate::cli::{Context, Exit};
use crate::domain::dataset::Dataset;
use crate::domain::interval::Interval;
use crate::domain::range::TimeRange;
use crate::domain::time::{DAY_MS, HOUR_MS, MINUTE_MS, Time};
use crate::engine::command::{Command, Since};
use crate::engine::handle::Handle;
use crate::sim::{Market, SimConfig, Simulation};
use anyhow::Context as _;

/// What a fresh demonstration shows.
const SYMBOLS: [&str; 7] = ["BTC/USDT", "ETH/USDT", "SOL/USDT", "DOGE/USDT", "PEPE/USDT", "QUIET/USDT", "OUT/USDT"];

/// The market with outages, so that a gap and its evidence can be looked at.
const OUT: &str = "OUTUSDT";

/// Past that it fetches.
const PAST_MS: i64 = 3 * DAY_MS;

/// Runs until the user quits.
pub(super) async fn run(mut context: Context, own_db: bool) -> anyhow::Result<Exit> {
    let markets = markets_with_outages(context.clock.now());
    let simulation = Simulation::start(SimConfig { markets, ..SimConfig::default() })
        .await
        .context("the simulated exchange cannot listen on loopback")?;
    context.simulated = true;
    context.settings.binance.rest_url = simulation.url();
    context.settings.binance.fallback_url = None;
    if !own_db {
        // Simulated candles never come near recorded ones.
        context.settings.db_path = context.settings.db_path.with_file_name("demo.sqlite");
    }
    super::terminal::run_with(&context, false, |handle| drop(tokio::spawn(populate(handle)))).await?;
    simulation.stop().await;
    Ok(Exit::Done)
}

/// Every third day [`OUT`] stands still from 02:00 to 03:20 UTC: by the date, so that one demonstration
/// after another tells the same.
fn markets_with_outages(now: Time) -> Vec<Market> {
    let today = Interval::D1.floor(now);
    let days = (-60..=7).map(|day| today.plus_ms(day * DAY_MS)).filter(|day| day.ms() / DAY_MS % 3 == 0);
    let outages: Vec<TimeRange> =
        days.map(|day| TimeRange::new(day.plus_ms(2 * HOUR_MS), day.plus_ms(3 * HOUR_MS + 20 * MINUTE_MS))).collect();
    let still = |market: Market| outages.iter().fold(market, |market, outage| market.with_outage(*outage));
    let markets = crate::sim::markets::demo(SimConfig::default().seed);
    markets.into_iter().map(|market| if market.native() == OUT { still(market) } else { market }).collect()
}

/// A demonstration that has nothing to show yet adds symbols as a user would.
async fn populate(handle: Handle) {
    if !handle.snapshots().borrow().series.is_empty() {
        return;
    }
    let command = Command::Add {
        symbols: SYMBOLS.map(str::to_owned).to_vec(),
        exchange: crate::domain::instrument::ExchangeId::Binance,
        datasets: vec![Dataset::Candles],
        interval: Interval::M1,
        since: Since::Last(PAST_MS),
    };
    if let Err(error) = handle.run(command).await {
        tracing::warn!(error, "the demonstration's symbols were not added");
    }
}
