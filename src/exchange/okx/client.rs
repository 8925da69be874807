//! OKX's public REST interface: what is asked, and how often.

mod candles;

use super::OkxSettings;
use super::endpoint::{Endpoint, Paces, per_minute};
use super::parse;
use super::refusal::refusal;
use super::service::service;
use super::stream::OkxStream;
use super::walk::{self, Place, Walked};
use crate::domain::dataset::Dataset;
use crate::domain::funding::{Funding, FundingForecast};
use crate::domain::instrument::{ExchangeId, Instrument, InstrumentKind};
use crate::domain::interval::Interval;
use crate::domain::open_interest::OpenInterest;
use crate::domain::ticker::Ticker;
use crate::domain::time::Time;
use crate::domain::trade::Trade;
use crate::exchange::clock::Clock;
use crate::exchange::error::ExchangeError;
use crate::exchange::governor::{Attempt, Governor, GovernorSettings};
use crate::exchange::health::{Block, Health};
use crate::exchange::http::{BaseUrl, HttpClient, HttpSettings, UrlError, encode_query};
use crate::exchange::jitter::Jitter;
use crate::exchange::listing::left_out;
use crate::exchange::port::{
    BoxFuture, CandlePage, CandleRequest, Edge, Exchange, Lane, RowsPage, RowsRequest, Service, TradesRequest,
};
use crate::exchange::rate_limit::BudgetSettings;
use crate::exchange::response::{Answered, Response};
use crate::exchange::stream::Protocol;
use serde_json::value::RawValue;
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

pub(in crate::exchange) use candles::page_of_candles;

/// Rows of one page of every other list.
const ROWS: usize = 100;

/// Steps that one request for trades may name: an hour of minutes. Its pages go by cursors.
const TRADE_STEPS: usize = 60;
/// The same for funding: OKX's whole reach is three pages of settlements.
const FUNDING_STEPS: usize = 1_000;
/// Up to so many tickers of a type are asked for one by one; a list has hundreds.
const SINGLE_TICKERS: usize = 2;

/// OKX: spot markets and swaps.
#[derive(Debug)]
pub struct Okx {
    http: HttpClient,
    governor: Governor,
    paces: Paces,
    clock: Clock,
    bounds: HttpSettings,
    stream: Option<Arc<OkxStream>>,
    /// Rows of one page of candles.
    candle_rows: AtomicUsize,
    /// First candles found so far, by native symbol: where the next search begins.
    firsts: Mutex<HashMap<String, Time>>,
}

/// A GET on its way.
#[derive(Debug, Clone, Copy)]
struct Ask<'a> {
    endpoint: Endpoint,
    path: &'a str,
    lane: Lane,
    native: &'a str,
}

impl Okx {
    /// A client; connects with the first request. rustls' provider must be installed before.
    pub fn new(settings: &OkxSettings, clock: Clock) -> Result<Self, UrlError> {
        let http = HttpClient::new(BaseUrl::parse(&settings.rest_url)?, settings.http)?;
        let stream = settings.ws_url.as_deref().map(OkxStream::new).transpose()?.map(Arc::new);
        let weight = per_minute();
        let budget = BudgetSettings { weight, requests: 5 * weight, live_share: settings.live_share };
        Ok(Self {
            http,
            governor: Governor::new(GovernorSettings { budget, circuit: settings.circuit }, clock, Jitter::from_entropy()),
            paces: Paces::new(settings.live_share),
            clock,
            bounds: settings.http,
            stream,
            candle_rows: AtomicUsize::new(page_of_candles().rows),
            firsts: Mutex::default(),
        })
    }

