//! A chart: which stretch of which series is wanted, and what has been read of it.

mod crosshair;
mod look;
mod picture;
mod pointer;
mod study;

pub(crate) use crosshair::Reading;
pub(crate) use look::{Kind, PriceScale};
pub(crate) use picture::{Bar, Picture};
pub(crate) use pointer::Drag;
pub(crate) use study::{Studies, Study, Value};

use crate::domain::candle::Candle;
use crate::domain::indicator::WARM_UP;
use crate::domain::interval::Interval;
use crate::domain::price::to_f64;
use crate::domain::range::TimeRange;
use crate::domain::series::SeriesId;
use crate::domain::time::{DAY_MS, Time};
use crate::engine::query::{ChartData, MAX_CHART_CANDLES, Query};
use crate::engine::snapshot::{CoverageView, SeriesView};
use crate::tui::action::ChartMove;
use crate::tui::format;
use look::Look;

/// Steps of the zoom: columns of the screen per candle, and candles per column.
const ZOOM: [(u16, i64); 21] = [
    (64, 1),
    (48, 1),
    (32, 1),
    (24, 1),
    (16, 1),
    (12, 1),
    (8, 1),
    (6, 1),
    (4, 1),
    (2, 1),
    (1, 1),
    (1, 2),
    (1, 3),
    (1, 4),
    (1, 6),
    (1, 8),
    (1, 12),
    (1, 16),
    (1, 24),
    (1, 32),
    (1, 48),
];
/// A candle and a blank.
pub(crate) const DEFAULT_ZOOM: usize = 9;
/// A candle in every column.
pub(crate) const DENSE_ZOOM: usize = 10;
/// Candles that a screen shows at least, however wide they are.
const FEWEST: u16 = 2;
/// A newest candle that is younger than this many candles is awaited in its place; an older one
/// leaves a visible hole before the present.
const GRACE: i64 = 2;
/// Columns that a percentage takes: `+1234.50%`.
const PERCENT_COLUMNS: u16 = 9;

/// Where the right edge stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Edge {
    /// At the newest candle, moving with it.
    Live,
    /// Here (exclusive), whatever comes in.
    At(Time),
}

/// A chart.
#[derive(Debug, Clone)]
pub(crate) struct ChartState {
    /// Of which series.
    pub(crate) series: Option<SeriesId>,
    /// Candle width.
    pub(crate) interval: Interval,
    /// How candles are drawn.
    pub(crate) kind: Kind,
    /// How prices become heights.
    pub(crate) scale: PriceScale,
    /// Which indicators are shown.
    pub(crate) studies: Studies,
    /// Prices at the ends of the price axis, where the wheel has given it some; else it fits the candles.
    pub(crate) prices: Option<(f64, f64)>,
    /// Whether volume is shown.
    pub(crate) volume: bool,
    /// Whether its plot is wanted in pixels.
    pub(crate) pixels: bool,
    /// What was read last; stays until something newer lands.
    pub(crate) picture: Option<Picture>,
    /// Why the last read failed.
    pub(crate) error: Option<String>,
    crosshair: crosshair::Crosshair,
    edge: Edge,
    zoom: usize,
    zoom_at_start: usize,
    /// Columns of the plot at the last draw's size.
    columns: u16,
    generation: u64,
    asked: Option<Asked>,
    /// The newest looks at the last few candles that formed: the exchange has them before the store.
    live: Vec<Candle>,
}

/// A read that is on its way, or the last one.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Asked {
    series: SeriesId,
    interval: Interval,
    range: TimeRange,
    revision: u64,
    coverage: CoverageView,
    under_way: bool,
}

/// What stands in the columns of a plot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window {
    /// Candle width of the picture.
    pub(crate) interval: Interval,
    /// Columns of the screen per candle.
    pub(crate) cells: u16,
    /// Milliseconds per step of `cells` columns.
    pub(crate) step_ms: i64,
    /// What is visible; whole steps.
    pub(crate) range: TimeRange,
}

