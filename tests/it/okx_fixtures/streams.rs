//! Frames of streams.

use super::{Check, candle, instrument, perpetual, ticker, trade};
use crate::support::fixtures::{at, decimal};
use marketdata_tui::domain::funding::FundingForecast;
use marketdata_tui::domain::instrument::{Contract, Instrument, InstrumentKind};
use marketdata_tui::domain::interval::Interval;
use marketdata_tui::domain::open_interest::OpenInterest;
use marketdata_tui::domain::trade::{Side, Trade};
use marketdata_tui::exchange::okx::parse;
use marketdata_tui::exchange::okx::stream::OkxStream;
use marketdata_tui::exchange::stream::{BadFrame, Heard, Protocol as _, Roster, StreamEvent};
use std::sync::Arc;

fn btc() -> Arc<Instrument> {
    Arc::new(instrument("BTC-USDT", ["BTC", "USDT"], InstrumentKind::Spot, "0.1", "0.00000001", 1))
}

fn swap(base: &str, size: &str) -> Arc<Instrument> {
    let kind = perpetual("USDT", Contract::Base(decimal(size)));
    Arc::new(instrument(&format!("{base}-USDT-SWAP"), [base, "USDT"], kind, "0.1", "0.01", 1))
}

/// What each line says to whom BTC spot and the swaps of BTC, ETH and WNCG are of interest.
fn read(text: &[u8]) -> Vec<Result<Vec<Heard>, BadFrame>> {
    let stream = OkxStream::new("wss://ws.okx.com:8443").unwrap();
    let instruments = [btc(), swap("BTC", "0.01"), swap("ETH", "0.1"), swap("WNCG", "1")];
    let roster: Roster = instruments.iter().collect();
    std::str::from_utf8(text).unwrap().lines().map(|line| stream.read(line, &roster)).collect()
}

fn events(text: &[u8]) -> Vec<Heard> {
    read(text).into_iter().flat_map(Result::unwrap).collect()
}

fn dated(ms: i64, event: StreamEvent) -> Heard {
    Heard { at: Some(at(ms)), event }
}

fn undated(event: StreamEvent) -> Heard {
    Heard { at: None, event }
}

