//! Kraken's recorded payloads, from file to domain, where they are shared next to the project.
//!
//! | file | what is asserted |
//! |---|---|
//! | `error_rate_limit__made-here.json` | HTTP 200 without a result is a rate limit: 3 s of silence |
//! | `error_unavailable__made-here.json` | a failure of the server, to be tried again |
//! | `error_unknown_pair__bytex.json` | an unknown symbol, with `result` null |
//! | `rest_assetPairs__bytex__2026.json`, `rest_assets__bytex__2026.json` | five whole instruments, their unified and stream names; `cancel_only` is halted; an asset that is not listed |
//! | `rest_ohlc__bytex__BTCUSD-60.json` | four whole candles under the key "BTC/USD"; the third is the last complete one |
//! | `rest_ohlc__ccxt-issue__XBTUSDT-60-since.json` | seven candles of hours behind `since`, which is exclusive |
//! | `rest_ohlc__nautilus_trader__XBTUSDT-1-zero-rows.json` | 120 minutes without a hole, 41 of them without trades |
//! | `rest_systemStatus__nautilus_trader.json` | a sound envelope that is none of the lists |
//! | `rest_ticker__nautilus_trader__XBTUSDT.json` | one whole ticker, of 24 h and not of today |
//! | `rest_time__nautilus_trader.json` | the clock |
//! | `rest_trades__Kraken.Net__doc-sample.json` | three whole trades; their numbers jump, so nothing is proven quiet |
//! | `rest_trades__bytex__BTCUSD.json` | three whole trades, the cursor to the nanosecond; folded into one exact candle |
//! | `ws1_trade_session__cryptofeed.jsonl` | every frame of version 1 is refused as unreadable |
//! | `ws2_book__bytex__BTCUSD.jsonl` | a channel that nobody asked for is refused as unreadable |
//! | `ws2_control__bytex.jsonl` | greeting with a number above i64, heartbeat, acknowledgement, refusal, pong; what the client sent |
//! | `ws2_ohlc__bytex__BTCUSD.jsonl` | one whole forming candle |
//! | `ws2_ohlc__idx65731948028__BTCUSDT-gaps.jsonl` | an acknowledgement with a warning, nine candles of which three minutes are absent, an update of an older candle after newer ones |
//! | `ws2_ticker__bytex__BTCUSD.jsonl` | one whole ticker; the price of a day ago by the change |
//! | `ws2_trade__bytex__BTCUSD.jsonl` | one whole trade, its size by the digits |
//! | `kraken_archive/ohlcvt_XBTUSDC_1__iaqf_analysis.csv` | 1,500 sound minutes on the grid, with those without trades left out |
//! | `kraken_archive/trades_BCHEUR__freqtrade.csv` | 148 trades, folded by the adapter into what a sum by hand gives |

#[cfg(test)]
mod archive;

use super::support::fixtures::{at, decimal, files, folder};
use marketdata_tui::domain::candle::Candle;
use marketdata_tui::domain::instrument::{ExchangeId, Instrument, InstrumentKind, InstrumentStatus, Scales, Symbol};
use marketdata_tui::domain::interval::Interval;
use marketdata_tui::domain::page::BadRow;
use marketdata_tui::domain::range::TimeRange;
use marketdata_tui::domain::ticker::Ticker;
use marketdata_tui::domain::time::{MINUTE_MS, Time};
use marketdata_tui::domain::trade::{Side, Trade};
use marketdata_tui::exchange::error::ExchangeError;
use marketdata_tui::exchange::governor::Refusal;
use marketdata_tui::exchange::kraken::parse::{self, TradeList};
use marketdata_tui::exchange::kraken::rebuild::{Progress, Rebuild, Rebuilt};
use marketdata_tui::exchange::kraken::refusal::Reply;
use marketdata_tui::exchange::kraken::stream::KrakenProtocol;
use marketdata_tui::exchange::response::Response;
use marketdata_tui::exchange::stream::{BadFrame, Heard, Protocol as _, StreamEvent};
use std::sync::Arc;
use std::time::Duration;

fn text(name: &str) -> Option<String> {
    folder("kraken").map(|folder| std::fs::read_to_string(folder.join(name)).unwrap())
}

