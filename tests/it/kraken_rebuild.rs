//! Folding trades page by page, held to candles that somebody else made of the same trades: Binance's
//! aggregates, told to the millisecond, in which many share a time.

use super::support::shared;
use marketdata_tui::domain::candle::Candle;
use marketdata_tui::domain::interval::Interval;
use marketdata_tui::domain::price::{Decimal, parse_decimal};
use marketdata_tui::domain::range::TimeRange;
use marketdata_tui::domain::time::Time;
use marketdata_tui::domain::trade::{Side, Trade};
use marketdata_tui::exchange::kraken::parse::TradeList;
use marketdata_tui::exchange::kraken::rebuild::{PAGE_ROWS, Progress, Rebuild};
use std::collections::BTreeSet;
use std::fs::File;
use std::path::Path;

fn decimal(text: &str) -> Decimal {
    parse_decimal(text).unwrap()
}

fn rows(path: &Path) -> Vec<csv::StringRecord> {
    let mut reader = csv::Reader::from_reader(flate2::read::MultiGzDecoder::new(File::open(path).unwrap()));
    reader.records().map(Result::unwrap).collect()
}

fn trades(path: &Path) -> Vec<Trade> {
    let trade = |row: &csv::StringRecord| Trade {
        id: row[0].parse().unwrap(),
        time: Time::from_ms(row[5].parse().unwrap()),
        nanos: Some(0),
        price: decimal(&row[1]),
        size: decimal(&row[2]),
        side: if &row[6] == "True" { Side::Sell } else { Side::Buy },
        fills: None,
    };
    rows(path).iter().map(trade).collect()
}

/// A page as Kraken gives it, with or without what lies at the cursor itself.
fn answer(trades: &[Trade], since: i64, inclusive: bool) -> TradeList {
    let ns = |trade: &Trade| trade.time.ms() * 1_000_000;
    let is_behind = |trade: &&Trade| ns(trade) > since || inclusive && ns(trade) == since;
    let page: Vec<&Trade> = trades.iter().filter(is_behind).take(PAGE_ROWS).collect();
    TradeList { last: page.last().map_or(since, |trade| ns(trade)), rows: page.into_iter().copied().map(Ok).collect() }
}

/// All candles of the trades, by so many requests.
fn fold(trades: &[Trade], interval: Interval, inclusive: bool) -> (Vec<Candle>, usize) {
    let (first, last) = (trades[0].time, trades[trades.len() - 1].time);
    let range = interval.outer(TimeRange::new(first, last.plus_ms(1)));
    let mut rebuild = Rebuild::new(interval, range);
    let mut requests = 1;
    while rebuild.take(answer(trades, rebuild.since(), inclusive), range.to.plus_ms(600_000)).unwrap() == Progress::More {
        requests += 1;
    }
    (rebuild.finish().rows.into_iter().map(Result::unwrap).collect(), requests)
}

#[test]
fn twelve_thousand_trades_fold_into_the_candles_that_others_made_of_them() {
    let Some(path) = shared("data/trades/binance_spot_XRPETH-aggTrades-20191011-20191013.csv.gz") else { return };
    let trades = trades(&path);
    let times: BTreeSet<Time> = trades.iter().map(|trade| trade.time).collect();
    assert!(times.len() < trades.len(), "some share a time");
    for (interval, name) in [(Interval::M1, "1m"), (Interval::M5, "5m")] {
        let oracle = shared(&format!("data/trades/binance_spot_XRPETH_{name}_from_aggTrades.csv.gz")).unwrap();
        let expected: Vec<(i64, Vec<Decimal>)> =
            rows(&oracle).iter().map(|row| (row[0].parse().unwrap(), (1..6).map(|at| decimal(&row[at])).collect())).collect();
        for inclusive in [false, true] {
            let (candles, requests) = fold(&trades, interval, inclusive);
            let count: i64 = candles.iter().filter_map(|candle| candle.trade_count).sum();
            assert_eq!((count, requests), (trades.len() as i64, 14), "inclusive: {inclusive}");
            let found: Vec<(i64, Vec<Decimal>)> = candles
                .iter()
                .map(|candle| {
                    let values = [candle.open, candle.high, candle.low, candle.close, candle.volume];
                    (candle.open_time.ms(), values.to_vec())
                })
                .collect();
            assert_eq!(found, expected, "{name}");
        }
    }
}
