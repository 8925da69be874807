//! Candles out of nothing but a key and the minute: any page of any year costs only its own rows.

use super::noise::{ONE_Q30, Octaves, exp_q40, hash};
use super::row::{DECIMALS, ONE, Row};
use crate::domain::time::MINUTE_MS;

/// How a generated market trades.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Character {
    /// Decimals of the price tick.
    pub price_decimals: u32,
    /// Decimals of the lot; together with the tick's at most 8, as the quote volume has no more.
    pub lot_decimals: u32,
    /// The price around which it wanders, in ticks.
    pub price_ticks: u64,
    /// Typical move within one minute, in millionths of the price.
    pub volatility_ppm: i64,
    /// Median volume of one minute, in lots.
    pub lots_per_minute: u64,
    /// Typical size of one trade, in lots.
    pub lots_per_trade: u64,
    /// Of a thousand minutes, how many see no trade.
    pub quiet_permille: u64,
}

/// Walks through a market's minutes; stepping forward is cheap, jumping is not dear.
#[derive(Debug, Clone)]
pub(super) struct Walk {
    key: u64,
    character: Character,
    price: Octaves,
    activity: Octaves,
    /// The close of the minute before `at`.
    last: Option<(i64, u64)>,
}

/// No market sleeps longer than this many minutes, so that the last close is always near.
const LONGEST_QUIET: i64 = 240;

/// Trading over the hours of a UTC day, in percent of the mean: Asia's morning, America's afternoon.
const HOURS: [u64; 24] =
    [110, 105, 95, 90, 80, 75, 75, 85, 95, 95, 90, 85, 95, 125, 150, 160, 145, 125, 110, 100, 95, 90, 80, 95];

impl Walk {
    pub(super) fn new(key: u64, character: Character) -> Self {
        let step = character.volatility_ppm * ONE_Q30 / 1_000_000;
        Self {
            key,
            character,
            price: Octaves::new(key, step, 0, 20),
            activity: Octaves::new(!key, ONE_Q30 / 16, 4, 9),
            last: None,
        }
    }

    /// The whole candle of a minute since the epoch.
    pub(super) fn minute(&mut self, minute: i64) -> Row {
        let open = match self.last {
            Some((at, close)) if at == minute => close,
            _ => self.close_before(minute),
        };
        let quiet = self.is_quiet(minute);
        let close = if quiet { open } else { self.boundary(minute + 1) };
        self.last = Some((minute + 1, close));
        if quiet { self.flat(minute, open) } else { self.traded(minute, open, close) }
    }

    fn flat(&self, minute: i64, ticks: u64) -> Row {
        let price = self.price_of(ticks);
        Row {
            open_time: minute * MINUTE_MS,
            close_time: (minute + 1) * MINUTE_MS - 1,
            open: price,
            high: price,
            low: price,
            close: price,
            volume: 0,
            quote_volume: 0,
            trades: 0,
            taker_volume: 0,
            taker_quote_volume: 0,
        }
    }

    fn traded(&mut self, minute: i64, open: u64, close: u64) -> Row {
        let chance = hash(self.key ^ 0x0051_7e0f, minute);
        let more = hash(chance, minute);
        let mut row = self.flat(minute, open);
        let high = open.max(close) + self.wick(open, chance);
        let low = open.min(close).saturating_sub(self.wick(open, more)).max(1);
        (row.high, row.low, row.close) = (self.price_of(high), self.price_of(low), self.price_of(close));

        let lots = self.lots(minute, open, close, more);
        let distinct = 1 + i64::from(close != open) + i64::from(high > open.max(close)) + i64::from(low < open.min(close));
        row.trades = ((lots / self.character.lots_per_trade.max(1)) as i64).max(distinct);
        let lots = lots.max(row.trades.cast_unsigned());
        // Takers buy 30 to 70 % and more when the price rises.
        let lean = if close >= open { 520 } else { 300 };
        let taker_lots = u128::from(lots) * u128::from(lean + chance % 180) / 1_000;

        let lot = 10_i128.pow(DECIMALS - self.character.lot_decimals);
        let mean = (i128::from(row.open) + i128::from(row.high) + i128::from(row.low) + i128::from(row.close)) / 4;
        row.volume = i128::from(lots) * lot;
        row.taker_volume = taker_lots.cast_signed() * lot;
        row.quote_volume = row.volume * mean / i128::from(ONE);
        row.taker_quote_volume = row.taker_volume * mean / i128::from(ONE);
        row
    }

