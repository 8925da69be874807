//! `/api/v3/klines` and `/api/v3/uiKlines`.

use super::super::fault::plan::Strike;
use super::super::fault::rows::{Page, spoil};
use super::super::interval::KlineInterval;
use super::super::json;
use super::super::market::Window;
use super::Exchange;
use super::error::ApiError;
use super::params::Params;
use crate::domain::range::TimeRange;
use crate::domain::time::{DAY_MS, Time};

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
    let rows = market.rows(interval, window(params)?, exchange.now);
    let page = match strike {
        Some(strike) => spoil(rows, strike),
        None => Page { rows, odd: None },
    };
    out.reserve(page.rows.len() * ROW_BYTES + 2);
    out.push(b'[');
    for (at, row) in page.rows.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        json::kline(out, row, page.odd.filter(|odd| odd.0 == at).map(|(_, column, text)| (column, text)));
    }
    out.push(b']');
    Ok(())
}

/// A limit above the maximum is cut without a word, as the exchange does.
fn window(params: &Params) -> Result<Window, ApiError> {
    let limit = params.number("limit")?.unwrap_or(DEFAULT_LIMIT).min(MAX_LIMIT);
    if limit == 0 {
        return Err(ApiError::invalid("limit"));
    }
    Ok(Window {
        start: params.number("startTime")?.map(Time::from_ms),
        end: params.number("endTime")?.map(Time::from_ms),
        limit: limit as usize,
    })
}

/// The times that the request is about; `None` where it is malformed.
pub(super) fn asked(params: &Params, now: Time) -> Option<TimeRange> {
    let window = window(params).ok()?;
    let interval = KlineInterval::from_name(params.raw("interval")?)?;
    let width = interval.next(Time::EPOCH).ms().max(if interval.name() == "1M" { 31 * DAY_MS } else { 1 });
    let span = width * window.limit as i64;
    let end = window.end.unwrap_or(Time::from_ms(i64::MAX)).min(now).plus_ms(1);
    Some(match window.start {
        Some(start) => TimeRange::new(start, end.min(start.plus_ms(span))),
        None => TimeRange::new(end.plus_ms(-span), end),
    })
}
