//! `gaps`: what is missing and why, with the evidence.

use super::args::Gaps;
use super::{Context, Exit, output};
use crate::domain::gap::Gap;
use crate::domain::series::Series;
use crate::domain::time::Time;
use crate::store::{exchange_state, reader, series};
use serde_json::json;

/// Prints every gap of the wanted ranges.
pub fn run(context: &Context, args: &Gaps) -> anyhow::Result<Exit> {
    if args.losses {
        return super::losses::run(context, args);
    }
    let store = context.existing_store()?;
    let list = match &args.symbol {
        Some(symbol) => context.find(&store, symbol, args.interval)?,
        None => store
            .readers()
            .with(series::all)?
            .into_iter()
            .filter(|series| args.interval.is_none_or(|interval| interval == series.interval))
            .collect(),
    };
    let mut found: Vec<(Series, Gap)> = Vec::new();
    for series in list {
        let gaps = store.readers().with(|connection| {
            let now = exchange_now(connection, &series, context.clock.now())?;
            reader::missing(connection, &series, series.wanted(now))
        })?;
        found.extend(gaps.into_iter().map(|gap| (series.clone(), gap)));
    }
    if args.json {
        let rows: Vec<_> = found.iter().map(|(series, gap)| row_json(series, gap)).collect();
        output::say(&serde_json::to_string_pretty(&rows)?)?;
    } else if found.is_empty() {
        output::tell("no gaps: every wanted candle is stored");
    } else {
        let head = ["SYMBOL", "INTERVAL", "FROM", "TO", "CANDLES", "REASON", "ASKED", "EVIDENCE"];
        let mut rows = vec![head.map(str::to_owned).to_vec()];
        rows.extend(found.iter().map(|(series, gap)| row(series, gap)));
        for line in output::table(&rows, &[4, 6]) {
            output::say(&line)?;
        }
    }
    Ok(Exit::Done)
}

/// The exchange's time by the offset that was measured last.
pub(super) fn exchange_now(
    connection: &crate::store::Connection,
    series: &Series,
    now: Time,
) -> Result<Time, crate::store::StoreError> {
    let offset = exchange_state::get(connection, series.instrument.exchange)?.and_then(|state| state.clock_offset_ms);
    Ok(now.plus_ms(offset.unwrap_or(0)))
}

fn row(series: &Series, gap: &Gap) -> Vec<String> {
    let evidence = gap.evidence.as_ref().map_or_else(
        || "-".into(),
        |evidence| {
            let answer: String = evidence.answer.chars().take(80).collect();
            format!("{} at {}: {answer}", evidence.endpoint, evidence.asked_at.iso())
        },
    );
    vec![
        series.instrument.symbol.to_string(),
        series.interval.to_string(),
        gap.range.from.iso(),
        gap.range.to.iso(),
        output::grouped(series.interval.count(gap.range).unsigned_abs()),
        gap.reason.label().to_owned(),
        gap.asked_count.to_string(),
        evidence,
    ]
}

fn row_json(series: &Series, gap: &Gap) -> serde_json::Value {
    json!({
        "symbol": series.instrument.symbol.as_str(),
        "exchange": series.instrument.exchange.name(),
        "interval": series.interval.name(),
        "from": gap.range.from.iso(),
        "to": gap.range.to.iso(),
        "candles": series.interval.count(gap.range),
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