/// The result in an answer with HTTP 200.
fn opened(body: &str) -> Result<&str, Refusal> {
    let now = Time::from_ms(1_790_000_000_000);
    let body = body.as_bytes();
    let response = Response { host: "api.example", status: 200, retry_after: None, body, native: "NOPE", now };
    Reply { response, strikes: 0 }.result()
}

fn result(body: &str) -> &str {
    opened(body).unwrap()
}

/// Open time in seconds, OHLC, volume, trades.
fn candle(seconds: i64, numbers: [&str; 5], trades: i64) -> Candle {
    let [open, high, low, close, volume] = numbers.map(decimal);
    Candle {
        open_time: at(seconds * 1_000),
        open,
        high,
        low,
        close,
        volume,
        quote_volume: None,
        trade_count: Some(trades),
        taker_buy_volume: None,
        taker_buy_quote_volume: None,
    }
}

fn trade(id: i64, (ms, nanos): (i64, u32), price: &str, size: &str, taker: Side) -> Trade {
    Trade { id, time: at(ms), nanos: Some(nanos), price: decimal(price), size: decimal(size), side: taker, fills: None }
}

fn candles(name: &str, interval: Interval) -> Option<(Vec<Candle>, Time)> {
    let body = text(name)?;
    let list = parse::ohlc(result(&body), interval).unwrap();
    let candles: Vec<Candle> = list.rows.into_iter().collect::<Result<_, BadRow>>().unwrap();
    assert!(candles.iter().all(|candle| candle.check().is_ok()));
    assert!(candles.windows(2).all(|pair| pair[0].open_time.plus_ms(interval.ms()) == pair[1].open_time));
    Some((candles, list.last))
}

#[test]
fn errors() {
    let Some(body) = text("error_rate_limit__made-here.json") else { return };
    assert_eq!(opened(&body), Err(Refusal::RateLimited(Some(Duration::from_secs(3)))));
    let body = text("error_unavailable__made-here.json").unwrap();
    let server = ExchangeError::Server { status: 200, message: "EService:Unavailable".into() };
    assert_eq!(opened(&body), Err(server.into()));
    let body = text("error_unknown_pair__bytex.json").unwrap();
    assert_eq!(opened(&body), Err(ExchangeError::UnknownSymbol("NOPE".into()).into()));
}

/// Native, base, quote, decimals of price and of quote sums.
fn listed(native: &str, base: &str, quote: &str, status: InstrumentStatus, price: u32, sums: u32) -> Instrument {
    Instrument {
        exchange: ExchangeId::Kraken,
        symbol: Symbol::spot(base, quote),
        native: native.into(),
        base: base.into(),
        quote: quote.into(),
        kind: InstrumentKind::Spot,
        stream_name: Some(format!("{base}/{quote}")),
        status,
        price_decimals: price,
        scales: Scales { price, base: 8, quote: sums },
    }
}

#[test]
fn instruments() {
    let Some(pairs) = text("rest_assetPairs__bytex__2026.json") else { return };
    let assets = text("rest_assets__bytex__2026.json").unwrap();
    let list = parse::instruments(result(&assets), result(&pairs)).unwrap();
    let expected = [
        listed("ACAEUR", "ACA", "EUR", InstrumentStatus::Halted, 5, 10),
        listed("SOLUSD", "SOL", "USD", InstrumentStatus::Trading, 2, 10),
        listed("XDGUSD", "DOGE", "USD", InstrumentStatus::Trading, 7, 10),
        listed("XETHXXBT", "ETH", "BTC", InstrumentStatus::Trading, 6, 10),
        listed("XXBTZUSD", "BTC", "USD", InstrumentStatus::Trading, 1, 9),
    ];
    assert_eq!((list.instruments, list.unreadable), (expected.to_vec(), vec![]));
}

