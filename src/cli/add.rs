//! `add`: record symbols.

use super::args::{Add, Depth};
use super::{Context, Exit, output};
use crate::domain::dataset::Dataset;
use crate::domain::interval::Interval;
use crate::domain::time::MINUTE_MS;
use crate::engine::command::Since;
use crate::store::lock::Lock;
use std::time::Duration;

/// Registers each dataset of each symbol; one that cannot be added does not keep the others out.
pub async fn run(context: &Context, args: &Add) -> anyhow::Result<Exit> {
    let since = |dataset| match args.backfill {
        // Millions of rows a day: nobody gets them without asking.
        None if dataset == Dataset::Trades => Since::Now,
        None if context.settings.backfill_minutes == 0 => Since::Now,
        None => Since::Last(context.settings.backfill_minutes * MINUTE_MS),
        Some(Depth::None) => Since::Now,
        Some(Depth::Ms(ms)) => Since::Last(ms),
        Some(Depth::Listing) => Since::Listing,
    };
    // All of them before anything is done for one.
    let homes = args.symbols.iter().map(|symbol| context.exchange_of(symbol)).collect::<anyhow::Result<Vec<_>>>()?;
    let interval = args.interval.unwrap_or(Interval::M1);
    let store = context.store().await?;
    let mut exit = Exit::Done;
    for (symbol, id) in args.symbols.iter().zip(homes) {
        let exchange = context.connect(id)?;
        super::backfill::know_the_clock(context, &store, &exchange).await?;
        for dataset in &args.datasets {
            let registry = context.registry(&store, &exchange);
            match registry.add(symbol, *dataset, interval, since(*dataset)).await {
                Ok(done) => output::say(&done.message)?,
                Err(error) => {
                    output::tell(&format!("error: {error}"));
                    exit = Exit::Failed;
                }
            }
        }
    }
    if exit == Exit::Done && !Lock::is_held(store.path()) {
        output::tell("start marketdata-tui (or `marketdata-tui record`) to record");
    }
    store.writer().close(Duration::from_secs(5));
    Ok(exit)
}
