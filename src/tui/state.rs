//! What the screens show: plain data, changed by `update` alone and drawn by `view`.

pub(crate) mod chart;
pub(crate) mod dialog;
pub(crate) mod form;
pub(crate) mod input;
pub(crate) mod list;

use super::action::Screen;
use super::chord::Chord;
use super::effect::RequestId;
use super::glyphs::Glyphs;
use super::keymap::{Context, Keymap, KeymapError};
use super::layout;
use super::theme::{Colors, Theme};
use crate::domain::series::{JobId, SeriesId};
use crate::domain::time::{SECOND_MS, Time};
use crate::engine::query::ChartData;
use crate::engine::snapshot::{JobView, SeriesView, Snapshot};
use chart::{ChartState, DEFAULT_ZOOM, DENSE_ZOOM};
use dialog::Dialog;
use list::{Scroll, Selection};
use ratatui::layout::Rect;
use std::sync::Arc;

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
    /// What is on screen.
    pub(crate) snapshot: Arc<Snapshot>,
    /// While the screen is frozen: the newest picture, to come when it is let go.
    pub(crate) held: Option<Arc<Snapshot>>,
    /// Which screen.
    pub(crate) screen: Screen,
    /// Selected series, on every screen.
    pub(crate) watch: Selection<SeriesId>,
    /// Selected job.
    pub(crate) jobs: Selection<JobId>,
    /// Ingest log.
    pub(crate) log: Scroll,
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
    /// What the terminal can print.
    pub(crate) glyphs: Glyphs,
    /// The series whose forming candle was asked for last.
    pub(crate) watched: Option<SeriesId>,
    /// Whether the welcome screen offers the simulation.
    pub(crate) offer_demo: bool,
    /// What the add dialog proposes for the past: `30d`, or nothing.
    pub(crate) default_backfill: String,
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
    /// When it goes.
    pub(crate) until: Time,
}

impl State {
    /// The first screen over a snapshot.
    pub(crate) fn new(snapshot: Arc<Snapshot>, keys: Arc<Keymap>, theme: Theme, offer_demo: bool) -> Self {
        let now = snapshot.at;
        let mut state = Self {
            now,
            area: Rect::default(),
            snapshot,
            held: None,
            screen: Screen::Watch,
            watch: Selection::default(),
            jobs: Selection::default(),
            log: Scroll::following(),
            chart: ChartState::new(DEFAULT_ZOOM),
            preview: ChartState::new(DENSE_ZOOM),
            dialog: None,
            toasts: Vec::new(),
            keys,
            theme,
            glyphs: Glyphs::default(),
            watched: None,
            offer_demo,
            default_backfill: String::new(),
            dirty: true,
            requests: 0,
        };
        state.follow_snapshot();
        state
    }

    /// A state that shows `snapshot` on `columns` x `rows`, to be drawn without a terminal or an
    /// engine: for benchmarks.
    pub fn with_snapshot(snapshot: Snapshot, columns: u16, rows: u16, colors: Colors) -> Result<Self, KeymapError> {
        let mut state = Self::new(Arc::new(snapshot), Arc::new(Keymap::standard()?), Theme::dark(colors), true);
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
            (Some(Dialog::Help(_)), _) => Context::Help,
            (Some(Dialog::Confirm(_)), _) => Context::Confirm,
            (Some(Dialog::Form(_)), _) => Context::Form,
            (Some(Dialog::Studies(_)), _) => Context::Studies,
            (None, screen) => self.screen_context(screen),
        }
    }

    /// The keys of a screen, whatever dialog is above it.
    pub(crate) fn screen_context(&self, screen: Screen) -> Context {
        match screen {
            Screen::Watch if self.snapshot.series.is_empty() => Context::Welcome,
            Screen::Watch => Context::Watch,
            Screen::Chart => Context::Chart,
            Screen::Jobs => Context::Jobs,
            Screen::Log => Context::Log,
        }
    }

    /// The action of a key here, if it has one.
    pub(crate) fn action_of(&self, chord: Chord) -> Option<super::action::Action> {
        self.keys.action(self.context(), chord).cloned()
    }

    /// The selected series.
    pub(crate) fn series(&self) -> Option<&SeriesView> {
        self.snapshot.series.get(self.watch.index)
    }

    /// The series of this key, while it is recorded.
    pub(crate) fn series_by_id(&self, id: SeriesId) -> Option<&SeriesView> {
        self.snapshot.series.iter().find(|series| series.id == id)
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
        self.frame().map(|frame| layout::watch(frame.body, self.is_fetching()))
    }

    /// Brings selections in line with the snapshot and the size.
    pub(crate) fn follow_snapshot(&mut self) {
        let series: Vec<SeriesId> = self.snapshot.series.iter().map(|series| series.id).collect();
        let jobs: Vec<JobId> = self.snapshot.jobs.iter().map(|job| job.id).collect();
        self.watch.sync(&series);
        self.jobs.sync(&jobs);
        let rows = self.watch_layout().map_or(1, |watch| layout::list_rows(watch.table));
        self.watch.reveal(usize::from(rows));
        let body = self.frame().map_or(1, |frame| layout::list_rows(frame.body));
        self.jobs.reveal(usize::from(body));
        self.log.clamp(self.snapshot.log.len(), self.log_rows());
    }

    /// Lines that the log screen shows.
    pub(crate) fn log_rows(&self) -> usize {
        self.frame().map_or(1, |frame| usize::from(layout::inner(frame.body).height.max(1)))
    }

    /// Lines of the help for this screen.
    pub(crate) fn help_lines(&self) -> usize {
        let context = self.screen_context(self.screen);
        let own = self.keys.help(context).filter(|(of, ..)| *of == context).count();
        // A blank line and a heading part the screen's own keys from those of every screen.
        self.keys.help(context).count() + if own > 0 { 2 } else { 0 }
    }

    /// Says something.
    pub(crate) fn toast(&mut self, text: impl Into<String>, failed: bool) {
        let text = text.into();
        self.toasts.retain(|toast| toast.text != text);
        if self.toasts.len() == TOASTS {
            self.toasts.remove(0);
        }
        self.toasts.push(Toast { text, failed, until: self.now.plus_ms(TOAST_MS) });
    }

    /// A number for the next command or export.
    pub(crate) const fn next_request(&mut self) -> RequestId {
        self.requests += 1;
        RequestId(self.requests)
    }
}
