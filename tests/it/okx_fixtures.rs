//! OKX's recorded REST bodies and stream frames, from file to domain, where they are shared next to
//! the project. What each file is held against:
//!
//! | file | asserted |
//! |---|---|
//! | `error_no_instrument` | HTTP 200, and the unknown symbol all the same |
//! | `error_too_many` | rate limited for two seconds, with HTTP 429 and 200 |
//! | `error_unavailable` | maintenance, with its words in Chinese |
//! | `rest_candles` (3) | candles of spot and swap, running ones told apart; contracts times size are the coins |
//! | `rest_empty` | a success without rows |
//! | `rest_fundingRateHistory__full-row` | the rate that was charged |
//! | `rest_fundingRateHistory__trimmed` | rows without it are refused, with their time |
//! | `rest_fundingRate` | the coming settlement and eight hours to the next |
//! | `rest_historyCandles` | a sample of the documentation that lies off every grid: nothing of it enters a page |
//! | `rest_indexTickers`, `rest_markPrice` | no tickers |
//! | `rest_instruments_spot`, `rest_instruments_swap` | whole instruments: spot, linear, inverse |
//! | `rest_markPriceCandles` | six columns are no candle |
//! | `rest_openInterestHistory` | rows in coins |
//! | `rest_openInterest` (2) | coins with 18 decimals; contracts alone are refused |
//! | `rest_tickers`, `rest_time`, `rest_trades` | whole tickers, time, trades |
//! | `ws_candle` | the refusal of the public socket names its instrument; a running candle |
//! | `ws_control` | acknowledgement and pong; what a client sends is no frame |
//! | `ws_fundingRate`, `ws_openInterest`, `ws_tickers`, `ws_tradesAll` | whole events |
//! | `ws_indexTickers`, `ws_markPrice`, `ws_trades` | channels that say nothing to us |
//! | `ws_session` | acknowledgements sent twice, 25 tickers, 69 trades with numbers that follow each other |

mod streams;

use super::support::fixtures::{at, check_bodies, check_names, decimal, folder};
use marketdata_tui::domain::candle::Candle;
use marketdata_tui::domain::funding::{Funding, FundingForecast};
use marketdata_tui::domain::instrument::{Contract, ExchangeId, Instrument, InstrumentKind, InstrumentStatus, Scales, Symbol};
use marketdata_tui::domain::interval::Interval;
use marketdata_tui::domain::open_interest::OpenInterest;
use marketdata_tui::domain::page::{Question, check};
use marketdata_tui::domain::price::Decimal;
use marketdata_tui::domain::range::TimeRange;
use marketdata_tui::domain::ticker::Ticker;
use marketdata_tui::domain::trade::{Side, Trade};
use marketdata_tui::exchange::error::ExchangeError;
use marketdata_tui::exchange::governor::Refusal;
use marketdata_tui::exchange::okx::parse::{self, CandleRow, Dated};
use marketdata_tui::exchange::okx::refusal::refusal;
use marketdata_tui::exchange::response::Response;
use serde_json::value::RawValue;
use std::time::Duration;
use streams::STREAM;

const FOLDER: &str = "okx";

fn rows(body: &[u8]) -> Vec<&RawValue> {
    parse::rows(body).unwrap()
}

const SPOT: &InstrumentKind = &InstrumentKind::Spot;

fn perpetual(settle: &str, contract: Contract) -> InstrumentKind {
    InstrumentKind::Perpetual { settle: settle.into(), contract }
}

fn linear() -> InstrumentKind {
    perpetual("USDT", Contract::Base(decimal("0.01")))
}

/// Native name, base, quote, kind, price tick and lot in base units.
fn instrument(native: &str, names: [&str; 2], kind: InstrumentKind, tick: &str, lot: &str, price_decimals: u32) -> Instrument {
    let [base, quote] = names;
    Instrument {
        exchange: ExchangeId::Okx,
        symbol: match &kind {
            InstrumentKind::Spot => Symbol::spot(base, quote),
            InstrumentKind::Perpetual { settle, .. } => Symbol::perpetual(base, quote, settle),
        },
        native: native.into(),
        base: base.into(),
        quote: quote.into(),
        kind,
        stream_name: None,
        status: InstrumentStatus::Trading,
        price_decimals,
        scales: Scales::from_steps(decimal(tick), decimal(lot)),
    }
}

