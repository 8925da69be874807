//! Frames as Binance spells them: spot with eight decimals everywhere, USD-M with the market's own.

use crate::domain::time::{DAY_MS, Time};
use crate::sim::binance::ticker::percent;
use crate::sim::interval::KlineInterval;
use crate::sim::json::{Decimals, e8};
use crate::sim::market::Market;
use crate::sim::row::{DECIMALS, ONE};
use crate::sim::stream::candle::CandleEvent;
use crate::sim::stream::day::DayEvent;
use crate::sim::stream::fields::Object;
use crate::sim::stream::trades::id_span;
use crate::sim::trade::SimTrade;
use crate::sim::venue::Venue;

/// USD-M leaves out some fields of spot, and has some of its own.
fn is_usdm(market: &Market) -> bool {
    market.venue() == Venue::BinanceUsdm
}

pub(super) fn kline(market: &Market, interval: KlineInterval, event: &CandleEvent, out: &mut Vec<u8>) {
    let row = &event.row;
    let Decimals { price, size, quote } = Decimals::of(market);
    let (first, last) =
        id_span(market, Time::from_ms(row.open_time), event.at.min(Time::from_ms(row.close_time + 1)), row.trades);
    let mut object = Object::new(out).text("e", "kline").int("E", event.at.ms()).text("s", market.native());
    Object::new(object.name("k"))
        .int("t", row.open_time)
        .int("T", row.close_time)
        .text("s", market.native())
        .text("i", interval.name())
        .int("f", first)
        .int("L", last)
        .quoted("o", row.open, price)
        .quoted("c", row.close, price)
        .quoted("h", row.high, price)
        .quoted("l", row.low, price)
        .quoted("v", row.volume, size)
        .int("n", row.trades)
        .flag("x", event.closed)
        .quoted("q", row.quote_volume, quote)
        .quoted("V", row.taker_volume, size)
        .quoted("Q", row.taker_quote_volume, quote)
        .text("B", "0")
        .end();
    object.end();
}

pub(super) fn mini_ticker(market: &Market, day: &DayEvent, out: &mut Vec<u8>) {
    let Decimals { price, size, quote } = Decimals::of(market);
    Object::new(out)
        .text("e", "24hrMiniTicker")
        .int("E", day.at.ms())
        .text("s", market.native())
        .quoted("c", day.row.close, price)
        .quoted("o", day.row.open, price)
        .quoted("h", day.row.high, price)
        .quoted("l", day.row.low, price)
        .quoted("v", day.row.volume, size)
        .quoted("q", day.row.quote_volume, quote)
        .end();
}

pub(super) fn ticker(market: &Market, day: &DayEvent, out: &mut Vec<u8>) {
    let usdm = is_usdm(market);
    let Decimals { price, size, quote } = Decimals::of(market);
    let row = &day.row;
    let change = i128::from(row.close - row.open);
    let mean = if row.volume > 0 { row.quote_volume * i128::from(ONE) / row.volume } else { 0 };
    let best = i128::from(market.lot()) * 5_000;
    let mut share = b"\"".to_vec();
    percent(&mut share, change, row.open.into());
    share.push(b'"');
    let (first, last) = id_span(market, Time::from_ms(row.open_time), day.at, row.trades);
    let object = Object::new(out)
        .text("e", "24hrTicker")
        .int("E", day.at.ms())
        .text("s", market.native())
        .quoted("p", change, price)
        .raw("P", &String::from_utf8_lossy(&share))
        .quoted("w", mean, price);
    let object = if usdm { object } else { object.quoted("x", row.open, price) };
    let object = object.quoted("c", row.close, price).quoted("Q", i128::from(market.lot()) * 100, size);
    let object = if usdm {
        object
    } else {
        object
            .quoted("b", (row.close - market.tick()).max(0), price)
            .quoted("B", best, size)
            .quoted("a", row.close + market.tick(), price)
            .quoted("A", best, size)
    };
    object
        .quoted("o", row.open, price)
        .quoted("h", row.high, price)
        .quoted("l", row.low, price)
        .quoted("v", row.volume, size)
        .quoted("q", row.quote_volume, quote)
        .int("O", day.at.plus_ms(-DAY_MS).ms())
        .int("C", day.at.ms())
        .int("F", first)
        .int("L", last)
        .int("n", row.trades)
        .end();
}

