//! Candles that were read, with those that form, folded to the columns of the screen.

use super::look::{Kind, Look};
use super::study::{Study, Values};
use crate::domain::aggregate::join;
use crate::domain::candle::Candle;
use crate::domain::gap::{Gap, GapReason};
use crate::domain::indicator::{HeikinAshi, Ohlcv, heikin_ashi};
use crate::domain::interval::Interval;
use crate::domain::price::to_f64;
use crate::domain::range::TimeRange;
use crate::domain::series::SeriesId;
use crate::domain::time::Time;
use crate::engine::query::ChartData;

/// What was read, ready to be drawn.
#[derive(Debug, Clone)]
pub(crate) struct Picture {
    /// Of which series.
    pub(crate) series: SeriesId,
    /// Open time of the first and end of the last stored candle of the series.
    pub(crate) bounds: Option<TimeRange>,
    /// What was read; its candles are the stored ones alone.
    data: ChartData,
    /// The same candles as floats, and behind them what forms.
    floats: Vec<Ohlcv>,
    /// Candles of the series' own interval that are not among the stored ones yet.
    forming: Vec<Candle>,
    values: Vec<(Study, Values)>,
    prepared: Option<Look>,
    bars: Vec<Bar>,
    highest: f64,
}

/// What one column shows: exact, and as floats for the pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Bar {
    /// First open, highest high, lowest low, last close, summed volume.
    pub(crate) candle: Candle,
    pub(crate) open: f64,
    pub(crate) high: f64,
    pub(crate) low: f64,
    pub(crate) close: f64,
    /// `None` where the exact sum does not fit.
    pub(crate) volume: Option<f64>,
    /// The smoothed candle, on a Heikin-Ashi chart.
    pub(crate) smoothed: Option<HeikinAshi>,
    /// Whether some of it has not closed yet.
    pub(crate) forming: bool,
    /// The last candle in it, for the indicators.
    last: usize,
}

impl Picture {
    pub(super) fn new(data: ChartData) -> Self {
        let floats: Vec<Ohlcv> = data.candles.iter().map(Ohlcv::from).collect();
        let highest = floats.iter().map(|candle| candle.high).fold(0.0, f64::max);
        Self {
            series: data.series,
            bounds: data.bounds,
            data,
            floats,
            forming: Vec::new(),
            values: Vec::new(),
            prepared: None,
            bars: Vec::new(),
            highest,
        }
    }

    /// Candle width.
    pub(crate) const fn interval(&self) -> Interval {
        self.data.interval
    }

    /// The highest price that was read: it decides how wide the labels of the axis are.
    pub(crate) const fn highest(&self) -> f64 {
        self.highest
    }

    /// The bars inside `range`, ascending.
    pub(crate) fn bars(&self, range: TimeRange) -> &[Bar] {
        let from = self.bars.partition_point(|bar| bar.candle.open_time < range.from);
        let to = self.bars.partition_point(|bar| bar.candle.open_time < range.to);
        &self.bars[from..to.max(from)]
    }

    /// The newest bar that opens before `time`.
    pub(super) fn before(&self, time: Time) -> Option<&Bar> {
        self.bars[..self.bars.partition_point(|bar| bar.candle.open_time < time)].last()
    }

    /// The oldest bar that opens after `time`.
    pub(super) fn after(&self, time: Time) -> Option<&Bar> {
        self.bars.get(self.bars.partition_point(|bar| bar.candle.open_time <= time))
    }

    /// The gaps that touch `range`, ascending.
    pub(crate) fn gaps(&self, range: TimeRange) -> &[Gap] {
        let from = self.data.gaps.partition_point(|gap| gap.range.to <= range.from);
        let to = self.data.gaps.partition_point(|gap| gap.range.from < range.to);
        &self.data.gaps[from..to.max(from)]
    }

    /// An indicator's values; [`Values::at`] takes [`Bar::last`].
    pub(crate) fn values(&self, study: Study) -> Option<&Values> {
        self.values.iter().find(|(of, _)| *of == study).map(|(_, values)| values)
    }

    /// Puts `per_column` candles together, exactly, on a grid that does not move with the window,
    /// and works out what `look` shows besides. `live` are the newest looks at candles that form.
    pub(super) fn prepare(&mut self, look: Look, live: &[Candle]) {
        // Once a candle is among the stored ones, what was seen of it while it formed is over.
        let stored_to = self.bounds.map(|bounds| bounds.to);
        let forming = || {
            live.iter().filter(|candle| {
                let at = candle.open_time;
                stored_to.is_none_or(|stored| at >= stored) && self.data.range.contains(at) && !self.is_given_up(at)
            })
        };
        let same = forming().eq(&self.forming);
        if same && self.prepared == Some(look) {
            return;
        }
        self.forming = forming().copied().collect();
        self.prepared = Some(look);
        self.fold(look);
        self.values = Study::ALL
            .into_iter()
            .filter(|study| look.studies.has(*study))
            .map(|study| (study, Values::of(study, &self.floats)))
            .collect();
    }

