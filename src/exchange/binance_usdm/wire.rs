//! What the futures' payloads have that the spot market's do not.

use crate::exchange::binance::wire::Filter;
use serde::Deserialize;
use std::borrow::Cow;

/// A contract of `/fapi/v1/exchangeInfo`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ContractInfo<'a> {
    /// Native symbol.
    #[serde(borrow)]
    pub symbol: Cow<'a, str>,
    /// `PERPETUAL`, `TRADIFI_PERPETUAL`, `CURRENT_QUARTER`, `NEXT_QUARTER`; empty while a contract is prepared.
    #[serde(borrow)]
    pub contract_type: Cow<'a, str>,
    /// `PENDING_TRADING`, `TRADING`, `SETTLING`, `CLOSE`, ...
    #[serde(borrow)]
    pub status: Cow<'a, str>,
    /// Base asset.
    #[serde(borrow)]
    pub base_asset: Cow<'a, str>,
    /// Quote asset.
    #[serde(borrow)]
    pub quote_asset: Cow<'a, str>,
    /// The asset it is settled in.
    #[serde(borrow)]
    pub margin_asset: Cow<'a, str>,
    /// Decimals of prices as they may be written: no tick.
    pub price_precision: u32,
    /// Decimals of amounts.
    pub quantity_precision: u32,
    /// Trading rules.
    #[serde(borrow, default)]
    pub filters: Vec<Filter<'a>>,
}

/// A row of `/fapi/v1/fundingRate`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FundingRow<'a> {
    /// Native symbol.
    #[serde(borrow)]
    pub symbol: Cow<'a, str>,
    /// When it was settled, in milliseconds: some of them off the hour.
    pub funding_time: i64,
    /// What was paid.
    pub funding_rate: &'a str,
    /// Absent or empty in old rows.
    pub mark_price: Option<&'a str>,
}

/// A row of `/fapi/v1/fundingInfo`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FundingInfo<'a> {
    /// Native symbol.
    #[serde(borrow)]
    pub symbol: Cow<'a, str>,
    /// Hours between two settlements.
    pub funding_interval_hours: i64,
}

/// `/fapi/v1/premiumIndex` of one symbol.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PremiumIndex<'a> {
    /// Native symbol.
    #[serde(borrow)]
    pub symbol: Cow<'a, str>,
    /// Mark price.
    pub mark_price: &'a str,
    /// Running estimate, in spite of its name; empty for contracts with an end.
    pub last_funding_rate: &'a str,
    /// In milliseconds; 0 for contracts with an end.
    pub next_funding_time: i64,
}

/// A row of `/futures/data/openInterestHist`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OpenInterestRow<'a> {
    /// Native symbol.
    #[serde(borrow)]
    pub symbol: Cow<'a, str>,
    /// In units of the base asset.
    pub sum_open_interest: &'a str,
    /// In the quote asset.
    pub sum_open_interest_value: &'a str,
    /// In milliseconds.
    pub timestamp: i64,
}
