//! The recorded bodies and frames of Binance's USD-M futures, from file to domain, where they are shared next
//! to the project.
//!
//! | shared file | what is held |
//! |---|---|
//! | `rest_klines*`, `rest_time*`, `rest_ticker24hr*` | candles, the clock and a ticker as whole values |
//! | `rest_exchangeInfo*` | perpetuals as whole values: the tick is the filter's, not the precision |
//! | `rest_aggTrades*` | trades as whole values: three of one millisecond |
//! | `rest_fundingRate*` | whole values: times off the hour stay so; without mark prices in 2020 |
//! | `rest_fundingInfo*`, `rest_premiumIndex*` | intervals, and forecasts as whole values |
//! | `rest_openInterestHist*` | whole values |
//! | `error_*` | the typed refusal |
//! | `ws_kline*`, `ws_aggTrade*`, `ws_markPrice*`, `ws_miniTicker*` | the events as whole values (`usdm_fixtures/streams.rs`) |
//! | `ws_minute_boundary*` | each frame heard; the minute closes once, before the first frame of the next |
//! | `ws_control*` | the answer, and that our own message is the recorded one |
//! | `ws_bookTicker*`, `ws_forceOrder*`, `ws_ticker*`, `ws_trade*` | streams that are not subscribed to: they say nothing |
//! | `rest_bookTicker*`, `rest_openInterest__*`, `rest_tickerPrice*` | endpoints that are not asked: refused by every reader |
//! | `rest_trades*` | the same: each row refused |
//! | `rest_markPriceKlines*` | the same, but its rows have the shape of candles: the path alone tells them apart |

mod streams;

use super::binance_fixtures::{candle, trade};
use super::support::fixtures::{at, check_bodies, check_names, decimal, folder, is_malformed};
use marketdata_tui::domain::funding::{Funding, FundingForecast};
use marketdata_tui::domain::instrument::{Contract, ExchangeId, Instrument, InstrumentKind, InstrumentStatus, Scales, Symbol};
use marketdata_tui::domain::interval::Interval;
use marketdata_tui::domain::open_interest::OpenInterest;
use marketdata_tui::domain::price::Decimal;
use marketdata_tui::domain::ticker::Ticker;
use marketdata_tui::domain::time::HOUR_MS;
use marketdata_tui::domain::trade::Side;
use marketdata_tui::exchange::binance::parse::{klines, server_time, tickers};
use marketdata_tui::exchange::binance::refusal::refusal;
use marketdata_tui::exchange::binance::rows::{Rows, trades};
use marketdata_tui::exchange::binance_usdm::parse;
use marketdata_tui::exchange::error::ExchangeError;
use marketdata_tui::exchange::response::Response;

const FOLDER: &str = "binanceusdm";

/// All rows, none of them bad.
fn sound<T>(rows: Result<Rows<T>, ExchangeError>) -> Vec<T> {
    rows.unwrap().into_iter().collect::<Result<_, _>>().unwrap()
}

fn perpetual(base: &str, price_decimals: u32, scales: Scales) -> Instrument {
    Instrument {
        exchange: ExchangeId::BinanceUsdm,
        symbol: Symbol::perpetual(base, "USDT", "USDT"),
        native: format!("{base}USDT"),
        base: base.into(),
        quote: "USDT".into(),
        kind: InstrumentKind::Perpetual { settle: "USDT".into(), contract: Contract::Base(Decimal::ONE) },
        stream_name: None,
        status: InstrumentStatus::Trading,
        price_decimals,
        scales,
    }
}

/// What no reader of the futures takes for its own.
pub(crate) fn refused_by_all(body: &[u8]) {
    assert!(is_malformed(&klines(body, Interval::M1)) && is_malformed(&server_time(body)) && is_malformed(&tickers(body)));
    assert!(is_malformed(&trades(body)) && is_malformed(&parse::instruments(body)) && is_malformed(&parse::single_ticker(body)));
    assert!(is_malformed(&parse::funding(body, "BTCUSDT")) && is_malformed(&parse::open_interest(body, "BTCUSDT")));
    assert!(is_malformed(&parse::forecast(body, "BTCUSDT")) && is_malformed(&parse::funding_intervals(body)));
}

/// Each shared body, held against what it must become.
type Check = fn(&[u8]);

