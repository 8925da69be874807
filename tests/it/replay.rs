//! A recorded socket, replayed through the protocol: the minutes that come out are the exchange's own.
//!
//! The recording is 348 s of BTC/USDT on the spot market, of 2024-08-08: single trades, best bids and asks, and
//! order books, without candles or aggregate trades. It begins and ends within a minute, so that five of its
//! minutes are whole; those are compared with what the REST interface said of them.

use crate::support::shared;
use flate2::read::GzDecoder;
use marketdata_tui::domain::instrument::{ExchangeId, Instrument, InstrumentKind, InstrumentStatus, Scales, Symbol};
use marketdata_tui::domain::interval::Interval;
use marketdata_tui::domain::price::{Decimal, parse_decimal};
use marketdata_tui::domain::time::Time;
use marketdata_tui::domain::trade::Trade;
use marketdata_tui::exchange::binance::{Binance, BinanceSettings};
use marketdata_tui::exchange::clock::Clock;
use marketdata_tui::exchange::port::Exchange as _;
use marketdata_tui::exchange::stream::{Roster, StreamEvent};
use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

fn unpacked(file: &Path) -> String {
    let mut text = String::new();
    GzDecoder::new(std::fs::File::open(file).unwrap()).read_to_string(&mut text).unwrap();
    text
}

fn roster() -> Roster {
    let instrument = Instrument {
        exchange: ExchangeId::Binance,
        symbol: Symbol::spot("BTC", "USDT"),
        native: "BTCUSDT".into(),
        base: "BTC".into(),
        quote: "USDT".into(),
        kind: InstrumentKind::Spot,
        stream_name: None,
        status: InstrumentStatus::Trading,
        price_decimals: 2,
        scales: Scales { price: 2, base: 8, quote: 8 },
    };
    [&Arc::new(instrument)].into_iter().collect()
}

/// A single trade, which is not subscribed to, as the aggregate of itself alone.
fn as_aggregate(frame: &str) -> Option<String> {
    let mut frame: serde_json::Value = serde_json::from_str(frame).unwrap();
    let data = frame.get_mut("data").filter(|data| data["e"] == "trade")?;
    data["e"] = "aggTrade".into();
    for key in ["a", "f", "l"] {
        data[key] = data["t"].clone();
    }
    Some(frame.to_string())
}

/// Open, high, low, close, volume.
type Minute = [Decimal; 5];

fn fold(trades: &[Trade]) -> BTreeMap<Time, Minute> {
    let mut minutes: BTreeMap<Time, Minute> = BTreeMap::new();
    for Trade { time, price, size, .. } in trades {
        let [_, high, low, close, volume] =
            minutes.entry(Interval::M1.floor(*time)).or_insert([*price, *price, *price, *price, Decimal::ZERO]);
        (*high, *low, *close, *volume) = ((*high).max(*price), (*low).min(*price), *price, *volume + *size);
    }
    minutes
}

#[test]
fn recorded_trades_make_the_minutes_that_the_exchange_tells() {
    let Some(recording) = shared("data/ws/binance_spot_ws_btcusdt_20240808.jsonl.gz") else { return };
    let Some(told) = shared("data/ws/binance_spot_BTCUSDT_1m_REST_same_minutes.csv.gz") else { return };
    let _ = rustls::crypto::ring::default_provider().install_default();
    let protocol = Binance::new(&BinanceSettings::default(), Clock::System).unwrap().protocol().unwrap();
    let roster = roster();
    let mut trades = Vec::new();
    let mut frames = 0;
    for line in unpacked(&recording).lines() {
        let (_, frame) = line.split_once(' ').unwrap();
        frames += 1;
        assert_eq!(protocol.read(frame, &roster), Ok(vec![]), "{frame}");
        let Some(frame) = as_aggregate(frame) else { continue };
        for heard in protocol.read(&frame, &roster).unwrap() {
            let StreamEvent::Trade { trade, .. } = heard.event else { panic!("{heard:?}") };
            trades.push(trade);
        }
    }
    assert_eq!((frames, trades.len()), (41_249, 9_757));
    assert!(trades.windows(2).all(|pair| pair[0].id + 1 == pair[1].id), "none is lost");
    let minutes = fold(&trades);
    let edges = [&trades[0], &trades[trades.len() - 1]].map(|trade| Interval::M1.floor(trade.time));
    let mut compared = 0;
    for line in unpacked(&told).lines().skip(1) {
        let (at, numbers) = line.split_once(',').unwrap();
        let at = Time::from_ms(at.parse().unwrap());
        let numbers: Vec<Decimal> = numbers.split(',').map(|text| parse_decimal(text).unwrap()).collect();
        if edges.contains(&at) {
            assert_ne!(minutes[&at][..], numbers, "the recording holds a part of it");
            continue;
        }
        assert_eq!(minutes[&at][..], numbers, "{}", at.iso());
        compared += 1;
    }
    println!("{compared} minutes compared");
    assert_eq!((compared, minutes.len()), (5, 7));
}
