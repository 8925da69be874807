//! Paths, weights and paging of Binance's public REST interface.

use super::BinanceSettings;
use super::hosts::{Host, Hosts};
use super::parse::{self, InstrumentList};
use super::refusal::Refused;
use super::stream::SpotProtocol;
use crate::domain::candle::Source;
use crate::domain::dataset::Dataset;
use crate::domain::instrument::{ExchangeId, Instrument};
use crate::domain::interval::Interval;
use crate::domain::ticker::Ticker;
use crate::domain::time::Time;
use crate::exchange::clock::Clock;
use crate::exchange::error::ExchangeError;
use crate::exchange::governor::{Attempt, Governor, GovernorSettings};
use crate::exchange::health::{Block, Health};
use crate::exchange::http::{BaseUrl, HttpClient, HttpSettings, UrlError, encode_query};
use crate::exchange::jitter::Jitter;
use crate::exchange::port::{BoxFuture, CandlePage, CandleRequest, Edge, Exchange, Lane, Service};
use crate::exchange::rate_limit::BudgetSettings;
use crate::exchange::stream::Protocol;
use std::future::{Future, ready};
use std::sync::Arc;

/// Weight for one minute and requests for five, until the instrument list has told the present ones.
const DOCUMENTED_WEIGHT: u32 = 6_000;
const DOCUMENTED_REQUESTS: u32 = 300_000;
/// Most rows of one page of candles.
const PAGE_LIMIT: usize = 1_000;
/// Most symbols of one ticker request at the lowest weight.
const TICKER_SYMBOLS: usize = 20;

/// Weights of the endpoints in use.
mod weight {
    pub(super) const TIME: u32 = 1;
    pub(super) const EXCHANGE_INFO: u32 = 20;
    pub(super) const KLINES: u32 = 2;
    pub(super) const TICKERS: u32 = 2;
}

/// Binance spot.
#[derive(Debug)]
pub struct Binance {
    hosts: Arc<Hosts>,
    protocol: Option<Arc<SpotProtocol>>,
    governor: Governor,
    clock: Clock,
    http: HttpSettings,
}

/// A GET on its way.
#[derive(Debug, Clone, Copy)]
struct Ask<'a> {
    path: &'a str,
    weight: u32,
    lane: Lane,
    max_body: u64,
    native: &'a str,
}

/// A 2xx answer.
struct Answered {
    asked_at: Time,
    received_at: Time,
    body: Vec<u8>,
}

impl Binance {
    /// A client; connects with the first request. rustls' provider must be installed before.
    pub fn new(settings: &BinanceSettings, clock: Clock) -> Result<Self, UrlError> {
        let client = |url: &str| HttpClient::new(BaseUrl::parse(url)?, settings.http);
        let hosts = Hosts::new(client(&settings.rest_url)?, settings.fallback().map(client).transpose()?);
        let hosts = Arc::new(hosts);
        let protocol = settings.streams().map(|url| {
            let fallback = settings.fallback_streams().map(str::to_owned);
            Arc::new(SpotProtocol::new(url.trim().trim_end_matches('/').to_owned(), fallback, Arc::clone(&hosts)))
        });
        let budget = BudgetSettings { weight: DOCUMENTED_WEIGHT, requests: DOCUMENTED_REQUESTS, live_share: settings.live_share };
        let governor = Governor::new(GovernorSettings { budget, circuit: settings.circuit }, clock, Jitter::from_entropy());
        if settings.api_key.as_ref().is_some() {
            tracing::debug!("an API key is set; it is not sent, because public data needs none");
        }
        Ok(Self { hosts, protocol, governor, clock, http: settings.http })
    }