/// Frames of streams.
pub(super) const STREAM: [(&str, Check); 10] = [
    ("ws_candle__idx68865579273__BTC-USDT.jsonl", |text| {
        let found = events(text);
        let StreamEvent::Refused { name, reason, .. } = &found[0].event else { panic!("{found:?}") };
        assert_eq!(name.as_deref(), Some("BTC-USDT"));
        assert!(reason.starts_with("60018: Subscribe failed, wrong URL or channel"), "{reason}");
        let numbers = ["77082.7", "77116.6", "77082.6", "77116.6", "1.57843610", "121697.290334104"];
        let candle = candle(1_789_470_120_000, numbers, false).candle;
        let event = StreamEvent::Candle { instrument: btc(), interval: Interval::M1, candle, closed: false };
        assert_eq!(found[1..], [undated(event)]);
    }),
    ("ws_control__funding-rate-arbitrage.jsonl", |text| {
        let found: Vec<Option<Heard>> = read(text).into_iter().map(|heard| heard.ok().map(|mut heard| heard.remove(0))).collect();
        let (acknowledged, beat) = (Some(undated(StreamEvent::Acknowledged)), Some(undated(StreamEvent::Beat)));
        assert_eq!(found, [None, acknowledged, None, beat, None]);
    }),
    ("ws_fundingRate__funding-rate-arbitrage__BTC-USDT-SWAP.jsonl", |text| {
        let forecast = FundingForecast {
            rate: decimal("0.0000691479391544"),
            next_at: at(1_788_508_800_000),
            interval_ms: Some(8 * 3_600_000),
            mark_price: None,
        };
        let event = StreamEvent::Funding { instrument: swap("BTC", "0.01"), forecast };
        assert_eq!(events(text), [dated(1_788_488_645_809, event)]);
    }),
    ("ws_indexTickers__crypto-api-docs.jsonl", |text| assert_eq!(events(text), [])),
    ("ws_markPrice__bytex__BTC-USDT-SWAP.jsonl", |text| assert_eq!(events(text), [])),
    ("ws_openInterest__tardis-node__WNCG.jsonl", |text| {
        let row = OpenInterest { time: at(1_640_131_258_756), amount: decimal("644195"), value: None };
        let event = StreamEvent::OpenInterest { instrument: swap("WNCG", "1"), row };
        assert_eq!(events(text), [dated(1_640_131_258_756, event)]);
    }),
    ("ws_session__cryptofeed__BTC-USDT.jsonl", |text| {
        let found = read(text);
        assert!(found[..3].iter().all(Result::is_err), "what the client sent");
        let found: Vec<Heard> = found.into_iter().skip(3).flat_map(Result::unwrap).collect();
        let (acknowledged, rest) = found.split_at(15);
        assert!(acknowledged.iter().all(|heard| heard.event == StreamEvent::Acknowledged));
        assert_eq!(rest.len(), 25, "tickers; fills that were joined say nothing");
        let first = ["30236", "29700.4", "31073", "28020.3", "17602.13085371"];
        let last = ["30227.6", "29700.4", "31073", "28020.3", "17605.61722866"];
        let event = |numbers: [&str; 5], quote: &str, ms: i64| {
            dated(ms, StreamEvent::Ticker { instrument: btc(), ticker: ticker("BTC-USDT", numbers, Some(quote), ms) })
        };
        assert_eq!(rest[0], event(first, "525802090.62716611", 1_652_459_224_956));
        assert_eq!(rest[24], event(last, "525907477.72379918", 1_652_459_235_637));
        // The same rows as `trades-all` has them, before fills were joined: numbers without a hole.
        let text = std::str::from_utf8(text).unwrap().replace("\"trades\"", "\"trades-all\"");
        let mut trades: Vec<Trade> = Vec::new();
        for heard in read(text.as_bytes()).into_iter().skip(3).flat_map(Result::unwrap) {
            if let StreamEvent::Trade { trade, .. } = heard.event {
                assert_eq!(heard.at, Some(trade.time));
                trades.push(trade);
            }
        }
        assert_eq!((trades.len(), trades[0]), (69, trade(338_476_307, "30236", "0.0002", Side::Buy, 1_652_459_224_818)));
        assert!(trades.windows(2).all(|pair| pair[0].id + 1 == pair[1].id && pair[0].time <= pair[1].time));
    }),
    ("ws_tickers__bytex__BTC-USDT.jsonl", |text| {
        let numbers = ["83766.8", "84180.1", "85258.8", "83174.7", "5449.95415651"];
        let ticker = ticker("BTC-USDT", numbers, Some("458903124.056360828"), 1_790_358_564_077);
        assert_eq!(events(text), [dated(1_790_358_564_077, StreamEvent::Ticker { instrument: btc(), ticker })]);
    }),
    ("ws_tradesAll__crypto-api-docs.jsonl", |text| {
        let trade = trade(130_639_474, "42219.9", "0.12060306", Side::Buy, 1_630_048_897_897);
        assert_eq!(events(text), [dated(1_630_048_897_897, StreamEvent::Trade { instrument: btc(), trade })]);
    }),
    // The last of 21 fills gives its number to all of them: REST has other rows under it.
    ("ws_trades__funding-rate-arbitrage__SWAP.jsonl", |text| {
        assert_eq!(events(text), []);
        let row = std::str::from_utf8(text).unwrap().lines().nth(1).unwrap();
        let row = &row[row.find("\"data\":[").unwrap() + 8..row.len() - 2];
        let joined = Trade { fills: Some(21), ..trade(4_247_179_160, "2499.83", "20", Side::Sell, 1_788_488_658_934) };
        assert_eq!(parse::trade(row, &swap("ETH", "0.1").kind), Ok(joined), "200 contracts of a tenth");
    }),
];
