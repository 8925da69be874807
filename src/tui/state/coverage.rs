//! The coverage map: which cells are seen, where the cursor stands, and what has been read.

mod cell;
mod detail;

pub(crate) use cell::CellState;
pub(crate) use detail::Detail;

use super::State;
use super::list::Selection;
use crate::domain::range::TimeRange;
use crate::domain::series::SeriesId;
use crate::domain::time::{DAY_MS, HOUR_MS, Time};
use crate::engine::query::{CellCoverage, CoverageCell, CoverageData, Query};
use crate::engine::snapshot::{CoverageView, JobView, SeriesView};
use crate::tui::action::CoverageMove;
use crate::tui::{format, layout};
use ratatui::layout::Rect;

/// The map goes no further back than 2009-01-01: nothing was traded before.
const OLDEST: Time = Time::from_ms(1_230_768_000_000);

/// Most columns of a cell.
const WIDEST: u16 = 3;

/// The coverage screen.
#[derive(Debug, Clone)]
pub(crate) struct CoverageState {
    /// The selected row.
    pub(crate) rows: Selection<SeriesId>,
    /// What was read last; stays until something newer lands.
    pub(crate) data: Option<CoverageData>,
    /// The kinds of cells in it.
    pub(crate) kinds: Vec<CellState>,
    /// Why the last read failed.
    pub(crate) error: Option<String>,
    /// What is known of the cell under the cursor.
    pub(crate) detail: Detail,
    cell: CoverageCell,
    /// A moment in the cell under the cursor; the newest cell where `None`.
    cursor: Option<Time>,
    /// A moment in the last visible cell; the newest cell where `None`.
    right: Option<Time>,
    /// Cells that fit side by side.
    cells: u16,
    generation: u64,
    asked: Option<Asked>,
}

/// The last read.
#[derive(Debug, Clone)]
struct Asked {
    cell: CoverageCell,
    range: TimeRange,
    /// What the map is made of, as it was.
    of: Vec<(SeriesId, u64, CoverageView)>,
    under_way: bool,
}

impl Default for CoverageState {
    fn default() -> Self {
        Self {
            rows: Selection::default(),
            data: None,
            kinds: Vec::new(),
            error: None,
            detail: Detail::default(),
            cell: CoverageCell::Day,
            cursor: None,
            right: None,
            cells: 1,
            generation: 0,
            asked: None,
        }
    }
}

impl CoverageState {
    /// Width of the cells that are drawn: that of the picture until the wanted one lands.
    pub(crate) fn shown_cell(&self) -> CoverageCell {
        self.data.as_ref().map_or(self.cell, |data| data.cell)
    }

    /// Whether a read is on its way.
    pub(crate) fn is_loading(&self) -> bool {
        self.asked.as_ref().is_some_and(|asked| asked.under_way)
    }

    /// Openings of the cells that are visible on `columns` and the end of the last one, and how many
    /// columns each of them takes.
    pub(crate) fn window(&self, series: &[SeriesView], columns: u16) -> (Vec<Time>, u16) {
        let width = cell_columns(self.shown_cell(), series, columns);
        (self.window_of(self.shown_cell(), series, columns / width), width)
    }

    fn window_of(&self, cell: CoverageCell, series: &[SeriesView], cells: u16) -> Vec<Time> {
        let right = self.right.unwrap_or_else(|| newest(series)).min(newest(series));
        let cells = i32::from(cells.max(1));
        (0..=cells).map(|n| cell.step(right, n + 1 - cells)).collect()
    }

    /// The cell under the cursor.
    pub(crate) fn under_cursor(&self, series: &[SeriesView]) -> TimeRange {
        self.cell_at_cursor(self.shown_cell(), series)
    }

    fn cell_at_cursor(&self, cell: CoverageCell, series: &[SeriesView]) -> TimeRange {
        cell.around(self.cursor.unwrap_or_else(|| newest(series)).min(newest(series)))
    }

    /// Moves the cursor to the cell at this column of the `columns` that the map takes.
    pub(crate) fn point(&mut self, series: &[SeriesView], columns: u16, column: u16) {
        let (edges, width) = self.window(series, columns);
        if let Some(open) = edges.get(usize::from(column / width.max(1))).filter(|open| Some(*open) != edges.last()) {
            self.cursor = Some(*open);
        }
    }

