//! The markets of the demonstration: the majors, and one of every oddity.

mod many;
mod venues;

pub use self::many::many;
pub use self::venues::{kraken, okx, usdm};
use super::generator::Character;
use super::market::Market;
use crate::domain::range::TimeRange;
use crate::domain::time::{HOUR_MS, Time};

/// 2025-06-01 02:00 to 07:30 UTC: no market `OUT/USDT` has a candle in it.
pub const OUTAGE: TimeRange = TimeRange::new(Time::from_ms(1_748_743_200_000), Time::from_ms(1_748_763_000_000));

/// Columns: base, quote, listed (UTC ms), price decimals, lot decimals, price in ticks, volatility in
/// ppm a minute, lots a minute, lots a trade, quiet minutes in a thousand.
type Line<'a> = (&'a str, &'a str, i64, u32, u32, u64, i64, u64, u64, u64);

const LINES: [Line<'static>; 15] = [
    // 2017-08-17 04:00
    ("BTC", "USDT", 1_502_942_400_000, 2, 5, 6_400_000, 350, 900_000, 1_400, 0),
    ("ETH", "USDT", 1_502_942_400_000, 2, 4, 340_000, 450, 1_800_000, 3_500, 0),
    // 2020-08-11 06:00
    ("SOL", "USDT", 1_597_125_600_000, 2, 3, 15_500, 600, 2_500_000, 9_000, 0),
    // 2017-11-06 03:54
    ("BNB", "USDT", 1_509_940_440_000, 2, 3, 61_000, 350, 120_000, 700, 0),
    // 2018-05-04 08:11
    ("XRP", "USDT", 1_525_421_460_000, 4, 1, 22_000, 550, 3_000_000, 9_000, 0),
    // 2019-07-05 12:00
    ("DOGE", "USDT", 1_562_328_000_000, 5, 0, 17_500, 650, 700_000, 2_500, 0),
    // 2018-04-17 04:00
    ("ADA", "USDT", 1_523_937_600_000, 4, 1, 7_200, 600, 900_000, 4_000, 0),
    // 2023-05-05 16:00
    ("PEPE", "USDT", 1_683_302_400_000, 8, 0, 734, 900, 60_000_000_000, 400_000_000, 0),
    // 2021-05-10 11:30
    ("SHIB", "USDT", 1_620_646_200_000, 8, 0, 1_250, 700, 1_500_000_000, 12_000_000, 0),
    // 2020-01-03 08:00
    ("BTC", "EUR", 1_578_038_400_000, 2, 5, 5_900_000, 350, 60_000, 900, 20),
    // 2017-07-14 04:00
    ("ETH", "BTC", 1_500_004_800_000, 5, 3, 5_300, 300, 40_000, 700, 60),
    // 2022-03-01: thin, most minutes without a trade.
    ("QUIET", "USDT", 1_646_092_800_000, 4, 1, 12_345, 800, 4_000, 900, 800),
    // 2020-08-21 10:00, delisted below.
    ("LUNA", "USDT", 1_598_004_000_000, 4, 2, 780_000, 1_200, 300_000, 4_000, 0),
    // 2025-02-14 13:00: young.
    ("NEW", "USDT", 1_739_538_000_000, 3, 1, 4_200, 900, 250_000, 1_200, 0),
    // 2023-01-10 08:00, with an outage below.
    ("OUT", "USDT", 1_673_337_600_000, 3, 2, 18_250, 700, 500_000, 2_000, 0),
];

/// 2022-05-13 00:40 UTC.
const LUNA_ENDS: Time = Time::from_ms(1_652_402_400_000);

/// 2025-04-16 03:00 UTC.
const PAUSE_STARTS: Time = Time::from_ms(1_744_772_400_000);

/// The markets of the demonstration under one seed: nine majors against USDT, BTC/EUR and ETH/BTC, a
/// quiet one, a delisted one, a young one, one with outages, and a paused one.
pub fn demo(seed: u64) -> Vec<Market> {
    let mut markets: Vec<Market> = LINES.into_iter().map(|line| market(seed, line)).collect();
    let paused = ("PAUSE", "USDT", LUNA_ENDS.ms(), 3, 2, 9_900, 700, 80_000, 900, 100);
    markets.push(market(seed, paused).halted_at(PAUSE_STARTS));
    markets
}

/// The markets of all four exchanges under one seed, those of [`demo`] first.
pub fn all(seed: u64) -> Vec<Market> {
    [demo(seed), usdm(seed), okx(seed), kraken(seed)].concat()
}

fn market(seed: u64, line: Line<'_>) -> Market {
    let (base, quote, listed, price_decimals, lot_decimals, price_ticks, volatility_ppm, lots_per_minute, lots_per_trade, quiet) =
        line;
    let character = Character {
        price_decimals,
        lot_decimals,
        price_ticks,
        volatility_ppm,
        lots_per_minute,
        lots_per_trade,
        quiet_permille: quiet,
    };
    let market = Market::generated(seed, base, quote, Time::from_ms(listed), character);
    match base {
        "LUNA" => market.delisted_at(LUNA_ENDS),
        // A second, shorter outage: a year later, 20 minutes.
        "OUT" => market.with_outage(OUTAGE).with_outage(TimeRange::new(
            OUTAGE.from.plus_ms(365 * 24 * HOUR_MS),
            OUTAGE.from.plus_ms(365 * 24 * HOUR_MS + HOUR_MS / 3),
        )),
        _ => market,
    }
}