    async fn send<T, P>(&self, ask: Ask<'_>, read: P) -> Result<Answered<T>, ExchangeError>
    where
        P: FnOnce(&[&RawValue]) -> Result<T, ExchangeError>,
    {
        let pace = Some(self.paces.of(ask.endpoint));
        self.governor.send(pace, 1, ask.lane, || self.attempt(ask, read)).await
    }

    async fn attempt<T, P>(&self, ask: Ask<'_>, read: P) -> Attempt<Answered<T>>
    where
        P: FnOnce(&[&RawValue]) -> Result<T, ExchangeError>,
    {
        let asked_at = self.clock.now();
        let most = if ask.endpoint == Endpoint::Instruments { self.bounds.max_list_body } else { self.bounds.max_body };
        let answer = match self.http.get(ask.path, most).await {
            Ok(answer) => answer,
            Err(error) => return Attempt { result: Err(error.into()), used_weight: None },
        };
        let received_at = self.clock.now();
        let response = Response::new(&self.http, &answer, ask.native, self.now());
        let result = match response.is_success().then(|| parse::rows(response.body)).flatten() {
            Some(rows) => read(&rows).map(|value| Answered { asked_at, received_at, value }).map_err(Into::into),
            None => Err(refusal(&response)),
        };
        // OKX says nothing of what is left.
        Attempt { result, used_weight: None }
    }

    async fn list(&self) -> Result<Vec<Instrument>, ExchangeError> {
        let mut instruments = Vec::new();
        for kind in ["SPOT", "SWAP"] {
            let path = format!("{}?instType={kind}", Endpoint::Instruments.path());
            let ask = Ask { endpoint: Endpoint::Instruments, path: &path, lane: Lane::Live, native: "" };
            let (listed, unreadable) = self.send(ask, parse::instruments).await?.value;
            left_out(&unreadable);
            instruments.extend(listed);
        }
        Ok(instruments)
    }

    async fn time(&self) -> Result<Time, ExchangeError> {
        let ask = Ask { endpoint: Endpoint::Time, path: Endpoint::Time.path(), lane: Lane::Live, native: "" };
        let server = self.send(ask, parse::server_time).await?;
        self.governor.budget().measure(&server);
        Ok(self.now())
    }

    /// One page of a list other than candles: asks, and judges what came.
    async fn rows<T, R>(
        &self,
        request: &RowsRequest,
        dataset: Dataset,
        (endpoint, query): (Endpoint, String),
        read: R,
    ) -> Result<RowsPage<T>, ExchangeError>
    where
        R: FnOnce(&[&RawValue]) -> Result<Walked<T>, ExchangeError>,
    {
        let instrument = &request.instrument;
        service(instrument, dataset).map_err(ExchangeError::NotServed)?;
        if request.range.is_empty() {
            return Err(ExchangeError::empty_range());
        }
        let path = format!("{}?instId={}&{query}&limit={ROWS}", endpoint.path(), encode_query(&instrument.native));
        let ask = Ask { endpoint, path: &path, lane: request.lane, native: &instrument.native };
        let Answered { asked_at, received_at, value: (rows, complete, next) } = self.send(ask, read).await?;
        Ok(RowsPage { endpoint: path, asked_at, received_at, rows, complete, next })
    }

    /// Tickers of the instruments of one type.
    async fn tickers_of(&self, kind: &str, instruments: &[&Instrument]) -> Result<Vec<Ticker>, ExchangeError> {
        let kinds: HashMap<&str, &InstrumentKind> =
            instruments.iter().map(|instrument| (instrument.native.as_str(), &instrument.kind)).collect();
        let read = |rows: &[&RawValue]| Ok(parse::tickers(rows, |native| kinds.get(native).copied()));
        if instruments.len() > SINGLE_TICKERS {
            let path = format!("{}?instType={kind}", Endpoint::Tickers.path());
            let ask = Ask { endpoint: Endpoint::Tickers, path: &path, lane: Lane::Live, native: "" };
            return Ok(self.send(ask, read).await?.value);
        }
        let mut tickers = Vec::new();
        for instrument in instruments {
            let native = &instrument.native;
            let path = format!("{}?instId={}", Endpoint::Ticker.path(), encode_query(native));
            let ask = Ask { endpoint: Endpoint::Ticker, path: &path, lane: Lane::Live, native };
            match self.send(ask, read).await {
                Ok(answered) => tickers.extend(answered.value),
                Err(ExchangeError::UnknownSymbol(_)) => tracing::debug!(native, "no ticker"),
                Err(error) => return Err(error),
            }
        }
        Ok(tickers)
    }
}

impl Exchange for Okx {
    fn id(&self) -> ExchangeId {
        ExchangeId::Okx
    }

    fn page_limit(&self, dataset: Dataset, _interval: Interval) -> usize {
        match dataset {
            Dataset::Candles => self.candle_rows.load(Ordering::Relaxed),
            Dataset::Trades => TRADE_STEPS,
            Dataset::Funding => FUNDING_STEPS,
            Dataset::OpenInterest => ROWS,
        }
    }

    fn page_weight(&self, _instrument: &Instrument, dataset: Dataset, _interval: Interval) -> u32 {
        let endpoint = match dataset {
            Dataset::Candles => Endpoint::HistoryCandles,
            Dataset::Trades => Endpoint::HistoryTrades,
            Dataset::Funding => Endpoint::FundingHistory,
            Dataset::OpenInterest => Endpoint::OpenInterestHistory,
        };
        endpoint.weight()
    }

    fn trades_request(&self) -> TradesRequest {
        TradesRequest { rows: ROWS, weight: Endpoint::HistoryTrades.weight() }
    }

    fn service(&self, instrument: &Instrument, dataset: Dataset, _interval: Interval) -> Result<Service, String> {
        service(instrument, dataset)
    }

    fn instruments(&self) -> BoxFuture<'_, Result<Vec<Instrument>, ExchangeError>> {
        Box::pin(self.list())
    }

    fn candles(&self, request: CandleRequest) -> BoxFuture<'_, Result<CandlePage, ExchangeError>> {
        Box::pin(self.closed_candles(request))
    }

