//! Names of candle widths, and where their grids lie.

use super::super::interval::KlineInterval;
use crate::domain::time::{DAY_MS, HOUR_MS, MINUTE_MS};

/// From six hours up, candles without the suffix `utc` are cut at midnight in Hong Kong.
const HONG_KONG: i64 = -8 * HOUR_MS;

/// Weeks open on Monday; the epoch was a Thursday.
const MONDAY: i64 = 4 * DAY_MS;

const BARS: [KlineInterval; 20] = [
    KlineInterval::new("1m", MINUTE_MS, 0),
    KlineInterval::new("3m", 3 * MINUTE_MS, 0),
    KlineInterval::new("5m", 5 * MINUTE_MS, 0),
    KlineInterval::new("15m", 15 * MINUTE_MS, 0),
    KlineInterval::new("30m", 30 * MINUTE_MS, 0),
    KlineInterval::new("1H", HOUR_MS, 0),
    KlineInterval::new("2H", 2 * HOUR_MS, 0),
    KlineInterval::new("4H", 4 * HOUR_MS, 0),
    KlineInterval::new("6H", 6 * HOUR_MS, HONG_KONG),
    KlineInterval::new("12H", 12 * HOUR_MS, HONG_KONG),
    KlineInterval::new("1D", DAY_MS, HONG_KONG),
    KlineInterval::new("3D", 3 * DAY_MS, HONG_KONG),
    KlineInterval::new("1W", 7 * DAY_MS, MONDAY + HONG_KONG),
    KlineInterval::new("1M", 0, HONG_KONG),
    KlineInterval::new("6Hutc", 6 * HOUR_MS, 0),
    KlineInterval::new("12Hutc", 12 * HOUR_MS, 0),
    KlineInterval::new("1Dutc", DAY_MS, 0),
    KlineInterval::new("3Dutc", 3 * DAY_MS, 0),
    KlineInterval::new("1Wutc", 7 * DAY_MS, MONDAY),
    KlineInterval::new("1Mutc", 0, 0),
];

/// The width of this exact name; `1s`, two days and quarters are not simulated.
pub(in crate::sim) fn bar(name: &str) -> Option<KlineInterval> {
    BARS.into_iter().find(|bar| bar.name() == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Time;

    #[test]
    fn grids() {
        let check = |name: &str, at: &str, expected: &str| {
            let time = |text: &str| Time::parse(text, Time::EPOCH).unwrap();
            assert_eq!(bar(name).unwrap().floor(time(at)), time(expected), "{name}");
        };
        check("4H", "2025-03-05T15:59:00Z", "2025-03-05T12:00:00Z");
        check("6H", "2025-03-05T15:59:00Z", "2025-03-05T10:00:00Z");
        check("6Hutc", "2025-03-05T15:59:00Z", "2025-03-05T12:00:00Z");
        check("1D", "2025-03-05T15:59:00Z", "2025-03-04T16:00:00Z");
        check("1D", "2025-03-05T16:00:00Z", "2025-03-05T16:00:00Z");
        check("1Dutc", "2025-03-05T15:59:00Z", "2025-03-05");
        check("1W", "2025-03-05T15:59:00Z", "2025-03-02T16:00:00Z");
        check("1Wutc", "2025-03-05T15:59:00Z", "2025-03-03");
        check("1M", "2025-03-31T16:00:00Z", "2025-03-31T16:00:00Z");
        check("1Mutc", "2025-03-31T16:00:00Z", "2025-03-01");
        assert!(bar("1h").is_none() && bar("1d").is_none());
    }
}
