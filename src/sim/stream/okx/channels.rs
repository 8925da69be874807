//! Channel names, and what comes on each.

use super::payload;
use crate::domain::time::Time;
use crate::sim::market::Market;
use crate::sim::okx::bar::bar;
use crate::sim::okx::{funding, open_interest, ticker};
use crate::sim::stream::candle::{CandleEvent, CandleFeed, Manner};
use crate::sim::stream::day::{DayEvent, DayFeed};
use crate::sim::stream::feeds::Feed;
use crate::sim::stream::moments::MomentFeed;
use crate::sim::stream::pace::Pace;
use crate::sim::stream::trades::TradeFeed;
use crate::sim::trade::SimTrade;
use crate::sim::venue::Venue;

type WriteRow = fn(&mut Vec<u8>, &Market, Time);

/// What a channel sends of an instrument; `None` where the address does not have it.
pub(super) fn feed(business: bool, channel: &str, instrument: &str, markets: &[Market]) -> Option<Box<dyn Feed>> {
    let market = markets.iter().find(|market| market.venue() == Venue::Okx && market.native() == instrument)?;
    let own = market.clone();
    match (business, channel) {
        (true, "trades-all") => {
            let write = move |trade: &SimTrade, _: Time, out: &mut Vec<u8>| payload::single_trade(&own, trade, out);
            Some(Box::new(TradeFeed::new(market, Box::new(write))))
        }
        (true, _) => {
            let interval = channel.strip_prefix("candle").and_then(bar)?;
            let manner = Manner { pace: Pace::new(1_000, instrument), at_once: true, trades_only: false };
            let write = move |event: &CandleEvent, out: &mut Vec<u8>| payload::candle(&own, event, out);
            Some(Box::new(CandleFeed::new(market, interval, manner, Box::new(write))))
        }
        (false, "trades") => {
            let write = move |trade: &SimTrade, _: Time, out: &mut Vec<u8>| payload::trade(&own, trade, out);
            Some(Box::new(TradeFeed::new(market, Box::new(write))))
        }
        (false, "tickers") => {
            let write = move |news: &[(&Market, DayEvent)], out: &mut Vec<u8>| {
                for (market, day) in news {
                    ticker::ticker(out, market, &day.row, day.at);
                }
            };
            Some(Box::new(DayFeed::new([market], Pace::new(250, instrument), true, Box::new(write))))
        }
        (false, _) => {
            let (every_ms, write): (i64, WriteRow) = match channel {
                "funding-rate" => (60_000, funding::row),
                "open-interest" => (3_000, open_interest::row),
                "mark-price" => (1_000, ticker::mark),
                _ => return None,
            };
            market.terms()?;
            let write = move |at: Time, out: &mut Vec<u8>| write(out, &own, at);
            Some(Box::new(MomentFeed::new(Pace::new(every_ms, instrument), true, Box::new(write))))
        }
    }
}
