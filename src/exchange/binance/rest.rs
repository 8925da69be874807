//! What the clients of Binance's markets share: hosts, gate and clock, and how an answer is taken in.

use super::hosts::{Host, Hosts};
use super::parse::{self, InstrumentList};
use super::refusal::refusal;
use super::rows;
use super::trades::{Page, Question};
use crate::domain::candle::Source;
use crate::domain::instrument::{ExchangeId, Instrument};
use crate::domain::interval::Interval;
use crate::domain::range::TimeRange;
use crate::domain::time::Time;
use crate::domain::trade::Trade;
use crate::exchange::clock::Clock;
use crate::exchange::error::ExchangeError;
use crate::exchange::governor::{Attempt, Governor};
use crate::exchange::health::Health;
use crate::exchange::http::{HttpClient, HttpSettings, encode_query};
use crate::exchange::listing::{aside, left_out};
use crate::exchange::pace::Pace;
use crate::exchange::port::{CandlePage, Edge, Lane, RowsPage, RowsRequest};
use crate::exchange::response::{Answered, Response};
use std::future::{Future, ready};
use std::sync::Arc;

/// The way to one market.
#[derive(Debug)]
pub(in crate::exchange) struct Rest {
    pub(in crate::exchange) hosts: Arc<Hosts>,
    pub(in crate::exchange) governor: Governor,
    pub(in crate::exchange) clock: Clock,
    pub(in crate::exchange) http: HttpSettings,
}

/// A GET on its way.
#[derive(Debug, Clone, Copy)]
pub(in crate::exchange) struct Ask<'a> {
    path: &'a str,
    weight: u32,
    /// Of endpoints that are counted by themselves.
    pace: Option<&'a Pace>,
    lane: Lane,
    max_body: u64,
    native: &'a str,
}

impl<'a> Ask<'a> {
    /// The same to an endpoint that is counted by itself.
    pub(in crate::exchange) const fn paced(self, pace: &'a Pace) -> Self {
        Self { pace: Some(pace), ..self }
    }
}

/// Path and query of the candles of a range. Both bounds are inclusive and hold for open times.
pub(in crate::exchange) fn klines(endpoint: &str, native: &str, interval: Interval, range: TimeRange, limit: usize) -> String {
    let (symbol, interval) = (encode_query(native), interval.name());
    let (from, to) = (range.from.ms(), range.to.ms() - 1);
    format!("{endpoint}?symbol={symbol}&interval={interval}&startTime={from}&endTime={to}&limit={limit}")
}

/// Path and query of the candle at an edge. With a start alone come the oldest rows from there; without any
/// time, the newest.
pub(in crate::exchange) fn edge_kline(endpoint: &str, native: &str, interval: Interval, edge: Edge, launch: Time) -> String {
    let from = match edge {
        Edge::First => format!("&startTime={}", launch.ms()),
        Edge::Newest => String::new(),
    };
    format!("{endpoint}?symbol={}&interval={}{from}&limit=1", encode_query(native), interval.name())
}

impl Rest {
    /// A request for `native`, which is empty where no symbol is asked for.
    pub(in crate::exchange) const fn ask<'a>(&self, path: &'a str, weight: u32, lane: Lane, native: &'a str) -> Ask<'a> {
        Ask { path, weight, pace: None, lane, max_body: self.http.max_body, native }
    }

