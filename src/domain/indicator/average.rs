//! Moving averages.

use super::mean;

/// The mean of the last `period` values; from the value of index `period - 1` on.
pub fn sma(values: &[f64], period: usize) -> Vec<Option<f64>> {
    // Each window is summed anew: a running sum would gather rounding errors.
    (0..values.len()).map(|at| (period > 0 && at + 1 >= period).then(|| mean(&values[at + 1 - period..=at]))).collect()
}

/// The exponential average with the weight 2 / (`period` + 1), seeded with the [`sma`] of the first
/// `period` values; from the value of index `period - 1` on.
pub fn ema(values: &[f64], period: usize) -> Vec<Option<f64>> {
    let mut averages = vec![None; values.len()];
    if period == 0 || values.len() < period {
        return averages;
    }
    let weight = 2.0 / (period as f64 + 1.0);
    let mut average = mean(&values[..period]);
    averages[period - 1] = Some(average);
    for (value, slot) in values.iter().zip(&mut averages).skip(period) {
        average += weight * (value - average);
        *slot = Some(average);
    }
    averages
}
