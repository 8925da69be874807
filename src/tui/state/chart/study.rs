//! Indicators of a chart: which are shown, and their values.

use crate::domain::indicator::{self, AVERAGE_PERIOD, BOLLINGER_WIDTH, Bands, MACD_PERIODS, Macd, Ohlcv, WILDER_PERIOD};

/// An indicator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Study {
    Sma,
    Ema,
    Bollinger,
    Vwap,
    Rsi,
    Macd,
    Atr,
}

impl Study {
    /// In the order of the dialog: overlays first.
    pub(crate) const ALL: [Self; 7] = [Self::Sma, Self::Ema, Self::Bollinger, Self::Vwap, Self::Rsi, Self::Macd, Self::Atr];

    /// Its name and its periods.
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Sma => "SMA 20",
            Self::Ema => "EMA 20",
            Self::Bollinger => "BB 20,2",
            Self::Vwap => "VWAP day",
            Self::Rsi => "RSI 14",
            Self::Macd => "MACD 12,26,9",
            Self::Atr => "ATR 14",
        }
    }

    /// Its name in the store, which stays when its periods change.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Sma => "sma",
            Self::Ema => "ema",
            Self::Bollinger => "bollinger",
            Self::Vwap => "vwap",
            Self::Rsi => "rsi",
            Self::Macd => "macd",
            Self::Atr => "atr",
        }
    }

    /// What it is, in a few words.
    pub(crate) const fn meaning(self) -> &'static str {
        match self {
            Self::Sma => "simple moving average",
            Self::Ema => "exponential moving average",
            Self::Bollinger => "average and two deviations",
            Self::Vwap => "volume-weighted, by UTC day",
            Self::Rsi => "relative strength, 0 to 100",
            Self::Macd => "distance of two averages",
            Self::Atr => "average true range",
        }
    }

    /// Whether it is drawn over the candles; else it has a pane of its own.
    pub(crate) const fn is_overlay(self) -> bool {
        matches!(self, Self::Sma | Self::Ema | Self::Bollinger | Self::Vwap)
    }
}

/// Which indicators are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Studies([bool; Study::ALL.len()]);

impl Studies {
    /// Whether this one is shown.
    pub(crate) const fn has(self, study: Study) -> bool {
        self.0[study as usize]
    }

    /// Shows it, or does not any more.
    pub(crate) const fn toggle(&mut self, study: Study) {
        self.0[study as usize] = !self.0[study as usize];
    }

    /// Those over the candles.
    pub(crate) fn overlays(self) -> impl Iterator<Item = Study> {
        Study::ALL.into_iter().filter(move |study| self.has(*study) && study.is_overlay())
    }

    /// Those with a pane.
    pub(crate) fn panes(self) -> impl Iterator<Item = Study> {
        Study::ALL.into_iter().filter(move |study| self.has(*study) && !study.is_overlay())
    }
}

/// An indicator's value at every candle.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Values {
    Line(Vec<Option<f64>>),
    Bands(Vec<Option<Bands>>),
    Macd(Vec<Option<Macd>>),
}

/// An indicator's value at one candle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Value {
    Line(f64),
    Bands(Bands),
    Macd(Macd),
}

impl Values {
    pub(super) fn of(study: Study, candles: &[Ohlcv]) -> Self {
        let closes = || -> Vec<f64> { candles.iter().map(|candle| candle.close).collect() };
        match study {
            Study::Sma => Self::Line(indicator::sma(&closes(), AVERAGE_PERIOD)),
            Study::Ema => Self::Line(indicator::ema(&closes(), AVERAGE_PERIOD)),
            Study::Bollinger => Self::Bands(indicator::bollinger(&closes(), AVERAGE_PERIOD, BOLLINGER_WIDTH)),
            Study::Vwap => Self::Line(indicator::vwap(candles)),
            Study::Rsi => Self::Line(indicator::rsi(&closes(), WILDER_PERIOD)),
            Study::Macd => Self::Macd(indicator::macd(&closes(), MACD_PERIODS)),
            Study::Atr => Self::Line(indicator::atr(candles, WILDER_PERIOD)),
        }
    }

    /// The value at the candle of this index, once it is defined.
    pub(crate) fn at(&self, index: usize) -> Option<Value> {
        match self {
            Self::Line(values) => values.get(index).copied().flatten().map(Value::Line),
            Self::Bands(values) => values.get(index).copied().flatten().map(Value::Bands),
            Self::Macd(values) => values.get(index).copied().flatten().map(Value::Macd),
        }
    }
}