    fn edge_candle(
        &self,
        instrument: Arc<Instrument>,
        interval: Interval,
        edge: Edge,
    ) -> BoxFuture<'_, Result<CandlePage, ExchangeError>> {
        Box::pin(async move {
            match edge {
                Edge::First => self.first_candle(&instrument, interval).await,
                Edge::Newest => self.newest_candle(&instrument, interval).await,
            }
        })
    }

    fn trades(&self, request: RowsRequest) -> BoxFuture<'_, Result<RowsPage<Trade>, ExchangeError>> {
        Box::pin(async move {
            let place = Place::read(request.range, request.cursor.as_ref())?;
            let read = |rows: &[&RawValue]| place.walk(request.range, parse::trades(rows, &request.instrument.kind)?);
            self.rows(&request, Dataset::Trades, (Endpoint::HistoryTrades, place.query()), read).await
        })
    }

    fn funding(&self, request: RowsRequest) -> BoxFuture<'_, Result<RowsPage<Funding>, ExchangeError>> {
        Box::pin(async move {
            let end = walk::place(request.range, request.cursor.as_ref())?;
            let read = |rows: &[&RawValue]| walk::walk(request.range, end, parse::funding(rows)?);
            self.rows(&request, Dataset::Funding, (Endpoint::FundingHistory, format!("after={}", end.ms())), read).await
        })
    }

    fn open_interest(&self, request: RowsRequest) -> BoxFuture<'_, Result<RowsPage<OpenInterest>, ExchangeError>> {
        Box::pin(async move {
            let end = walk::place(request.range, request.cursor.as_ref())?;
            let read = |rows: &[&RawValue]| walk::walk(request.range, end, parse::open_interest(rows)?);
            // The end itself belongs to what is given: a row that nobody wants would cost a wanted one its place.
            let query = format!("period=5m&end={}", end.ms() - 1);
            self.rows(&request, Dataset::OpenInterest, (Endpoint::OpenInterestHistory, query), read).await
        })
    }

    fn funding_forecast(&self, instrument: Arc<Instrument>) -> BoxFuture<'_, Result<FundingForecast, ExchangeError>> {
        Box::pin(async move {
            service(&instrument, Dataset::Funding).map_err(ExchangeError::NotServed)?;
            let native = &instrument.native;
            let path = format!("{}?instId={}", Endpoint::FundingRate.path(), encode_query(native));
            let ask = Ask { endpoint: Endpoint::FundingRate, path: &path, lane: Lane::Live, native };
            Ok(self.send(ask, parse::coming_funding).await?.value)
        })
    }

    fn tickers(&self, instruments: Vec<Arc<Instrument>>) -> BoxFuture<'_, Result<Vec<Ticker>, ExchangeError>> {
        Box::pin(async move {
            let (spot, swaps): (Vec<&Instrument>, Vec<&Instrument>) = instruments
                .iter()
                .map(|instrument| &**instrument)
                .partition(|instrument| instrument.kind == InstrumentKind::Spot);
            let mut tickers = self.tickers_of("SPOT", &spot).await?;
            tickers.extend(self.tickers_of("SWAP", &swaps).await?);
            Ok(tickers)
        })
    }

    fn protocol(&self) -> Option<Arc<dyn Protocol>> {
        self.stream.clone().map(|stream| stream as Arc<dyn Protocol>)
    }

    fn sync_clock(&self) -> BoxFuture<'_, Result<Time, ExchangeError>> {
        Box::pin(self.time())
    }

    fn now(&self) -> Time {
        self.governor.budget().now()
    }

    fn health(&self) -> Health {
        self.governor.health(self.id(), self.http.host().to_owned(), false)
    }

    fn restore_block(&self, block: Block) {
        self.governor.restore_block(block);
    }
}

#[cfg(test)]
mod tests;
