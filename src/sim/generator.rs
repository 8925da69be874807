//! Candles out of nothing but a key and the minute: any page of any year costs only its own rows.

use super::noise::{ONE_Q30, Octaves, exp_q40, hash, key_of, mix};
use super::row::{DECIMALS, Row};
use super::split::{Prices, Split};
use super::trade::Deals;
use crate::domain::time::{MINUTE_MS, Time};

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

/// What makes one market's life unlike another's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Life {
    /// Where the price goes: the same for a pair on every exchange.
    pub(super) price: u64,
    /// Who trades when: each market's own.
    pub(super) trades: u64,
}

impl Life {
    /// Of a pair on its first exchange; dollars are dollars, whoever issued them.
    pub(super) fn new(seed: u64, base: &str, quote: &str) -> Self {
        let key = key_of(seed, &format!("{base}{}", if quote == "USD" { "USDT" } else { quote }));
        Self { price: key, trades: key }
    }
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

/// Trades of one minute, so that a day's ids stay below ten million.
const MOST_TRADES: u64 = 6_900;

/// Trading over the hours of a UTC day, in percent of the mean: Asia's morning, America's afternoon.
const HOURS: [u64; 24] =
    [110, 105, 95, 90, 80, 75, 75, 85, 95, 95, 90, 85, 95, 125, 150, 160, 145, 125, 110, 100, 95, 90, 80, 95];

impl Walk {
    pub(super) fn new(life: Life, character: Character) -> Self {
        let key = life.trades;
        let step = character.volatility_ppm * ONE_Q30 / 1_000_000;
        Self {
            key,
            character,
            price: Octaves::new(life.price, step, 0, 20),
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

    /// What has happened of a minute before `now`; the whole candle once it is over.
    pub(super) fn minute_at(&mut self, minute: i64, now: Time) -> Row {
        let elapsed = now.ms() - minute * MINUTE_MS;
        if elapsed >= MINUTE_MS {
            return self.minute(minute);
        }
        let open = self.close_before(minute);
        let until_ns = elapsed * 1_000_000;
        let happened = self.deals(minute).into_iter().flatten().take_while(|deal| deal.ns < until_ns);
        let (lot, unit) = (self.lot(), self.unit());
        happened.fold(self.flat(minute, open), |mut row, deal| {
            let (price, size) = (self.price_of(deal.ticks), i128::from(deal.lots) * lot);
            let cost = i128::from(deal.ticks) * i128::from(deal.lots) * unit;
            (row.high, row.low, row.close) = (row.high.max(price), row.low.min(price), price);
            row.volume += size;
            row.quote_volume += cost;
            row.trades += 1;
            if deal.buy {
                row.taker_volume += size;
                row.taker_quote_volume += cost;
            }
            row
        })
    }

    /// One lot in 10^-8.
    fn lot(&self) -> i128 {
        10_i128.pow(DECIMALS - self.character.lot_decimals)
    }

    /// What one lot costs at a price of one tick, in 10^-8.
    fn unit(&self) -> i128 {
        10_i128.pow(DECIMALS.saturating_sub(self.character.price_decimals + self.character.lot_decimals))
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
        let split = self.split(minute, open, close);
        let [mut trades, mut lots, mut buy_lots] = [0; 3];
        let [mut cost, mut buy_cost] = [0_u128; 2];
        for part in split.parts() {
            trades += part.trades;
            lots += part.lots;
            buy_lots += part.buy_lots;
            cost += u128::from(part.ticks) * u128::from(part.lots);
            buy_cost += u128::from(part.ticks) * u128::from(part.buy_lots);
        }
        let (lot, unit) = (self.lot(), self.unit());
        Row {
            high: self.price_of(split.high.ticks),
            low: self.price_of(split.low.ticks),
            close: self.price_of(close),
            volume: i128::from(lots) * lot,
            quote_volume: cost.cast_signed() * unit,
            trades: trades.cast_signed(),
            taker_volume: i128::from(buy_lots) * lot,
            taker_quote_volume: buy_cost.cast_signed() * unit,
            ..self.flat(minute, open)
        }
    }

    /// How the volume of a minute lies over its prices.
    fn split(&mut self, minute: i64, open: u64, close: u64) -> Split {
        let chance = hash(self.key ^ 0x0051_7e0f, minute);
        let more = hash(chance, minute);
        let high = open.max(close) + self.wick(open, chance);
        let low = open.min(close).saturating_sub(self.wick(open, more)).max(1);
        let prices = Prices { open, high, low, close };
        let lots = self.lots(minute, open, close, more);
        let trades = (lots / self.character.lots_per_trade.max(1)).clamp(prices.fewest_trades(), MOST_TRADES);
        // Takers buy 30 to 70 % and more when the price rises.
        let lean = if close >= open { 532 } else { 307 };
        Split::new(prices, trades, lots.max(trades), lean + chance % 184, mix(more))
    }

    /// The trades of a minute since the epoch: together they make [`Walk::minute`].
    pub(super) fn deals(&mut self, minute: i64) -> Option<Deals> {
        if self.is_quiet(minute) {
            return None;
        }
        let open = self.close_before(minute);
        let close = self.boundary(minute + 1);
        Some(Deals::new(&self.split(minute, open, close), self.key, minute))
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
    use super::super::row::ONE;
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
        Walk::new(Life { price: 77, trades: 77 }, character)
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
