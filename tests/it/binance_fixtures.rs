//! Binance spot's recorded bodies and frames, from file to domain: small invented ones that are always there,
//! and real ones where they are shared next to the project.
//!
//! | shared file | what is held |
//! |---|---|
//! | `rest_klines*`, `rest_ticker24hr*`, `rest_time*` | candles, tickers and the clock as whole values; the wrong interval shows |
//! | `rest_exchangeInfo*` | instruments as whole values, and the limits |
//! | `rest_aggTrades*` | trades as whole values, numbers in a row |
//! | `error_*` | the typed refusal, by status |
//! | `ws_kline*`, `ws_aggTrade*`, `ws_miniTicker*` | the one event of each, as a whole value (`binance_fixtures/streams.rs`) |
//! | `ws_combined*` | a trade and a candle among 60 frames that say nothing |
//! | `ws_control*` | answers, and that our own messages are the recorded ones |
//! | `ws_trade*`, `ws_ticker*`, `ws_bookTicker*`, `ws_capture*` | streams that are not subscribed to: they say nothing |
//! | `rest_ping*`, `rest_avgPrice*`, `rest_bookTicker*`, `rest_tickerPrice*`, `rest_depth*` | endpoints that are not asked: refused by every reader |
//! | `rest_trades*`, `rest_historicalTrades*` | the same: each row refused |
//! | `../binance_archive/*` | files that are not read: refused by every reader (`binance_fixtures/archive.rs`) |

use super::support::fixtures::{at, check_bodies, check_names, decimal, folder, is_malformed};
use marketdata_tui::domain::candle::Candle;
use marketdata_tui::domain::instrument::{ExchangeId, Instrument, InstrumentKind, InstrumentStatus, Scales, Symbol};
use marketdata_tui::domain::interval::Interval;
use marketdata_tui::domain::page::BadRow;
use marketdata_tui::domain::ticker::Ticker;
use marketdata_tui::domain::time::Time;
use marketdata_tui::domain::trade::{Side, Trade};
use marketdata_tui::exchange::binance::parse;
use marketdata_tui::exchange::binance::refusal;
use marketdata_tui::exchange::binance::rows;
use marketdata_tui::exchange::error::ExchangeError;
use marketdata_tui::exchange::governor::Refusal;
use marketdata_tui::exchange::response::Response;
use std::path::Path;
use std::time::Duration;

mod archive;
mod streams;

const FOLDER: &str = "binance";

fn own(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/binance").join(name)).unwrap()
}

/// Open time, OHLC, base and quote volume, trades, taker base and quote volume.
pub(crate) fn candle(open_time: i64, numbers: [&str; 6], trades: i64, taker: [&str; 2]) -> Candle {
    let [open, high, low, close, volume, quote_volume] = numbers.map(decimal);
    let [taker_base, taker_quote] = taker.map(decimal);
    Candle {
        open_time: at(open_time),
        open,
        high,
        low,
        close,
        volume,
        quote_volume: Some(quote_volume),
        trade_count: Some(trades),
        taker_buy_volume: Some(taker_base),
        taker_buy_quote_volume: Some(taker_quote),
    }
}

fn candles(body: &[u8], interval: Interval) -> Vec<Candle> {
    let rows = parse::klines(body, interval).unwrap();
    let candles: Vec<Candle> = rows.into_iter().collect::<Result<_, BadRow>>().unwrap();
    assert!(candles.iter().all(|candle| candle.check().is_ok() && interval.is_aligned(candle.open_time)));
    assert!(candles.windows(2).all(|pair| pair[0].open_time.plus_ms(interval.ms()) == pair[1].open_time));
    candles
}

fn instrument(base: &str, quote: &str, status: InstrumentStatus, tick: &str, lot: &str, price_decimals: u32) -> Instrument {
    Instrument {
        exchange: ExchangeId::Binance,
        symbol: Symbol::spot(base, quote),
        native: format!("{base}{quote}"),
        base: base.into(),
        quote: quote.into(),
        kind: InstrumentKind::Spot,
        stream_name: None,
        status,
        price_decimals,
        scales: Scales::from_steps(decimal(tick), decimal(lot)),
    }
}

/// Native, last, open, high, low, base and quote volume, executions, time.
fn ticker(native: &str, numbers: [&str; 6], trades: u64, time: i64) -> Ticker {
    let [last, open_24h, high_24h, low_24h, volume_24h, quote_volume_24h] = numbers.map(decimal);
    let (open_24h, quote_volume_24h) = (Some(open_24h), Some(quote_volume_24h));
    Ticker {
        native: native.into(),
        last,
        open_24h,
        high_24h,
        low_24h,
        volume_24h,
        quote_volume_24h,
        mean_24h: None,
        trades_24h: Some(trades),
        at: at(time),
    }
}

