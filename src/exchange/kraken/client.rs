//! Paths, pace and paging of Kraken's public REST interface.

mod clock_window;
mod density;
mod history;
mod unfinished;

use super::parse::{self, InstrumentList};
use super::refusal::Reply;
use super::stream::KrakenProtocol;
use super::{KrakenSettings, minutes, unserved};
use crate::domain::dataset::Dataset;
use crate::domain::instrument::{ExchangeId, Instrument};
use crate::domain::interval::Interval;
use crate::domain::ticker::Ticker;
use crate::domain::time::{DAY_MS, Time};
use crate::domain::trade::Trade;
use crate::exchange::clock::Clock;
use crate::exchange::error::ExchangeError;
use crate::exchange::governor::{Attempt, Governor, GovernorSettings, Refusal};
use crate::exchange::health::{Block, Health};
use crate::exchange::http::{BaseUrl, HttpClient, HttpSettings, UrlError, encode_query};
use crate::exchange::jitter::Jitter;
use crate::exchange::listing::{aside, left_out};
use crate::exchange::pace::Pace;
use crate::exchange::page_of_candles::PageOfCandles;
use crate::exchange::port::{
    BoxFuture, CandlePage, CandleRequest, Edge, Exchange, Lane, RowsPage, RowsRequest, Service, TradesRequest,
};
use crate::exchange::rate_limit::BudgetSettings;
use crate::exchange::response::{Answered, Response};
use crate::exchange::stream::Protocol;
use clock_window::ClockWindow;
use density::Density;
use std::collections::HashSet;
use std::future::{Future, ready};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use unfinished::Unfinished;

/// Requests in a minute, by the pace of one in a second. The budget adds the live share to it and
/// shows on screen.
const REQUESTS_PER_MINUTE: u32 = 60;
/// Candles or minutes of one page: see `page_of_candles` and `page_limit`.
const MOST_CANDLES: i64 = 120;
const MOST_MINUTES_OF_TRADES: usize = 1_440;
/// Pairs that are asked for by name; more are taken out of the list of all, because a long list of
/// names breaks the answer (HTTP 520).
const NAMED_TICKERS: usize = 20;

/// A page of the past, which is folded from trades: a day of them at most, in one request or more.
pub(in crate::exchange) fn page_of_candles(interval: Interval) -> PageOfCandles {
    let rows = usize::try_from((DAY_MS / interval.ms()).clamp(1, MOST_CANDLES)).unwrap_or(1);
    PageOfCandles { rows, weight: 1, or_more: true }
}

/// Kraken spot.
#[derive(Debug)]
pub struct Kraken {
    client: HttpClient,
    governor: Governor,
    /// One request in a second. Kraken counts candles and trades by address and pair, the rest by
    /// address; it tells neither limit nor use, so all share the pace that is known to be safe.
    pace: Pace,
    /// Refusals for too many requests in a row.
    strikes: AtomicU32,
    clock: Clock,
    window: Mutex<ClockWindow>,
    unfinished: Unfinished,
    density: Density,
    http: HttpSettings,
    protocol: Option<Arc<KrakenProtocol>>,
}

/// A GET on its way.
#[derive(Debug, Clone, Copy)]
struct Ask<'a> {
    path: &'a str,
    lane: Lane,
    max_body: u64,
    native: &'a str,
}

impl Kraken {
    /// A client; connects with the first request. rustls' provider must be installed before.
    pub fn new(settings: &KrakenSettings, clock: Clock) -> Result<Self, UrlError> {
        let client = HttpClient::new(BaseUrl::parse(&settings.rest_url)?, settings.http)?;
        let protocol = settings.ws_url.as_deref().map(KrakenProtocol::new).transpose()?.map(Arc::new);
        let budget =
            BudgetSettings { weight: REQUESTS_PER_MINUTE, requests: 5 * REQUESTS_PER_MINUTE, live_share: settings.live_share };
        let governor = Governor::new(GovernorSettings { budget, circuit: settings.circuit }, clock, Jitter::from_entropy());
        Ok(Self {
            client,
            governor,
            pace: Pace::new(1, Duration::from_secs(1), settings.live_share),
            strikes: AtomicU32::new(0),
            clock,
            window: Mutex::default(),
            unfinished: Unfinished::default(),
            density: Density::default(),
            http: settings.http,
            protocol,
        })
    }

