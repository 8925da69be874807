//! From prices to rows.

/// A linear scale over rows; the top row holds the high end.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Scale {
    low: f64,
    high: f64,
    rows: u16,
}

impl Scale {
    /// Fits prices with a little air. Equal prices stand in the middle.
    pub(crate) fn fit(prices: impl Iterator<Item = f64>, rows: u16) -> Option<Self> {
        let (low, high) = prices
            .filter(|price| price.is_finite())
            .fold((f64::MAX, f64::MIN), |(low, high), price| (low.min(price), high.max(price)));
        if low > high || rows == 0 {
            return None;
        }
        let span = high - low;
        let air = if span > high.abs() * 1e-12 { span * 0.03 } else { (high.abs() * 0.005).max(f64::MIN_POSITIVE) };
        Some(Self { low: low - air, high: high + air, rows })
    }

    /// The half row (0 is the top) of a price; prices outside stand at the edge.
    pub(crate) fn half_row(self, price: f64) -> i32 {
        let halves = f64::from(self.rows) * 2.0;
        let at = (self.high - price) / (self.high - self.low) * halves;
        at.clamp(0.0, halves - 1.0) as i32
    }

    /// The row of a price, where it lies inside.
    pub(crate) fn row(self, price: f64) -> Option<u16> {
        (self.low <= price && price <= self.high).then(|| (self.half_row(price) / 2) as u16)
    }

    /// Round prices (1, 2, 2.5, 5 × 10ⁿ apart) for labels at least three rows apart, ascending. None is
    /// finer than `decimals` can print.
    pub(crate) fn ticks(self, decimals: u32) -> Vec<f64> {
        let labels = f64::from((self.rows / 4).max(1));
        let step = round_step((self.high - self.low) / labels, decimals);
        let first = (self.low / step).ceil();
        let count = ((self.high / step).floor() - first).clamp(-1.0, 200.0) as i64 + 1;
        (0..count).map(|n| (first + n as f64) * step).collect()
    }
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
        for (low, high) in [(63_950.0, 64_120.55), (0.000_001_1, 0.000_001_4), (1.0, 1.0), (0.5, 90_000.0)] {
            for rows in 1..60 {
                let scale = Scale::fit([low, high].into_iter(), rows).unwrap();
                let shown: Vec<u16> = scale.ticks(8).into_iter().filter_map(|tick| scale.row(tick)).collect();
                assert!(shown.windows(2).all(|pair| pair[0] >= pair[1] + 3), "{low}..{high} on {rows}: {shown:?}");
            }
        }
    }

    #[test]
    fn ends() {
        let scale = Scale::fit([1.0, 2.0].into_iter(), 10).unwrap();
        assert_eq!(scale.half_row(5.0), 0);
        assert_eq!(scale.half_row(-5.0), 19);
        assert_eq!(scale.row(5.0), None);
        assert_eq!(Scale::fit(std::iter::empty(), 10), None);
        assert_eq!(Scale::fit([f64::NAN].into_iter(), 10), None);
        assert_eq!(Scale::fit([1.0, 1.0].into_iter(), 9).and_then(|flat| flat.row(1.0)), Some(4));
    }
}
