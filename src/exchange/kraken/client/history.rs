//! Candles and trades of the past: which endpoint has them, and how many requests that takes.

use super::{Ask, Kraken};
use crate::domain::candle::{Candle, Source};
use crate::domain::instrument::Instrument;
use crate::domain::interval::Interval;
use crate::domain::page::{BadRow, time_of};
use crate::domain::range::TimeRange;
use crate::domain::time::{DAY_MS, HOUR_MS, SECOND_MS, Time};
use crate::domain::trade::Trade;
use crate::exchange::error::ExchangeError;
use crate::exchange::http::encode_query;
use crate::exchange::kraken::parse::{self, CandleList, TradeList};
use crate::exchange::kraken::rebuild::{LATE_MS, PAGE_ROWS, Progress, Rebuild, cursor, next_since, stuck};
use crate::exchange::kraken::{minutes, unserved};
use crate::exchange::port::{CandlePage, CandleRequest, Cursor, Edge, Exchange as _, Lane, RowsPage, RowsRequest};
use crate::exchange::response::Answered;
use std::future::ready;
use std::sync::Arc;

/// Candles that `OHLC` holds, beside the one that forms.
const REACH: i64 = 720;

/// How far before a range the trade in front of it is looked for, one step after another: it proves
/// the range's beginning quiet.
const LOOK_BACK_MS: [i64; 3] = [HOUR_MS, DAY_MS, 30 * DAY_MS];

/// Trades of an instrument as a request.
struct Lister<'a> {
    kraken: &'a Kraken,
    instrument: &'a Instrument,
    lane: Lane,
    /// The first path, when it was asked, and how many more were asked after it.
    asked: Option<(String, Time, Time, u32)>,
}

impl Lister<'_> {
    /// The trades after a cursor, and the exchange's time when they were asked for.
    async fn page(&mut self, since: i64) -> Result<(TradeList, Time), ExchangeError> {
        let native = &self.instrument.native;
        let path = format!("/0/public/Trades?pair={}&since={since}&count={PAGE_ROWS}", encode_query(native));
        let ask = Ask { path: &path, lane: self.lane, max_body: self.kraken.http.max_body, native };
        let Answered { asked_at, received_at, value } = self.kraken.send(ask, |result| ready(parse::trades(&result))).await?;
        match &mut self.asked {
            Some((_, _, last, more)) => {
                *last = received_at;
                *more += 1;
            }
            None => self.asked = Some((path, asked_at, received_at, 0)),
        }
        Ok((value, self.kraken.governor.budget().by_exchange(asked_at)))
    }

    /// How many were asked.
    fn requests(&self) -> u32 {
        self.asked.as_ref().map_or(0, |(_, _, _, more)| more + 1)
    }

    /// The first path with the number of those behind it, and when the first was asked and the last came.
    fn evidence(self) -> (String, Time, Time) {
        let now = self.kraken.clock.now();
        let (path, asked_at, received_at, more) = self.asked.unwrap_or_else(|| (String::new(), now, now, 0));
        let path = if more == 0 { path } else { format!("{path} and {more} more from there on") };
        (path, asked_at, received_at)
    }
}

impl Kraken {
    fn lister<'a>(&'a self, instrument: &'a Instrument, lane: Lane) -> Lister<'a> {
        Lister { kraken: self, instrument, lane, asked: None }
    }

    /// Candles of a range: from `OHLC` where that reaches back so far, from trades otherwise. One that
    /// straddles the border is folded from trades as a whole.
    pub(super) async fn candle_page(&self, request: CandleRequest) -> Result<CandlePage, ExchangeError> {
        let CandleRequest { instrument, interval, range, lane } = request;
        if range.is_empty() {
            return Err(ExchangeError::empty_range());
        }
        if minutes(interval).is_none() {
            return Err(ExchangeError::NotServed(unserved(interval)));
        }
        if in_reach(interval, interval.floor(self.now()), range) {
            let path = ohlc_path(&instrument, interval, Some(range.from));
            let got = self.ohlc(&path, &instrument, interval, lane).await?;
            let asked_at = self.governor.budget().by_exchange(got.asked_at);
            if let Some(rows) = within(got.value, interval, range, asked_at) {
                return Ok(CandlePage {
                    endpoint: path,
                    asked_at: got.asked_at,
                    received_at: got.received_at,
                    rows,
                    source: Source::Rest,
                    quiet: Vec::new(),
                });
            }
        }
        self.rebuild(&instrument, interval, range, lane).await
    }

