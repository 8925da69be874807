//! The volume-weighted average price.

use super::Ohlcv;
use crate::domain::time::DAY_MS;

/// Σ(price × volume) / Σ volume since the start of the candle's UTC day, where the price is
/// (high + low + close) / 3. `None` while nothing has traded that day.
pub fn vwap(candles: &[Ohlcv]) -> Vec<Option<f64>> {
    let (mut day, mut turnover, mut volume) = (None, 0.0, 0.0);
    candles
        .iter()
        .map(|candle| {
            let of = candle.open_time.floor_to(DAY_MS);
            if day != Some(of) {
                (day, turnover, volume) = (Some(of), 0.0, 0.0);
            }
            turnover += (candle.high + candle.low + candle.close) / 3.0 * candle.volume;
            volume += candle.volume;
            (volume > 0.0).then(|| turnover / volume)
        })
        .collect()
}
