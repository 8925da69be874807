//! `/api/v3/klines` and `/api/v3/uiKlines`.

use super::super::fault::plan::Strike;
use super::super::fault::rows::Page;
use super::super::interval::KlineInterval;
use super::super::json::{self, Decimals};
use super::super::market::Window;
use super::super::rest::Exchange;
use super::error::ApiError;
use super::params::Params;
use crate::domain::range::TimeRange;
use crate::domain::time::Time;

const DEFAULT_LIMIT: i64 = 500;
const MAX_LIMIT: i64 = 1_000;

/// Room for a row as text: twelve columns of a large market.
const ROW_BYTES: usize = 170;

pub(super) fn write(out: &mut Vec<u8>, params: &Params, exchange: Exchange<'_>, strike: Option<Strike>) -> Result<(), ApiError> {
    params.only(&["symbol", "interval", "startTime", "endTime", "timeZone", "limit"])?;
    let market = params.market(exchange)?;
    let interval = params.raw("interval").ok_or_else(|| ApiError::missing("interval"))?;
    if interval.is_empty() {
        return Err(ApiError::empty("interval"));
    }
    let interval = KlineInterval::from_name(interval).ok_or_else(ApiError::invalid_interval)?;
    // Candles cut elsewhere than at UTC are not simulated: better refused than wrong.
    if params.text("timeZone")?.is_some_and(|zone| !["0", "0:00", "00:00", "+00:00"].contains(&zone)) {
        return Err(ApiError::invalid("timeZone"));
    }
    let rows = market.rows(interval, window(params, MAX_LIMIT)?, exchange.now);
    let page = Page::new(rows, strike);
    write_page(out, &page, Decimals::of(market));
    Ok(())
}

pub(in crate::sim) fn write_page(out: &mut Vec<u8>, page: &Page, decimals: Decimals) {
    out.reserve(page.rows.len() * ROW_BYTES + 2);
    json::list(out, page.rows.iter().enumerate(), |out, (at, row)| json::kline(out, row, decimals, page.odd_at(at)));
}

/// A limit above the maximum is cut without a word, as the exchange does.
pub(in crate::sim) fn window(params: &Params, most: i64) -> Result<Window, ApiError> {
    let limit = params.limit(DEFAULT_LIMIT, most)?;
    Ok(Window { start: params.time("startTime")?, end: params.time("endTime")?, limit })
}

/// The times that the request is about; `None` where it is malformed.
pub(super) fn asked(params: &Params, now: Time) -> Option<TimeRange> {
    let interval = KlineInterval::from_name(params.raw("interval")?)?;
    Some(window(params, MAX_LIMIT).ok()?.asked(interval, now))
}
