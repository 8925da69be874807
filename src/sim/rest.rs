//! Which exchange a request is for, and what all of them have in common.

mod refusal;

pub(super) use self::refusal::{failure, method_not_allowed, not_found, refused, server_error};
use super::fault::Fault;
use super::fault::plan::Strike;
use super::market::Market;
use super::request::Request;
use super::venue::Venue;
use super::{binance, kraken, okx, usdm};
use crate::domain::range::TimeRange;
use crate::domain::time::Time;
use std::time::Duration;

/// An exchange as one request sees it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Exchange<'a> {
    /// The markets of all exchanges.
    pub(super) all: &'a [Market],
    pub(super) venue: Venue,
    pub(super) now: Time,
    pub(super) weight_per_minute: u32,
}

impl<'a> Exchange<'a> {
    /// Its markets, as far as they are listed by now.
    pub(super) fn markets(self) -> impl Iterator<Item = &'a Market> {
        self.all.iter().filter(move |market| market.venue == self.venue && market.is_listed(self.now))
    }

    /// The listed market of this name.
    pub(super) fn find(self, native: &str) -> Option<&'a Market> {
        self.markets().find(|market| market.native == native)
    }
}

/// A status with its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
    pub(super) is_html: bool,
}

impl Answer {
    pub(super) fn json(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status, body: body.into(), is_html: false }
    }
}

/// What a request costs, and out of which budget.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Charge {
    /// Of the exchange's weight per minute.
    Weight(u32),
    /// One of so many requests within a window.
    Window {
        /// What is counted together.
        key: String,
        limit: u32,
        window: Duration,
    },
}

impl Charge {
    /// For a path that the exchange does not have.
    pub(super) fn unknown_path(venue: Venue) -> Self {
        match venue {
            Venue::Binance | Venue::BinanceUsdm => Self::Weight(1),
            Venue::Okx | Venue::Kraken => {
                Self::Window { key: format!("{venue:?}"), limit: u32::MAX, window: Duration::from_secs(2) }
            }
        }
    }
}

/// A request whose path is known.
#[derive(Debug)]
pub(super) enum Call {
    Binance(binance::Call),
    Usdm(usdm::Call),
    Okx(okx::Call),
    Kraken(kraken::Call),
}

impl Call {
    /// `None` for a path that the exchange does not have.
    pub(super) fn new(request: &Request) -> Option<Self> {
        match Venue::of_path(request.path()) {
            Venue::Binance => binance::Call::new(request).map(Self::Binance),
            Venue::BinanceUsdm => usdm::Call::new(request).map(Self::Usdm),
            Venue::Okx => okx::Call::new(request).map(Self::Okx),
            Venue::Kraken => kraken::Call::new(request).map(Self::Kraken),
        }
    }

    pub(super) fn charge(&self) -> Charge {
        match self {
            Self::Binance(call) => Charge::Weight(call.weight()),
            Self::Usdm(call) => call.charge(),
            Self::Okx(call) => call.charge(),
            Self::Kraken(call) => call.charge(),
        }
    }

    /// The times that a request for candles asks for.
    pub(super) fn asked(&self, now: Time) -> Option<TimeRange> {
        match self {
            Self::Binance(call) => call.asked(now),
            Self::Usdm(call) => call.asked(now),
            Self::Okx(call) => call.asked(now),
            Self::Kraken(call) => call.asked(now),
        }
    }

    /// Minutes of candles that the answer is folded from: what it costs.
    pub(super) fn minutes(&self, now: Time) -> i64 {
        let candles = || self.asked(now).map_or(0, |asked| asked.duration_ms() / 60_000);
        match self {
            Self::Binance(call) => call.minutes(now),
            Self::Usdm(call) => candles().max(call.minutes()),
            Self::Okx(call) => candles().max(call.minutes()),
            Self::Kraken(call) => candles().max(call.minutes()),
        }
    }

    /// The exchange's answer; a fault about rows or the clock is worked into it.
    pub(super) fn answer(&self, exchange: Exchange<'_>, strike: Option<Strike>) -> Answer {
        match self {
            Self::Binance(call) => call.answer(exchange, strike),
            Self::Usdm(call) => call.answer(exchange, strike),
            Self::Okx(call) => call.answer(exchange, strike),
            Self::Kraken(call) => call.answer(exchange, strike),
        }
    }
}

/// What the exchange says its time is.
pub(super) fn server_time(now: Time, strike: Option<Strike>) -> Time {
    match strike {
        Some(Strike { fault: Fault::ClockSkew { ms }, .. }) => now.plus_ms(ms),
        _ => now,
    }
}