const REST: [(&str, Check); 16] = [
    ("rest_aggTrades__gocryptotrader__BTCUSDT.json", |body| {
        let one_ms = 1_602_989_582_346;
        let expected = [
            trade(154_676_475, one_ms, ["11376.16", "0.001"], Side::Buy, 1),
            trade(154_676_476, one_ms, ["11378", "0.004"], Side::Buy, 1),
            trade(154_676_477, one_ms, ["11379.37", "1.672"], Side::Buy, 1),
            trade(154_676_478, 1_602_989_583_173, ["11378.46", "0.001"], Side::Buy, 1),
            trade(154_676_479, 1_602_989_583_660, ["11378.45", "0.09"], Side::Sell, 1),
        ];
        assert_eq!(sound(trades(body)), expected);
    }),
    ("rest_bookTicker__gocryptotrader.json", refused_by_all),
    ("rest_exchangeInfo__funding-rate-arbitrage__2026.json", |body| {
        let list = parse::instruments(body).unwrap();
        let scales = |price: u32, base: u32, quote: u32| Scales { price, base, quote };
        let expected = [
            // A tick of 0.10 with a precision of two decimals, which prices of earlier years have.
            perpetual("BTC", 1, scales(2, 6, 6)),
            perpetual("ETH", 2, scales(2, 6, 6)),
            perpetual("SOL", 2, scales(4, 5, 7)),
        ];
        assert_eq!((list.instruments, list.unreadable.len()), (expected.to_vec(), 0));
    }),
    ("rest_fundingInfo__gocryptotrader.json", |body| {
        let intervals = parse::funding_intervals(body).unwrap();
        let hours = |native: &str| intervals.of(native) / HOUR_MS;
        assert_eq!(["GTCUSDT", "LPTUSDT", "ENJUSDT", "BTCUSDT"].map(hours), [8, 4, 8, 8]);
    }),
    ("rest_fundingRate__EzequielBes-invest__BTCUSDT-2026.json", |body| {
        let row =
            |time: i64, rate: &str, mark: &str| Funding { time: at(time), rate: decimal(rate), mark_price: Some(decimal(mark)) };
        let expected =
            [row(1_786_780_800_002, "0.00006523", "63050.01692754"), row(1_786_809_600_000, "0.00005311", "63068.06537681")];
        assert_eq!(sound(parse::funding(body, "BTCUSDT")), expected);
        assert!(parse::funding(body, "ETHUSDT").unwrap().iter().all(Result::is_err), "of another symbol");
    }),
    ("rest_fundingRate__gocryptotrader__BTCUSDT-100.json", |body| {
        let rates = sound(parse::funding(body, "BTCUSDT"));
        let row = |time: i64, rate: &str| Funding { time: at(time), rate: decimal(rate), mark_price: None };
        assert_eq!(
            (rates.len(), rates[0], rates[1]),
            (100, row(1_600_128_000_000, "-0.0002227"), row(1_600_156_800_010, "-0.00002796"))
        );
        let near = |rate: &Funding| rate.time.ms() % (8 * HOUR_MS) < 100;
        assert!(rates.iter().all(near) && rates.windows(2).all(|pair| pair[0].time < pair[1].time));
    }),
    ("rest_klines__EzequielBes-invest__BTCUSDT-1h-2026.json", |body| {
        let first = ["63043.4", "63083", "63011.6", "63026.3", "1116.068", "70342488.017"];
        let second = ["63026.3", "63029.7", "63026.2", "63029.7", "70.64", "4452283.7333"];
        let expected = [
            candle(1_786_816_800_000, first, 16_911, ["460.737", "29038581.7224"]),
            candle(1_786_820_400_000, second, 1_524, ["48.581", "3061975.1096"]),
        ];
        assert_eq!(sound(klines(body, Interval::H1)), expected);
        assert!(klines(body, Interval::M1).unwrap().iter().all(Result::is_err), "the wrong interval shows");
    }),
    ("rest_klines__gocryptotrader__BTCUSDT-1d.json", |body| {
        let candles = sound(klines(body, Interval::D1));
        let numbers = ["16823.8", "17030", "16664.8", "16943.8", "316973.629", "5333655035.26937"];
        let last = candle(1_672_963_200_000, numbers, 1_370_628, ["160309.587", "2697892780.65753"]);
        assert_eq!((candles.len(), candles[5]), (6, last));
        assert!(candles.iter().all(|candle| candle.check().is_ok()));
    }),
    ("rest_markPriceKlines__crypto-api-docs.json", |body| {
        let candles = sound(klines(body, Interval::M1));
        let numbers = ["9653.29201333", "9654.56401333", "9653.07367333", "9653.07367333", "0", "0"];
        assert_eq!(candles, [candle(1_591_256_460_000, numbers, 60, ["0", "0"])]);
    }),
    ("rest_openInterestHist__EzequielBes-invest__BTCUSDT-1h-2026.json", |body| {
        let row = |time: i64, amount: &str, value: &str| OpenInterest {
            time: at(time),
            amount: decimal(amount),
            value: Some(decimal(value)),
        };
        let expected =
            [row(1_786_816_800_000, "111856.664", "7051831069.120872"), row(1_786_820_400_000, "111688.14", "7039340891.315014")];
        assert_eq!(sound(parse::open_interest(body, "BTCUSDT")), expected);
    }),
    ("rest_openInterest__gocryptotrader.json", refused_by_all),
    ("rest_premiumIndex__funding-rate-arbitrage__2026.json", |body| {
        // One symbol is asked for, which gives an object: a list is not the promised answer.
        assert!(is_malformed(&parse::forecast(body, "BTCUSDT")));
        let rows: Vec<serde_json::Value> = serde_json::from_slice(body).unwrap();
        let next_at = at(1_788_508_800_000);
        let expected = |rate: &str, mark: &str| {
            let (rate, mark_price) = (decimal(rate), Some(decimal(mark)));
            Ok(FundingForecast { rate, next_at, interval_ms: None, mark_price })
        };
        let forecast = |row: usize, native: &str| parse::forecast(rows[row].to_string().as_bytes(), native);
        assert_eq!(forecast(0, "ETHUSDT"), expected("0.0001", "2499.28210505"));
        assert_eq!(forecast(1, "BTCUSDT"), expected("0.00008384", "80680.2"));
    }),
    ("rest_ticker24hr__gocryptotrader__BTCUSDT.json", |body| {
        let ticker = Ticker {
            native: "BTCUSDT".into(),
            last: decimal("47028.59"),
            open_24h: Some(decimal("47184.22")),
            high_24h: decimal("47688.88"),
            low_24h: decimal("46280"),
            volume_24h: decimal("471823.103"),
            quote_volume_24h: Some(decimal("22175129357.2")),
            mean_24h: None,
            trades_24h: Some(4_084_092),
            at: at(1_630_042_423_017),
        };
        assert_eq!(parse::single_ticker(body), Ok(ticker.clone()));
        assert_eq!(tickers(&[b"[", body, b"]"].concat()), Ok(vec![ticker]));
        assert!(is_malformed(&tickers(body)));
    }),
    ("rest_tickerPrice__gocryptotrader.json", refused_by_all),
    ("rest_time__gocryptotrader.json", |body| assert_eq!(server_time(body), Ok(at(1_620_099_477_465)))),
    ("rest_trades__gocryptotrader__BTCUSDT.json", |body| {
        assert!(trades(body).unwrap().iter().all(|row| row.as_ref().is_err_and(|bad| bad.reason.contains("missing field"))));
    }),
];

const REFUSAL: &str = "error_invalid_symbol__gocryptotrader.json";

#[test]
fn shared_bodies() {
    let Some(folder) = folder(FOLDER) else { return };
    check_bodies(&folder, REST);
}

#[test]
fn the_shared_refusal() {
    let Some(folder) = folder(FOLDER) else { return };
    let body = std::fs::read(folder.join(REFUSAL)).unwrap();
    let (native, now) = ("BTCUSD_201225", at(1_704_067_200_000));
    let refused = Response { host: "api.example", status: 400, retry_after: None, body: &body, native, now };
    assert_eq!(refusal(&refused), ExchangeError::UnknownSymbol("BTCUSD_201225".into()).into());
    refused_by_all(&body);
}

#[test]
fn every_shared_file_is_accounted_for() {
    let Some(folder) = folder(FOLDER) else { return };
    let frames = streams::FRAMES.map(|(name, _)| name);
    check_names(&folder, REST.map(|(name, _)| name).into_iter().chain([REFUSAL]).chain(frames));
}
