//! From prices to rows.

use crate::tui::format;

/// How prices become heights, and how they are written beside them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Measure {
    /// Equal steps are equal amounts.
    Linear,
    /// Equal steps are equal ratios.
    Log,
    /// As linear, written as the distance from this price.
    Percent(f64),
}

/// A scale over rows; the top row holds the high end.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Scale {
    /// Ends, as heights: logarithms on a logarithmic scale.
    low: f64,
    high: f64,
    rows: u16,
    measure: Measure,
}

/// Least rows between two labels.
const APART: u16 = 3;

impl Scale {
    /// Fits prices with a little air. Equal prices stand in the middle.
    pub(crate) fn fit(prices: impl Iterator<Item = f64>, rows: u16, measure: Measure) -> Option<Self> {
        let (low, high) = prices
            .map(|price| measure.height(price))
            .filter(|height| height.is_finite())
            .fold((f64::MAX, f64::MIN), |(low, high), height| (low.min(height), high.max(height)));
        if low > high || rows == 0 {
            return None;
        }
        let span = high - low;
        let air = if span > high.abs() * 1e-12 { span * 0.03 } else { (high.abs() * 0.005).max(f64::MIN_POSITIVE) };
        Some(Self { low: low - air, high: high + air, rows, measure })
    }

    /// These prices at its ends.
    pub(crate) fn of(low: f64, high: f64, rows: u16, measure: Measure) -> Option<Self> {
        let (low, high) = (measure.height(low), measure.height(high));
        (low.is_finite() && high.is_finite() && low < high && rows > 0).then_some(Self { low, high, rows, measure })
    }

    /// The prices at the ends of a scale a step closer or wider, with the price of `row` in its place;
    /// nothing where it would show no price apart from another, or nothing but the axis.
    pub(crate) fn zoomed(self, row: u16, closer: bool) -> Option<(f64, f64)> {
        let (factor, span) = (if closer { 0.8 } else { 1.25 }, self.high - self.low);
        let at = self.high - (f64::from(row) + 0.5) / f64::from(self.rows) * span;
        let (low, high) = (at - (at - self.low) * factor, at + (self.high - at) * factor);
        // Heights of a logarithmic scale are ratios already.
        let size = if self.measure == Measure::Log { 1.0 } else { at.abs() };
        let sound = if closer { high - low > size * 1e-7 } else { high - low < size * 20.0 };
        let ends = (self.measure.price(low), self.measure.price(high));
        (sound && ends.0.is_finite() && ends.1.is_finite()).then_some(ends)
    }

    /// The prices at the ends of the same scale, its prices moved so many rows down.
    pub(crate) fn moved(self, rows: i32) -> Option<(f64, f64)> {
        let by = f64::from(rows) * (self.high - self.low) / f64::from(self.rows);
        let ends = (self.measure.price(self.low + by), self.measure.price(self.high + by));
        (ends.0.is_finite() && ends.1.is_finite()).then_some(ends)
    }

    /// These ends, without air.
    pub(crate) const fn between(low: f64, high: f64, rows: u16) -> Self {
        Self { low, high, rows, measure: Measure::Linear }
    }

    /// The place of a price, counted from the top in `parts` of a row; prices outside lie outside.
    pub(crate) fn place(self, price: f64, parts: u16) -> f64 {
        (self.high - self.measure.height(price)) / (self.high - self.low) * f64::from(self.rows) * f64::from(parts)
    }

    /// The half row (0 is the top) of a price; prices outside stand at the edge.
    pub(crate) fn half_row(self, price: f64) -> i32 {
        self.place(price, 2).clamp(0.0, f64::from(self.rows) * 2.0 - 1.0) as i32
    }

    /// The half row of a price; one outside lies a whole row or more beyond the edge.
    pub(crate) fn clipped_half_row(self, price: f64) -> i32 {
        let end = f64::from(self.rows) * 2.0;
        match self.place(price, 2) {
            place if place < -1e-6 => -4,
            place if place > end + 1e-6 => i32::from(self.rows) * 2 + 2,
            _ => self.half_row(price),
        }
    }

    /// The row of a price, where it lies inside.
    pub(crate) fn row(self, price: f64) -> Option<u16> {
        let height = self.measure.height(price);
        (self.low <= height && height <= self.high).then(|| (self.half_row(price) / 2) as u16)
    }

