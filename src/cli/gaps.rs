//! `gaps`: what is missing and why, with the evidence.

use super::args::Gaps;
use super::{Context, Exit, output};
use crate::domain::gap::Gap;
use crate::domain::range::TimeRange;
use crate::domain::series::Series;
use crate::domain::time::{Time, human_duration};
use crate::store::{Connection, StoreError, exchange_state, reader, series};
use serde_json::json;

/// Prints every gap of the wanted ranges.
pub fn run(context: &Context, args: &Gaps) -> anyhow::Result<Exit> {
    super::refuse_width(args.dataset, args.interval)?;
    let store = context.view()?;
    let list = match &args.symbol {
        Some(symbol) => context.find(&store, symbol, args.dataset, args.interval)?,
        None => store
            .readers()
            .with(series::all)?
            .into_iter()
            .filter(|series| super::is_meant(series, args.dataset, args.interval))
            .collect(),
    };
    if list.is_empty() {
        // Nothing to look at is not nothing missing.
        output::tell("nothing of that is recorded: `marketdata-tui list` shows what is");
    }
    if args.losses {
        return super::losses::print(&store, list, args);
    }
    let is_any = !list.is_empty();
    let mut found: Vec<Found> = Vec::new();
    for series in list {
        let (now, gaps) = store.readers().with(|connection| {
            let now = exchange_now(connection, &series, context.clock.now())?;
            Ok((now, reader::missing(connection, &series, due(connection, &series, now)?)?))
        })?;
        found.extend(gaps.into_iter().map(|gap| Found { series: series.clone(), gap, now }));
    }
    if args.json {
        let rows: Vec<_> = found.iter().map(row_json).collect();
        output::say(&serde_json::to_string_pretty(&rows)?)?;
    } else if found.is_empty() {
        if is_any {
            output::tell("no gaps: all that is wanted is stored");
        }
    } else {
        let head = ["SYMBOL", "EXCHANGE", "SERIES", "FROM", "TO", "MISSING", "REASON", "ASKED", "LOST IN", "EVIDENCE"];
        let mut rows = vec![head.map(str::to_owned).to_vec()];
        rows.extend(found.iter().map(row));
        for line in output::table(&rows, &[5, 7, 8]) {
            output::say(&line)?;
        }
    }
    Ok(Exit::Done)
}

/// The exchange's time by the offset that was measured last.
pub(super) fn exchange_now(connection: &Connection, series: &Series, now: Time) -> Result<Time, StoreError> {
    let offset = exchange_state::get(connection, series.instrument.exchange)?.and_then(|state| state.clock_offset_ms);
    Ok(now.plus_ms(offset.unwrap_or(0)))
}

/// What is wanted and due of a series at the exchange's `now`: what ended a moment ago is not owed yet.
pub(super) fn due(connection: &Connection, series: &Series, now: Time) -> Result<TimeRange, StoreError> {
    series.due(now, |tail| {
        let gaps = reader::missing(connection, series, tail)?;
        Ok(gaps.into_iter().find(|gap| !gap.reason.is_explained()).map(|gap| gap.range.from))
    })
}

/// A gap and the exchange's time.
struct Found {
    series: Series,
    gap: Gap,
    now: Time,
}

impl Found {
    /// When the first of it is lost; `None` where nothing is owed or nothing perishes.
    fn lost_at(&self) -> Option<Time> {
        self.series.lost_at(self.gap.range.from).filter(|_| !self.gap.reason.is_explained())
    }
}

fn row(found: &Found) -> Vec<String> {
    let Found { series, gap, now } = found;
    let evidence = gap.evidence.as_ref().map_or_else(
        || "-".into(),
        |evidence| {
            let answer: String = evidence.answer.chars().take(80).collect();
            format!("{} at {}: {answer}", evidence.endpoint, evidence.asked_at.iso())
        },
    );
    vec![
        series.instrument.symbol.to_string(),
        series.instrument.exchange.to_string(),
        super::output::kind(series.dataset, series.interval),
        gap.range.from.iso(),
        gap.range.to.iso(),
        output::grouped(series.interval.count(gap.range).unsigned_abs()),
        gap.reason.label().to_owned(),
        gap.asked_count.to_string(),
        found.lost_at().map_or_else(|| "-".into(), |at| human_duration(at.since(*now))),
        evidence,
    ]
}

fn row_json(found: &Found) -> serde_json::Value {
    let Found { series, gap, .. } = found;
    json!({
        "symbol": series.instrument.symbol.as_str(),
        "exchange": series.instrument.exchange.name(),
        "dataset": series.dataset.name(),
        "interval": series.interval.name(),
        "from": gap.range.from.iso(),
        "to": gap.range.to.iso(),
        "candles": series.interval.count(gap.range),
        "lost_at": found.lost_at().map(Time::iso),
        "reason": gap.reason.name(),
        "explained": gap.reason.is_explained(),
        "asked_count": gap.asked_count,
        "first_asked_at": gap.first_asked_at.map(Time::iso),
        "last_asked_at": gap.evidence.as_ref().map(|evidence| evidence.asked_at.iso()),
        "next_ask_at": gap.next_ask_at.map(Time::iso),
        "endpoint": gap.evidence.as_ref().map(|evidence| evidence.endpoint.as_str()),
        "answer": gap.evidence.as_ref().map(|evidence| evidence.answer.as_str()),
    })
}
