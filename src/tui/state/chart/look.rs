//! How a chart is looked at.

use super::study::Studies;

/// How candles are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Bodies and wicks.
    Candles,
    /// The closes, joined.
    Line,
    /// Smoothed candles.
    HeikinAshi,
    /// A stroke with the open at its left and the close at its right.
    Bars,
}

impl Kind {
    /// In the order of their key.
    pub(crate) const ALL: [Self; 4] = [Self::Candles, Self::Line, Self::HeikinAshi, Self::Bars];

    /// The one after it.
    pub(super) const fn next(self) -> Self {
        match self {
            Self::Candles => Self::Line,
            Self::Line => Self::HeikinAshi,
            Self::HeikinAshi => Self::Bars,
            Self::Bars => Self::Candles,
        }
    }

    /// For the title; nothing for the usual kind.
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Candles => "",
            Self::Line => "line",
            Self::HeikinAshi => "Heikin-Ashi",
            Self::Bars => "bars",
        }
    }
}

/// How prices become heights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PriceScale {
    /// Equal steps are equal amounts.
    Linear,
    /// Equal steps are equal ratios.
    Log,
    /// As linear; labels tell the distance from the first visible close.
    Percent,
}

impl PriceScale {
    /// In the order of their key.
    pub(crate) const ALL: [Self; 3] = [Self::Linear, Self::Log, Self::Percent];

    /// The one after it.
    pub(super) const fn next(self) -> Self {
        match self {
            Self::Linear => Self::Log,
            Self::Log => Self::Percent,
            Self::Percent => Self::Linear,
        }
    }

    /// For the title; nothing for the usual one.
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Linear => "",
            Self::Log => "log",
            Self::Percent => "percent",
        }
    }
}

/// What is worked out of the candles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Look {
    /// Candles put together.
    pub(super) per_column: i64,
    pub(super) kind: Kind,
    pub(super) studies: Studies,
}