    /// Round prices (1, 2, 2.5, 5 × 10ⁿ apart, in percent on a scale of percents) for labels at least
    /// three rows apart, ascending. None is finer than `decimals` can print.
    pub(crate) fn ticks(self, decimals: u32) -> Vec<f64> {
        // Half a row more, because rows are whole.
        let labels = (f64::from(self.rows) / (f64::from(APART) + 0.5)).max(1.0);
        match self.measure {
            Measure::Linear => multiples(self.low, self.high, round_step((self.high - self.low) / labels, decimals)),
            Measure::Percent(base) => {
                let percent = |price: f64| (price / base - 1.0) * 100.0;
                let (low, high) = (percent(self.low), percent(self.high));
                let step = round_step((high - low) / labels, PERCENT_DECIMALS);
                multiples(low, high, step).into_iter().map(|percent| base * (1.0 + percent / 100.0)).collect()
            }
            Measure::Log => self.apart(self.round_ratios(labels, decimals)),
        }
    }

    /// Round prices of a logarithmic scale: 1, 2, 5 × 10ⁿ over wide ranges, else as on a linear one.
    fn round_ratios(self, labels: f64, decimals: u32) -> Vec<f64> {
        let (low, high) = (self.low.exp(), self.high.exp());
        if high / low < 5.0 {
            return multiples(low, high, round_step((high - low) / labels, decimals));
        }
        let finest = 10_f64.powi(-(decimals as i32));
        let (first, last) = (low.log10().floor() as i32, high.log10().ceil() as i32);
        (first..=last)
            .flat_map(|power| [1.0, 2.0, 5.0].map(|factor| factor * 10_f64.powi(power)))
            .filter(|price| *price >= finest * (1.0 - 1e-9))
            .collect()
    }

    /// Those of ascending prices that leave room between their labels.
    fn apart(self, prices: Vec<f64>) -> Vec<f64> {
        let mut above: Option<u16> = None;
        prices
            .into_iter()
            .filter(|price| {
                let Some(row) = self.row(*price) else { return false };
                let free = above.is_none_or(|above| row + APART <= above);
                if free {
                    above = Some(row);
                }
                free
            })
            .collect()
    }

    /// A price as the axis writes it.
    pub(crate) fn label(self, price: f64, decimals: u32) -> String {
        match self.measure {
            Measure::Linear | Measure::Log => format::price_f64(price, decimals),
            Measure::Percent(base) => {
                let percent = (price / base - 1.0) * 100.0;
                // What rounds to nothing has no sign.
                format!("{:+.2}%", if percent.abs() < 0.005 { 0.0 } else { percent })
            }
        }
    }
}

/// Decimals of percentages.
const PERCENT_DECIMALS: u32 = 2;

impl Measure {
    fn height(self, price: f64) -> f64 {
        match self {
            Self::Linear | Self::Percent(_) => price,
            Self::Log => price.ln(),
        }
    }

    fn price(self, height: f64) -> f64 {
        match self {
            Self::Linear | Self::Percent(_) => height,
            Self::Log => height.exp(),
        }
    }
}

fn multiples(low: f64, high: f64, step: f64) -> Vec<f64> {
    let first = (low / step).ceil();
    let count = ((high / step).floor() - first).clamp(-1.0, 200.0) as i64 + 1;
    (0..count).map(|n| (first + n as f64) * step).collect()
}

