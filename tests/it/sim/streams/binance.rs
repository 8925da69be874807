//! Binance spot over WebSocket.

use super::super::wire::{NOW, candle, config, get, start, time};
use super::client::{Client, fields, simulation};
use marketdata_tui::domain::candle::Candle;
use marketdata_tui::domain::interval::Interval;
use marketdata_tui::domain::price::parse_decimal;
use marketdata_tui::domain::range::TimeRange;
use marketdata_tui::domain::time::Time;
use marketdata_tui::sim::{Pings, SimConfig, SimTrade, StreamSettings};
use serde_json::{Value, json};
use std::time::Duration;
use tokio_tungstenite::tungstenite::{Error, Message};

/// The `k` of a frame as the recorder's candle.
fn kline(k: &Value) -> Candle {
    let decimal = |name: &str| parse_decimal(k[name].as_str().unwrap()).unwrap();
    Candle {
        open_time: Time::from_ms(k["t"].as_i64().unwrap()),
        open: decimal("o"),
        high: decimal("h"),
        low: decimal("l"),
        close: decimal("c"),
        volume: decimal("v"),
        quote_volume: Some(decimal("q")),
        trade_count: k["n"].as_i64(),
        taker_buy_volume: Some(decimal("V")),
        taker_buy_quote_volume: Some(decimal("Q")),
    }
}