    /// How far an extreme lies beyond open and close, in ticks: mostly little, seldom much.
    fn wick(&self, ticks: u64, chance: u64) -> u64 {
        let skewed = u128::from(chance & 0xffff) * u128::from(chance >> 16 & 0xffff);
        let millionths = (u128::from(ticks) * u128::from(self.character.volatility_ppm.unsigned_abs()) * 2 * skewed) >> 32;
        // The rest of the division is rounded by chance, or a coarse tick would never see a wick.
        ((millionths + u128::from(chance >> 32) % 1_000_000) / 1_000_000) as u64
    }

    /// Volume in lots: log-normal, livelier in some hours and with the size of the move.
    fn lots(&mut self, minute: i64, open: u64, close: u64, chance: u64) -> u64 {
        let lanes: i64 = (0..4).map(|lane| (chance >> (lane * 16) & 0xffff) as i64).sum();
        let spread = (lanes - 2 * 0xffff) << 14;
        let swell = exp_q40(self.activity.at(minute) + spread + spread / 2);
        let usual_move = (u128::from(open) * u128::from(self.character.volatility_ppm.unsigned_abs()) / 1_000_000).max(1);
        let moved = (u128::from(open.abs_diff(close)) * 100 / usual_move).min(800) + 60;
        let hour = HOURS[(minute.div_euclid(60)).rem_euclid(24) as usize];
        let lots = ((u128::from(self.character.lots_per_minute) * u128::from(swell)) >> 40) * moved * u128::from(hour) / 10_000;
        u64::try_from(lots).unwrap_or(u64::MAX).max(1)
    }

    /// The price between two minutes, in ticks.
    fn boundary(&mut self, minute: i64) -> u64 {
        let factor = exp_q40(self.price.at(minute));
        (((u128::from(self.character.price_ticks) * u128::from(factor)) >> 40) as u64).max(1)
    }

    /// The last traded price before a minute.
    fn close_before(&mut self, minute: i64) -> u64 {
        let mut traded = minute - 1;
        while self.is_quiet(traded) {
            traded -= 1;
        }
        self.boundary(traded + 1)
    }

    fn is_quiet(&self, minute: i64) -> bool {
        self.character.quiet_permille > 0
            && minute % LONGEST_QUIET != 0
            && hash(self.key ^ 0x0051_ee99, minute) % 1_000 < self.character.quiet_permille
    }

    fn price_of(&self, ticks: u64) -> i64 {
        i64::try_from(ticks).unwrap_or(i64::MAX).saturating_mul(10_i64.pow(DECIMALS - self.character.price_decimals))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(quiet_permille: u64) -> Walk {
        let character = Character {
            price_decimals: 2,
            lot_decimals: 5,
            price_ticks: 6_400_000,
            volatility_ppm: 400,
            lots_per_minute: 1_000_000,
            lots_per_trade: 2_000,
            quiet_permille,
        };
        Walk::new(77, character)
    }

    #[test]
    fn candles_chain_and_hold_the_rules() {
        for quiet in [0, 700] {
            let mut walk = walk(quiet);
            let mut before: Option<Row> = None;
            let mut still = 0;
            for minute in 28_000_000..28_010_000 {
                let row = walk.minute(minute);
                let candle = row.candle().unwrap();
                assert_eq!(candle.check(), Ok(()));
                assert!(before.is_none_or(|before| before.close == row.open), "open is the previous close");
                assert!(row.taker_volume <= row.volume && row.taker_quote_volume <= row.quote_volume);
                assert!(i128::from(row.low) * row.volume <= row.quote_volume * i128::from(ONE));
                assert!(row.quote_volume * i128::from(ONE) <= i128::from(row.high) * row.volume);
                assert_eq!(row.trades == 0, row.volume == 0);
                if row.volume == 0 {
                    assert_eq!([row.open, row.high, row.low], [row.close; 3]);
                    still += 1;
                }
                before = Some(row);
            }
            assert!((f64::from(still) / 10.0 - quiet as f64).abs() < 30.0, "{still} quiet minutes");
        }
    }

    #[test]
    fn a_minute_does_not_depend_on_the_way_there() {
        let mut walked = walk(300);
        let rows: Vec<Row> = (28_000_000..28_000_600).map(|minute| walked.minute(minute)).collect();
        for row in rows.iter().rev() {
            assert_eq!(walked.minute(row.open_time / MINUTE_MS), *row);
            assert_eq!(walk(300).minute(row.open_time / MINUTE_MS), *row);
        }
    }

    #[test]
    fn it_wanders_but_stays_within_reason() {
        let mut walk = walk(0);
        let prices: Vec<u64> = (0..2_000).map(|day| walk.boundary(25_000_000 + day * 1_440)).collect();
        let (low, high) = (prices.iter().min().unwrap(), prices.iter().max().unwrap());
        assert!(*low > 640_000 && *high < 64_000_000 && *high > low * 5 / 4, "{low} to {high}");
    }
}
