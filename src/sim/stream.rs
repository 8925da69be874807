//! The exchanges' WebSocket market data: who is let in at which path, and what speaks there.
//!
//! Every frame is due at an instant of the exchange's clock, and is what the market says at that instant.
//! When the clock is moved on by hand, all frames of the time between are sent in their order; a move of
//! more than an hour, or back, starts the streams afresh, as after an absence. Pings, idle times and the
//! limits follow real time, as the request budget does.

mod binance;
mod candle;
mod day;
mod feeds;
mod fields;
mod frame;
mod kraken;
mod link;
mod moments;
mod okx;
mod pace;
mod session;
mod settings;
mod sum;
mod trades;

pub use self::settings::{Pings, StreamSettings};

use self::binance::{Binance, Side};
use self::kraken::Kraken;
use self::link::{Link, Outbox};
use self::okx::Okx;
use self::session::{Protocol, Session};
use super::fault::plan::Occasion;
use super::fault::{Fault, SocketFault};
use super::request::Request;
use super::request_log::RequestLog;
use super::rest;
use super::server::Shared;
use super::venue::Venue;
use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

/// A request for a WebSocket, and what the client sent after it.
#[derive(Debug)]
pub(super) struct Opening {
    pub(super) key: String,
    pub(super) request: Request,
    pub(super) early: Vec<u8>,
}

/// Where a socket is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Door {
    Spot,
    /// USD-M candles, trades and tickers; best prices and single trades have another path.
    Usdm(Side),
    /// OKX; its candles have an address of their own.
    Okx {
        business: bool,
    },
    Kraken,
}

impl Door {
    fn of(path: &str) -> Option<Self> {
        let below = |base: &str| path.strip_prefix(base).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        match path {
            "/ws/v5/public" => return Some(Self::Okx { business: false }),
            "/ws/v5/business" => return Some(Self::Okx { business: true }),
            "/v2" => return Some(Self::Kraken),
            _ => {}
        }
        if below("/ws") || path == "/stream" {
            return Some(Self::Spot);
        }
        if below("/market/ws") || path == "/market/stream" {
            return Some(Self::Usdm(Side::Market));
        }
        (below("/public/ws") || path == "/public/stream").then_some(Self::Usdm(Side::Public))
    }

    fn venue(self) -> Venue {
        match self {
            Self::Spot => Venue::Binance,
            Self::Usdm(_) => Venue::BinanceUsdm,
            Self::Okx { .. } => Venue::Okx,
            Self::Kraken => Venue::Kraken,
        }
    }

    fn protocol(self, request: &Request, id: u64) -> Box<dyn Protocol> {
        match self {
            Self::Spot => Box::new(Binance::new(None, request)),
            Self::Usdm(side) => Box::new(Binance::new(Some(side), request)),
            Self::Okx { business } => Box::new(Okx::new(business, id)),
            Self::Kraken => Box::new(Kraken::new(id)),
        }
    }

    /// How many sockets one address may open within how long.
    const fn openings(self) -> (usize, Duration) {
        match self {
            Self::Spot | Self::Usdm(_) => (300, Duration::from_secs(300)),
            Self::Okx { .. } => (3, Duration::from_secs(1)),
            Self::Kraken => (150, Duration::from_secs(600)),
        }
    }
}

/// When sockets were asked for, by exchange.
#[derive(Debug, Default)]
pub(super) struct Doors(Vec<(Door, VecDeque<Instant>)>);

impl Doors {
    /// Counts an opening; whether it is within the exchange's limit. All clients count as one address.
    pub(super) fn admits(&mut self, door: Door) -> bool {
        let now = Instant::now();
        let (most, within) = door.openings();
        let at = self.0.iter().position(|(known, _)| *known == door).unwrap_or_else(|| {
            self.0.push((door, VecDeque::new()));
            self.0.len() - 1
        });
        let openings = &mut self.0[at].1;
        openings.retain(|opening| now.duration_since(*opening) < within);
        openings.push_back(now);
        openings.len() <= most
    }
}

/// Answers the handshake and serves the socket to its end. Errors are the client's leaving.
pub(super) async fn serve(mut socket: TcpStream, opening: Opening, shared: &Arc<Shared>) -> io::Result<()> {
    let path = opening.request.path().to_owned();
    let now = shared.clock.now();
    let door = Door::of(&path);
    let id = shared.next_socket();
    let fault = door.and_then(|_| shared.strike_socket(&path, Occasion::Handshake, (id, now), now, None));
    let status = match (door, fault) {
        (None, _) => 404,
        (_, Some(SocketFault::RefusedHandshake { status })) => status,
        (Some(door), _) if !shared.admits(door) => 429,
        _ => 101,
    };
    if let Some(SocketFault::SlowHandshake { ms }) = fault {
        tokio::time::sleep(Duration::from_millis(ms)).await;
    }
    shared.log(RequestLog {
        at: now,
        elapsed: shared.started.elapsed(),
        target: opening.request.target.clone(),
        status,
        fault: fault.map(|fault| Fault::Socket(fault).to_string()),
        weight: 0,
        used_weight: 0,
    });
    let Some(open) = door.filter(|_| status == 101) else {
        socket.write_all(refusal(door.map_or(Venue::Binance, Door::venue), status).as_bytes()).await?;
        return socket.shutdown().await;
    };
    let accept = derive_accept_key(opening.key.as_bytes());
    let head = format!(
        "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: {accept}\r\n\r\n"
    );
    socket.write_all(head.as_bytes()).await?;
    let outbox = Outbox::new(Arc::clone(shared), path, id);
    let link = Link::new(outbox);
    Session::new(socket, opening.early, open.protocol(&opening.request, id), link).run().await
}

/// What a refused handshake gets: the same pages that REST has for it.
fn refusal(venue: Venue, status: u16) -> String {
    let answer = match status {
        404 => rest::not_found(venue),
        status => rest::server_error(venue, status),
    };
    let body = String::from_utf8_lossy(&answer.body);
    format!(
        "HTTP/1.1 {status} Refused\r\ncontent-type: text/html\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        answer.body.len()
    )
}
