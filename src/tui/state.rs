//! What the screens show: plain data, changed by `update` alone and drawn by `view`.

pub(crate) mod alerts;
mod away;
pub(crate) mod chart;
pub(crate) mod command_line;
pub(crate) mod cost;
pub(crate) mod coverage;
pub(crate) mod dialog;
pub(crate) mod form;
pub(crate) mod help;
pub(crate) mod input;
pub(crate) mod list;
pub(crate) mod log;
pub(crate) mod market;
pub(crate) mod memory;
pub(crate) mod palette;
mod panes;
pub(crate) mod watch;

use super::TuiError;
use super::action::Screen;
use super::chord::Chord;
use super::effect::RequestId;
use super::glyphs::Glyphs;
use super::graphics::Graphics;
use super::keymap::{Context, Keymap};
use super::layout;
use super::theme::{Colors, Look, Theme, Themes};
use super::widget::scale::Scale;
use super::zone::Zone;
use crate::domain::alert::AlertId;
use crate::domain::instrument::ExchangeId;
use crate::domain::range::TimeRange;
use crate::domain::series::{JobId, SeriesId};
use crate::domain::time::{SECOND_MS, Time};
use crate::engine::query::ChartData;
use crate::engine::snapshot::{JobView, SeriesView, Snapshot};
use alerts::AlertTray;
use chart::{ChartState, DEFAULT_ZOOM, DENSE_ZOOM};
use coverage::CoverageState;
use dialog::Dialog;
use form::estimate::Days;
use list::{Scroll, Selection};
use log::LogState;
use market::MarketState;
use memory::Memory;
use panes::Panes;
use ratatui::layout::Rect;
use std::sync::Arc;
use watch::WatchTable;
use watch::column::{self, Column};

/// How long a toast stays.
const TOAST_MS: i64 = 6 * SECOND_MS;
/// Most toasts at a time; older ones make room.
const TOASTS: usize = 3;

/// The whole state of the terminal app.
#[derive(Debug, Clone)]
pub struct State {
    /// Local time, set by the tick and by snapshots.
    pub(crate) now: Time,
    /// The terminal's size.
    pub(crate) area: Rect,
    /// What is on screen, one series for a symbol: its candles, or its first dataset where it has none.
    pub(crate) snapshot: Arc<Snapshot>,
    /// The same with all series.
    pub(crate) whole: Arc<Snapshot>,
    /// While the screen is frozen: the newest picture, to come when it is let go.
    pub(crate) held: Option<Arc<Snapshot>>,
    /// Which screen.
    pub(crate) screen: Screen,
    /// Selected series, on every screen.
    pub(crate) watch: Selection<SeriesId>,
    /// Order, filter and favourites of the series, on every screen.
    pub(crate) table: WatchTable,
    /// Alerts: what was told and seen of them.
    pub(crate) alerts: AlertTray,
    /// What is remembered from run to run.
    pub(crate) memory: Memory,
    /// The absence whose report was shown.
    pub(crate) away_shown: Option<TimeRange>,
    /// Selected job.
    pub(crate) jobs: Selection<JobId>,
    /// The coverage screen.
    pub(crate) coverage: CoverageState,
    /// The log screen.
    pub(crate) log: LogState,
    /// The market screen.
    pub(crate) market: MarketState,
    /// The chart screen.
    pub(crate) chart: ChartState,
    /// The chart beside the table.
    pub(crate) preview: ChartState,
    /// What is open above the screen.
    pub(crate) dialog: Option<Dialog>,
    /// Words that vanish by themselves, oldest first.
    pub(crate) toasts: Vec<Toast>,
    /// Which key does what.
    pub(crate) keys: Arc<Keymap>,
    /// Colours.
    pub(crate) theme: Theme,
    /// The themes that one can change to.
    pub(crate) themes: Themes,
    /// Whether the mouse is ours; else the terminal selects text with it.
    pub(crate) mouse: bool,
    /// The instrument list that is being fetched for the add dialog.
    pub(crate) fetching_list: Option<RequestId>,
    /// What a day of trades takes, of symbols that were suggested in it.
    pub(crate) days: Days,
    /// The volumes that are being fetched for the add dialog.
    pub(crate) fetching_volumes: Option<RequestId>,
    /// Which pane is under focus, and what stands over the others.
    pub(crate) panes: Panes,
    /// A drag of the chart that is under way; and the price axis that moves along, with the row where it
    /// was grabbed.
    pub(crate) drag: Option<(chart::Drag, Option<(Scale, u16)>)>,
    /// Writes the command lines that dialogs show.
    pub(crate) command_lines: command_line::CommandLine,
    /// By which clock times are written.
    pub(crate) zone: Zone,
    /// What the terminal can print.
    pub(crate) glyphs: Glyphs,
    /// How pictures reach the terminal.
    pub(crate) graphics: Graphics,
    /// Pixels of a cell, across and down, where the terminal tells.
    pub(crate) cell_pixels: Option<(u16, u16)>,
    /// The series whose forming candle was asked for last.
    pub(crate) watched: Option<SeriesId>,
    /// Whether the welcome screen offers the simulation.
    pub(crate) offer_demo: bool,
    /// What the add dialog proposes for the past: `30d`, or nothing.
    pub(crate) default_backfill: String,
    /// The exchange that the add dialog means where a symbol names none.
    pub(crate) meant: ExchangeId,
    /// Whether something changed since the last frame.
    pub(crate) dirty: bool,
    requests: u64,
}

