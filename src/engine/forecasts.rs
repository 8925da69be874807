//! The coming funding of recorded perpetuals: shown, and never stored. So the market that is looked at is asked for each
//! minute, the others, which stand in a column of a table, six times an hour, and each once it has settled.

use super::core::Core;
use crate::domain::dataset::Dataset;
use crate::domain::funding::FundingForecast;
use crate::domain::instrument::{Instrument, InstrumentKind};
use crate::domain::interval::Interval;
use crate::domain::time::Time;
use crate::exchange::error::{ExchangeError, Retry};
use crate::exchange::port::Exchange;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// Between two requests for the market that is looked at, and before the next one to an exchange that does not answer.
const EVERY: Duration = Duration::from_secs(60);
/// Between two requests for a market that is not.
const RARELY: Duration = Duration::from_secs(600);
/// Between two looks for what is due, as it is where another market is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// Asks for as long as the recorder runs.
pub(super) async fn run(core: Arc<Core>, exchange: Arc<dyn Exchange>) {
    // What an exchange does not serve is not asked for again.
    let mut refused: BTreeSet<String> = BTreeSet::new();
    let mut asked: HashMap<String, Instant> = HashMap::new();
    loop {
        let mut wait = LOOK_EVERY;
        for (instrument, next_at) in perpetuals(&core, &exchange) {
            let since = asked.get(&instrument.native).map(Instant::elapsed);
            let has_settled = next_at.is_none_or(|at| at <= exchange.now());
            if refused.contains(&instrument.native) || !is_due(since, has_settled, core.book().looks_at(&instrument)) {
                continue;
            }
            asked.insert(instrument.native.clone(), Instant::now());
            match exchange.funding_forecast(Arc::clone(&instrument)).await {
                Ok(forecast) => keep(&core, &instrument, forecast, core.clock.now()),
                Err(ExchangeError::NotServed(_)) => drop(refused.insert(instrument.native.clone())),
                Err(error) => {
                    tracing::debug!(%error, "no funding forecast");
                    // The whole exchange is at rest: the next minute is early enough.
                    if !matches!(error.retry(), Retry::Never) {
                        wait = EVERY;
                        break;
                    }
                }
            }
        }
        core.dirty.notify_one();
        tokio::time::sleep(wait).await;
    }
}

/// Whether a market is to be asked for that was asked for so long ago.
fn is_due(since: Option<Duration>, has_settled: bool, is_looked_at: bool) -> bool {
    let wait = if is_looked_at || has_settled { EVERY } else { RARELY };
    since.is_none_or(|since| since >= wait)
}

/// Perpetuals that are recorded, and when each settles next, where that is known.
fn perpetuals(core: &Core, exchange: &Arc<dyn Exchange>) -> Vec<(Arc<Instrument>, Option<Time>)> {
    let book = core.book();
    let mut list: Vec<(Arc<Instrument>, Option<Time>)> = book
        .recording(exchange.id())
        .map(|tracked| (&tracked.series.instrument, tracked.forecast.map(|(forecast, _)| forecast.next_at)))
        .filter(|(instrument, _)| matches!(instrument.kind, InstrumentKind::Perpetual { .. }))
        .filter(|(instrument, _)| exchange.service(instrument, Dataset::Funding, Interval::H1).is_ok())
        .map(|(instrument, next_at)| (Arc::clone(instrument), next_at))
        .collect();
    list.sort_by(|a, b| a.0.native.cmp(&b.0.native));
    list.dedup_by(|a, b| a.0.native == b.0.native);
    list
}

/// Takes in what is told of the coming funding. A stream does not tell the interval; what a request has told
/// of it stays.
pub(super) fn keep(core: &Core, of: &Instrument, forecast: FundingForecast, now: Time) {
    for tracked in core.book().series.values_mut() {
        let instrument = &tracked.series.instrument;
        if (instrument.exchange, &instrument.native) == (of.exchange, &of.native) {
            let known = tracked.forecast.and_then(|(known, _)| known.interval_ms);
            let interval_ms = forecast.interval_ms.or(known);
            tracked.forecast = Some((FundingForecast { interval_ms, ..forecast }, now));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_looks_at_is_asked_for_rarely() {
        let check = |since: Option<u64>, has_settled: bool, is_looked_at: bool, expected: bool| {
            let since = since.map(Duration::from_secs);
            assert_eq!(is_due(since, has_settled, is_looked_at), expected, "{since:?} {has_settled} {is_looked_at}");
        };
        check(None, false, false, true);
        check(Some(599), false, false, false);
        check(Some(600), false, false, true);
        check(Some(59), false, true, false);
        check(Some(60), false, true, true);
        check(Some(59), true, false, false);
        check(Some(60), true, false, true);
    }
}
