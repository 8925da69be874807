//! Candles that were read, folded to the columns of the screen.

use crate::domain::aggregate::join;
use crate::domain::candle::Candle;
use crate::domain::gap::Gap;
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
    /// First and last stored candle of the series.
    pub(crate) bounds: Option<TimeRange>,
    data: ChartData,
    per_column: i64,
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
}

impl Picture {
    pub(super) fn new(data: ChartData) -> Self {
        let highest = data.candles.iter().map(|candle| to_f64(candle.high)).fold(0.0, f64::max);
        Self { series: data.series, bounds: data.bounds, data, per_column: 0, bars: Vec::new(), highest }
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

    /// The gaps that touch `range`, ascending.
    pub(crate) fn gaps(&self, range: TimeRange) -> &[Gap] {
        let from = self.data.gaps.partition_point(|gap| gap.range.to <= range.from);
        let to = self.data.gaps.partition_point(|gap| gap.range.from < range.to);
        &self.data.gaps[from..to.max(from)]
    }

    /// Puts `per_column` candles together, exactly, on a grid that does not move with the window.
    pub(super) fn fold(&mut self, per_column: i64) {
        if self.per_column == per_column {
            return;
        }
        self.per_column = per_column;
        self.bars.clear();
        for candle in &self.data.candles {
            let open_time = floor(self.data.interval, per_column, candle.open_time);
            match self.bars.last_mut().filter(|bar| bar.candle.open_time == open_time) {
                Some(bar) => bar.add(candle),
                None => self.bars.push(Bar::of(&Candle { open_time, ..*candle })),
            }
        }
    }
}

impl Bar {
    fn of(candle: &Candle) -> Self {
        Self {
            candle: *candle,
            open: to_f64(candle.open),
            high: to_f64(candle.high),
            low: to_f64(candle.low),
            close: to_f64(candle.close),
            volume: Some(to_f64(candle.volume)),
        }
    }

    fn add(&mut self, candle: &Candle) {
        let exact = self.volume.is_some() && join(&mut self.candle, candle).is_ok();
        // Where the volumes' sum does not fit, the prices still join.
        let joined = Candle {
            high: self.candle.high.max(candle.high),
            low: self.candle.low.min(candle.low),
            close: candle.close,
            ..self.candle
        };
        *self = Self { volume: exact.then(|| to_f64(joined.volume)), ..Self::of(&joined) };
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
mod tests {
    use super::*;
    use crate::domain::candle::tests::candle;
    use crate::domain::price::trimmed;
    use crate::domain::time::MINUTE_MS;

    #[test]
    fn columns_are_exact_folds() {
        let data = ChartData {
            series: SeriesId(1),
            interval: Interval::M1,
            range: TimeRange::new(Time::EPOCH, Time::from_ms(10 * MINUTE_MS)),
            candles: vec![
                candle(MINUTE_MS, ["2", "3", "1.5", "2.5", "0.1"]),
                candle(2 * MINUTE_MS, ["2.5", "4", "2", "3", "0.2"]),
                candle(3 * MINUTE_MS, ["3", "3", "1", "1", "0.4"]),
            ],
            gaps: Vec::new(),
            bounds: None,
        };
        let all = data.range;
        let mut picture = Picture::new(data);
        picture.fold(1);
        assert_eq!(picture.bars(all).len(), 3);
        picture.fold(3);
        let shown: Vec<(i64, [String; 5])> = picture
            .bars(all)
            .iter()
            .map(|bar| {
                let candle = bar.candle;
                (candle.open_time.ms(), [candle.open, candle.high, candle.low, candle.close, candle.volume].map(trimmed))
            })
            .collect();
        let texts = |values: [&str; 5]| values.map(ToOwned::to_owned);
        assert_eq!(shown, [(0, texts(["2", "4", "1.5", "3", "0.3"])), (3 * MINUTE_MS, texts(["3", "3", "1", "1", "0.4"]))]);
    }

    #[test]
    fn steps_of_weeks_open_on_mondays() {
        let monday = Time::from_ms(1_499_040_000_000);
        assert_eq!(floor(Interval::W1, 1, monday.plus_ms(5)), monday);
        assert_eq!(ceil(Interval::W1, 1, monday), monday);
        assert!(Interval::W1.is_aligned(floor(Interval::W1, 3, monday)));
    }
}