    async fn ohlc(
        &self,
        path: &str,
        instrument: &Instrument,
        interval: Interval,
        lane: Lane,
    ) -> Result<Answered<CandleList>, ExchangeError> {
        let ask = Ask { path, lane, max_body: self.http.max_body, native: &instrument.native };
        self.send(ask, |result| ready(parse::ohlc(&result, interval))).await
    }

    /// Folds a range from its trades. What a call has folded when it fails is kept for the next one of the
    /// same range: a day of a busy pair is hundreds of requests, and must not begin anew each time.
    async fn rebuild(
        &self,
        instrument: &Instrument,
        interval: Interval,
        range: TimeRange,
        lane: Lane,
    ) -> Result<CandlePage, ExchangeError> {
        let mut lister = self.lister(instrument, lane);
        let key = (instrument.native.clone(), interval, range);
        let begun = self.unfinished.take(&key);
        let is_fresh = begun.is_none();
        let mut rebuild = begun.unwrap_or_else(|| Rebuild::new(interval, range));
        if let Err(error) = self.gather(&mut lister, &mut rebuild, range).await {
            self.unfinished.keep(key, rebuild);
            return Err(error);
        }
        if is_fresh {
            self.density.note(&instrument.native, range.to.since(range.from), lister.requests());
        }
        let made = rebuild.finish();
        let (endpoint, asked_at, received_at) = lister.evidence();
        Ok(CandlePage { endpoint, asked_at, received_at, rows: made.rows, source: Source::Trades, quiet: made.quiet })
    }

    /// Asks until all trades are in, and the range's beginning is proven where it can be.
    async fn gather(&self, lister: &mut Lister<'_>, rebuild: &mut Rebuild, range: TimeRange) -> Result<(), ExchangeError> {
        while rebuild.progress() == Progress::More {
            let (list, asked_at) = lister.page(rebuild.since()).await?;
            rebuild.take(list, asked_at)?;
        }
        self.look_back(lister, rebuild, range).await
    }

    /// Looks for the trade in front of a range that begins quiet.
    async fn look_back(&self, lister: &mut Lister<'_>, rebuild: &mut Rebuild, range: TimeRange) -> Result<(), ExchangeError> {
        for step in LOOK_BACK_MS {
            let Some(first) = rebuild.lacks_before() else { break };
            let mut since = cursor(range.from.plus_ms(-step));
            // What the step holds in one page or two; a busier stretch has no quiet end.
            for _ in 0..2 {
                let (list, _) = lister.page(since).await?;
                rebuild.look_back(&list);
                let Some(next) = next_since(since, list.last) else { break };
                if list.rows.len() < PAGE_ROWS || next >= cursor(first) {
                    break;
                }
                since = next;
            }
        }
        Ok(())
    }

    /// The first candle by the first trade, the newest by `OHLC`.
    pub(super) async fn edge(
        &self,
        instrument: Arc<Instrument>,
        interval: Interval,
        edge: Edge,
    ) -> Result<CandlePage, ExchangeError> {
        if minutes(interval).is_none() {
            return Err(ExchangeError::NotServed(unserved(interval)));
        }
        if edge == Edge::Newest {
            let path = ohlc_path(&instrument, interval, None);
            let Answered { asked_at, received_at, value } = self.ohlc(&path, &instrument, interval, Lane::Live).await?;
            let rows = value.rows.into_iter().next_back().into_iter().collect();
            return Ok(CandlePage { endpoint: path, asked_at, received_at, rows, source: Source::Rest, quiet: Vec::new() });
        }
        let mut lister = self.lister(&instrument, Lane::Live);
        let (list, asked) = lister.page(0).await?;
        let first = list.rows.first().and_then(|row| time_of(row, |trade| trade.time));
        let mut rows = Vec::new();
        if let Some(open_time) = first.map(|time| interval.floor(time)) {
            let range = TimeRange::new(open_time, open_time.plus_ms(interval.ms()));
            let mut rebuild = Rebuild::new(interval, range);
            let mut progress = rebuild.take(list, asked)?;
            while progress == Progress::More {
                let (list, asked) = lister.page(rebuild.since()).await?;
                progress = rebuild.take(list, asked)?;
            }
            rows = rebuild.finish().rows;
        }
        let (endpoint, asked_at, received_at) = lister.evidence();
        Ok(CandlePage { endpoint, asked_at, received_at, rows, source: Source::Trades, quiet: Vec::new() })
    }