/// Words that vanish by themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Toast {
    /// One line.
    pub(crate) text: String,
    /// Whether it tells of a failure.
    pub(crate) failed: bool,
    /// Whether it tells of an alert.
    pub(crate) alert: bool,
    /// When it goes.
    pub(crate) until: Time,
}

impl State {
    /// The first screen over a snapshot.
    pub(crate) fn new(snapshot: Arc<Snapshot>, keys: Arc<Keymap>, themes: Themes, offer_demo: bool) -> Self {
        let (whole, snapshot) = (Arc::clone(&snapshot), snapshot.of_symbols());
        let now = snapshot.at;
        let mut state = Self {
            now,
            area: Rect::default(),
            held: None,
            screen: Screen::Watch,
            watch: Selection::default(),
            table: WatchTable::default(),
            alerts: AlertTray::new(snapshot.alerts.newest()),
            memory: Memory::default(),
            away_shown: None,
            jobs: Selection::default(),
            coverage: CoverageState::default(),
            log: LogState::default(),
            market: MarketState::default(),
            chart: ChartState::new(DEFAULT_ZOOM),
            preview: ChartState::new(DENSE_ZOOM),
            dialog: None,
            toasts: Vec::new(),
            keys,
            theme: themes.theme(),
            themes,
            mouse: true,
            fetching_list: None,
            fetching_volumes: None,
            days: Days::default(),
            panes: Panes::default(),
            drag: None,
            command_lines: command_line::CommandLine::default(),
            zone: Zone::new(|_| 0),
            glyphs: Glyphs::default(),
            graphics: Graphics::None("no terminal"),
            cell_pixels: None,
            watched: None,
            offer_demo,
            default_backfill: String::new(),
            meant: ExchangeId::Binance,
            dirty: true,
            requests: 0,
            snapshot,
            whole,
        };
        state.follow_snapshot();
        state.report_absence();
        state
    }

    /// A state that shows `snapshot` on `columns` x `rows`, to be drawn without a terminal or an
    /// engine: for benchmarks.
    pub fn with_snapshot(snapshot: Snapshot, columns: u16, rows: u16, colors: Colors) -> Result<Self, TuiError> {
        let (themes, _) = Themes::new(&Look::plain(colors))?;
        let mut state = Self::new(Arc::new(snapshot), Arc::new(Keymap::standard()?), themes, true);
        state.area = Rect::new(0, 0, columns, rows);
        state.follow_snapshot();
        Ok(state)
    }

    /// The same on the chart screen, with this picture at one candle in every column.
    #[must_use]
    pub fn with_chart(mut self, data: ChartData) -> Self {
        self.screen = Screen::Chart;
        self.watch.awaited = Some(data.series);
        self.follow_snapshot();
        self.chart = ChartState::of(data, DENSE_ZOOM);
        self
    }

