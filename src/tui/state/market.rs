//! The market screen: trades, funding and open interest of the selected symbol.

mod rows;

pub(crate) use rows::{Keyed, Rows};

use super::State;
use crate::domain::dataset::Dataset;
use crate::domain::funding::{Funding, FundingForecast};
use crate::domain::instrument::Symbol;
use crate::domain::open_interest::OpenInterest;
use crate::domain::price::{Decimal, from_mantissa};
use crate::domain::range::TimeRange;
use crate::domain::series::SeriesId;
use crate::domain::time::{DAY_MS, HOUR_MS, Time};
use crate::domain::trade::Trade;
use crate::engine::query::Query;
use crate::engine::snapshot::SeriesView;
use crate::tui::layout;
use ratatui::layout::Rect;

/// Trades that the tape holds.
pub(crate) const TAPE: usize = 2_000;
/// How far back settled funding is shown.
const FUNDING_MS: i64 = 365 * DAY_MS;
/// How far back open interest is shown: a week, and what it is compared with.
const INTEREST_MS: i64 = 7 * DAY_MS + HOUR_MS;

/// A pane of the market screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MarketPane {
    /// The newest trades.
    Tape,
    /// Settled funding rates and the coming one.
    Funding,
    /// Open contracts.
    Interest,
}

impl MarketPane {
    /// In the order in which the focus goes through them.
    pub(crate) const ALL: [Self; 3] = [Self::Tape, Self::Funding, Self::Interest];

    /// Its heading.
    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Tape => "Trades",
            Self::Funding => "Funding",
            Self::Interest => "Open interest",
        }
    }

    /// Whether a symbol can have what it shows: only perpetuals have funding and open interest.
    pub(crate) fn is_of(self, symbol: &Symbol) -> bool {
        self == Self::Tape || symbol.as_str().contains(':')
    }

    /// What it shows.
    pub(crate) const fn dataset(self) -> Dataset {
        match self {
            Self::Tape => Dataset::Trades,
            Self::Funding => Dataset::Funding,
            Self::Interest => Dataset::OpenInterest,
        }
    }
}

/// The market screen.
#[derive(Debug, Clone)]
pub(crate) struct MarketState {
    /// The pane under focus.
    pub(crate) focus: MarketPane,
    /// The newest trades.
    pub(crate) tape: Rows<Trade>,
    /// Settled rates.
    pub(crate) funding: Rows<Funding>,
    /// Open interest.
    pub(crate) interest: Rows<OpenInterest>,
    /// Trades of less are left out of the tape.
    pub(crate) least: Option<Decimal>,
}

impl Default for MarketState {
    fn default() -> Self {
        Self { focus: MarketPane::Tape, tape: Rows::default(), funding: Rows::default(), interest: Rows::default(), least: None }
    }
}

impl State {
    /// The panes that the selected symbol can have.
    pub(crate) fn market_panes(&self) -> Vec<MarketPane> {
        let symbol = self.series().map(|series| &series.symbol);
        MarketPane::ALL.into_iter().filter(|pane| symbol.is_none_or(|symbol| pane.is_of(symbol))).collect()
    }

    /// The pane under focus; that of the trades where the symbol cannot have the chosen one.
    pub(crate) fn market_focus(&self) -> MarketPane {
        let focus = self.market.focus;
        if self.series().is_none_or(|series| focus.is_of(&series.symbol)) { focus } else { MarketPane::Tape }
    }

    /// The panes that stand in `body`: trades alone where the symbol has nothing else.
    pub(crate) fn market_shown(&self, body: Rect) -> Vec<(MarketPane, Rect)> {
        let alone = self.is_maximised() || self.market_panes().len() == 1;
        layout::market::market(body, self.market_focus(), alone)
    }

    /// Rows of the pane under focus.
    pub(crate) fn market_rows(&self) -> usize {
        let shown = self.frame().map(|frame| self.market_shown(frame.body));
        let place = shown.and_then(|panes| panes.into_iter().find(|(pane, _)| *pane == self.market_focus()));
        place.map_or(1, |(pane, place)| usize::from(layout::market::parts(place, pane).rows.height.max(1)))
    }
}

impl MarketState {
    /// Keys of the rows of the pane under focus, as they stand on screen.
    pub(crate) fn keys(&self, pane: MarketPane, series: SeriesId) -> Vec<i64> {
        match pane {
            MarketPane::Tape => self.trades(series).map(Keyed::key).collect(),
            MarketPane::Funding => self.funding.newest_first(series).map(Keyed::key).collect(),
            MarketPane::Interest => self.interest.newest_first(series).map(Keyed::key).collect(),
        }
    }