#[tokio::test]
async fn control_messages_are_answered_in_the_exchanges_words() {
    let sim = simulation(SimConfig { streams: StreamSettings { limits: false, ..StreamSettings::default() }, ..config() }).await;
    let mut client = Client::open(&sim, "/ws").await;
    let mut check = async |sent: &str, expected: &str| {
        client.send(sent).await;
        assert_eq!(client.text().await, expected, "{sent}");
    };
    check(r#"{"method":"SUBSCRIBE","params":["btcusdt@kline_1m","nosuch@aggTrade"],"id":1}"#, r#"{"result":null,"id":1}"#).await;
    check(r#"{"method":"LIST_SUBSCRIPTIONS","id":"x"}"#, r#"{"result":["btcusdt@kline_1m","nosuch@aggTrade"],"id":"x"}"#).await;
    check(r#"{"method":"UNSUBSCRIBE","params":["btcusdt@kline_1m"],"id":312}"#, r#"{"result":null,"id":312}"#).await;
    check(r#"{"method":"LIST_SUBSCRIPTIONS","id":3}"#, r#"{"result":["nosuch@aggTrade"],"id":3}"#).await;
    check(r#"{"method":"GET_PROPERTY","params":["combined"],"id":4}"#, r#"{"result":false,"id":4}"#).await;
    check(r#"{"method":"SET_PROPERTY","params":["combined",true],"id":5}"#, r#"{"result":null,"id":5}"#).await;
    check(
        r#"{"method":"SET_PROPERTY","params":[5,true],"id":4}"#,
        r#"{"error":{"code":2,"msg":"Invalid request: property name must be a string"},"id":4}"#,
    )
    .await;
    check(
        r#"{"method":"SUBSCRIBE","params":["a@b"],"id":-1}"#,
        r#"{"error":{"code":2,"msg":"Invalid request: request ID must be an unsigned integer"},"id":-1}"#,
    )
    .await;
    check("nonsense", r#"{"error":{"code":3,"msg":"Invalid JSON: expected value at line 1 column 1"},"id":null}"#).await;
}

#[tokio::test]
async fn a_minute_forms_and_closes_as_rest_has_it() {
    let sim = start().await;
    let mut client = Client::open(&sim, "/stream?streams=btcusdt@kline_1m/quietusdt@kline_1m").await;
    // Frames belong to instants of the clock: what was sent in between is what REST said then.
    client.send(r#"{"method":"LIST_SUBSCRIPTIONS","id":1}"#).await;
    assert_eq!(client.json().await["result"], json!(["btcusdt@kline_1m", "quietusdt@kline_1m"]));
    sim.advance_clock(10_000);
    let text = client.text_with("btcusdt@kline_1m").await;
    assert_eq!(fields(&text), "stream data e E s k t T s i f L o c h l v n x q V Q B");
    let frame: Value = serde_json::from_str(&text).unwrap();
    let at = frame["data"]["E"].as_i64().unwrap();
    sim.set_clock(Time::from_ms(at));
    let page = get(&sim, "/api/v3/klines?symbol=BTCUSDT&interval=1m&limit=1").await;
    assert_eq!(kline(&frame["data"]["k"]), candle(&page.rows()[0]));

    let minute = time("2025-07-01T12:34:00Z");
    sim.set_clock(minute.plus_ms(70_000));
    for symbol in ["btcusdt", "quietusdt"] {
        let mut other = Client::open(&sim, &format!("/ws/{symbol}@kline_1m")).await;
        other.send(r#"{"method":"LIST_SUBSCRIPTIONS","id":1}"#).await;
        other.json().await;
        sim.advance_clock(60_000);
        let mut before = other.json().await;
        let closing = loop {
            let frame = other.json().await;
            if frame["k"]["x"] == true {
                break frame;
            }
            assert!(frame["E"].as_i64() > before["E"].as_i64());
            before = frame;
        };
        let market = sim.market(&symbol.to_uppercase()).unwrap();
        let open = Time::from_ms(closing["k"]["t"].as_i64().unwrap());
        assert_eq!(Some(kline(&closing["k"])), market.candle(Interval::M1, open));
        let late = closing["E"].as_i64().unwrap() - open.ms() - 60_000;
        assert!((200..=2_000).contains(&late), "{late} ms after the end");
        assert_eq!(before["k"]["t"], closing["k"]["t"]);
        sim.advance_clock(70_000);
        let next = other.json().await;
        assert_eq!(next["k"]["t"].as_i64().unwrap(), open.ms() + 60_000);
    }
}

#[tokio::test]
async fn every_width_is_served() {
    let sim = start().await;
    for name in ["1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "8h", "12h", "1d", "3d", "1w", "1M"] {
        let mut client = Client::open(&sim, &format!("/ws/ethusdt@kline_{name}")).await;
        client.send(r#"{"method":"LIST_SUBSCRIPTIONS","id":1}"#).await;
        client.json().await;
        sim.advance_clock(5_000);
        let frame = client.json().await;
        sim.set_clock(Time::from_ms(frame["E"].as_i64().unwrap()));
        let page = get(&sim, &format!("/api/v3/klines?symbol=ETHUSDT&interval={name}&limit=1")).await;
        assert_eq!((kline(&frame["k"]), frame["k"]["x"].as_bool()), (candle(&page.rows()[0]), Some(false)), "{name}");
    }
}

#[tokio::test]
async fn tickers_are_those_of_rest() {
    let sim = start().await;
    let mut client = Client::open(&sim, "/ws/btcusdt@ticker").await;
    client.send(r#"{"method":"SUBSCRIBE","params":["!miniTicker@arr","quietusdt@miniTicker"],"id":1}"#).await;
    client.json().await;
    sim.advance_clock(3_000);
    let all = client.find(Value::is_array).await;
    assert!(all.as_array().unwrap().len() > 10);
    sim.advance_clock(3_000);
    let quiet = client.text_with(r#"{"e":"24hrMiniTicker""#).await;
    assert!(fields(&quiet).starts_with("e E s c o h l v q"));
    sim.advance_clock(3_000);
    let text = client.text_with("24hrTicker").await;
    assert_eq!(fields(&text), "e E s p P w x c Q b B a A o h l v q O C F L n");
    let ticker: Value = serde_json::from_str(&text).unwrap();
    sim.set_clock(Time::from_ms(ticker["E"].as_i64().unwrap()));
    let rest = get(&sim, "/api/v3/ticker/24hr?symbol=BTCUSDT").await.json();
    for (field, name) in [
        ("p", "priceChange"),
        ("P", "priceChangePercent"),
        ("w", "weightedAvgPrice"),
        ("c", "lastPrice"),
        ("o", "openPrice"),
        ("h", "highPrice"),
        ("l", "lowPrice"),
        ("v", "volume"),
        ("q", "quoteVolume"),
        ("b", "bidPrice"),
        ("A", "askQty"),
        ("O", "openTime"),
        ("C", "closeTime"),
        ("n", "count"),
    ] {
        assert_eq!(ticker[field], rest[name], "{name}");
    }
}

#[tokio::test]
async fn a_fast_clock_sends_a_minute_a_second() {
    use marketdata_tui::sim::SimClock;
    let clock = SimClock::From { at: time(NOW), speed: 240.0 };
    let sim = simulation(SimConfig { clock, ..config() }).await;
    let mut client = Client::open(&sim, "/ws/btcusdt@kline_1m").await;
    for minute in 0..2 {
        let closing = client.find(|frame| frame["k"]["x"] == true).await;
        assert_eq!(closing["k"]["t"].as_i64().unwrap(), time("2025-07-01T12:34:00Z").ms() + minute * 60_000);
    }
}

#[tokio::test]
async fn pings_are_sent_and_wanted_back() {
    let pings = Pings { every: Duration::from_millis(30), within: Duration::from_millis(60) };
    let streams = StreamSettings { spot_pings: pings, limits: false, ..StreamSettings::default() };
    let sim = simulation(SimConfig { streams, ..config() }).await;
    let mut client = Client::open(&sim, "/ws").await;
    for _ in 0..4 {
        assert!(matches!(client.message().await.unwrap(), Message::Ping(_)));
    }
    // Who does not read does not answer, and is cut off.
    tokio::time::sleep(Duration::from_millis(180)).await;
    let end = loop {
        match client.message().await {
            Ok(_) => {}
            Err(end) => break end,
        }
    };
    assert!(matches!(end, Error::Io(_) | Error::Protocol(_) | Error::ConnectionClosed), "{end}");
}

#[tokio::test]
async fn limits_are_enforced() {
    let sim = start().await;
    let mut client = Client::open(&sim, "/ws").await;
    for id in 0..6 {
        client.send(&format!(r#"{{"method":"LIST_SUBSCRIPTIONS","id":{id}}}"#)).await;
    }
    for _ in 0..5 {
        client.text().await;
    }
    assert!(matches!(client.message().await.unwrap(), Message::Close(Some(frame)) if frame.code == 1008.into()));
    let mut client = Client::open(&sim, "/ws").await;
    let names: Vec<String> = (0..1_025).map(|at| format!("\"s{at}@trade\"")).collect();
    client.send(&format!(r#"{{"method":"SUBSCRIBE","params":[{}],"id":1}}"#, names.join(","))).await;
    assert!(matches!(client.message().await.unwrap(), Message::Close(Some(frame)) if frame.code == 1008.into()));
    for _ in 2..300 {
        Client::open(&sim, "/ws").await;
    }
    let refused = Client::try_open(&sim, "/ws").await.err().unwrap();
    assert!(matches!(refused, Error::Http(answer) if answer.status() == 429));
}

#[tokio::test]
async fn a_socket_has_a_life_of_its_own() {
    let streams = StreamSettings { life: Duration::from_millis(80), ..StreamSettings::default() };
    let sim = simulation(SimConfig { streams, ..config() }).await;
    let mut client = Client::open(&sim, "/ws").await;
    assert!(matches!(client.message().await.unwrap(), Message::Close(Some(_))));
    let missing = Client::try_open(&sim, "/v9/ws").await.err().unwrap();
    assert!(matches!(missing, Error::Http(answer) if answer.status() == 404));
    let log = sim.requests();
    assert_eq!(log.iter().map(|request| request.status).collect::<Vec<_>>(), [101, 404]);
}

#[tokio::test]
async fn trades_are_those_of_the_market() {
    let sim = start().await;
    let mut client = Client::open(&sim, "/stream?streams=btcusdt@aggTrade/btcusdt@trade/btcusdt@bookTicker").await;
    client.send(r#"{"method":"LIST_SUBSCRIPTIONS","id":1}"#).await;
    client.json().await;
    let from = time(NOW);
    let to = from.plus_ms(90_000);
    sim.advance_clock(90_000);
    let expected = sim.market("BTCUSDT").unwrap().trades(TimeRange::new(from, to.plus_ms(-1)));
    assert!(expected.len() > 300);
    let mut told: [Vec<SimTrade>; 2] = Default::default();
    let mut book = 0;
    while told.iter().any(|told| told.len() < expected.len()) {
        let text = client.text().await;
        let frame: Value = serde_json::from_str(&text).unwrap();
        let data = &frame["data"];
        let (kind, id, names) = match data["e"].as_str() {
            Some("aggTrade") => (0, "a", "stream data e E s a p q f l T m M"),
            Some("trade") => (1, "t", "stream data e E s t p q T m M"),
            _ => {
                assert_eq!(fields(&text), "stream data u s b B a A");
                book += 1;
                continue;
            }
        };
        assert_eq!(fields(&text), names);
        let trade = SimTrade {
            id: data[id].as_i64().unwrap(),
            time_ns: expected[told[kind].len()].time_ns,
            price: parse_decimal(data["p"].as_str().unwrap()).unwrap(),
            size: parse_decimal(data["q"].as_str().unwrap()).unwrap(),
            taker_is_buyer: data["m"] == false,
        };
        assert_eq!(data["T"], trade.time().ms());
        told[kind].push(trade);
    }
    assert_eq!(told[0], expected);
    assert_eq!(told[1], expected);
    assert!(book + 1 >= expected.len());
}

#[tokio::test]
async fn a_candle_names_its_trades() {
    let sim = start().await;
    let mut client = Client::open(&sim, "/ws/btcusdt@kline_1m").await;
    client.send(r#"{"method":"LIST_SUBSCRIPTIONS","id":1}"#).await;
    client.json().await;
    sim.advance_clock(40_000);
    let closing = client.find(|frame| frame["k"]["x"] == true).await;
    let minute = TimeRange::new(time("2025-07-01T12:34:00Z"), time("2025-07-01T12:35:00Z"));
    let trades = sim.market("BTCUSDT").unwrap().trades(minute);
    let k = &closing["k"];
    assert_eq!((&k["f"], &k["L"]), (&json!(trades[0].id), &json!(trades.last().unwrap().id)));
    assert_eq!(k["n"], trades.len());
}
