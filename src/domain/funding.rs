//! Funding of perpetuals.

use super::price::Decimal;
use super::time::Time;

/// A funding rate that was settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Funding {
    /// When it was settled, as the exchange says it (Binance's lies some milliseconds off the hour);
    /// its key within an instrument.
    pub time: Time,
    /// The rate that was paid, as a fraction of the position's value; positive: longs paid.
    pub rate: Decimal,
    /// The mark price it was paid at, where the exchange tells it.
    pub mark_price: Option<Decimal>,
}

/// What will be settled next, as far as it is known now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FundingForecast {
    /// The running estimate of the rate.
    pub rate: Decimal,
    /// When it is settled.
    pub next_at: Time,
    /// Between two settlements, in milliseconds, where the exchange tells it. It changes at times.
    pub interval_ms: Option<i64>,
    /// The present mark price, where the exchange tells it.
    pub mark_price: Option<Decimal>,
}
