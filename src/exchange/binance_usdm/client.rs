//! Paths, weights and paging of the futures' public REST interface.

use super::UsdmSettings;
use super::history::{LAUNCH, Question};
use super::parse::{self, FundingIntervals};
use super::stream::UsdmProtocol;
use crate::domain::dataset::Dataset;
use crate::domain::funding::{Funding, FundingForecast};
use crate::domain::instrument::{ExchangeId, Instrument, InstrumentKind};
use crate::domain::interval::Interval;
use crate::domain::open_interest::OpenInterest;
use crate::domain::ticker::Ticker;
use crate::domain::time::{DAY_MS, HOUR_MS, Time};
use crate::domain::trade::Trade;
use crate::exchange::binance::hosts::Hosts;
use crate::exchange::binance::parse::tickers;
use crate::exchange::binance::rest::{Rest, edge_kline, klines};
use crate::exchange::binance::rows::Rows;
use crate::exchange::clock::Clock;
use crate::exchange::error::ExchangeError;
use crate::exchange::governor::{Governor, GovernorSettings};
use crate::exchange::health::{Block, Health};
use crate::exchange::http::{BaseUrl, HttpClient, UrlError, encode_query};
use crate::exchange::jitter::Jitter;
use crate::exchange::pace::Pace;
use crate::exchange::page_of_candles::PageOfCandles;
use crate::exchange::port::{
    BoxFuture, CandlePage, CandleRequest, Edge, Exchange, Lane, RowsPage, RowsRequest, Service, TradesRequest,
};
use crate::exchange::rate_limit::BudgetSettings;
use crate::exchange::response::Answered;
use crate::exchange::stream::Protocol;
use futures_util::{StreamExt as _, TryStreamExt as _};
use std::collections::HashMap;
use std::future::ready;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// Weight for one minute, until the instrument list has told the present one.
const DOCUMENTED_WEIGHT: u32 = 2_400;
/// Requests are not counted beside their weight: more than weight and paces let through in five minutes.
const UNCOUNTED_REQUESTS: u32 = 20_000;
/// 499 rows weigh 2, 1,000 weigh 5 and 1,500 weigh 10: this is what brings most
/// candles within a minute's weight, 598,800 of them instead of 480,000 or 360,000.
///
/// <https://developers.binance.com/docs/derivatives/usds-margined-futures/market-data/rest-api/Kline-Candlestick-Data>
pub(in crate::exchange) const PAGE_OF_CANDLES: PageOfCandles =
    PageOfCandles { rows: 499, weight: weight::KLINES, or_more: false };
/// Candles of one page at the least weight.
const FEW_CANDLES: usize = 99;
/// Minutes of trades that one planned page spans: the exchange takes no window of an hour or more.
const TRADE_MINUTES: usize = 60;
/// Hours of funding that one planned page spans: 500 settlements as a rule, one every eight hours.
const FUNDING_HOURS: usize = 4_000;
/// Most funding rates of one answer.
const FUNDING_ROWS: usize = 1_000;
/// Most rows of open interest of one answer, one for each five minutes.
const OPEN_INTEREST_ROWS: usize = 500;
/// How far back trades are served: 48 hours, less one in which a page may wait for its turn.
const TRADE_REACH_MS: i64 = 47 * HOUR_MS;
/// How far back open interest is served: 30 days, less an hour in which a page may wait for its turn.
const OPEN_INTEREST_REACH_MS: i64 = 30 * DAY_MS - HOUR_MS;
/// Tickers of all symbols weigh 40, and that of one weighs 1.
const ALL_TICKERS: usize = 40;
/// Single tickers that are asked for at the same time.
const TICKERS_AT_ONCE: usize = 8;
/// Between two looks at the funding intervals, which change rarely.
const INTERVALS_EVERY: Duration = Duration::from_secs(3_600);
/// The exchange counts requests for funding, and those for open interest, within any five minutes.
const PACE_WINDOW: Duration = Duration::from_secs(300);

const KLINES: &str = "/fapi/v1/klines";

/// Weights of the endpoints in use.
mod weight {
    pub(super) const EXCHANGE_INFO: u32 = 1;
    pub(super) const FEW_KLINES: u32 = 1;
    pub(super) const KLINES: u32 = 2;
    pub(super) const TRADES: u32 = 20;
    pub(super) const PREMIUM_INDEX: u32 = 1;
    pub(super) const TICKER: u32 = 1;
    pub(super) const TICKERS: u32 = 40;
    /// Endpoints that are counted by a pace of their own.
    pub(super) const PACED: u32 = 0;
}

/// Binance's USD-M futures.
#[derive(Debug)]
pub struct BinanceUsdm {
    rest: Rest,
    protocol: Option<Arc<UsdmProtocol>>,
    /// Of `fundingRate` and `fundingInfo` together.
    funding_pace: Pace,
    open_interest_pace: Pace,
    /// As they were told last, and when.
    intervals: tokio::sync::Mutex<Option<(Instant, FundingIntervals)>>,
}

