//! OKX v5: the paths of the REST interface, their parameters and their windows.

pub(super) mod bar;
mod candles;
mod error;
pub(super) mod funding;
mod instruments;
pub(super) mod open_interest;
pub(super) mod ticker;
mod trades;

use self::error::OkxError;
pub(super) use self::error::{restricted, server_error, too_many_requests};
use super::fault::plan::Strike;
use super::json::{self, e8};
use super::market::Market;
use super::query::Query;
use super::request::Request;
use super::rest::{Answer, Charge, Exchange, server_time};
use super::row::ONE;
use crate::domain::range::TimeRange;
use crate::domain::time::Time;
use std::time::Duration;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Path {
    Time,
    Instruments,
    Candles,
    HistoryCandles,
    Ticker,
    Tickers,
    Trades,
    HistoryTrades,
    FundingRate,
    FundingRateHistory,
    OpenInterest,
    OpenInterestHistory,
    MarkPrice,
}

/// A request whose path is known.
#[derive(Debug)]
pub(super) struct Call {
    path: Path,
    query: Query,
    name: String,
}

impl Call {
    pub(super) fn new(request: &Request) -> Option<Self> {
        let name = request.path().strip_prefix("/api/v5/")?;
        let path = match name {
            "public/time" => Path::Time,
            "public/instruments" => Path::Instruments,
            "market/candles" => Path::Candles,
            "market/history-candles" => Path::HistoryCandles,
            "market/ticker" => Path::Ticker,
            "market/tickers" => Path::Tickers,
            "market/trades" => Path::Trades,
            "market/history-trades" => Path::HistoryTrades,
            "public/funding-rate" => Path::FundingRate,
            "public/funding-rate-history" => Path::FundingRateHistory,
            "public/open-interest" => Path::OpenInterest,
            "rubik/stat/contracts/open-interest-history" => Path::OpenInterestHistory,
            "public/mark-price" => Path::MarkPrice,
            _ => return None,
        };
        Some(Self { path, query: Query::new(request.query()), name: name.to_owned() })
    }

    /// So many within two seconds, for each path alone, for some also for each instrument or type.
    pub(super) fn charge(&self) -> Charge {
        let (limit, apart) = match self.path {
            Path::Time => (10, None),
            Path::Instruments => (20, Some("instType")),
            Path::Candles => (40, None),
            Path::Trades => (100, None),
            Path::HistoryCandles | Path::HistoryTrades | Path::Ticker | Path::Tickers => (20, None),
            Path::OpenInterest => (20, Some("instId")),
            Path::FundingRate | Path::FundingRateHistory | Path::OpenInterestHistory | Path::MarkPrice => (10, Some("instId")),
        };
        let apart = apart.and_then(|name| self.query.given(name)).unwrap_or_default();
        Charge::Window { key: format!("okx {} {apart}", self.name), limit, window: Duration::from_secs(2) }
    }

    /// The times that a request for candles asks for.
    pub(super) fn asked(&self, now: Time) -> Option<TimeRange> {
        match self.path {
            Path::Candles | Path::HistoryCandles => candles::asked(&self.query, now),
            _ => None,
        }
    }

    /// Minutes behind an answer that is not about candles.
    pub(super) fn minutes(&self) -> i64 {
        if self.path == Path::Tickers { 64 * 1_440 } else { 0 }
    }

    pub(super) fn answer(&self, exchange: Exchange<'_>, strike: Option<Strike>) -> Answer {
        let mut out = b"{\"code\":\"0\",\"msg\":\"\",\"data\":[".to_vec();
        let query = &self.query;
        let result = match self.path {
            Path::Time => {
                out.push(b'{');
                json::quoted_field(&mut out, "ts", server_time(exchange.now, strike).ms());
                out.push(b'}');
                Ok(())
            }
            Path::Instruments => instruments::write(&mut out, query, exchange),
            Path::Candles => candles::write(&mut out, query, exchange, Some(candles::NEWEST), strike),
            Path::HistoryCandles => candles::write(&mut out, query, exchange, None, strike),
            Path::Ticker => ticker::one(&mut out, query, exchange),
            Path::Tickers => ticker::all(&mut out, query, exchange),
            Path::Trades => trades::newest(&mut out, query, exchange),
            Path::HistoryTrades => trades::history(&mut out, query, exchange),
            Path::FundingRate => funding::present(&mut out, query, exchange),
            Path::FundingRateHistory => funding::history(&mut out, query, exchange),
            Path::OpenInterest => open_interest::present(&mut out, query, exchange),
            Path::OpenInterestHistory => open_interest::history(&mut out, query, exchange),
            Path::MarkPrice => ticker::mark_price(&mut out, query, exchange),
        };
        match result {
            Ok(()) => {
                out.extend_from_slice(b"]}");
                Answer::json(200, out)
            }
            Err(error) => error.answer(),
        }
    }
}

/// Spot or perpetual.
fn type_of(market: &Market) -> &'static str {
    if market.perpetual.is_some() { "SWAP" } else { "SPOT" }
}

/// An amount of the base asset in the unit of sizes: contracts, or the asset itself.
pub(in crate::sim) fn size(market: &Market, base: i128) -> i128 {
    market.perpetual.map_or(base, |terms| base * i128::from(ONE) / e8(terms.contract_size).max(1))
}

/// The instrument that the mandatory `instId` names.
fn instrument<'a>(query: &Query, exchange: Exchange<'a>) -> Result<&'a Market, OkxError> {
    let name = query.given("instId").ok_or_else(|| OkxError::empty("instId"))?;
    exchange.find(name).ok_or_else(OkxError::no_instrument)
}

/// The instruments of a mandatory `instType`, of which `instId` may choose one. Types that are not
/// simulated have none.
fn instruments_of<'a>(query: &Query, exchange: Exchange<'a>) -> Result<Vec<&'a Market>, OkxError> {
    let kind = query.given("instType").ok_or_else(|| OkxError::empty("instType"))?;
    if !["SPOT", "MARGIN", "SWAP", "FUTURES", "OPTION", "EVENTS"].contains(&kind) {
        return Err(OkxError::wrong("instType"));
    }
    let markets: Vec<&Market> = exchange.markets().filter(|market| type_of(market) == kind).collect();
    match query.given("instId") {
        None => Ok(markets),
        Some(name) => {
            markets.into_iter().find(|market| market.native == name).map(|one| vec![one]).ok_or_else(OkxError::no_instrument)
        }
    }
}

/// A whole number, if sent.
fn number(query: &Query, name: &'static str) -> Result<Option<i64>, OkxError> {
    query.given(name).map(|text| text.parse().map_err(|_| OkxError::wrong(name))).transpose()
}

/// How many rows: `usual` where it is not said, never more than `most`.
fn limit(query: &Query, usual: i64, most: i64) -> Result<usize, OkxError> {
    match number(query, "limit")?.unwrap_or(usual) {
        limit @ 1.. => Ok(limit.min(most) as usize),
        _ => Err(OkxError::wrong("limit")),
    }
}