impl ChartState {
    pub(crate) fn new(zoom: usize) -> Self {
        Self {
            series: None,
            interval: Interval::M1,
            kind: Kind::Candles,
            scale: PriceScale::Linear,
            studies: Studies::default(),
            prices: None,
            volume: true,
            pixels: false,
            picture: None,
            error: None,
            crosshair: crosshair::Crosshair::default(),
            edge: Edge::Live,
            zoom,
            zoom_at_start: zoom,
            columns: 0,
            generation: 0,
            asked: None,
            live: Vec::new(),
        }
    }

    /// Its zoom, to be remembered.
    pub(crate) const fn zoom(&self) -> usize {
        self.zoom
    }

    /// Goes on at a remembered interval or zoom.
    pub(crate) fn restore(&mut self, interval: Option<Interval>, zoom: Option<usize>) {
        if let Some(interval) = interval {
            // Whether the series can be folded to it is looked at when it is shown.
            self.series = None;
            self.interval = interval;
        }
        self.zoom = zoom.unwrap_or(self.zoom).min(ZOOM.len() - 1);
    }

    /// Of what was read already.
    pub(crate) fn of(data: ChartData, zoom: usize) -> Self {
        let mut chart = Self { series: Some(data.series), interval: data.interval, ..Self::new(zoom) };
        chart.picture = Some(Picture::new(data));
        chart.refold();
        chart
    }

    /// Turns to another series; its picture follows. The interval stays where it can and `keep` says so.
    pub(crate) fn show(&mut self, series: &SeriesView, keep: bool) {
        if self.series != Some(series.id) {
            self.series = Some(series.id);
            self.edge = Edge::Live;
            self.error = None;
            self.crosshair = crosshair::Crosshair::default();
            self.live.clear();
            self.prices = None;
            if !keep || !self.interval.folds_from(series.interval) {
                self.interval = series.interval;
            }
        }
    }

    /// Columns that the labels of the price axis take: the same for all that was read, so that the
    /// axis does not move while prices flicker.
    pub(crate) fn label_columns(&self, series: &SeriesView) -> u16 {
        let read = self.picture.as_ref().filter(|picture| picture.series == series.id).map_or(0.0, Picture::highest);
        let last = series.last().map_or(0.0, to_f64);
        let label = format::price_f64(read.max(last), series.price_decimals);
        let narrowest = if self.scale == PriceScale::Percent { PERCENT_COLUMNS } else { 6 };
        (format::width(&label).min(20) as u16).max(narrowest)
    }

    /// Whether it moves with the newest candle.
    pub(crate) fn is_live(&self) -> bool {
        self.edge == Edge::Live
    }

    /// Whether a read is on its way.
    pub(crate) fn is_loading(&self) -> bool {
        self.asked.as_ref().is_some_and(|asked| asked.under_way)
    }

    /// What a plot of `columns` shows. A picture of another interval is shown as it is until the
    /// wanted one lands.
    pub(crate) fn window(&self, series: &SeriesView, columns: u16) -> Window {
        let interval =
            self.picture.as_ref().filter(|picture| picture.series == series.id).map_or(self.interval, Picture::interval);
        self.window_of(series, interval, columns)
    }

    fn window_of(&self, series: &SeriesView, interval: Interval, columns: u16) -> Window {
        let (cells, per_column) = ZOOM[self.zoom.min(ZOOM.len() - 1)];
        let step_ms = interval.ms() * per_column;
        let end = match self.edge {
            Edge::Live => newest(series, interval),
            Edge::At(time) => time,
        };
        let to = picture::ceil(interval, per_column, end);
        let steps = i64::from(columns.div_ceil(cells).max(1));
        Window { interval, cells, step_ms, range: TimeRange::new(to.plus_ms(-steps * step_ms), to) }
    }

