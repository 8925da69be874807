//! The kinds of data that can be recorded of an instrument.

use super::interval::Interval;
use std::fmt;
use std::str::FromStr;

/// A kind of data. Each is recorded, accounted for and exported by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Dataset {
    /// OHLCV over an interval.
    #[default]
    Candles,
    /// Single trades, or the exchange's own aggregates of them.
    Trades,
    /// Settled funding rates of a perpetual.
    Funding,
    /// Open contracts of a perpetual, in base units.
    OpenInterest,
}

/// Text that names no dataset.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a dataset: use candles, trades, funding or open_interest")]
pub struct DatasetParseError(pub String);

impl Dataset {
    /// Every dataset, in the order in which screens list them.
    pub const ALL: [Self; 4] = [Self::Candles, Self::Trades, Self::Funding, Self::OpenInterest];

    /// Its name in the store, on the command line and in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Candles => "candles",
            Self::Trades => "trades",
            Self::Funding => "funding",
            Self::OpenInterest => "open_interest",
        }
    }

    /// For people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Candles => "candles",
            Self::Trades => "trades",
            Self::Funding => "funding",
            Self::OpenInterest => "open interest",
        }
    }

    /// What a step of its grid is called where steps are counted: `candle`, `minute`, `hour`, `row`.
    pub const fn step(self, count: u64) -> &'static str {
        match (self, count) {
            (Self::Candles, 1) => "candle",
            (Self::Candles, _) => "candles",
            (Self::Trades, 1) => "minute",
            (Self::Trades, _) => "minutes",
            (Self::Funding, 1) => "hour",
            (Self::Funding, _) => "hours",
            (Self::OpenInterest, 1) => "row",
            (Self::OpenInterest, _) => "rows",
        }
    }

    /// The grid on which it is accounted for; `None` for candles, which have their own. A minute of
    /// trades is covered when all of its trades are stored, an hour of funding when every settlement
    /// in it is. Open interest has a row for each five minutes.
    pub const fn grid(self) -> Option<Interval> {
        match self {
            Self::Candles => None,
            Self::Trades => Some(Interval::M1),
            Self::Funding => Some(Interval::H1),
            Self::OpenInterest => Some(Interval::M5),
        }
    }
}

impl fmt::Display for Dataset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.label())
    }
}

impl FromStr for Dataset {
    type Err = DatasetParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let folded = text.trim().to_ascii_lowercase().replace([' ', '-'], "_");
        Self::ALL.into_iter().find(|set| set.name() == folded).ok_or_else(|| DatasetParseError(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip() {
        for set in Dataset::ALL {
            assert_eq!(set.name().parse(), Ok(set));
            assert_eq!(set.label().parse(), Ok(set));
        }
        assert!("quotes".parse::<Dataset>().is_err());
    }
}