    /// Whether the store knows why it has no candle here. One that is merely queued is on its way.
    fn is_given_up(&self, time: Time) -> bool {
        let moment = TimeRange::new(time, time.plus_ms(1));
        self.gaps(moment).iter().any(|gap| gap.reason != GapReason::NotFetched)
    }

    fn fold(&mut self, look: Look) {
        let (interval, per_column) = (self.data.interval, look.per_column);
        let stored = self.data.candles.len();
        self.floats.truncate(stored);
        if let (Some(float), Some(candle)) = (self.floats.last_mut(), self.data.candles.last()) {
            // An earlier fold may have joined it with what formed then.
            *float = Ohlcv::from(candle);
        }
        self.bars.clear();
        for (at, (candle, float)) in self.data.candles.iter().zip(&self.floats).enumerate() {
            let open_time = floor(interval, per_column, candle.open_time);
            match self.bars.last_mut().filter(|bar| bar.candle.open_time == open_time) {
                Some(bar) => bar.add(candle, float, at),
                None => self.bars.push(Bar::of(&Candle { open_time, ..*candle }, float, at)),
            }
        }
        for candle in &self.forming {
            let float = Ohlcv::from(candle);
            let bucket = interval.floor(candle.open_time);
            match self.floats.last_mut().filter(|last| last.open_time == bucket) {
                Some(last) => {
                    last.high = last.high.max(float.high);
                    last.low = last.low.min(float.low);
                    last.close = float.close;
                    last.volume += float.volume;
                }
                None => self.floats.push(Ohlcv { open_time: bucket, ..float }),
            }
            let at = self.floats.len() - 1;
            let open_time = floor(interval, per_column, candle.open_time);
            match self.bars.last_mut().filter(|bar| bar.candle.open_time == open_time) {
                Some(bar) => bar.add(candle, &float, at),
                None => self.bars.push(Bar::of(&Candle { open_time, ..*candle }, &float, at)),
            }
            if let Some(bar) = self.bars.last_mut() {
                bar.forming = true;
            }
        }
        if look.kind == Kind::HeikinAshi {
            self.smooth();
        }
    }

    /// Smoothed candles are folded like others: first open, highest high, lowest low, last close.
    fn smooth(&mut self) {
        let smoothed = heikin_ashi(&self.floats);
        let mut first = 0;
        for bar in &mut self.bars {
            bar.smoothed = smoothed[first..=bar.last].iter().copied().reduce(|into, next| HeikinAshi {
                open: into.open,
                high: into.high.max(next.high),
                low: into.low.min(next.low),
                close: next.close,
            });
            first = bar.last + 1;
        }
    }
}

impl Bar {
    fn of(candle: &Candle, float: &Ohlcv, at: usize) -> Self {
        Self {
            candle: *candle,
            open: float.open,
            high: float.high,
            low: float.low,
            close: float.close,
            volume: Some(float.volume),
            smoothed: None,
            forming: false,
            last: at,
        }
    }

    fn add(&mut self, candle: &Candle, float: &Ohlcv, at: usize) {
        let exact = self.volume.is_some() && join(&mut self.candle, candle).is_ok();
        // Where the volumes' sum does not fit, the prices still join.
        self.candle.high = self.candle.high.max(candle.high);
        self.candle.low = self.candle.low.min(candle.low);
        self.candle.close = candle.close;
        self.high = self.high.max(float.high);
        self.low = self.low.min(float.low);
        self.close = float.close;
        self.volume = exact.then(|| to_f64(self.candle.volume));
        self.last = at;
    }

    /// The index of its last candle among an indicator's values.
    pub(crate) const fn last(&self) -> usize {
        self.last
    }

    /// Open, high, low and close as they are drawn.
    pub(crate) fn drawn(&self) -> [f64; 4] {
        match self.smoothed {
            Some(smoothed) => [smoothed.open, smoothed.high, smoothed.low, smoothed.close],
            None => [self.open, self.high, self.low, self.close],
        }
    }

    /// Whether it is drawn as rising.
    pub(crate) fn is_rising(&self) -> bool {
        self.smoothed.map_or_else(|| self.candle.is_rising(), |smoothed| smoothed.close >= smoothed.open)
    }
}

/// Start of the step of `per_column` candles in which `time` lies.
pub(super) fn floor(interval: Interval, per_column: i64, time: Time) -> Time {
    let origin = interval.ceil(Time::EPOCH).ms();
    time.plus_ms(-origin).floor_to(interval.ms() * per_column).plus_ms(origin)
}

/// The first start of a step that is not before `time`.
pub(super) fn ceil(interval: Interval, per_column: i64, time: Time) -> Time {
    let start = floor(interval, per_column, time);
    if start == time { time } else { start.plus_ms(interval.ms() * per_column) }
}

#[cfg(test)]
mod tests;