    /// What was read of a series, by the opening of a cell.
    pub(crate) fn coverage<'a>(&'a self, series: SeriesId) -> impl Fn(Time) -> Option<&'a CellCoverage> {
        let row = self.data.as_ref().and_then(|data| {
            let (_, cells) = data.series.iter().find(|(id, _)| *id == series)?;
            Some((data.edges.as_slice(), cells.as_slice()))
        });
        move |open| {
            let (edges, cells) = row?;
            cells.get(edges.binary_search(&open).ok()?)
        }
    }

    /// Moves the cursor or zooms; `selected` is the series of the selected row.
    pub(crate) fn go(&mut self, to: CoverageMove, series: &[SeriesView], selected: Option<&SeriesView>) {
        let screen = i32::from(self.cells.max(2)) - 1;
        match to {
            CoverageMove::Earlier => self.step(series, -1),
            CoverageMove::Later => self.step(series, 1),
            CoverageMove::ScreenEarlier => self.step(series, -screen),
            CoverageMove::ScreenLater => self.step(series, screen),
            CoverageMove::First => {
                self.cursor = selected.map(|series| series.wanted.from);
                self.reveal(series);
            }
            CoverageMove::Last => (self.cursor, self.right) = (None, None),
            CoverageMove::ZoomIn => self.zoom(series, -1),
            CoverageMove::ZoomOut => self.zoom(series, 1),
            CoverageMove::ZoomReset => {
                self.cell = CoverageCell::Day;
                self.reveal(series);
            }
            CoverageMove::DetailUp => self.scroll(-1),
            CoverageMove::DetailDown => self.scroll(1),
        }
    }

    fn scroll(&mut self, lines: isize) {
        self.detail.top = self.detail.top.saturating_add_signed(lines);
    }

    fn step(&mut self, series: &[SeriesView], cells: i32) {
        let at = self.cell_at_cursor(self.cell, series).from;
        let to = self.cell.step(at, cells).max(self.cell.floor(OLDEST));
        self.cursor = if to >= self.cell.floor(newest(series)) { None } else { Some(to) };
        self.reveal(series);
    }

    fn zoom(&mut self, series: &[SeriesView], steps: isize) {
        let at = CoverageCell::ALL.iter().position(|cell| *cell == self.cell).unwrap_or(1);
        if let Some(cell) = at.checked_add_signed(steps).and_then(|at| CoverageCell::ALL.get(at)) {
            self.cell = *cell;
            self.reveal(series);
        }
    }

    /// Pans as little as needed to show the cursor.
    fn reveal(&mut self, series: &[SeriesView]) {
        let window = self.window_of(self.cell, series, self.cells);
        let cursor = self.cell_at_cursor(self.cell, series).from;
        let newest = self.cell.floor(newest(series));
        if window.first().is_some_and(|left| cursor < *left) {
            self.right = Some(self.cell.step(cursor, i32::from(self.cells.max(1)) - 1));
        } else if window.last().is_some_and(|end| cursor >= *end) {
            self.right = Some(cursor);
        }
        self.right = self.right.filter(|right| *right < newest);
    }

    /// A read that is needed to fill `columns`: where the window or the ledgers have changed,
    /// and no read of the same is under way. A `frozen` map reads only where it is moved.
    pub(crate) fn wanted(&mut self, series: &[SeriesView], columns: u16, frozen: bool) -> Option<(u64, Query)> {
        let cells = columns / cell_columns(self.cell, series, columns);
        if self.cells != cells {
            self.cells = cells;
            self.reveal(series);
        }
        let window = self.window_of(self.cell, series, cells);
        let (first, last) = (*window.first()?, *window.last()?);
        let of = || series.iter().map(|series| (series.id, series.revision, series.coverage));
        if let Some(asked) = &self.asked {
            let same = asked.cell == self.cell && asked.range.from <= first && last <= asked.range.to;
            if same && (asked.under_way || frozen || asked.of.iter().copied().eq(of())) {
                return None;
            }
        }
        // A screen at either side, so that panning does not read at each step.
        let margin = i32::from(cells.max(1));
        let range = TimeRange::new(self.cell.step(first, -margin), self.cell.step(last, margin));
        self.generation += 1;
        self.asked = Some(Asked { cell: self.cell, range, of: of().collect(), under_way: true });
        Some((self.generation, Query::Coverage { range, cell: self.cell }))
    }

    /// Reads anew, whatever was read before.
    pub(crate) fn read_again(&mut self) {
        self.asked = None;
        self.detail.read_again();
    }

    /// A read has come back; one that a newer one has overtaken is dropped.
    pub(crate) fn landed(&mut self, generation: u64, data: Result<CoverageData, String>) {
        if generation != self.generation {
            return;
        }
        if let Some(asked) = &mut self.asked {
            asked.under_way = false;
        }
        match data {
            Ok(data) => {
                self.kinds = CellState::kinds(data.series.iter().flat_map(|(_, cells)| cells));
                (self.error, self.data) = (None, Some(data));
            }
            Err(error) => self.error = Some(error),
        }
    }
}