    /// Trades of the tape, the newest first, without those that are too small.
    pub(crate) fn trades(&self, series: SeriesId) -> impl Iterator<Item = &Trade> {
        self.tape.newest_first(series).filter(|trade| self.least.is_none_or(|least| trade.size >= least))
    }

    /// The least size a step up or down; the first step goes to about the middle of the sizes shown.
    pub(crate) fn step_least(&mut self, series: SeriesId, up: bool) {
        self.least = match self.least {
            Some(least) => rung(least, up),
            None if up => {
                let mut sizes: Vec<Decimal> = self.tape.newest_first(series).map(|trade| trade.size).collect();
                sizes.sort_unstable();
                sizes.get(sizes.len() / 2).and_then(|size| rung(*size, true))
            }
            None => None,
        };
    }

    /// The read of a pane, where one is due.
    pub(crate) fn wanted(&mut self, pane: MarketPane, series: &SeriesView, now: Time, frozen: bool) -> Option<(u64, Query)> {
        let id = series.id;
        let since = |ms: i64| TimeRange::new(now.floor_to(DAY_MS).plus_ms(-ms), now.floor_to(DAY_MS).plus_ms(DAY_MS));
        match pane {
            MarketPane::Tape => self.tape.wanted(series, frozen).map(|n| (n, Query::Tape { series: id, limit: TAPE })),
            MarketPane::Funding => {
                self.funding.wanted(series, frozen).map(|n| (n, Query::Funding { series: id, range: since(FUNDING_MS) }))
            }
            MarketPane::Interest => {
                self.interest.wanted(series, frozen).map(|n| (n, Query::OpenInterest { series: id, range: since(INTEREST_MS) }))
            }
        }
    }

    /// Every pane is to be read again.
    pub(crate) fn read_again(&mut self) {
        self.tape.read_again();
        self.funding.read_again();
        self.interest.read_again();
    }
}

/// The next of 1, 2, 5 × 10ⁿ above or below; none below the smallest that a store holds.
fn rung(size: Decimal, up: bool) -> Option<Decimal> {
    let rungs = || (0..16).rev().flat_map(|scale| [1, 2, 5].map(|n| from_mantissa(n, scale)));
    let large = || (1..8).flat_map(|zeros| [1_i64, 2, 5].map(|n| from_mantissa(n * 10_i64.pow(zeros), 0)));
    let mut all = rungs().chain(large());
    if up { all.find(|rung| *rung > size) } else { all.take_while(|rung| *rung < size).last() }
}

impl State {
    /// The series of the selected symbol that a pane shows, where it is recorded.
    pub(crate) fn market_series(&self, pane: MarketPane) -> Option<&SeriesView> {
        let selected = self.series()?;
        self.whole.series.iter().find(|series| {
            (series.exchange, &series.symbol, series.dataset) == (selected.exchange, &selected.symbol, pane.dataset())
        })
    }

    /// The selected symbol, with its exchange where another one has it too.
    pub(crate) fn market_name(&self) -> Option<String> {
        let selected = self.series()?;
        let twice = self.snapshot.series.iter().any(|one| one.symbol == selected.symbol && one.exchange != selected.exchange);
        Some(if twice { format!("{}:{}", selected.exchange, selected.symbol) } else { selected.symbol.to_string() })
    }

    /// The coming funding of the selected symbol, where it is known.
    pub(crate) fn forecast(&self) -> Option<FundingForecast> {
        let of = |series: &SeriesView| series.forecast.map(|(forecast, _)| forecast);
        self.market_series(MarketPane::Funding).and_then(of).or_else(|| self.series().and_then(of))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::price::parse_decimal;

    #[test]
    fn rungs() {
        let check = |size: &str, up: bool, expected: &str| {
            assert_eq!(rung(parse_decimal(size).unwrap(), up), Some(parse_decimal(expected).unwrap()), "{size} {up}");
        };
        check("0.3", true, "0.5");
        check("0.5", true, "1");
        check("5", true, "10");
        check("10", false, "5");
        check("0.1", false, "0.05");
        check("40000000", true, "50000000");
        assert_eq!(rung(from_mantissa(1, 15), false), None);
        assert_eq!(rung(from_mantissa(5 * 10_i64.pow(7), 0), true), None);
    }
}