pub(super) fn aggregate_trade(market: &Market, trade: &SimTrade, at: Time, out: &mut Vec<u8>) {
    let usdm = is_usdm(market);
    let Decimals { price, size, .. } = Decimals::of(market);
    let object = Object::new(out).text("e", "aggTrade").int("E", at.ms());
    let object = if usdm {
        object.int("a", trade.id).text("s", market.native())
    } else {
        object.text("s", market.native()).int("a", trade.id)
    };
    let object = object.quoted("p", e8(trade.price), price).quoted("q", e8(trade.size), size);
    let object = if usdm { object.quoted("nq", e8(trade.size), size) } else { object };
    let object = object.int("f", trade.id).int("l", trade.id).int("T", trade.time().ms()).flag("m", !trade.taker_is_buyer);
    if usdm { object.int("st", 1) } else { object.flag("M", true) }.end();
}

pub(super) fn trade(market: &Market, trade: &SimTrade, at: Time, out: &mut Vec<u8>) {
    let usdm = is_usdm(market);
    let Decimals { price, size, .. } = Decimals::of(market);
    let object = Object::new(out).text("e", "trade").int("E", at.ms());
    let object = if usdm { object.int("T", trade.time().ms()) } else { object };
    let object = object.text("s", market.native()).int("t", trade.id).quoted("p", e8(trade.price), price).quoted(
        "q",
        e8(trade.size),
        size,
    );
    if usdm {
        object.text("X", "MARKET").flag("m", !trade.taker_is_buyer).int("st", 1)
    } else {
        object.int("T", trade.time().ms()).flag("m", !trade.taker_is_buyer).flag("M", true)
    }
    .end();
}

/// As the REST path `premiumIndex` has it.
pub(super) fn mark_price(market: &Market, at: Time, out: &mut Vec<u8>) {
    let mark = market.price_at(at).map_or(0, e8);
    let next = market.funding_step().map_or(at, |step| at.floor_to(step).plus_ms(step));
    let rate = market.funding_at(next).map_or(0, |funding| e8(funding.rate));
    Object::new(out)
        .text("e", "markPriceUpdate")
        .int("E", at.ms())
        .text("s", market.native())
        .quoted("p", mark, DECIMALS)
        .quoted("ap", mark, DECIMALS)
        .quoted("P", mark, DECIMALS)
        // The index lies a hundredth of a percent below.
        .quoted("i", mark - mark / 10_000, DECIMALS)
        .quoted("r", rate, DECIMALS)
        .int("T", next.ms())
        .int("st", 1)
        .end();
}

/// The best prices after a trade: a tick to either side of it.
pub(super) fn book_ticker(market: &Market, trade: &SimTrade, at: Time, out: &mut Vec<u8>) {
    let usdm = is_usdm(market);
    let Decimals { price, size, .. } = Decimals::of(market);
    let (last, tick) = (e8(trade.price), i128::from(market.tick()));
    let best = i128::from(market.lot()) * 5_000;
    let object = Object::new(out);
    let object = if usdm { object.text("e", "bookTicker") } else { object };
    let object = object.int("u", trade.id).text("s", market.native());
    let object = if usdm { object.text("ps", market.native()) } else { object };
    let object = object
        .quoted("b", (last - tick).max(0), price)
        .quoted("B", best, size)
        .quoted("a", last + tick, price)
        .quoted("A", best, size);
    if usdm { object.int("T", trade.time().ms()).int("E", at.ms()).int("st", 1) } else { object }.end();
}