    /// Sends to the host that serves us; where it refuses this address, at once to the other. `read` gets the
    /// body of a 2xx answer, and when it was asked for by the exchange's clock.
    pub(in crate::exchange) async fn send<T, P, Fut>(&self, ask: Ask<'_>, read: P) -> Result<Answered<T>, ExchangeError>
    where
        P: Fn(Vec<u8>, Time) -> Fut,
        Fut: Future<Output = Result<T, ExchangeError>>,
    {
        let (first, second) = self.hosts.order();
        let result = self.send_to(first, ask, &read).await;
        let (Err(ExchangeError::Blocked { .. }), Some(second)) = (&result, second) else { return result };
        let result = self.send_to(second, ask, &read).await;
        // Neither a request that was not sent nor one that got no sound answer says that it serves.
        let unserved = |error: &ExchangeError| {
            error.is_outage()
                || matches!(
                    error,
                    ExchangeError::Blocked { .. }
                        | ExchangeError::RateLimited { .. }
                        | ExchangeError::Banned { .. }
                        | ExchangeError::CircuitOpen { .. }
                )
        };
        if !result.as_ref().is_err_and(unserved) {
            self.hosts.prefer(second);
        }
        result
    }

    async fn send_to<T, P, Fut>(&self, host: Host<'_>, ask: Ask<'_>, read: &P) -> Result<Answered<T>, ExchangeError>
    where
        P: Fn(Vec<u8>, Time) -> Fut,
        Fut: Future<Output = Result<T, ExchangeError>>,
    {
        self.governor.send(ask.pace, ask.weight, ask.lane, || self.attempt(host.http, ask, read)).await
    }

    async fn attempt<T, P, Fut>(&self, http: &HttpClient, ask: Ask<'_>, read: &P) -> Attempt<Answered<T>>
    where
        P: Fn(Vec<u8>, Time) -> Fut,
        Fut: Future<Output = Result<T, ExchangeError>>,
    {
        let asked_at = self.clock.now();
        let answer = match http.get(ask.path, ask.max_body).await {
            Ok(answer) => answer,
            Err(error) => return Attempt { result: Err(error.into()), used_weight: None },
        };
        let received_at = self.clock.now();
        let used_weight =
            ["x-mbx-used-weight-1m", "x-mbx-used-weight"].into_iter().find_map(|name| answer.header(name)?.trim().parse().ok());
        let response = Response::new(http, &answer, ask.native, self.now());
        if !response.is_success() {
            return Attempt { result: Err(refusal(&response)), used_weight };
        }
        let result = read(answer.body, self.governor.budget().by_exchange(asked_at)).await;
        Attempt { result: result.map(|value| Answered { asked_at, received_at, value }).map_err(Into::into), used_weight }
    }

    /// One page of candles.
    pub(in crate::exchange) async fn candles(&self, ask: Ask<'_>, interval: Interval) -> Result<CandlePage, ExchangeError> {
        let Answered { asked_at, received_at, value: rows } =
            self.send(ask, |body, _| ready(parse::klines(&body, interval))).await?;
        Ok(CandlePage { endpoint: ask.path.to_owned(), asked_at, received_at, rows, source: Source::Rest, quiet: Vec::new() })
    }

    /// One page of aggregate trades.
    pub(in crate::exchange) async fn trades(
        &self,
        endpoint: &str,
        weight: u32,
        request: &RowsRequest,
    ) -> Result<RowsPage<Trade>, ExchangeError> {
        let question = Question::new(request)?;
        let native = &request.instrument.native;
        let path = question.path(endpoint, native);
        let ask = self.ask(&path, weight, request.lane, native);
        let judged = |body: Vec<u8>, asked_at| ready(rows::trades(&body).and_then(|rows| question.judge(rows, asked_at)));
        let Answered { asked_at, received_at, value: Page { rows, complete, next } } = self.send(ask, judged).await?;
        Ok(RowsPage { endpoint: path, asked_at, received_at, rows, complete, next })
    }

    /// The instrument list.
    pub(in crate::exchange) async fn list(
        &self,
        path: &str,
        weight: u32,
        read: fn(&[u8]) -> Result<InstrumentList, ExchangeError>,
    ) -> Result<Vec<Instrument>, ExchangeError> {
        let ask = Ask { max_body: self.http.max_list_body, ..self.ask(path, weight, Lane::Live, "") };
        let InstrumentList { instruments, unreadable, weight_per_minute, requests_per_five_minutes } =
            self.send(ask, |body, _| aside(move || read(&body))).await?.value;
        left_out(&unreadable);
        self.governor.budget().set_limits(weight_per_minute, requests_per_five_minutes);
        Ok(instruments)
    }

    /// The exchange's present time, as far as it is known.
    pub(in crate::exchange) fn now(&self) -> Time {
        self.governor.budget().now()
    }

    /// Measures the exchange's clock; `path` is where it is told, at the weight of 1.
    pub(in crate::exchange) async fn measure_clock(&self, path: &str) -> Result<Time, ExchangeError> {
        let server = self.send(self.ask(path, 1, Lane::Live, ""), |body, _| ready(parse::server_time(&body))).await?;
        self.governor.budget().measure(&server);
        Ok(self.now())
    }

    /// How the market serves us.
    pub(in crate::exchange) fn health(&self, exchange: ExchangeId) -> Health {
        let (host, _) = self.hosts.order();
        self.governor.health(exchange, host.http.host().to_owned(), host.is_fallback)
    }
}