fn refusal(status: u16, retry_after: Option<&str>, body: &[u8]) -> Refusal {
    let now = at(1_704_067_200_000);
    refusal::refusal(&Response { host: "api.example", status, retry_after, body, native: "NOPEUSDT", now })
}

#[test]
fn own_candles() {
    let expected = [
        candle(
            1_704_067_200_000,
            ["42000.1", "42010", "41990.5", "42005.25", "12.34567", "518546.12345678"],
            321,
            ["6.1", "256232.025"],
        ),
        candle(1_704_067_260_000, ["42005.25", "42005.25", "42005.25", "42005.25", "0", "0"], 0, ["0", "0"]),
        candle(1_704_067_320_000, ["42005.25", "42100", "42000", "42099.99", "3", "126200"], 55, ["1", "42066"]),
    ];
    assert_eq!(candles(&own("klines_1m.json"), Interval::M1), expected);
}

#[test]
fn own_bad_rows() {
    let rows = parse::klines(&own("klines_bad_rows.json"), Interval::M1).unwrap();
    let found: Vec<(Option<i64>, Option<&str>)> = rows
        .iter()
        .map(|row| match row {
            Ok(candle) => (Some(candle.open_time.ms()), None),
            Err(bad) => (bad.time.map(Time::ms), Some(bad.reason.as_str())),
        })
        .collect();
    let expected = [
        (Some(1_704_067_200_000), None),
        (Some(1_704_067_260_000), Some("high is null, not a decimal in quotes")),
        (Some(1_704_067_320_000), Some("4 columns instead of 12")),
        (Some(1_704_067_380_000), Some("close time is before open time")),
        (Some(1_704_067_440_000), Some("close: `1,55` is not a decimal number")),
        (None, Some("row is not an array")),
        (Some(1_704_067_500_000), None),
    ];
    assert_eq!(found, expected);
    let payload = r#"[1704067320000, "1.5", "1.6", "1.4"]"#;
    assert_eq!(rows[2].as_ref().unwrap_err().payload, payload);
}

#[test]
fn own_instruments() {
    let list = parse::instruments(&own("exchange_info.json")).unwrap();
    let expected = [
        instrument("LEMON", "USDT", InstrumentStatus::Trading, "0.0001", "0.1", 4),
        instrument("FIG", "BTC", InstrumentStatus::Halted, "0.00000001", "1", 8),
    ];
    assert_eq!(list.instruments, expected);
    assert_eq!((list.weight_per_minute, list.requests_per_five_minutes, list.unreadable.len()), (Some(6_000), Some(300_000), 0));
}

#[test]
fn own_tickers() {
    let expected = ticker("LEMONUSDT", ["1.3", "1.25", "1.31", "1.23", "1000", "1270"], 42, 1_704_067_200_123);
    assert_eq!(parse::tickers(&own("ticker_24hr.json")), Ok(vec![expected]));
}

#[test]
fn own_refusals() {
    assert_eq!(refusal(418, None, &own("error_banned.json")), Refusal::Banned(Some(Duration::from_secs(600))));
    let expected =
        ExchangeError::Blocked { host: "api.example".into(), status: 403, message: "403 Forbidden Request blocked".into() };
    assert_eq!(refusal(403, None, &own("error_forbidden.html")), Refusal::Failed(expected));
}

/// What no reader of ours takes for its own.
fn refused_by_all(body: &[u8]) {
    assert!(is_malformed(&parse::klines(body, Interval::M1)) && is_malformed(&parse::server_time(body)));
    assert!(is_malformed(&parse::instruments(body)) && is_malformed(&parse::tickers(body)));
    assert!(is_malformed(&rows::trades(body)));
}

/// Number, time, price and size, the taker's side, fills.
pub(crate) fn trade(id: i64, time: i64, numbers: [&str; 2], taker: Side, fills: i64) -> Trade {
    let [price, size] = numbers.map(decimal);
    Trade { id, time: at(time), nanos: None, price, size, side: taker, fills: Some(fills) }
}

/// Each shared body, held against what it must become.
type Check = fn(&[u8]);

