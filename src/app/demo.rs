//! The whole app on the built-in simulated exchange: no network, a store of its own.

use crate::cli::{Context, Exit};
use crate::config::Settings;
use crate::domain::dataset::Dataset;
use crate::domain::instrument::ExchangeId;
use crate::domain::interval::Interval;
use crate::domain::range::TimeRange;
use crate::domain::time::{DAY_MS, HOUR_MS, MINUTE_MS, Time};
use crate::engine::command::{Command, Since};
use crate::engine::handle::Handle;
use crate::sim::{Market, SimConfig, Simulation, Venue};
use anyhow::Context as _;

/// What a fresh demonstration shows.
const SYMBOLS: [&str; 7] = ["BTC/USDT", "ETH/USDT", "SOL/USDT", "DOGE/USDT", "PEPE/USDT", "QUIET/USDT", "OUT/USDT"];

/// And of the other exchanges.
const ELSEWHERE: [&str; 3] = ["binance:BTC/USDT:USDT", "okx:BTC/USDT:USDT", "kraken:BTC/USD"];

/// Of these the funding and the open interest as well.
const PERPETUALS: [&str; 2] = [ELSEWHERE[0], ELSEWHERE[1]];

/// The market with outages, so that a gap and its evidence can be looked at.
const OUT: &str = "OUTUSDT";

/// Past that it fetches.
const PAST_MS: i64 = 3 * DAY_MS;

/// Past that it fetches elsewhere: Kraken answers once a second, and serves twelve hours as candles.
const SHORT_PAST_MS: i64 = 10 * HOUR_MS;

/// Runs until the user quits.
pub(super) async fn run(mut context: Context, own_db: bool) -> anyhow::Result<Exit> {
    let markets = markets_with_outages(context.clock.now());
    let simulation = Simulation::start(SimConfig { markets, ..SimConfig::default() })
        .await
        .context("the simulated exchanges cannot listen on loopback")?;
    context.simulated = true;
    point_at(&mut context.settings, &simulation);
    if !own_db {
        // Simulated candles never come near recorded ones.
        context.settings.db_path = context.settings.db_path.with_file_name("demo.sqlite");
    }
    super::terminal::run_with(&context, false, |handle| drop(tokio::spawn(populate(handle)))).await?;
    simulation.stop().await;
    Ok(Exit::Done)
}

/// One simulation is all exchanges: no setting leads out of this machine.
fn point_at(settings: &mut Settings, simulation: &Simulation) {
    let stream = simulation.url().replacen("http", "ws", 1);
    settings.exchanges = ExchangeId::ALL.to_vec();
    settings.binance.rest_url = simulation.url();
    settings.binance.fallback_url = None;
    settings.binance.ws_url = Some(stream.clone());
    for hosts in [&mut settings.usdm, &mut settings.okx, &mut settings.kraken] {
        hosts.rest_url = simulation.url();
        hosts.ws_url = Some(stream.clone());
    }
}

/// Every third day [`OUT`] stands still from 02:00 to 03:20 UTC: by the date, so that one demonstration
/// after another tells the same.
fn markets_with_outages(now: Time) -> Vec<Market> {
    let today = Interval::D1.floor(now);
    let days = (-60..=7).map(|day| today.plus_ms(day * DAY_MS)).filter(|day| day.ms() / DAY_MS % 3 == 0);
    let outages: Vec<TimeRange> =
        days.map(|day| TimeRange::new(day.plus_ms(2 * HOUR_MS), day.plus_ms(3 * HOUR_MS + 20 * MINUTE_MS))).collect();
    let still = |market: Market| outages.iter().fold(market, |market, outage| market.with_outage(*outage));
    let markets = crate::sim::markets::all(SimConfig::default().seed);
    let is_out = |market: &Market| market.venue() == Venue::Binance && market.native() == OUT;
    markets.into_iter().map(|market| if is_out(&market) { still(market) } else { market }).collect()
}

/// A demonstration that has nothing to show yet adds symbols as a user would.
async fn populate(handle: Handle) {
    if !handle.snapshots().borrow().series.is_empty() {
        return;
    }
    let add = |symbols: &[&str], dataset: &[Dataset], since: Since| Command::Add {
        symbols: symbols.iter().map(|symbol| (*symbol).to_owned()).collect(),
        exchange: ExchangeId::Binance,
        datasets: dataset.to_vec(),
        interval: Interval::M1,
        since,
    };
    let trades = [SYMBOLS[0], ELSEWHERE[0], ELSEWHERE[1], ELSEWHERE[2]];
    for command in [
        add(&SYMBOLS, &[Dataset::Candles], Since::Last(PAST_MS)),
        add(&ELSEWHERE, &[Dataset::Candles], Since::Last(SHORT_PAST_MS)),
        add(&PERPETUALS, &[Dataset::Funding, Dataset::OpenInterest], Since::Last(PAST_MS)),
        add(&trades, &[Dataset::Trades], Since::Now),
    ] {
        if let Err(error) = handle.run(command).await {
            tracing::warn!(error, "the demonstration's symbols were not added");
        }
    }
}
