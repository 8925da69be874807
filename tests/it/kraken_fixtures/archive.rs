//! Files of Kraken's bulk archives: comma-separated, without a head.

use super::{candle, fold, trade};
use crate::support::fixtures::{at, decimal, folder};
use marketdata_tui::domain::candle::Candle;
use marketdata_tui::domain::interval::Interval;
use marketdata_tui::domain::page::BadRow;
use marketdata_tui::domain::price::Decimal;
use marketdata_tui::domain::range::TimeRange;
use marketdata_tui::domain::time::MINUTE_MS;
use marketdata_tui::domain::trade::{Side, Trade};
use std::collections::BTreeMap;

fn archive(name: &str) -> Option<Vec<Vec<String>>> {
    let text = std::fs::read_to_string(folder("kraken_archive")?.join(name)).unwrap();
    Some(text.lines().map(|line| line.split(',').map(str::to_owned).collect()).collect())
}

#[test]
fn archived_minutes_leave_out_those_without_trades() {
    let Some(rows) = archive("ohlcvt_XBTUSDC_1__iaqf_analysis.csv") else { return };
    let minutes: Vec<Candle> = rows
        .iter()
        .map(|row| {
            assert_eq!(row.len(), 7);
            candle(row[0].parse().unwrap(), [1, 2, 3, 4, 5].map(|at| row[at].as_str()), row[6].parse().unwrap())
        })
        .collect();
    let first = candle(1_672_531_200, ["16535.97", "16535.97", "16522.66", "16522.66", "0.01429883"], 2);
    assert_eq!((minutes.len(), minutes[0]), (1_500, first));
    assert!(minutes.iter().all(|minute| minute.check().is_ok() && Interval::M1.is_aligned(minute.open_time)));
    assert!(minutes.iter().all(|minute| minute.trade_count > Some(0) && minute.volume > Decimal::ZERO));
    assert!(minutes.windows(2).all(|pair| pair[0].open_time < pair[1].open_time));
    assert_eq!(minutes[1].open_time.since(minutes[0].open_time), 9 * MINUTE_MS, "eight minutes are not there");
}

/// The archive has neither numbers nor sides: its rows are numbered here, all as bought.
#[test]
fn archived_trades_fold_into_what_a_sum_by_hand_gives() {
    let Some(rows) = archive("trades_BCHEUR__freqtrade.csv") else { return };
    let trades: Vec<Trade> = rows
        .iter()
        .zip(1..)
        .map(|(row, id)| trade(id, (row[0].parse::<i64>().unwrap() * 1_000, 0), &row[1], &row[2], Side::Buy))
        .collect();
    let range = TimeRange::new(Interval::M1.floor(trades[0].time), Interval::M1.floor(trades[147].time).plus_ms(MINUTE_MS));
    let made = fold(&trades, range);
    let mut by_hand: BTreeMap<i64, Vec<&Vec<String>>> = BTreeMap::new();
    for row in &rows {
        by_hand.entry(row[0].parse::<i64>().unwrap() / 60 * 60).or_default().push(row);
    }
    let expected: Vec<Candle> = by_hand
        .iter()
        .map(|(seconds, rows)| {
            let prices: Vec<Decimal> = rows.iter().map(|row| decimal(&row[1])).collect();
            let volume: Decimal = rows.iter().map(|row| decimal(&row[2])).sum();
            let quote: Decimal = rows.iter().map(|row| decimal(&row[1]) * decimal(&row[2])).sum();
            Candle {
                open_time: at(seconds * 1_000),
                open: prices[0],
                high: *prices.iter().max().unwrap(),
                low: *prices.iter().min().unwrap(),
                close: *prices.last().unwrap(),
                volume,
                quote_volume: Some(quote),
                trade_count: Some(rows.len() as i64),
                taker_buy_volume: Some(volume),
                taker_buy_quote_volume: Some(quote),
            }
        })
        .collect();
    assert_eq!(trades.len(), 148);
    let candles: Vec<Candle> = made.rows.into_iter().collect::<Result<_, BadRow>>().unwrap();
    assert_eq!(candles, expected);
    // Every other minute is proven quiet by the numbers on both sides of it.
    let quiet: i64 = made.quiet.iter().map(|(range, _)| Interval::M1.count(*range)).sum();
    assert_eq!(quiet + candles.len() as i64, Interval::M1.count(range));
}
