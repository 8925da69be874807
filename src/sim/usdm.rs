//! Binance USD-M futures: the paths of the REST interface, their parameters and their weights. Unlike
//! spot it reads past parameters that it does not know.

mod exchange_info;
mod funding;
mod open_interest;
mod ticker;

use super::binance::error::ApiError;
use super::binance::klines::{window, write_page};
use super::binance::params::Params;
use super::binance::trades::{self, Reach};
use super::fault::plan::Strike;
use super::fault::rows::Page;
use super::interval::KlineInterval;
use super::json::{self, Decimals};
use super::request::Request;
use super::rest::{Answer, Charge, Exchange, server_time};
use crate::domain::range::TimeRange;
use crate::domain::time::Time;
use std::time::Duration;

/// Most candles in an answer.
const MOST_CANDLES: i64 = 1_500;

const FIVE_MINUTES: Duration = Duration::from_secs(300);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Path {
    Ping,
    Time,
    ExchangeInfo,
    Klines,
    AggTrades,
    Trades,
    PremiumIndex,
    FundingRate,
    FundingInfo,
    OpenInterest,
    OpenInterestHist,
    Ticker24h,
    TickerPrice,
    BookTicker,
}

/// A request whose path is known.
#[derive(Debug)]
pub(super) struct Call {
    path: Path,
    params: Params,
}

impl Call {
    pub(super) fn new(request: &Request) -> Option<Self> {
        let path = match request.path() {
            "/fapi/v1/ping" => Path::Ping,
            "/fapi/v1/time" => Path::Time,
            "/fapi/v1/exchangeInfo" => Path::ExchangeInfo,
            "/fapi/v1/klines" => Path::Klines,
            "/fapi/v1/aggTrades" => Path::AggTrades,
            "/fapi/v1/trades" => Path::Trades,
            "/fapi/v1/premiumIndex" => Path::PremiumIndex,
            "/fapi/v1/fundingRate" => Path::FundingRate,
            "/fapi/v1/fundingInfo" => Path::FundingInfo,
            "/fapi/v1/openInterest" => Path::OpenInterest,
            "/futures/data/openInterestHist" => Path::OpenInterestHist,
            "/fapi/v1/ticker/24hr" => Path::Ticker24h,
            "/fapi/v1/ticker/price" | "/fapi/v2/ticker/price" => Path::TickerPrice,
            "/fapi/v1/ticker/bookTicker" => Path::BookTicker,
            _ => return None,
        };
        Some(Self { path, params: Params::new(request.query()) })
    }

    /// By the exchange's published table.
    pub(super) fn charge(&self) -> Charge {
        let one = self.params.has("symbol");
        Charge::Weight(match self.path {
            Path::Klines => match self.params.limit(500, MOST_CANDLES) {
                Ok(0..100) => 1,
                Ok(100..500) => 2,
                Ok(1_001..) => 10,
                _ => 5,
            },
            Path::AggTrades => 20,
            Path::Trades => 5,
            Path::PremiumIndex if !one => 10,
            Path::Ticker24h if !one => 40,
            Path::TickerPrice if !one => 2,
            Path::Ping
            | Path::Time
            | Path::ExchangeInfo
            | Path::OpenInterest
            | Path::PremiumIndex
            | Path::Ticker24h
            | Path::TickerPrice => 1,
            Path::BookTicker => {
                if one {
                    2
                } else {
                    5
                }
            }
            Path::FundingRate | Path::FundingInfo => {
                return Charge::Window { key: "usdm funding".to_owned(), limit: 500, window: FIVE_MINUTES };
            }
            Path::OpenInterestHist => {
                return Charge::Window { key: "usdm data".to_owned(), limit: 1_000, window: FIVE_MINUTES };
            }
        })
    }

    /// The times that a `klines` request asks for.
    pub(super) fn asked(&self, now: Time) -> Option<TimeRange> {
        if self.path != Path::Klines {
            return None;
        }
        let interval = KlineInterval::from_name(self.params.raw("interval")?)?;
        Some(window(&self.params, MOST_CANDLES).ok()?.asked(interval, now))
    }

    /// Minutes behind an answer that is not about candles.
    pub(super) fn minutes(&self) -> i64 {
        if self.path == Path::Ticker24h && !self.params.has("symbol") { 64 * 1_440 } else { 0 }
    }

    pub(super) fn answer(&self, exchange: Exchange<'_>, strike: Option<Strike>) -> Answer {
        let mut out = Vec::new();
        let time = server_time(exchange.now, strike);
        match self.write(&mut out, exchange, time, strike) {
            Ok(()) => Answer::json(200, out),
            Err(error) => error.answer(),
        }
    }

    fn write(&self, out: &mut Vec<u8>, exchange: Exchange<'_>, time: Time, strike: Option<Strike>) -> Result<(), ApiError> {
        let params = &self.params;
        match self.path {
            Path::Ping => out.extend_from_slice(b"{}"),
            Path::Time => {
                out.push(b'{');
                json::integer_field(out, "serverTime", time.ms());
                out.push(b'}');
            }
            Path::ExchangeInfo => exchange_info::write(out, exchange, time),
            Path::Klines => klines(out, params, exchange, strike)?,
            Path::AggTrades => trades::aggregated(out, params, exchange, Reach::USDM)?,
            Path::Trades => trades::newest(out, params, exchange)?,
            Path::PremiumIndex => funding::premium_index(out, params, exchange)?,
            Path::FundingRate => funding::history(out, params, exchange)?,
            Path::FundingInfo => funding::info(out, exchange),
            Path::OpenInterest => open_interest::present(out, params, exchange)?,
            Path::OpenInterestHist => open_interest::history(out, params, exchange)?,
            Path::Ticker24h => ticker::day(out, params, exchange)?,
            Path::TickerPrice => ticker::price(out, params, exchange)?,
            Path::BookTicker => ticker::book(out, params, exchange)?,
        }
        Ok(())
    }
}

fn klines(out: &mut Vec<u8>, params: &Params, exchange: Exchange<'_>, strike: Option<Strike>) -> Result<(), ApiError> {
    let market = params.market(exchange)?;
    let interval = params.text("interval")?.ok_or_else(|| ApiError::missing("interval"))?;
    let interval = KlineInterval::from_name(interval).ok_or_else(ApiError::invalid_interval)?;
    let rows = market.rows(interval, window(params, MOST_CANDLES)?, exchange.now);
    write_page(out, &Page::new(rows, strike), Decimals::of(market));
    Ok(())
}