#[test]
fn candles_under_any_key() {
    let Some((hours, last)) = candles("rest_ohlc__bytex__BTCUSD-60.json", Interval::H1) else { return };
    let expected = [
        candle(1_790_348_400, ["84001.9", "84075.9", "83351.5", "83777.5", "159.04484404"], 9_205),
        candle(1_790_352_000, ["83777.6", "84097.0", "83706.0", "83732.6", "177.10097004"], 7_919),
        candle(1_790_355_600, ["83732.7", "83969.8", "83612.9", "83765.4", "81.13696690"], 5_879),
        candle(1_790_359_200, ["83765.3", "84050.3", "83765.3", "84030.6", "53.72114923"], 2_375),
    ];
    assert_eq!((&hours[..], last), (&expected[..], expected[2].open_time));
    let (hours, last) = candles("rest_ohlc__ccxt-issue__XBTUSDT-60-since.json", Interval::H1).unwrap();
    let first = candle(1_716_526_800, ["67692.8", "67692.8", "67132.0", "67307.3", "20.92610534"], 399);
    assert_eq!((hours.len(), hours[0], last), (7, first, hours[5].open_time));
    let since = 1_716_523_348;
    assert_eq!(hours[0].open_time, Interval::H1.ceil(at(since * 1_000)), "the first that opens behind it");
    // Taken for days they are refused: full hours are off that grid.
    let body = text("rest_ohlc__ccxt-issue__XBTUSDT-60-since.json").unwrap();
    let days = parse::ohlc(result(&body), Interval::D1).unwrap().rows;
    assert!(days.iter().all(|row| row.as_ref().is_err_and(|bad| bad.reason == "open time is off the 1d grid")));
}

#[test]
fn minutes_without_trades_come_as_rows() {
    let Some((minutes, last)) = candles("rest_ohlc__nautilus_trader__XBTUSDT-1-zero-rows.json", Interval::M1) else { return };
    let first = candle(1_762_777_020, ["106038.2", "106038.2", "106038.2", "106038.2", "0"], 0);
    let fourth = candle(1_762_777_200, ["106038.1", "106044.3", "106038.1", "106040.1", "0.08317981"], 3);
    let newest = candle(1_762_784_160, ["106205.9", "106205.9", "106205.9", "106205.9", "0.00524484"], 1);
    assert_eq!((minutes.len(), minutes[0], minutes[3], minutes[119]), (120, first, fourth, newest));
    assert_eq!(last, minutes[118].open_time);
    let quiet: Vec<&Candle> = minutes.iter().filter(|minute| minute.trade_count == Some(0)).collect();
    assert_eq!(quiet.len(), 41);
    assert!(quiet.iter().all(|minute| minute.volume.is_zero() && minute.open == minute.close && minute.high == minute.low));
}

#[test]
fn ticker_time_and_status() {
    let Some(body) = text("rest_ticker__nautilus_trader__XBTUSDT.json") else { return };
    let expected = Ticker {
        native: "XBTUSDT".into(),
        last: decimal("105899.4"),
        open_24h: None,
        high_24h: decimal("106613.1"),
        low_24h: decimal("104711"),
        volume_24h: decimal("163.28908096"),
        quote_volume_24h: None,
        mean_24h: Some(decimal("105904.39279")),
        trades_24h: Some(3276),
        at: at(7),
    };
    assert_eq!(parse::tickers(result(&body), at(7)), Ok(vec![expected]));
    let body = text("rest_time__nautilus_trader.json").unwrap();
    assert_eq!(parse::server_time(result(&body)), Ok(at(1_762_820_224_000)));
    let body = text("rest_systemStatus__nautilus_trader.json").unwrap();
    let status = result(&body);
    assert!(parse::ohlc(status, Interval::M1).is_err() && parse::trades(status).is_err());
    assert!(parse::server_time(status).is_err());
    assert!(parse::instruments("{}", status).is_err());
}

fn trades(name: &str) -> Option<(Vec<Trade>, i64)> {
    let body = text(name)?;
    let list = parse::trades(result(&body)).unwrap();
    Some((list.rows.into_iter().collect::<Result<_, BadRow>>().unwrap(), list.last))
}

/// Folds trades to minutes, long after the last of them.
fn fold(trades: &[Trade], range: TimeRange) -> Rebuilt {
    let mut rebuild = Rebuild::new(Interval::M1, range);
    let newest = trades.last().unwrap();
    let list = || TradeList {
        rows: trades.iter().copied().map(Ok).collect(),
        last: newest.time.ms() * 1_000_000 + i64::from(newest.nanos.unwrap()),
    };
    let later = range.to.plus_ms(1_000 * MINUTE_MS);
    while rebuild.take(list(), later).unwrap() == Progress::More {}
    rebuild.finish()
}

