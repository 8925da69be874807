//! One client's connection: requests in, answers out, until either side has enough.

use super::delivery::{Next, deliver};
use super::fault::Fault;
use super::fault::plan::Strike;
use super::reply::Reply;
use super::request::{self, Request};
use super::request_log::RequestLog;
use super::rest::{self, Answer, Call, Charge, Exchange};
use super::server::Shared;
use super::stream;
use super::venue::Venue;
use crate::domain::time::Time;
use std::io;
use std::sync::Arc;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;
use tokio::task::spawn_blocking;
use tokio::time::sleep;

/// Answers folded from more minutes than this are made off the runtime's own threads.
const HEAVY_MINUTES: i64 = 50_000;

/// Serves a connection to its end. Errors are the client's leaving, and of no interest.
pub(super) async fn serve(mut socket: TcpStream, shared: Arc<Shared>) -> io::Result<()> {
    socket.set_nodelay(true)?;
    let mut buffer = Vec::with_capacity(1_024);
    loop {
        let reply = match request::parse(&buffer) {
            Ok(Some((request, taken))) => {
                buffer.drain(..taken);
                if let Some(key) = &request.websocket_key {
                    let opening = stream::Opening { key: key.clone(), request, early: buffer };
                    return stream::serve(socket, opening, &shared).await;
                }
                reply(&shared, request).await
            }
            Ok(None) => {
                if socket.read_buf(&mut buffer).await? == 0 {
                    return Ok(());
                }
                continue;
            }
            Err(bad) => refuse(&shared, bad.0),
        };
        if deliver(&mut socket, reply).await? == Next::Close {
            return Ok(());
        }
    }
}

fn refuse(shared: &Shared, status: u16) -> Reply {
    Reply {
        answer: rest::server_error(Venue::Binance, status),
        retry_after: None,
        used_weight: None,
        now: shared.clock.now(),
        gzip: false,
        keep_alive: false,
        fault: None,
    }
}

/// Decides on a request: budget, fault, answer, in this order.
async fn reply(shared: &Arc<Shared>, request: Request) -> Reply {
    let latency = shared.latency();
    if !latency.is_zero() {
        sleep(latency).await;
    }
    let now = shared.clock.now();
    let venue = Venue::of_path(request.path());
    let call = Call::new(&request);
    let charged = shared.charge(venue, &call.as_ref().map_or_else(|| Charge::unknown_path(venue), Call::charge));
    let mut fault = None;
    let refused = rest::refused(venue, charged.verdict, now, charged.limit);
    let (answer, retry_after) = match (refused, call) {
        (Some(refused), _) => refused,
        (None, _) if request.method != "GET" => (rest::method_not_allowed(), None),
        (None, None) => (rest::not_found(venue), None),
        (None, Some(call)) => {
            let strike = shared.strike(request.path(), call.asked(now));
            fault = strike.map(|strike| strike.fault);
            match fault.and_then(|fault| rest::failure(venue, fault, now, charged.limit)) {
                Some(answer) => answer,
                None => (work(shared, call, venue, now, strike).await, None),
            }
        }
    };
    let silent = matches!(fault, Some(Fault::Reset | Fault::Close | Fault::NotHttp | Fault::Stall));
    shared.log(RequestLog {
        at: now,
        elapsed: shared.started.elapsed(),
        status: if silent { 0 } else { answer.status },
        fault: fault.map(|fault| fault.to_string()),
        weight: charged.weight,
        used_weight: charged.used,
        target: request.target,
    });
    let used_weight = matches!(venue, Venue::Binance | Venue::BinanceUsdm).then_some(charged.used);
    let gzip = shared.gzip && request.accepts_gzip;
    Reply { answer, retry_after, used_weight, now, gzip, keep_alive: request.keep_alive, fault }
}

async fn work(shared: &Arc<Shared>, call: Call, venue: Venue, now: Time, strike: Option<Strike>) -> Answer {
    let heavy = call.minutes(now) > HEAVY_MINUTES;
    let shared = Arc::clone(shared);
    let weight_per_minute = shared.weight_per_minute(venue);
    let answer = move || call.answer(Exchange { all: &shared.markets, venue, now, weight_per_minute }, strike);
    if heavy { spawn_blocking(answer).await.unwrap_or_else(|_| rest::server_error(venue, 500)) } else { answer() }
}
