//! Paths, weights and paging of Binance's public REST interface.

use super::BinanceSettings;
use super::hosts::Hosts;
use super::parse;
use super::rest::{Rest, edge_kline, klines};
use super::stream::SpotProtocol;
use crate::domain::dataset::Dataset;
use crate::domain::instrument::{ExchangeId, Instrument};
use crate::domain::interval::Interval;
use crate::domain::ticker::Ticker;
use crate::domain::time::Time;
use crate::domain::trade::Trade;
use crate::exchange::clock::Clock;
use crate::exchange::error::ExchangeError;
use crate::exchange::governor::{Governor, GovernorSettings};
use crate::exchange::health::{Block, Health};
use crate::exchange::http::{BaseUrl, HttpClient, UrlError, encode_query};
use crate::exchange::jitter::Jitter;
use crate::exchange::page_of_candles::PageOfCandles;
use crate::exchange::port::{
    BoxFuture, CandlePage, CandleRequest, Edge, Exchange, Lane, RowsPage, RowsRequest, Service, TradesRequest,
};
use crate::exchange::rate_limit::BudgetSettings;
use crate::exchange::stream::Protocol;
use std::future::ready;
use std::sync::Arc;

/// Weight for one minute and requests for five, until the instrument list has told the present ones.
const DOCUMENTED_WEIGHT: u32 = 6_000;
const DOCUMENTED_REQUESTS: u32 = 300_000;
/// <https://developers.binance.com/docs/binance-spot-api-docs/rest-api/market-data-endpoints>
pub(in crate::exchange) const PAGE_OF_CANDLES: PageOfCandles =
    PageOfCandles { rows: 1_000, weight: weight::KLINES, or_more: false };
/// Minutes of trades that one planned page spans; a busy one takes several requests.
const TRADE_MINUTES: usize = 60;
/// Most symbols of one ticker request at the lowest weight.
const TICKER_SYMBOLS: usize = 20;

const KLINES: &str = "/api/v3/klines";

/// Weights of the endpoints in use.
mod weight {
    pub(super) const EXCHANGE_INFO: u32 = 20;
    pub(super) const KLINES: u32 = 2;
    pub(super) const TRADES: u32 = 4;
    pub(super) const TICKERS: u32 = 2;
}

/// Binance spot.
#[derive(Debug)]
pub struct Binance {
    rest: Rest,
    protocol: Option<Arc<SpotProtocol>>,
}

impl Binance {
    /// A client; connects with the first request. rustls' provider must be installed before.
    pub fn new(settings: &BinanceSettings, clock: Clock) -> Result<Self, UrlError> {
        let client = |url: &str| HttpClient::new(BaseUrl::parse(url)?, settings.http);
        let hosts = Hosts::new(client(&settings.rest_url)?, settings.fallback().map(client).transpose()?);
        let hosts = Arc::new(hosts);
        let protocol = settings.streams().map(|url| SpotProtocol::new(url, settings.fallback_streams(), Arc::clone(&hosts)));
        let budget = BudgetSettings { weight: DOCUMENTED_WEIGHT, requests: DOCUMENTED_REQUESTS, live_share: settings.live_share };
        let governor = Governor::new(GovernorSettings { budget, circuit: settings.circuit }, clock, Jitter::from_entropy());
        if settings.api_key.as_ref().is_some() {
            tracing::debug!("an API key is set; it is not sent, because public data needs none");
        }
        Ok(Self { rest: Rest { hosts, governor, clock, http: settings.http }, protocol: protocol.transpose()?.map(Arc::new) })
    }

