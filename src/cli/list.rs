//! `list`: what is recorded.

use super::{Context, Exit, output};
use crate::domain::dataset::Dataset;
use crate::domain::price::trimmed;
use crate::domain::range::TimeRange;
use crate::domain::time::{Time, human_duration};
use crate::engine::observer;
use crate::engine::snapshot::{SeriesState, SeriesView, Snapshot};
use crate::store::{View, candles, series};
use serde_json::json;

/// Prints symbols with last price, coverage and gaps.
pub fn run(context: &Context, as_json: bool) -> anyhow::Result<Exit> {
    if !context.settings.db_path.exists() {
        if as_json {
            output::say("[]")?;
        }
        let path = context.settings.db_path.display();
        output::tell(&format!("nothing is recorded yet, and there is no {path}: marketdata-tui add BTC/USDT"));
        return Ok(Exit::Done);
    }
    let store = context.view()?;
    let snapshot = observer::observe(&store, context.clock.now())?;
    if as_json {
        let rows: Vec<_> = snapshot.series.iter().map(|view| row_json(&store, &snapshot, view)).collect::<anyhow::Result<_>>()?;
        output::say(&serde_json::to_string_pretty(&rows)?)?;
    } else if snapshot.series.is_empty() {
        output::tell("nothing is recorded yet: marketdata-tui add BTC/USDT");
    } else {
        print_table(&store, &snapshot)?;
    }
    Ok(Exit::Done)
}

fn print_table(store: &View, snapshot: &Snapshot) -> anyhow::Result<()> {
    let head = ["SYMBOL", "EXCHANGE", "SERIES", "LAST", "AGE", "STORED", "EXPLAINED", "QUEUED", "COVERAGE", "STATE"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for view in &snapshot.series {
        let coverage = view.coverage;
        rows.push(vec![
            view.symbol.to_string(),
            view.exchange.to_string(),
            output::kind(view.dataset, view.interval),
            last_close(store, view)?.unwrap_or_else(|| "-".into()),
            view.last_candle_end.map_or_else(|| "-".into(), |end| human_duration(snapshot.at.since(end))),
            output::grouped(coverage.stored),
            output::grouped(coverage.explained),
            output::grouped(coverage.queued),
            format!("{:.1}%", coverage.percent()),
            state_name(snapshot, &view.state).to_owned(),
        ]);
    }
    for line in output::table(&rows, &[3, 4, 5, 6, 7, 8]) {
        output::say(&line)?;
    }
    Ok(())
}

fn row_json(store: &View, snapshot: &Snapshot, view: &SeriesView) -> anyhow::Result<serde_json::Value> {
    Ok(json!({
        "symbol": view.symbol.as_str(),
        "exchange": view.exchange.name(),
        "dataset": view.dataset.name(),
        "interval": view.interval.name(),
        "last_price": last_close(store, view)?,
        "last_candle_end": view.last_candle_end.map(Time::iso),
        "wanted_from": view.wanted.from.iso(),
        "wanted_to": view.wanted.to.iso(),
        "wanted": view.coverage.wanted,
        "stored": view.coverage.stored,
        "explained": view.coverage.explained,
        "queued": view.coverage.queued,
        "gaps": view.coverage.gaps,
        "lost_at": view.lost_at.map(|loss| loss.at.iso()),
        "state": state_name(snapshot, &view.state),
    }))
}

/// Close of the newest stored candle: the last price that is on record.
fn last_close(store: &View, view: &SeriesView) -> anyhow::Result<Option<String>> {
    let Some(end) = view.last_candle_end.filter(|_| view.dataset == Dataset::Candles) else { return Ok(None) };
    let range = TimeRange::new(end.plus_ms(-view.interval.ms()), end);
    let close = store.readers().with(|connection| {
        let Some(series) = series::get(connection, view.id)? else { return Ok(None) };
        Ok(candles::read(connection, series.id, series.instrument.scales, range)?.pop().map(|candle| trimmed(candle.close)))
    })?;
    Ok(close)
}

/// `live`, `backfilling`, `waiting`, `stopped`, and `off` where no recorder runs.
fn state_name(snapshot: &Snapshot, state: &SeriesState) -> &'static str {
    if snapshot.heartbeat.started_at.is_none() {
        return "off";
    }
    match state {
        SeriesState::Live => "live",
        SeriesState::Backfilling => "backfilling",
        SeriesState::Waiting(_) => "waiting",
        SeriesState::Stopped(_) => "stopped",
    }
}