    /// One page of trades: one request. A cursor is `<from>:<since>`: the millisecond from which on the
    /// page completes the range, and the exchange's own cursor in nanoseconds.
    pub(super) async fn trade_page(&self, request: RowsRequest) -> Result<RowsPage<Trade>, ExchangeError> {
        let RowsRequest { instrument, range, cursor: place, lane } = request;
        let (from, since) = match &place {
            None => (range.from, cursor(range.from)),
            Some(place) => read_cursor(place)?,
        };
        let mut lister = self.lister(&instrument, lane);
        let (list, asked) = lister.page(since).await?;
        let (endpoint, asked_at, received_at) = lister.evidence();
        let page = page_of_trades(list, TimeRange::new(from, range.to), since, asked)?;
        if page.next.is_some() {
            self.density.note(&instrument.native, page.complete.to.since(page.complete.from), 1);
        }
        Ok(RowsPage { endpoint, asked_at, received_at, rows: page.rows, complete: page.complete, next: page.next })
    }
}

fn ohlc_path(instrument: &Instrument, interval: Interval, from: Option<Time>) -> String {
    let pair = encode_query(&instrument.native);
    let minutes = minutes(interval).unwrap_or_default();
    // Rows that open after `since` come, not those that open at it.
    let since = from.map_or_else(String::new, |from| format!("&since={}", from.ms() / SECOND_MS - 1));
    format!("/0/public/OHLC?pair={pair}&interval={minutes}{since}")
}

/// Whether `OHLC`, whose newest candle opens at `newest`, holds all of a range.
fn in_reach(interval: Interval, newest: Time, range: TimeRange) -> bool {
    newest.plus_ms(-REACH * interval.ms()) <= range.from
}

/// The rows of the range, where the answer shows that it reached back so far. A row that the exchange
/// still calls forming when the range of time it stands for is over is not final, and left out.
fn within(list: CandleList, interval: Interval, range: TimeRange, asked_at: Time) -> Option<Vec<Result<Candle, BadRow>>> {
    let open_time = |row: &_| time_of(row, |candle: &Candle| candle.open_time);
    let newest = list.rows.iter().filter_map(open_time).max();
    if newest.is_some_and(|newest| !in_reach(interval, interval.floor(newest), range)) {
        return None;
    }
    let is_final = |time: Time| time <= list.last || time.plus_ms(interval.ms()) > asked_at;
    let is_asked = |time: Time| range.contains(time) && is_final(time);
    Some(list.rows.into_iter().filter(|row| open_time(row).is_none_or(is_asked)).collect())
}

struct TradePage {
    rows: Vec<Result<Trade, BadRow>>,
    complete: TimeRange,
    next: Option<Cursor>,
}

/// What a page completes of what is left of a range.
fn page_of_trades(list: TradeList, left: TimeRange, since: i64, asked: Time) -> Result<TradePage, ExchangeError> {
    let time_of = |row: &_| time_of(row, |trade: &Trade| trade.time);
    let newest = list.rows.iter().filter_map(time_of).max();
    let is_full = list.rows.len() >= PAGE_ROWS;
    // The page before ended in the millisecond with which this one begins.
    let moves = newest.is_some_and(|newest| newest > left.from);
    let is_behind = newest.is_some_and(|newest| newest >= left.to);
    let (until, next) = if is_behind {
        (left.to, None)
    } else if !is_full && (!moves || asked < left.to) {
        (left.to.min(asked.plus_ms(-LATE_MS)).max(left.from), None)
    } else {
        // The newest millisecond may go on in the next page, which is asked to begin with it.
        let until = newest.unwrap_or(left.from).max(left.from);
        let next = Some(cursor(until)).filter(|next| *next > since && until > left.from);
        let next = next.or_else(|| next_since(since, list.last)).ok_or_else(|| stuck(since))?;
        (until, Some(Cursor(format!("{}:{next}", until.ms()))))
    };
    let complete = TimeRange::new(left.from, until);
    // Of a millisecond that fills a page and more, each page gives what it has.
    let wanted = if complete.is_empty() && next.is_some() { left } else { complete };
    let rows = list.rows.into_iter().filter(|row| time_of(row).is_none_or(|time| wanted.contains(time))).collect();
    Ok(TradePage { rows, complete, next })
}

fn read_cursor(place: &Cursor) -> Result<(Time, i64), ExchangeError> {
    let parts = place.0.split_once(':').and_then(|(from, since)| Some((from.parse().ok()?, since.parse().ok()?)));
    let (from, since): (i64, i64) = parts.ok_or_else(|| ExchangeError::bad_cursor(&place.0))?;
    Ok((Time::from_ms(from), since))
}

#[cfg(test)]
mod tests;
