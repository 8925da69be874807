//! Bollinger bands.

use super::mean;

/// A mean and the band around it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bands {
    /// Middle plus deviations.
    pub upper: f64,
    /// Mean of the last values.
    pub middle: f64,
    /// Middle minus deviations.
    pub lower: f64,
}

/// The mean of the last `period` closes, and `width` deviations of their population (divided by
/// `period`, not by one less) to either side; from the close of index `period - 1` on.
pub fn bollinger(closes: &[f64], period: usize, width: f64) -> Vec<Option<Bands>> {
    (0..closes.len())
        .map(|at| {
            (period > 0 && at + 1 >= period).then(|| {
                let window = &closes[at + 1 - period..=at];
                let middle = mean(window);
                let variance = window.iter().map(|close| (close - middle).powi(2)).sum::<f64>() / period as f64;
                let reach = width * variance.sqrt();
                Bands { upper: middle + reach, middle, lower: middle - reach }
            })
        })
        .collect()
}
