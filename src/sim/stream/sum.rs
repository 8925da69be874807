//! The candle of a stretch of time at one instant after the other, without folding it anew each time.

use crate::domain::time::Time;
use crate::sim::market::{Market, Window};
use crate::sim::row::Row;

/// A market's rows from a time on, joined. Whole rows are joined once; the forming one is added when
/// asked for. Asking must go forward in time.
#[derive(Debug)]
pub(super) struct Sum {
    from: Time,
    /// Up to here rows are in `whole`.
    upto: Time,
    whole: Option<Row>,
}

impl Sum {
    pub(super) const fn new(from: Time) -> Self {
        Self { from, upto: from, whole: None }
    }

    pub(super) const fn from(&self) -> Time {
        self.from
    }

    /// What has happened in `[from, end)` by `now`: the same as the market's own candle of that range.
    pub(super) fn at(&mut self, market: &Market, end: Time, now: Time) -> Option<Row> {
        let finest = market.finest();
        let forming = finest.floor(now).min(end);
        if forming > self.upto {
            let window = Window { start: Some(self.upto), end: Some(forming.plus_ms(-1)), limit: usize::MAX };
            for row in market.rows(finest, window, now) {
                join(&mut self.whole, &row);
            }
            self.upto = forming;
        }
        let mut sum = self.whole;
        if forming < end {
            let window = Window { start: Some(forming), end: Some(now), limit: 1 };
            for row in market.rows(finest, window, now) {
                join(&mut sum, &row);
            }
        }
        sum
    }
}

fn join(sum: &mut Option<Row>, row: &Row) {
    match sum {
        Some(sum) => sum.join(row),
        None => *sum = Some(*row),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::interval::KlineInterval;
    use crate::sim::markets::{OUTAGE, demo};

    #[test]
    fn equals_the_market_at_every_instant() {
        for market in demo(1).iter().filter(|market| ["BTCUSDT", "QUIETUSDT", "OUTUSDT"].contains(&market.native())) {
            for name in ["1m", "5m", "1h", "1d", "1w"] {
                let interval = KlineInterval::from_name(name).unwrap();
                let open = interval.floor(OUTAGE.to);
                let end = interval.next(open);
                let mut sum = Sum::new(open);
                let mut now = OUTAGE.to;
                for step in [0, 1, 20_000, 45_000, 1_000, 3_600_000, 59_999, 86_400_000, 7 * 86_400_000] {
                    now = now.plus_ms(step);
                    let window = Window { start: Some(open), end: Some(open), limit: 1 };
                    let expected = market.rows(interval, window, now).pop();
                    let times = |row: Row| Row { open_time: open.ms(), close_time: end.ms() - 1, ..row };
                    assert_eq!(sum.at(market, end, now).map(times), expected, "{} {name} {}", market.native(), now.iso());
                }
            }
        }
    }
}