#[test]
fn trades_to_the_nanosecond() {
    let Some((sample, last)) = trades("rest_trades__Kraken.Net__doc-sample.json") else { return };
    let expected = [
        trade(61_044_952, (1_688_669_597_827, 736_900), "30243.4", "0.34507674", Side::Buy),
        trade(61_044_953, (1_688_669_598_280, 411_200), "30243.3", "0.0037696", Side::Sell),
        trade(61_044_956, (1_688_669_602_698, 379_000), "30243.3", "0.01235716", Side::Sell),
    ];
    assert_eq!((&sample[..], last), (&expected[..], 1_688_671_969_993_150_842));
    let (recorded, last) = trades("rest_trades__bytex__BTCUSD.json").unwrap();
    let expected = [
        trade(109_118_758, (1_790_359_840_939, 291_200), "83930.3", "0.000051", Side::Sell),
        trade(109_118_759, (1_790_359_841_138, 228_700), "83928", "0.00044682", Side::Buy),
        trade(109_118_760, (1_790_359_841_138, 228_700), "83935.4", "0.00551352", Side::Buy),
    ];
    assert_eq!((&recorded[..], last), (&expected[..], 1_790_359_841_138_228_746));
}

#[test]
fn recorded_trades_fold_exactly() {
    let Some((recorded, _)) = trades("rest_trades__bytex__BTCUSD.json") else { return };
    let minute = Interval::M1.floor(recorded[0].time);
    let made = fold(&recorded, TimeRange::new(minute, minute.plus_ms(3 * MINUTE_MS)));
    let expected = Candle {
        quote_volume: Some(decimal("504.560660868")),
        taker_buy_volume: Some(decimal("0.00596034")),
        taker_buy_quote_volume: Some(decimal("500.280215568")),
        ..candle(minute.ms() / 1_000, ["83930.3", "83935.4", "83928", "83935.4", "0.00601134"], 3)
    };
    // Nothing came behind the trades, so that the later minutes are not proven quiet.
    assert_eq!(made, Rebuilt { rows: vec![Ok(expected)], quiet: vec![] });
    // Numbers 61044953 and 61044956 do not follow each other, whatever lies between.
    let (mut sample, _) = trades("rest_trades__Kraken.Net__doc-sample.json").unwrap();
    sample[2].time = sample[2].time.plus_ms(5 * MINUTE_MS);
    let minute = Interval::M1.floor(sample[0].time);
    let made = fold(&sample, TimeRange::new(minute, minute.plus_ms(7 * MINUTE_MS)));
    assert_eq!((made.rows.len(), made.quiet.len()), (2, 0));
}

fn named(native: &str, stream_name: &str) -> Arc<Instrument> {
    let (base, quote) = stream_name.split_once('/').unwrap();
    Arc::new(listed(native, base, quote, InstrumentStatus::Trading, 1, 9))
}

/// What each frame of a file says to somebody who listens to both pairs.
fn heard(name: &str) -> Option<Vec<Result<Vec<Heard>, BadFrame>>> {
    let frames = text(name)?;
    let roster = [named("XXBTZUSD", "BTC/USD"), named("XBTUSDT", "BTC/USDT")].iter().collect();
    let protocol = KrakenProtocol::new("wss://ws.kraken.com").unwrap();
    Some(frames.lines().filter(|line| !line.is_empty()).map(|line| protocol.read(line, &roster)).collect())
}

#[expect(clippy::unnecessary_wraps, reason = "reading a frame may fail")]
fn alone(event: StreamEvent) -> Result<Vec<Heard>, BadFrame> {
    Ok(vec![Heard { at: None, event }])
}

#[test]
fn control_frames() {
    let Some(frames) = heard("ws2_control__bytex.jsonl") else { return };
    let reason = "Currency pair not supported XBT/USD".into();
    assert!(frames[0].is_err() && frames[5].is_err(), "what the client sent is no news");
    assert_eq!(
        frames[1..5],
        [
            alone(StreamEvent::Beat),
            alone(StreamEvent::Beat),
            alone(StreamEvent::Acknowledged),
            alone(StreamEvent::Refused { name: Some("XBT/USD".into()), id: None, reason }),
        ]
    );
    assert_eq!(frames[6..], [alone(StreamEvent::Beat)]);
}