    /// Sends to the host that serves us; where it refuses this address, at once to the other.
    async fn send<T, P, Fut>(&self, ask: Ask<'_>, read: P) -> Result<T, ExchangeError>
    where
        P: Fn(Answered) -> Fut,
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

    async fn send_to<T, P, Fut>(&self, host: Host<'_>, ask: Ask<'_>, read: &P) -> Result<T, ExchangeError>
    where
        P: Fn(Answered) -> Fut,
        Fut: Future<Output = Result<T, ExchangeError>>,
    {
        self.governor.send(ask.weight, ask.lane, || self.attempt(host.http, ask, read)).await
    }

    async fn attempt<T, P, Fut>(&self, http: &HttpClient, ask: Ask<'_>, read: &P) -> Attempt<T>
    where
        P: Fn(Answered) -> Fut,
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
        if (200..300).contains(&answer.status) {
            let result = read(Answered { asked_at, received_at, body: answer.body }).await;
            return Attempt { result: result.map_err(Into::into), used_weight };
        }
        let refused = Refused {
            host: http.host(),
            status: answer.status,
            retry_after: answer.header("retry-after"),
            body: &answer.body,
            native: ask.native,
            now: self.governor.budget().now(),
        };
        Attempt { result: Err(refused.refusal()), used_weight }
    }

    async fn page(&self, path: String, interval: Interval, native: &str, lane: Lane) -> Result<CandlePage, ExchangeError> {
        let ask = Ask { path: &path, weight: weight::KLINES, lane, max_body: self.http.max_body, native };
        let (asked_at, received_at, rows) = self
            .send(ask, |answered| {
                let rows = parse::klines(&answered.body, interval);
                ready(rows.map(|rows| (answered.asked_at, answered.received_at, rows)))
            })
            .await?;
        Ok(CandlePage { endpoint: path, asked_at, received_at, rows, source: Source::Rest, quiet: Vec::new() })
    }

    /// Tickers of a chunk. One unknown symbol makes Binance refuse the whole list, so a refused list
    /// is halved until the culprits stand alone, and those are left out.
    async fn ticker_chunk(&self, natives: &[String]) -> Result<Vec<Ticker>, ExchangeError> {
        let mut tickers = Vec::with_capacity(natives.len());
        let mut lists = vec![natives];
        while let Some(list) = lists.pop() {
            let names: Vec<String> = list.iter().map(|native| serde_json::Value::from(native.as_str()).to_string()).collect();
            let path = format!("/api/v3/ticker/24hr?symbols={}", encode_query(&format!("[{}]", names.join(","))));
            let ask = Ask {
                path: &path,
                weight: weight::TICKERS,
                lane: Lane::Live,
                max_body: self.http.max_body,
                native: if let [native] = list { native } else { "" },
            };
            match self.send(ask, |answered| ready(parse::tickers(&answered.body))).await {
                Ok(found) => tickers.extend(found),
                Err(error) if !names_a_symbol(&error) => return Err(error),
                Err(error) => match list.split_at(list.len() / 2) {
                    ([], alone) => tracing::debug!(?alone, %error, "no ticker"),
                    (left, right) => lists.extend([right, left]),
                },
            }
        }
        Ok(tickers)
    }

    async fn list(&self) -> Result<Vec<Instrument>, ExchangeError> {
        let ask = Ask {
            // Permission sets make up most of the full answer and mean nothing to us.
            path: "/api/v3/exchangeInfo?showPermissionSets=false",
            weight: weight::EXCHANGE_INFO,
            lane: Lane::Live,
            max_body: self.http.max_list_body,
            native: "",
        };
        // Megabytes: read aside, so that no other task of the runtime waits for it.
        let read = |answered: Answered| async move {
            tokio::task::spawn_blocking(move || parse::instruments(&answered.body)).await.unwrap_or_else(|error| {
                Err(ExchangeError::Malformed { what: "the instrument list could not be read".into(), excerpt: error.to_string() })
            })
        };
        let InstrumentList { instruments, unreadable, weight_per_minute, requests_per_five_minutes } =
            self.send(ask, read).await?;
        if let Some(first) = unreadable.first() {
            tracing::warn!(count = unreadable.len(), first, "instruments left out of the list");
        }
        self.governor.budget().set_limits(weight_per_minute, requests_per_five_minutes);
        Ok(instruments)
    }

    async fn time(&self) -> Result<Time, ExchangeError> {
        let ask = Ask { path: "/api/v3/time", weight: weight::TIME, lane: Lane::Live, max_body: self.http.max_body, native: "" };
        let (asked_at, received_at, server) = self
            .send(ask, |answered| {
                ready(parse::server_time(&answered.body).map(|server| (answered.asked_at, answered.received_at, server)))
            })
            .await?;
        // The exchange read its clock somewhere between: at the middle, give or take half the way.
        let half = received_at.since(asked_at).max(0) / 2;
        self.governor.budget().set_offset(server.since(asked_at.plus_ms(half)), half + 1);
        Ok(self.now())
    }
}

/// Whether a refused list may be due to one of its symbols.
fn names_a_symbol(error: &ExchangeError) -> bool {
    const ILLEGAL_CHARACTERS: i64 = -1100;
    matches!(
        error,
        ExchangeError::UnknownSymbol(_)
            | ExchangeError::WrongStatus(_)
            | ExchangeError::BadRequest { code: ILLEGAL_CHARACTERS, .. }
    )
}

impl Exchange for Binance {
    fn id(&self) -> ExchangeId {
        ExchangeId::Binance
    }

