//! The demonstration's markets on the other exchanges: some majors each, a quiet one, one with an outage.

use super::super::market::Market;
use super::super::venue::{Perpetual, Venue};
use super::{Line, market};
use crate::domain::price::Decimal;

/// A line of the table with the hours between settlements, where it is a perpetual future.
type Perp = (Line<'static>, i64);

const USDM: [Perp; 6] = [
    // 2019-09-08 17:57
    (("BTC", "USDT", 1_567_965_420_000, 1, 3, 640_000, 350, 120_000, 200, 0), 8),
    // 2019-11-27 07:45
    (("ETH", "USDT", 1_574_840_700_000, 2, 3, 340_000, 450, 900_000, 2_000, 0), 8),
    // 2020-09-14 07:00
    (("SOL", "USDT", 1_600_066_800_000, 2, 2, 15_500, 600, 300_000, 1_800, 0), 8),
    // 2023-05-05 16:00: a thousand coins each.
    (("1000PEPE", "USDT", 1_683_302_400_000, 7, 0, 73_400, 900, 60_000_000, 400_000, 0), 4),
    // 2022-03-01: thin.
    (("QUIET", "USDT", 1_646_092_800_000, 4, 1, 12_345, 800, 4_000, 900, 800), 1),
    // 2023-01-10 08:00, with an outage.
    (("OUT", "USDT", 1_673_337_600_000, 3, 2, 18_250, 700, 90_000, 900, 0), 4),
];

const OKX_SPOT: [Line<'static>; 4] = [
    // 2021-01-29 08:48
    ("BTC", "USDT", 1_611_910_080_000, 1, 7, 640_000, 350, 60_000_000, 300_000, 0),
    ("ETH", "USDT", 1_611_910_080_000, 2, 6, 340_000, 450, 180_000_000, 900_000, 0),
    // 2022-03-01: thin.
    ("QUIET", "USDT", 1_646_092_800_000, 4, 1, 12_345, 800, 4_000, 900, 800),
    // 2023-01-10 08:00, with an outage.
    ("OUT", "USDT", 1_673_337_600_000, 3, 2, 18_250, 700, 90_000, 900, 0),
];

/// The last number: decimals of a contract's size, negative where it is more than a coin.
const OKX_SWAP: [(Perp, i32); 4] = [
    // 2019-11-12 11:16; a hundredth of a contract is a lot.
    ((("BTC", "USDT", 1_573_557_360_000, 1, 4, 640_000, 350, 900_000, 4_000, 0), 8), 2),
    ((("ETH", "USDT", 1_573_557_360_000, 2, 3, 340_000, 450, 900_000, 4_000, 0), 8), 1),
    // 2020-07-08 04:00
    ((("DOGE", "USDT", 1_594_180_800_000, 5, 0, 17_500, 650, 3_000_000, 20_000, 0), 4), -3),
    // 2023-01-10 08:00, with an outage.
    ((("OUT", "USDT", 1_673_337_600_000, 3, 2, 18_250, 700, 90_000, 900, 0), 1), 0),
];

const KRAKEN: [Line<'static>; 6] = [
    // 2013-10-06 21:00
    ("BTC", "USD", 1_381_093_200_000, 1, 7, 640_000, 350, 2_000_000, 60_000, 30),
    // 2015-08-07 14:00
    ("ETH", "USD", 1_438_956_000_000, 2, 6, 340_000, 450, 9_000_000, 300_000, 100),
    // 2020-01-16 12:00
    ("BTC", "USDT", 1_579_176_000_000, 1, 7, 640_000, 350, 300_000, 40_000, 350),
    // 2019-11-21 16:00
    ("DOGE", "USD", 1_574_352_000_000, 7, 1, 1_750_000, 650, 300_000, 20_000, 250),
    // 2022-03-01: thin.
    ("QUIET", "USD", 1_646_092_800_000, 4, 1, 12_345, 800, 4_000, 900, 800),
    // 2023-01-10 08:00, with an outage.
    ("OUT", "EUR", 1_673_337_600_000, 3, 2, 18_250, 700, 90_000, 900, 100),
];

/// The perpetual futures of Binance USD-M under one seed, settled every 8, 4 or 1 hours.
pub fn usdm(seed: u64) -> Vec<Market> {
    USDM.into_iter().map(|perp| future(seed, perp, Decimal::ONE).on(Venue::BinanceUsdm)).collect()
}

/// The spot markets and linear swaps of OKX under one seed.
pub fn okx(seed: u64) -> Vec<Market> {
    let spot = OKX_SPOT.into_iter().map(|line| market(seed, line));
    let swaps = OKX_SWAP.into_iter().map(|(perp, decimals)| {
        let size = if decimals < 0 {
            Decimal::from(10_i64.pow(decimals.unsigned_abs()))
        } else {
            Decimal::new(1, decimals.unsigned_abs())
        };
        future(seed, perp, size)
    });
    spot.chain(swaps).map(|market| market.on(Venue::Okx)).collect()
}

/// The spot markets of Kraken under one seed.
pub fn kraken(seed: u64) -> Vec<Market> {
    KRAKEN.into_iter().map(|line| market(seed, line).on(Venue::Kraken)).collect()
}

fn future(seed: u64, (line, funding_hours): Perp, contract_size: Decimal) -> Market {
    market(seed, line).perpetual(Perpetual { funding_hours, contract_size })
}
