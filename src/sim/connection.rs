//! One client's connection: requests in, answers out, until either side has enough.

use super::api::{self, Answer, Call, Exchange};
use super::delivery::{Next, deliver};
use super::fault::Fault;
use super::fault::plan::Strike;
use super::limits::Verdict;
use super::reply::Reply;
use super::request::{self, Request};
use super::request_log::RequestLog;
use super::server::Shared;
use super::stream;
use crate::domain::time::Time;
use std::io;
use std::sync::Arc;
use std::time::Duration;
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
        answer: api::server_error(status),
        retry_after: None,
        used_weight: 0,
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
    let call = Call::new(&request);
    let weight = call.as_ref().map_or(1, Call::weight);
    let (verdict, used_weight, limit) = shared.charge(weight);
    let mut retry_after = None;
    let mut fault = None;
    let answer = match (verdict, call) {
        (Verdict::Banned { remaining }, _) => {
            retry_after = Some(whole_seconds(remaining));
            // The message is in the exchange's time, which may run at another speed than the header's.
            api::banned(now.plus_ms(i64::try_from(remaining.as_millis()).unwrap_or(i64::MAX)))
        }
        (Verdict::Refused { retry_after: after }, _) => {
            retry_after = Some(whole_seconds(after));
            api::too_many_requests(limit)
        }
        (Verdict::Allowed, _) if request.method != "GET" => api::method_not_allowed(),
        (Verdict::Allowed, None) => api::not_found(),
        (Verdict::Allowed, Some(call)) => {
            let strike = shared.strike(request.path(), call.asked(now));
            fault = strike.map(|strike| strike.fault);
            match fault.and_then(|fault| failure(fault, now, limit, &mut retry_after)) {
                Some(answer) => answer,
                None => work(shared, call, now, limit, strike).await,
            }
        }
    };
    let silent = matches!(fault, Some(Fault::Reset | Fault::Close | Fault::NotHttp | Fault::Stall));
    shared.log(RequestLog {
        at: now,
        elapsed: shared.started.elapsed(),
        status: if silent { 0 } else { answer.status },
        fault: fault.map(|fault| fault.to_string()),
        weight,
        used_weight,
        target: request.target,
    });
    let gzip = shared.gzip && request.accepts_gzip;
    Reply { answer, retry_after, used_weight, now, gzip, keep_alive: request.keep_alive, fault }
}

/// The answer that a fault puts in the place of the true one, if it does.
fn failure(fault: Fault, now: Time, limit: u32, retry_after: &mut Option<u64>) -> Option<Answer> {
    match fault {
        Fault::TooManyRequests { retry_after: seconds } => {
            *retry_after = seconds;
            Some(api::too_many_requests(limit))
        }
        Fault::Banned { retry_after: seconds } => {
            *retry_after = Some(seconds);
            Some(api::banned(now.plus_ms(i64::try_from(seconds).unwrap_or(i64::MAX).saturating_mul(1_000))))
        }
        Fault::Firewall => Some(api::server_error(403)),
        Fault::Restricted => Some(api::restricted()),
        Fault::ServerError { status } => Some(api::server_error(status)),
        Fault::Html => Some(Answer { status: 200, ..api::server_error(403) }),
        _ => None,
    }
}

async fn work(shared: &Arc<Shared>, call: Call, now: Time, weight_per_minute: u32, strike: Option<Strike>) -> Answer {
    let heavy = call.minutes(now) > HEAVY_MINUTES;
    let shared = Arc::clone(shared);
    let answer = move || call.answer(Exchange { markets: &shared.markets, now, weight_per_minute }, strike);
    if heavy { spawn_blocking(answer).await.unwrap_or_else(|_| api::server_error(500)) } else { answer() }
}

/// Rounded up: who waits that long is let in.
fn whole_seconds(duration: Duration) -> u64 {
    duration.as_millis().div_ceil(1_000).max(1) as u64
}