/// The smallest of 1, 2, 2.5, 5 × 10ⁿ that is at least `least` and that `decimals` can print.
fn round_step(least: f64, decimals: u32) -> f64 {
    let finest = 10_f64.powi(-(decimals as i32));
    let least = least.max(finest);
    let power = 10_f64.powf(least.log10().floor());
    [1.0, 2.0, 2.5, 5.0, 10.0]
        .into_iter()
        .map(|factor| factor * power)
        .find(|step| {
            let units = step / finest;
            *step >= least * (1.0 - 1e-9) && (units - units.round()).abs() < 1e-6 * units.max(1.0)
        })
        .unwrap_or(10.0 * power)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_round_and_printable() {
        let check = |least: f64, decimals: u32, expected: f64| {
            let step = round_step(least, decimals);
            assert!((step / expected - 1.0).abs() < 1e-9, "{least}: {step} instead of {expected}");
        };
        check(0.9, 2, 1.0);
        check(1.1, 2, 2.0);
        check(2.1, 2, 2.5);
        check(2.1, 0, 5.0);
        check(26.0, 2, 50.0);
        check(51.0, 2, 100.0);
        check(0.000_000_031, 8, 0.000_000_05);
        check(0.000_000_000_1, 8, 0.000_000_01);
    }

    #[test]
    fn ticks_lie_inside_and_apart() {
        for (low, high) in [(63_950.0, 64_120.55), (0.000_001_1, 0.000_001_4), (1.0, 1.0), (0.5, 90_000.0), (3.0, 14.0)] {
            for measure in [Measure::Linear, Measure::Log, Measure::Percent(low)] {
                for rows in 1..60 {
                    let scale = Scale::fit([low, high].into_iter(), rows, measure).unwrap();
                    let shown: Vec<u16> = scale.ticks(8).into_iter().filter_map(|tick| scale.row(tick)).collect();
                    let apart = shown.windows(2).all(|pair| pair[0] >= pair[1] + APART);
                    assert!(apart, "{low}..{high} on {rows}, {measure:?}: {shown:?}");
                }
            }
        }
    }

    #[test]
    fn ends() {
        let scale = Scale::fit([1.0, 2.0].into_iter(), 10, Measure::Linear).unwrap();
        assert_eq!(scale.half_row(5.0), 0);
        assert_eq!(scale.half_row(-5.0), 19);
        assert_eq!(scale.row(5.0), None);
        assert_eq!(Scale::fit(std::iter::empty(), 10, Measure::Linear), None);
        assert_eq!(Scale::fit([f64::NAN].into_iter(), 10, Measure::Log), None);
        assert_eq!(Scale::fit([1.0, 1.0].into_iter(), 9, Measure::Linear).and_then(|flat| flat.row(1.0)), Some(4));
    }

    #[test]
    fn a_step_keeps_the_price_of_its_row_and_there_is_a_way_back() {
        for measure in [Measure::Linear, Measure::Log, Measure::Percent(150.0)] {
            let start = Scale::of(100.0, 200.0, 20, measure).unwrap();
            let mut scale = start;
            let price = |scale: Scale| measure.price(scale.high - 5.5 / 20.0 * (scale.high - scale.low));
            for closer in [true, true, false, false] {
                let (low, high) = scale.zoomed(5, closer).unwrap();
                scale = Scale::of(low, high, 20, measure).unwrap();
                assert!((price(scale) - price(start)).abs() < 1e-6, "{measure:?}");
            }
            assert!((scale.low - start.low).abs() < 1e-6 && (scale.high - start.high).abs() < 1e-6, "{measure:?}");
            let moved = Scale::of(start.moved(4).unwrap().0, start.moved(4).unwrap().1, 20, measure).unwrap();
            assert_eq!(moved.row(price(start)), Some(5 + 4), "{measure:?}");
            for closer in [true, false] {
                let steps = std::iter::successors(Some(start), |scale| {
                    let (low, high) = scale.zoomed(5, closer)?;
                    Scale::of(low, high, 20, measure)
                });
                assert!((10..200).contains(&steps.take(200).count()), "{measure:?} ends");
            }
        }
        let scale = Scale::of(1.0, 2.0, 10, Measure::Linear).unwrap();
        assert_eq!([0.5, 1.01, 1.99, 2.5].map(|price| scale.clipped_half_row(price)), [22, 19, 0, -4]);
    }

    #[test]
    fn equal_ratios_are_equal_heights() {
        let scale = Scale::fit([1.0, 100.0].into_iter(), 40, Measure::Log).unwrap();
        let gap = |a: f64, b: f64| scale.place(a, 1) - scale.place(b, 1);
        assert!((gap(1.0, 10.0) - gap(10.0, 100.0)).abs() < 1e-9);
        assert_eq!(scale.ticks(2), [1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0]);
    }

    #[test]
    fn percents_are_round_and_count_from_their_base() {
        let scale = Scale::fit([190.0, 210.0].into_iter(), 20, Measure::Percent(200.0)).unwrap();
        let labels: Vec<String> = scale.ticks(2).into_iter().map(|price| scale.label(price, 2)).collect();
        assert_eq!(labels, ["-4.00%", "-2.00%", "+0.00%", "+2.00%", "+4.00%"]);
    }
}
