//! The crosshair of a chart, and what is measured with it.

use super::picture::floor;
use super::{Bar, ChartState, Picture, Window, newest};
use crate::domain::gap::GapReason;
use crate::domain::range::TimeRange;
use crate::domain::time::Time;
use crate::engine::query::{Provenance, Query};
use crate::engine::snapshot::SeriesView;

/// Where the crosshair stands, and what is known of the candle under it.
#[derive(Debug, Clone, Default)]
pub(super) struct Crosshair {
    /// A time in the column that it stands on: columns come and go with the zoom.
    at: Option<Time>,
    /// Hidden on purpose: the pointer does not bring it back, a key does.
    hidden: bool,
    /// Where a measure begins.
    mark: Option<Time>,
    /// What was asked of the store last.
    asked: Option<(TimeRange, u64)>,
    generation: u64,
    provenance: Option<(TimeRange, Result<Option<Provenance>, String>)>,
}

/// What stands under the crosshair.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading<'a> {
    /// Time of the column.
    pub(crate) range: TimeRange,
    /// Its candle; `None` where there is none.
    pub(crate) bar: Option<&'a Bar>,
    /// Why candles are missing, where some are.
    pub(crate) gap: Option<GapReason>,
    /// Where it came from, once that has been read.
    pub(crate) provenance: Option<&'a Result<Option<Provenance>, String>>,
}

/// From the mark to the crosshair.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Measure {
    /// The column of the mark.
    pub(crate) mark: Time,
    /// Close at the mark, where it was read.
    pub(crate) from: Option<f64>,
    /// Close under the crosshair, where there is one.
    pub(crate) to: Option<f64>,
    /// Milliseconds; negative into the past.
    pub(crate) ms: i64,
    /// Candles of the interval between them, missing ones included.
    pub(crate) candles: i64,
}

impl ChartState {
    /// Hides first the measure, then the crosshair; whether there was one to hide.
    pub(crate) fn clear_crosshair(&mut self) -> bool {
        if self.crosshair.mark.take().is_some() {
            return true;
        }
        let shown = self.crosshair.at.take().is_some();
        self.crosshair.hidden |= shown;
        shown
    }

