//! Indicators, for the screen only: on floats, never stored and never exported.
//!
//! Each takes ascending candles and gives one value for every candle, `None` until enough came
//! before it. Candles are taken in the order in which they stand: a missing one is no candle, and
//! nothing is invented in its place. Whatever smooths without end ([`ema`], [`rsi`], [`macd`],
//! [`atr`], [`heikin_ashi`]) depends on where the candles begin; [`WARM_UP`] candles before those
//! that are shown make that smaller than a pixel.
//!
//! The definitions are those of TA-Lib, except where a function says otherwise.

mod atr;
mod average;
mod bollinger;
mod heikin_ashi;
mod macd;
mod rsi;
mod vwap;

pub use atr::atr;
pub use average::{ema, sma};
pub use bollinger::{Bands, bollinger};
pub use heikin_ashi::{HeikinAshi, heikin_ashi};
pub use macd::{Macd, macd};
pub use rsi::rsi;
pub use vwap::vwap;

use super::candle::Candle;
use super::price::to_f64;
use super::time::Time;

/// Period of [`sma`], [`ema`] and [`bollinger`] on the charts.
pub const AVERAGE_PERIOD: usize = 20;
/// Deviations between the middle and an outer [`bollinger`] band.
pub const BOLLINGER_WIDTH: f64 = 2.0;
/// Period of [`rsi`] and [`atr`] on the charts.
pub const WILDER_PERIOD: usize = 14;
/// Fast, slow and signal period of [`macd`] on the charts.
pub const MACD_PERIODS: (usize, usize, usize) = (12, 26, 9);
/// Candles after which a smoothing of these periods has forgotten where it began: less than one
/// part in 10⁹ of the first value is left.
pub const WARM_UP: usize = 300;

/// A candle as floats.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ohlcv {
    /// When it opens.
    pub open_time: Time,
    /// First price.
    pub open: f64,
    /// Highest price.
    pub high: f64,
    /// Lowest price.
    pub low: f64,
    /// Last price.
    pub close: f64,
    /// Traded amount of the base asset.
    pub volume: f64,
}

impl From<&Candle> for Ohlcv {
    fn from(candle: &Candle) -> Self {
        Self {
            open_time: candle.open_time,
            open: to_f64(candle.open),
            high: to_f64(candle.high),
            low: to_f64(candle.low),
            close: to_f64(candle.close),
            volume: to_f64(candle.volume),
        }
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::DAY_MS;

    fn ohlcv(ms: i64, [open, high, low, close, volume]: [f64; 5]) -> Ohlcv {
        Ohlcv { open_time: Time::from_ms(ms), open, high, low, close, volume }
    }

    #[test]
    fn averages_begin_when_their_period_is_full() {
        assert_eq!(sma(&[1.0, 2.0, 3.0, 5.0], 3), [None, None, Some(2.0), Some(10.0 / 3.0)]);
        assert_eq!(ema(&[1.0, 2.0, 3.0, 6.0], 3), [None, None, Some(2.0), Some(4.0)]);
        assert_eq!(sma(&[1.0], 3), [None]);
        assert_eq!(ema(&[], 3), []);
        assert_eq!(sma(&[1.0], 0), [None], "a period of nothing has no mean");
    }

    #[test]
    fn bands_are_of_the_population() {
        let bands = bollinger(&[2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0], 8, 2.0);
        assert_eq!(bands[7], Some(Bands { upper: 9.0, middle: 5.0, lower: 1.0 }));
        assert!(bands[..7].iter().all(Option::is_none));
    }

    #[test]
    fn rsi_knows_its_ends() {
        let rising: Vec<f64> = (0..20).map(f64::from).collect();
        let falling: Vec<f64> = rising.iter().rev().copied().collect();
        assert_eq!(rsi(&rising, 14)[13..15], [None, Some(100.0)]);
        assert_eq!(rsi(&falling, 14)[14], Some(0.0));
        assert_eq!(rsi(&[3.0; 20], 14)[19], Some(50.0));
    }

    #[test]
    fn macd_values_come_together() {
        let closes: Vec<f64> = (0..40).map(|n| f64::from(n * n)).collect();
        let values = macd(&closes, (12, 26, 9));
        assert!(values[..33].iter().all(Option::is_none));
        let first = values[33].unwrap();
        assert!((first.line - first.signal - first.histogram).abs() < 1e-9);
        assert_eq!(macd(&closes[..33], (12, 26, 9)), [None; 33]);
    }

    #[test]
    fn true_range_needs_a_close_before() {
        let flat = |ms| ohlcv(ms, [1.0, 2.0, 1.0, 2.0, 1.0]);
        let candles = [flat(0), flat(1), ohlcv(2, [9.0, 9.0, 8.0, 8.0, 1.0])];
        assert_eq!(atr(&candles, 2), [None, None, Some(4.0)]);
    }

    #[test]
    fn vwap_begins_anew_each_day() {
        let candles = [
            ohlcv(0, [1.0, 3.0, 1.0, 2.0, 0.0]),
            ohlcv(1, [1.0, 3.0, 1.0, 2.0, 1.0]),
            ohlcv(2, [4.0, 6.0, 4.0, 5.0, 2.0]),
            ohlcv(DAY_MS, [9.0, 9.0, 9.0, 9.0, 5.0]),
        ];
        assert_eq!(vwap(&candles), [None, Some(2.0), Some(4.0), Some(9.0)]);
    }

    #[test]
    fn heikin_ashi_starts_at_half_way() {
        let candles = [ohlcv(0, [1.0, 4.0, 1.0, 2.0, 1.0]), ohlcv(1, [2.0, 3.0, 1.0, 2.0, 1.0])];
        assert_eq!(
            heikin_ashi(&candles),
            [
                HeikinAshi { open: 1.5, high: 4.0, low: 1.0, close: 2.0 },
                HeikinAshi { open: 1.75, high: 3.0, low: 1.0, close: 2.0 }
            ]
        );
    }
}
