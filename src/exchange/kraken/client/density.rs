//! How many requests the trades of a pair take: what the plan of a backfill rests on.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::domain::time::HOUR_MS;

/// Requests for an hour of trades of a pair of which nothing is known. Busy pairs take several.
const UNKNOWN: f64 = 0.5;

/// The weight of the newest answer beside those before it.
const NEWEST: f64 = 0.25;

/// Requests for an hour of trades, by native symbol.
#[derive(Debug, Default)]
pub(super) struct Density(Mutex<HashMap<String, f64>>);

impl Density {
    /// So many requests brought the trades of so long.
    pub(super) fn note(&self, native: &str, span_ms: i64, requests: u32) {
        if span_ms <= 0 {
            return;
        }
        let hourly = f64::from(requests) * HOUR_MS as f64 / span_ms as f64;
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mean = known.entry(native.to_owned()).or_insert(hourly);
        *mean += (hourly - *mean) * NEWEST;
    }

    /// Requests that the trades of so long will take, at least one.
    pub(super) fn requests(&self, native: &str, span_ms: i64) -> u32 {
        let hourly = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(native).copied().unwrap_or(UNKNOWN);
        (hourly * span_ms as f64 / HOUR_MS as f64).ceil().clamp(1.0, f64::from(u32::MAX)) as u32
    }
}
