//! The watch table: its order, its filter, favourites, and prices that have just changed.

pub(crate) mod column;

use super::input::Input;
use crate::domain::series::SeriesId;
use crate::domain::time::Time;
use crate::engine::snapshot::SeriesView;
use column::Column;
use std::cmp::Ordering;
use std::collections::BTreeSet;

/// How long a changed price stands out.
const FLASH_MS: i64 = 500;

/// The table beside its selection.
#[derive(Debug, Clone)]
pub(crate) struct WatchTable {
    /// The column by which rows are sorted.
    pub(crate) sort: Column,
    /// Whether the order is the reverse of the column's own.
    pub(crate) reversed: bool,
    /// Rows must hold each of its words; none: all rows.
    pub(crate) filter: Input,
    /// Whether the filter is being typed.
    pub(crate) typing: bool,
    /// Whether each symbol takes a short cell instead of a row.
    pub(crate) compact: bool,
    /// These come first.
    pub(crate) favourites: BTreeSet<SeriesId>,
    /// Rows of the snapshot, in the order of the screen.
    order: Vec<usize>,
    flashes: Vec<Flash>,
}

/// A price that has just changed.
#[derive(Debug, Clone, Copy)]
struct Flash {
    series: SeriesId,
    rising: bool,
    until: Time,
}

impl Default for WatchTable {
    fn default() -> Self {
        Self {
            sort: Column::Symbol,
            reversed: false,
            filter: Input::default(),
            typing: false,
            compact: false,
            favourites: BTreeSet::new(),
            order: Vec::new(),
            flashes: Vec::new(),
        }
    }
}

impl WatchTable {
    /// Rows of the snapshot, in the order of the screen.
    pub(crate) fn order(&self) -> &[usize] {
        &self.order
    }

    /// Whether rows go from small to large.
    pub(crate) fn ascends(&self) -> bool {
        self.sort.descends() == self.reversed
    }

    /// Sorts and filters: favourites first, rows without a value last, equal ones as they came.
    pub(crate) fn arrange(&mut self, series: &[SeriesView]) {
        let words: Vec<String> = self.filter.text().to_lowercase().split_whitespace().map(ToOwned::to_owned).collect();
        let mut rows: Vec<(bool, Option<f64>, usize)> = series
            .iter()
            .enumerate()
            .filter(|(_, one)| words.is_empty() || matches(one, &words))
            .map(|(at, one)| (!self.favourites.contains(&one.id), self.sort.number(one), at))
            .collect();
        let ascends = self.ascends();
        let turned = |order: Ordering| if ascends { order } else { order.reverse() };
        rows.sort_by(|(a_rest, a, a_at), (b_rest, b, b_at)| {
            let own = match (a, b) {
                (Some(a), Some(b)) => turned(a.total_cmp(b)),
                (None, None) if self.sort.is_text() => turned(self.sort.text(&series[*a_at]).cmp(self.sort.text(&series[*b_at]))),
                _ => a.is_none().cmp(&b.is_none()),
            };
            a_rest.cmp(b_rest).then(own)
        });
        self.order.clear();
        self.order.extend(rows.into_iter().map(|(.., at)| at));
    }

    /// The next of these columns by which rows can be sorted, in its own direction.
    pub(crate) fn sort_by_next(&mut self, shown: &[Column]) {
        // In the order of the columns, whether the present one is in sight or not.
        let place = |column: Column| Column::ALL.iter().position(|one| *one == column);
        let sortable: Vec<Column> = shown.iter().copied().filter(|column| *column != Column::Spark).collect();
        let next = sortable.iter().find(|column| place(**column) > place(self.sort)).or(sortable.first());
        if let Some(next) = next {
            self.sort = *next;
            self.reversed = false;
        }
    }

    /// By this column in its own direction; by the same again, the other way round.
    pub(crate) fn sort_by(&mut self, column: Column) {
        self.reversed = self.sort == column && !self.reversed;
        self.sort = column;
    }

    /// Makes a series a favourite, or an ordinary one again.
    pub(crate) fn toggle_favourite(&mut self, series: SeriesId) {
        if !self.favourites.remove(&series) {
            self.favourites.insert(series);
        }
    }

    /// Compares last prices: those that changed stand out for a moment.
    pub(crate) fn flash(&mut self, old: &[SeriesView], new: &[SeriesView], now: Time) {
        for (at, one) in new.iter().enumerate() {
            let before =
                old.get(at).filter(|before| before.id == one.id).or_else(|| old.iter().find(|before| before.id == one.id));
            if let (Some(before), Some(after)) = (before.and_then(SeriesView::last), one.last())
                && before != after
            {
                self.flashes.retain(|flash| flash.series != one.id);
                self.flashes.push(Flash { series: one.id, rising: after > before, until: now.plus_ms(FLASH_MS) });
            }
        }
    }

    /// Whether the price of a series has just risen (`true`) or fallen.
    pub(crate) fn flashing(&self, series: SeriesId) -> Option<bool> {
        self.flashes.iter().find(|flash| flash.series == series).map(|flash| flash.rising)
    }

    /// When the next price stops standing out.
    pub(crate) fn next_calm(&self) -> Option<Time> {
        self.flashes.iter().map(|flash| flash.until).min()
    }

    /// Time has passed. A clock that was set back leaves nothing standing out.
    pub(crate) fn calm(&mut self, now: Time) {
        self.flashes.retain(|flash| now < flash.until && flash.until.since(now) <= FLASH_MS);
    }
}

