//! `gaps --losses`: what live streams missed, and how it was made good.

use super::args::Gaps;
use super::{Exit, output};
use crate::domain::series::{Series, SeriesId};
use crate::domain::time::Time;
use crate::store::View;
use crate::store::streams::{self, Loss};
use serde_json::json;
use std::collections::BTreeMap;

/// Losses that are printed.
const NEWEST: usize = 200;

/// Prints the newest losses of these series, newest first.
pub(super) fn print(store: &View, list: Vec<Series>, args: &Gaps) -> anyhow::Result<Exit> {
    let is_any = !list.is_empty();
    let meant: BTreeMap<SeriesId, Series> = list.into_iter().map(|series| (series.id, series)).collect();
    let mut losses: Vec<Loss> = Vec::new();
    if args.symbol.is_some() || args.interval.is_some() || args.dataset.is_some() {
        for id in meant.keys() {
            losses.extend(store.readers().with(|connection| streams::newest(connection, Some(*id), NEWEST))?);
        }
        losses.sort_by_key(|loss| std::cmp::Reverse(loss.id));
        losses.truncate(NEWEST);
    } else {
        losses = store.readers().with(|connection| streams::newest(connection, None, NEWEST))?;
    }
    let named: Vec<(&Series, &Loss)> = losses.iter().filter_map(|loss| Some((meant.get(&loss.series)?, loss))).collect();
    if args.json {
        let rows: Vec<_> = named.iter().map(|(series, loss)| to_json(series, loss)).collect();
        output::say(&serde_json::to_string_pretty(&rows)?)?;
    } else if named.is_empty() {
        if is_any {
            output::tell("no losses: the streams missed nothing");
        }
    } else {
        let mut rows = vec![["SERIES", "EXCHANGE", "CAUSE", "FROM", "TO", "MADE GOOD"].map(str::to_owned).to_vec()];
        rows.extend(named.iter().map(|(series, loss)| row(series, loss)));
        for line in output::table(&rows, &[]) {
            output::say(&line)?;
        }
    }
    Ok(Exit::Done)
}

fn row(series: &Series, loss: &Loss) -> Vec<String> {
    vec![
        series.name(),
        loss.exchange.name().to_owned(),
        loss.cause.replace('_', " "),
        loss.from.iso(),
        loss.to.map_or_else(|| "-".into(), Time::iso),
        loss.mended.as_ref().map_or_else(|| "not yet".into(), |(_, how)| how.clone()),
    ]
}

/// A loss with stable fields.
pub(super) fn to_json(series: &Series, loss: &Loss) -> serde_json::Value {
    json!({
        "symbol": series.instrument.symbol.as_str(),
        "exchange": loss.exchange.name(),
        "dataset": series.dataset.name(),
        "interval": series.interval.name(),
        "cause": loss.cause,
        "detail": loss.detail,
        "from": loss.from.iso(),
        "to": loss.to.map(Time::iso),
        "mended_at": loss.mended.as_ref().map(|(at, _)| at.iso()),
        "how": loss.mended.as_ref().map(|(_, how)| how),
    })
}
