//! Binance spot: the paths of the REST interface, their parameters and their weights.

pub(super) mod error;
mod exchange_info;
pub(super) mod klines;
pub(super) mod params;
pub(super) mod ticker;
pub(super) mod trades;

use self::params::Params;
use self::trades::Reach;
use super::fault::plan::Strike;
use super::json::integer;
use super::request::Request;
use super::rest::{Answer, Exchange, server_time};
use crate::domain::range::TimeRange;
use crate::domain::time::Time;

pub(super) use self::error::{banned, restricted, server_error, too_many_requests};

/// A path of the interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Path {
    Ping,
    Time,
    ExchangeInfo,
    Klines,
    Ticker24h,
    TickerPrice,
    BookTicker,
    Trades,
    HistoricalTrades,
    AggTrades,
}

/// A request whose path is known.
#[derive(Debug)]
pub(super) struct Call {
    path: Path,
    params: Params,
}

impl Call {
    /// `None` for a path that the exchange does not have.
    pub(super) fn new(request: &Request) -> Option<Self> {
        let path = match request.path().strip_prefix("/api/v3/")? {
            "ping" => Path::Ping,
            "time" => Path::Time,
            "exchangeInfo" => Path::ExchangeInfo,
            "klines" | "uiKlines" => Path::Klines,
            "ticker/24hr" => Path::Ticker24h,
            "ticker/price" => Path::TickerPrice,
            "ticker/bookTicker" => Path::BookTicker,
            "trades" => Path::Trades,
            "historicalTrades" => Path::HistoricalTrades,
            "aggTrades" => Path::AggTrades,
            _ => return None,
        };
        Some(Self { path, params: Params::new(request.query()) })
    }

    /// Request weight by the exchange's published table.
    pub(super) fn weight(&self) -> u32 {
        let symbols = self.params.symbol_count();
        match self.path {
            Path::Ping | Path::Time => 1,
            Path::ExchangeInfo => 20,
            Path::Klines => 2,
            Path::AggTrades => 4,
            Path::Trades | Path::HistoricalTrades => 25,
            Path::Ticker24h => match symbols {
                Some(0..=20) => 2,
                Some(21..=100) => 40,
                _ => 80,
            },
            Path::TickerPrice | Path::BookTicker => match symbols {
                Some(1) if !self.params.has("symbols") => 2,
                _ => 4,
            },
        }
    }

    /// The times that a `klines` request asks for.
    pub(super) fn asked(&self, now: Time) -> Option<TimeRange> {
        (self.path == Path::Klines).then(|| klines::asked(&self.params, now)).flatten()
    }

    /// Minutes of candles that the answer is folded from: what it costs.
    pub(super) fn minutes(&self, now: Time) -> i64 {
        match self.path {
            Path::Klines => self.asked(now).map_or(0, |asked| asked.duration_ms() / 60_000),
            Path::Ticker24h => self.params.symbol_count().map_or(64, |count| count as i64) * 1_440,
            _ => 0,
        }
    }

    /// The exchange's answer; a fault about rows or the clock is worked into it.
    pub(super) fn answer(&self, exchange: Exchange<'_>, strike: Option<Strike>) -> Answer {
        let mut out = Vec::new();
        let server_time = server_time(exchange.now, strike);
        let result = match self.path {
            Path::Ping => self.params.only(&[]).map(|()| out.extend_from_slice(b"{}")),
            Path::Time => self.params.only(&[]).map(|()| {
                out.extend_from_slice(b"{\"serverTime\":");
                integer(&mut out, server_time.ms());
                out.push(b'}');
            }),
            Path::ExchangeInfo => exchange_info::write(&mut out, &self.params, exchange, server_time),
            Path::Klines => klines::write(&mut out, &self.params, exchange, strike),
            Path::Ticker24h => ticker::write_24h(&mut out, &self.params, exchange),
            Path::TickerPrice => ticker::write_price(&mut out, &self.params, exchange),
            Path::BookTicker => ticker::write_book(&mut out, &self.params, exchange),
            Path::Trades => trades::newest(&mut out, &self.params, exchange),
            Path::HistoricalTrades => trades::historical(&mut out, &self.params, exchange),
            Path::AggTrades => trades::aggregated(&mut out, &self.params, exchange, Reach::SPOT),
        };
        match result {
            Ok(()) => Answer::json(200, out),
            Err(error) => error.answer(),
        }
    }
}
