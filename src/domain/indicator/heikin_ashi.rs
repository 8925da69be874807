//! Heikin-Ashi candles.

use super::Ohlcv;

/// A smoothed candle. Its prices are no prices that anybody paid.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HeikinAshi {
    /// Middle of the body before.
    pub open: f64,
    /// Highest of the candle's high, `open` and `close`.
    pub high: f64,
    /// Lowest of the candle's low, `open` and `close`.
    pub low: f64,
    /// (open + high + low + close) / 4 of the candle.
    pub close: f64,
}

/// The smoothed candles; the first opens at (open + close) / 2 of its candle.
pub fn heikin_ashi(candles: &[Ohlcv]) -> Vec<HeikinAshi> {
    let mut before: Option<HeikinAshi> = None;
    candles
        .iter()
        .map(|candle| {
            let close = (candle.open + candle.high + candle.low + candle.close) / 4.0;
            let open = before
                .map_or_else(|| f64::midpoint(candle.open, candle.close), |before| f64::midpoint(before.open, before.close));
            let smoothed =
                HeikinAshi { open, high: candle.high.max(open).max(close), low: candle.low.min(open).min(close), close };
            before = Some(smoothed);
            smoothed
        })
        .collect()
}
