//! The average true range.

use super::Ohlcv;

/// Wilder's average of the true range: the largest of high - low, |high - close before| and
/// |low - close before|. The first candle has none, because no close stands before it. The first
/// average is the mean over `period` ranges; after that each new one weighs 1 / `period`. From the
/// candle of index `period` on.
pub fn atr(candles: &[Ohlcv], period: usize) -> Vec<Option<f64>> {
    let mut values = vec![None; candles.len()];
    if period == 0 || candles.len() <= period {
        return values;
    }
    let n = period as f64;
    let mut average = 0.0;
    for (at, pair) in candles.windows(2).enumerate() {
        let (before, candle) = (pair[0].close, pair[1]);
        let range = (candle.high - candle.low).max((candle.high - before).abs()).max((candle.low - before).abs());
        average = if at < period { average + range / n } else { (average * (n - 1.0) + range) / n };
        if at + 1 >= period {
            values[at + 1] = Some(average);
        }
    }
    values
}