    /// Moves over `series`.
    pub(crate) fn go(&mut self, to: ChartMove, series: &SeriesView) {
        let window = self.window_of(series, self.interval, self.columns);
        let half = (window.range.duration_ms() / 2 / window.step_ms).max(1) * window.step_ms;
        match to {
            ChartMove::Earlier => self.step_crosshair(series, window, false),
            ChartMove::Later => self.step_crosshair(series, window, true),
            ChartMove::PanLeft => self.pan(series, window, -half),
            ChartMove::PanRight => self.pan(series, window, half),
            ChartMove::First => self.pan(series, window, i64::MIN / 4),
            ChartMove::Live => self.edge = Edge::Live,
            ChartMove::ZoomIn => self.zoom_in(),
            ChartMove::ZoomOut => self.zoom = (self.zoom + 1).min(ZOOM.len() - 1),
            ChartMove::ZoomReset => {
                self.zoom = self.zoom_at_start;
                self.prices = None;
            }
            ChartMove::Shorter => self.step_interval(series, false),
            ChartMove::Longer => self.step_interval(series, true),
            ChartMove::Volume => self.volume = !self.volume,
            ChartMove::Kind => self.kind = self.kind.next(),
            ChartMove::Scale => self.scale = self.scale.next(),
            ChartMove::Measure => self.measure_from_here(series, window),
        }
        let zooms =
            matches!(to, ChartMove::ZoomIn | ChartMove::ZoomOut | ChartMove::ZoomReset | ChartMove::Shorter | ChartMove::Longer);
        if zooms {
            self.keep_crosshair_in_sight(series);
        }
    }

    /// Wider candles, while the plot shows two of them.
    fn zoom_in(&mut self) {
        let wider = self.zoom.saturating_sub(1);
        if ZOOM[wider].0 * FEWEST <= self.columns || ZOOM[wider].0 == 1 {
            self.zoom = wider;
        }
    }

    /// Moves the right edge, no further than the first candle and the present.
    fn pan(&mut self, series: &SeriesView, window: Window, ms: i64) {
        let newest = newest(series, self.interval);
        let first = self.first(series);
        let width = window.range.duration_ms();
        let least = first.plus_ms(width.min(newest.since(first)).max(0));
        let to = window.range.to.plus_ms(ms).max(least);
        self.edge = if to >= newest { Edge::Live } else { Edge::At(to) };
    }

    fn first(&self, series: &SeriesView) -> Time {
        let read = self.picture.as_ref().filter(|picture| picture.series == series.id).and_then(|picture| picture.bounds);
        read.map_or(series.wanted.from, |bounds| bounds.from.min(series.wanted.from))
    }

    fn step_interval(&mut self, series: &SeriesView, longer: bool) {
        let mut choices: Vec<Interval> =
            Interval::CHART.into_iter().chain([series.interval]).filter(|choice| choice.folds_from(series.interval)).collect();
        choices.sort_unstable();
        let next = if longer {
            choices.into_iter().find(|choice| *choice > self.interval)
        } else {
            choices.into_iter().rev().find(|choice| *choice < self.interval)
        };
        self.interval = next.unwrap_or(self.interval);
    }

    /// Goes to this interval, where the series can be folded to it.
    pub(crate) fn set_interval(&mut self, interval: Interval, series: &SeriesView) {
        if interval.folds_from(series.interval) {
            self.interval = interval;
            self.keep_crosshair_in_sight(series);
        }
    }

    /// The zoom of the start, the price axis as it is.
    pub(crate) fn reset_zoom(&mut self, series: &SeriesView) {
        self.zoom = self.zoom_at_start;
        self.keep_crosshair_in_sight(series);
    }

