//! Alerts: what a person wants to be told of, and whether it has come about. Pure: prices, signs of
//! life, gaps and the time are handed in; each alert fires once for each time that its condition
//! comes true, and is armed again when that has passed.

mod watcher;

pub use watcher::Watcher;

use super::price::{Decimal, to_f64, trimmed};
use super::series::SeriesId;
use super::time::{DAY_MS, MINUTE_MS, SECOND_MS, Time, short_duration};

/// Key of an alert in one store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AlertId(pub i64);

/// An alert on one series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    /// Key in the store.
    pub id: AlertId,
    /// Whose prices, candles and gaps.
    pub series: SeriesId,
    /// When it fires.
    pub condition: Condition,
    /// Whether it is watched at all.
    pub active: bool,
}

/// One firing of an alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Firing {
    /// Grows with every firing of a store.
    pub id: i64,
    /// Which alert.
    pub alert: AlertId,
    /// When, by the local clock.
    pub at: Time,
    /// What was seen: a price, a change, a length of time, a range.
    pub value: String,
}

/// When an alert fires.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// The last price comes from one side of a level to the other. The level itself counts as above.
    Crosses {
        /// The level.
        level: Decimal,
        /// Which way.
        way: Way,
    },
    /// The last price is this much above the lowest or below the highest price of the window.
    Moves {
        /// In percent of that lowest or highest price.
        percent: Decimal,
        /// Length of the window that ends now, in milliseconds.
        window_ms: i64,
    },
    /// Neither a price nor a candle has come for this long.
    Silent {
        /// In milliseconds.
        for_ms: i64,
    },
    /// The exchange has no sound candle somewhere since the watch began, and a second answer agrees.
    GapFound,
}

/// Which way a price crosses a level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// From below.
    Up,
    /// From above.
    Down,
    /// Both.
    Either,
}

/// An alert that can never fire, or always would.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AlertError {
    /// A level of zero or below.
    #[error("the price must be above zero")]
    Level,
    /// A change out of bounds.
    #[error("the change must lie between 0.01 and 1000 percent")]
    Percent,
    /// A window out of bounds.
    #[error("the window must lie between 1m and 24h")]
    Window,
    /// A silence out of bounds.
    #[error("the silence must lie between 30s and 7d")]
    Silence,
}