#[test]
fn frames_of_other_channels_and_of_version_one_are_unreadable() {
    let Some(book) = heard("ws2_book__bytex__BTCUSD.jsonl") else { return };
    let what = "a frame of no known kind: channel book, method none";
    assert_eq!(book.len(), 2);
    assert!(book.iter().all(|frame| frame.as_ref().is_err_and(|bad| bad.what == what)));
    let session = heard("ws1_trade_session__cryptofeed.jsonl").unwrap();
    assert!(session.len() > 40 && session.iter().all(Result::is_err));
}

#[test]
fn forming_candles() {
    let Some(frames) = heard("ws2_ohlc__bytex__BTCUSD.jsonl") else { return };
    let candle_event = |stream_name: &str, native: &str, candle: Candle| StreamEvent::Candle {
        instrument: named(native, stream_name),
        interval: Interval::M1,
        candle,
        closed: false,
    };
    let only = candle(1_790_358_480, ["83729.5", "83745.2", "83729.4", "83744.3", "0.21155628"], 33);
    let event = candle_event("BTC/USD", "XXBTZUSD", only);
    assert_eq!(frames, [Ok(vec![Heard { at: Some(at(1_790_358_506_844)), event }])]);

    let frames = heard("ws2_ohlc__idx65731948028__BTCUSDT-gaps.jsonl").unwrap();
    assert_eq!((frames.len(), &frames[0]), (3, &alone(StreamEvent::Acknowledged)));
    let snapshot = frames[1].as_ref().unwrap();
    let begun = 1_789_061_520;
    let minutes: Vec<i64> = snapshot
        .iter()
        .map(|heard| match &heard.event {
            StreamEvent::Candle { candle, closed: false, .. } => candle.open_time.since(at(begun * 1_000)) / MINUTE_MS,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(minutes, [0, 1, 2, 3, 6, 7, 8, 9, 11], "17:36, 17:37 and 17:42 had no trades");
    let first = candle(begun, ["77400.0", "77445.8", "77400.0", "77416.3", "0.25302078"], 15);
    let event = candle_event("BTC/USDT", "XBTUSDT", first);
    assert_eq!(snapshot[0], Heard { at: Some(at(1_789_062_283_105)), event });
    let late = candle(begun + 180, ["77499.9", "77509.2", "77467.5", "77509.2", "0.58051276"], 15);
    let event = candle_event("BTC/USDT", "XBTUSDT", late);
    assert_eq!(frames[2], Ok(vec![Heard { at: Some(at(1_789_061_752_114)), event }]));
}

#[test]
fn streamed_ticker_and_trade() {
    let Some(frames) = heard("ws2_ticker__bytex__BTCUSD.jsonl") else { return };
    let time = at(1_790_358_506_844);
    let ticker = Ticker {
        native: "XXBTZUSD".into(),
        last: decimal("83744.3"),
        open_24h: Some(decimal("84173.6")),
        high_24h: decimal("85247.4"),
        low_24h: decimal("83163.6"),
        volume_24h: decimal("3156.8478211"),
        quote_volume_24h: None,
        mean_24h: Some(decimal("84174.6")),
        trades_24h: None,
        at: time,
    };
    let event = StreamEvent::Ticker { instrument: named("XXBTZUSD", "BTC/USD"), ticker };
    assert_eq!(frames, [Ok(vec![Heard { at: Some(time), event }])]);
    let frames = heard("ws2_trade__bytex__BTCUSD.jsonl").unwrap();
    let trade = trade(109_116_693, (1_790_358_506_844, 359_000), "83744.3", "0.0004478", Side::Buy);
    let event = StreamEvent::Trade { instrument: named("XXBTZUSD", "BTC/USD"), trade };
    assert_eq!(frames, [Ok(vec![Heard { at: Some(time), event }])]);
}

#[test]
fn every_shared_file_is_accounted_for() {
    let own = concat!(include_str!("kraken_fixtures.rs"), include_str!("kraken_fixtures/archive.rs"));
    let listed = |name: &str| own.lines().take_while(|line| line.starts_with("//!")).any(|line| line.contains(name));
    for name in ["kraken", "kraken_archive"] {
        let Some(folder) = folder(name) else { return };
        for file in files(&folder) {
            assert!(listed(&file), "{file} has no row");
            assert!(own.matches(&file).count() > 1, "{file} is read by no test");
        }
    }
}
