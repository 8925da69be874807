//! The whole app on the built-in simulated exchange: no network, a store of its own.

use crate::cli::{Context, Exit};
use crate::domain::interval::Interval;
use crate::domain::time::DAY_MS;
use crate::engine::command::{Command, Since};
use crate::engine::handle::Handle;
use crate::sim::{SimConfig, Simulation};
use anyhow::Context as _;

/// What a fresh demonstration shows.
const SYMBOLS: [&str; 6] = ["BTC/USDT", "ETH/USDT", "SOL/USDT", "DOGE/USDT", "PEPE/USDT", "QUIET/USDT"];

/// Past that it fetches.
const PAST_MS: i64 = 3 * DAY_MS;

/// Runs until the user quits.
pub(super) async fn run(mut context: Context, own_db: bool) -> anyhow::Result<Exit> {
    let simulation = Simulation::start(SimConfig::default()).await.context("the simulated exchange cannot listen on loopback")?;
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

/// A demonstration that has nothing to show yet adds symbols as a user would.
async fn populate(handle: Handle) {
    if !handle.snapshots().borrow().series.is_empty() {
        return;
    }
    let command = Command::Add {
        symbols: SYMBOLS.map(str::to_owned).to_vec(),
        exchange: crate::domain::instrument::ExchangeId::Binance,
        interval: Interval::M1,
        since: Since::Last(PAST_MS),
    };
    if let Err(error) = handle.run(command).await {
        tracing::warn!(error, "the demonstration's symbols were not added");
    }
}
