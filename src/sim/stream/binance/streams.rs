//! Stream names, and what comes on each.

use super::Side;
use super::payload::Payload;
use crate::domain::time::Time;
use crate::sim::interval::KlineInterval;
use crate::sim::market::Market;
use crate::sim::stream::candle::{CandleFeed, Manner};
use crate::sim::stream::day::{DayEvent, DayFeed};
use crate::sim::stream::feeds::{Feed, Silent};
use crate::sim::stream::pace::Pace;
use crate::sim::stream::trades::TradeFeed;
use crate::sim::trade::SimTrade;

type TradePayload = fn(Payload, &Market, &SimTrade, Time, &mut Vec<u8>);

/// What a stream sends; nothing where the exchange does not have it, as the exchange itself does.
pub(super) fn feed(usdm: Option<Side>, stream: &str, markets: &[Market]) -> Box<dyn Feed> {
    find(usdm, stream, markets).unwrap_or_else(|| Box::new(Silent))
}

fn find(usdm: Option<Side>, stream: &str, markets: &[Market]) -> Option<Box<dyn Feed>> {
    let payload = Payload { usdm: usdm.is_some() };
    let on_market = usdm != Some(Side::Public);
    if on_market && stream == "!miniTicker@arr" {
        let write = move |news: &[(&Market, DayEvent)], out: &mut Vec<u8>| {
            out.push(b'[');
            for (at, (market, day)) in news.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                payload.mini_ticker(market, day, out);
            }
            out.push(b']');
        };
        return Some(Box::new(DayFeed::new(markets, Pace::new(1_000, stream), false, Box::new(write))));
    }
    let (symbol, channel) = stream.split_once('@')?;
    let market = markets.iter().find(|market| market.native().to_lowercase() == symbol)?;
    let own = market.clone();
    let trades: Option<TradePayload> = match channel {
        "aggTrade" if on_market => Some(Payload::aggregate_trade),
        "trade" if usdm != Some(Side::Market) => Some(Payload::trade),
        "bookTicker" if usdm != Some(Side::Market) => Some(Payload::book_ticker),
        _ => None,
    };
    if let Some(write) = trades {
        let write = move |trade: &_, at, out: &mut Vec<u8>| write(payload, &own, trade, at, out);
        return Some(Box::new(TradeFeed::new(market, Box::new(write))));
    }
    if !on_market {
        return None;
    }
    if let Some(interval) = channel.strip_prefix("kline_").and_then(KlineInterval::from_name) {
        let pace = Pace::new(if usdm.is_some() { 250 } else { 2_000 }, symbol);
        let manner = Manner { pace, at_once: false, trades_only: false };
        let write = move |event: &_, out: &mut Vec<u8>| payload.kline(&own, interval, event, out);
        return Some(Box::new(CandleFeed::new(market, interval, manner, Box::new(write))));
    }
    let pace = Pace::new(if usdm.is_some() { 2_000 } else { 1_000 }, symbol);
    let write: fn(Payload, &Market, &DayEvent, &mut Vec<u8>) = match channel {
        "miniTicker" => Payload::mini_ticker,
        "ticker" => Payload::ticker,
        _ => return None,
    };
    let write = move |news: &[(&Market, DayEvent)], out: &mut Vec<u8>| {
        for (market, day) in news {
            write(payload, market, day, out);
        }
    };
    Some(Box::new(DayFeed::new([market], pace, false, Box::new(write))))
}
