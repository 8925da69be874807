//! A candle as the exchange counts it: integers of 10^-8.

use super::noise::mix;
use crate::domain::candle::Candle;
use crate::domain::price::Decimal;
use crate::domain::time::Time;

/// Decimals of every number in a `klines` row.
pub(super) const DECIMALS: u32 = 8;

/// 1.0 as a row's prices and volumes count.
pub(super) const ONE: i64 = 100_000_000;

/// One `klines` row. Prices and volumes count 10^-8; volumes of cheap coins outgrow 64 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) open_time: i64,
    /// As the exchange writes it: the last millisecond inside.
    pub(super) close_time: i64,
    pub(super) open: i64,
    pub(super) high: i64,
    pub(super) low: i64,
    pub(super) close: i64,
    pub(super) volume: i128,
    pub(super) quote_volume: i128,
    pub(super) trades: i64,
    pub(super) taker_volume: i128,
    pub(super) taker_quote_volume: i128,
}

impl Row {
    /// Joins the next candle onto the end of this one; the times stay.
    pub(super) fn join(&mut self, next: &Self) {
        self.high = self.high.max(next.high);
        self.low = self.low.min(next.low);
        self.close = next.close;
        self.volume += next.volume;
        self.quote_volume += next.quote_volume;
        self.trades += next.trades;
        self.taker_volume += next.taker_volume;
        self.taker_quote_volume += next.taker_quote_volume;
    }

    /// What of this candle has happened by `now`: its price runs from the open over both extremes to
    /// the close, its volume grows evenly. Whole once `now` is past its close time.
    pub(super) fn so_far(mut self, now: i64) -> Self {
        const STEPS: i64 = 60;
        if now > self.close_time || self.close_time <= self.open_time {
            return self;
        }
        let width = self.close_time - self.open_time + 1;
        let step = ((now - self.open_time).max(0) * STEPS / width).min(STEPS - 1);
        // Which extreme comes first is the candle's own chance; both lie inside.
        let chance = mix(self.open_time.cast_unsigned());
        let (first, second) = if chance & 1 == 0 { (self.high, self.low) } else { (self.low, self.high) };
        let turns = [
            (0, self.open),
            (5 + (chance >> 8) as i64 % 20, first),
            (30 + (chance >> 16) as i64 % 20, second),
            (STEPS, self.close),
        ];
        let (mut high, mut low, mut close) = (self.open, self.open, self.open);
        let tick = grain(&[self.open, self.high, self.low, self.close].map(i128::from)) as i64;
        for leg in turns.windows(2) {
            let [(from, start), (to, end)] = [leg[0], leg[1]];
            if step <= from {
                break;
            }
            close = if step >= to { end } else { start + ((end - start) / tick) * (step - from) / (to - from) * tick };
            high = high.max(close);
            low = low.min(close);
        }
        let lot = grain(&[self.volume, self.taker_volume]);
        let share = |whole: i128| whole / lot * i128::from(step) / i128::from(STEPS) * lot;
        (self.high, self.low, self.close) = (high, low, close);
        (self.volume, self.taker_volume) = (share(self.volume), share(self.taker_volume));
        self.trades = (self.trades * step / STEPS).max(i64::from(self.volume > 0));
        // What the volume so far can have cost lies between its own extremes. A recording without quote
        // volumes has none here either.
        if self.quote_volume > 0 {
            let mean = [self.open, high, low, close].into_iter().map(i128::from).sum::<i128>() / 4;
            self.quote_volume = self.volume * mean / i128::from(ONE);
            self.taker_quote_volume = self.taker_volume * mean / i128::from(ONE);
        }
        self
    }

    /// As the recorder's candle.
    pub(super) fn candle(&self) -> Option<Candle> {
        let price = |value: i64| Decimal::new(value, DECIMALS);
        let volume = |value: i128| Decimal::try_from_i128_with_scale(value, DECIMALS).ok();
        Some(Candle {
            open_time: Time::from_ms(self.open_time),
            open: price(self.open),
            high: price(self.high),
            low: price(self.low),
            close: price(self.close),
            volume: volume(self.volume)?,
            quote_volume: Some(volume(self.quote_volume)?),
            trade_count: Some(self.trades),
            taker_buy_volume: Some(volume(self.taker_volume)?),
            taker_buy_quote_volume: Some(volume(self.taker_quote_volume)?),
        })
    }
}

/// The coarsest power of ten, up to a whole, that all values are multiples of: numbers in between stay
/// on the tick or the lot.
fn grain(values: &[i128]) -> i128 {
    let mut grain = 1;
    while grain < i128::from(ONE) && values.iter().all(|value| value % (grain * 10) == 0) {
        grain *= 10;
    }
    grain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forming_candle_grows_into_the_closed_one() {
        let whole = Row {
            open_time: 120_000,
            close_time: 179_999,
            open: 500_000,
            high: 900_000,
            low: 100_000,
            close: 600_000,
            volume: 6_000 * i128::from(ONE),
            quote_volume: 30_000_000,
            trades: 120,
            taker_volume: 3_000 * i128::from(ONE),
            taker_quote_volume: 15_000_000,
        };
        let mut before = whole.so_far(120_000);
        assert_eq!((before.high, before.low, before.close, before.volume), (500_000, 500_000, 500_000, 0));
        for now in (120_000..180_000).step_by(500) {
            let part = whole.so_far(now);
            assert!(part.high >= before.high && part.low <= before.low && part.volume >= before.volume);
            assert!(part.high <= whole.high && part.low >= whole.low && part.trades < whole.trades);
            assert!(i128::from(part.low) * part.volume <= part.quote_volume * i128::from(ONE) && part.volume % 100 == 0);
            assert!(part.quote_volume * i128::from(ONE) <= i128::from(part.high) * part.volume);
            assert!(part.low <= part.close && part.close <= part.high && part.close % 100_000 == 0);
            before = part;
        }
        assert_eq!((before.high, before.low), (whole.high, whole.low));
        assert_eq!(whole.so_far(180_000), whole);
    }
}
