//! A range of a series, minute by minute: stored and right, stored and wrong, explained, queued, or
//! lost without a word.

use marketdata_tui::domain::candle::Candle;
use marketdata_tui::domain::gap::Gap;
use marketdata_tui::domain::interval::Interval;
use marketdata_tui::domain::range::TimeRange;
use marketdata_tui::domain::time::Time;
use std::collections::BTreeMap;

/// Counts of one range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Account {
    pub(crate) wanted: usize,
    /// Equal to the market's, digit for digit.
    pub(crate) right: usize,
    /// Not equal, or where the market has none, or off the grid.
    pub(crate) wrong: usize,
    pub(crate) explained: usize,
    /// Explained by fewer than two requests, or without what was answered.
    pub(crate) without_evidence: usize,
    /// Explained, though the market has it.
    pub(crate) explained_away: usize,
    pub(crate) queued: usize,
    /// Neither a row nor a gap.
    pub(crate) silent: usize,
}

impl Account {
    /// Compares by the rows themselves: nothing here trusts the store's own ledger of coverage.
    pub(crate) fn of(interval: Interval, range: TimeRange, oracle: &[Candle], stored: &[Candle], gaps: &[Gap]) -> Self {
        let oracle: BTreeMap<Time, &Candle> = oracle.iter().map(|candle| (candle.open_time, candle)).collect();
        let mut rows: BTreeMap<Time, &Candle> = stored.iter().map(|candle| (candle.open_time, candle)).collect();
        let mut account = Self { wrong: stored.len() - rows.len(), ..Self::default() };
        let mut gaps = gaps.iter().peekable();
        let mut at = range.from;
        while at < range.to {
            account.wanted += 1;
            while gaps.next_if(|gap| gap.range.to <= at).is_some() {}
            match (rows.remove(&at), gaps.peek().filter(|gap| gap.range.contains(at))) {
                (Some(row), _) if oracle.get(&at) == Some(&row) => account.right += 1,
                (Some(_), _) => account.wrong += 1,
                (None, Some(gap)) if gap.reason.is_explained() => {
                    account.explained += 1;
                    account.without_evidence += usize::from(gap.asked_count < 2 || gap.evidence.is_none());
                    account.explained_away += usize::from(oracle.contains_key(&at));
                }
                (None, Some(_)) => account.queued += 1,
                (None, None) => account.silent += 1,
            }
            at = at.plus_ms(interval.ms());
        }
        // What is left opens off the grid.
        account.wrong += rows.len();
        account
    }

    /// Every candle of the market, and nothing else to say.
    pub(crate) fn whole(candles: usize) -> Self {
        Self { wanted: candles, right: candles, ..Self::default() }
    }
}