    /// One request, and its result read by `read`.
    async fn send<T, P, Fut>(&self, ask: Ask<'_>, read: P) -> Result<Answered<T>, ExchangeError>
    where
        P: FnOnce(String) -> Fut,
        Fut: Future<Output = Result<T, ExchangeError>>,
    {
        self.governor.send(Some(&self.pace), 1, ask.lane, || self.attempt(ask, read)).await
    }

    async fn attempt<T, P, Fut>(&self, ask: Ask<'_>, read: P) -> Attempt<Answered<T>>
    where
        P: FnOnce(String) -> Fut,
        Fut: Future<Output = Result<T, ExchangeError>>,
    {
        let result = self.answer(ask, read).await;
        match &result {
            Err(Refusal::RateLimited(_)) => {
                self.strikes.fetch_add(1, Ordering::Relaxed);
            }
            Ok(_) => self.strikes.store(0, Ordering::Relaxed),
            Err(_) => {}
        }
        Attempt { result, used_weight: None }
    }

    async fn answer<T, P, Fut>(&self, ask: Ask<'_>, read: P) -> Result<Answered<T>, Refusal>
    where
        P: FnOnce(String) -> Fut,
        Fut: Future<Output = Result<T, ExchangeError>>,
    {
        let asked_at = self.clock.now();
        let answer = self.client.get(ask.path, ask.max_body).await?;
        let received_at = self.clock.now();
        let response = Response::new(&self.client, &answer, ask.native, self.now());
        let result = Reply { response, strikes: self.strikes.load(Ordering::Relaxed) }.result()?.to_owned();
        Ok(Answered { asked_at, received_at, value: read(result).await? })
    }

    /// An ordinary request of the live lane.
    async fn small<T>(
        &self,
        path: &str,
        native: &str,
        read: impl FnOnce(&str) -> Result<T, ExchangeError>,
    ) -> Result<Answered<T>, ExchangeError> {
        let ask = Ask { path, lane: Lane::Live, max_body: self.http.max_body, native };
        self.send(ask, |result| ready(read(&result))).await
    }

    async fn list(&self) -> Result<Vec<Instrument>, ExchangeError> {
        let ask = |path| Ask { path, lane: Lane::Live, max_body: self.http.max_list_body, native: "" };
        let assets = self.send(ask("/0/public/Assets"), |result| ready(Ok(result))).await?.value;
        let read = |pairs: String| aside(move || parse::instruments(&assets, &pairs));
        let InstrumentList { instruments, unreadable } = self.send(ask("/0/public/AssetPairs"), read).await?.value;
        left_out(&unreadable);
        Ok(instruments)
    }

    /// Tickers of a few pairs by name. One unknown pair makes Kraken refuse the whole list; then, and
    /// for many pairs, all are asked for and the wanted ones taken out.
    async fn ticker_list(&self, wanted: &[Arc<Instrument>]) -> Result<Vec<Ticker>, ExchangeError> {
        let natives: Vec<&str> = wanted.iter().map(|instrument| instrument.native.as_str()).collect();
        if natives.is_empty() {
            return Ok(Vec::new());
        }
        if natives.len() <= NAMED_TICKERS {
            let path = format!("/0/public/Ticker?pair={}", encode_query(&natives.join(",")));
            match self.tickers_at(&path).await {
                Err(ExchangeError::UnknownSymbol(_)) if natives.len() == 1 => return Ok(Vec::new()),
                Err(error @ ExchangeError::UnknownSymbol(_)) => tracing::debug!(?natives, %error, "no tickers by name"),
                Err(error) => return Err(error),
                Ok(mut tickers) => {
                    // The answer may spell the pair otherwise.
                    if let ([native], [ticker]) = (&natives[..], &mut tickers[..]) {
                        (*native).clone_into(&mut ticker.native);
                    }
                    return Ok(tickers);
                }
            }
        }
        let wanted: HashSet<&str> = natives.into_iter().collect();
        let all = self.tickers_at("/0/public/Ticker").await?;
        Ok(all.into_iter().filter(|ticker| wanted.contains(ticker.native.as_str())).collect())
    }

    async fn tickers_at(&self, path: &str) -> Result<Vec<Ticker>, ExchangeError> {
        Ok(self.small(path, "", |result| parse::tickers(result, self.now())).await?.value)
    }

    async fn time(&self) -> Result<Time, ExchangeError> {
        let got = self.small("/0/public/Time", "", parse::server_time).await?;
        let mut window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        let (offset_ms, error_ms) = window.narrow(got.asked_at, got.received_at, got.value);
        drop(window);
        self.governor.budget().set_offset(offset_ms, error_ms);
        Ok(self.now())
    }
}

impl Exchange for Kraken {
    fn id(&self) -> ExchangeId {
        ExchangeId::Kraken
    }

    /// Candles: two hours of minutes, and at most a day of wider ones. The newest 720 would come in one
    /// answer, but a page of the past is folded from its trades, a thousand to a request: this keeps a
    /// call of a busy pair within a minute, or a few where a single candle takes a whole day.
    fn page_limit(&self, dataset: Dataset, interval: Interval) -> usize {
        match dataset {
            Dataset::Candles => page_of_candles(interval).rows,
            Dataset::Trades | Dataset::Funding | Dataset::OpenInterest => MOST_MINUTES_OF_TRADES,
        }
    }

    /// A page of the past is folded from trades, and so are those of trades themselves.
    fn page_weight(&self, instrument: &Instrument, dataset: Dataset, interval: Interval) -> u32 {
        let steps = i64::try_from(self.page_limit(dataset, interval)).unwrap_or(i64::MAX);
        self.density.requests(&instrument.native, steps.saturating_mul(interval.ms()))
    }

    fn trades_request(&self) -> TradesRequest {
        TradesRequest { rows: super::rebuild::PAGE_ROWS, weight: 1 }
    }

    fn service(&self, instrument: &Instrument, dataset: Dataset, interval: Interval) -> Result<Service, String> {
        match dataset {
            Dataset::Candles if minutes(interval).is_none() => Err(unserved(interval)),
            Dataset::Candles | Dataset::Trades => Ok(Service { reach_ms: None, streams: true }),
            Dataset::Funding | Dataset::OpenInterest => Err(format!("kraken has no {dataset} of {}", instrument.symbol)),
        }
    }

    fn instruments(&self) -> BoxFuture<'_, Result<Vec<Instrument>, ExchangeError>> {
        Box::pin(self.list())
    }

    fn candles(&self, request: CandleRequest) -> BoxFuture<'_, Result<CandlePage, ExchangeError>> {
        Box::pin(self.candle_page(request))
    }

    fn edge_candle(
        &self,
        instrument: Arc<Instrument>,
        interval: Interval,
        edge: Edge,
    ) -> BoxFuture<'_, Result<CandlePage, ExchangeError>> {
        Box::pin(self.edge(instrument, interval, edge))
    }

    fn trades(&self, request: RowsRequest) -> BoxFuture<'_, Result<RowsPage<Trade>, ExchangeError>> {
        Box::pin(self.trade_page(request))
    }

    fn tickers(&self, instruments: Vec<Arc<Instrument>>) -> BoxFuture<'_, Result<Vec<Ticker>, ExchangeError>> {
        Box::pin(async move { self.ticker_list(&instruments).await })
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
        self.governor.health(self.id(), self.client.host().to_owned(), false)
    }

    fn restore_block(&self, block: Block) {
        self.governor.restore_block(block);
    }
}

#[cfg(test)]
mod tests;
