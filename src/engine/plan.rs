//! What fetching takes: requests, budget, time. Pure.

use super::planner::page_count;
use super::query::{FetchPlan, Sureness, TradesCost};
use crate::domain::dataset::Dataset;
use crate::domain::interval::Interval;
use crate::domain::range::{RangeSet, TimeRange};
use crate::domain::series::Series;
use crate::domain::time::DAY_MS;
use crate::exchange::page_of_candles::page_of_candles;
use crate::exchange::port::{Exchange, TradesRequest};

/// Weight of a page where no exchange says.
const PAGE_WEIGHT: u32 = 2;

/// The share of the budget that backfills may use.
const BACKFILL_SHARE: f64 = 0.9;

/// Rows in a page where no exchange says.
const PAGE_LIMIT: usize = 1_000;

/// Minutes of trades in the widest page of all exchanges, where none says: then there are that many pages at least.
const MOST_MINUTES: usize = 1_440;

/// On what terms an exchange serves at present.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Terms {
    /// Most steps of the grid in a page.
    pub(super) page_limit: usize,
    /// What a page costs.
    pub(super) page_weight: u32,
    /// Of trades, what a request of a page brings; `None` where a page is one request.
    pub(super) trades: Option<TradesRequest>,
    /// Executions of the last 24 h, where a ticker told them.
    pub(super) daily_trades: Option<u64>,
    /// Used and allowed in a minute; `None` where another process asks.
    pub(super) budget: Option<(u32, u32)>,
    pub(super) latency_ms: u32,
    /// Requests at a time.
    pub(super) at_once: usize,
}

impl Terms {
    /// Of a series that another process asks for: what is known of its exchange without an adapter.
    pub(super) fn unasked(series: &Series) -> Self {
        let page = page_of_candles(series.instrument.exchange, series.interval);
        let (page_limit, page_weight) = match series.dataset {
            Dataset::Candles => (page.rows, page.weight),
            Dataset::Trades => (MOST_MINUTES, page.weight),
            Dataset::Funding | Dataset::OpenInterest => (PAGE_LIMIT, PAGE_WEIGHT),
        };
        let trades = (series.dataset == Dataset::Trades).then_some(TradesRequest { rows: PAGE_LIMIT, weight: page_weight });
        Self { page_limit, page_weight, trades, daily_trades: None, budget: None, latency_ms: 0, at_once: 1 }
    }

    pub(super) fn of(exchange: &dyn Exchange, series: &Series, at_once: usize) -> Self {
        let health = exchange.health();
        Self {
            page_limit: exchange.page_limit(series.dataset, series.interval).max(1),
            page_weight: exchange.page_weight(&series.instrument, series.dataset, series.interval).max(1),
            trades: (series.dataset == Dataset::Trades).then(|| exchange.trades_request()),
            daily_trades: None,
            budget: Some((health.budget_used, health.budget_limit)),
            latency_ms: health.latency_p50_ms.unwrap_or(0),
            at_once: at_once.max(1),
        }
    }

    /// Pages that backfills may ask for in a minute; without end where no budget is known.
    pub(super) fn pages_per_minute(&self) -> f64 {
        self.budget.map_or(f64::INFINITY, |(_, limit)| f64::from(limit) * BACKFILL_SHARE / f64::from(self.page_weight))
    }
}

/// How to fetch `due`, of which nothing is stored, and `rows` of it where that is known about; `None` where that
/// is nothing.
pub(super) fn plan(due: &RangeSet, widens: bool, interval: Interval, terms: &Terms, rows: Option<u64>) -> Option<FetchPlan> {
    let (first, last) = (due.ranges().first()?, due.ranges().last()?);
    let pages = page_count(due, interval, terms.page_limit);
    let (requests, weight, sureness) = match (terms.trades, rows) {
        (None, _) => (pages, pages * u64::from(terms.page_weight), Sureness::Exact),
        (Some(request), None) => (pages, pages * u64::from(terms.page_weight.max(request.weight)), Sureness::AtLeast),
        (Some(request), Some(rows)) => {
            let requests = pages * requests_of_page(rows, pages, request);
            (requests, requests * u64::from(request.weight), Sureness::About)
        }
    };
    let candles = due.ranges().iter().map(|range| interval.count(*range)).sum::<i64>().unsigned_abs();
    Some(FetchPlan {
        range: TimeRange::new(first.from, last.to),
        widens,
        candles,
        requests,
        weight,
        sureness,
        eta_ms: terms.budget.map(|(used, limit)| eta_ms(requests, weight, (used, limit), terms)),
    })
}

/// Requests that each of `pages` takes where they hold `rows` together.
fn requests_of_page(rows: u64, pages: u64, request: TradesRequest) -> u64 {
    rows.div_ceil(pages.max(1)).div_ceil(request.rows.max(1) as u64).max(1)
}

