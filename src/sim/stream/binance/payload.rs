//! Frames as Binance spells them.

use crate::domain::time::{DAY_MS, Time};
use crate::sim::interval::KlineInterval;
use crate::sim::market::Market;
use crate::sim::row::ONE;
use crate::sim::stream::candle::CandleEvent;
use crate::sim::stream::day::DayEvent;
use crate::sim::stream::fields::Object;
use crate::sim::stream::trades::{id_span, units};
use crate::sim::trade::SimTrade;

/// The spelling of spot, with eight decimals everywhere, or of USD-M, with the market's own.
#[derive(Debug, Clone, Copy)]
pub(super) struct Payload {
    pub(super) usdm: bool,
}

impl Payload {
    pub(super) fn kline(self, market: &Market, interval: KlineInterval, event: &CandleEvent, out: &mut Vec<u8>) {
        let row = &event.row;
        let (price, lot, quote) = self.decimals(market);
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
            .quoted("v", row.volume, lot)
            .int("n", row.trades)
            .flag("x", event.closed)
            .quoted("q", row.quote_volume, quote)
            .quoted("V", row.taker_volume, lot)
            .quoted("Q", row.taker_quote_volume, quote)
            .text("B", "0")
            .end();
        object.end();
    }

    pub(super) fn mini_ticker(self, market: &Market, day: &DayEvent, out: &mut Vec<u8>) {
        let (price, lot, quote) = self.decimals(market);
        Object::new(out)
            .text("e", "24hrMiniTicker")
            .int("E", day.at.ms())
            .text("s", market.native())
            .quoted("c", day.row.close, price)
            .quoted("o", day.row.open, price)
            .quoted("h", day.row.high, price)
            .quoted("l", day.row.low, price)
            .quoted("v", day.row.volume, lot)
            .quoted("q", day.row.quote_volume, quote)
            .end();
    }

    pub(super) fn ticker(self, market: &Market, day: &DayEvent, out: &mut Vec<u8>) {
        let (price, lot, quote) = self.decimals(market);
        let row = &day.row;
        let change = i128::from(row.close - row.open);
        let mean = if row.volume > 0 { row.quote_volume * i128::from(ONE) / row.volume } else { 0 };
        // Percent with three decimals, in 10^-8.
        let percent = if row.open == 0 { 0 } else { change * 100_000 / i128::from(row.open) * 100_000 };
        let (first, last) = id_span(market, Time::from_ms(row.open_time), day.at, row.trades);
        let object = Object::new(out)
            .text("e", "24hrTicker")
            .int("E", day.at.ms())
            .text("s", market.native())
            .quoted("p", change, price)
            .quoted("P", percent, Some(3))
            .quoted("w", mean, price);
        let object = if self.usdm { object } else { object.quoted("x", row.open, price) };
        let object = object.quoted("c", row.close, price).quoted("Q", i128::from(market.lot()) * 100, lot);
        let object = if self.usdm {
            object
        } else {
            let size = i128::from(market.lot()) * 5_000;
            object
                .quoted("b", (row.close - market.tick()).max(0), price)
                .quoted("B", size, lot)
                .quoted("a", row.close + market.tick(), price)
                .quoted("A", size, lot)
        };
        object
            .quoted("o", row.open, price)
            .quoted("h", row.high, price)
            .quoted("l", row.low, price)
            .quoted("v", row.volume, lot)
            .quoted("q", row.quote_volume, quote)
            .int("O", day.at.plus_ms(-DAY_MS).ms())
            .int("C", day.at.ms())
            .int("F", first)
            .int("L", last)
            .int("n", row.trades)
            .end();
    }

    pub(super) fn aggregate_trade(self, market: &Market, trade: &SimTrade, at: Time, out: &mut Vec<u8>) {
        let (price, lot, _) = self.decimals(market);
        let object = Object::new(out).text("e", "aggTrade").int("E", at.ms());
        let object = if self.usdm {
            object.int("a", trade.id).text("s", market.native())
        } else {
            object.text("s", market.native()).int("a", trade.id)
        };
        let object = object.quoted("p", units(trade.price), price).quoted("q", units(trade.size), lot);
        let object = if self.usdm { object.quoted("nq", units(trade.size), lot) } else { object };
        let object = object.int("f", trade.id).int("l", trade.id).int("T", trade.time().ms()).flag("m", !trade.taker_is_buyer);
        if self.usdm { object.int("st", 1) } else { object.flag("M", true) }.end();
    }

    pub(super) fn trade(self, market: &Market, trade: &SimTrade, at: Time, out: &mut Vec<u8>) {
        let (price, lot, _) = self.decimals(market);
        let object = Object::new(out).text("e", "trade").int("E", at.ms());
        let object = if self.usdm { object.int("T", trade.time().ms()) } else { object };
        let object = object.text("s", market.native()).int("t", trade.id).quoted("p", units(trade.price), price).quoted(
            "q",
            units(trade.size),
            lot,
        );
        if self.usdm {
            object.text("X", "MARKET").flag("m", !trade.taker_is_buyer).int("st", 1)
        } else {
            object.int("T", trade.time().ms()).flag("m", !trade.taker_is_buyer).flag("M", true)
        }
        .end();
    }

    /// The best prices after a trade: a tick to either side of it.
    pub(super) fn book_ticker(self, market: &Market, trade: &SimTrade, at: Time, out: &mut Vec<u8>) {
        let (price, lot, _) = self.decimals(market);
        let (last, tick) = (units(trade.price), i128::from(market.tick()));
        let size = i128::from(market.lot()) * 5_000;
        let object = Object::new(out);
        let object = if self.usdm { object.text("e", "bookTicker") } else { object };
        let object = object.int("u", trade.id).text("s", market.native());
        let object = if self.usdm { object.text("ps", market.native()) } else { object };
        let object = object
            .quoted("b", (last - tick).max(0), price)
            .quoted("B", size, lot)
            .quoted("a", last + tick, price)
            .quoted("A", size, lot);
        if self.usdm { object.int("T", trade.time().ms()).int("E", at.ms()).int("st", 1) } else { object }.end();
    }

    /// Decimals of prices, sizes and sums of both.
    fn decimals(self, market: &Market) -> (Option<u32>, Option<u32>, Option<u32>) {
        let own = |decimals: u32| self.usdm.then_some(decimals);
        (own(market.price_decimals), own(market.lot_decimals), own(market.price_decimals + market.lot_decimals))
    }
}
