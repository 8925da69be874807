//! The coming funding of recorded perpetuals: asked for each minute, shown, and never stored.

use super::core::Core;
use crate::domain::dataset::Dataset;
use crate::domain::funding::FundingForecast;
use crate::domain::instrument::{Instrument, InstrumentKind};
use crate::domain::interval::Interval;
use crate::domain::time::Time;
use crate::exchange::error::{ExchangeError, Retry};
use crate::exchange::port::Exchange;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// Between two looks.
const EVERY: Duration = Duration::from_secs(60);

/// Asks for as long as the recorder runs.
pub(super) async fn run(core: Arc<Core>, exchange: Arc<dyn Exchange>) {
    // What an exchange does not serve is not asked for again.
    let mut refused: BTreeSet<String> = BTreeSet::new();
    loop {
        for instrument in perpetuals(&core, &exchange) {
            if refused.contains(&instrument.native) {
                continue;
            }
            match exchange.funding_forecast(Arc::clone(&instrument)).await {
                Ok(forecast) => keep(&core, &instrument, forecast, core.clock.now()),
                Err(ExchangeError::NotServed(_)) => drop(refused.insert(instrument.native.clone())),
                Err(error) => {
                    tracing::debug!(%error, "no funding forecast");
                    // The whole exchange is at rest: the next minute is early enough.
                    if !matches!(error.retry(), Retry::Never) {
                        break;
                    }
                }
            }
        }
        core.dirty.notify_one();
        tokio::time::sleep(EVERY).await;
    }
}

fn perpetuals(core: &Core, exchange: &Arc<dyn Exchange>) -> Vec<Arc<Instrument>> {
    let book = core.book();
    let mut list: Vec<Arc<Instrument>> = book
        .recording(exchange.id())
        .map(|tracked| &tracked.series.instrument)
        .filter(|instrument| matches!(instrument.kind, InstrumentKind::Perpetual { .. }))
        .filter(|instrument| exchange.service(instrument, Dataset::Funding, Interval::H1).is_ok())
        .map(Arc::clone)
        .collect();
    list.sort_by(|a, b| a.native.cmp(&b.native));
    list.dedup_by(|a, b| a.native == b.native);
    list
}

fn keep(core: &Core, of: &Instrument, forecast: FundingForecast, now: Time) {
    for tracked in core.book().series.values_mut() {
        let instrument = &tracked.series.instrument;
        if (instrument.exchange, &instrument.native) == (of.exchange, &of.native) {
            tracked.forecast = Some((forecast, now));
        }
    }
}
