//! Indicators against the reference runs of two libraries over recorded candles.

use super::support::shared;
use marketdata_tui::domain::indicator::{
    AVERAGE_PERIOD, BOLLINGER_WIDTH, MACD_PERIODS, Ohlcv, WILDER_PERIOD, atr, bollinger, ema, macd, rsi, sma, vwap,
};
use marketdata_tui::domain::time::Time;
use std::collections::HashMap;
use std::io::Read;

/// Columns by name; an empty cell is `None`.
type Table = HashMap<String, Vec<Option<f64>>>;

fn table(name: &str) -> Option<Table> {
    let path = shared(&format!("data/indicators/{name}"))?;
    let file = std::fs::File::open(&path).unwrap();
    let input: Box<dyn Read> = if path.extension().is_some_and(|ending| ending == "gz") {
        Box::new(flate2::read::GzDecoder::new(file))
    } else {
        Box::new(file)
    };
    let mut reader = csv::Reader::from_reader(input);
    let names: Vec<String> = reader.headers().unwrap().iter().map(ToOwned::to_owned).collect();
    let mut table: Table = names.iter().map(|name| (name.clone(), Vec::new())).collect();
    for record in reader.records() {
        for (name, cell) in names.iter().zip(record.unwrap().iter()) {
            table.get_mut(name).unwrap().push(cell.parse().ok());
        }
    }
    Some(table)
}

/// Candles of a table whose times are in units of `1 / per_ms` milliseconds.
fn candles(table: &Table, time: &str, per_ms: f64) -> Vec<Ohlcv> {
    let cell = |name: &str, at: usize| table[name][at].unwrap();
    (0..table[time].len())
        .map(|at| Ohlcv {
            open_time: Time::from_ms((cell(time, at) / per_ms) as i64),
            open: cell("open", at),
            high: cell("high", at),
            low: cell("low", at),
            close: cell("close", at),
            volume: cell("volume", at),
        })
        .collect()
}

fn closes(candles: &[Ohlcv]) -> Vec<f64> {
    candles.iter().map(|candle| candle.close).collect()
}

/// Every value, `None` for `None`, to a part of `within` of the larger of the value and `unit`.
fn check(name: &str, actual: &[Option<f64>], expected: &[Option<f64>], within: f64, unit: f64) {
    assert_eq!(actual.len(), expected.len(), "{name}");
    for (at, (actual, expected)) in actual.iter().zip(expected).enumerate() {
        match (actual, expected) {
            (None, None) => {}
            (Some(a), Some(e)) if (a - e).abs() <= within * e.abs().max(unit) => {}
            _ => panic!("{name}, row {at}: {actual:?} instead of {expected:?}"),
        }
    }
}

/// Every indicator against TA-Lib's column, from its first value on.
fn check_talib(file: &str) {
    let Some(table) = table(file) else { return };
    let candles = candles(&table, "open_time_ms", 1.0);
    let closes = closes(&candles);
    // References are printed to thirteen figures; differences of prices lose some of them.
    let (within, unit) = (1e-8, closes[0] * 1e-4);
    check("sma", &sma(&closes, AVERAGE_PERIOD), &table["sma20"], within, unit);
    for period in [9, 12, 20, 26, 50, 200] {
        check("ema", &ema(&closes, period), &table[&format!("ema{period}")], within, unit);
    }
    check("rsi", &rsi(&closes, WILDER_PERIOD), &table["rsi14"], within, 1.0);
    check("atr", &atr(&candles, WILDER_PERIOD), &table["atr14"], within, unit);
    check("vwap", &vwap(&candles), &table["vwap_utcday_hlc3"], within, unit);
    let bands = bollinger(&closes, AVERAGE_PERIOD, BOLLINGER_WIDTH);
    let band = |of: fn(&marketdata_tui::domain::indicator::Bands) -> f64| -> Vec<Option<f64>> {
        bands.iter().map(|bands| bands.as_ref().map(of)).collect()
    };
    check("upper band", &band(|bands| bands.upper), &table["bb20_upper"], within, unit);
    check("middle band", &band(|bands| bands.middle), &table["bb20_middle"], within, unit);
    check("lower band", &band(|bands| bands.lower), &table["bb20_lower"], within, unit);
    let values = macd(&closes, MACD_PERIODS);
    let value = |of: fn(&marketdata_tui::domain::indicator::Macd) -> f64| -> Vec<Option<f64>> {
        values.iter().map(|value| value.as_ref().map(of)).collect()
    };
    check("macd", &value(|macd| macd.line), &table["macd"], within, unit);
    check("macd signal", &value(|macd| macd.signal), &table["macd_signal"], within, unit);
    check("macd histogram", &value(|macd| macd.histogram), &table["macd_hist"], within, unit);
}

#[test]
fn talib_of_bitcoin_minutes() {
    check_talib("talib/binance_BTCUSDT_1m_first2500.csv.gz");
}

#[test]
fn talib_of_a_tiny_price() {
    check_talib("talib/binance_SHIBUSDT_5m_first2500.csv.gz");
}

/// The values of `file`'s column, each at the row of its candle.
fn expected(file: &str, column: &str, times: &[Option<f64>]) -> Vec<Option<f64>> {
    let table = table(&format!("quantedge_btcusdt_1h_202501/{file}")).unwrap();
    let known: HashMap<u64, f64> =
        table["open_time"].iter().zip(&table[column]).map(|(time, value)| (time.unwrap() as u64, value.unwrap())).collect();
    times.iter().map(|time| known.get(&(time.unwrap() as u64)).copied()).collect()
}

#[test]
fn quantedge_of_bitcoin_hours() {
    let Some(table) = table("quantedge_btcusdt_1h_202501/btcusdt-1h.csv") else { return };
    // Its times are in microseconds.
    let candles = candles(&table, "open_time", 1_000.0);
    let closes = closes(&candles);
    let expected = |file: &str, column: &str| expected(file, column, &table["open_time"]);
    check("sma", &sma(&closes, 20), &expected("sma-20-close.csv", "expected"), 1e-9, 1.0);
    check("ema", &ema(&closes, 20), &expected("ema-20-close.csv", "expected"), 1e-9, 1.0);
    check("rsi", &rsi(&closes, 14), &expected("rsi-14-close.csv", "expected"), 1e-9, 1.0);
    check("vwap", &vwap(&candles), &expected("vwap-day-hlc3.csv", "expected"), 1e-9, 1.0);
    let upper: Vec<Option<f64>> = bollinger(&closes, 20, 2.0).iter().map(|bands| bands.map(|bands| bands.upper)).collect();
    check("upper band", &upper, &expected("bb-20-2-close.csv", "upper"), 1e-9, 1.0);
    // It counts the first candle's range and seeds each average alone: the same after a while.
    let ranges = atr(&candles, 14);
    check("atr", &ranges[300..], &expected("atr-14.csv", "expected")[300..], 1e-8, 1.0);
    let signal: Vec<Option<f64>> = macd(&closes, (12, 26, 9)).iter().map(|macd| macd.map(|macd| macd.signal)).collect();
    check("macd signal", &signal[300..], &expected("macd-12-26-9-close.csv", "signal")[300..], 1e-8, 1.0);
}
