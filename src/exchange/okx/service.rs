//! What OKX has of each dataset, and how far back.

use crate::domain::dataset::Dataset;
use crate::domain::instrument::{Contract, Instrument, InstrumentKind};
use crate::domain::time::DAY_MS;
use crate::exchange::port::Service;

/// Trades reach back three months, of which the shortest have 89 days.
const TRADES_REACH_MS: i64 = 89 * DAY_MS;
/// Settled funding: as far back as it was seen to reach.
const FUNDING_REACH_MS: i64 = 93 * DAY_MS;
/// Open interest: the newest 1,440 rows of five minutes.
const OPEN_INTEREST_REACH_MS: i64 = 5 * DAY_MS;

/// What OKX has of a dataset. The streams' open interest and forecasts of funding are no rows of
/// those datasets: they come at other times than what is kept.
pub(super) fn service(instrument: &Instrument, dataset: Dataset) -> Result<Service, String> {
    let none = |why: &str| Err(format!("okx has no {dataset} of {}{why}", instrument.symbol));
    match (dataset, &instrument.kind) {
        (Dataset::Candles, _) => Ok(Service { reach_ms: None, streams: true }),
        (Dataset::Trades, InstrumentKind::Perpetual { contract: Contract::Quote(_), .. }) => {
            none(" in base units: it is an inverse swap, whose trades count contracts worth quote units")
        }
        (Dataset::Trades, _) => Ok(Service { reach_ms: Some(TRADES_REACH_MS), streams: true }),
        (Dataset::Funding | Dataset::OpenInterest, InstrumentKind::Spot) => none(": it is a spot market"),
        (Dataset::Funding, _) => Ok(Service { reach_ms: Some(FUNDING_REACH_MS), streams: false }),
        (Dataset::OpenInterest, _) => Ok(Service { reach_ms: Some(OPEN_INTEREST_REACH_MS), streams: false }),
    }
}