/// What a cell of the compact form tells; the exchange where a symbol alone does not say which market it is.
pub(crate) fn cell_parts(series: &[SeriesView]) -> &'static [Column] {
    if column::several_exchanges_have_one(series) {
        &[Column::Symbol, Column::Exchange, Column::Last, Column::Change]
    } else {
        &[Column::Symbol, Column::Last, Column::Change]
    }
}

/// Cells side by side on `columns` in the compact form, and the width of each.
pub(crate) fn cells(series: &[SeriesView], columns: u16) -> (usize, usize) {
    let parts = cell_parts(series).iter().map(|column| column.width(series) + column::GAP);
    let width = 2 + parts.sum::<usize>();
    ((usize::from(columns) / width).max(1), width)
}

/// Whether a row holds each of these lower-case words: `btc`, `btcusdt`, `binance 1m`, `waiting`.
fn matches(series: &SeriesView, words: &[String]) -> bool {
    let symbol = series.symbol.as_str().to_lowercase();
    let joined: String = symbol.chars().filter(|c| c.is_alphanumeric()).collect();
    let state = column::state_word(&series.state);
    let kind = if series.has_candles() { series.interval.name() } else { series.dataset.label() };
    let texts = [symbol.as_str(), &joined, series.exchange.name(), kind, state];
    words.iter().all(|word| texts.iter().any(|text| text.contains(word.as_str())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::fixture::{NOW, busy};

    fn symbols(table: &mut WatchTable) -> Vec<&'static str> {
        let series = busy().series;
        table.arrange(&series);
        let short = |at: &usize| match series[*at].id.0 {
            1 => "btc",
            2 => "eth",
            3 => "pepe",
            _ => "wide",
        };
        table.order().iter().map(short).collect()
    }

    fn check(sort: Column, reversed: bool, expected: [&str; 4]) {
        let mut table = WatchTable { sort, reversed, ..WatchTable::default() };
        assert_eq!(symbols(&mut table), expected, "{sort:?} {reversed}");
    }

    #[test]
    fn orders() {
        check(Column::Symbol, false, ["btc", "eth", "pepe", "wide"]);
        check(Column::Symbol, true, ["wide", "pepe", "eth", "btc"]);
        check(Column::Last, false, ["btc", "eth", "wide", "pepe"]);
        check(Column::Change, false, ["pepe", "btc", "wide", "eth"]);
        check(Column::Change, true, ["eth", "wide", "btc", "pepe"]);
        check(Column::Coverage, false, ["eth", "wide", "btc", "pepe"]);
        check(Column::State, false, ["wide", "eth", "btc", "pepe"]);
        check(Column::Age, false, ["wide", "btc", "eth", "pepe"]);
        check(Column::Exchange, true, ["btc", "eth", "pepe", "wide"]);
    }

    #[test]
    fn favourites_come_first_and_missing_values_last() {
        let mut table = WatchTable { sort: Column::Last, ..WatchTable::default() };
        table.toggle_favourite(SeriesId(3));
        assert_eq!(symbols(&mut table), ["pepe", "btc", "eth", "wide"]);
        table.toggle_favourite(SeriesId(3));
        let mut series = busy().series;
        series[0].ticker = None;
        for reversed in [false, true] {
            table.reversed = reversed;
            table.arrange(&series);
            assert_eq!(table.order().last(), Some(&0), "{reversed}");
        }
    }

    #[test]
    fn sorting_goes_on_where_its_column_is_out_of_sight() {
        let mut table = WatchTable { sort: Column::Interval, ..WatchTable::default() };
        table.sort_by_next(&[Column::Symbol, Column::Last, Column::Spark]);
        assert_eq!(table.sort, Column::Last);
        table.sort_by_next(&[Column::Symbol, Column::Last, Column::Spark]);
        assert_eq!(table.sort, Column::Symbol);
    }

    #[test]
    fn filters() {
        let check = |filter: &str, expected: &[&str]| {
            let mut table = WatchTable { filter: Input::of(filter), ..WatchTable::default() };
            assert_eq!(symbols(&mut table), expected, "{filter}");
        };
        check("", &["btc", "eth", "pepe", "wide"]);
        check("  ", &["btc", "eth", "pepe", "wide"]);
        check("BTC", &["btc"]);
        check("ethusdt 1m", &["eth"]);
        check("waiting", &["wide"]);
        check("币安", &["wide"]);
        check("binance nothing", &[]);
    }

    #[test]
    fn a_changed_price_stands_out_for_a_moment() {
        let (old, mut new) = (busy().series, busy().series);
        let mut table = WatchTable::default();
        table.flash(&old, &new, NOW);
        assert_eq!(table.next_calm(), None);
        if let Some((ticker, _)) = &mut new[1].ticker {
            ticker.last += ticker.last;
        }
        new.swap(0, 1);
        table.flash(&old, &new, NOW);
        assert_eq!((table.flashing(SeriesId(2)), table.flashing(SeriesId(1))), (Some(true), None));
        assert_eq!(table.next_calm(), Some(NOW.plus_ms(FLASH_MS)));
        table.calm(NOW.plus_ms(FLASH_MS - 1));
        assert!(table.flashing(SeriesId(2)).is_some());
        table.calm(NOW.plus_ms(FLASH_MS));
        assert_eq!(table.flashing(SeriesId(2)), None);
    }
}
