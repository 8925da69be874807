//! What a range costs before it is asked for: arithmetic alone, from the budget that the exchange
//! last reported.

use crate::domain::instrument::ExchangeId;
use crate::domain::interval::Interval;
use crate::domain::time::human_duration;
use crate::engine::query::page_of_candles;
use crate::engine::snapshot::Health;
use crate::tui::format;

/// The budget is that of a minute.
const WINDOW_MS: u64 = 60_000;

/// What a range costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cost {
    /// Candles.
    pub(crate) candles: u64,
    /// Requests.
    pub(crate) requests: u64,
    /// Their weight, of what a minute allows where that is known; nothing where exchanges that count in units of
    /// their own are added up.
    pub(crate) weight: Option<(u64, Option<u64>)>,
    /// Least milliseconds that the budget makes it wait; 0 where it has room for all of it now, nothing where no
    /// budget is known.
    pub(crate) wait_ms: Option<u64>,
    /// Whether the number of requests is the least there can be.
    pub(crate) or_more: bool,
}

impl Cost {
    /// Of `candles` of this width for each of `series` of an exchange, at the present budget.
    pub(crate) fn of(exchange: ExchangeId, interval: Interval, candles: u64, series: u64, health: Option<&Health>) -> Self {
        let page = page_of_candles(exchange, interval);
        let requests = candles.div_ceil(page.rows.max(1) as u64).saturating_mul(series);
        let weight = requests.saturating_mul(u64::from(page.weight));
        Self { candles: candles.saturating_mul(series), or_more: page.or_more, ..Self::of_trades(requests, weight, health) }
    }

    /// Of requests for trades, of which so many weigh so much together.
    pub(crate) fn of_trades(requests: u64, weight: u64, health: Option<&Health>) -> Self {
        let limit = health.map(|health| u64::from(health.budget_limit)).filter(|limit| *limit > 0);
        let free = health.map_or(0, |health| u64::from(health.budget_limit.saturating_sub(health.budget_used)));
        let wait_ms = limit.map(|limit| weight.saturating_sub(free).saturating_mul(WINDOW_MS).div_ceil(limit));
        Self { candles: 0, requests, weight: Some((weight, limit)), wait_ms, or_more: false }
    }

    /// With what is asked of another exchange meanwhile.
    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            candles: self.candles.saturating_add(other.candles),
            requests: self.requests.saturating_add(other.requests),
            weight: None,
            wait_ms: self.wait_ms.max(other.wait_ms),
            or_more: self.or_more || other.or_more,
        }
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
        let or_more = if self.or_more { " or more" } else { "" };
        let weight = self.weight.map_or_else(String::new, |(weight, limit)| {
            let of = limit.map_or_else(String::new, |limit| format!(" of {} a minute", format::count(limit)));
            format!(", weight {}{of}", format::count(weight))
        });
        let wait = match self.wait_ms {
            None => String::new(),
            Some(0) => ", within the present budget".into(),
            Some(ms) => {
                format!(", {} at the present budget", human_duration(ms.div_ceil(1_000).saturating_mul(1_000).cast_signed()))
            }
        };
        format!("{} {requests}{or_more}{weight}{wait}", format::count(self.requests))
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
            let cost = Cost::of(ExchangeId::Binance, Interval::M1, candles, series, Some(&health(budget.0, budget.1)));
            assert_eq!(cost.words(), expected);
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
        let most = Cost::of(ExchangeId::Binance, Interval::M1, u64::MAX, 9, None);
        assert_eq!(most.requests, (u64::MAX.div_ceil(1_000)).saturating_mul(9));
    }

    #[test]
    fn each_exchange_has_pages_and_a_budget_of_its_own() {
        let health = |limit: u32| Health { budget_used: 0, budget_limit: limit, ..empty().exchanges[0].clone() };
        let check = |exchange: ExchangeId, interval: Interval, limit: u32, expected: &str| {
            let cost = Cost::of(exchange, interval, 43_200, 1, Some(&health(limit)));
            assert_eq!(cost.words(), format!("At most 43k candles: {expected}."));
            cost
        };
        let m1 = Interval::M1;
        check(ExchangeId::BinanceUsdm, m1, 2_400, "87 requests, weight 174 of 2.4k a minute, within the present budget");
        check(ExchangeId::Okx, m1, 5_400, "144 requests, weight 1.3k of 5.4k a minute, within the present budget");
        check(
            ExchangeId::Kraken,
            Interval::H1,
            60,
            "1.8k requests or more, weight 1.8k of 60 a minute, 29m 00s at the present budget",
        );
        let kraken =
            check(ExchangeId::Kraken, m1, 60, "360 requests or more, weight 360 of 60 a minute, 5m 00s at the present budget");
        let both = kraken.and(Cost::of(ExchangeId::Binance, m1, 43_200, 1, Some(&health(6_000))));
        assert_eq!(both.words(), "At most 86k candles: 404 requests or more, 5m 00s at the present budget.");
    }
}
