//! The endpoints in use and how often each may be asked.

use crate::exchange::pace::Pace;
use std::time::Duration;

/// OKX counts each endpoint by itself, for the address, within two seconds. Where it counts for each
/// instrument besides, all of them share one limit here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Endpoint {
    Time,
    Instruments,
    /// The newest 1,440 candles.
    Candles,
    /// All of them.
    HistoryCandles,
    HistoryTrades,
    Ticker,
    Tickers,
    FundingRate,
    FundingHistory,
    OpenInterestHistory,
}

impl Endpoint {
    pub(super) const ALL: [Self; 10] = [
        Self::Time,
        Self::Instruments,
        Self::Candles,
        Self::HistoryCandles,
        Self::HistoryTrades,
        Self::Ticker,
        Self::Tickers,
        Self::FundingRate,
        Self::FundingHistory,
        Self::OpenInterestHistory,
    ];

    pub(super) const fn path(self) -> &'static str {
        match self {
            Self::Time => "/api/v5/public/time",
            Self::Instruments => "/api/v5/public/instruments",
            Self::Candles => "/api/v5/market/candles",
            Self::HistoryCandles => "/api/v5/market/history-candles",
            Self::HistoryTrades => "/api/v5/market/history-trades",
            Self::Ticker => "/api/v5/market/ticker",
            Self::Tickers => "/api/v5/market/tickers",
            Self::FundingRate => "/api/v5/public/funding-rate",
            Self::FundingHistory => "/api/v5/public/funding-rate-history",
            Self::OpenInterestHistory => "/api/v5/rubik/stat/contracts/open-interest-history",
        }
    }

    /// Requests within two seconds.
    const fn limit(self) -> u32 {
        match self {
            Self::Candles => 40,
            Self::Instruments | Self::HistoryCandles | Self::HistoryTrades | Self::Ticker | Self::Tickers => 20,
            Self::Time | Self::FundingRate | Self::FundingHistory | Self::OpenInterestHistory => 10,
        }
    }

    /// Requests within a minute.
    pub(super) const fn per_minute(self) -> u32 {
        self.limit() * 30
    }

    /// What a request costs of the budget that is shown: its share of a minute.
    pub(super) fn weight(self) -> u32 {
        per_minute() / self.per_minute()
    }
}

/// Requests of all endpoints within a minute: nothing that OKX counts, but what a budget shows.
pub(super) fn per_minute() -> u32 {
    Endpoint::ALL.into_iter().map(Endpoint::per_minute).sum()
}

/// A pace for each endpoint.
#[derive(Debug)]
pub(super) struct Paces([Pace; Endpoint::ALL.len()]);

impl Paces {
    pub(super) fn new(live_share: f64) -> Self {
        Self(Endpoint::ALL.map(|endpoint| Pace::new(endpoint.limit() as usize, Duration::from_secs(2), live_share)))
    }

    pub(super) const fn of(&self, endpoint: Endpoint) -> &Pace {
        &self.0[endpoint as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_a_pace_of_its_own() {
        let paces = Paces::new(0.1);
        let limits = Endpoint::ALL.map(|endpoint| paces.of(endpoint).used_and_limit().1);
        assert_eq!(limits, [10, 20, 40, 20, 20, 20, 20, 10, 10, 10]);
        assert_eq!(per_minute(), 5_400);
    }
}