/// Open time, OHLC, base and quote volume, and whether OKX has closed it.
fn candle(open_time: i64, numbers: [&str; 6], closed: bool) -> CandleRow {
    let [open, high, low, close, volume, quote_volume] = numbers.map(decimal);
    let candle = Candle {
        open_time: at(open_time),
        open,
        high,
        low,
        close,
        volume,
        quote_volume: Some(quote_volume),
        trade_count: None,
        taker_buy_volume: None,
        taker_buy_quote_volume: None,
    };
    assert_eq!(candle.check(), Ok(()));
    CandleRow { candle, closed: Some(closed) }
}

/// Native name; last, open, high, low, base volume; quote volume; time.
fn ticker(native: &str, numbers: [&str; 5], quote_volume: Option<&str>, time: i64) -> Ticker {
    let [last, open_24h, high_24h, low_24h, volume_24h] = numbers.map(decimal);
    let (open_24h, quote_volume_24h) = (Some(open_24h), quote_volume.map(decimal));
    Ticker {
        native: native.into(),
        last,
        open_24h,
        high_24h,
        low_24h,
        volume_24h,
        quote_volume_24h,
        mean_24h: None,
        trades_24h: None,
        at: at(time),
    }
}

fn trade(id: i64, price: &str, amount: &str, side: Side, time: i64) -> Trade {
    Trade { id, time: at(time), nanos: None, price: decimal(price), size: decimal(amount), side, fills: None }
}

/// Contracts times their size are the coins of the next column: no rounding on either side.
fn contracts_are_coins(body: &[u8], size: Decimal) {
    for row in rows(body) {
        let cells: Vec<&str> = serde_json::from_str(row.get()).unwrap();
        assert_eq!(decimal(cells[5]) * size, decimal(cells[6]), "{row}");
    }
}

type Check = fn(&[u8]);