    /// Tickers of a chunk. One unknown symbol makes Binance refuse the whole list, so a refused list
    /// is halved until the culprits stand alone, and those are left out.
    async fn ticker_chunk(&self, natives: &[String]) -> Result<Vec<Ticker>, ExchangeError> {
        let mut tickers = Vec::with_capacity(natives.len());
        let mut lists = vec![natives];
        while let Some(list) = lists.pop() {
            let names: Vec<String> = list.iter().map(|native| serde_json::Value::from(native.as_str()).to_string()).collect();
            let path = format!("/api/v3/ticker/24hr?symbols={}", encode_query(&format!("[{}]", names.join(","))));
            let native = if let [native] = list { native } else { "" };
            let ask = self.rest.ask(&path, weight::TICKERS, Lane::Live, native);
            match self.rest.send(ask, |body, _| ready(parse::tickers(&body))).await {
                Ok(found) => tickers.extend(found.value),
                Err(error) if !names_a_symbol(&error) => return Err(error),
                Err(error) => match list.split_at(list.len() / 2) {
                    ([], alone) => tracing::debug!(?alone, %error, "no ticker"),
                    (left, right) => lists.extend([right, left]),
                },
            }
        }
        Ok(tickers)
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

    fn page_limit(&self, dataset: Dataset, _interval: Interval) -> usize {
        if dataset == Dataset::Trades { TRADE_MINUTES } else { PAGE_OF_CANDLES.rows }
    }

    fn page_weight(&self, _instrument: &Instrument, dataset: Dataset, _interval: Interval) -> u32 {
        if dataset == Dataset::Trades { weight::TRADES } else { PAGE_OF_CANDLES.weight }
    }

    fn trades_request(&self) -> TradesRequest {
        TradesRequest { rows: super::trades::LIMIT, weight: weight::TRADES }
    }

    fn service(&self, instrument: &Instrument, dataset: Dataset, _interval: Interval) -> Result<Service, String> {
        match dataset {
            Dataset::Candles | Dataset::Trades => Ok(Service { reach_ms: None, streams: self.protocol.is_some() }),
            Dataset::Funding | Dataset::OpenInterest => Err(format!("binance has no {dataset} of {}", instrument.symbol)),
        }
    }

    fn instruments(&self) -> BoxFuture<'_, Result<Vec<Instrument>, ExchangeError>> {
        // Permission sets make up most of the full answer and mean nothing to us.
        let path = "/api/v3/exchangeInfo?showPermissionSets=false";
        Box::pin(self.rest.list(path, weight::EXCHANGE_INFO, parse::instruments))
    }

    fn candles(&self, request: CandleRequest) -> BoxFuture<'_, Result<CandlePage, ExchangeError>> {
        Box::pin(async move {
            let CandleRequest { instrument, interval, range, lane } = request;
            let native = &instrument.native;
            if range.is_empty() {
                return Err(ExchangeError::empty_range());
            }
            let path = klines(KLINES, native, interval, range, PAGE_OF_CANDLES.rows);
            self.rest.candles(self.rest.ask(&path, weight::KLINES, lane, native), interval).await
        })
    }

    fn edge_candle(
        &self,
        instrument: Arc<Instrument>,
        interval: Interval,
        edge: Edge,
    ) -> BoxFuture<'_, Result<CandlePage, ExchangeError>> {
        Box::pin(async move {
            let native = &instrument.native;
            let path = edge_kline(KLINES, native, interval, edge, Time::EPOCH);
            self.rest.candles(self.rest.ask(&path, weight::KLINES, Lane::Live, native), interval).await
        })
    }

    fn trades(&self, request: RowsRequest) -> BoxFuture<'_, Result<RowsPage<Trade>, ExchangeError>> {
        Box::pin(async move { self.rest.trades("/api/v3/aggTrades", weight::TRADES, &request).await })
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
        Box::pin(self.rest.measure_clock("/api/v3/time"))
    }

    fn now(&self) -> Time {
        self.rest.now()
    }

    fn health(&self) -> Health {
        self.rest.health(self.id())
    }

    fn restore_block(&self, block: Block) {
        self.rest.governor.restore_block(block);
    }
}

#[cfg(test)]
mod tests;