impl State {
    /// The parts of the coverage screen in `body`, and the lines of its legend.
    pub(crate) fn map_parts(&self, body: Rect) -> (layout::coverage::Coverage, Vec<Vec<CellState>>) {
        let legend = CellState::legend(&self.coverage.kinds, usize::from(body.width.saturating_sub(4)));
        let rows = u16::try_from(legend.len()).unwrap_or(u16::MAX);
        let detail = self.coverage.detail.is_open.then(|| self.coverage.detail.rows(body.width));
        (layout::coverage::coverage(body, rows, self.map_names(), detail, self.is_maximised()), legend)
    }

    /// The name of a series on the map, with its exchange where another one has the same.
    pub(crate) fn map_name(&self, series: &SeriesView) -> String {
        self.told_apart(series).unwrap_or_else(|| series.name())
    }

    /// The name of a job's series, told apart in the same way.
    pub(crate) fn job_name(&self, job: &JobView) -> String {
        // A job's own name may have its exchange already.
        self.series_by_id(job.series).and_then(|series| self.told_apart(series)).unwrap_or_else(|| job.name())
    }

    /// With its exchange, where another exchange has a series of the same name.
    fn told_apart(&self, series: &SeriesView) -> Option<String> {
        let same = |other: &SeriesView| {
            other.exchange != series.exchange
                && (&other.symbol, other.dataset, other.interval) == (&series.symbol, series.dataset, series.interval)
        };
        self.whole.series.iter().any(same).then(|| format!("{}:{}", series.exchange, series.name()))
    }

    /// Columns of the longest name on the map.
    pub(crate) fn map_names(&self) -> u16 {
        let several = self.whole.series.iter().any(|series| series.exchange != self.whole.series[0].exchange);
        let longest = self.whole.series.iter().map(|series| {
            let exchange = if several { format::width(series.exchange.name()) + 1 } else { 0 };
            format::width(&series.name()) + exchange
        });
        u16::try_from(longest.max().unwrap_or(0)).unwrap_or(u16::MAX)
    }
}

/// Columns of a cell: one, or up to [`WIDEST`] where all that is wanted fits all the same.
fn cell_columns(cell: CoverageCell, series: &[SeriesView], columns: u16) -> u16 {
    let (first, last) = (series.iter().map(|series| series.wanted.from).min().unwrap_or(OLDEST), newest(series));
    let cells = match cell {
        CoverageCell::Hour => last.since(first) / HOUR_MS,
        CoverageCell::Day => last.since(first) / DAY_MS,
        CoverageCell::Month => last.since(first) / (28 * DAY_MS),
    };
    u16::try_from(cells + 2).map_or(1, |cells| (columns / cells).clamp(1, WIDEST))
}

/// A moment in the newest wanted candle of all series.
fn newest(series: &[SeriesView]) -> Time {
    series.iter().map(|series| series.wanted.to).max().map_or(OLDEST, |to| to.plus_ms(-1).max(OLDEST))
}
