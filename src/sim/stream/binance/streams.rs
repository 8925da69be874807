//! Stream names, and what comes on each.

use super::Side;
use super::payload;
use crate::domain::time::Time;
use crate::sim::interval::KlineInterval;
use crate::sim::json::list;
use crate::sim::market::Market;
use crate::sim::stream::candle::{CandleFeed, Manner};
use crate::sim::stream::day::{DayEvent, DayFeed};
use crate::sim::stream::feeds::{Feed, Silent};
use crate::sim::stream::moments::MomentFeed;
use crate::sim::stream::pace::Pace;
use crate::sim::stream::trades::TradeFeed;
use crate::sim::trade::SimTrade;
use crate::sim::venue::Venue;

type TradePayload = fn(&Market, &SimTrade, Time, &mut Vec<u8>);

/// What a stream sends; nothing where the exchange does not have it, as the exchange itself does.
pub(super) fn feed(usdm: Option<Side>, stream: &str, markets: &[Market]) -> Box<dyn Feed> {
    find(usdm, stream, markets).unwrap_or_else(|| Box::new(Silent))
}

fn find(usdm: Option<Side>, stream: &str, markets: &[Market]) -> Option<Box<dyn Feed>> {
    let venue = if usdm.is_some() { Venue::BinanceUsdm } else { Venue::Binance };
    let mut markets = markets.iter().filter(move |market| market.venue() == venue);
    let on_market = usdm != Some(Side::Public);
    if let Some(channel) = stream.strip_prefix('!') {
        return if on_market { of_all(usdm.is_some(), channel, markets.cloned().collect()) } else { None };
    }
    let (symbol, channel) = stream.split_once('@')?;
    let market = markets.find(|market| market.native().to_lowercase() == symbol)?;
    let own = market.clone();
    let trades: Option<TradePayload> = match channel {
        "aggTrade" if on_market => Some(payload::aggregate_trade),
        "trade" if usdm != Some(Side::Market) => Some(payload::trade),
        "bookTicker" if usdm != Some(Side::Market) => Some(payload::book_ticker),
        _ => None,
    };
    if let Some(write) = trades {
        let write = move |trade: &_, at, out: &mut Vec<u8>| write(&own, trade, at, out);
        return Some(Box::new(TradeFeed::new(market, Box::new(write))));
    }
    if !on_market {
        return None;
    }
    if let Some(interval) = channel.strip_prefix("kline_").and_then(KlineInterval::from_name) {
        let pace = Pace::new(if usdm.is_some() { 250 } else { 2_000 }, symbol);
        let manner = Manner { pace, at_once: false, trades_only: false };
        let write = move |event: &_, out: &mut Vec<u8>| payload::kline(&own, interval, event, out);
        return Some(Box::new(CandleFeed::new(market, interval, manner, Box::new(write))));
    }
    if let Some(pace) = mark_pace(channel, "markPrice") {
        market.terms()?;
        let write = move |at: Time, out: &mut Vec<u8>| payload::mark_price(&own, at, out);
        return Some(Box::new(MomentFeed::new(pace, false, Box::new(write))));
    }
    let pace = Pace::new(if usdm.is_some() { 2_000 } else { 1_000 }, symbol);
    let write: fn(&Market, &DayEvent, &mut Vec<u8>) = match channel {
        "miniTicker" => payload::mini_ticker,
        "ticker" => payload::ticker,
        _ => return None,
    };
    let write = move |news: &[(&Market, DayEvent)], out: &mut Vec<u8>| {
        for (market, day) in news {
            write(market, day, out);
        }
    };
    Some(Box::new(DayFeed::new([market], pace, false, Box::new(write))))
}

/// Streams of all markets in one: a list of those that changed.
fn of_all(usdm: bool, channel: &str, markets: Vec<Market>) -> Option<Box<dyn Feed>> {
    if let Some(pace) = mark_pace(channel, "markPrice@arr").filter(|_| usdm) {
        let write = move |at: Time, out: &mut Vec<u8>| list(out, &markets, |out, market| payload::mark_price(market, at, out));
        return Some(Box::new(MomentFeed::new(pace, false, Box::new(write))));
    }
    let write: fn(&Market, &DayEvent, &mut Vec<u8>) = match channel {
        "miniTicker@arr" => payload::mini_ticker,
        // Spot has it no more.
        "ticker@arr" if usdm => payload::ticker,
        _ => return None,
    };
    let listed = move |news: &[(&Market, DayEvent)], out: &mut Vec<u8>| {
        list(out, news, |out, (market, day)| write(market, day, out));
    };
    Some(Box::new(DayFeed::new(&markets, Pace::new(1_000, channel), false, Box::new(listed))))
}

/// Marks come every three seconds, or every one.
fn mark_pace(channel: &str, name: &str) -> Option<Pace> {
    match channel.strip_prefix(name)? {
        "" => Some(Pace::on_the_grid(3_000)),
        "@1s" => Some(Pace::on_the_grid(1_000)),
        _ => None,
    }
}
