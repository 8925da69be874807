//! Rows as OKX spells them: every value a string, without zeros at its end.

use crate::sim::json::{e8, trimmed};
use crate::sim::market::Market;
use crate::sim::okx::size;
use crate::sim::stream::candle::CandleEvent;
use crate::sim::stream::fields::Object;
use crate::sim::trade::SimTrade;

pub(super) fn candle(market: &Market, event: &CandleEvent, out: &mut Vec<u8>) {
    let row = &event.row;
    out.extend_from_slice(format!("[\"{}\"", row.open_time).as_bytes());
    // Spot counts its base and its quote asset, a future contracts, coins and the quote asset.
    let [volume, coins] = match market.terms() {
        Some(_) => [size(market, row.volume), row.volume],
        None => [row.volume, row.quote_volume],
    };
    for value in [row.open, row.high, row.low, row.close].map(i128::from).into_iter().chain([volume, coins, row.quote_volume]) {
        out.push(b',');
        trimmed(out, value);
    }
    out.extend_from_slice(if event.closed { b",\"1\"]" } else { b",\"0\"]" });
}

pub(super) fn trade(market: &Market, trade: &SimTrade, out: &mut Vec<u8>) {
    common(market, trade, out)
        .text("ts", &trade.time().ms().to_string())
        .text("count", "1")
        .text("source", "0")
        .int("seqId", trade.id)
        .end();
}

pub(super) fn single_trade(market: &Market, trade: &SimTrade, out: &mut Vec<u8>) {
    common(market, trade, out).text("source", "0").text("ts", &trade.time().ms().to_string()).end();
}

fn common<'a>(market: &Market, trade: &SimTrade, out: &'a mut Vec<u8>) -> Object<'a> {
    Object::new(out)
        .text("instId", market.native())
        .text("tradeId", &trade.id.to_string())
        .short("px", e8(trade.price))
        .short("sz", size(market, e8(trade.size)))
        .text("side", if trade.taker_is_buyer { "buy" } else { "sell" })
}
