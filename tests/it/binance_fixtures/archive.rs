//! Files of the bulk archives. They are not read: whoever mistakes one for an answer gets a typed refusal.

use super::{candle, refused_by_all};
use crate::support::fixtures::{check_names, folder};
use crate::usdm_fixtures;
use marketdata_tui::domain::interval::Interval;
use marketdata_tui::exchange::binance::parse;

const FILES: [&str; 11] = [
    "BTCUSDT-1h-2023-01-01__gocryptotrader.zip",
    "BTCUSDT-1h-2023-01-01__gocryptotrader.zip.CHECKSUM",
    "archive_updates__binance-public-data.csv",
    "spot_aggTrades__binance-public-data__us-sample.csv",
    "spot_klines_1h__binance-public-data__us-sample.csv",
    "spot_klines_1h_daily__gocryptotrader__ms-noheader.csv",
    "spot_trades__binance-public-data__us-sample.csv",
    "um_fundingRate_monthly__gocryptotrader.csv",
    "um_klines_1d_monthly__gocryptotrader__header.csv",
    "um_metrics_daily__made-here.csv",
    "um_trades_daily__gh-issue.csv",
];

/// Lines of candles as the body that the exchange would have sent.
fn as_body(text: &str) -> Vec<u8> {
    let rows: Vec<String> = text
        .lines()
        .filter(|line| line.starts_with(|c: char| c.is_ascii_digit()))
        .map(|line| {
            let number = |at: usize| matches!(at, 0 | 6 | 8);
            let cells = line.split(',').enumerate();
            let cells = cells.map(|(at, cell)| if number(at) { cell.to_owned() } else { format!("\"{cell}\"") });
            format!("[{}]", cells.collect::<Vec<_>>().join(","))
        })
        .collect();
    format!("[{}]", rows.join(",")).into_bytes()
}

#[test]
fn every_archive_is_refused() {
    let Some(folder) = folder("binance_archive") else { return };
    check_names(&folder, FILES);
    for name in FILES {
        println!("{name}");
        let body = std::fs::read(folder.join(name)).unwrap();
        refused_by_all(&body);
        usdm_fixtures::refused_by_all(&body);
    }
    // The rows themselves are the interface's, but since 2025 the spot market's are in microseconds.
    let rows = |name: &str, interval: Interval| {
        parse::klines(&as_body(&std::fs::read_to_string(folder.join(name)).unwrap()), interval).unwrap()
    };
    let hours = rows("spot_klines_1h_daily__gocryptotrader__ms-noheader.csv", Interval::H1);
    let numbers = ["16541.77", "16545.7", "16508.39", "16529.67", "4364.8357", "72146293.5867229"];
    let first = candle(1_672_531_200_000, numbers, 149_854, ["2179.94772", "36032352.8703572"]);
    assert_eq!((hours.len(), &hours[0]), (24, &Ok(first)));
    let micros = rows("spot_klines_1h__binance-public-data__us-sample.csv", Interval::H1);
    let reason = "close time is 3599999999 ms after open time: too long for 1h";
    assert_eq!(micros.iter().map(|row| row.as_ref().unwrap_err().reason.as_str()).collect::<Vec<_>>(), [reason]);
    assert_eq!(rows("um_klines_1d_monthly__gocryptotrader__header.csv", Interval::D1).len(), 6);
}
