//! Kraken spot: the methods of the public REST interface. Everything comes with status 200.

mod assets;
mod error;
pub(super) mod ohlc;
mod ticker;
mod trades;

use self::error::KrakenError;
pub(super) use self::error::{locked_out, server_error, too_many_requests, unknown_method};
use super::fault::plan::Strike;
use super::json;
use super::market::Market;
use super::query::Query;
use super::request::Request;
use super::rest::{Answer, Charge, Exchange, server_time};
use super::venue::kraken_asset;
use crate::domain::range::TimeRange;
use crate::domain::time::Time;
use std::time::Duration;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Method {
    Time,
    SystemStatus,
    Assets,
    AssetPairs,
    Ticker,
    Ohlc,
    Trades,
}

/// A request whose path is known.
#[derive(Debug)]
pub(super) struct Call {
    method: Method,
    query: Query,
}

/// About one a second; a client that paces itself by the second is never refused for its jitter.
const CALLS: u32 = 3;
const WINDOW: Duration = Duration::from_secs(2);

impl Call {
    pub(super) fn new(request: &Request) -> Option<Self> {
        let method = match request.path().strip_prefix("/0/public/")? {
            "Time" => Method::Time,
            "SystemStatus" => Method::SystemStatus,
            "Assets" => Method::Assets,
            "AssetPairs" => Method::AssetPairs,
            "Ticker" => Method::Ticker,
            "OHLC" => Method::Ohlc,
            "Trades" => Method::Trades,
            _ => return None,
        };
        Some(Self { method, query: Query::new(request.query()) })
    }

    /// Candles and trades are counted for each pair alone, everything else together.
    pub(super) fn charge(&self) -> Charge {
        let pair = self.query.given("pair").unwrap_or_default();
        let key = match self.method {
            Method::Ohlc | Method::Trades => format!("kraken {:?} {pair}", self.method),
            _ => "kraken".to_owned(),
        };
        Charge::Window { key, limit: CALLS, window: WINDOW }
    }

    /// The times that a request for candles asks for.
    pub(super) fn asked(&self, now: Time) -> Option<TimeRange> {
        if self.method == Method::Ohlc { ohlc::asked(&self.query, now) } else { None }
    }

    /// Minutes behind an answer that is not about candles.
    pub(super) fn minutes(&self) -> i64 {
        if self.method == Method::Ticker && !self.query.has("pair") { 64 * 1_440 } else { 0 }
    }

    pub(super) fn answer(&self, exchange: Exchange<'_>, strike: Option<Strike>) -> Answer {
        let mut out = b"{\"error\":[],\"result\":{".to_vec();
        let now = server_time(exchange.now, strike);
        let query = &self.query;
        let result = match self.method {
            Method::Time => {
                json::integer_field(&mut out, "unixtime", now.ms().div_euclid(1_000));
                json::string_field(&mut out, "rfc1123", &now.format("%a, %d %b %y %H:%M:%S +0000"));
                Ok(())
            }
            Method::SystemStatus => {
                json::string_field(&mut out, "status", "online");
                json::string_field(&mut out, "timestamp", &now.format("%Y-%m-%dT%H:%M:%SZ"));
                Ok(())
            }
            Method::Assets => assets::assets(&mut out, query, exchange),
            Method::AssetPairs => assets::pairs(&mut out, query, exchange),
            Method::Ticker => ticker::write(&mut out, query, exchange),
            Method::Ohlc => ohlc::write(&mut out, query, exchange, strike),
            Method::Trades => trades::write(&mut out, query, exchange),
        };
        match result {
            Ok(()) => {
                out.extend_from_slice(b"}}");
                Answer::json(200, out)
            }
            Err(error) => error.answer(),
        }
    }
}

/// The pair without the first generation's letters: `XBTUSD`.
fn altname(market: &Market) -> String {
    format!("{}{}", kraken_asset(&market.base).altname, kraken_asset(&market.quote).altname)
}

/// A pair by its id, its short name or its modern one with a slash; the answer's key is the id, or the
/// modern name where that was asked for.
fn find<'a>(name: &str, exchange: Exchange<'a>) -> Result<(String, &'a Market), KrakenError> {
    for market in exchange.markets() {
        if name == market.native || name == altname(market) {
            return Ok((market.native.clone(), market));
        }
        if name == market.symbol() {
            return Ok((name.to_owned(), market));
        }
    }
    Err(KrakenError::UnknownPair)
}

/// The pair that the mandatory `pair` names.
fn pair<'a>(query: &Query, exchange: Exchange<'a>) -> Result<(String, &'a Market), KrakenError> {
    find(query.given("pair").ok_or(KrakenError::Arguments)?, exchange)
}

/// The pairs of a list, or all.
fn pairs<'a>(query: &Query, exchange: Exchange<'a>) -> Result<Vec<(String, &'a Market)>, KrakenError> {
    match query.given("pair") {
        Some(list) => list.split(',').map(|name| find(name, exchange)).collect(),
        None => Ok(exchange.markets().map(|market| (market.native.clone(), market)).collect()),
    }
}
