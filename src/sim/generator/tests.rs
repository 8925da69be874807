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
