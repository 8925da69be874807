//! A client of raw TCP, so that nothing between hides what the exchange sends.

use marketdata_tui::domain::candle::Candle;
use marketdata_tui::domain::price::parse_decimal;
use marketdata_tui::domain::time::Time;
use marketdata_tui::sim::{FaultRule, SimClock, SimConfig, Simulation};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

pub(super) const NOW: &str = "2025-07-01T12:34:30Z";

pub(super) fn time(text: &str) -> Time {
    Time::parse(text, Time::EPOCH).unwrap()
}

pub(super) fn config() -> SimConfig {
    SimConfig { clock: SimClock::From { at: time(NOW), speed: 0.0 }, ..SimConfig::default() }
}

pub(super) async fn start() -> Simulation {
    Simulation::start(config()).await.unwrap()
}

pub(super) async fn faulty(rule: FaultRule) -> Simulation {
    Simulation::start(SimConfig { faults: vec![rule], ..config() }).await.unwrap()
}

/// A parsed answer.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) head: String,
    pub(super) body: Vec<u8>,
}

impl Answer {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().filter_map(|line| line.split_once(": ")).find(|(given, _)| *given == name).map(|(_, value)| value)
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.body)))
    }

    pub(super) fn rows(&self) -> Vec<Value> {
        self.json().as_array().unwrap().clone()
    }
}

/// Everything the server sends to one request until it closes.
pub(super) async fn raw(sim: &Simulation, target: &str) -> std::io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(sim.address()).await?;
    let head = format!("GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAccept-Encoding: gzip\r\n\r\n");
    stream.write_all(head.as_bytes()).await?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await?;
    Ok(bytes)
}

pub(super) fn answer(bytes: &[u8]) -> Answer {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let status = head[9..12].parse().unwrap();
    Answer { status, head, body: bytes[end + 4..].to_vec() }
}

pub(super) async fn get(sim: &Simulation, target: &str) -> Answer {
    answer(&raw(sim, target).await.unwrap())
}

/// A row of the answer as the recorder's candle.
pub(super) fn candle(row: &Value) -> Candle {
    let decimal = |column: usize| parse_decimal(row[column].as_str().unwrap()).unwrap();
    Candle {
        open_time: Time::from_ms(row[0].as_i64().unwrap()),
        open: decimal(1),
        high: decimal(2),
        low: decimal(3),
        close: decimal(4),
        volume: decimal(5),
        quote_volume: Some(decimal(7)),
        trade_count: row[8].as_i64(),
        taker_buy_volume: Some(decimal(9)),
        taker_buy_quote_volume: Some(decimal(10)),
    }
}

pub(super) fn opens(answer: &Answer) -> Vec<i64> {
    answer.rows().iter().map(|row| row[0].as_i64().unwrap()).collect()
}