impl BinanceUsdm {
    /// A client; connects with the first request. rustls' provider must be installed before.
    pub fn new(settings: &UsdmSettings, clock: Clock) -> Result<Self, UrlError> {
        let hosts = Hosts::new(HttpClient::new(BaseUrl::parse(&settings.rest_url)?, settings.http)?, None);
        let budget = BudgetSettings { weight: DOCUMENTED_WEIGHT, requests: UNCOUNTED_REQUESTS, live_share: settings.live_share };
        let governor = Governor::new(GovernorSettings { budget, circuit: settings.circuit }, clock, Jitter::from_entropy());
        Ok(Self {
            rest: Rest { hosts: Arc::new(hosts), governor, clock, http: settings.http },
            protocol: settings.streams().map(UsdmProtocol::new).transpose()?.map(Arc::new),
            funding_pace: Pace::new(500, PACE_WINDOW, settings.live_share),
            open_interest_pace: Pace::new(1_000, PACE_WINDOW, settings.live_share),
            intervals: tokio::sync::Mutex::new(None),
        })
    }

    /// A page of a list that is keyed by time, from an endpoint with a pace of its own.
    async fn rows<T>(
        &self,
        pace: &Pace,
        path: String,
        (request, question): (&RowsRequest, Question),
        read: fn(&[u8], &str) -> Result<Rows<T>, ExchangeError>,
        time: fn(&T) -> Time,
    ) -> Result<RowsPage<T>, ExchangeError> {
        let native = &request.instrument.native;
        let ask = self.rest.ask(&path, weight::PACED, request.lane, native).paced(pace);
        let judged = |body: Vec<u8>, asked_at| ready(read(&body, native).and_then(|rows| question.judge(rows, time, asked_at)));
        let Answered { asked_at, received_at, value: (rows, complete, next) } = self.rest.send(ask, judged).await?;
        Ok(RowsPage { endpoint: path, asked_at, received_at, rows, complete, next })
    }

    /// The interval of a symbol's funding; `None` while it cannot be asked for.
    async fn interval_ms(&self, native: &str) -> Option<i64> {
        let mut known = self.intervals.lock().await;
        if known.as_ref().is_none_or(|(at, _)| at.elapsed() >= INTERVALS_EVERY) {
            let ask = self.rest.ask("/fapi/v1/fundingInfo", weight::PACED, Lane::Live, "").paced(&self.funding_pace);
            match self.rest.send(ask, |body, _| ready(parse::funding_intervals(&body))).await {
                Ok(intervals) => *known = Some((Instant::now(), intervals.value)),
                Err(error) => tracing::debug!(%error, "no funding intervals"),
            }
        }
        known.as_ref().map(|(_, intervals)| intervals.of(native))
    }