    /// Where the next key press lands.
    pub(crate) fn context(&self) -> Context {
        match (&self.dialog, self.screen) {
            (Some(Dialog::Help(_) | Dialog::Away(_)), _) => Context::Help,
            (Some(Dialog::Confirm(_)), _) => Context::Confirm,
            (Some(Dialog::Form(_)), _) => Context::Form,
            (None, Screen::Log) if self.log.search.is_some() => Context::Search,
            (Some(Dialog::Alerts), _) => Context::Alerts,
            (None, Screen::Watch) if self.table.typing => Context::Filter,
            (Some(Dialog::Palette(_)), _) => Context::Palette,
            (Some(Dialog::Studies(_)), _) => Context::Studies,
            (Some(Dialog::Intervals(_)), _) => Context::Intervals,
            (None, screen) => self.screen_context(screen),
        }
    }

    /// The keys of a screen, whatever dialog is above it.
    pub(crate) fn screen_context(&self, screen: Screen) -> Context {
        match screen {
            Screen::Watch if self.snapshot.series.is_empty() => Context::Welcome,
            Screen::Watch => Context::Watch,
            Screen::Chart => Context::Chart,
            Screen::Coverage => Context::Coverage,
            Screen::Jobs => Context::Jobs,
            Screen::Log => Context::Log,
            Screen::Market => Context::Market,
        }
    }

    /// The action of a key here, if it has one.
    pub(crate) fn action_of(&self, chord: Chord) -> Option<super::action::Action> {
        self.keys.action(self.context(), chord).cloned()
    }

    /// The selected series.
    pub(crate) fn series(&self) -> Option<&SeriesView> {
        self.snapshot.series.get(self.row()?)
    }

    /// The selected series, where it has candles to chart.
    pub(crate) fn charted(&self) -> Option<&SeriesView> {
        self.series().filter(|series| series.has_candles())
    }

    /// Its place in the snapshot.
    pub(crate) fn charted_row(&self) -> Option<usize> {
        self.charted().and_then(|_| self.row())
    }

    /// The selected series' place in the snapshot.
    pub(crate) fn row(&self) -> Option<usize> {
        self.table.order().get(self.watch.index).copied()
    }

    /// Keys of the rows, in the order of the screen.
    pub(crate) fn row_keys(&self) -> Vec<SeriesId> {
        self.table.order().iter().filter_map(|row| self.snapshot.series.get(*row)).map(|series| series.id).collect()
    }

    /// The columns of the table and their widths at the present size.
    pub(crate) fn watch_columns(&self) -> Vec<(Column, usize)> {
        let room = self.watch_layout().map_or(0, |watch| usize::from(layout::inner(watch.table).width));
        column::fitting(&self.snapshot.series, room.saturating_sub(3), self.table.sort)
    }

    /// Symbols that the table shows at a time.
    pub(crate) fn watch_rows(&self) -> usize {
        let Some(watch) = self.watch_layout() else { return 1 };
        if self.table.compact {
            let inner = layout::inner(watch.table);
            let (cells, _) = watch::cells(&self.snapshot.series, inner.width);
            cells * usize::from(inner.height)
        } else {
            usize::from(layout::list_rows(watch.table))
        }
    }

    /// Shows what the last absence has cost, once; where something else is open, says so instead.
    pub(crate) fn report_absence(&mut self) {
        let Some(range) = self.snapshot.away.as_ref().map(|away| away.range) else { return };
        if self.away_shown.replace(range) == Some(range) {
            return;
        }
        if self.dialog.is_none() {
            self.dialog = Some(Dialog::Away(Scroll::default()));
        } else {
            self.toast("nobody recorded for a while: W tells what was missed", false);
        }
    }

    /// The series of this key, while it is recorded.
    pub(crate) fn series_by_id(&self, id: SeriesId) -> Option<&SeriesView> {
        self.whole.series.iter().find(|series| series.id == id)
    }

    /// The selected job.
    pub(crate) fn job(&self) -> Option<&JobView> {
        self.snapshot.jobs.get(self.jobs.index)
    }