impl Condition {
    /// Names of all kinds, in the order in which they are offered.
    pub const KINDS: [&'static str; 6] = ["rises_above", "falls_below", "crosses", "moves", "silent", "gap_found"];

    /// Its kind's name in the store.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Crosses { way: Way::Up, .. } => "rises_above",
            Self::Crosses { way: Way::Down, .. } => "falls_below",
            Self::Crosses { way: Way::Either, .. } => "crosses",
            Self::Moves { .. } => "moves",
            Self::Silent { .. } => "silent",
            Self::GapFound => "gap_found",
        }
    }

    /// Its number (a price or a percentage) and its length of time in milliseconds, where it has them.
    pub const fn parts(&self) -> (Option<Decimal>, Option<i64>) {
        match self {
            Self::Crosses { level, .. } => (Some(*level), None),
            Self::Moves { percent, window_ms } => (Some(*percent), Some(*window_ms)),
            Self::Silent { for_ms } => (None, Some(*for_ms)),
            Self::GapFound => (None, None),
        }
    }

    /// The condition of a kind; `None` where a part that it needs is missing or the kind is unknown.
    pub fn from_parts(kind: &str, number: Option<Decimal>, length_ms: Option<i64>) -> Option<Self> {
        let crosses = |way| number.map(|level| Self::Crosses { level, way });
        match kind {
            "rises_above" => crosses(Way::Up),
            "falls_below" => crosses(Way::Down),
            "crosses" => crosses(Way::Either),
            "moves" => Some(Self::Moves { percent: number?, window_ms: length_ms? }),
            "silent" => Some(Self::Silent { for_ms: length_ms? }),
            "gap_found" => Some(Self::GapFound),
            _ => None,
        }
    }

    /// Refuses what could never fire or always would.
    pub fn check(&self) -> Result<(), AlertError> {
        match self {
            Self::Crosses { level, .. } if *level <= Decimal::ZERO => Err(AlertError::Level),
            Self::Moves { percent, .. } if !(0.01..=1_000.0).contains(&to_f64(*percent)) => Err(AlertError::Percent),
            Self::Moves { window_ms, .. } if !(MINUTE_MS..=DAY_MS).contains(window_ms) => Err(AlertError::Window),
            Self::Silent { for_ms } if !(30 * SECOND_MS..=7 * DAY_MS).contains(for_ms) => Err(AlertError::Silence),
            _ => Ok(()),
        }
    }

    /// For people: `price rises above 64000`, `moves 5% within 1h`, `silent for 5m`, `gap found`.
    pub fn words(&self) -> String {
        match self {
            Self::Crosses { level, way } => {
                let verb = match way {
                    Way::Up => "rises above",
                    Way::Down => "falls below",
                    Way::Either => "crosses",
                };
                format!("price {verb} {}", trimmed(*level))
            }
            Self::Moves { percent, window_ms } => format!("moves {}% within {}", trimmed(*percent), short_duration(*window_ms)),
            Self::Silent { for_ms } => format!("silent for {}", short_duration(*for_ms)),
            Self::GapFound => "gap found".into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::price::parse_decimal;

    fn decimal(text: &str) -> Decimal {
        parse_decimal(text).unwrap()
    }

    #[test]
    fn conditions_survive_their_parts() {
        let conditions = [
            Condition::Crosses { level: decimal("64000"), way: Way::Up },
            Condition::Crosses { level: decimal("0.00000734"), way: Way::Down },
            Condition::Crosses { level: decimal("1"), way: Way::Either },
            Condition::Moves { percent: decimal("2.5"), window_ms: 60 * MINUTE_MS },
            Condition::Silent { for_ms: 5 * MINUTE_MS },
            Condition::GapFound,
        ];
        assert_eq!(conditions.each_ref().map(Condition::kind), Condition::KINDS);
        for condition in conditions {
            let (number, length_ms) = condition.parts();
            assert_eq!(Condition::from_parts(condition.kind(), number, length_ms), Some(condition.clone()));
            assert_eq!(condition.check(), Ok(()), "{}", condition.words());
        }
        assert_eq!(Condition::from_parts("moves", Some(decimal("1")), None), None);
        assert_eq!(Condition::from_parts("explodes", None, None), None);
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let check = |kind: &str, number: &str, length_ms: i64, expected: AlertError| {
            let condition = Condition::from_parts(kind, Some(decimal(number)), Some(length_ms)).unwrap();
            assert_eq!(condition.check(), Err(expected), "{kind} {number} {length_ms}");
        };
        check("crosses", "0", 0, AlertError::Level);
        check("rises_above", "-1", 0, AlertError::Level);
        check("moves", "0.001", MINUTE_MS, AlertError::Percent);
        check("moves", "5000", MINUTE_MS, AlertError::Percent);
        check("moves", "5", SECOND_MS, AlertError::Window);
        check("moves", "5", 2 * DAY_MS, AlertError::Window);
        check("silent", "0", SECOND_MS, AlertError::Silence);
    }

    #[test]
    fn words() {
        let check = |condition: Condition, expected: &str| assert_eq!(condition.words(), expected);
        check(Condition::Crosses { level: decimal("64000.50"), way: Way::Up }, "price rises above 64000.5");
        check(Condition::Moves { percent: decimal("5"), window_ms: 60 * MINUTE_MS }, "moves 5% within 1h");
        check(Condition::Silent { for_ms: 90 * SECOND_MS }, "silent for 90s");
        check(Condition::GapFound, "gap found");
    }
}