    async fn ticker(&self, native: &str) -> Result<Option<Ticker>, ExchangeError> {
        let path = format!("/fapi/v1/ticker/24hr?symbol={}", encode_query(native));
        let ask = self.rest.ask(&path, weight::TICKER, Lane::Live, native);
        match self.rest.send(ask, |body, _| ready(parse::single_ticker(&body))).await {
            Ok(ticker) => Ok(Some(ticker.value).filter(|ticker| ticker.native == native)),
            Err(error @ (ExchangeError::UnknownSymbol(_) | ExchangeError::WrongStatus(_))) => {
                tracing::debug!(native, %error, "no ticker");
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// In the asked order, out of those of the whole market.
    async fn of_all_tickers(&self, natives: &[Arc<Instrument>]) -> Result<Vec<Ticker>, ExchangeError> {
        let ask = self.rest.ask("/fapi/v1/ticker/24hr", weight::TICKERS, Lane::Live, "");
        let all = self.rest.send(ask, |body, _| ready(tickers(&body))).await?.value;
        let mut known: HashMap<String, Ticker> = all.into_iter().map(|ticker| (ticker.native.clone(), ticker)).collect();
        Ok(natives.iter().filter_map(|instrument| known.remove(&instrument.native)).collect())
    }
}

/// What a page of so many candles weighs: by what is asked for, not by what comes.
const fn klines_weight(limit: usize) -> u32 {
    if limit <= FEW_CANDLES { weight::FEW_KLINES } else { weight::KLINES }
}

impl Exchange for BinanceUsdm {
    fn id(&self) -> ExchangeId {
        ExchangeId::BinanceUsdm
    }

    fn page_limit(&self, dataset: Dataset, _interval: Interval) -> usize {
        match dataset {
            Dataset::Candles => PAGE_OF_CANDLES.rows,
            Dataset::Trades => TRADE_MINUTES,
            Dataset::Funding => FUNDING_HOURS,
            Dataset::OpenInterest => OPEN_INTEREST_ROWS,
        }
    }

    fn page_weight(&self, _instrument: &Instrument, dataset: Dataset, _interval: Interval) -> u32 {
        let share = |pace: &Pace| {
            let minutes = u32::try_from(PACE_WINDOW.as_secs() / 60).unwrap_or(1);
            (self.health().budget_limit * minutes / pace.used_and_limit().1.max(1)).max(1)
        };
        match dataset {
            Dataset::Candles => PAGE_OF_CANDLES.weight,
            Dataset::Trades => weight::TRADES,
            Dataset::Funding => share(&self.funding_pace),
            Dataset::OpenInterest => share(&self.open_interest_pace),
        }
    }

    fn trades_request(&self) -> TradesRequest {
        TradesRequest { rows: crate::exchange::binance::trades::LIMIT, weight: weight::TRADES }
    }

    fn service(&self, instrument: &Instrument, dataset: Dataset, _interval: Interval) -> Result<Service, String> {
        if instrument.kind == InstrumentKind::Spot {
            return Err(format!("binanceusdm has perpetuals alone, and {} is none", instrument.symbol));
        }
        let streams = self.protocol.is_some();
        Ok(match dataset {
            Dataset::Candles => Service { reach_ms: None, streams },
            Dataset::Trades => Service { reach_ms: Some(TRADE_REACH_MS), streams },
            Dataset::Funding => Service { reach_ms: None, streams: false },
            Dataset::OpenInterest => Service { reach_ms: Some(OPEN_INTEREST_REACH_MS), streams: false },
        })
    }

    fn instruments(&self) -> BoxFuture<'_, Result<Vec<Instrument>, ExchangeError>> {
        Box::pin(self.rest.list("/fapi/v1/exchangeInfo", weight::EXCHANGE_INFO, parse::instruments))
    }

    fn candles(&self, request: CandleRequest) -> BoxFuture<'_, Result<CandlePage, ExchangeError>> {
        Box::pin(async move {
            let CandleRequest { instrument, interval, range, lane } = request;
            let native = &instrument.native;
            let limit = usize::try_from(interval.count(range)).unwrap_or(0);
            if limit < 1 {
                return Err(ExchangeError::empty_range());
            }
            let path = klines(KLINES, native, interval, range, limit);
            let mut page = self.rest.candles(self.rest.ask(&path, klines_weight(limit), lane, native), interval).await?;
            if range.to <= LAUNCH {
                page.rows.clear();
            }
            Ok(page)
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
            let path = edge_kline(KLINES, native, interval, edge, LAUNCH);
            self.rest.candles(self.rest.ask(&path, weight::FEW_KLINES, Lane::Live, native), interval).await
        })
    }

    fn trades(&self, request: RowsRequest) -> BoxFuture<'_, Result<RowsPage<Trade>, ExchangeError>> {
        Box::pin(async move { self.rest.trades("/fapi/v1/aggTrades", weight::TRADES, &request).await })
    }

    fn funding(&self, request: RowsRequest) -> BoxFuture<'_, Result<RowsPage<Funding>, ExchangeError>> {
        Box::pin(async move {
            let question = Question::new(&request, FUNDING_ROWS, 1)?;
            let path = format!("/fapi/v1/fundingRate?symbol={}&{}", encode_query(&request.instrument.native), question.query());
            self.rows(&self.funding_pace, path, (&request, question), parse::funding, |row| row.time).await
        })
    }

    fn open_interest(&self, request: RowsRequest) -> BoxFuture<'_, Result<RowsPage<OpenInterest>, ExchangeError>> {
        Box::pin(async move {
            let question = Question::new(&request, OPEN_INTEREST_ROWS, Interval::M5.ms())?;
            let symbol = encode_query(&request.instrument.native);
            let path = format!("/futures/data/openInterestHist?symbol={symbol}&period=5m&{}", question.query());
            self.rows(&self.open_interest_pace, path, (&request, question), parse::open_interest, |row| row.time).await
        })
    }

    fn funding_forecast(&self, instrument: Arc<Instrument>) -> BoxFuture<'_, Result<FundingForecast, ExchangeError>> {
        Box::pin(async move {
            let native = &instrument.native;
            let path = format!("/fapi/v1/premiumIndex?symbol={}", encode_query(native));
            let ask = self.rest.ask(&path, weight::PREMIUM_INDEX, Lane::Live, native);
            let forecast = self.rest.send(ask, |body, _| ready(parse::forecast(&body, native))).await?.value;
            Ok(FundingForecast { interval_ms: self.interval_ms(native).await, ..forecast })
        })
    }

    fn tickers(&self, instruments: Vec<Arc<Instrument>>) -> BoxFuture<'_, Result<Vec<Ticker>, ExchangeError>> {
        Box::pin(async move {
            if instruments.len() >= ALL_TICKERS {
                return self.of_all_tickers(&instruments).await;
            }
            let found: Vec<Option<Ticker>> = futures_util::stream::iter(instruments)
                .map(|instrument| async move { self.ticker(&instrument.native).await })
                .buffered(TICKERS_AT_ONCE)
                .try_collect()
                .await?;
            Ok(found.into_iter().flatten().collect())
        })
    }

    fn protocol(&self) -> Option<Arc<dyn Protocol>> {
        self.protocol.clone().map(|protocol| protocol as Arc<dyn Protocol>)
    }

    fn sync_clock(&self) -> BoxFuture<'_, Result<Time, ExchangeError>> {
        Box::pin(self.rest.measure_clock("/fapi/v1/time"))
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