    /// Whether something is being fetched.
    pub(crate) fn is_fetching(&self) -> bool {
        self.snapshot.jobs.iter().any(|job| !job.state.is_finished())
    }

    /// The frame, where the terminal is large enough.
    pub(crate) fn frame(&self) -> Option<layout::Frame> {
        layout::frame(self.area)
    }

    /// The watch screen's panels, where the terminal is large enough.
    pub(crate) fn watch_layout(&self) -> Option<layout::Watch> {
        self.frame().map(|frame| layout::watch(frame.body, self.is_fetching(), self.whole_pane()))
    }

    /// Brings selections in line with the snapshot and the size.
    pub(crate) fn follow_snapshot(&mut self) {
        self.table.arrange(&self.snapshot.series);
        let series = self.row_keys();
        let jobs: Vec<JobId> = self.snapshot.jobs.iter().map(|job| job.id).collect();
        self.watch.sync(&series);
        self.jobs.sync(&jobs);
        self.watch.reveal(self.watch_rows());
        let alerts: Vec<AlertId> = self.snapshot.alerts.alerts.iter().map(|view| view.alert.id).collect();
        self.alerts.list.sync(&alerts);
        self.alerts.list.reveal(self.alert_rows());
        let body = self.frame().map_or(1, |frame| layout::list_rows(frame.body));
        self.jobs.reveal(usize::from(body));
        let columns = self.frame().map_or(1, |frame| layout::inner(frame.body).width);
        self.log.reveal(&Arc::clone(&self.snapshot).log, self.log_rows(), columns);
        // The selected symbol is one on every screen; the map's own row leads while it is shown.
        if self.screen != Screen::Coverage {
            self.coverage.rows.awaited = self.watch.key;
        }
        // The map shows every series, whatever the watch table is sorted by or filtered to.
        let mapped: Vec<SeriesId> = self.whole.series.iter().map(|series| series.id).collect();
        self.coverage.rows.sync(&mapped);
        self.coverage.rows.reveal(self.map_rows());
        let rows = self.palette_rows();
        if let Some(Dialog::Palette(palette)) = &mut self.dialog {
            palette.reveal(rows);
        }
    }

    /// The coverage screen's parts, where the terminal is large enough.
    pub(crate) fn coverage_layout(&self) -> Option<layout::coverage::Coverage> {
        Some(self.map_parts(self.frame()?.body).0)
    }

    /// Series that the coverage map shows.
    pub(crate) fn map_rows(&self) -> usize {
        self.coverage_layout().map_or(1, |parts| usize::from(parts.map.height))
    }

    /// Lines that the log screen shows.
    pub(crate) fn log_rows(&self) -> usize {
        self.frame().map_or(1, |frame| usize::from(layout::inner(frame.body).height.max(1)))
    }

    /// Rows of the palette's list.
    pub(crate) fn palette_rows(&self) -> usize {
        self.frame().map_or(1, |frame| usize::from(layout::palette_list(layout::palette(frame.body)).height.max(1)))
    }

    /// Says something.
    pub(crate) fn toast(&mut self, text: impl Into<String>, failed: bool) {
        let text = text.into();
        self.toasts.retain(|toast| toast.text != text);
        if self.toasts.len() == TOASTS {
            self.toasts.remove(0);
        }
        self.toasts.push(Toast { text, failed, alert: false, until: self.now.plus_ms(TOAST_MS) });
    }

    /// Tells of an alert that fired.
    pub(crate) fn toast_alert(&mut self, text: impl Into<String>) {
        self.toast(text, false);
        if let Some(toast) = self.toasts.last_mut() {
            toast.alert = true;
        }
    }

    /// Pixels of a cell, where the chart is to be painted in them: what opens above it is made of cells,
    /// which pictures would cover.
    pub(crate) fn painted(&self) -> Option<(u16, u16)> {
        let free = self.screen == Screen::Chart && self.dialog.is_none() && self.toasts.is_empty() && !self.panes.drawer;
        self.cell_pixels.filter(|_| self.chart.pixels && free)
    }

    /// A number for the next command or export.
    pub(crate) const fn next_request(&mut self) -> RequestId {
        self.requests += 1;
        RequestId(self.requests)
    }
}
