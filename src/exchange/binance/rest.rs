//! What the clients of Binance's markets share: hosts, gate and clock, and how an answer is taken in.

use super::hosts::{Host, Hosts};
use super::parse::{self, InstrumentList};
use super::refusal::refusal;
use super::rows;
use super::trades::{Page, Question};
use crate::domain::candle::Source;
use crate::domain::instrument::{ExchangeId, Instrument};
use crate::domain::interval::Interval;
use crate::domain::time::Time;
use crate::domain::trade::Trade;
use crate::exchange::clock::Clock;
use crate::exchange::error::ExchangeError;
use crate::exchange::governor::{Attempt, Governor};
use crate::exchange::health::Health;
use crate::exchange::http::HttpClient;
use crate::exchange::pace::Pace;
use crate::exchange::port::{CandlePage, Lane, RowsPage, RowsRequest};
use crate::exchange::response::{Answered, Response};
use std::future::{Future, ready};
use std::sync::Arc;

/// The way to one market.
#[derive(Debug)]
pub(in crate::exchange) struct Rest {
    pub(in crate::exchange) hosts: Arc<Hosts>,
    pub(in crate::exchange) governor: Governor,
    pub(in crate::exchange) clock: Clock,
}

/// A GET on its way.
#[derive(Debug, Clone, Copy)]
pub(in crate::exchange) struct Ask<'a> {
    pub(in crate::exchange) path: &'a str,
    pub(in crate::exchange) weight: u32,
    /// Of endpoints that are counted by themselves.
    pub(in crate::exchange) pace: Option<&'a Pace>,
    pub(in crate::exchange) lane: Lane,
    pub(in crate::exchange) max_body: u64,
    /// Native symbol that is asked for; empty where there is none.
    pub(in crate::exchange) native: &'a str,
}

impl Rest {
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
        self.governor.send_paced(ask.pace, ask.weight, ask.lane, || self.attempt(host.http, ask, read)).await
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
        max_body: u64,
        request: &RowsRequest,
    ) -> Result<RowsPage<Trade>, ExchangeError> {
        let question = Question::new(request)?;
        let native = &request.instrument.native;
        let path = question.path(endpoint, native);
        let ask = Ask { path: &path, weight, pace: None, lane: request.lane, max_body, native };
        let judged = |body: Vec<u8>, asked_at| ready(rows::trades(&body).and_then(|rows| question.judge(rows, asked_at)));
        let Answered { asked_at, received_at, value: Page { rows, complete, next } } = self.send(ask, judged).await?;
        Ok(RowsPage { endpoint: path, asked_at, received_at, rows, complete, next })
    }

    /// The instrument list, which is megabytes: read aside, so that no other task of the runtime waits for it.
    pub(in crate::exchange) async fn list(
        &self,
        ask: Ask<'_>,
        read: fn(&[u8]) -> Result<InstrumentList, ExchangeError>,
    ) -> Result<Vec<Instrument>, ExchangeError> {
        let aside = |body: Vec<u8>, _| async move {
            tokio::task::spawn_blocking(move || read(&body)).await.unwrap_or_else(|error| {
                Err(ExchangeError::Malformed { what: "the instrument list could not be read".into(), excerpt: error.to_string() })
            })
        };
        let InstrumentList { instruments, unreadable, weight_per_minute, requests_per_five_minutes } =
            self.send(ask, aside).await?.value;
        if let Some(first) = unreadable.first() {
            tracing::warn!(count = unreadable.len(), first, "instruments left out of the list");
        }
        self.governor.budget().set_limits(weight_per_minute, requests_per_five_minutes);
        Ok(instruments)
    }

    /// The exchange's present time, as far as it is known.
    pub(in crate::exchange) fn now(&self) -> Time {
        self.governor.budget().now()
    }

    /// Measures the exchange's clock; `path` is where it is told, at the weight of 1.
    pub(in crate::exchange) async fn measure_clock(&self, path: &str, max_body: u64) -> Result<Time, ExchangeError> {
        let ask = Ask { path, weight: 1, pace: None, lane: Lane::Live, max_body, native: "" };
        let server = self.send(ask, |body, _| ready(parse::server_time(&body))).await?;
        self.governor.budget().measure(&server);
        Ok(self.now())
    }

    /// How the market serves us.
    pub(in crate::exchange) fn health(&self, exchange: ExchangeId) -> Health {
        let (host, _) = self.hosts.order();
        self.governor.health(exchange, host.http.host().to_owned(), host.is_fallback)
    }
}