/// What a day of trades takes, where so many are traded in it.
pub(super) fn day_of_trades(exchange: &dyn Exchange, service_reach_ms: Option<i64>, trades: u64) -> TradesCost {
    let request = exchange.trades_request();
    let minutes = exchange.page_limit(Dataset::Trades, Interval::M1).max(1) as i64;
    let pages = (DAY_MS / Interval::M1.ms()).unsigned_abs().div_ceil(minutes.unsigned_abs());
    let requests = pages * requests_of_page(trades, pages, request);
    TradesCost { requests, weight: requests * u64::from(request.weight), reach_ms: service_reach_ms }
}

/// What is left of this minute's budget goes at once, the rest at the budget's pace; and requests
/// take their time.
fn eta_ms(requests: u64, weight: u64, (used, limit): (u32, u32), terms: &Terms) -> i64 {
    let pace = (f64::from(limit) * BACKFILL_SHARE).max(1.0);
    let left = (pace - f64::from(used)).max(0.0);
    let by_budget = (weight as f64 - left).max(0.0) / pace * 60_000.0;
    let by_latency = requests.div_ceil(terms.at_once as u64) * u64::from(terms.latency_ms);
    by_budget.max(by_latency as f64) as i64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::instrument::ExchangeId;
    use crate::domain::instrument::Instrument;
    use crate::domain::instrument::tests::instrument;
    use crate::domain::series::tests::series;
    use crate::domain::time::{MINUTE_MS, Time};
    use std::sync::Arc;

    #[test]
    fn a_process_that_only_looks_knows_the_pages_of_each_exchange() {
        let check = |exchange: ExchangeId, dataset: Dataset, expected: (u64, u64, Sureness)| {
            let series = Series { instrument: Arc::new(Instrument { exchange, ..instrument() }), dataset, ..series(1) };
            let due = RangeSet::from(TimeRange::new(Time::EPOCH, Time::from_ms(2 * DAY_MS)));
            let plan = plan(&due, false, Interval::M1, &Terms::unasked(&series), None).unwrap();
            assert_eq!((plan.requests, plan.weight, plan.sureness), expected, "{exchange} {dataset}");
        };
        check(ExchangeId::Binance, Dataset::Candles, (3, 6, Sureness::Exact));
        check(ExchangeId::Okx, Dataset::Candles, (10, 90, Sureness::Exact));
        check(ExchangeId::Binance, Dataset::Trades, (2, 4, Sureness::AtLeast));
    }

    #[test]
    fn costs() {
        let terms = Terms {
            page_limit: 1_000,
            page_weight: 2,
            trades: None,
            daily_trades: None,
            budget: Some((0, 6_000)),
            latency_ms: 100,
            at_once: 32,
        };
        let due = |minutes: i64| RangeSet::from(TimeRange::new(Time::EPOCH, Time::from_ms(minutes * MINUTE_MS)));
        let cost = |minutes: i64, terms: &Terms| {
            let plan = plan(&due(minutes), false, Interval::M1, terms, None).unwrap();
            (plan.candles, plan.requests, plan.weight, plan.eta_ms)
        };
        assert_eq!(plan(&RangeSet::new(), false, Interval::M1, &terms, None), None);
        assert_eq!(cost(1, &terms), (1, 1, 2, Some(100)));
        assert_eq!(cost(1_001, &terms), (1_001, 2, 4, Some(100)));
        assert_eq!(cost(5_400_000, &terms), (5_400_000, 5_400, 10_800, Some(60_000)), "2,700 pages now, as many in a minute");
        let spent = Terms { budget: Some((5_400, 6_000)), ..terms };
        assert_eq!(cost(2_700_000, &spent).3, Some(60_000));
        assert_eq!(cost(1, &Terms::unasked(&series(1))).3, None);
        let of_trades = Terms { page_limit: 60, ..terms };
        assert_eq!(cost(61, &of_trades).1, 2);
    }

    #[test]
    fn trades_are_priced_by_their_number() {
        let request = TradesRequest { rows: 1_000, weight: 4 };
        let terms = Terms {
            page_limit: 60,
            page_weight: 4,
            trades: Some(request),
            daily_trades: None,
            budget: Some((0, 6_000)),
            latency_ms: 100,
            at_once: 1,
        };
        let due = RangeSet::from(TimeRange::new(Time::EPOCH, Time::from_ms(DAY_MS)));
        let cost = |rows: Option<u64>| {
            let plan = plan(&due, false, Interval::M1, &terms, rows).unwrap();
            (plan.requests, plan.weight, plan.sureness, plan.eta_ms)
        };
        assert_eq!(cost(None), (24, 96, Sureness::AtLeast, Some(2_400)));
        assert_eq!(cost(Some(0)), (24, 96, Sureness::About, Some(2_400)), "a quiet hour takes a request too");
        assert_eq!(cost(Some(24_000)), (24, 96, Sureness::About, Some(2_400)));
        // Three millions a day: 125,000 an hour in 125 requests.
        assert_eq!(cost(Some(3_000_000)), (3_000, 12_000, Sureness::About, Some(300_000)));
    }
}
