//! The paths of the REST interface, their parameters and their weights.

mod error;
mod exchange_info;
mod klines;
mod params;
mod ticker;

use self::error::ApiError;
use self::params::Params;
use super::fault::Fault;
use super::fault::plan::Strike;
use super::json::integer;
use super::market::Market;
use super::request::Request;
use crate::domain::range::TimeRange;
use crate::domain::time::Time;

pub(super) use self::error::{banned, not_found, restricted, server_error, too_many_requests};

/// The exchange as one request sees it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Exchange<'a> {
    pub(super) markets: &'a [Market],
    pub(super) now: Time,
    pub(super) weight_per_minute: u32,
}

/// A status with its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
    pub(super) is_html: bool,
}

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
        let server_time = match strike {
            Some(Strike { fault: Fault::ClockSkew { ms }, .. }) => exchange.now.plus_ms(ms),
            _ => exchange.now,
        };
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
        };
        match result {
            Ok(()) => Answer { status: 200, body: out, is_html: false },
            Err(error) => error.answer(),
        }
    }
}

/// The answer to another method than GET.
pub(super) fn method_not_allowed() -> Answer {
    error::html(405, "Method Not Allowed")
}

impl From<ApiError> for Answer {
    fn from(error: ApiError) -> Self {
        error.answer()
    }
}
