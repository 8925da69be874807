//! Markets by the hundred, for load: generated pairs that differ in price, precision, volume and pace.

use super::{Line, market};
use crate::sim::market::Market;

/// 2021-01-01.
const LISTED_AT: i64 = 1_609_459_200_000;

/// Median volume of a minute, in lots, and the lots of a typical trade: from busy to slow.
const PACES: [(u64, u64); 5] = [(2_000_000, 6_000), (700_000, 3_000), (250_000, 1_500), (80_000, 900), (20_000, 700)];

/// So many markets of Binance spot, `G001/USDT` and on, each with a character of its own: prices from
/// 0.01 to 20,000, ticks of 2 to 5 decimals, 25 to 330 trades a minute, and one in ten with quiet minutes.
pub fn many(seed: u64, count: u16) -> Vec<Market> {
    (1..=count)
        .map(|number| {
            let base = format!("G{number:03}");
            let n = u64::from(number);
            let (lots, per_trade) = PACES[usize::from(number) % PACES.len()];
            let price_decimals = 2 + u32::from(number % 4);
            let price_ticks = 1_000 + (n * 7_919) % 2_000_000;
            let volatility_ppm = 250 + i64::from(number * 37 % 700);
            let quiet = if number % 10 == 0 { 300 } else { 0 };
            let line: Line<'_> = (
                &base,
                "USDT",
                LISTED_AT,
                price_decimals,
                5 - price_decimals % 3,
                price_ticks,
                volatility_ppm,
                lots,
                per_trade,
                quiet,
            );
            market(seed, line)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::interval::Interval;
    use crate::domain::range::TimeRange;
    use crate::domain::time::Time;
    use std::collections::HashSet;

    #[test]
    fn each_has_a_name_and_sound_candles_of_its_own() {
        let markets = many(1, 200);
        let names: HashSet<&str> = markets.iter().map(Market::native).collect();
        assert_eq!((markets.len(), names.len()), (200, 200));
        let from = Time::parse("2025-03-01", Time::EPOCH).unwrap();
        let closes: HashSet<String> = markets
            .iter()
            .map(|market| {
                let candles = market.candles(Interval::M1, TimeRange::new(from, from.plus_ms(10 * 60_000)));
                assert_eq!(candles.len(), 10, "{}", market.symbol());
                assert!(candles.iter().all(|candle| candle.check().is_ok()), "{}", market.symbol());
                candles[9].close.to_string()
            })
            .collect();
        assert!(closes.len() > 190, "they trade alike: {} prices", closes.len());
    }
}
