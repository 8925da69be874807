//! Binance USD-M over WebSocket.

use super::super::wire::{NOW, candle, get, start, time};
use super::client::{Client, fields};
use marketdata_tui::domain::price::parse_decimal;
use marketdata_tui::domain::range::TimeRange;
use marketdata_tui::domain::time::Time;
use marketdata_tui::sim::Venue;
use serde_json::Value;

/// A socket whose subscriptions from the address are in place.
async fn open(sim: &marketdata_tui::sim::Simulation, target: &str) -> Client {
    let mut client = Client::open(sim, target).await;
    client.send(r#"{"method":"LIST_SUBSCRIPTIONS","id":1}"#).await;
    client.json().await;
    client
}

#[tokio::test]
async fn each_stream_has_the_futures_own_fields() {
    let sim = start().await;
    for (target, names) in [
        ("/market/ws/btcusdt@kline_1m", "e E s k t T s i f L o c h l v n x q V Q B"),
        ("/market/ws/btcusdt@aggTrade", "e E a s p q nq f l T m st"),
        ("/public/ws/btcusdt@trade", "e E T s t p q X m st"),
        ("/public/ws/btcusdt@bookTicker", "e u s ps b B a A T E st"),
        ("/market/ws/btcusdt@markPrice@1s", "e E s p ap P i r T st"),
        ("/market/ws/btcusdt@miniTicker", "e E s c o h l v q"),
        ("/market/ws/btcusdt@ticker", "e E s p P w c Q o h l v q O C F L n"),
        ("/market/stream?streams=btcusdt@kline_1m", "stream data e E s k t T s i f L o c h l v n x q V Q B"),
    ] {
        let mut client = open(&sim, target).await;
        sim.advance_clock(5_000);
        assert_eq!(fields(&client.text().await), names, "{target}");
    }
}

#[tokio::test]
async fn streams_live_on_their_own_side_alone() {
    let sim = start().await;
    for target in ["/public/ws/btcusdt@kline_1m", "/market/ws/btcusdt@trade", "/public/ws/btcusdt@markPrice"] {
        let mut client = open(&sim, target).await;
        sim.advance_clock(5_000);
        client.send(r#"{"method":"LIST_SUBSCRIPTIONS","id":2}"#).await;
        assert_eq!(client.json().await["id"], 2, "{target} is acknowledged and silent");
    }
}

#[tokio::test]
async fn candles_trades_and_marks_equal_rest() {
    let sim = start().await;
    let mut client = open(&sim, "/market/ws/btcusdt@kline_1m/btcusdt@aggTrade/btcusdt@markPrice@1s").await;
    sim.advance_clock(40_000);
    let from = time(NOW);
    let market = sim.market_on(Venue::BinanceUsdm, "BTCUSDT").unwrap();
    let expected = market.trades(TimeRange::new(from, from.plus_ms(40_000 - 1)));
    let (mut trades, mut closing, mut mark) = (0, None, None);
    while trades < expected.len() || closing.is_none() {
        let frame = client.json().await;
        match frame["e"].as_str().unwrap() {
            "aggTrade" => {
                let trade = &expected[trades];
                assert_eq!((&frame["a"], &frame["T"]), (&trade.id.into(), &trade.time().ms().into()));
                let got = ["p", "q"].map(|name| parse_decimal(frame[name].as_str().unwrap()).unwrap());
                assert_eq!(got, [trade.price, trade.size]);
                trades += 1;
            }
            "kline" if frame["k"]["x"] == true => closing = Some(frame["k"].clone()),
            "markPriceUpdate" => mark = Some(frame),
            _ => {}
        }
    }
    let closing = closing.unwrap();
    let open = closing["t"].as_i64().unwrap();
    let page = get(&sim, &format!("/fapi/v1/klines?symbol=BTCUSDT&interval=1m&startTime={open}&limit=1")).await;
    let names = ["t", "o", "h", "l", "c", "v", "T", "q", "n", "V", "Q"];
    let row: Vec<Value> = names.iter().map(|name| closing[*name].clone()).collect();
    assert_eq!(row, page.rows()[0].as_array().unwrap()[..11]);
    assert_eq!(candle(&page.rows()[0]).open_time, Time::from_ms(open));
    let mark = mark.unwrap();
    sim.set_clock(Time::from_ms(mark["E"].as_i64().unwrap()));
    let rest = get(&sim, "/fapi/v1/premiumIndex?symbol=BTCUSDT").await.json();
    for (field, name) in [("p", "markPrice"), ("i", "indexPrice"), ("r", "lastFundingRate"), ("T", "nextFundingTime")] {
        assert_eq!(mark[field], rest[name], "{name}");
    }
}