    /// A read that is needed to show `series` on `columns`: where the window, the interval or the
    /// stored candles have changed, and no read of the same is under way. A `frozen` chart keeps its
    /// candles, but reads where it is moved.
    pub(crate) fn wanted(&mut self, series: &SeriesView, columns: u16, frozen: bool) -> Option<(u64, Query)> {
        self.columns = columns;
        self.look_at(series.forming);
        self.refold();
        let visible = self.window_of(series, self.interval, columns).range;
        if let Some(asked) = &self.asked {
            let same = asked.series == series.id && asked.interval == self.interval && holds(asked.range, visible);
            let fresh = frozen || (asked.revision, asked.coverage) == (series.revision, series.coverage);
            if same && (fresh || asked.under_way) {
                return None;
            }
        }
        let range = with_margin(visible, self.interval);
        self.generation += 1;
        self.asked = Some(Asked {
            series: series.id,
            interval: self.interval,
            range,
            revision: series.revision,
            coverage: series.coverage,
            under_way: true,
        });
        Some((self.generation, Query::Chart { series: series.id, interval: self.interval, range }))
    }

    /// A read has come back; one that a newer one has overtaken is dropped.
    pub(crate) fn landed(&mut self, generation: u64, data: Result<ChartData, String>) {
        if generation != self.generation {
            return;
        }
        if let Some(asked) = &mut self.asked {
            asked.under_way = false;
        }
        match data {
            Ok(data) => {
                self.error = None;
                self.picture = Some(Picture::new(data));
                self.refold();
            }
            Err(error) => self.error = Some(error),
        }
    }

    /// A newer look at the candle that forms. The one before it stays until it comes from the store.
    fn look_at(&mut self, forming: Option<Candle>) {
        let Some(candle) = forming else { return };
        self.live.retain(|known| known.open_time < candle.open_time);
        self.live.push(candle);
        let surplus = self.live.len().saturating_sub(GRACE as usize);
        self.live.drain(..surplus);
    }

    /// Folds the picture for the present zoom.
    fn refold(&mut self) {
        let (_, per_column) = ZOOM[self.zoom.min(ZOOM.len() - 1)];
        if let Some(picture) = &mut self.picture {
            picture.prepare(Look { per_column, kind: self.kind, studies: self.studies }, &self.live);
        }
    }
}

/// The intervals that a series can be folded to, shortest first.
pub(crate) fn intervals(series: &SeriesView) -> Vec<Interval> {
    Interval::ALL.into_iter().filter(|interval| interval.folds_from(series.interval)).collect()
}

/// End of the newest candle of `interval`, the one that forms included where the series is finer.
fn newest(series: &SeriesView, interval: Interval) -> Time {
    let end = match series.last_candle_end {
        Some(last) if series.wanted.to.since(last) <= GRACE * series.interval.ms() => last,
        Some(last) => last.max(series.wanted.to),
        None => series.wanted.to,
    };
    let formed_to = series.forming.map_or(end, |candle| candle.open_time.plus_ms(series.interval.ms()));
    interval.ceil(end.max(formed_to))
}

/// Whether a read of `range` shows all of `visible`.
fn holds(range: TimeRange, visible: TimeRange) -> bool {
    range.from <= visible.from && visible.to <= range.to
}

/// Room for a screen at either side, so that panning does not read at each step, and before it what
/// the indicators need: a warm-up, and the whole of the first UTC day.
fn with_margin(visible: TimeRange, interval: Interval) -> TimeRange {
    let count = visible.duration_ms() / interval.ms();
    let spare = (MAX_CHART_CANDLES - count).max(0);
    let later = count.min(spare / 2);
    let earlier = count.max(WARM_UP as i64).min(spare - later);
    let from = visible.from.plus_ms(-earlier * interval.ms());
    let to = visible.to.plus_ms(later * interval.ms());
    let midnight = from.floor_to(DAY_MS);
    let whole_day = to.since(midnight) / interval.ms() < MAX_CHART_CANDLES;
    interval.outer(TimeRange::new(if whole_day { midnight } else { from }, to))
}