    /// What stands under the crosshair, where it lies in `window`.
    pub(crate) fn reading(&self, window: &Window) -> Option<Reading<'_>> {
        let at = self.crosshair.at?;
        let range = window.step_of(at);
        if !window.range.contains(range.from) {
            return None;
        }
        let picture = self.picture.as_ref();
        let bar = picture.and_then(|picture| picture.bars(range).first());
        let gap = picture.and_then(|picture| picture.gaps(range).first()).map(|gap| gap.reason);
        let provenance = self.crosshair.provenance.as_ref().filter(|(of, _)| *of == range).map(|(_, known)| known);
        Some(Reading { range, bar, gap, provenance })
    }

    /// The measure from the mark to the crosshair.
    pub(crate) fn measure(&self, window: &Window) -> Option<Measure> {
        let (mark, at) = (window.step_of(self.crosshair.mark?), window.step_of(self.crosshair.at?));
        let close = |range| self.picture.as_ref().and_then(|picture| picture.bars(range).first()).map(|bar| bar.close);
        let ms = at.from.since(mark.from);
        Some(Measure { mark: mark.from, from: close(mark), to: close(at), ms, candles: ms / window.interval.ms() })
    }

    /// The previous or next candle; the first press puts the crosshair on the newest visible one.
    /// At the edge of the window the window moves along.
    pub(super) fn step_crosshair(&mut self, series: &SeriesView, window: Window, later: bool) {
        let Some(picture) = self.current_picture(series) else { return };
        let visible = self.whole_columns(&window);
        let at = self.crosshair.at.map(|at| window.step_of(at).from).filter(|at| window.range.contains(*at));
        let next = match at {
            None => picture.before(visible.to).filter(|bar| visible.from <= bar.candle.open_time),
            Some(at) if later => picture.after(at),
            Some(at) => picture.before(at),
        };
        let Some(next) = next.map(|bar| bar.candle.open_time) else { return };
        self.crosshair.hidden = false;
        self.crosshair.at = Some(next);
        if next < visible.from {
            self.pan(series, window, next.since(visible.from));
        } else if next >= visible.to {
            self.pan(series, window, next.plus_ms(window.step_ms).since(visible.to));
        }
    }

    /// The pointer is over `column` of the plot: the crosshair snaps to the candle there, unless it
    /// was hidden. Whether it moved.
    pub(crate) fn hover(&mut self, series: &SeriesView, column: u16) -> bool {
        let Some(time) = self.time_at(series, column).filter(|_| !self.crosshair.hidden) else { return false };
        let moved = self.crosshair.at != Some(time);
        self.crosshair.at = Some(time);
        moved
    }

    /// Measures from the crosshair on; there again, it ends.
    pub(super) fn measure_from_here(&mut self, series: &SeriesView, window: Window) {
        if self.reading(&window).is_none() {
            self.crosshair.at = None;
            self.step_crosshair(series, window, true);
        }
        let at = self.crosshair.at;
        self.crosshair.mark = if self.crosshair.mark == at { None } else { at };
    }

    /// Puts the crosshair on this time, in the middle of the plot where there is room.
    pub(crate) fn go_to(&mut self, time: Time, series: &SeriesView) {
        self.crosshair.at = Some(time);
        self.centre(series, time);
    }

    pub(super) fn keep_crosshair_in_sight(&mut self, series: &SeriesView) {
        let window = self.window_of(series, self.interval, self.columns);
        if let Some(at) = self.crosshair.at
            && !self.whole_columns(&window).contains(window.step_of(at).from)
        {
            self.centre(series, at);
        }
    }

    fn centre(&mut self, series: &SeriesView, time: Time) {
        let window = self.window_of(series, self.interval, self.columns);
        let half = window.range.duration_ms() / 2 / window.step_ms * window.step_ms;
        self.pan(series, window, window.step_of(time).from.plus_ms(half).since(window.range.to));
    }

    /// Columns that are wholly visible: the first one may be cut by the left edge.
    fn whole_columns(&self, window: &Window) -> TimeRange {
        let cut = if self.columns.is_multiple_of(window.cells) { 0 } else { window.step_ms };
        TimeRange::new(window.range.from.plus_ms(cut), window.range.to)
    }

    /// The picture, where it is the one that is wanted.
    fn current_picture(&self, series: &SeriesView) -> Option<&Picture> {
        self.picture.as_ref().filter(|picture| picture.series == series.id && picture.interval() == self.interval)
    }

    /// A read of where the candle under the crosshair came from, where that is not known.
    pub(crate) fn provenance_wanted(&mut self, series: &SeriesView) -> Option<(u64, Query)> {
        let window = self.window(series, self.columns);
        let range = self.reading(&window).filter(|reading| reading.bar.is_some())?.range;
        let asked = (range, series.revision);
        if self.crosshair.asked == Some(asked) {
            return None;
        }
        self.crosshair.asked = Some(asked);
        self.crosshair.generation += 1;
        Some((self.crosshair.generation, Query::Candle { series: series.id, range }))
    }

    /// That read has come back; one that a newer one has overtaken is dropped.
    pub(crate) fn provenance_landed(&mut self, generation: u64, found: Result<Option<Provenance>, String>) {
        if generation == self.crosshair.generation
            && let Some((range, _)) = self.crosshair.asked
        {
            self.crosshair.provenance = Some((range, found));
        }
    }

    /// Dates that can be gone to: from the first candle to the present.
    pub(crate) fn dates(&self, series: &SeriesView) -> TimeRange {
        TimeRange::new(self.first(series), newest(series, self.interval))
    }
}

impl Window {
    /// The column in which `time` lies.
    pub(crate) fn step_of(&self, time: Time) -> TimeRange {
        let from = floor(self.interval, (self.step_ms / self.interval.ms()).max(1), time);
        TimeRange::new(from, from.plus_ms(self.step_ms))
    }
}