/// Bodies of the REST endpoints in use.
const REST: [(&str, Check); 19] = [
    ("rest_klines__gocryptotrader__BTCUSDT-1m.json", |body| {
        let page = candles(body, Interval::M1);
        let first = candle(
            1_588_740_120_000,
            ["9033.34", "9039.99", "9032.75", "9033.15", "31.192968", "281893.08800082"],
            282,
            ["6.358103", "57447.26912415"],
        );
        let last = candle(
            1_588_743_660_000,
            ["9021.32", "9024.06", "9016", "9016.01", "16.888516", "152333.24938438"],
            194,
            ["11.628546", "104888.25866399"],
        );
        assert_eq!((page.len(), page[0], page[59]), (60, first, last));
    }),
    ("rest_klines__gocryptotrader__BTCUSDT-5m-limit.json", |body| {
        let page = candles(body, Interval::M5);
        let first = candle(
            1_586_987_400_000,
            ["6733.55", "6737.79", "6726.61", "6727.14", "121.201391", "815879.49416818"],
            2_208,
            ["56.190674", "378311.74215876"],
        );
        assert_eq!((page.len(), page[0]), (24, first));
        let as_minutes = parse::klines(body, Interval::M1).unwrap();
        assert!(as_minutes.iter().all(|row| row.as_ref().is_err_and(|bad| bad.time.is_some())), "the wrong interval shows");
    }),
    ("rest_klines__gocryptotrader__BTCUSDT-1d-2019.json", |body| {
        let page = candles(body, Interval::D1);
        let first = candle(
            1_546_300_800_000,
            ["3701.23", "3810.16", "3642", "3797.14", "23741.687033", "88149249.09230461"],
            154_227,
            ["12919.155899", "47973435.866858"],
        );
        assert_eq!((page.len(), page[0], page[364].open_time), (365, first, at(1_577_750_400_000)));
    }),
    ("rest_klines__nautilus_trader__BTCUSDT-1m-2021.json", |body| {
        let page = candles(body, Interval::M1);
        let last = candle(
            1_634_944_320_000,
            ["60739.85", "60739.85", "60739.85", "60739.85", "0.04734", "2875.424499"],
            7,
            ["0.04734", "2875.424499"],
        );
        assert_eq!((page.len(), page[page.len() - 1]), (10, last));
    }),
    ("rest_klines_empty__made-here.json", |body| assert_eq!(candles(body, Interval::M1), [])),
    ("rest_exchangeInfo__cryptofeed.json", |body| {
        let list = parse::instruments(body).unwrap();
        assert_eq!((list.instruments.len(), list.unreadable.len()), (15, 0));
        assert_eq!(list.instruments[0], instrument("ETH", "BTC", InstrumentStatus::Trading, "0.000001", "0.0001", 6));
        let halted: Vec<&str> = list
            .instruments
            .iter()
            .filter(|instrument| instrument.status == InstrumentStatus::Halted)
            .map(|instrument| instrument.native.as_str())
            .collect();
        assert_eq!(halted, ["BCCBTC"]);
        assert_eq!((list.weight_per_minute, list.requests_per_five_minutes), (Some(1_200), Some(6_100)));
    }),
    ("rest_exchangeInfo__funding-rate-arbitrage__2026.json", |body| {
        let list = parse::instruments(body).unwrap();
        let expected = [
            instrument("BTC", "USDT", InstrumentStatus::Trading, "0.01", "0.00001", 2),
            instrument("ETH", "USDT", InstrumentStatus::Trading, "0.01", "0.0001", 2),
            instrument("XRP", "USDT", InstrumentStatus::Trading, "0.0001", "0.1", 4),
        ];
        assert_eq!(list.instruments, expected);
        assert_eq!((list.weight_per_minute, list.requests_per_five_minutes), (Some(6_000), Some(300_000)));
    }),
    ("rest_ticker24hr__gocryptotrader__batch2.json", |body| {
        let btc = ["69624", "72292.68", "72700", "68830", "33278.39129", "2354076638.5966079"];
        let eth = ["2509.72", "2646.41", "2652.38", "2467.67", "442359.9272", "1131373139.265011"];
        let expected =
            vec![ticker("BTCUSDT", btc, 5_019_250, 1_730_439_018_472), ticker("ETHUSDT", eth, 3_679_523, 1_730_439_018_420)];
        assert_eq!(parse::tickers(body), Ok(expected));
    }),
    // One symbol is asked for by `symbol=`, which we never do: an object is not the promised list.
    ("rest_ticker24hr__gocryptotrader__BTCUSDT.json", |body| {
        assert!(is_malformed(&parse::tickers(body)));
        let list = [b"[", body, b"]"].concat();
        let btc = ["6705.82", "6872.64", "6933", "6680.1", "57857.494857", "392659910.6266075"];
        assert_eq!(parse::tickers(&list), Ok(vec![ticker("BTCUSDT", btc, 554_428, 1_586_991_278_494)]));
    }),
    ("rest_time__nautilus_trader.json", |body| assert_eq!(parse::server_time(body), Ok(at(1_633_835_466_289)))),
    ("rest_aggTrades__gocryptotrader__window.json", |body| {
        let expected = [
            Ok(trade(202_789_181, 1_577_977_446_915, ["7143.44", "0.001675"], Side::Buy, 1)),
            Ok(trade(202_789_191, 1_577_977_453_080, ["7142.8", "0.059357"], Side::Sell, 1)),
        ];
        assert_eq!(rows::trades(body).unwrap(), expected);
    }),
    ("rest_aggTrades__nautilus_trader.json", |body| {
        let trades: Vec<Trade> = rows::trades(body).unwrap().into_iter().collect::<Result<_, BadRow>>().unwrap();
        assert_eq!(trades[2], trade(966_492_864, 1_634_944_096_877, ["60759.59", "0.00037"], Side::Sell, 1));
        assert!((966_492_862..=966_492_871).eq(trades.iter().map(|trade| trade.id)));
    }),
    // Bodies of endpoints that are not asked, and that those in use might be mistaken for.
    ("rest_avgPrice__nautilus_trader.json", refused_by_all),
    ("rest_bookTicker__nautilus_trader.json", refused_by_all),
    ("rest_tickerPrice__nautilus_trader.json", refused_by_all),
    ("rest_historicalTrades__nautilus_trader.json", |body| {
        assert!(
            rows::trades(body).unwrap().iter().all(|row| row.as_ref().is_err_and(|bad| bad.reason.contains("missing field")))
        );
    }),
    ("rest_ping__nautilus_trader.json", refused_by_all),
    ("rest_trades__nautilus_trader.json", |body| {
        let rows = parse::klines(body, Interval::M1).unwrap();
        assert!(!rows.is_empty() && rows.iter().all(|row| row.as_ref().is_err_and(|bad| bad.reason == "row is not an array")));
    }),
    ("rest_depth__nautilus_trader.json", refused_by_all),
];

