//! Pages of candles and the ends of their history.

use super::{Ask, Okx};
use crate::domain::candle::{Candle, Source};
use crate::domain::instrument::Instrument;
use crate::domain::interval::Interval;
use crate::domain::page::{BadRow, time_of};
use crate::domain::time::Time;
use crate::exchange::error::ExchangeError;
use crate::exchange::http::encode_query;
use crate::exchange::okx::endpoint::Endpoint;
use crate::exchange::okx::first::{ROWS as SEARCH_ROWS, Search, Step};
use crate::exchange::okx::parse::{self, CandleRow, bar};
use crate::exchange::page_of_candles::PageOfCandles;
use crate::exchange::port::{CandlePage, CandleRequest, Exchange as _, Lane};
use serde_json::value::RawValue;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;

/// Most rows of one page of candles by the present documentation:
/// <https://www.okx.com/docs-v5/en/#order-book-trading-market-data-get-candlesticks-history>.
const ROWS: usize = 300;
/// Most rows by older copies of it. Where OKX holds to those, we do as well.
const OLD_ROWS: usize = 100;
/// The newest candles that `candles` has, less a margin for the error of our clock and for those
/// that open while the request is under way.
const RECENT: i64 = 1_440 - 40;

/// A page of the past.
pub(in crate::exchange) fn page_of_candles() -> PageOfCandles {
    PageOfCandles { rows: ROWS, weight: Endpoint::HistoryCandles.weight(), or_more: false }
}

impl Okx {
    /// Candles before `before`, the newest `limit`; none of before `from`.
    async fn page(
        &self,
        instrument: &Instrument,
        interval: Interval,
        query: &CandleQuery,
        lane: Lane,
    ) -> Result<(CandlePage, Vec<Result<CandleRow, BadRow>>), ExchangeError> {
        let native = &instrument.native;
        let endpoint = if query.is_recent { Endpoint::Candles } else { Endpoint::HistoryCandles };
        let path = format!("{}?instId={}&bar={}{}", endpoint.path(), encode_query(native), bar(interval), query.bounds);
        let read = |rows: &[&RawValue]| Ok(parse::candles(rows, &instrument.kind));
        let answered = self.send(Ask { endpoint, path: &path, lane, native }, read).await?;
        let (asked_at, received_at) = (answered.asked_at, answered.received_at);
        let page =
            CandlePage { endpoint: path, asked_at, received_at, rows: Vec::new(), source: Source::Rest, quiet: Vec::new() };
        Ok((page, answered.value))
    }

    /// Whether `candles` has everything from there on.
    fn is_recent(&self, from: Time, interval: Interval) -> bool {
        from >= self.now().plus_ms(-RECENT * interval.ms())
    }

    pub(super) async fn closed_candles(&self, request: CandleRequest) -> Result<CandlePage, ExchangeError> {
        let CandleRequest { instrument, interval, range, lane } = request;
        if range.is_empty() {
            return Err(ExchangeError::empty_range());
        }
        let (asked, limit) = (interval.count(range), self.candle_rows.load(Ordering::Relaxed));
        if asked > limit as i64 {
            return Err(ExchangeError::WrongAnswer(format!("{asked} candles are more than one answer holds ({limit})")));
        }
        // Both bounds are exclusive, and `after` means older.
        let bounds = format!("&after={}&before={}&limit={limit}", range.to.ms(), range.from.ms() - 1);
        let query = CandleQuery { is_recent: self.is_recent(range.from, interval), bounds };
        let (page, rows) = self.page(&instrument, interval, &query, lane).await?;
        // Newest first: a cut answer lacks its oldest rows, and must not pass for a gap.
        let oldest = rows.iter().filter_map(open_time).min();
        if rows.len() == OLD_ROWS && asked > OLD_ROWS as i64 && oldest.is_some_and(|oldest| range.from < oldest) {
            self.candle_rows.store(OLD_ROWS, Ordering::Relaxed);
            return Err(ExchangeError::WrongAnswer(format!("{asked} candles were asked for, and the answer was cut at 100")));
        }
        // The later of the two times counts: a candle must run by either.
        let now = self.now().max(self.governor.budget().by_exchange(page.asked_at));
        Ok(CandlePage { rows: parse::told_closed(rows, interval, now), ..page })
    }

    pub(super) async fn newest_candle(&self, instrument: &Instrument, interval: Interval) -> Result<CandlePage, ExchangeError> {
        let query = CandleQuery { is_recent: true, bounds: "&limit=1".into() };
        let (page, rows) = self.page(instrument, interval, &query, Lane::Live).await?;
        Ok(CandlePage { rows: plain(rows), ..page })
    }

    /// Some fifteen requests for minutes the first time, and one once the answer is known.
    pub(super) async fn first_candle(&self, instrument: &Instrument, interval: Interval) -> Result<CandlePage, ExchangeError> {
        let hint = self.firsts.lock().unwrap_or_else(PoisonError::into_inner).get(&instrument.native).copied();
        let mut search = Search::new(interval, self.now(), hint);
        let mut known = None;
        loop {
            let before = search.before();
            let is_recent = self.is_recent(before.plus_ms(-(SEARCH_ROWS as i64) * interval.ms()), interval);
            let query = CandleQuery { is_recent, bounds: format!("&after={}&limit={}", before.ms(), SEARCH_ROWS) };
            let (page, mut rows) = self.page(instrument, interval, &query, Lane::Live).await?;
            if rows.iter().any(|row| open_time(row).is_none_or(|time| time >= before)) {
                return Err(ExchangeError::WrongAnswer(format!("candles before {} were asked for", before.iso())));
            }
            let (count, oldest) = (rows.len(), rows.iter().filter_map(open_time).min());
            rows.retain(|row| open_time(row) == oldest);
            rows.truncate(1);
            let page = CandlePage { rows: plain(rows), ..page };
            let found = match search.see(oldest, count) {
                Step::Again => {
                    if oldest.is_some() {
                        known = Some(page);
                    }
                    continue;
                }
                Step::Before => known.unwrap_or(page),
                Step::Here | Step::Nowhere => page,
            };
            if let Some(Ok(candle)) = found.rows.first() {
                let mut firsts = self.firsts.lock().unwrap_or_else(PoisonError::into_inner);
                firsts.insert(instrument.native.clone(), candle.open_time);
            }
            return Ok(found);
        }
    }
}

/// What is asked of an endpoint of candles.
struct CandleQuery {
    is_recent: bool,
    bounds: String,
}

fn open_time(row: &Result<CandleRow, BadRow>) -> Option<Time> {
    time_of(row, |row| row.candle.open_time)
}

fn plain(rows: Vec<Result<CandleRow, BadRow>>) -> Vec<Result<Candle, BadRow>> {
    rows.into_iter().map(|row| row.map(|row| row.candle)).collect()
}

#[cfg(test)]
mod tests;