/// Successes of the REST interface.
const REST: [(&str, Check); 19] = [
    ("rest_candles__EzequielBes-invest__BTC-USDT-SWAP-1H.json", |body| {
        let expected = [
            candle(1_786_820_400_000, ["63028", "63032.2", "63028", "63032.2", "8.618", "543180.43308"], false),
            candle(1_786_816_800_000, ["63045.5", "63081.5", "63013.7", "63028", "321.0118", "20234523.14448"], true),
        ];
        let found: Vec<CandleRow> = parse::candles(&rows(body), &linear()).into_iter().map(Result::unwrap).collect();
        assert_eq!(found, expected);
        contracts_are_coins(body, decimal("0.01"));
        // The hour is over by our clock before OKX has closed it.
        let kept = |now: i64| parse::told_closed(parse::candles(&rows(body), &linear()), Interval::H1, at(now)).len();
        assert_eq!((kept(1_786_823_999_999), kept(1_786_824_000_000)), (2, 1));
    }),
    ("rest_candles__idx7924631130__BTC-USDT-1m.json", |body| {
        let expected = [
            candle(1_686_023_700_000, ["25722.8", "25722.9", "25718.5", "25718.6", "0.45880158", "11801.420740324"], false),
            candle(1_686_023_640_000, ["25720", "25730", "25720", "25722.9", "1.33493028", "34338.110904479"], true),
        ];
        assert_eq!(parse::candles(&rows(body), SPOT), expected.map(Ok));
    }),
    ("rest_candles__nautilus_trader__BTC-USDT-SWAP-1m.json", |body| {
        let expected = [
            candle(1_747_094_040_000, ["102806.1", "102820.4", "102806.1", "102820.4", "10.4037", "1069603.34883"], true),
            candle(1_747_093_980_000, ["102806", "102820.5", "102783.1", "102806.1", "71.6404", "7364701.57952"], true),
        ];
        assert_eq!(parse::candles(&rows(body), &linear()), expected.map(Ok));
        contracts_are_coins(body, decimal("0.01"));
    }),
    ("rest_empty__bytex.json", |body| assert!(rows(body).is_empty())),
    ("rest_fundingRateHistory__EzequielBes-invest__trimmed.json", |body| {
        let found = parse::funding(&rows(body)).unwrap();
        let times: Vec<i64> = found.iter().map(|row| row.time.ms()).collect();
        assert_eq!(times, [1_786_809_600_000, 1_786_780_800_000]);
        assert!(found.iter().all(|row| row.row.as_ref().is_err_and(|bad| bad.reason.starts_with("no realizedRate"))));
    }),
    ("rest_fundingRateHistory__funding-rate-arbitrage__full-row.json", |body| {
        let time = at(1_788_480_000_000);
        let row = Ok(Funding { time, rate: decimal("0.0000418741079605"), mark_price: None });
        assert_eq!(parse::funding(&rows(body)), Ok(vec![Dated { time, row }]));
    }),
    ("rest_fundingRate__idx61887530695__BTC-USDT-SWAP.json", |body| {
        let expected = FundingForecast {
            rate: decimal("0.0000616430459607"),
            next_at: at(1_785_571_200_000),
            interval_ms: Some(8 * 3_600_000),
            mark_price: None,
        };
        assert_eq!(parse::coming_funding(&rows(body)), Ok(expected));
    }),
    ("rest_historyCandles__crypto-api-docs.json", |body| {
        let open_time = Interval::M1.floor(at(1_597_026_383_085));
        let found = parse::told_closed(parse::candles(&rows(body), SPOT), Interval::M1, at(i64::MAX));
        assert_eq!(found.iter().flatten().count(), 2, "sound as rows");
        let question = Question {
            range: TimeRange::new(open_time, open_time.plus_ms(60_000)),
            interval: Interval::M1,
            limit: 300,
            closed_before: at(i64::MAX),
            settled_before: at(i64::MAX),
        };
        let page = check(&question, found).unwrap();
        assert_eq!((page.candles.len(), page.rejected.len()), (0, 2));
    }),
    ("rest_indexTickers__nautilus_trader.json", |body| {
        assert!(parse::tickers(&rows(body), |_| Some(SPOT)).is_empty(), "an index is no market");
    }),
    ("rest_instruments_spot__bytex__2026.json", |body| {
        let expected = vec![
            instrument("BTC-USDT", ["BTC", "USDT"], InstrumentKind::Spot, "0.1", "0.00000001", 1),
            instrument("ETH-USDT", ["ETH", "USDT"], InstrumentKind::Spot, "0.01", "0.000001", 2),
        ];
        assert_eq!(parse::instruments(&rows(body)), Ok((expected, vec![])));
    }),
    ("rest_instruments_swap__bytex__2026.json", |body| {
        let expected = vec![
            instrument("BTC-USDT-SWAP", ["BTC", "USDT"], linear(), "0.1", "0.0001", 1),
            instrument("ETH-USDT-SWAP", ["ETH", "USDT"], perpetual("USDT", Contract::Base(decimal("0.1"))), "0.01", "0.001", 2),
            instrument("BTC-USD-SWAP", ["BTC", "USD"], perpetual("BTC", Contract::Quote(decimal("100"))), "0.1", "0.00000001", 1),
        ];
        let found = parse::instruments(&rows(body)).unwrap();
        assert_eq!(
            found.0.iter().map(|it| it.symbol.as_str()).collect::<Vec<_>>(),
            ["BTC/USDT:USDT", "ETH/USDT:USDT", "BTC/USD:BTC"]
        );
        assert_eq!(found, (expected, vec![]));
    }),
    ("rest_markPriceCandles__crypto-api-docs.json", |body| {
        for row in parse::candles(&rows(body), SPOT) {
            let bad = row.unwrap_err();
            assert_eq!((bad.time, bad.reason.as_str()), (Some(at(1_597_026_383_085)), "6 columns instead of 9 or 7"));
        }
    }),
    ("rest_markPrice__nautilus_trader.json", |body| assert!(parse::tickers(&rows(body), |_| Some(SPOT)).is_empty())),
    ("rest_openInterestHistory__crypto-api-docs.json", |body| {
        let expected = [1_701_417_600_000, 1_701_417_500_000].map(|ms| {
            let row = OpenInterest { time: at(ms), amount: decimal("111"), value: Some(decimal("8888888")) };
            Dated { time: at(ms), row: Ok(row) }
        });
        assert_eq!(parse::open_interest(&rows(body)), Ok(expected.to_vec()));
    }),
    ("rest_openInterest__EzequielBes-invest__float-artefact.json", |body| {
        let error = parse::open_interest_now(rows(body)[0].get()).unwrap_err();
        assert!(error.contains("missing field `oiCcy`"), "contracts alone are no amount: {error}");
    }),
    ("rest_openInterest__crypto-msg-parser__list.json", |body| {
        let found: Vec<OpenInterest> = rows(body).iter().map(|row| parse::open_interest_now(row.get()).unwrap()).collect();
        let expected = ["13840.048827662696883", "123562.1205163528751467"].map(|amount| OpenInterest {
            time: at(1_654_348_683_853),
            amount: decimal(amount),
            value: None,
        });
        assert_eq!(found, expected);
    }),
    ("rest_tickers__crypto-api-docs.json", |body| {
        let inverse = perpetual("LTC", Contract::Quote(Decimal::TEN));
        let found = parse::tickers(&rows(body), |native| (native == "LTC-USD-SWAP").then_some(&inverse));
        let numbers = ["9999.99", "9000", "10000", "8888.88", "2222"];
        assert_eq!(found, [ticker("LTC-USD-SWAP", numbers, None, 1_597_026_383_085)]);
    }),
    ("rest_time__crypto-api-docs.json", |body| assert_eq!(parse::server_time(&rows(body)), Ok(at(1_597_026_383_085)))),
    ("rest_trades__nautilus_trader__BTC-USDT.json", |body| {
        let expected = [
            trade(734_864_333, "102537.9", "0.00013669", Side::Sell, 1_747_087_163_557),
            trade(734_864_332, "102537.9", "0.0000125", Side::Buy, 1_747_087_161_666),
        ];
        let found = parse::trades(&rows(body), SPOT).unwrap();
        assert!(
            found.iter().zip(&expected).all(|(found, expected)| (found.id, found.dated.time) == (expected.id, expected.time))
        );
        assert_eq!(found.into_iter().map(|trade| trade.dated.row).collect::<Vec<_>>(), expected.map(Ok));
    }),
];