/// Refusals: file, status, `Retry-After`, meaning.
fn refusals() -> [(&'static str, u16, Option<&'static str>, Refusal); 5] {
    let illegal = "Illegal characters found in parameter 'symbol'; legal range is '^[A-Z0-9-_.]{1,20}$'.";
    let restricted = "Service unavailable from a restricted location according to 'b. Eligibility' in \
        https://www.binance.com/en/terms. Please contact customer service if you believe you received this message in error.";
    [
        ("error_bad_interval__binance-spot-api-docs.json", 400, None, ExchangeError::UnknownInterval.into()),
        (
            "error_illegal_chars__binance-spot-api-docs.json",
            400,
            None,
            ExchangeError::BadRequest { code: -1100, message: illegal.into() }.into(),
        ),
        ("error_invalid_symbol__gocryptotrader.json", 400, None, ExchangeError::UnknownSymbol("NOPEUSDT".into()).into()),
        (
            "error_restricted_location__ccxt-issue.json",
            451,
            None,
            ExchangeError::Blocked { host: "api.example".into(), status: 451, message: restricted.into() }.into(),
        ),
        (
            "error_too_many_requests__binance-spot-api-docs.json",
            429,
            Some("23"),
            Refusal::RateLimited(Some(Duration::from_secs(23))),
        ),
    ]
}

#[test]
fn shared_bodies() {
    let Some(folder) = folder(FOLDER) else { return };
    check_bodies(&folder, REST);
}

#[test]
fn shared_refusals() {
    let Some(folder) = folder(FOLDER) else { return };
    for (name, status, retry_after, expected) in refusals() {
        let body = std::fs::read(folder.join(name)).unwrap();
        assert_eq!(refusal(status, retry_after, &body), expected, "{name}");
        assert!(is_malformed(&parse::klines(&body, Interval::M1)), "{name}: never a page, whatever the status");
    }
}

#[test]
fn every_shared_file_is_accounted_for() {
    let Some(folder) = folder(FOLDER) else { return };
    let frames = streams::FRAMES.map(|(name, _)| name);
    check_names(&folder, REST.map(|(name, _)| name).into_iter().chain(refusals().map(|(name, ..)| name)).chain(frames));
}
