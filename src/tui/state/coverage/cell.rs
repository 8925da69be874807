//! What one cell of the map says.

use crate::domain::gap::GapReason;
use crate::engine::query::CellCoverage;

/// The state of a cell, for its colour, its shape and its words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CellState {
    /// All that is wanted is stored.
    Stored,
    /// Partly stored; the exchange has no more.
    RestExplained,
    /// Partly stored; the rest is queued, most of it for this reason.
    RestQueued(GapReason),
    /// Nothing is stored, most of it for this reason; one that is queued goes before an explained one.
    Missing(GapReason),
    /// Outside the wanted range, and nothing is stored.
    Unwanted,
}

impl CellState {
    /// Every state that the legend explains, in its order.
    pub(crate) const LEGEND: [Self; 14] = [
        Self::Stored,
        Self::RestExplained,
        Self::RestQueued(GapReason::NotFetched),
        Self::Missing(GapReason::NoCandle),
        Self::Missing(GapReason::BadRow),
        Self::Missing(GapReason::BeforeListing),
        Self::Missing(GapReason::NotTrading),
        Self::Missing(GapReason::NoTrades),
        Self::Missing(GapReason::Lost),
        Self::Missing(GapReason::NotFetched),
        Self::Missing(GapReason::FetchFailed),
        Self::Missing(GapReason::RecorderOff),
        Self::Missing(GapReason::Unconfirmed),
        Self::Unwanted,
    ];

    /// Of what the ledgers say.
    pub(crate) fn of(cell: &CellCoverage) -> Self {
        let most = |explained: bool| {
            let reasons = cell.reasons().filter(|(reason, _)| reason.is_explained() == explained);
            reasons.max_by_key(|(_, ms)| *ms).map(|(reason, _)| reason)
        };
        match (cell.stored_ms > 0, most(false), most(true)) {
            (true, None, None) => Self::Stored,
            (true, None, Some(_)) => Self::RestExplained,
            (true, Some(reason), _) => Self::RestQueued(reason),
            (false, Some(reason), _) | (false, None, Some(reason)) => Self::Missing(reason),
            (false, None, None) => Self::Unwanted,
        }
    }

    /// Its shape: every state has its own, so that colours are not needed.
    pub(crate) const fn glyph(self) -> char {
        match self {
            Self::Stored => '█',
            Self::RestExplained => '▓',
            Self::RestQueued(_) => '▂',
            Self::Missing(GapReason::NoCandle) => '-',
            Self::Missing(GapReason::BadRow) => 'x',
            Self::Missing(GapReason::BeforeListing) => '<',
            Self::Missing(GapReason::NotTrading) => '=',
            Self::Missing(GapReason::NoTrades) => '~',
            Self::Missing(GapReason::Lost) => 'L',
            Self::Missing(GapReason::NotFetched) => '○',
            Self::Missing(GapReason::FetchFailed) => '!',
            Self::Missing(GapReason::RecorderOff) => '◌',
            Self::Missing(GapReason::Unconfirmed) => '?',
            Self::Unwanted => '·',
        }
    }

    /// For the legend.
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Stored => "stored",
            Self::RestExplained => "rest explained",
            Self::RestQueued(_) => "rest queued",
            Self::Missing(GapReason::NoCandle) => "no candle",
            Self::Missing(GapReason::BadRow) => "bad row",
            Self::Missing(GapReason::BeforeListing) => "before listing",
            Self::Missing(GapReason::NotTrading) => "not trading",
            Self::Missing(GapReason::NoTrades) => "no trades",
            Self::Missing(GapReason::Lost) => "lost",
            Self::Missing(GapReason::NotFetched) => "not fetched",
            Self::Missing(GapReason::FetchFailed) => "failed",
            Self::Missing(GapReason::RecorderOff) => "recorder off",
            Self::Missing(GapReason::Unconfirmed) => "unconfirmed",
            Self::Unwanted => "not wanted",
        }
    }

    /// Those of the legend that stand for these cells, in its order.
    pub(crate) fn kinds<'a>(cells: impl Iterator<Item = &'a CellCoverage>) -> Vec<Self> {
        let mut seen = [false; Self::LEGEND.len()];
        for state in cells.map(Self::of) {
            // Whatever the rest is queued for, it looks alike.
            let alike = |one: &Self| one.glyph() == state.glyph();
            if let Some(at) = Self::LEGEND.iter().position(alike) {
                seen[at] = true;
            }
        }
        Self::LEGEND.into_iter().zip(seen).filter(|(_, seen)| *seen).map(|(state, _)| state).collect()
    }

    /// A legend of these in lines of at most `columns`.
    pub(crate) fn legend(kinds: &[Self], columns: usize) -> Vec<Vec<Self>> {
        let mut lines: Vec<Vec<Self>> = Vec::new();
        let mut used = 0;
        for state in kinds {
            let width = state.label().len() + 4;
            if let Some(line) = lines.last_mut().filter(|_| used + width <= columns) {
                line.push(*state);
                used += width;
            } else {
                lines.push(vec![*state]);
                used = width;
            }
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_of_cells() {
        let check = |stored_ms: i64, missing: &[(GapReason, i64)], expected: CellState| {
            assert_eq!(CellState::of(&CellCoverage::new(stored_ms, missing)), expected, "{stored_ms} {missing:?}");
        };
        check(9, &[], CellState::Stored);
        check(9, &[(GapReason::NoCandle, 1)], CellState::RestExplained);
        check(9, &[(GapReason::NoCandle, 5), (GapReason::FetchFailed, 1)], CellState::RestQueued(GapReason::FetchFailed));
        check(0, &[(GapReason::NoCandle, 5), (GapReason::BadRow, 6)], CellState::Missing(GapReason::BadRow));
        check(0, &[(GapReason::BeforeListing, 9), (GapReason::NotFetched, 1)], CellState::Missing(GapReason::NotFetched));
        check(0, &[], CellState::Unwanted);
    }

    #[test]
    fn the_legend_tells_of_what_is_there_alone() {
        let cells = [(9, &[(GapReason::FetchFailed, 1)][..]), (9, &[]), (0, &[(GapReason::Lost, 5)])];
        let cells: Vec<CellCoverage> = cells.into_iter().map(|(stored, missing)| CellCoverage::new(stored, missing)).collect();
        let kinds = CellState::kinds(cells.iter());
        let expected = [CellState::Stored, CellState::RestQueued(GapReason::NotFetched), CellState::Missing(GapReason::Lost)];
        assert_eq!(kinds, expected);
        assert_eq!(CellState::legend(&kinds, 80), [expected.to_vec()]);
        assert_eq!(CellState::legend(&kinds, 9).len(), 3);
        assert_eq!(CellState::legend(&[], 80).len(), 0);
    }

    #[test]
    fn every_state_has_a_shape_of_its_own() {
        let mut glyphs: Vec<char> = CellState::LEGEND.into_iter().map(CellState::glyph).collect();
        glyphs.sort_unstable();
        glyphs.dedup();
        assert_eq!(glyphs.len(), CellState::LEGEND.len());
        for reason in GapReason::ALL {
            assert!(CellState::LEGEND.contains(&CellState::Missing(reason)), "{reason:?}");
        }
    }
}