/// Refusals: file, status, meaning.
fn refusals() -> [(&'static str, u16, Refusal); 3] {
    [
        ("error_no_instrument__bytex.json", 200, ExchangeError::UnknownSymbol("NOPE-USDT".into()).into()),
        ("error_too_many__crypto-api-docs.json", 429, Refusal::RateLimited(Some(Duration::from_secs(2)))),
        ("error_unavailable__python-okx-issue.json", 503, ExchangeError::Maintenance("服务暂时不可用，请稍后重试".into()).into()),
    ]
}

#[test]
fn shared_bodies() {
    let Some(folder) = folder(FOLDER) else { return };
    check_bodies(&folder, REST.into_iter().chain(STREAM));
}

#[test]
fn shared_refusals() {
    let Some(folder) = folder(FOLDER) else { return };
    for (name, status, expected) in refusals() {
        let body = std::fs::read(folder.join(name)).unwrap();
        assert!(parse::rows(&body).is_none(), "{name}: never a page, whatever the status");
        for status in [status, 200] {
            let (body, native, now) = (&body[..], "NOPE-USDT", at(0));
            let refused = Response { host: "okx.example", status, retry_after: None, body, native, now };
            assert_eq!(refusal(&refused), expected, "{name} with HTTP {status}");
        }
    }
}

#[test]
fn every_shared_file_is_accounted_for() {
    let Some(folder) = folder(FOLDER) else { return };
    let read = REST.into_iter().chain(STREAM).map(|(name, _)| name);
    check_names(&folder, read.chain(refusals().map(|(name, ..)| name)));
}