    fn page_limit(&self, _dataset: Dataset, _interval: Interval) -> usize {
        PAGE_LIMIT
    }

    fn service(&self, instrument: &Instrument, dataset: Dataset, _interval: Interval) -> Result<Service, String> {
        match dataset {
            Dataset::Candles => Ok(Service { reach_ms: None, streams: self.protocol.is_some() }),
            Dataset::Trades | Dataset::Funding | Dataset::OpenInterest => {
                Err(format!("binance has no {dataset} of {}", instrument.symbol))
            }
        }
    }

    fn instruments(&self) -> BoxFuture<'_, Result<Vec<Instrument>, ExchangeError>> {
        Box::pin(self.list())
    }

    fn candles(&self, request: CandleRequest) -> BoxFuture<'_, Result<CandlePage, ExchangeError>> {
        Box::pin(async move {
            let CandleRequest { instrument, interval, range, lane } = request;
            let native = &instrument.native;
            if range.is_empty() {
                return Err(ExchangeError::BadRequest { code: 0, message: "an empty range was asked for".into() });
            }
            // Both bounds are inclusive and hold for open times.
            let path = format!(
                "/api/v3/klines?symbol={}&interval={}&startTime={}&endTime={}&limit={PAGE_LIMIT}",
                encode_query(native),
                interval.name(),
                range.from.ms(),
                range.to.ms() - 1
            );
            self.page(path, interval, native, lane).await
        })
    }

    fn edge_candle(
        &self,
        instrument: Arc<Instrument>,
        interval: Interval,
        edge: Edge,
    ) -> BoxFuture<'_, Result<CandlePage, ExchangeError>> {
        Box::pin(async move {
            let symbol = encode_query(&instrument.native);
            // With a start alone come the oldest rows from there; without any time, the newest.
            let from = match edge {
                Edge::First => "&startTime=0",
                Edge::Newest => "",
            };
            let path = format!("/api/v3/klines?symbol={symbol}&interval={}{from}&limit=1", interval.name());
            self.page(path, interval, &instrument.native, Lane::Live).await
        })
    }

    fn tickers(&self, instruments: Vec<Arc<Instrument>>) -> BoxFuture<'_, Result<Vec<Ticker>, ExchangeError>> {
        Box::pin(async move {
            let natives: Vec<String> = instruments.iter().map(|instrument| instrument.native.clone()).collect();
            let mut tickers = Vec::with_capacity(natives.len());
            for chunk in natives.chunks(TICKER_SYMBOLS) {
                tickers.extend(self.ticker_chunk(chunk).await?);
            }
            Ok(tickers)
        })
    }

    fn protocol(&self) -> Option<Arc<dyn Protocol>> {
        self.protocol.clone().map(|protocol| protocol as Arc<dyn Protocol>)
    }

    fn sync_clock(&self) -> BoxFuture<'_, Result<Time, ExchangeError>> {
        Box::pin(self.time())
    }

    fn now(&self) -> Time {
        self.governor.budget().now()
    }

    fn health(&self) -> Health {
        let (host, _) = self.hosts.order();
        self.governor.health(self.id(), host.http.host().to_owned(), host.is_fallback)
    }

    fn restore_block(&self, block: Block) {
        self.governor.restore_block(block);
    }
}

#[cfg(test)]
mod tests;
