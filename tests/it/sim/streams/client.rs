//! A WebSocket client that waits for what it is told to wait for.

use futures_util::{SinkExt as _, StreamExt as _};
use marketdata_tui::sim::{SimConfig, Simulation};
use serde_json::Value;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// No test waits longer than this for anything.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

pub(super) struct Client(WebSocketStream<MaybeTlsStream<TcpStream>>);

pub(super) async fn simulation(config: SimConfig) -> Simulation {
    Simulation::start(config).await.unwrap()
}

impl Client {
    pub(super) async fn open(sim: &Simulation, target: &str) -> Self {
        Self::try_open(sim, target).await.unwrap()
    }

    pub(super) async fn try_open(sim: &Simulation, target: &str) -> Result<Self, Error> {
        connect_async(format!("ws://{}{target}", sim.address())).await.map(|(stream, _)| Self(stream))
    }

    pub(super) async fn send(&mut self, text: &str) {
        self.0.send(Message::text(text)).await.unwrap();
    }

    pub(super) async fn send_message(&mut self, message: Message) {
        self.0.send(message).await.unwrap();
    }

    /// The next message of any kind.
    pub(super) async fn message(&mut self) -> Result<Message, Error> {
        let next = tokio::time::timeout(PATIENCE, self.0.next()).await.expect("nothing came");
        next.unwrap_or(Err(Error::ConnectionClosed))
    }

    /// The next text.
    pub(super) async fn text(&mut self) -> String {
        loop {
            match self.message().await.unwrap() {
                Message::Text(text) => return text.as_str().to_owned(),
                Message::Ping(_) | Message::Pong(_) => {}
                other => panic!("{other:?} in the place of a text"),
            }
        }
    }

    /// The next text as JSON.
    pub(super) async fn json(&mut self) -> Value {
        let text = self.text().await;
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    /// The next JSON that is as wanted; others are passed over.
    pub(super) async fn find(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        loop {
            let json = self.json().await;
            if wanted(&json) {
                return json;
            }
        }
    }

    /// The next text in which `part` stands.
    pub(super) async fn text_with(&mut self, part: &str) -> String {
        loop {
            let text = self.text().await;
            if text.contains(part) {
                return text;
            }
        }
    }

    /// Whether a text comes within so short a time that a test can wait for it.
    pub(super) async fn hears_within(&mut self, wait: Duration) -> bool {
        tokio::time::timeout(wait, self.text()).await.is_ok()
    }
}

/// The names of all fields in the order in which they stand in the text, separated by blanks.
pub(super) fn fields(text: &str) -> String {
    let pieces: Vec<&str> = text.split('"').collect();
    let names: Vec<&str> = pieces.windows(2).filter(|pair| pair[1].starts_with(':')).map(|pair| pair[0]).collect();
    names.join(" ")
}