#[cfg(test)]
mod tests {
    use super::super::interval::KlineInterval;
    use super::super::market::Window;
    use super::*;
    use crate::domain::aggregate::fold_all;
    use crate::domain::candle::Candle;
    use crate::domain::interval::Interval;

    fn find(base: &str) -> Market {
        demo(1).into_iter().find(|market| market.base == base).unwrap()
    }

    fn time(text: &str) -> Time {
        Time::parse(text, Time::EPOCH).unwrap()
    }

    #[test]
    fn every_market_trades_sound_candles() {
        let range = TimeRange::new(time("2025-03-01"), time("2025-03-01T02:00:00Z"));
        for market in demo(1) {
            let candles = market.candles(Interval::M1, range);
            assert_eq!(candles.len(), if market.base == "LUNA" { 0 } else { 120 }, "{}", market.symbol());
            assert!(candles.iter().all(|candle| candle.check().is_ok()));
            let first = market.candle(Interval::M1, Interval::M1.floor(market.listed_at()));
            assert!(first.is_some_and(|candle| candle.trade_count.is_some()));
            assert_eq!(market.candle(Interval::M1, market.listed_at().plus_ms(-60_000)), None);
        }
        let pepe = find("PEPE").candles(Interval::M1, range);
        assert!(pepe.iter().any(|candle| candle.volume > crate::domain::price::Decimal::from(10_000_000_000_i64)));
    }

    #[test]
    fn seeds_differ_and_repeat() {
        let at = time("2025-03-01");
        let candle = |seed: u64| demo(seed)[0].candle(Interval::M1, at).unwrap();
        assert_eq!(candle(1), candle(1));
        assert_ne!(candle(1), candle(2));
    }

    #[test]
    fn wide_candles_are_the_exact_sum_of_their_minutes() {
        for (base, from, to) in [
            ("BTC", "2025-03-03", "2025-03-10"),
            ("OUT", "2025-05-26", "2025-06-02"),
            ("QUIET", "2022-02-28", "2022-03-07"),
            ("LUNA", "2022-05-09", "2022-05-16"),
        ] {
            let market = find(base);
            let range = TimeRange::new(time(from), time(to));
            let minutes = market.candles(Interval::M1, range);
            for interval in [Interval::M3, Interval::M5, Interval::H1, Interval::H4, Interval::D1, Interval::W1] {
                let folded: Vec<Candle> = fold_all(interval, &minutes).unwrap().iter().map(|folded| folded.candle).collect();
                assert_eq!(market.candles(interval, range), folded, "{base} {interval}");
            }
        }
    }

    #[test]
    fn outages_and_ends() {
        let out = find("OUT");
        assert_eq!(out.candle(Interval::M1, OUTAGE.from), None);
        assert_eq!(out.candle(Interval::M1, OUTAGE.to.plus_ms(-60_000)), None);
        assert!(out.candle(Interval::M1, OUTAGE.to).is_some());
        assert_eq!(out.candle(Interval::H1, OUTAGE.from), None);
        let luna = find("LUNA");
        assert!(luna.candle(Interval::M1, LUNA_ENDS.plus_ms(-60_000)).is_some());
        assert_eq!(luna.candle(Interval::M1, LUNA_ENDS), None);
        assert_eq!((luna.status(LUNA_ENDS.plus_ms(-1)), luna.status(LUNA_ENDS)), ("TRADING", "BREAK"));
    }

    #[test]
    fn windows() {
        let market = find("OUT");
        let now = OUTAGE.to.plus_ms(150_500);
        let check = |start: Option<i64>, end: Option<i64>, limit: usize, expected: &[i64]| {
            let at = |ms: Option<i64>| ms.map(|ms| OUTAGE.to.plus_ms(ms));
            let rows = market.rows(KlineInterval::ALL[0], Window { start: at(start), end: at(end), limit }, now);
            let opens: Vec<i64> = rows.iter().map(|row| row.open_time - OUTAGE.to.ms()).collect();
            assert_eq!(opens, expected, "{start:?} {end:?} {limit}");
        };
        let before = -OUTAGE.duration_ms();
        check(None, None, 2, &[60_000, 120_000]);
        check(None, None, 5, &[before - 120_000, before - 60_000, 0, 60_000, 120_000]);
        check(None, Some(60_000), 1, &[60_000]);
        check(None, Some(59_999), 1, &[0]);
        check(Some(0), None, 2, &[0, 60_000]);
        check(Some(1), None, 9, &[60_000, 120_000]);
        check(Some(0), Some(0), 9, &[0]);
        check(Some(60_000), Some(0), 9, &[]);
        check(Some(before), Some(-1), 9, &[]);
        check(Some(180_000), None, 9, &[]);
        check(Some(before - 60_000), Some(60_000), 9, &[before - 60_000, 0, 60_000]);
    }

    #[test]
    fn the_forming_candle_is_partial_at_every_width() {
        let market = find("BTC");
        let now = time("2025-03-05T12:34:30Z");
        for interval in KlineInterval::ALL {
            let rows = market.rows(interval, Window { start: None, end: None, limit: 2 }, now);
            let later = market.rows(
                interval,
                Window { start: Some(Time::from_ms(rows[0].open_time)), end: None, limit: 2 },
                time("2025-06-01"),
            );
            assert_eq!(rows[0], later[0], "closed candles do not change");
            assert_eq!((rows[1].open_time, rows[1].open), (later[1].open_time, later[1].open));
            assert!(rows[1].volume > 0 && rows[1].volume < later[1].volume, "{}", interval.name());
        }
    }
}
