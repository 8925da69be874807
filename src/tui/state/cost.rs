//! What a range costs before it is asked for: arithmetic alone, from the budget that the exchange
//! last reported.

use crate::domain::time::human_duration;
use crate::engine::snapshot::Health;
use crate::tui::format;

/// Candles of one page, and the weight of its request
/// (<https://developers.binance.com/docs/binance-spot-api-docs/rest-api/market-data-endpoints>, klines).
const PAGE: u64 = 1_000;
const PAGE_WEIGHT: u64 = 2;
/// The budget is that of a minute.
const WINDOW_MS: u64 = 60_000;

/// What a range costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cost {
    /// Candles.
    pub(crate) candles: u64,
    /// Requests.
    pub(crate) requests: u64,
    /// Their weight.
    pub(crate) weight: u64,
    /// Least milliseconds that the budget makes it wait; 0 where it has room for all of it now.
    pub(crate) wait_ms: u64,
    /// Weight that a minute allows, where it is known.
    pub(crate) limit: Option<u64>,
}

impl Cost {
    /// Of `candles` for each of `series`, at the present budget.
    pub(crate) fn of(candles: u64, series: u64, health: Option<&Health>) -> Self {
        let requests = candles.div_ceil(PAGE).saturating_mul(series);
        let weight = requests.saturating_mul(PAGE_WEIGHT);
        Self { candles: candles.saturating_mul(series), ..Self::of_trades(requests, weight, health) }
    }

    /// Of trades that take about so much.
    pub(crate) fn of_trades(requests: u64, weight: u64, health: Option<&Health>) -> Self {
        let limit = health.map(|health| u64::from(health.budget_limit)).filter(|limit| *limit > 0);
        let free = health.map_or(0, |health| u64::from(health.budget_limit.saturating_sub(health.budget_used)));
        let wait_ms = limit.map_or(0, |limit| weight.saturating_sub(free).saturating_mul(WINDOW_MS).div_ceil(limit));
        Self { candles: 0, requests, weight, wait_ms, limit }
    }

    /// In a line or two of a dialog.
    pub(crate) fn words(&self) -> String {
        if self.candles == 0 {
            return "Nothing of the past.".into();
        }
        let candles = if self.candles == 1 { "candle" } else { "candles" };
        format!("At most {} {candles}: {}.", format::count(self.candles), self.takes())
    }

    /// The same of trades.
    pub(crate) fn trades_words(&self) -> String {
        format!("Trades: about {}.", self.takes())
    }

    fn takes(&self) -> String {
        let requests = if self.requests == 1 { "request" } else { "requests" };
        let of = self.limit.map_or_else(String::new, |limit| format!(" of {} a minute", format::count(limit)));
        let wait = match (self.limit, self.wait_ms) {
            (None, _) => String::new(),
            (Some(_), 0) => ", within the present budget".into(),
            (Some(_), ms) => {
                format!(", {} at the present budget", human_duration(ms.div_ceil(1_000).saturating_mul(1_000).cast_signed()))
            }
        };
        format!("{} {requests}, weight {}{of}{wait}", format::count(self.requests), format::count(self.weight))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::fixture::empty;

    #[test]
    fn costs() {
        let health = |used: u32, limit: u32| Health { budget_used: used, budget_limit: limit, ..empty().exchanges[0].clone() };
        let check = |candles: u64, series: u64, budget: (u32, u32), expected: &str| {
            assert_eq!(Cost::of(candles, series, Some(&health(budget.0, budget.1))).words(), expected);
        };
        check(0, 1, (0, 6_000), "Nothing of the past.");
        check(1, 1, (0, 6_000), "At most 1 candle: 1 request, weight 2 of 6.0k a minute, within the present budget.");
        check(
            43_200,
            1,
            (720, 6_000),
            "At most 43k candles: 44 requests, weight 88 of 6.0k a minute, within the present budget.",
        );
        check(
            1_001,
            3,
            (5_998, 6_000),
            "At most 3.0k candles: 6 requests, weight 12 of 6.0k a minute, 1s at the present budget.",
        );
        check(
            5_256_000,
            2,
            (720, 6_000),
            "At most 11M candles: 11k requests, weight 21k of 6.0k a minute, 2m 38s at the present budget.",
        );
        check(1_000, 1, (0, 0), "At most 1.0k candles: 1 request, weight 2.");
        assert_eq!(Cost::of(u64::MAX, 9, None).requests, (u64::MAX.div_ceil(1_000)).saturating_mul(9));
    }
}
